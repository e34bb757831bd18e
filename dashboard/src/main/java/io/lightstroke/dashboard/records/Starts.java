package io.lightstroke.dashboard.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.dashboard.records.Records.Tool;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the rest rule against the commands that begin an area, and keeps the sessions that come of them. A pseudonym that
 * the records do not know is let pass; its sessions are kept, in case they get to know it. Thread-safe.
 */
public final class Starts {
    private static final Logger LOG = LoggerFactory.getLogger(Starts.class);

    /** So often the time is kept at which a session was last seen. */
    private static final Duration SEEN_EVERY = Duration.ofMinutes(1);

    private static final ObjectReader SUMMARY =
            Json.MAPPER.readerFor(SessionMessage.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final ObjectReader STATE =
            Json.MAPPER.readerFor(SessionStateMessage.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Records records;
    private final Guideline guideline;

    /** Guarded by this, as are the two below: what runs, as its gateway says. */
    private final Map<Tool, Running> running = new HashMap<>();
    /** Of sessions that run: what is kept of them. */
    private final Map<Tool, Seen> kept = new HashMap<>();
    /** Whose session is being asked for, or who is held. */
    private final Set<String> asked = new HashSet<>();

    private record Running(String session, String person) {}

    private record Seen(String session, Instant at, Set<Area> areas) {}

    /**
     * A command that has been looked at.
     *
     * @param refusal the answer to it, JSON; null: it may pass
     * @param body as it is to be passed on
     */
    public record Decision(
            @Nullable String refusal, String body, @Nullable Start start) {}

    /** The beginning of an area, on its way to the gateway. */
    public record Start(
            Tool tool,
            @Nullable List<String> tools,
            String person,
            Area area,
            boolean unplanned,
            @Nullable Permission permission,
            @Nullable Pressure pressure) {}

    /** How a start is refused: as by a gateway, with the reasons for programs. */
    private record Refused(
            boolean ok,
            String error,
            List<Reason> reasons,
            @Nullable Instant earliest) {
        private record Reason(String code, String words) {}

        static String by(Rest.Verdict verdict) {
            return Json.text(new Refused(
                    false,
                    verdict.words(),
                    verdict.reasons().stream()
                            .map(reason -> new Reason(reason.why().word(), reason.words()))
                            .toList(),
                    verdict.earliest()));
        }
    }

    public Starts(Records records, Guideline guideline) {
        this.records = records;
        this.guideline = guideline;
    }

    /** Before a command is passed on. When it may pass and begins an area, {@link #answered} must follow. */
    public synchronized Decision decide(Tool tool, String name, String body) {
        if (!name.equals("session-start") && !name.equals("area")) {
            return new Decision(null, body, null);
        }
        Command command;
        try {
            command = Command.read(name, body.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidDocumentException e) {
            return refused(String.join("; ", e.mistakes()));
        }
        return command instanceof Command.SessionStart start
                ? start(tool, start, body)
                : area(tool, (Command.Area) command, body);
    }

    /**
     * Lets no session of that person begin until {@link #release}.
     *
     * @return false, and nothing is changed: one is about to, or somebody else holds them
     */
    public synchronized boolean hold(String person) {
        return asked.add(person);
    }

    public synchronized void release(String person) {
        asked.remove(person);
    }

    private Decision start(Tool tool, Command.SessionStart start, String body) {
        Area area = new Area(start.region(), start.side());
        Facts facts = records.facts(start.person()).orElse(null);
        if (asked.contains(start.person())) {
            return refused("person: want one start after the other, got another before the first was answered");
        } else if (facts == null) {
            return new Decision(
                    null, body, new Start(tool, start.tools(), start.person(), area, start.unplanned(), null, null));
        } else if (start.limits() != null) {
            return refused("limits: want those of the person's profile, factor and bruises, got others");
        }
        Rest.Verdict verdict = Rest.judge(guideline, facts, area, null, records.now());
        Permission permission = permission(start.person(), area, verdict);
        if (!verdict.allowed() && permission == null) {
            return refused(start.person(), area, verdict);
        }
        asked.add(start.person());
        Pressure pressure = Pressure.of(guideline, facts);
        boolean unplanned = start.unplanned() || permission != null;
        ObjectNode passed = object(body);
        passed.put("profile", facts.person().profile());
        passed.put("override", facts.person().factor());
        passed.put("bruises", pressure.bruises());
        passed.put("unplanned", unplanned);
        return new Decision(
                null,
                passed.toString(),
                new Start(tool, start.tools(), start.person(), area, unplanned, permission, pressure));
    }

    private Decision area(Tool tool, Command.Area to, String body) {
        Running now = running.get(tool);
        Area area = new Area(to.region(), to.side());
        if (now == null) {
            return new Decision(null, body, null);
        }
        Facts facts = records.facts(now.person()).orElse(null);
        if (facts == null) {
            return new Decision(null, body, new Start(tool, null, now.person(), area, false, null, null));
        }
        Rest.Verdict verdict = Rest.judge(guideline, facts, area, now.session(), records.now());
        Permission permission = permission(now.person(), area, verdict);
        if (!verdict.allowed() && permission == null) {
            return refused(now.person(), area, verdict);
        }
        return new Decision(null, body, new Start(tool, null, now.person(), area, false, permission, null));
    }

    private @Nullable Permission permission(String person, Area area, Rest.Verdict verdict) {
        return verdict.isOnlyTooEarly() ? records.permission(person, area).orElse(null) : null;
    }

    private Decision refused(String person, Area area, Rest.Verdict verdict) {
        records.refused(
                person, area, verdict.reasons().stream().map(Rest.Reason::why).toList());
        return new Decision(Refused.by(verdict), "", null);
    }

    private static Decision refused(String error) {
        return new Decision(Json.text(CommandAnswer.refused(error)), "", null);
    }

    /**
     * After a command was passed on.
     *
     * @param answer the gateway's; null when none came
     * @return the answer for whoever asked: with what was said of the limits, where something was
     */
    public synchronized @Nullable String answered(Start start, @Nullable String answer) {
        if (start.pressure() != null) {
            asked.remove(start.person());
        }
        if (answer == null) {
            return null;
        }
        ObjectNode said = object(answer);
        String session = said.path("session").asText();
        if (!said.path("ok").asBoolean() || session.isEmpty()) {
            return answer;
        }
        try {
            begun(start, session);
        } catch (JdbiException e) {
            // It has begun all the same; what its gateway says of it is kept when the disk takes it again.
            LOG.error("the start of session {} is not kept", session, e);
        }
        Pressure pressure = start.pressure();
        if (pressure == null || pressure.words().isEmpty()) {
            return answer;
        }
        said.set("pressure", Json.MAPPER.valueToTree(pressure));
        return said.toString();
    }

    private void begun(Start start, String session) {
        Instant now = records.now();
        List<String> tools = start.tools() == null ? List.of(start.tool().tool()) : start.tools();
        for (String id : tools) {
            Tool tool = new Tool(start.tool().site(), start.tool().gateway(), id);
            running.put(tool, new Running(session, start.person()));
            keep(tool, session, start.person(), start.unplanned(), now, now, Set.of(start.area()));
        }
        Permission permission = start.permission();
        if (permission != null) {
            records.used(permission, start.person(), session, "dashboard");
        }
    }

    /** What a gateway says on {@code session-state} or {@code session}; null: no session runs there any more. */
    public void heard(Tool tool, String kind, @Nullable String json) {
        try {
            if (kind.equals("session")) {
                if (json != null) {
                    records.summary(tool, SUMMARY.readValue(json));
                }
            } else {
                state(tool, json == null ? null : STATE.readValue(json));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s of %s: %s".formatted(kind, tool.tool(), e.getOriginalMessage()), e);
        }
    }

    private synchronized void state(Tool tool, @Nullable SessionStateMessage state) {
        if (state == null || state.person() == null) {
            running.remove(tool);
            kept.remove(tool);
            return;
        }
        running.put(tool, new Running(state.session(), state.person()));
        Set<Area> areas = new HashSet<>();
        for (SessionStateMessage.Area area : state.areas()) {
            if (area.region() != null && area.side() != null) {
                areas.add(new Area(area.region(), area.side()));
            }
        }
        Seen before = kept.get(tool);
        if (before == null
                || !before.session().equals(state.session())
                || !before.areas().containsAll(areas)
                || before.at().plus(SEEN_EVERY).isBefore(state.time())) {
            keep(tool, state.session(), state.person(), state.unplanned(), state.started(), state.time(), areas);
        }
    }

    private void keep(
            Tool tool,
            String session,
            String person,
            boolean unplanned,
            Instant started,
            Instant seen,
            Set<Area> areas) {
        records.seen(tool, session, person, unplanned, started, seen, areas);
        Seen before = kept.get(tool);
        Set<Area> all = new HashSet<>(areas);
        if (before != null && before.session().equals(session)) {
            all.addAll(before.areas());
        }
        kept.put(tool, new Seen(session, seen, all));
    }

    private static ObjectNode object(String json) {
        try {
            JsonNode node = Json.MAPPER.readTree(json);
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("want a JSON object: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("want a JSON object, got " + json);
    }
}

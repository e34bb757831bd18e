package io.lightstroke.gateway.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One tool's part of a session, derived again from the journal by today's engine: strokes, spots and summary as they
 * would be found now. What was cued is history: its figures come from what the journal says of it.
 */
public final class Derivation {
    /** The engine runs before the session's first sample for so long, that its zero has settled. */
    public static final long WARM_UP_US = 600_000_000;

    /** The last samples before a time lie within this, where there are any. */
    private static final long LAST_US = 300_000_000;

    private static final List<String> KINDS = List.of("stroke", "spot", "session");

    private final JournalReader journal;
    private final String tool;
    private final String session;
    private final long fromUtcUs;
    private final long toUtcUs;
    private final List<Finding> findings;

    private Derivation(
            JournalReader journal, String tool, String session, long fromUtcUs, long toUtcUs, List<Finding> findings) {
        this.journal = journal;
        this.tool = tool;
        this.session = session;
        this.fromUtcUs = fromUtcUs;
        this.toUtcUs = toUtcUs;
        this.findings = findings;
    }

    /**
     * Of each of its tools.
     *
     * @throws IllegalArgumentException when the journal has no such session, or not its end
     */
    public static List<Derivation> of(JournalReader journal, String session) {
        Set<String> tools = new LinkedHashSet<>();
        List<JournalEntry.Order> orders = journal.orders();
        for (JournalEntry.Order order : orders) {
            if (Order.of(order).session().equals(session)) {
                tools.add(order.tool());
            }
        }
        if (tools.isEmpty()) {
            throw new IllegalArgumentException("session: want one of the journal's, got %s".formatted(session));
        }
        return tools.stream().map(tool -> of(journal, orders, session, tool)).toList();
    }

    static Derivation of(JournalReader journal, String session, String tool) {
        return of(journal, journal.orders(), session, tool);
    }

    private static Derivation of(JournalReader journal, List<JournalEntry.Order> orders, String session, String tool) {
        List<JournalEntry.Order> own = orders.stream()
                .filter(entry ->
                        entry.tool().equals(tool) && Order.of(entry).session().equals(session))
                .toList();
        if (own.isEmpty()
                || !(Order.of(own.get(0)) instanceof Order.Start start)
                || !(Order.of(own.get(own.size() - 1)) instanceof Order.End)) {
            throw new IllegalArgumentException("session %s of %s: want its start and its end in the journal, got %s"
                    .formatted(session, tool, own.isEmpty() ? "none" : "only a part: does it still run?"));
        }
        Engine engine = new Engine(start.limits());
        SessionRecorder recorder = new SessionRecorder(tool, engine, start.limits(), start.caps(), ended -> {});
        Map<String, Finding> latest = new LinkedHashMap<>();
        long fromUtcUs = own.get(0).utcUs();
        long toUtcUs = own.get(own.size() - 1).utcUs();
        Moment unused = replay(journal, own, toUtcUs, engine, recorder, found -> {
            if (KINDS.contains(found.kind()) && session.equals(text(found, "session"))) {
                latest.put(key(found), found);
            }
        });
        return new Derivation(journal, tool, session, fromUtcUs, toUtcUs, List.copyOf(latest.values()));
    }

    /**
     * Derives the session again and hands what changed of it to the journal, as its next revision.
     *
     * @return how many findings changed
     * @throws IllegalArgumentException when the journal has no such session, or not its end
     */
    public static int keep(Journal journal, JournalReader reader, String session) {
        int changes = 0;
        for (Derivation derivation : of(reader, session)) {
            List<Finding> changed = derivation.changes();
            if (!journal.append(List.copyOf(changed))) {
                throw new IllegalStateException(
                        "session %s: want its revision kept, got too much that waits for the disk".formatted(session));
            }
            changes += changed.size();
        }
        return changes;
    }

    /** Of the tool's newest orders those of the session that has not ended; none when the newest one has. */
    public static List<JournalEntry.Order> unfinished(List<JournalEntry.Order> orders) {
        List<JournalEntry.Order> own = new ArrayList<>();
        for (JournalEntry.Order entry : orders) {
            Order order = Order.of(entry);
            if (order instanceof Order.Start) {
                own.clear();
            }
            own.add(entry);
            if (order instanceof Order.End) {
                own.clear();
            }
        }
        return !own.isEmpty() && Order.of(own.get(0)) instanceof Order.Start ? own : List.of();
    }

    /**
     * Of the tool's newest orders the sessions that have ended without their summary in the journal.
     *
     * @param max so many of the last ones are looked at
     */
    public static List<String> withoutSummary(JournalReader journal, List<JournalEntry.Order> orders, int max) {
        Map<String, JournalEntry.Order> startOfEnded = new LinkedHashMap<>();
        Map<String, JournalEntry.Order> starts = new LinkedHashMap<>();
        for (JournalEntry.Order entry : orders) {
            Order order = Order.of(entry);
            if (order instanceof Order.Start) {
                starts.put(order.session(), entry);
            } else if (order instanceof Order.End) {
                JournalEntry.Order start = starts.remove(order.session());
                if (start != null) {
                    startOfEnded.put(order.session(), start);
                }
            }
        }
        List<String> without = new ArrayList<>();
        startOfEnded.entrySet().stream()
                .skip(Math.max(0, startOfEnded.size() - max))
                .forEach(ended -> {
                    JournalEntry.Order start = ended.getValue();
                    boolean known = journal.findings(start.tool(), "session", start.utcUs(), start.utcUs()).stream()
                            .anyMatch(found -> ended.getKey().equals(text(found, "session")));
                    if (!known) {
                        without.add(ended.getKey());
                    }
                });
        return without;
    }

    /** The moment after the session's last sample, or when there is none of its last order. */
    public static Moment endOf(JournalReader journal, List<JournalEntry.Order> orders, long toUtcUs) {
        JournalEntry.Order last = orders.get(orders.size() - 1);
        Moment[] end = {moment(last)};
        journal.replay(last.tool(), Math.max(last.utcUs(), toUtcUs - LAST_US), toUtcUs, entry -> {
            if (entry instanceof JournalEntry.Samples samples) {
                end[0] = after(samples);
            }
        });
        return end[0];
    }

    /**
     * Shows the recorder and its engine what the journal has of a session, so that it stands as it did.
     *
     * @param orders of the session, in order
     * @param each is shown what they find
     * @return the moment after the last sample, or when there is none of the last order
     */
    public static Moment replay(
            JournalReader journal,
            List<JournalEntry.Order> orders,
            long toUtcUs,
            Engine engine,
            SessionRecorder recorder,
            Consumer<Finding> each) {
        String tool = recorder.tool();
        JournalEntry.Order first = orders.get(0);
        String session = Order.of(first).session();
        Moment[] next = {moment(orders.get(orders.size() - 1))};
        journal.replay(tool, first.utcUs() - WARM_UP_US, toUtcUs, entry -> {
            List<Finding> found = new ArrayList<>();
            if (entry instanceof JournalEntry.Boot boot) {
                found.addAll(recorder.boot(boot.boot(), boot.clock()));
            } else if (entry instanceof JournalEntry.Order ordered) {
                Order order = Order.of(ordered);
                if (order.session().equals(session)) {
                    found.addAll(recorder.order(order, moment(ordered)));
                    if (order instanceof Order.Start) {
                        cues(journal, tool, session, first.utcUs(), toUtcUs, recorder);
                    }
                }
            } else if (entry instanceof JournalEntry.ToolEvent event) {
                event(event, engine, recorder);
            } else if (entry instanceof JournalEntry.Samples samples) {
                recorder.samples(samples.boot(), samples.first(), samples.forceCn().length, samples.toolStrokes());
                engine.accept(
                                samples.boot(),
                                samples.first(),
                                samples.timeUs(),
                                samples.periodUs(),
                                (samples.flags() & ForceFrame.SATURATED) != 0,
                                samples.forceCn())
                        .events()
                        .forEach(event -> recorder.found(event, found));
                next[0] = after(samples);
            }
            found.forEach(each);
        });
        return next[0];
    }

    private static Moment moment(JournalEntry.Order order) {
        return new Moment(order.boot(), order.index(), order.utcUs());
    }

    private static Moment after(JournalEntry.Samples samples) {
        int count = samples.forceCn().length;
        return new Moment(samples.boot(), samples.first() + count, samples.utcUs() + (long) count * samples.periodUs());
    }

    private static void cues(
            JournalReader journal, String tool, String session, long from, long to, SessionRecorder recorder) {
        for (Finding finding : journal.findings(tool, "cue", from, to)) {
            CueMessage cue = message(finding, CueMessage.class);
            if (session.equals(cue.session()) && cue.latencyMs() != null) {
                recorder.cue().accept(cue.latencyMs());
            }
        }
    }

    private static void event(JournalEntry.ToolEvent entry, Engine engine, SessionRecorder recorder) {
        EventFrame event;
        try {
            event = EventFrame.decode(entry.frame());
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("journal, event of %s: %s".formatted(entry.tool(), e.getMessage()), e);
        }
        recorder.event(event);
        engine.event(event);
    }

    public String tool() {
        return tool;
    }

    /** Strokes, spots, and the summary as the last one; each as revision 1. */
    public List<Finding> findings() {
        return findings;
    }

    /**
     * What of it the journal does not say yet: new and changed findings with their next revision, and those that vanished
     * as no longer valid.
     */
    public List<Finding> changes() {
        Map<String, Finding> known = new LinkedHashMap<>();
        for (String kind : KINDS) {
            // Its strokes and spots began in it, and so did itself.
            journal.findings(tool, kind, fromUtcUs, toUtcUs).forEach(finding -> known.put(key(finding), finding));
        }
        List<Finding> changes = new ArrayList<>();
        for (Finding finding : findings) {
            Finding before = known.remove(key(finding));
            int revision = before == null ? 0 : revision(before);
            if (before == null || !alike(object(revised(finding, revision, true)), object(before))) {
                changes.add(revised(finding, revision + 1, true));
            }
        }
        for (Finding gone : known.values()) {
            if (session.equals(text(gone, "session"))
                    && object(gone).path("valid").asBoolean(false)) {
                changes.add(revised(gone, revision(gone) + 1, false));
            }
        }
        return changes;
    }

    /** The same but for numbers that differ by less than a hundredth: the zero has settled on other samples. */
    private static boolean alike(JsonNode one, JsonNode other) {
        return one.equals(
                (a, b) -> a.isNumber() && b.isNumber() && Math.abs(a.doubleValue() - b.doubleValue()) < 0.01
                        ? 0
                        : a.equals(b) ? 0 : 1,
                other);
    }

    private static Finding revised(Finding finding, int revision, boolean valid) {
        ObjectNode message = object(finding);
        message.put("revision", revision);
        if (!valid) {
            message.put("valid", false);
            message.put("engine_version", Engine.VERSION);
        }
        return new Finding(
                finding.tool(), finding.kind(), finding.boot(), finding.index(), finding.utcUs(), message.toString());
    }

    private static int revision(Finding finding) {
        return object(finding).path("revision").asInt();
    }

    private static String key(Finding finding) {
        return finding.kind() + " " + text(finding, finding.kind().equals("session") ? "session" : "id");
    }

    private static String text(Finding finding, String field) {
        return object(finding).path(field).asText("");
    }

    private static ObjectNode object(Finding finding) {
        return message(finding, ObjectNode.class);
    }

    private static <T> T message(Finding finding, Class<T> type) {
        try {
            return Json.MAPPER.readValue(finding.json(), type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "journal, %s of %s: want its message, got %s"
                            .formatted(finding.kind(), finding.tool(), finding.json()),
                    e);
        }
    }
}

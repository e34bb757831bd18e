package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is asked of a tool, its session or the gateway, by the last level of its topic; checked against {@code command/{name}.schema.json}. */
@JsonIgnoreProperties("v")
public sealed interface Command {
    /** Longer ones are refused, bytes. */
    int MAX_LENGTH = 16 * 1024;

    /**
     * @param person random pseudonym, a slug; never a name
     * @param region word of the guideline
     * @param side {@code left}, {@code right}, {@code both}, {@code none}
     * @param profile word of the guideline
     * @param override a practitioner's factor
     * @param bruises reported and not yet followed by two sessions without one
     * @param limits instead of the guideline's
     * @param tools of the session; null: that of the topic
     * @param painBefore 0–10
     * @param unplanned outside of the plan, or without the checklist, on a practitioner's word
     * @param phase {@code assess}, {@code treat}
     */
    record SessionStart(
            String person,
            String region,
            String side,
            String profile,
            double override,
            int bruises,
            @Nullable Limits limits,
            @Nullable List<String> tools,
            Checklist checklist,
            @Nullable Integer painBefore,
            boolean unplanned,
            String phase)
            implements Command {}

    record Checklist(boolean emollient, boolean screening) {}

    record Area(String region, String side) implements Command {}

    record Phase(String phase) implements Command {}

    /** @param mark of the spot that is left: {@code tender}, {@code hardened}, {@code restricted} */
    record NextSpot(@Nullable String mark) implements Command {}

    record MarkSpot(String mark) implements Command {}

    record Pause() implements Command {}

    record Resume() implements Command {}

    /** Newtons. */
    record Limits(
            @JsonProperty("light_N") double lightN,
            @JsonProperty("moderate_N") double moderateN,
            @JsonProperty("too_deep_N") double tooDeepN,
            @JsonProperty("ceiling_N") double ceilingN)
            implements Command {}

    /** @param painAfter 0–10 */
    record SessionEnd(@Nullable Integer painAfter) implements Command {}

    record Tare() implements Command {}

    /**
     * @param step zero: nothing is on the tool; reference: the known weight is; cancel
     * @param referenceN force of the weight, newtons; null with another step
     */
    record Calibrate(
            String step,
            @Nullable @JsonProperty("reference_N") Double referenceN) implements Command {
        public Calibrate {
            if (step.equals("reference") != (referenceN != null)) {
                throw new IllegalArgumentException("reference_N: want it with step reference and with no other, got "
                        + (referenceN == null ? "nothing" : referenceN + " with step " + step));
            }
        }
    }

    record Identify() implements Command {}

    /**
     * @param file name of a firmware image in the gateway's folder of them
     * @param sha256 that the file must have, 64 hex digits
     */
    record Update(String file, @Nullable String sha256) implements Command {}

    /** @param pattern {@code tick}, {@code too-deep}, {@code move-on}, {@code ceiling} */
    record Cue(String pattern) implements Command {}

    /**
     * Of the gateway itself: erases all of a person.
     *
     * @param person pseudonym
     */
    record Erase(String person) implements Command {}

    /**
     * What is asked of a tool or its session.
     *
     * @param name the last level of its topic
     * @throws InvalidDocumentException with every mistake in it
     */
    static Command read(String name, byte[] payload) throws InvalidDocumentException {
        return read(Forms.OF_TOOL, name, payload);
    }

    /** What is asked of the gateway itself; as {@link #read}. */
    static Command readOfGateway(String name, byte[] payload) throws InvalidDocumentException {
        return read(Forms.OF_GATEWAY, name, payload);
    }

    private static Command read(Map<String, CheckedYaml<? extends Command>> forms, String name, byte[] payload)
            throws InvalidDocumentException {
        CheckedYaml<? extends Command> form = forms.get(name);
        if (form == null) {
            throw new InvalidDocumentException(
                    "command",
                    List.of("want one of %s, got \"%s\"".formatted(String.join(", ", forms.keySet()), name)));
        } else if (payload.length > MAX_LENGTH) {
            throw new InvalidDocumentException(
                    name, List.of("want at most %d bytes, got %d".formatted(MAX_LENGTH, payload.length)));
        }
        return form.check(name, Json.object(name, payload));
    }

    /** The forms of all commands, by name. */
    final class Forms {
        private static final Map<String, CheckedYaml<? extends Command>> OF_TOOL = new TreeMap<>(Map.ofEntries(
                Map.entry("session-start", form(SessionStart.class, "session-start")),
                Map.entry("area", form(Area.class, "area")),
                Map.entry("phase", form(Phase.class, "phase")),
                Map.entry("next-spot", form(NextSpot.class, "next-spot")),
                Map.entry("mark-spot", form(MarkSpot.class, "mark-spot")),
                Map.entry("pause", form(Pause.class, "nothing")),
                Map.entry("resume", form(Resume.class, "nothing")),
                Map.entry("limits", form(Limits.class, "limits")),
                Map.entry("session-end", form(SessionEnd.class, "session-end")),
                Map.entry("tare", form(Tare.class, "nothing")),
                Map.entry("calibrate", form(Calibrate.class, "calibrate")),
                Map.entry("identify", form(Identify.class, "nothing")),
                Map.entry("update", form(Update.class, "update")),
                Map.entry("cue", form(Cue.class, "cue"))));

        private static final Map<String, CheckedYaml<? extends Command>> OF_GATEWAY =
                new TreeMap<>(Map.of("erase", form(Erase.class, "erase")));

        private Forms() {}

        private static <T extends Command> CheckedYaml<T> form(Class<T> type, String schema) {
            return new CheckedYaml<>(type, "command/" + schema + ".schema.json");
        }
    }
}

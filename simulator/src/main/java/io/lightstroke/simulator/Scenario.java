package io.lightstroke.simulator;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.lightstroke.messages.CheckedYaml;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.protocol.ToolLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated person does with a tool, and how good its sensor and battery are; read from YAML that is checked
 * against {@code scenario.schema.json}, which states the ranges.
 *
 * @param seed together with a tool's own seed decides everything that varies
 * @param tools how many tools are in use at once, each by a hand of its own
 * @param limits that a tool holds at power-on, and by which the truth is found
 * @param motionSensor the tool has one
 * @param steps done in order, then from the first again
 * @param faults what goes wrong with each tool
 */
public record Scenario(
        String name,
        String description,
        long seed,
        int tools,
        Limits limits,
        boolean motionSensor,
        Sensor sensor,
        Battery battery,
        Clock clock,
        Person person,
        List<Step> steps,
        @JsonDeserialize(using = FaultsReader.class) List<Fault> faults) {
    /** Names of the scenarios that come with the simulator; the first is for demos. */
    public static final List<String> BUILT_IN = List.of(
            "home",
            "calm",
            "too-deep",
            "assess",
            "heavy-handed",
            "two-tools",
            "tremor",
            "drift",
            "tapping",
            "long-holds",
            "double-strokes",
            "bruise-prone",
            "back-and-forth",
            "short-pauses",
            "noisy-sensor",
            "bad-radio",
            "worn-out");

    /** The calf's, for a standard profile. */
    public static final Limits DEFAULT_LIMITS = new Limits(3.0, 6.5, 9.0, 14.0);

    private static final CheckedYaml<Scenario> YAML = new CheckedYaml<>(Scenario.class, "scenario.schema.json");

    /** Upper ends of light and moderate, lower ends of too deep and ceiling. */
    public record Limits(
            @JsonProperty("light_N") double lightN,
            @JsonProperty("moderate_N") double moderateN,
            @JsonProperty("too_deep_N") double tooDeepN,
            @JsonProperty("ceiling_N") double ceilingN) {
        public Limits {
            ofTool(lightN, moderateN, tooDeepN, ceilingN).problem().ifPresent(problem -> {
                throw new IllegalArgumentException(problem);
            });
        }

        /** As they are written to a tool, with the rules' own times. */
        public ToolLimits ofTool() {
            return ofTool(lightN, moderateN, tooDeepN, ceilingN);
        }

        private static ToolLimits ofTool(double lightN, double moderateN, double tooDeepN, double ceilingN) {
            return new ToolLimits(cn(lightN), cn(moderateN), cn(tooDeepN), cn(ceilingN), 150, 200, 90, 2000, 0);
        }

        private static int cn(double newtons) {
            return (int) Math.round(newtons * 100);
        }
    }

    /**
     * How the force sensor differs from a perfect one.
     *
     * @param rangeN it saturates at plus and minus this
     * @param noiseN root mean square of its noise, per sample
     * @param driftNPerMin the fastest at which the zero swings to and fro, see {@link ForceSensor}
     * @param offsetN of the zero at power-on
     * @param driftN by which the zero has moved after {@code driftOverS}, half a cosine; from then on it stays
     */
    public record Sensor(
            int minHz,
            int maxHz,
            @JsonProperty("range_N") double rangeN,
            @JsonProperty("noise_N") double noiseN,
            @JsonProperty("drift_N_per_min") double driftNPerMin,
            @JsonProperty("offset_N") double offsetN,
            @JsonProperty("drift_N") double driftN,
            double driftOverS) {
        /** One whose zero only swings. */
        public Sensor(int minHz, int maxHz, double rangeN, double noiseN, double driftNPerMin, double offsetN) {
            this(minHz, maxHz, rangeN, noiseN, driftNPerMin, offsetN, 0, 600);
        }

        public Sensor {
            if (minHz > maxHz) {
                throw new IllegalArgumentException(
                        "max_hz: want at least min_hz, which is %d, got %d".formatted(minHz, maxHz));
            }
        }
    }

    public record Battery(double startPercent, double drainPercentPerH) {}

    /** @param driftPpm by how much the tool's clock runs too fast, only where tools live in real time */
    public record Clock(double driftPpm) {
        public static final Clock TRUE = new Clock(0);
    }

    /**
     * What is the hand's own in all that it does.
     *
     * @param firstStrokeS seconds from the tool's power-on to the first step
     * @param tremorN amplitude of the hand's tremor while it presses
     * @param tremorHz mean frequency of the tremor
     * @param timingCv coefficient of variation of stroke durations and pauses
     */
    public record Person(
            double firstStrokeS, @JsonProperty("tremor_N") double tremorN, double tremorHz, double timingCv) {}

    /** What a step is meant to be: feeling for tender places, or treating one. */
    public enum Phase {
        @JsonProperty("assess")
        ASSESS,
        @JsonProperty("treat")
        TREAT
    }

    /** Which way the strokes of a step go, seen by a motion sensor. */
    public enum Direction {
        /** All along the tool's marked axis. */
        @JsonProperty("forth")
        FORTH,
        /** One against the other. */
        @JsonProperty("back-and-forth")
        BACK_AND_FORTH
    }

    /** How long a step goes on: for a number of strokes, or until no stroke begins any more after some seconds. */
    public record Repeat(
            @Nullable Integer strokes, @Nullable Double seconds) {
        boolean wants(int strokesDone, double secondsDone) {
            return strokes != null ? strokesDone < strokes : seconds != null && secondsDone < seconds;
        }
    }

    /**
     * Strokes of one kind on one area.
     *
     * @param peakN mean of the strokes' plateaus, tremor aside
     * @param peakCv coefficient of variation of the plateaus
     * @param strokeS mean duration of a stroke
     * @param riseShare share of a stroke in which the force rises
     * @param fallShare share of a stroke in which the force falls
     * @param pauseS mean pause after each stroke
     * @param thenPauseS pause after the last stroke's own
     * @param doubleGapS unless null, each stroke is two presses with so long between them
     * @param angleDeg mean angle of the tool from the skin
     * @param angleSdDeg its standard deviation
     */
    public record Step(
            String area,
            Phase phase,
            Repeat repeat,
            @JsonProperty("peak_N") double peakN,
            double peakCv,
            double strokeS,
            double riseShare,
            double fallShare,
            double pauseS,
            double thenPauseS,
            @Nullable Double doubleGapS,
            Direction direction,
            double angleDeg,
            double angleSdDeg) {
        /** Single strokes, all forth. */
        public Step(
                String area,
                Phase phase,
                Repeat repeat,
                double peakN,
                double peakCv,
                double strokeS,
                double riseShare,
                double fallShare,
                double pauseS,
                double thenPauseS) {
            this(
                    area,
                    phase,
                    repeat,
                    peakN,
                    peakCv,
                    strokeS,
                    riseShare,
                    fallShare,
                    pauseS,
                    thenPauseS,
                    null,
                    Direction.FORTH,
                    45,
                    0);
        }
    }

    /** One tool without a motion sensor and without faults, with the default limits and a true clock. */
    public Scenario(
            String name,
            String description,
            long seed,
            Sensor sensor,
            Battery battery,
            Person person,
            List<Step> steps) {
        this(name, description, seed, 1, DEFAULT_LIMITS, false, sensor, battery, Clock.TRUE, person, steps, List.of());
    }

    public Scenario {
        steps = List.copyOf(steps);
        faults = List.copyOf(faults);
    }

    /**
     * One of {@link #BUILT_IN}.
     *
     * @throws IllegalArgumentException for any other name
     */
    public static Scenario builtIn(String name) {
        if (!BUILT_IN.contains(name)) {
            throw new IllegalArgumentException(
                    "scenario: want one of %s, got %s".formatted(String.join(", ", BUILT_IN), name));
        }
        String resource = "scenarios/" + name + ".yaml";
        try (InputStream in = Objects.requireNonNull(Scenario.class.getResourceAsStream(resource), resource)) {
            return YAML.read(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        } catch (InvalidDocumentException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** One of {@link #BUILT_IN}, or the path of a YAML file. */
    public static Scenario named(String nameOrFile) throws IOException, InvalidDocumentException {
        if (BUILT_IN.contains(nameOrFile)) {
            return builtIn(nameOrFile);
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isReadable(file)) {
            throw new NoSuchFileException(
                    "scenario",
                    null,
                    "want one of %s or a readable file, got %s".formatted(String.join(", ", BUILT_IN), nameOrFile));
        }
        return read(file);
    }

    /** @throws InvalidDocumentException with every mistake in the file */
    public static Scenario read(Path file) throws IOException, InvalidDocumentException {
        try {
            return YAML.read(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new InvalidDocumentException(file.toString(), List.of("want text in UTF-8, got other bytes"));
        }
    }
}

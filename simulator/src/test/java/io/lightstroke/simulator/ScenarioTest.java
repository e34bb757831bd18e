package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioTest {
    private static final String VALID = """
            name: mine
            description: two areas
            seed: 4
            sensor: {min_hz: 20, max_hz: 200, range_N: 25, noise_N: 0.03, drift_N_per_min: 0.04, offset_N: -0.5}
            battery: {start_percent: 80.5, drain_percent_per_h: 7}
            person: {first_stroke_s: 3, tremor_N: 0.2, tremor_hz: 11, timing_cv: 0.1}
            steps:
              - {area: left calf, phase: assess, repeat: {strokes: 5}, peak_N: 2, peak_cv: 0.3, stroke_s: 0.7,
                 rise_share: 0.2, fall_share: 0.3, pause_s: 0.4, then_pause_s: 1}
              - {area: right calf, phase: treat, repeat: {seconds: 12.5}, peak_N: 5, peak_cv: 0.2, stroke_s: 0.8,
                 rise_share: 0.1, fall_share: 0.15, pause_s: 0.5, then_pause_s: 2}
            """;

    @TempDir
    private Path folder;

    @Test
    void aFileIsReadIntoEveryValue() throws Exception {
        Scenario expected = new Scenario(
                "mine",
                "two areas",
                4,
                new Scenario.Sensor(20, 200, 25, 0.03, 0.04, -0.5),
                new Scenario.Battery(80.5, 7),
                new Scenario.Person(3, 0.2, 11, 0.1),
                List.of(
                        new Scenario.Step(
                                "left calf",
                                Scenario.Phase.ASSESS,
                                new Scenario.Repeat(5, null),
                                2,
                                0.3,
                                0.7,
                                0.2,
                                0.3,
                                0.4,
                                1),
                        new Scenario.Step(
                                "right calf",
                                Scenario.Phase.TREAT,
                                new Scenario.Repeat(null, 12.5),
                                5,
                                0.2,
                                0.8,
                                0.1,
                                0.15,
                                0.5,
                                2)));
        assertEquals(expected, read(VALID));
    }

    @Test
    void whatMayBeLeftOutIsReadWhereItIsThere() throws Exception {
        Scenario scenario = read(
                VALID.replace("seed: 4", """
                        seed: 4
                        tools: 3
                        limits: {light_N: 2.1, moderate_N: 4.6, too_deep_N: 6.3, ceiling_N: 9.8}
                        motion_sensor: true
                        clock: {drift_ppm: -40.5}""")
                        .replace("offset_N: -0.5", "offset_N: -0.5, drift_N: -0.4, drift_over_s: 90")
                        .replace(
                                "then_pause_s: 2}",
                                "then_pause_s: 2, double_gap_s: 0.1, direction: back-and-forth, angle_deg: 30, angle_sd_deg: 5}"));
        assertEquals(3, scenario.tools());
        assertEquals(new Scenario.Limits(2.1, 4.6, 6.3, 9.8), scenario.limits());
        assertTrue(scenario.motionSensor());
        assertEquals(new Scenario.Clock(-40.5), scenario.clock());
        assertEquals(new Scenario.Sensor(20, 200, 25, 0.03, 0.04, -0.5, -0.4, 90), scenario.sensor());
        assertEquals(
                new Scenario.Step(
                        "right calf",
                        Scenario.Phase.TREAT,
                        new Scenario.Repeat(null, 12.5),
                        5,
                        0.2,
                        0.8,
                        0.1,
                        0.15,
                        0.5,
                        2,
                        0.1,
                        Scenario.Direction.BACK_AND_FORTH,
                        30,
                        5),
                scenario.steps().get(1));
    }

    @Test
    void limitsThatDoNotAscendAreRefused() {
        InvalidDocumentException thrown = assertThrows(
                InvalidDocumentException.class,
                () -> read(VALID + "limits: {light_N: 2, moderate_N: 8, too_deep_N: 6, ceiling_N: 9}\n"));
        assertEquals(
                List.of(
                        "limits: limits: want 0 < light < moderate < too_deep < ceiling <= 1400 cN and exit_percent <= 100,"
                                + " got 200 800 600 900 cN and 90"),
                thrown.mistakes());
    }

    @Test
    void everyMistakeIsListedWithItsPathWhatWasWantedAndWhatCame() {
        String wrong = VALID.replace("min_hz: 20", "min_hz: 5")
                .replace("offset_N: -0.5", "ofset_N: -0.5")
                .replace("tremor_hz: 11", "tremor_hz: 13")
                .replace("phase: treat", "phase: heal")
                .replace("{strokes: 5}", "{strokes: 5, seconds: 3}")
                .replace("peak_N: 5", "peak_N: hard")
                .replace("seed: 4\n", "");
        InvalidDocumentException thrown = assertThrows(InvalidDocumentException.class, () -> read(wrong));
        assertEquals(
                List.of(
                        "person.tremor_hz: want the frequency of the hand's tremor, 8 to 12 Hz, got 13",
                        "seed: want a whole number; the same seed gives the same strokes, got nothing",
                        "sensor.min_hz: want the lowest sampling rate, a whole number of 16 to 1000 Hz, got 5",
                        "sensor.offset_N: want the sensor's zero at power-on, -5 to 5 N, got nothing",
                        "sensor.ofset_N: want one of min_hz, max_hz, range_N, noise_N, drift_N_per_min, offset_N,"
                                + " drift_N, drift_over_s,"
                                + " got an unknown name",
                        "steps[0].repeat: want either strokes or seconds, got {\"strokes\":5,\"seconds\":3}",
                        "steps[1].peak_N: want the mean force of the strokes' plateaus, more than 0 and up to 100 N,"
                                + " got \"hard\"",
                        "steps[1].phase: want assess or treat, got \"heal\""),
                thrown.mistakes());
        assertTrue(thrown.getMessage().startsWith(folder.resolve("mine.yaml") + ":\n"), thrown.getMessage());
    }

    @Test
    void ratesThatCannotBeAreRefused() {
        InvalidDocumentException thrown =
                assertThrows(InvalidDocumentException.class, () -> read(VALID.replace("max_hz: 200", "max_hz: 19")));
        assertEquals(List.of("sensor: max_hz: want at least min_hz, which is 20, got 19"), thrown.mistakes());
    }

    @Test
    void anEmptyFileNamesAllThatIsMissing() {
        InvalidDocumentException thrown = assertThrows(InvalidDocumentException.class, () -> read(""));
        assertEquals(
                Set.of("name", "description", "seed", "sensor", "battery", "person", "steps"),
                thrown.mistakes().stream()
                        .map(mistake -> mistake.substring(0, mistake.indexOf(':')))
                        .collect(Collectors.toSet()));
    }

    @Test
    void theBuiltInNamesAreThoseOfTheFiles() throws IOException, URISyntaxException {
        Path scenarios = Path.of(
                Objects.requireNonNull(Scenario.class.getResource("scenarios")).toURI());
        try (Stream<Path> files = Files.list(scenarios)) {
            assertEquals(
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()),
                    Scenario.BUILT_IN.stream().map(name -> name + ".yaml").collect(Collectors.toSet()));
        }
        for (String name : Scenario.BUILT_IN) {
            assertEquals(name, Scenario.builtIn(name).name());
        }
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> Scenario.builtIn("../home"));
        assertEquals(
                "scenario: want one of home, calm, too-deep, assess, heavy-handed, two-tools, tremor, drift, tapping,"
                        + " long-holds, double-strokes, bruise-prone, back-and-forth, short-pauses, noisy-sensor,"
                        + " bad-radio, worn-out, got ../home",
                thrown.getMessage());
    }

    @Test
    void theSchemaSaysOfEveryValueWhatIsWantedAndLetsNoOtherThrough() throws IOException {
        try (InputStream in = Objects.requireNonNull(Scenario.class.getResourceAsStream("scenario.schema.json"))) {
            describes("", Json.MAPPER.readTree(in));
        }
    }

    private static void describes(String path, JsonNode schema) {
        assertAll(
                path,
                () -> assertFalse(schema.path("description").asText().isBlank(), "has a description"),
                () -> assertEquals(
                        schema.has("properties"),
                        schema.path("additionalProperties").isBoolean(),
                        "is closed"),
                () -> assertFalse(schema.path("additionalProperties").asBoolean(), "is closed"));
        schema.path("properties")
                .properties()
                .forEach(property -> describes(path + "." + property.getKey(), property.getValue()));
        if (schema.has("items")) {
            describes(path + "[]", schema.path("items"));
        }
    }

    private Scenario read(String yaml) throws IOException, InvalidDocumentException {
        return Scenario.read(Files.writeString(folder.resolve("mine.yaml"), yaml));
    }
}

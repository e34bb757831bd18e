package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
    private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

    static List<ForceFrame> frames(Recording recording) throws MalformedFrameException {
        List<ForceFrame> frames = new ArrayList<>();
        for (byte[] bytes : recording.notifications()) {
            if (bytes[0] == ForceFrame.TYPE) {
                frames.add(ForceFrame.decode(bytes));
            }
        }
        return frames;
    }

    static List<EventFrame> events(Recording recording, EventFrame.Kind kind) throws MalformedFrameException {
        List<EventFrame> events = new ArrayList<>();
        for (byte[] bytes : recording.notifications()) {
            if (bytes[0] == EventFrame.TYPE && EventFrame.decode(bytes).kind() == kind) {
                events.add(EventFrame.decode(bytes));
            }
        }
        return events;
    }

    private static List<String> hex(Recording recording) {
        return recording.notifications().stream().map(HexFormat.of()::formatHex).toList();
    }

    @Test
    void theSameArgumentsGiveTheSameBytesAndOthersGiveOthers() {
        Scenario home = Scenario.builtIn("home");
        Recording recording = Recording.of(home, 1, 1, 100, HALF_A_MINUTE);
        Recording again = Recording.of(home, 1, 1, 100, HALF_A_MINUTE);
        assertEquals(hex(recording), hex(again));
        assertEquals(recording.truth(), again.truth());
        for (Recording other :
                List.of(Recording.of(home, 2, 1, 100, HALF_A_MINUTE), Recording.of(home, 1, 2, 100, HALF_A_MINUTE))) {
            assertNotEquals(recording.boot(), other.boot());
            assertNotEquals(recording.truth(), other.truth());
        }
    }

    /** Without noise the samples are the force on the skin at their times, whatever the rate. */
    @Test
    void theSamplesAreTakenWhereTheTruthLooks() throws Exception {
        Scenario pressing = Scenarios.pressing(2.5, 4.2, 0.7, 0.4);
        Recording recording = Recording.of(pressing, 1, 1, 130, HALF_A_MINUTE);
        ForceCurve curve = new ForceCurve(pressing, 2);
        GroundTruth.Sampled sampled = recording.sampled();
        long index = sampled.firstIndex();
        for (ForceFrame frame : frames(recording)) {
            for (int i = 0; i < frame.count(); i++) {
                long timeUs = sampled.timeUs() + index * sampled.periodUs();
                assertEquals(index, frame.first() + i);
                assertEquals(timeUs, frame.timeUs() + (long) i * frame.periodUs());
                assertEquals(Math.round(curve.forceN(timeUs) * 100), frame.forceCn()[i]);
                index++;
            }
        }
        assertEquals(30 * 130, index, 1);
        assertEquals(sampled.count(), index);
    }

    @Test
    void theToolIsTaredAndHoldsTheLimitsOfTheScenario() throws Exception {
        Scenario.Sensor off = new Scenario.Sensor(16, 1000, 30, 0, 0, 1.5);
        // 6.5 N is too deep only by the limits of bruise-prone skin
        Scenario pressing = Scenarios.pressing(off, 3, 6.5, 1, 1);
        Scenario careful = new Scenario(
                "careful",
                "low limits",
                1,
                1,
                new Scenario.Limits(2.1, 4.6, 6.3, 9.8),
                false,
                off,
                pressing.battery(),
                Scenario.Clock.TRUE,
                pressing.person(),
                pressing.steps(),
                List.of());
        Recording recording = Recording.of(careful, 1, 1, 100, Duration.ofSeconds(10));
        assertEquals(0, frames(recording).get(0).flags());
        assertEquals(0, frames(recording).get(0).forceCn()[0]);
        assertEquals(630, recording.truth().limits().tooDeepCn());
        assertEquals(5, recording.truth().overPressure().size());
        assertEquals(5, events(recording, EventFrame.Kind.OVER_PRESSURE_BEGIN).size());
        assertEquals(
                List.of(),
                Recording.of(pressing, 1, 1, 100, Duration.ofSeconds(10))
                        .truth()
                        .overPressure());
    }

    @Test
    void theZeroDriftsByTheWholeAmountAndStays() throws Exception {
        Scenario.Sensor drifting = new Scenario.Sensor(16, 1000, 30, 0, 0, 0, 0.5, 40);
        List<ForceFrame> frames =
                frames(Recording.of(Scenarios.resting(drifting, Scenarios.BATTERY), 1, 1, 50, Duration.ofSeconds(60)));
        ForceFrame halfway = frames.get((20 - 2) * 10);
        assertEquals(25, halfway.forceCn()[0], 1);
        assertEquals(50, frames.get((45 - 2) * 10).forceCn()[0], 1);
        assertEquals(50, frames.get(frames.size() - 1).forceCn()[0], 1);
    }

    @Test
    void noiseIsNoMovement() {
        Scenario noisy = Scenario.builtIn("noisy-sensor");
        for (int seed = 0; seed < 300; seed++) {
            Recording recording = Recording.of(noisy, seed, 1, 100, Duration.ofMillis(10));
            assertTrue(recording.sampled().timeUs() <= 2_210_000, "tared at once or nearly so, seed " + seed);
        }
    }

    @Test
    void whatCannotBeRecordedIsRefused() {
        Scenario hasty = Scenarios.pressing(1.5, 4, 1, 1);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Recording.of(hasty, 1, 1, 100, HALF_A_MINUTE))
                .getMessage();
        assertEquals(
                "scenario pressing: want the tool still until it is tared, for 2 s or more, got first_stroke_s 1.5",
                message);
        message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Recording.of(Scenario.builtIn("home"), 1, 1, 1001, HALF_A_MINUTE))
                .getMessage();
        assertEquals("rate in scenario home: want 16 to 1000 Hz, got 1001", message);
    }

    @Test
    void wholeRoundsEndBetweenStrokesUnlessThingsGoWrong() {
        for (String name : Scenario.BUILT_IN) {
            Scenario scenario = Scenario.builtIn(name);
            if (!scenario.faults().isEmpty()) {
                continue;
            }
            Duration length = Recording.wholeRounds(scenario, 4, 1, Duration.ofSeconds(60));
            assertTrue(length.toSeconds() >= 60 && length.toSeconds() <= 125, name + " " + length);
            GroundTruth truth = Recording.of(scenario, 4, 1, 100, length).truth();
            assertTrue(truth.strokes().stream().noneMatch(GroundTruth.Stroke::interrupted), name);
            assertTrue(truth.overPressure().stream().noneMatch(GroundTruth.OverPressure::endedUnknown), name);
        }
    }

    /** One stroke of 4 N from 3.0 to 4.0 s, as the text of docs/simulation.md has it. */
    @Test
    void theFilesAreWrittenOnceAndNeverOverOthers(@TempDir Path folder) throws IOException {
        Recording recording = Recording.of(Scenarios.pressing(3, 4, 1, 100), 1, 1, 100, Duration.ofSeconds(3));
        Path inner = folder.resolve("a/b");
        RecordingFiles.write(recording, inner);
        RecordingFiles.write(recording, inner);
        assertEquals(hex(recording), Files.readAllLines(inner.resolve("frames.hex")));
        String truth = Files.readString(inner.resolve("truth.json"));
        assertTrue(
                truth.startsWith(
                        "{ \"scenario\":\"pressing\", \"seed\":1, \"tool\":1, \"boot\":" + recording.boot()
                                + ", \"rateHz\":100, \"limits\":{ \"lightN\":3, \"moderateN\":6.5, \"tooDeepN\":9, \"ceilingN\":14 },"
                                + " \"samples\":300, \"lengthS\":3, \"strokes\":[\n"
                                + "  { \"firstIndex\":98, \"lastIndex\":201, \"startUs\":2990000, \"endUs\":4020000, \"peakN\":"),
                truth);

        Recording other = Recording.of(Scenarios.pressing(3, 4, 1, 100), 2, 1, 100, Duration.ofSeconds(3));
        String message = assertThrows(FileAlreadyExistsException.class, () -> RecordingFiles.write(other, inner))
                .getMessage();
        assertTrue(message.startsWith(inner.resolve("frames.hex") + ": want no file"), message);
        assertEquals(truth, Files.readString(inner.resolve("truth.json")));
    }
}

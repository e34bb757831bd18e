package io.lightstroke.simulator.junit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class SimulatedToolExtensionTest {
    /** Control point: start at 100 Hz as transaction 9; protocol.md, Control Point. */
    private static final byte[] START = HexFormat.of().parseHex("01096400");

    @Test
    void aToolStreamsByItself(@SimulatedTool Tool tool) {
        List<byte[]> answers = new CopyOnWriteArrayList<>();
        List<byte[]> frames = new CopyOnWriteArrayList<>();
        tool.connect(
                247,
                Set.of(Gatt.CONTROL_POINT, Gatt.FORCE_STREAM),
                (characteristic, value) -> (characteristic.equals(Gatt.CONTROL_POINT) ? answers : frames).add(value));

        tool.write(Gatt.CONTROL_POINT, START);

        assertArrayEquals(HexFormat.of().parseHex("80010901"), answers.get(0));
        await().atMost(Duration.ofSeconds(10)).until(() -> frames.size() >= 3);
    }

    @Test
    void virtualTimePassesWhenItIsToldTo(
            @SimulatedTool(scenario = "calm", seed = 5, time = SimulatedTool.Time.VIRTUAL) Tool tool) throws Exception {
        List<byte[]> frames = frames(tool);
        assertEquals(0, tool.ageUs());

        tool.advanceTo(3_600_000_000L);

        long samples = 0;
        for (byte[] frame : frames) {
            samples += ForceFrame.decode(frame).forceCn().length;
        }
        assertEquals(3_600 * 100, samples, 100);
    }

    @Test
    void theSameAnnotationGivesTheSameForces(
            @SimulatedTool(seed = 5, time = SimulatedTool.Time.VIRTUAL) Tool one,
            @SimulatedTool(seed = 5, time = SimulatedTool.Time.VIRTUAL) Tool same,
            @SimulatedTool(seed = 6, time = SimulatedTool.Time.VIRTUAL) Tool other) {
        assertNotSame(one, same);
        List<String> forces = forces(one);

        assertEquals(forces, forces(same));
        assertNotEquals(forces, forces(other));
    }

    @Test
    void aFaultHappensAtItsTime(
            @SimulatedTool(faults = "drop=100%@10s+5s", time = SimulatedTool.Time.VIRTUAL) Tool tool) {
        List<byte[]> frames = frames(tool);

        tool.advanceTo(10_000_000);
        int before = frames.size();
        tool.advanceTo(14_900_000);
        assertTrue(before > 50, "frames " + before);
        assertEquals(before, frames.size());
        tool.advanceTo(16_000_000);
        assertTrue(frames.size() > before);
    }

    @Test
    void aNumberGivesAnAddressAndANameOfItsOwn(@SimulatedTool(number = 258) Tool tool) {
        assertEquals("02:4C:53:00:01:02", tool.identity().address());
        assertEquals("Lightstroke 258", tool.identity().name());
        assertEquals("SIM-00258", tool.identity().serial());
    }

    static final class Fields {
        private static final List<@Nullable Tool> SEEN = new ArrayList<>();

        @SimulatedTool(number = 7, time = SimulatedTool.Time.VIRTUAL)
        private static @Nullable Tool ofAllTests;

        @SimulatedTool(number = 8, time = SimulatedTool.Time.VIRTUAL)
        private @Nullable Tool ofOneTest;

        @BeforeEach
        void before(@SimulatedTool(number = 9, time = SimulatedTool.Time.VIRTUAL) Tool tool) {
            SEEN.add(tool);
        }

        @RepeatedTest(2)
        void see() {
            SEEN.add(ofAllTests);
            SEEN.add(ofOneTest);
        }
    }

    @Test
    void aStaticFieldHasOneForAllTestsAndOtherPlacesOneForEach() {
        run(Fields.class).assertStatistics(events -> events.succeeded(2));

        List<@Nullable Tool> seen = Fields.SEEN;
        assertEquals(
                List.of(
                        "Lightstroke 9",
                        "Lightstroke 7",
                        "Lightstroke 8",
                        "Lightstroke 9",
                        "Lightstroke 7",
                        "Lightstroke 8"),
                seen.stream()
                        .map(tool -> tool == null ? "none" : tool.identity().name())
                        .toList());
        assertNotSame(seen.get(0), seen.get(3));
        assertSame(seen.get(1), seen.get(4));
        assertNotSame(seen.get(2), seen.get(5));
    }

    static final class Kept {
        private static @Nullable Tool tool;

        @Test
        void keeps(@SimulatedTool Tool given) {
            tool = given;
            given.connect(64, Set.of(), (characteristic, value) -> {});
        }
    }

    @Test
    void aToolEndsWithItsTest() throws InterruptedException {
        run(Kept.class).assertStatistics(events -> events.succeeded(1));
        Tool tool = Kept.tool;
        assertTrue(tool != null);
        long ageUs = tool.ageUs();

        Thread.sleep(20);
        tool.catchUp();

        assertEquals(ageUs, tool.ageUs());
    }

    static final class Mistakes {
        @Test
        void scenario(@SimulatedTool(scenario = "sleepy") Tool tool) {}

        @Test
        void number(@SimulatedTool(number = 0) Tool tool) {}

        @Test
        void faults(@SimulatedTool(faults = "drop=5%, snow@3s") Tool tool) {}

        @Test
        void type(@SimulatedTool String tool) {}
    }

    static final class MistakenField {
        @SimulatedTool
        private final @Nullable Tool fixed = null;

        @Test
        void test() {
            assertEquals(null, fixed);
        }
    }

    @Test
    void aMistakeIsSaidWithItsPlace() {
        List<String> failures = failures(Mistakes.class);
        assertEquals(4, failures.size());
        String faults = failures.get(0);
        assertTrue(
                faults.contains("Mistakes.faults(%s)]: @SimulatedTool: fault: want one of link-loss, drop, "
                        .replace("%s", Tool.class.getName())),
                faults);
        assertTrue(faults.endsWith(", got snow"), faults);
        assertEndsWith(
                "[void %s.number(%s)]: @SimulatedTool: number of a simulated tool: want 1..65535, got 0",
                failures.get(1));
        assertEndsWith(
                "[void %s.scenario(%s)]: @SimulatedTool: scenario: want one of " + String.join(", ", Scenario.BUILT_IN)
                        + " or a readable file, got sleepy",
                failures.get(2));
        assertEndsWith(
                "[void %s.type(java.lang.String)]: @SimulatedTool: type: want %2$s, got java.lang.String",
                failures.get(3));
        assertEquals(
                List.of("@SimulatedTool MistakenField.fixed: want a field that is not final"),
                failures(MistakenField.class));
    }

    private static void assertEndsWith(String end, String text) {
        String wanted = end.formatted(Mistakes.class.getName(), Tool.class.getName());
        assertTrue(text.endsWith(wanted), () -> "want \"%s\", got \"%s\"".formatted(wanted, text));
    }

    private static Events run(Class<?> type) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(type))
                .execute()
                .testEvents();
    }

    private static List<String> failures(Class<?> type) {
        return run(type).failed().stream()
                .map(event -> String.valueOf(event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow()
                        .getMessage()))
                .sorted()
                .toList();
    }

    private static List<byte[]> frames(Tool tool) {
        List<byte[]> frames = new ArrayList<>();
        tool.connect(247, Set.of(Gatt.FORCE_STREAM), (UUID characteristic, byte[] value) -> frames.add(value));
        tool.write(Gatt.CONTROL_POINT, START);
        return frames;
    }

    private static List<String> forces(Tool tool) {
        List<byte[]> frames = frames(tool);
        tool.advanceTo(20_000_000);
        return frames.stream()
                .map(frame -> HexFormat.of().formatHex(frame, 28, frame.length - 2))
                .toList();
    }
}

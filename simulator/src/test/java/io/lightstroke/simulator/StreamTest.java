package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.ToolInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamTest {
    private static final Scenario HOME = Scenario.builtIn("home");

    @ParameterizedTest
    @CsvSource({"16, 62500", "30, 33333", "100, 10000", "128, 7813", "1000, 1000"})
    void samplesComeAtTheRateAndAreNumberedWithoutAGap(int rateHz, int periodUs) {
        Central central = new Central(HOME, 1).goOn(0.123456);
        central.ask(ControlRequest.start(1, rateHz));
        central.goOn(20);
        central.ask(ControlRequest.stop(2));

        long index = 0;
        long timeUs = 123_456 + periodUs;
        for (ForceFrame frame : central.frames) {
            assertEquals(Central.BOOT, frame.boot());
            assertEquals(periodUs, frame.periodUs());
            assertEquals(index, frame.first());
            assertEquals(timeUs, frame.timeUs());
            index += frame.count();
            timeUs += (long) frame.count() * periodUs;
        }
        assertEquals(20_000_000 / periodUs, index);
    }

    @Test
    void theSamplesAreTheForceOnTheSkin() {
        Scenario.Sensor perfect = Scenarios.SENSOR;
        Scenario exact = new Scenario("e", "e", HOME.seed(), perfect, HOME.battery(), HOME.person(), HOME.steps());
        Central central = new Central(exact, 3);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(60);
        ForceCurve curve = new ForceCurve(exact, 3);
        double[] samples = central.forceN();
        for (int i = 0; i < samples.length; i++) {
            assertEquals(curve.forceN((i + 1) * 10_000L), samples[i], 0.005 + 1e-9);
        }
    }

    @Test
    void theSensorAddsOffsetNoiseAndDriftAsTheScenarioSays() {
        Scenario.Sensor poor = new Scenario.Sensor(16, 1000, 30, 0.1, 0.6, 2);
        Central central = new Central(Scenarios.resting(poor, Scenarios.BATTERY), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(60);
        double[] samples = central.forceN();
        double[] firstSeconds = Arrays.copyOf(samples, 500);
        double mean = Arrays.stream(firstSeconds).average().orElseThrow();
        double rms = Math.sqrt(Arrays.stream(firstSeconds)
                .map(n -> (n - mean) * (n - mean))
                .average()
                .orElseThrow());
        assertEquals(2, mean, 0.05);
        assertEquals(0.1, rms, 0.02);
        double lastSeconds = Arrays.stream(samples, 5900, 6000).average().orElseThrow();
        assertEquals(2.6, lastSeconds, 0.05, "after a minute of 0.6 N/min");
    }

    /** 3 bytes of ATT and 30 of the frame leave mtu − 33 for samples of 2 bytes. */
    @ParameterizedTest
    @CsvSource({"35, 1", "36, 1", "37, 2", "41, 4", "42, 4", "43, 5", "64, 5", "517, 5"})
    void aFrameHoldsFiveSamplesOrAsManyAsTheMtuLets(int mtu, int samples) {
        Central central = new Central(HOME, 1);
        central.connect(mtu);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(1);
        assertEquals(
                Set.of(samples), central.frames.stream().map(ForceFrame::count).collect(Collectors.toSet()));
        assertEquals(100, central.forceN().length);
    }

    @Test
    void anMtuThatHoldsNoSampleIsAFailedStartAndOneBelowTheStandardIsRefused() {
        Central central = new Central(HOME, 1);
        central.connect(34);
        assertEquals(Result.FAILED, central.ask(ControlRequest.start(1, 100)).result());
        assertEquals(0, central.info().state());
        assertEquals(
                "mtu: want at least 23, got 22",
                assertThrows(IllegalArgumentException.class, () -> central.connect(22))
                        .getMessage());
    }

    @Test
    void aPauseMakesNoGapInTheIndexAndANewFrame() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.125);
        central.ask(ControlRequest.stop(2));
        central.goOn(10);
        central.ask(ControlRequest.start(3, 200));
        central.goOn(0.05);
        assertEquals(
                List.of(
                        "0 x5 at 10000 by 10000",
                        "5 x5 at 60000 by 10000",
                        "10 x2 at 110000 by 10000",
                        "12 x5 at 10130000 by 5000",
                        "17 x5 at 10155000 by 5000"),
                central.frames.stream().map(StreamTest::described).toList());
        List<EventFrame> awake = central.events(EventFrame.Kind.AWAKE);
        assertEquals(List.of(0L, 12L), awake.stream().map(EventFrame::index).toList());
        assertEquals(
                List.of(10_000L, 10_130_000L),
                awake.stream().map(EventFrame::timeUs).toList());
    }

    @Test
    void startingAgainWhileSamplingChangesTheRateAndLosesNothing() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.075);
        assertEquals(Result.OK, central.ask(ControlRequest.start(2, 50)).result());
        central.goOn(0.1);
        assertEquals(
                List.of("0 x5 at 10000 by 10000", "5 x2 at 60000 by 10000", "7 x5 at 95000 by 20000"),
                central.frames.stream().map(StreamTest::described).toList());
        assertEquals(1, central.events(EventFrame.Kind.AWAKE).size());
    }

    @Test
    void aRefusedStartLeavesTheStreamAsItIs() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.03);
        central.ask(ControlRequest.start(2, 5));
        central.goOn(0.02);
        assertEquals(
                List.of("0 x5 at 10000 by 10000"),
                central.frames.stream().map(StreamTest::described).toList());
    }

    @Test
    void theAnswerToStopComesAfterTheLastSample() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.02);
        central.ask(ControlRequest.stop(2));
        assertEquals(
                List.of("0004", "0006", "0003", "0002", "0004", "0006"),
                central.all.stream().map(line -> line.substring(0, 4)).toList());
    }

    @Test
    void nothingIsNotifiedOnceTheCentralIsGoneButSamplingGoesOn() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.1);
        central.tool.disconnect();
        int before = central.all.size();
        central.goOn(60);
        assertEquals(before, central.all.size());
        assertEquals(ToolInfo.SAMPLING, central.info().state());
        assertEquals(
                "write to Lightstroke 1: want a connection, got none",
                assertThrows(IllegalStateException.class, () -> central.ask(ControlRequest.stop(1)))
                        .getMessage());
        central.connect(247);
        central.goOn(0.05);
        ForceFrame again = central.frames.get(central.frames.size() - 1);
        assertEquals(6010, again.first());
        assertEquals(60_110_000, again.timeUs());
    }

    @Test
    void aNewCentralGetsFramesThatFitItsMtuAndOnlySamplesFromThenOn() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.13);
        central.connect(37);
        central.goOn(0.04);
        assertEquals(
                List.of(
                        "0 x5 at 10000 by 10000",
                        "5 x5 at 60000 by 10000",
                        "13 x2 at 140000 by 10000",
                        "15 x2 at 160000 by 10000"),
                central.frames.stream().map(StreamTest::described).toList());
    }

    @Test
    void withoutALinkAndWithoutContactItSleepsAfterFiveMinutes() {
        Central central = new Central(Scenarios.pressing(60, 4, 1, 100_000), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(400);
        assertEquals(ToolInfo.SAMPLING, central.info().state(), "it is linked");
        central.tool.disconnect();
        central.goOn(299);
        assertEquals(ToolInfo.SAMPLING, central.info().state());
        central.goOn(2);
        assertEquals(ToolInfo.IDLE, central.info().state());

        Central pressed = new Central(Scenarios.pressing(200, 4, 1, 100_000), 1);
        pressed.ask(ControlRequest.start(1, 100));
        pressed.tool.disconnect();
        pressed.goOn(500);
        assertEquals(ToolInfo.SAMPLING, pressed.info().state(), "the last contact was 299 s ago");
        pressed.goOn(2);
        assertEquals(ToolInfo.IDLE, pressed.info().state());
    }

    @Test
    void aLaterCentralTakesThePlaceOfAnEarlierOne() {
        Central earlier = new Central(HOME, 1);
        earlier.ask(ControlRequest.start(1, 100));
        List<byte[]> later = new ArrayList<>();
        earlier.tool.connect(247, Set.of(Gatt.CONTROL_POINT), (uuid, value) -> later.add(value));
        int before = earlier.all.size();
        earlier.goOn(1);
        earlier.tool.write(Gatt.CONTROL_POINT, ControlRequest.identify(9).encode());
        assertEquals(before, earlier.all.size());
        assertArrayEquals(new byte[] {(byte) 0x80, 9, 9, 1}, later.get(0));
        assertEquals(1, later.size());
    }

    @Test
    void onlyWhatIsSubscribedIsNotifiedAndThatMayChange() {
        Central central = new Central(HOME, 1);
        central.subscribed.clear();
        central.tool.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
        central.goOn(5);
        assertEquals(List.of(), central.all);
        central.subscribed.add(Gatt.FORCE_STREAM);
        central.goOn(0.1);
        assertEquals(
                List.of(500L, 505L),
                central.frames.stream().map(ForceFrame::first).toList());
        assertEquals(2, central.all.size());
    }

    @Test
    void aSampleAtTheSensorsLimitMarksItsFrameOnly() {
        Scenario.Sensor small = new Scenario.Sensor(16, 1000, 8, 0, 0, 0);
        // 12 N from 0.085 s to 0.115 s: samples 8, 9 and 10 (at 0.09, 0.10 and 0.11 s)
        Central central = new Central(Scenarios.pressing(small, 0.085, 12, 0.03, 100), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.25);
        assertEquals(
                List.of(false, true, true, false, false),
                central.frames.stream()
                        .map(frame -> frame.has(ForceFrame.SATURATED))
                        .toList());
        assertArrayEquals(new short[] {0, 0, 0, 800, 800}, central.frames.get(1).forceCn());
        assertArrayEquals(new short[] {800, 0, 0, 0, 0}, central.frames.get(2).forceCn());
    }

    @Test
    void aForceBeyondTheFieldStandsAtItsEdgeAndNeverReadsAsInvalid() {
        Scenario.Sensor strong = new Scenario.Sensor(16, 1000, 300, 0, 0, -5);
        Central central = new Central(Scenarios.pressing(strong, 0, 400, 1, 100), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(2);
        assertEquals(300, Arrays.stream(central.forceN()).max().orElseThrow());
        assertEquals(-5, Arrays.stream(central.forceN()).min().orElseThrow());
    }

    @Test
    void timeDoesNotGoBack() {
        Central central = new Central(HOME, 1).goOn(1);
        central.tool.advanceTo(1_000_000);
        assertEquals(
                "time of Lightstroke 1: want at least 1000000 us since its start, got 999999",
                assertThrows(IllegalArgumentException.class, () -> central.tool.advanceTo(999_999))
                        .getMessage());
    }

    @Property(tries = 60)
    void howTimeIsCutChangesNothing(
            @ForAll long cutting,
            @ForAll @IntRange(min = 1, max = 5) int seed,
            @ForAll @IntRange(min = 1, max = 400) int mostMs) {
        assertEquals(life(seed, List.of()), life(seed, cuts(cutting, mostMs)));
    }

    /** What a tool notifies in 40 s of orders at fixed times, when time is also cut at {@code cuts}. */
    private static List<String> life(int seed, List<Long> cuts) {
        Central central = new Central(HOME, seed);
        TreeMap<Long, Runnable> script = new TreeMap<>();
        cuts.forEach(cut -> script.put(cut, () -> {}));
        script.put(1_234_567L, () -> central.ask(ControlRequest.start(1, 100)));
        script.put(2_000_000L, () -> central.ask(ControlRequest.tare(2)));
        script.put(9_876_543L, () -> central.ask(ControlRequest.start(3, 77)));
        script.put(15_000_001L, () -> central.ask(ControlRequest.stop(4)));
        script.put(17_000_000L, () -> central.tool.write(Gatt.CUE, new Cue(Cue.Pattern.TICK, 7, 17_000_000L).encode()));
        script.put(21_000_000L, central.tool::disconnect);
        script.put(22_000_000L, () -> central.connect(64));
        script.put(22_000_007L, () -> central.ask(ControlRequest.start(5, 500)));
        script.put(
                25_000_000L,
                () -> central.tool.write(
                        Gatt.RECORD_ACCESS,
                        RecordRequest.reportAll(Central.BOOT).encode()));
        script.put(40_000_000L, () -> {});
        script.forEach((timeUs, order) -> {
            central.tool.advanceTo(timeUs);
            order.run();
        });
        return central.all;
    }

    private static List<Long> cuts(long seed, int mostMs) {
        Random random = new Random(seed);
        List<Long> cuts = new ArrayList<>();
        for (long timeUs = 0; timeUs < 40_000_000; timeUs += 1 + random.nextInt(mostMs * 1000)) {
            cuts.add(timeUs);
        }
        return cuts;
    }

    @Test
    void whatIsWrittenBackFromANotificationCountsFromThatInstant() {
        List<Long> beganUs = new ArrayList<>();
        for (long stepUs : new long[] {1_000, 1_000_000}) {
            SimulatedTool tool = new SimulatedTool(Central.IDENTITY, HOME, 1, Central.BOOT);
            List<ForceFrame> frames = new ArrayList<>();
            tool.connect(247, Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS), (uuid, value) -> {
                try {
                    if (uuid.equals(Gatt.FORCE_STREAM)) {
                        frames.add(ForceFrame.decode(value));
                        if (frames.size() == 3) {
                            tool.write(Gatt.CUE, new Cue(Cue.Pattern.MOVE_ON, 5, Long.MAX_VALUE).encode());
                        }
                    } else if (EventFrame.decode(value).kind() == EventFrame.Kind.CUE_BEGAN) {
                        beganUs.add(EventFrame.decode(value).timeUs());
                    }
                } catch (MalformedFrameException e) {
                    throw new AssertionError(e);
                }
            });
            tool.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
            for (long timeUs = stepUs; timeUs <= 1_000_000; timeUs += stepUs) {
                tool.advanceTo(timeUs);
            }
            assertEquals(20, frames.size());
        }
        assertEquals(List.of(150_000L, 150_000L), beganUs);
    }

    @Test
    void theSeedDecidesWhatIsFeltAndTheBootIsDrawnAtEachStart() throws Exception {
        Central one = new Central(HOME, 1);
        Central same = new Central(HOME, 1);
        Central other = new Central(HOME, 2);
        for (Central central : List.of(one, same, other)) {
            central.ask(ControlRequest.start(1, 100));
            central.goOn(10);
        }
        assertArrayEquals(one.forceN(), same.forceN());
        assertFalse(Arrays.equals(one.forceN(), other.forceN()));

        Set<Long> boots = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            SimulatedTool tool = new SimulatedTool(Central.IDENTITY, HOME, 1);
            boots.add(ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).boot());
        }
        assertEquals(20, boots.size());
        assertFalse(boots.contains(0L));
        assertTrue(boots.stream().allMatch(boot -> boot > 0 && boot <= 0xFFFF_FFFFL));
    }

    private static String described(ForceFrame frame) {
        return "%d x%d at %d by %d".formatted(frame.first(), frame.count(), frame.timeUs(), frame.periodUs());
    }
}

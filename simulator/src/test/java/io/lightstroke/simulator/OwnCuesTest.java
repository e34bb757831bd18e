package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.Cue.Pattern;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.EventFrame.Kind;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolLimits;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The tool's own limits and cues, and those written to it. Its light smoothing may delay a crossing by 50 ms. */
class OwnCuesTest {
    private static final long SMOOTHING_US = 50_000;

    private static Central streaming(Scenario scenario) {
        Central central = new Central(scenario, 1);
        central.ask(ControlRequest.start(1, 100));
        return central;
    }

    @Test
    void tooDeepIsLatchedAfterItsTimeAndEndsAfterItsTime() {
        Central central = streaming(Scenarios.pressing(2, 10, 1, 100)).goOn(5);
        EventFrame began = only(central, Kind.OVER_PRESSURE_BEGIN);
        EventFrame cue = only(central, Kind.CUE_BEGAN);
        EventFrame ended = only(central, Kind.OVER_PRESSURE_END);
        assertEquals(2_150_000, began.timeUs(), SMOOTHING_US);
        assertEquals(began.timeUs(), cue.timeUs());
        assertEquals(0, cue.code());
        assertEquals(3_200_000, ended.timeUs(), SMOOTHING_US);
        assertEquals(began.timeUs() / 10_000 - 1, began.index());
        assertTrue(began.sequence() < cue.sequence() && cue.sequence() < ended.sequence());
    }

    /** Too deep is from 9.0 N on for 150 ms; the ceiling is 14.0 N. */
    @ParameterizedTest
    @CsvSource({"8.9, 2.0, 0", "9.1, 0.1, 0", "9.1, 0.3, 1", "13.9, 0.1, 0", "14.1, 0.05, 1", "14.1, 1.0, 1"})
    void aShortOrLighterPressIsNotTooDeep(double peakN, double strokeS, int cues) {
        Central central = streaming(Scenarios.pressing(1, peakN, strokeS, 100)).goOn(4);
        assertEquals(cues, central.events(Kind.CUE_BEGAN).size());
        assertEquals(cues, central.events(Kind.OVER_PRESSURE_BEGIN).size());
        assertEquals(cues, central.events(Kind.OVER_PRESSURE_END).size());
    }

    @Test
    void theCeilingCuesWithItsFirstSample() {
        Central central = streaming(Scenarios.pressing(2, 14.2, 1, 100)).goOn(3);
        assertEquals(2_000_000, only(central, Kind.OVER_PRESSURE_BEGIN).timeUs());
        assertEquals(2_000_000, only(central, Kind.CUE_BEGAN).timeUs());
    }

    @Test
    void aSaturatedSampleIsTheCeiling() {
        Scenario.Sensor small = new Scenario.Sensor(16, 1000, 8, 0, 0, 0);
        Central central = streaming(Scenarios.pressing(small, 2, 12, 0.05, 100)).goOn(3);
        assertEquals(2_000_000, only(central, Kind.CUE_BEGAN).timeUs());
    }

    @Test
    void theCueIsRepeatedWhileItLasts() {
        Central central = streaming(Scenarios.pressing(1, 10, 6, 100)).goOn(10);
        List<Long> cuesUs =
                central.events(Kind.CUE_BEGAN).stream().map(EventFrame::timeUs).toList();
        assertEquals(3, cuesUs.size(), "at 1.15, 3.15 and 5.15 s");
        assertEquals(2_000_000, cuesUs.get(1) - cuesUs.get(0));
        assertEquals(2_000_000, cuesUs.get(2) - cuesUs.get(1));
        assertEquals(1, central.events(Kind.OVER_PRESSURE_BEGIN).size());
    }

    @Test
    void eachNewOverPressureCuesHoweverSoonItComes() {
        Central central = streaming(Scenarios.pressing(1, 10, 0.4, 0.4)).goOn(5);
        assertEquals(5, central.events(Kind.OVER_PRESSURE_BEGIN).size(), "at 1.0, 1.8, 2.6, 3.4 and 4.2 s");
        assertEquals(5, central.events(Kind.CUE_BEGAN).size());
    }

    @Test
    void limitsThatWereWrittenHoldAtOnce() {
        Central central = streaming(Scenarios.pressing(1, 5, 2, 1));
        central.ask(ControlRequest.writeLimits(2, new ToolLimits(100, 200, 400, 800, 500, 100, 90, 500, 0)));
        central.goOn(4);
        assertEquals(1_500_000, only(central, Kind.OVER_PRESSURE_BEGIN).timeUs(), SMOOTHING_US);
        assertEquals(3_100_000, only(central, Kind.OVER_PRESSURE_END).timeUs(), SMOOTHING_US);
        assertEquals(3, central.events(Kind.CUE_BEGAN).size(), "at 1.5, 2.0 and 2.5 s");
    }

    @Test
    void aTareHoldsForItsOwnJudgementToo() {
        Scenario.Sensor off = new Scenario.Sensor(16, 1000, 30, 0, 0, 0.28);
        Central central = streaming(Scenarios.pressing(off, 25, 9.15, 0.5, 100)).goOn(24);
        central.ask(ControlRequest.tare(2));
        central.goOn(2);
        assertEquals(1, central.events(Kind.CUE_BEGAN).size(), "9.15 N of at least 9.0 N");
    }

    @Test
    void itWarnsWithoutALinkAndWithoutAStream() {
        Central central = new Central(Scenarios.pressing(1, 10, 1, 1), 1).goOn(2.5);
        assertEquals(1_150_000, only(central, Kind.CUE_BEGAN).timeUs(), SMOOTHING_US);
        central.tool.disconnect();
        central.goOn(2);
        central.connect(247);
        central.goOn(2);
        List<EventFrame> cues = central.events(Kind.CUE_BEGAN);
        assertEquals(2, cues.size());
        // each over-pressure is three events: begin, cue, end
        assertEquals(6, cues.get(1).sequence() - cues.get(0).sequence());
    }

    @Test
    void framesSayWhileACueIsActive() {
        Central central = streaming(Scenarios.pressing(1, 14.2, 0.1, 100)).goOn(3);
        List<Long> active = central.frames.stream()
                .filter(frame -> frame.has(ForceFrame.CUE_ACTIVE))
                .map(ForceFrame::lastTimeUs)
                .toList();
        // from the frame that holds the sample of 1.0 s, for half a second
        assertEquals(
                LongStream.iterate(1_000_000, us -> us < 1_500_000, us -> us + 50_000)
                        .boxed()
                        .toList(),
                active);
    }

    @Test
    void aCueFromOutsideBeginsWithItsTransaction() {
        Central central = streaming(Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY))
                .goOn(1.005);
        cue(central, Pattern.MOVE_ON, 77, 2_000_000);
        EventFrame began = only(central, Kind.CUE_BEGAN);
        assertEquals(77, began.code());
        assertEquals(99, began.index());
        assertEquals(1_000_000, began.timeUs());
    }

    /** At tool time 1 000 000 us. */
    @ParameterizedTest
    @CsvSource({"999999, 0", "1000000, 1", "0, 0", "-1, 1"}) // −1 is 2^64 − 1, unsigned
    void aCueThatHasExpiredIsDropped(long expiresUs, int began) {
        Central central = new Central(Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY), 1).goOn(1);
        cue(central, Pattern.TOO_DEEP, 1, expiresUs);
        assertEquals(began, central.events(Kind.CUE_BEGAN).size());
    }

    @Test
    void aCueIsMergedWithAnActiveOneOfItsPatternOnly() {
        Central central = new Central(Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY), 1).goOn(1);
        cue(central, Pattern.TOO_DEEP, 1, Long.MAX_VALUE);
        central.goOn(0.1);
        cue(central, Pattern.TOO_DEEP, 2, Long.MAX_VALUE);
        cue(central, Pattern.CEILING, 3, Long.MAX_VALUE);
        central.goOn(1);
        cue(central, Pattern.TOO_DEEP, 4, Long.MAX_VALUE);
        assertEquals(
                List.of(1, 3, 4),
                central.events(Kind.CUE_BEGAN).stream().map(EventFrame::code).toList());
    }

    @Test
    void theToolsOwnCueIsMergedWithOneThatCameBefore() {
        Central central = streaming(Scenarios.pressing(1, 10, 1, 100)).goOn(1.1);
        cue(central, Pattern.TOO_DEEP, 9, Long.MAX_VALUE);
        central.goOn(0.8);
        assertEquals(9, only(central, Kind.CUE_BEGAN).code());
    }

    @Test
    void aCueThatMakesNoSenseIsDroppedWithoutAWord() {
        Central central = new Central(Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY), 1).goOn(1);
        central.tool.write(Gatt.CUE, new byte[] {});
        central.tool.write(Gatt.CUE, new byte[Cue.LENGTH + 1]);
        central.tool.write(Gatt.CUE, new Cue(0, 1, Long.MAX_VALUE).encode());
        central.tool.write(Gatt.CUE, new Cue(200, 1, Long.MAX_VALUE).encode());
        assertEquals(List.of(), central.all);
    }

    static LongStream demoSeeds() {
        return LongStream.rangeClosed(1, 20);
    }

    @ParameterizedTest
    @MethodSource("demoSeeds")
    void anyHalfMinuteAtHomeCues(long seed) {
        Central central = new Central(Scenario.builtIn("home"), seed);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(600);
        long beforeUs = 0;
        for (EventFrame cue : central.events(Kind.CUE_BEGAN)) {
            assertTrue(cue.timeUs() - beforeUs < 30_000_000, "no cue from " + beforeUs + " to " + cue.timeUs());
            beforeUs = cue.timeUs();
        }
        assertTrue(beforeUs > 570_000_000);
    }

    @Test
    void calmNeverCues() {
        Central central = streaming(Scenario.builtIn("calm")).goOn(600);
        assertEquals(List.of(), central.events(Kind.CUE_BEGAN));
        assertEquals(List.of(), central.events(Kind.OVER_PRESSURE_BEGIN));
    }

    private static void cue(Central central, Pattern pattern, int txn, long expiresUs) {
        central.tool.write(Gatt.CUE, new Cue(pattern, txn, expiresUs).encode());
    }

    private static EventFrame only(Central central, Kind kind) {
        List<EventFrame> events = central.events(kind);
        assertEquals(1, events.size(), () -> kind + ": " + events);
        return events.get(0);
    }
}

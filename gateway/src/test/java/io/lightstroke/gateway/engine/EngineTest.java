package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.EngineEvent.CueDue;
import io.lightstroke.gateway.engine.EngineEvent.OverPressureBegan;
import io.lightstroke.gateway.engine.EngineEvent.OverPressureEnded;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.ForceFrame;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole engine, on raw samples. */
class EngineTest {
    @Test
    void nothingIsJudgedFor250MsAndTheTwoSamplesOfTheMedian() {
        Hand hand = new Hand(100).press(20, 0.25).press(4, 1);
        assertEquals(Collections.nCopies(27, null), hand.zones.subList(0, 27));
        assertEquals(Collections.nCopies(98, Zone.MODERATE), hand.zones.subList(27, 125));
        assertEquals(List.of(), hand.events);
    }

    @Test
    void aSettlingValueBelowZeroStaysBelowZero() {
        Hand hand = new Hand(100).press(-0.02, 0.28);
        assertEquals(-2, hand.filteredCn);
        assertEquals(Zone.NONE, hand.zones.get(27));
        hand.press(-300, 0.5);
        assertEquals(-30_000, hand.filteredCn, 1);
        assertEquals(Zone.NONE, hand.zones.get(hand.index - 1));
        assertEquals(List.of(), hand.events);
    }

    @ParameterizedTest
    @CsvSource({
        "0.49, NONE",
        "0.5, LIGHT",
        "3.0, LIGHT",
        "3.01, MODERATE",
        "6.5, MODERATE",
        "6.51, FIRM",
        "8.99, FIRM",
        "9.0, TOO_DEEP",
        "13.99, TOO_DEEP",
        "14.0, CEILING"
    })
    void zonesOfASteadyForce(double newtons, Zone zone) {
        Hand hand = Hand.settled().press(newtons, 2);
        assertEquals(newtons * 100, hand.filteredCn, 1e-6);
        assertEquals(zone, hand.zones.get(hand.index - 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 50, 100, 200, 400})
    void aPlateauOfSixNewtons(int rateHz) {
        // up 0→6 N in 0.2 s from 1.0 s on, 0.5 s of 6 N, down in 0.2 s: 4.2 N·s
        Hand hand = Hand.settled(rateHz)
                .move(0, 6, 0.2)
                .press(6, 0.5)
                .move(6, 0, 0.2)
                .press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        double stepUs = hand.periodUs;
        assertEquals(600, stroke.peakCn(), rateHz < 50 ? 25 : 15);
        assertEquals(4.2, stroke.impulseNs(), 0.042);
        // 0.5 N is felt at 1.0167 s, 0.3 N on the way down at 1.89 s; each shows with the next sample
        assertEquals(Math.ceil(1_016_667 / stepUs) * stepUs, stroke.startUs(), Math.max(stepUs, 6_000));
        assertEquals(
                Math.ceil(1_890_000 / stepUs) * stepUs,
                stroke.startUs() + stroke.durationUs(),
                Math.max(stepUs, 6_000));
        assertEquals(stroke.startUs() / hand.periodUs, stroke.firstIndex());
        assertEquals(stroke.durationUs() / hand.periodUs, stroke.lastIndex() - stroke.firstIndex());
        assertEquals(160_000, stroke.riseTimeUs(), 0.7 * stepUs + 5_000);
        assertEquals(stroke.durationUs(), Arrays.stream(stroke.zoneUs()).sum());
        assertEquals(stroke.impulseNs() / (stroke.durationUs() / 1e6), stroke.meanN(), 1e-9);
        assertEquals("calf-1", stroke.limitsVersion());
        assertEquals(Hand.BOOT, stroke.boot());
        assertFalse(stroke.interrupted() || stroke.hold() || stroke.ceilingHit());
        assertEquals(1, hand.engine.strokes());
    }

    @Test
    void aStepOvershootsByTheFiltersKnownShare() {
        Hand hand = Hand.settled().press(6, 0.5).press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        // NumPy: max(convolve(step, h)), h(t) ~ e^(-a|t|)·(cos(at) + sin(a|t|)), a = 2π·15 Hz/√2, |t| <= 80 ms, sum 1
        assertEquals(621.762, stroke.peakCn(), 0.001);
        assertEquals(3.0, stroke.impulseNs(), 0.03);
        assertEquals(1_000_000, stroke.startUs(), 20_000);
        assertEquals(500_000, stroke.durationUs(), 50_000);
    }

    /** A step's filtered force is above the limit for a run of samples; only from 150 ms on it is an over-pressure. */
    @Test
    void overPressureNeeds150MsOfZone() {
        int latched = 0;
        for (int samples = 5; samples < 40; samples++) {
            Hand hand = Hand.settled().press(10, samples / 100.0).press(0, 0.5);
            int first = hand.zones.indexOf(Zone.TOO_DEEP);
            int last = hand.zones.lastIndexOf(Zone.TOO_DEEP);
            List<OverPressureBegan> began = hand.events(OverPressureBegan.class);
            if (last - first >= 15) {
                int index = first + 15;
                assertEquals(
                        List.of(new OverPressureBegan(
                                Hand.BOOT, false, first, index, index * 10_000L, index * 10_000L - 30_000)),
                        began);
                assertEquals(
                        List.of(new CueDue(Cue.Pattern.TOO_DEEP, index, index * 10_000L)), hand.events(CueDue.class));
                latched++;
            } else {
                assertEquals(List.of(), began);
            }
        }
        assertTrue(latched > 10 && latched < 30, () -> "of both kinds there are some");
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 100, 200})
    void overPressureIsTimedByTheClockNotBySamples(int rateHz) {
        Hand hand = Hand.settled(rateHz).press(10, 1);
        long first = hand.zones.indexOf(Zone.TOO_DEEP);
        OverPressureBegan began = hand.events(OverPressureBegan.class).get(0);
        assertEquals(first, began.firstIndex());
        // 150 ms are 7.5 samples at 50 Hz: the eighth completes the rule
        assertEquals(first + (rateHz == 50 ? 8 : 15 * rateHz / 100), began.index());
        assertEquals(began.index() * hand.periodUs, began.timeUs());
    }

    @Test
    void aDipTo95PercentDoesNotEndIt() {
        Hand hand = Hand.settled().press(10, 1).press(0.95 * 9, 0.3).press(10, 0.5);
        assertTrue(hand.engine.overPressure());
        assertEquals(List.of(), hand.events(OverPressureEnded.class));
        hand.press(2, 0.5);
        assertFalse(hand.engine.overPressure());
        assertEquals(1, hand.events(OverPressureEnded.class).size());
        assertFalse(hand.events(OverPressureEnded.class).get(0).unknown());
        assertEquals(1, hand.events(OverPressureBegan.class).size());
    }

    @Test
    void theCueIsRepeatedEvery2s() {
        Hand hand = Hand.settled().press(10, 5);
        List<CueDue> cues = hand.events(CueDue.class);
        assertEquals(3, cues.size());
        assertEquals(2_000_000, cues.get(1).timeUs() - cues.get(0).timeUs());
        assertEquals(2_000_000, cues.get(2).timeUs() - cues.get(1).timeUs());
    }

    @Test
    void theCeilingIsCuedWithTheSecondSampleAtIt() {
        Hand hand = Hand.settled().press(3, 0.5).sample(1500, false);
        assertEquals(List.of(), hand.events);
        hand.sample(1500, false);
        assertEquals(
                List.of(
                        new OverPressureBegan(Hand.BOOT, true, 151, 151, 1_510_000, 1_500_000),
                        new CueDue(Cue.Pattern.CEILING, 151, 1_510_000)),
                hand.events);
        assertTrue(hand.engine.ceiling());
        assertEquals(Zone.CEILING, hand.zones.get(151));
        assertTrue(hand.press(3, 0.3).press(0, 0.5).onlyStroke().ceilingHit());
    }

    @Test
    void aSingleSampleIsNoCeilingAndLeavesNoTrace() {
        Hand spiked =
                Hand.settled().press(3, 0.5).sample(32_767, false).press(3, 0.5).press(0, 0.5);
        Hand calm = Hand.settled().press(3, 1.01).press(0, 0.5);
        assertEquals(calm.events(CueDue.class), spiked.events(CueDue.class));
        assertEquals(calm.zones, spiked.zones);
        assertEquals(calm.onlyStroke().peakCn(), spiked.onlyStroke().peakCn());
    }

    @Test
    void theFirstJudgedSampleIsNoCeilingEither() {
        Hand hand = new Hand(100).press(0, 0.25).sample(32_767, false).press(0, 1);
        assertEquals(List.of(), hand.events);
        hand = Hand.settled().lose(50).sample(32_767, false).press(0, 1);
        assertEquals(List.of(), hand.events);
        hand = Hand.settled().lose(10).sample(32_767, false).press(0, 1);
        assertEquals(List.of(), hand.events);
    }

    @Test
    void theCeilingIsCuedThoughATooDeepCueWasJustGiven() {
        Hand hand = Hand.settled().press(10, 0.3).press(15, 0.1);
        assertEquals(
                List.of(Cue.Pattern.TOO_DEEP, Cue.Pattern.CEILING),
                hand.events(CueDue.class).stream().map(CueDue::pattern).toList());
        assertEquals(1, hand.events(OverPressureBegan.class).size());
    }

    @Test
    void aSaturatedSampleCountsAsTheCeiling() {
        Hand hand = Hand.settled().press(4, 0.3).sample(500, true);
        assertEquals(Zone.CEILING, hand.zones.get(130));
        assertEquals(
                List.of(
                        new OverPressureBegan(Hand.BOOT, true, 130, 130, 1_300_000, 1_300_000),
                        new CueDue(Cue.Pattern.CEILING, 130, 1_300_000)),
                hand.events);
        Stroke stroke = hand.press(4, 0.3).press(0, 0.5).onlyStroke();
        assertTrue(stroke.ceilingHit());
        assertEquals(10_000, stroke.zoneUs()[Zone.CEILING.ordinal()]);
    }

    @Test
    void ofASaturatedFrameItIsTheHighestSample() {
        Hand hand = Hand.settled();
        Judged judged = hand.engine.accept(
                Hand.BOOT, 100, 1_000_000, 10_000, true, new short[] {10, ForceFrame.NO_FORCE, 700, 700, 20});
        assertEquals(Zone.CEILING.ordinal(), judged.zones()[2]);
        assertEquals(102, ((OverPressureBegan) judged.events().get(0)).index());
    }

    @Test
    void saturatedSamplesWithoutAValueAreOneOverPressureAndCuedEvery2s() {
        Hand hand = Hand.settled();
        for (int i = 0; i < 68; i++) {
            hand.events.addAll(hand.engine
                    .accept(Hand.BOOT, 100 + 3 * i, 1_000_000 + 30_000 * i, 10_000, true, new short[] {
                        ForceFrame.NO_FORCE, ForceFrame.NO_FORCE, ForceFrame.NO_FORCE
                    })
                    .events());
        }
        assertEquals(1, hand.events(OverPressureBegan.class).size());
        assertEquals(List.of(), hand.events(OverPressureEnded.class));
        assertEquals(
                List.of(1_000_000L, 3_010_000L),
                hand.events(CueDue.class).stream().map(CueDue::timeUs).toList());
        hand.index = 304;
        hand.timeUs = 3_040_000;
        hand.invalid(20);
        assertTrue(hand.events(OverPressureEnded.class).get(0).unknown());
    }

    @Test
    void contactsOfOneStrokeAndOfTwo() {
        // the filter smooths the edges, so the gaps it shows are a little shorter than these
        assertEquals(
                1,
                Hand.settled()
                        .press(4, 0.5)
                        .press(0, 0.11)
                        .press(4, 0.5)
                        .press(0, 0.5)
                        .strokes()
                        .size());
        assertEquals(
                2,
                Hand.settled()
                        .press(4, 0.5)
                        .press(0, 0.18)
                        .press(4, 0.5)
                        .press(0, 0.5)
                        .strokes()
                        .size());
    }

    @Test
    void aHoldIsReportedAndNotCounted() {
        Hand hand = Hand.settled().press(4, 6).press(0, 0.5);
        assertTrue(hand.onlyStroke().hold());
        assertEquals(0, hand.engine.strokes());
    }

    @Test
    void aTouchOfATenthOfASecondIsNothing() {
        assertEquals(List.of(), Hand.settled().press(4, 0.1).press(0, 0.5).events);
    }

    @Test
    void runningStroke() {
        Hand hand = Hand.settled();
        assertTrue(Double.isNaN(hand.engine.strokeS()));
        hand.press(4, 0.5);
        assertEquals(0.5, hand.engine.strokeS(), 0.03);
        hand.press(0, 0.3);
        assertTrue(Double.isNaN(hand.engine.strokeS()));
    }

    @Test
    void invalidSamplesAreAGapLikeLostOnes() {
        Hand hand = Hand.settled()
                .press(4, 0.3)
                .invalid(1)
                .press(4, 0.3)
                .invalid(15)
                .press(4, 0.3)
                .press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        assertEquals(100.0 * 160_000 / stroke.durationUs(), stroke.gapPercent(), 1e-9);
        assertNull(hand.zones.get(130));
        assertEquals(Zone.MODERATE, hand.zones.get(131));
        Hand lossy = Hand.settled()
                .press(4, 0.3)
                .lose(1)
                .press(4, 0.3)
                .lose(15)
                .press(4, 0.3)
                .press(0, 0.5);
        assertEquals(lossy.zones, hand.zones);
        assertEquals(lossy.onlyStroke().durationUs(), stroke.durationUs());
        assertEquals(lossy.onlyStroke().impulseNs(), stroke.impulseNs());
    }

    @Test
    void anotherBootEndsWhatRuns() {
        Hand hand = Hand.settled().press(10, 0.5);
        long first = hand.events(OverPressureBegan.class).get(0).firstIndex();
        hand.events.clear();
        hand.reboot(8).sample(1000, false);
        assertEquals(Hand.BOOT, hand.onlyStroke().boot());
        assertTrue(hand.onlyStroke().interrupted());
        assertEquals(149, hand.onlyStroke().lastIndex());
        assertEquals(
                List.of(new OverPressureEnded(Hand.BOOT, false, first, 149, 1_490_000, 1_460_000, true)),
                hand.events(OverPressureEnded.class));
        assertFalse(hand.engine.overPressure());
        assertEquals(0, hand.engine.strokes());
        hand.press(10, 0.27);
        assertEquals(Collections.nCopies(27, null), hand.zones.subList(0, 27));
        assertEquals(Zone.TOO_DEEP, hand.zones.get(27));
    }

    @Test
    void afterAPauseTheSensorSettlesAgain() {
        Hand hand = Hand.settled().press(4, 0.5).rest(3).press(20, 0.25).press(4, 0.5);
        assertEquals(Collections.nCopies(27, null), hand.zones.subList(150, 177));
        assertEquals(Zone.MODERATE, hand.zones.get(177));
        assertTrue(hand.onlyStroke().interrupted());
        assertEquals(List.of(), hand.events(CueDue.class));
    }

    @Test
    void anotherRateEndsWhatRunsAndIsJudgedByItsOwnFilter() {
        Hand hand = Hand.settled().press(4, 0.5);
        Judged judged = hand.engine.accept(Hand.BOOT, 150, 1_500_000, 5_000, false, new short[] {400, 400, 400});
        assertTrue(((EngineEvent.StrokeEnded) judged.events().get(0)).stroke().interrupted());
        assertEquals(400, judged.filteredCn());
    }

    @Test
    void aPeriodThatIsMeasuredAndWaversDoesNot() {
        Hand hand = Hand.settled();
        for (int i = 0; i < 50; i++) {
            Judged judged = hand.engine.accept(
                    Hand.BOOT, 100 + i, 1_000_000 + i * 10_000, 10_000 + i % 3, false, new short[] {400});
            assertEquals(List.of(), judged.events());
        }
        assertEquals(0.5, hand.engine.strokeS(), 0.03);
    }

    @Test
    void interruptEndsWhatRunsOnce() {
        Hand hand = Hand.settled().press(10, 0.5).interrupt();
        assertTrue(hand.onlyStroke().interrupted());
        assertEquals(149, hand.onlyStroke().lastIndex());
        assertTrue(hand.events(OverPressureEnded.class).get(0).unknown());
        assertFalse(hand.engine.overPressure());
        assertTrue(Double.isNaN(hand.engine.strokeS()));
        assertEquals(List.of(), hand.engine.interrupt());
        hand.press(0, 0.03);
        assertEquals(Zone.NONE, hand.zones.get(152));
    }

    @Test
    void limitsAreInForceFromTheNextSampleOn() {
        Hand hand = Hand.settled().press(4, 0.5);
        hand.engine.limits(new PressureLimits("neck-1", 180, 390, 540, 840));
        hand.sample(400, false);
        assertEquals(Zone.MODERATE, hand.zones.get(149));
        assertEquals(Zone.FIRM, hand.zones.get(150));
        assertEquals("calf-1", hand.press(0, 0.5).onlyStroke().limitsVersion());
        hand.press(4, 0.5).press(0, 0.5);
        assertEquals("neck-1", hand.strokes().get(1).limitsVersion());
    }

    @Test
    void cadence() {
        Hand hand = Hand.settled();
        assertTrue(Double.isNaN(hand.engine.cadencePerMin()));
        hand.press(4, 0.5).press(0, 0.5);
        assertTrue(Double.isNaN(hand.engine.cadencePerMin()));
        for (int i = 0; i < 4; i++) {
            hand.press(4, 0.5).press(0, 0.5);
        }
        assertEquals(60, hand.engine.cadencePerMin(), 1e-9);
        for (int i = 0; i < 20; i++) {
            hand.press(4, 0.3).press(0, 0.2);
        }
        assertEquals(120, hand.engine.cadencePerMin(), 1e-9);
        // half a second and 9.4 s after the last start it is still one of two, then it is not
        hand.press(0, 9);
        assertEquals(120, hand.engine.cadencePerMin(), 1e-9);
        hand.press(0, 1);
        assertTrue(Double.isNaN(hand.engine.cadencePerMin()));
    }

    @Test
    void aHoldIsNoPartOfTheCadence() {
        Hand hand = Hand.settled().press(4, 0.5).press(0, 0.5).press(4, 5.5).press(0, 0.5);
        assertTrue(Double.isNaN(hand.engine.cadencePerMin()));
    }

    @Test
    void samplesThatCameBeforeAreTheCallersMistake() {
        Hand hand = Hand.settled();
        assertEquals(
                "samples of boot 5eed0003: want an index above 99, got 99",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> hand.engine.accept(Hand.BOOT, 99, 990_000, 10_000, false, new short[] {0}))
                        .getMessage());
    }

    @Test
    void timeMayPassTheSignOfALong() {
        Hand hand = new Hand(100);
        hand.timeUs = Long.MAX_VALUE - 1_200_000;
        hand.press(0, 1).press(4, 0.5).press(0, 0.5);
        assertEquals(500_000, hand.onlyStroke().durationUs(), 50_000);
        assertEquals(1, hand.engine.strokes());
    }
}

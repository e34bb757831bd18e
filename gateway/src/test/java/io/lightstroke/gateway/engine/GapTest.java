package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.EngineEvent.OverPressureBegan;
import io.lightstroke.gateway.engine.EngineEvent.OverPressureEnded;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples that are missing or invalid, through the whole engine; 10 ms a sample. */
class GapTest {
    private static OverPressureEnded onlyEnd(Hand hand) {
        List<OverPressureEnded> ends = hand.events(OverPressureEnded.class);
        assertEquals(1, ends.size());
        return ends.get(0);
    }

    // up to 150 ms

    @Test
    void aShortGapIsPartOfTheStroke() {
        Hand hand = Hand.settled().press(4, 0.5).lose(15).press(4, 0.35).press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        assertEquals(1_000_000, stroke.durationUs(), 40_000);
        assertEquals(100.0 * 150_000 / stroke.durationUs(), stroke.gapPercent(), 1e-9);
        assertEquals(
                stroke.durationUs() - 150_000, Arrays.stream(stroke.zoneUs()).sum());
        assertEquals(4 * 0.85, stroke.impulseNs(), 0.04);
        assertEquals(4, stroke.meanN(), 0.2);
        assertFalse(stroke.interrupted());
    }

    @Test
    void aShortGapInWhichContactEndedIsPartOfTheStrokeThatItEnds() {
        Stroke stroke = Hand.settled().press(4, 0.5).lose(15).press(0, 0.5).onlyStroke();
        assertFalse(stroke.interrupted());
        assertEquals(165, stroke.lastIndex());
        assertEquals(100.0 * 150_000 / stroke.durationUs(), stroke.gapPercent(), 1e-9);
    }

    @Test
    void anOverPressureGoesOnOverAShortGap() {
        Hand hand = Hand.settled().press(10, 0.1).lose(10).press(10, 0.5);
        assertEquals(1, hand.events(OverPressureBegan.class).size());
        assertEquals(
                hand.zones.indexOf(Zone.TOO_DEEP),
                hand.events(OverPressureBegan.class).get(0).firstIndex());
        assertEquals(List.of(), hand.events(OverPressureEnded.class));
        assertFalse(onlyEnd(hand.lose(15).press(10, 0.1).press(0, 0.5)).unknown());
    }

    @Test
    void aForceThatFellInAShortGapEndsItAsUnknown() {
        Hand hand = Hand.settled().press(10, 0.5).lose(10).press(0, 0.5);
        assertTrue(onlyEnd(hand).unknown());
        assertTrue(onlyEnd(hand).index() >= 160 + 20, "after 200 ms below, as ever");
    }

    @Test
    void aForceThatFellBeforeAShortGapDoesNot() {
        Hand hand = Hand.settled().press(10, 0.5).press(0, 0.1).lose(5).press(0, 0.5);
        assertFalse(onlyEnd(hand).unknown());
    }

    // 150 to 500 ms

    @ParameterizedTest
    @ValueSource(ints = {16, 50})
    void contactOnBothSidesOfALongGapIsOneStroke(int lost) {
        Hand hand = Hand.settled().press(4, 0.5).lose(lost).press(4, 0.5).press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        assertFalse(stroke.interrupted());
        assertEquals(1_000_000 + lost * 10_000, stroke.durationUs(), 40_000);
        assertEquals(1e6 * lost / stroke.durationUs(), stroke.gapPercent(), 1e-9);
        assertEquals(
                stroke.durationUs() - lost * 10_000,
                Arrays.stream(stroke.zoneUs()).sum());
        assertEquals(4, stroke.impulseNs(), 0.08);
        assertEquals(1, hand.engine.strokes());
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 50})
    void withoutContactAfterwardsTheStrokeIsCut(int lost) {
        Hand hand = Hand.settled().press(4, 0.5).lose(lost).press(0, 0.5);
        Stroke stroke = hand.onlyStroke();
        assertTrue(stroke.interrupted());
        assertEquals(149, stroke.lastIndex());
        assertEquals(0, stroke.gapPercent());
        assertEquals(0, hand.engine.strokes());
    }

    @Test
    void withContactOnlyAfterwardsTheStrokeIsCutToo() {
        Hand hand = Hand.settled().lose(16).press(4, 0.5).press(0, 0.5);
        assertTrue(hand.onlyStroke().interrupted());
        assertEquals(116, hand.onlyStroke().firstIndex());
    }

    @Test
    void theLiveFilterStartsAnewAfterALongGap() {
        Hand hand = Hand.settled().press(4, 0.5).lose(16).press(7, 0.03);
        assertNull(hand.zones.get(167));
        assertEquals(Zone.FIRM, hand.zones.get(168));
        assertEquals(700, hand.filteredCn);
    }

    @Test
    void anOverPressureEndsUnknownAtTheLastSampleBeforeALongGap() {
        Hand hand = Hand.settled().press(10, 0.5).lose(16).press(10, 0.5);
        OverPressureEnded end = hand.events(OverPressureEnded.class).get(0);
        assertTrue(end.unknown());
        assertEquals(149, end.index());
        assertEquals(1_460_000, end.feltUs());
        OverPressureBegan again = hand.events(OverPressureBegan.class).get(1);
        assertEquals(168, again.firstIndex());
        assertEquals(183, again.index());
    }

    // more than 500 ms

    @Test
    void aLongerGapCuts() {
        Hand hand = Hand.settled().press(4, 0.5).lose(51).press(4, 0.5).press(0, 0.5);
        List<Stroke> strokes = hand.strokes();
        assertEquals(2, strokes.size());
        assertEquals(149, strokes.get(0).lastIndex());
        assertEquals(201, strokes.get(1).firstIndex());
        assertTrue(strokes.get(0).interrupted() && strokes.get(1).interrupted());
    }

    // invalid samples

    @Test
    void invalidSamplesForLongEndWhatRunsWithoutWaitingForAValidOne() {
        Hand hand = Hand.settled().press(10, 0.5).invalid(15);
        assertTrue(hand.engine.overPressure());
        hand.invalid(1);
        assertFalse(hand.engine.overPressure());
        assertEquals(
                new OverPressureEnded(
                        Hand.BOOT,
                        false,
                        hand.events(OverPressureBegan.class).get(0).firstIndex(),
                        149,
                        1_490_000,
                        1_460_000,
                        true),
                onlyEnd(hand));
        assertTrue(Double.isNaN(hand.filteredCn));
        assertEquals(List.of(), hand.invalid(34).strokes());
        assertTrue(hand.invalid(1).onlyStroke().interrupted());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 15, 16, 50, 51})
    void invalidSamplesAreAGapLikeLostOnes(int samples) {
        Hand invalid = Hand.settled()
                .press(10, 0.5)
                .invalid(samples)
                .press(4, 0.3)
                .nextSpot()
                .press(0, 4);
        Hand lost = Hand.settled()
                .press(10, 0.5)
                .lose(samples)
                .press(4, 0.3)
                .nextSpot()
                .press(0, 4);
        assertEquals(lost.zones, invalid.zones);
        assertEquals(lost.spots(), invalid.spots());
        assertEquals(
                Arrays.toString(lost.strokes().get(0).zoneUs()),
                Arrays.toString(invalid.strokes().get(0).zoneUs()));
        assertEquals(lost.strokes().get(0).impulseNs(), invalid.strokes().get(0).impulseNs());
        assertEquals(lost.events(OverPressureEnded.class), invalid.events(OverPressureEnded.class));
    }
}

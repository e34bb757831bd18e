package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.EngineEvent.CueDue;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.protocol.Cue;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Spots, through the whole engine; 10 ms a sample. */
class SpotTest {
    private static Spot only(Hand hand) {
        assertEquals(1, hand.spots().size());
        return hand.spots().get(0);
    }

    @Test
    void figuresOfASpot() {
        // strokes from 1 s on: 0.7 s each, one a second
        Hand hand = Hand.settled().strokes(4).press(3, 0.7).press(0, 2.9);
        assertEquals(List.of(), hand.spots());
        Spot spot = only(hand.press(0, 0.3));
        assertEquals(Hand.BOOT, spot.boot());
        assertEquals(1_000_000, spot.startUs(), 20_000);
        assertEquals(spot.startUs() / 10_000, spot.firstIndex());
        assertEquals(4_700_000, spot.dwellUs(), 40_000);
        assertEquals((spot.startUs() + spot.dwellUs()) / 10_000 - 1, spot.lastIndex());
        assertEquals(
                hand.strokes().stream().mapToLong(Stroke::durationUs).sum(),
                spot.contactUs(),
                "contacts are strokes here");
        assertEquals(5, spot.strokes());
        assertEquals(hand.strokes().get(4).peakCn(), spot.peakCn());
        assertEquals(Phase.TREAT, spot.phase());
        assertFalse(spot.interrupted());
    }

    @Test
    void contactAfter3sIsTheSameSpotAndLaterAnother() {
        assertEquals(
                1,
                Hand.settled()
                        .press(2, 0.5)
                        .press(0, 2.98)
                        .press(2, 0.5)
                        .press(0, 4)
                        .spots()
                        .size());
        assertEquals(
                2,
                Hand.settled()
                        .press(2, 0.5)
                        .press(0, 3.05)
                        .press(2, 0.5)
                        .press(0, 4)
                        .spots()
                        .size());
    }

    @Test
    void aTouchIsContactThoughNoStroke() {
        Spot spot = only(Hand.settled().press(2, 0.1).press(0, 4));
        assertEquals(0, spot.strokes());
        assertEquals(100_000, spot.dwellUs(), 20_000);
    }

    @Test
    void theTickComesAt10sAndMoveOnAt15sOnceEach() {
        Hand hand = Hand.settled().strokes(30);
        List<CueDue> cues = hand.events(CueDue.class);
        assertEquals(List.of(Cue.Pattern.TICK, Cue.Pattern.MOVE_ON), hand.cues());
        // contact began at 1 s; told about 0.1 s after it was felt
        assertEquals(11_000_000 + 100_000, cues.get(0).timeUs(), 30_000);
        assertEquals(16_000_000 + 100_000, cues.get(1).timeUs(), 30_000);
        assertEquals(cues.get(0).timeUs() / 10_000, cues.get(0).index());
        hand.press(0, 4).strokes(11);
        assertEquals(List.of(Cue.Pattern.TICK, Cue.Pattern.MOVE_ON, Cue.Pattern.TICK), hand.cues());
    }

    @Test
    void theGuidelineSaysWhen() {
        Hand hand = Hand.settled();
        hand.engine.caps(new Caps(12, 20, 180, 900));
        hand.strokes(30);
        List<CueDue> cues = hand.events(CueDue.class);
        assertEquals(List.of(Cue.Pattern.TICK, Cue.Pattern.MOVE_ON), hand.cues());
        assertEquals(13_000_000 + 100_000, cues.get(0).timeUs(), 30_000);
        assertEquals(21_000_000 + 100_000, cues.get(1).timeUs(), 30_000);
    }

    @Test
    void aPauseAt10sIsToldOfWithTheNextContact() {
        // the last contact before ends 9.7 s after the first
        Hand hand = Hand.settled().strokes(10).press(0, 2);
        assertEquals(List.of(), hand.cues());
        assertEquals(List.of(Cue.Pattern.TICK), hand.strokes(1).cues());
    }

    @Test
    void inAssessThereAreNoSuchCues() {
        Hand hand = Hand.settled();
        hand.engine.phase(Phase.ASSESS);
        hand.press(0, 0.1).strokes(12);
        assertEquals(List.of(), hand.cues());
        hand.engine.phase(Phase.TREAT);
        assertEquals(List.of(Cue.Pattern.TICK), hand.press(0, 0.1).strokes(1).cues());
        Spot spot = only(hand.press(0, 4));
        assertEquals(Phase.ASSESS, spot.phase(), "as it began");
        assertEquals(Phase.ASSESS, hand.strokes().get(11).phase());
        assertEquals(Phase.TREAT, hand.strokes().get(12).phase());
    }

    @Test
    void nextSpotInAPauseEndsTheSpot() {
        Hand hand =
                Hand.settled().strokes(3).nextSpot().press(0, 0.2).strokes(2).press(0, 4);
        List<Spot> spots = hand.spots();
        assertEquals(2, spots.size());
        assertEquals(2_700_000, spots.get(0).dwellUs(), 40_000);
        assertEquals(4_200_000, spots.get(1).startUs(), 20_000);
        assertEquals(3, spots.get(0).strokes());
        assertEquals(2, spots.get(1).strokes());
        assertFalse(spots.get(0).interrupted() || spots.get(1).interrupted());
    }

    @Test
    void aStrokeThatHasJustEndedIsOfTheSpotThatTheTapEnds() {
        Hand hand = Hand.settled()
                .press(2, 0.7)
                .press(0, 0.03)
                .nextSpot()
                .press(0, 0.27)
                .strokes(2)
                .press(0, 4);
        assertEquals(1, hand.spots().get(0).strokes());
        assertEquals(2, hand.spots().get(1).strokes());
    }

    @Test
    void nextSpotInContactEndsItWithTheStrokeInWhichItComes() {
        Hand hand = Hand.settled()
                .press(2, 1)
                .nextSpot()
                .press(2, 1)
                .press(0, 0.5)
                .press(2, 1)
                .press(0, 4);
        assertEquals(2, hand.spots().size());
        assertEquals(2.0, hand.spots().get(0).dwellUs() / 1e6, 0.03);
        assertEquals(1, hand.spots().get(0).strokes());
        assertEquals(1.0, hand.spots().get(1).dwellUs() / 1e6, 0.03);
        assertEquals(1, hand.spots().get(1).strokes());
    }

    @Test
    void nextSpotWithoutASpotDoesNothing() {
        assertEquals(List.of(), Hand.settled().nextSpot().press(0, 1).nextSpot().press(0, 4).events);
        assertEquals(List.of(), new Hand(100).nextSpot().events);
    }

    @Test
    void howLongItRuns() {
        Hand hand = Hand.settled();
        assertTrue(Double.isNaN(hand.engine.spotS()));
        hand.strokes(3);
        assertEquals(2.7, hand.engine.spotS(), 0.04);
        assertTrue(Double.isNaN(hand.press(0, 3.2).engine.spotS()));
    }

    @Test
    void itLastsOverAnInterruptionWhenContactComesBackIn3s() {
        Hand hand = Hand.settled().strokes(2).interrupt().lose(250).strokes(2).press(0, 4);
        Spot spot = only(hand);
        assertEquals(2.7 + 2.5 + 1, spot.dwellUs() / 1e6, 0.3);
        assertFalse(spot.interrupted());
    }

    @Test
    void itLastsOverAPauseOfTheToolToo() {
        Hand hand = Hand.settled().strokes(2).rest(2).press(0, 0.3).strokes(2).press(0, 4);
        assertFalse(only(hand).interrupted());
    }

    @Test
    void itEndsInterruptedWhenContactComesBackLater() {
        Hand hand = Hand.settled().strokes(2).press(2, 0.5).interrupt();
        assertEquals(List.of(), hand.spots());
        hand.lose(310).strokes(1);
        Spot spot = only(hand);
        assertTrue(spot.interrupted());
        assertEquals(349, spot.lastIndex());
        assertFalse(hand.press(0, 4).spots().get(1).interrupted());
    }

    @Test
    void itEndsInterruptedWhenItIsOverAfterAnInterruption() {
        Hand hand = Hand.settled().strokes(2).interrupt();
        assertTrue(only(hand.nextSpot()).interrupted());
        assertEquals(1, hand.nextSpot().spots().size());
    }

    @Test
    void aTapBeforeTheInterruptionEndsItUninterrupted() {
        assertFalse(only(Hand.settled().strokes(2).nextSpot().interrupt()).interrupted());
    }

    @Test
    void anotherBootEndsItInterrupted() {
        Hand hand = Hand.settled().strokes(2).reboot(9).press(0, 0.5);
        assertTrue(only(hand).interrupted());
        assertEquals(Hand.BOOT, only(hand).boot());
    }

    @Test
    void theTickThatAnInterruptionHidComesWithTheNextContact() {
        Hand hand = Hand.settled().press(2, 10.02).interrupt();
        assertEquals(List.of(), hand.cues());
        assertEquals(List.of(Cue.Pattern.TICK), hand.press(2, 0.5).cues());
    }
}

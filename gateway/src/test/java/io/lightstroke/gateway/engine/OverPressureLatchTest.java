package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Cue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The latch alone, on filtered force: limit 9 N, released below 8.1 N, ceiling 14 N; 10 ms a sample. */
class OverPressureLatchTest {
    private static final long BOOT = 7;

    private final OverPressureLatch latch = new OverPressureLatch();
    private final List<EngineEvent> found = new ArrayList<>();
    private long index;
    private double noiseCn;

    /** The first and the last of these samples are {@code ms} apart. */
    private void hold(double newtons, int ms) {
        for (int i = 0; i <= ms / 10; i++) {
            sample(newtons);
        }
    }

    private void sample(double newtons) {
        latch.sample(
                BOOT, index, index * 10_000, feltUs(index), newtons * 100, newtons >= 14, noiseCn, Hand.LIMITS, found);
        index++;
    }

    private static long feltUs(long index) {
        return index * 10_000 - 30_000;
    }

    private static EngineEvent began(boolean ceiling, long first, long index) {
        return new EngineEvent.OverPressureBegan(BOOT, ceiling, first, index, index * 10_000, feltUs(index));
    }

    private static EngineEvent ended(boolean ceiling, long first, long index, boolean unknown) {
        return new EngineEvent.OverPressureEnded(BOOT, ceiling, first, index, index * 10_000, feltUs(index), unknown);
    }

    private static EngineEvent cue(Cue.Pattern pattern, long index) {
        return new EngineEvent.CueDue(pattern, index, index * 10_000);
    }

    @Test
    void latchesAtExactly150Ms() {
        hold(9, 140);
        assertEquals(List.of(), found);
        assertFalse(latch.latched());
        sample(9);
        assertEquals(List.of(began(false, 0, 15), cue(Cue.Pattern.TOO_DEEP, 15)), found);
        assertTrue(latch.latched());
        assertFalse(latch.ceiling());
    }

    @Test
    void whatWasCutOffIsCuedAgainAfter2sAtTheEarliest() {
        hold(9, 150);
        latch.interrupt(found);
        found.clear();
        hold(9, 150);
        assertEquals(List.of(began(false, 16, 31)), found);
        hold(9, 1820);
        assertEquals(1, found.size());
        sample(9);
        assertEquals(cue(Cue.Pattern.TOO_DEEP, 215), found.get(1));
    }

    @Test
    void theCeilingIsCuedAtOnceAlsoAfterACut() {
        hold(9, 150);
        latch.interrupt(found);
        found.clear();
        sample(14);
        assertEquals(List.of(began(true, 16, 16), cue(Cue.Pattern.CEILING, 16)), found);
    }

    @Test
    void aCueThatCouldNotBeGivenIsDueAtTheNextSample() {
        hold(9, 150);
        latch.cueNotGiven();
        found.clear();
        sample(9);
        assertEquals(List.of(cue(Cue.Pattern.TOO_DEEP, 16)), found);
        sample(9);
        assertEquals(1, found.size());
    }

    @Test
    void oneSampleBelowTheLimitStartsThe150MsAgain() {
        hold(9, 140);
        sample(8.999);
        hold(9, 140);
        assertEquals(List.of(), found);
        sample(9);
        assertEquals(began(false, 16, 31), found.get(0));
    }

    @Test
    void onANoisySensorSamplesBelowTheLimitByItsNoiseCountAsLongAsTheMeanIsAbove() {
        noiseCn = 10;
        sample(9.25);
        hold(8.9, 10); // mean 9.02
        hold(9, 110);
        assertEquals(List.of(), found);
        sample(9);
        assertEquals(began(false, 0, 15), found.get(0));
    }

    @Test
    void theyCountNoLongerWhenTheMeanFallsBelow() {
        noiseCn = 10;
        sample(9.15);
        hold(8.9, 10); // mean 8.98: starts again with the next
        hold(9, 140);
        assertEquals(List.of(), found);
        sample(9);
        assertEquals(began(false, 3, 18), found.get(0));
    }

    @Test
    void norWhenOneIsBelowByMoreThanTheNoise() {
        noiseCn = 10;
        hold(9.5, 140);
        sample(8.899);
        hold(9.5, 140);
        assertEquals(List.of(), found);
    }

    @Test
    void aForceThatFellUnseenEndsItAsUnknown() {
        hold(9, 150);
        found.clear();
        latch.raw(0, true, Hand.LIMITS);
        hold(0, 200);
        assertEquals(List.of(ended(false, 0, 36, true)), found);
    }

    @Test
    void aForceThatWasSeenAgainBeforeItFellDoesNot() {
        hold(9, 150);
        found.clear();
        latch.raw(810 - 1, true, Hand.LIMITS);
        latch.raw(810, false, Hand.LIMITS);
        latch.raw(0, false, Hand.LIMITS);
        hold(0, 200);
        assertEquals(List.of(ended(false, 0, 36, false)), found);
    }

    @Test
    void releasesAtExactly200Ms() {
        hold(9, 150);
        found.clear();
        hold(8.099, 190);
        assertEquals(List.of(), found);
        sample(8.099);
        assertEquals(List.of(ended(false, 0, 36, false)), found);
        assertFalse(latch.latched());
    }

    @Test
    void nineTenthsOfTheLimitIsNotBelowIt() {
        hold(9, 150);
        found.clear();
        hold(8.1, 1000);
        hold(0, 190);
        sample(8.1);
        hold(0, 190);
        assertEquals(List.of(), found);
        assertTrue(latch.latched());
    }

    @Test
    void ceilingLatchesAtOnce() {
        sample(3);
        sample(14);
        assertEquals(List.of(began(true, 1, 1), cue(Cue.Pattern.CEILING, 1)), found);
        assertTrue(latch.ceiling());
    }

    @Test
    void ceilingIsCuedThoughATooDeepCueWasJustGiven() {
        hold(9, 150);
        found.clear();
        sample(14);
        assertEquals(List.of(cue(Cue.Pattern.CEILING, 16)), found);
        assertTrue(latch.ceiling());
    }

    @Test
    void theCeilingAgainInTheSameOverPressureWaitsItsTwoSeconds() {
        sample(14);
        hold(10, 500);
        sample(14);
        assertEquals(2, found.size());
    }

    @Test
    void cueIsRepeatedEvery2s() {
        hold(9.5, 150 + 4500);
        assertEquals(
                List.of(
                        began(false, 0, 15),
                        cue(Cue.Pattern.TOO_DEEP, 15),
                        cue(Cue.Pattern.TOO_DEEP, 215),
                        cue(Cue.Pattern.TOO_DEEP, 415)),
                found);
    }

    @Test
    void noCueIsRepeatedWhileTheForceFallsOff() {
        hold(9, 150 + 1990);
        found.clear();
        hold(4, 190);
        assertEquals(List.of(), found);
        sample(9);
        assertEquals(List.of(cue(Cue.Pattern.TOO_DEEP, 235)), found);
    }

    @Test
    void aNewOverPressureIsCuedAtOnce() {
        hold(9, 150);
        hold(0, 200);
        found.clear();
        hold(9, 150);
        assertEquals(List.of(began(false, 37, 52), cue(Cue.Pattern.TOO_DEEP, 52)), found);
    }

    @Test
    void theEndSaysThatTheCeilingWasReached() {
        hold(9, 150);
        sample(14);
        found.clear();
        hold(0, 200);
        assertEquals(List.of(ended(true, 0, 37, false)), found);
        assertFalse(latch.ceiling());
    }

    @Test
    void interruptedItEndsUnknownAtTheLastSample() {
        hold(9, 150);
        found.clear();
        latch.interrupt(found);
        assertEquals(List.of(ended(false, 0, 15, true)), found);
        latch.interrupt(found);
        assertEquals(1, found.size());
        hold(9, 140);
        assertFalse(latch.latched());
    }
}

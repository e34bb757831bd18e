package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ForceFrame;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** At 100 Hz; samples 0 to 4, at 0 to 40 ms, have come. */
class JumpGuardTest {
    private static final long S = 1_000_000;
    private static final long HOUR = 3600 * S;

    private final JumpGuard guard = new JumpGuard();

    @BeforeEach
    void theFirstIsBelieved() {
        assertTrue(guard.believes(frame(0, 0)));
    }

    private static ForceFrame frame(long first, long timeUs) {
        return new ForceFrame(0, 1, first, timeUs, 10_000, 0, new short[5]);
    }

    @Test
    void whatGoesOnIsBelieved() {
        assertTrue(guard.believes(frame(5, 50_000)));
        assertTrue(guard.believes(frame(1000, 10_000_000)), "a gap");
        assertTrue(guard.believes(frame(1005, 10_000_000 + 20 * HOUR)), "a pause");
        assertTrue(guard.believes(frame(900, 9_000_000)), "one that is late");
        assertTrue(guard.believes(frame(1010, 10_050_000 + 20 * HOUR)));
    }

    @Test
    void oneFrameOfNonsenseDoesNotMakeTheTrueOnesLate() {
        assertFalse(guard.believes(frame(4_000_000_000L, 40_000 * S)), "a jump of 4e9 samples");
        assertTrue(guard.believes(frame(5, 50_000)));
        assertFalse(guard.believes(frame(360_010, HOUR + S)), "a jump of more than an hour");
        assertTrue(guard.believes(frame(10, 100_000)));
        assertFalse(guard.believes(frame(1000, 200_000)), "ten seconds of samples in 0.1 s");
        assertTrue(guard.believes(frame(15, 150_000)));
        assertFalse(guard.believes(frame(20, 100_000)), "back in time");
        assertFalse(guard.believes(frame(20, Long.MIN_VALUE)), "2^63 us");
        assertFalse(guard.believes(frame(20, 30 * HOUR)), "a pause of more than a day");
        assertTrue(guard.believes(frame(20, 200_000)));
    }

    @Test
    void whatGoesOnFromWhatWasDoubtedIsBelieved() {
        assertFalse(guard.believes(frame(1_000_000, 10_000 * S)));
        assertTrue(guard.believes(frame(1_000_005, 10_000 * S + 50_000)));
        assertTrue(guard.believes(frame(1_000_010, 10_000 * S + 100_000)));
    }

    @Test
    void nonsenseUponNonsenseIsDoubtedAgain() {
        assertFalse(guard.believes(frame(1_000_000, 10_000 * S)));
        assertFalse(guard.believes(frame(3_000_000, 30_000 * S)));
        assertTrue(guard.believes(frame(5, 50_000)));
    }
}

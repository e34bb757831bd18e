package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrueForceTest {
    /** 6 N from 2.0 to 2.3 s, nothing before and after; by SciPy 1.17: filtfilt(*butter(2, 15, fs=1000), x, padlen=0). */
    @ParameterizedTest
    @CsvSource({
        "1950, -0.1093453789063454",
        "1990, 1.2842749459453588",
        "2000, 3.0998307875192115",
        "2020, 5.845199350493479",
        "2050, 6.1009599702199395",
        "2100, 5.996621473581001",
        "2150, 6.000228012121946",
        "2299, 3.099830787519229",
        "2300, 2.9001692076310523",
        "2310, 1.1400167362932052",
        "2350, -0.10095986431092081",
    })
    void isTheForceThereAndBackThroughTheFilter(long timeMs, double forceN) {
        TrueForce force = new TrueForce(Scenarios.pressing(2, 6, 0.3, 60), 1);
        assertEquals(forceN, force.forceN(timeMs * 1000), 1e-9);
    }

    @Test
    void isTheSameWhereverItsBlocksBegin() {
        for (int ms = 2000; ms < 4500; ms += 83) {
            TrueForce early = new TrueForce(Scenarios.pressing(2, 6, 0.3, 60), 1);
            TrueForce late = new TrueForce(Scenarios.pressing(2 + ms / 1000.0, 6, 0.3, 60), 1);
            for (int timeMs = 1500; timeMs < 2800; timeMs++) {
                assertEquals(early.forceN(timeMs * 1000), late.forceN((timeMs + ms) * 1000), 1e-9, timeMs + "+" + ms);
            }
        }
    }

    @Test
    void isAStraightLineBetweenMilliseconds() {
        TrueForce force = new TrueForce(Scenarios.pressing(2, 6, 0.3, 60), 1);
        double from = force.forceN(2_010_000);
        double to = force.forceN(2_011_000);
        assertEquals(from + 0.25 * (to - from), force.forceN(2_010_250), 1e-12);
    }

    @Test
    void doesNotGoBackInTime() {
        TrueForce force = new TrueForce(Scenario.builtIn("home"), 1);
        assertTrue(Double.isFinite(force.forceN(3_600_000_000L)));
        String message = assertThrows(IllegalArgumentException.class, () -> force.forceN(1000))
                .getMessage();
        assertTrue(message.matches("time of the true force: want at least \\d+ us, got 1000"), message);
    }
}

package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The zero, through the whole engine. */
class ZeroTrackerTest {
    /** A sensor that drifts by {@code driftNPerS} and is noisy by {@code noiseN} (standard deviation). */
    private static Hand rest(double driftNPerS, double noiseN, int seconds) {
        Random random = new Random(7);
        Hand hand = new Hand(100);
        for (int i = 0; i < 100 * seconds; i++) {
            hand.sample((int) Math.round(driftNPerS * i + 100 * noiseN * random.nextGaussian()), false);
        }
        return hand;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.03, 0.08})
    void followsASlowDriftWhateverTheNoise(double noiseN) {
        for (double drift : new double[] {0.01, -0.01}) {
            Hand hand = rest(drift, noiseN, 120);
            assertTrue(Math.abs(hand.filteredCn) < 5 + 3 * 50 * noiseN, () -> "left: " + hand.filteredCn + " cN");
        }
    }

    @Test
    void followsByAtMostTwoHundredthsOfANewtonASecond() {
        Hand hand = Hand.settled().press(0.08, 1);
        double before = hand.filteredCn;
        hand.press(0.08, 1);
        assertEquals(2, before - hand.filteredCn, 1e-6);
        hand.press(0.08, 10);
        assertEquals(0, hand.filteredCn, 1e-6);
    }

    @Test
    void waitsAgainForNoContactAfterALongGap() {
        Hand hand = Hand.settled().lose(20).press(0.08, 0.5);
        assertEquals(8, hand.filteredCn);
        assertTrue(hand.press(0.08, 0.1).filteredCn < 8);
    }

    @Test
    void aFasterDriftIsNotFollowed() {
        Hand hand = rest(0.05, 0.01, 60);
        assertTrue(hand.filteredCn > 250, () -> "3 N of drift, left: " + hand.filteredCn);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.6, 1, 3})
    void aLightSteadyPressIsNeverTrackedAway(double newtons) {
        assertEquals(newtons * 100, Hand.settled().press(newtons, 120).filteredCn, 1e-6);
    }

    @Test
    void norIsOneOnANoisySensor() {
        Random random = new Random(7);
        Hand hand = rest(0, 0.08, 10);
        for (int i = 0; i < 6000; i++) {
            hand.sample((int) Math.round(60 + 8 * random.nextGaussian()), false);
        }
        assertEquals(60, hand.filteredCn, 3 * 8 * 0.6);
    }

    @Test
    void anOffsetFromTheStartIsLeftForTheTare() {
        assertEquals(40, Hand.settled().press(0.4, 60).filteredCn, 1e-6);
    }

    @Test
    void startsOverWithATareAndWithABoot() {
        Hand hand = Hand.settled().press(0.08, 20);
        hand.engine.tared();
        assertEquals(8, hand.sample(8, false).filteredCn, 1e-6);
        hand = Hand.settled().press(0.08, 20).reboot(9).press(0.08, 0.28);
        assertEquals(8, hand.filteredCn, 1e-6);
    }
}

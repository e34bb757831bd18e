package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** 90 strokes a minute with pauses of 160 ms, while the zero drifts by 0.5 N. */
    @ParameterizedTest
    @CsvSource({"100, 0, 0.02", "50, 0.05, 0.03", "100, 0.1, 0.05", "50, 0.2, 0.1"})
    void followsInPausesOf160Ms(int rateHz, double noiseN, double errorN) {
        for (double drift : new double[] {0.5 / 60, -0.5 / 60}) {
            Hand hand = Hand.settled(rateHz).noisy(noiseN, 7).press(0, 1).drifting(drift);
            for (int i = 0; i < 90; i++) {
                hand.stroke(5, 0.14, 0.22).press(0, 0.16);
            }
            List<Stroke> strokes = hand.strokes();
            assertEquals(90, strokes.size() + (Double.isNaN(hand.engine.strokeS()) ? 0 : 1), 1);
            double measuredN = 0;
            for (Stroke stroke : strokes.subList(60, 80)) {
                measuredN += stroke.impulseNs() / 20;
            }
            // 5 N for the plateau, half of it over the edges; the zero's error weighs 0.5 s
            assertEquals(5 * 0.36, measuredN, 0.01 + 0.5 * errorN);
        }
    }

    @Test
    void whatDriftedDuringALongContactIsMadeUpForAfterwards() {
        for (double drift : new double[] {0.01, -0.01}) {
            Hand hand = Hand.settled()
                    .noisy(0.03, 7)
                    .press(0, 1)
                    .drifting(drift)
                    .press(4, 30)
                    .drifting(0)
                    .press(0, 1);
            assertEquals(0, hand.filteredCn, 6, "0.3 N of drift");
        }
    }

    @Test
    void noMoreThanTwoHundredthsOfANewtonForEachSecondOfIt() {
        Hand hand = Hand.settled().press(4, 5).offset(0.2).press(0, 0.6);
        assertEquals(20 - 2 * 5.5, hand.filteredCn, 1.5);
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0", "0.5, 0.02", "0.5, 0.05", "0.6, 0.1", "0.8, 0.2"})
    void aPressAfterALongContactIsNotTakenForDrift(double newtons, double noiseN) {
        Hand hand = Hand.settled()
                .noisy(noiseN, 7)
                .press(0, 1)
                .press(4, 60)
                .press(newtons, 60)
                .noisy(0, 7)
                .press(newtons, 0.5);
        assertEquals(newtons * 100, hand.filteredCn, 1 + 15 * noiseN);
    }

    /** Five minutes of it, after a minute of a stronger one. */
    @ParameterizedTest
    @CsvSource({
        "50, 0.5, 0.1", "100, 0.5, 0.1", "200, 0.5, 0.1", "50, 0.5, 0.2", "100, 0.5, 0.2", "200, 0.5, 0.2",
        "50, 0.6, 0.2", "100, 0.6, 0.2", "200, 0.6, 0.2", "50, 0.8, 0.2", "100, 0.8, 0.2", "200, 0.8, 0.2"
    })
    void aNoisyPressOfMinutesIsNotTakenForDriftEither(int rateHz, double newtons, double noiseN) {
        for (int seed = 0; seed < 10; seed++) {
            Hand hand = Hand.settled(rateHz)
                    .noisy(noiseN, seed)
                    .press(0, 1)
                    .press(4, 60)
                    .press(newtons, 300)
                    .noisy(0, 7)
                    .press(newtons, 0.5);
            assertEquals(newtons * 100, hand.filteredCn, 1 + 15 * noiseN, "seed " + seed);
        }
    }

    /** Half a newton, or a little more, with tremor of which a part is below contact. */
    @ParameterizedTest
    @CsvSource({"50, 0.02", "100, 0.02", "200, 0.02", "50, 0.1", "100, 0.1", "200, 0.1"})
    void norIsOneWithTremor(int rateHz, double noiseN) {
        for (int hz = 8; hz <= 12; hz += 2) {
            Hand hand = Hand.settled(rateHz).noisy(noiseN, 7).press(0, 1).press(4, 60);
            for (int i = 0; i < 120 * rateHz; i++) {
                hand.sample((int) Math.round(55 + 35 * Math.sin(2 * Math.PI * hz * i / rateHz)), false);
            }
            hand.noisy(0, 7).press(0.55, 0.5);
            assertEquals(55, hand.filteredCn, 1 + 15 * noiseN, "tremor of " + hz + " Hz");
        }
    }

    @Test
    void theFlanksOfAPauseDoNotBiasIt() {
        Hand hand = Hand.settled();
        for (int i = 0; i < 60; i++) {
            hand.stroke(8, 0.4, 0.3).press(0, 0.16);
        }
        assertEquals(0, hand.press(0, 0.2).filteredCn, 1.5);
    }

    @Test
    void aGapEndsThePauseSoThatItMustBeLongEnoughAgain() {
        Hand hand = Hand.settled().lose(10);
        for (int i = 0; i < 20; i++) {
            hand.press(0.08, 0.04).lose(10);
        }
        assertEquals(8, hand.press(0.08, 0.04).filteredCn);
        assertTrue(hand.press(0.08, 0.6).filteredCn < 8);
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

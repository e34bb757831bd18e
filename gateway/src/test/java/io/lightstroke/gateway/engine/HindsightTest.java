package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HindsightTest {
    private static final int LOST = Integer.MIN_VALUE;

    private final Hindsight hindsight = new Hindsight();

    /** What stands for each sample; {@link #LOST} where one is missing. */
    private List<Double> run(int periodUs, double noiseCn, int samples, IntUnaryOperator forceCn) {
        hindsight.restart(periodUs);
        hindsight.noise(noiseCn);
        List<Double> stood = new ArrayList<>();
        int lost = 0;
        for (int i = 0; i < samples; i++) {
            int cn = forceCn.applyAsInt(i);
            if (cn == LOST) {
                lost++;
                continue;
            }
            hindsight.smoothSpike(cn);
            for (; lost > 0; lost--) {
                hindsight.missing(i - lost, (long) (i - lost) * periodUs, Hand.LIMITS, Phase.TREAT);
                stand(stood, false);
            }
            hindsight.measured(i, (long) i * periodUs, cn, false, Hand.LIMITS, Phase.TREAT);
            stand(stood, false);
        }
        hindsight.last();
        stand(stood, true);
        return stood;
    }

    private void stand(List<Double> stood, boolean rest) {
        while (rest ? hindsight.left() : hindsight.stands()) {
            assertEquals(stood.size(), hindsight.index());
            stood.add(hindsight.isMeasured() ? hindsight.valueCn() : Double.NaN);
            hindsight.advance();
        }
    }

    private static int swing(int i, int periodUs, double hz) {
        return (int) Math.round(70 * Math.cos(2 * Math.PI * hz * i * periodUs / 1e6));
    }

    /** Of a second-order Butterworth forward and backward: 1/(1 + (f/cutoff)⁴). */
    @ParameterizedTest
    @CsvSource({
        "10000, 0, 2, 1",
        "10000, 0, 8, 0.925",
        "10000, 0, 12, 0.709",
        "10000, 0, 15, 0.5",
        "10000, 0, 30, 0.059",
        "5000, 0, 10, 0.835",
        "1000, 0, 15, 0.5",
        "20000, 0, 10, 0.835",
        "10000, 25, 10, 0.5",
        "5000, 36, 10, 0.5",
        "20000, 20, 10, 0.5"
    })
    void passesWhatAButterworthForwardAndBackwardPasses(int periodUs, double noiseCn, double hz, double gain) {
        int samples = 2_000_000 / periodUs;
        List<Double> stood = run(periodUs, noiseCn, samples, i -> swing(i, periodUs, hz));
        for (int i = samples / 4; i < samples / 2; i++) {
            assertEquals(gain * swing(i, periodUs, hz), stood.get(i), 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {62_500, 50_000, 20_000, 10_000, 5_000, 2_500, 1_000, 500, 1})
    void hasNoDelay(int periodUs) {
        List<Double> stood = run(periodUs, 0, 401, i -> 10 * Math.max(0, 50 - Math.abs(200 - i)));
        for (int k = 1; k <= 200; k++) {
            assertEquals(stood.get(200 - k), stood.get(200 + k), 1e-9);
            assertTrue(stood.get(200 - k) <= stood.get(200));
        }
    }

    /** 75 ms of samples to either side, and one that shows a spike. */
    @ParameterizedTest
    @CsvSource({"62500, 2", "20000, 5", "10000, 9", "5000, 16", "1000, 76", "500, 76"})
    void standsAfterItsSamples(int periodUs, int later) {
        hindsight.restart(periodUs);
        for (int i = 0; i <= later; i++) {
            assertTrue(!hindsight.stands());
            hindsight.measured(i, (long) i * periodUs, 100, false, Hand.LIMITS, Phase.TREAT);
        }
        assertTrue(hindsight.stands());
        hindsight.advance();
        assertTrue(!hindsight.stands());
    }

    @Test
    void aSteadyForceIsItselfAtTheEdgesAndBesideMissingSamples() {
        List<Double> stood = run(10_000, 0, 100, i -> i % 17 < 4 && i > 4 ? LOST : 437);
        for (int i = 0; i < 100; i++) {
            assertEquals(i % 17 < 4 && i > 4 ? Double.NaN : 437, stood.get(i));
        }
    }

    @Test
    void aSingleSampleThatStandsOutLeavesNoTrace() {
        for (int spike : new int[] {0, 1, 40, 98, 99}) {
            for (int cn : new int[] {32_767, -32_767, 101}) {
                assertTrue(
                        run(10_000, 0, 100, i -> i == spike ? cn : 0).stream().allMatch(value -> value == 0));
            }
        }
        assertEquals(
                100,
                run(10_000, 0, 9, i -> i == 4 ? 99 : 0).stream()
                        .mapToDouble(v -> v)
                        .sum(),
                15,
                "a newton does not");
    }

    @Test
    void twoSamplesAreNoSpike() {
        assertTrue(run(10_000, 0, 100, i -> i == 40 || i == 41 ? 1000 : 0).get(40) > 400);
    }
}

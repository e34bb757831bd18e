package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForceFilterTest {
    private final ForceFilter filter = new ForceFilter();

    private void feed(int... forceCn) {
        for (int cn : forceCn) {
            filter.next(cn);
        }
    }

    /** SciPy: {@code lfilter(*butter(2, 12, fs=rate), [600] * 8)}. */
    static Stream<Arguments> stepResponses() {
        return Stream.of(
                Arguments.of(
                        20_000, new double[] {164.836, 506.644, 668.206, 621.128, 589.788, 595.603, 601.438, 600.865}),
                Arguments.of(
                        10_000, new double[] {54.789, 218.192, 414.460, 550.466, 615.844, 632.786, 626.701, 614.833}),
                Arguments.of(
                        5_000, new double[] {16.716, 74.812, 167.435, 270.003, 366.976, 449.860, 515.237, 563.054}));
    }

    @ParameterizedTest
    @MethodSource("stepResponses")
    void aStepComesOutAsOfAButterworthLowPass(int periodUs, double[] expected) {
        filter.restart(periodUs);
        feed(0, 0, 0, 600); // the median shows it one sample late
        assertEquals(0, filter.valueCn());
        for (double value : expected) {
            filter.next(600);
            assertEquals(value, filter.valueCn(), 0.001);
        }
    }

    /** SciPy: {@code group_delay(butter(2, 12, fs=rate), [0])} is 0.753, 1.786 and 3.707; one more for the median. */
    @ParameterizedTest
    @CsvSource({"20000, 2", "10000, 3", "5000, 5", "100, 63"})
    void delay(int periodUs, int samples) {
        filter.restart(periodUs);
        assertEquals(samples, filter.delaySamples());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 5_000, 10_000, 20_000, 40_000, 62_500, 65_535})
    void isSteadyAtEveryRate(int periodUs) {
        filter.restart(periodUs);
        feed(900, 900, 900);
        assertEquals(900, filter.valueCn());
        for (int i = 0; i < 100_000; i++) {
            filter.next(i % 7 < 3 ? Short.MIN_VALUE + 1 : Short.MAX_VALUE);
            assertTrue(Math.abs(filter.valueCn()) < 65_536, () -> "period " + periodUs + ": " + filter.valueCn());
        }
        for (int i = 0; i < 2_000_000 / periodUs + 20; i++) {
            filter.next(-300);
        }
        assertEquals(-300, filter.valueCn());
    }

    @Test
    void startsAtTheMedianOfItsFirstThree() {
        filter.restart(10_000);
        feed(32_767, 100);
        assertFalse(filter.ready());
        feed(120);
        assertTrue(filter.ready());
        assertEquals(120, filter.valueCn());
        filter.restart(10_000);
        feed(5, 6);
        assertFalse(filter.ready());
    }

    @Test
    void aSingleSampleDoesNotPass() {
        filter.restart(10_000);
        feed(100, 100, 100, 32_767, 100, -32_767, 100, 100);
        assertEquals(100, filter.valueCn());
    }

    @Test
    void fitsWithinOnePercent() {
        assertFalse(filter.fits(10_000));
        filter.restart(10_000);
        assertTrue(filter.fits(10_099));
        assertTrue(filter.fits(9_901));
        assertFalse(filter.fits(10_100));
        assertFalse(filter.fits(5_000));
    }
}

package io.lightstroke.gateway.engine;

/**
 * Median of three, then a second-order Butterworth low-pass at 12 Hz (bilinear transform; at 0.4 of the sampling rate
 * below 30 Hz, where 12 Hz does not fit). It starts steady at the median of its first three samples: no start transient,
 * and no single sample ever passes. One thread.
 *
 * <p>The output lags: one sample through the median, √2/(2π·12 Hz) ≈ 18.8 ms through the low-pass (a little less after
 * the bilinear transform: 17.9 ms at 100 Hz). So what comes out with a sample stands for the one
 * {@link #delaySamples()} before it: 2 at 50 Hz, 3 at 100 Hz, 5 at 200 Hz.
 */
final class ForceFilter {
    private static final double CUTOFF_HZ = 12;
    private static final double HIGHEST_CUTOFF_PER_RATE = 0.4;
    private static final int MEDIAN_OF = 3;
    /** Reached above 3 kHz; hindsight comes later, at any rate. */
    private static final int MAX_DELAY_SAMPLES = 63;
    /** Outputs are rounded to a thousandth of 0.01 N, so that a steady force reads as exactly itself. */
    private static final double STEPS_PER_CN = 1000;

    private int periodUs;
    private int delaySamples;
    private double b0;
    private double b1;
    private double a1;
    private double a2;

    private int seen;
    private int previousCn;
    private int beforeCn;
    private int medianCn;
    private double s1;
    private double s2;
    private double valueCn;

    /** Whether samples at {@code periodUs} may go on without new coefficients: less than 1 % off. */
    boolean fits(int periodUs) {
        return Math.abs(periodUs - this.periodUs) * 100L < this.periodUs;
    }

    /** Forgets the samples before. */
    void restart(int periodUs) {
        seen = 0;
        if (periodUs != this.periodUs) {
            design(periodUs);
        }
    }

    private void design(int periodUs) {
        this.periodUs = periodUs;
        double k = Math.tan(Math.PI * Math.min(CUTOFF_HZ * periodUs / 1e6, HIGHEST_CUTOFF_PER_RATE));
        double norm = 1 / (1 + Math.sqrt(2) * k + k * k);
        b0 = k * k * norm;
        b1 = 2 * b0;
        a1 = 2 * (k * k - 1) * norm;
        a2 = (1 - Math.sqrt(2) * k + k * k) * norm;
        double lowPassDelay = Math.sqrt(2) / (2 * k);
        delaySamples = (int) Math.min(Math.round(1 + lowPassDelay), MAX_DELAY_SAMPLES);
    }

    void next(int forceCn) {
        seen = Math.min(seen + 1, MEDIAN_OF + 1);
        medianCn = seen < MEDIAN_OF ? forceCn : median(beforeCn, previousCn, forceCn);
        beforeCn = previousCn;
        previousCn = forceCn;
        if (seen == MEDIAN_OF) {
            s1 = medianCn * (1 - b0);
            s2 = medianCn * (b0 - a2);
        }
        if (ready()) {
            double y = b0 * medianCn + s1;
            s1 = b1 * medianCn - a1 * y + s2;
            s2 = b0 * medianCn - a2 * y;
            valueCn = Math.rint(y * STEPS_PER_CN) / STEPS_PER_CN;
        }
    }

    /** In place of a sample that is missing: the last median once more. */
    void hold() {
        next(medianCn);
    }

    /** Whether it has seen the three samples that a value needs. */
    boolean ready() {
        return seen >= MEDIAN_OF;
    }

    /** Of the last three samples, 0.01 N. */
    int medianCn() {
        return medianCn;
    }

    /** The filtered force, 0.01 N. */
    double valueCn() {
        return valueCn;
    }

    int delaySamples() {
        return delaySamples;
    }

    private static int median(int a, int b, int c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}

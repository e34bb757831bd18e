package io.lightstroke.gateway.engine;

/**
 * The sensor's zero, which drifts. It follows the filtered force by at most 0.02 N/s, and only after half a second of no
 * contact: the median force so near the zero that it is the sensor's own noise, between 0.1 N for a quiet and 0.25 N for a noisy
 * one. A press of 0.3 N or more, however long and steady, is never tracked away. One thread.
 */
final class ZeroTracker {
    private static final double RATE_CN_PER_US = 2e-6;
    private static final double LEAST_BAND_CN = 10;
    private static final double MOST_BAND_CN = 25;
    private static final long QUIET_US = 500_000;
    private static final double NOISE_MEMORY_US = 2_000_000;
    /** From the mean step between raw samples to a width that holds nearly all of the noise that a median leaves. */
    private static final double BAND_PER_STEP = 2;

    private double zeroCn;
    private double meanStepCn;
    private long quietUs;

    double zeroCn() {
        return zeroCn;
    }

    /** Starts over at the zero that the tool itself applies. */
    void reset() {
        zeroCn = 0;
        contact();
    }

    /** The tool touches, or may have touched unseen. */
    void contact() {
        quietUs = 0;
    }

    /**
     * One sample outside any stroke.
     *
     * @param filteredCn filtered force before this zero is taken off
     * @param medianCn median force, which shows a contact before the filtered force does
     * @param stepCn raw force minus the raw force before it: what noise is known by, whatever the zero
     * @param stepUs time since that one
     */
    void sample(double filteredCn, int medianCn, int stepCn, long stepUs) {
        double step = Math.min(Math.abs(stepCn), MOST_BAND_CN);
        meanStepCn += (step - meanStepCn) * Math.min(stepUs / NOISE_MEMORY_US, 1);
        double band = Math.max(LEAST_BAND_CN, Math.min(BAND_PER_STEP * meanStepCn, MOST_BAND_CN));
        if (Math.abs(medianCn - zeroCn) > band) {
            contact();
            return;
        }
        quietUs += stepUs;
        if (quietUs >= QUIET_US) {
            double most = RATE_CN_PER_US * stepUs;
            zeroCn += Math.max(-most, Math.min(filteredCn - zeroCn, most));
        }
    }
}

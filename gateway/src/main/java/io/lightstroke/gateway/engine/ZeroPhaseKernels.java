package io.lightstroke.gateway.engine;

/**
 * Weights of a low-pass without delay: the response of a second-order Butterworth that ran forward and backward, cut at
 * 75 ms to either side. One set for each whole cutoff from 10 to 15 Hz. Immutable.
 */
final class ZeroPhaseKernels {
    static final int LEAST_HZ = 10;
    static final int MOST_HZ = 15;
    private static final double HALF_US = 75_000;
    /** Reached above 1 kHz: there the weights are cut nearer. */
    static final int MOST_HALF = 75;

    private final int half;
    private final double[][] weights = new double[MOST_HZ - LEAST_HZ + 1][];

    ZeroPhaseKernels(int periodUs) {
        half = (int) Math.max(1, Math.min(Math.round(HALF_US / periodUs), MOST_HALF));
        for (int hz = LEAST_HZ; hz <= MOST_HZ; hz++) {
            weights[hz - LEAST_HZ] = weights(hz, periodUs / 1e6);
        }
    }

    private double[] weights(int cutoffHz, double periodS) {
        double[] one = new double[half + 1];
        double sum = 0;
        for (int k = 0; k <= half; k++) {
            double x = Math.PI * Math.sqrt(2) * cutoffHz * periodS * k;
            one[k] = Math.exp(-x) * (Math.cos(x) + Math.sin(x));
            sum += k == 0 ? one[k] : 2 * one[k];
        }
        for (int k = 0; k <= half; k++) {
            one[k] /= sum;
        }
        return one;
    }

    /** How many samples on either side have a weight. */
    int half() {
        return half;
    }

    /** Weights of the sample itself and of its neighbours on one side; both sides together sum to 1. */
    double[] at(int cutoffHz) {
        return weights[cutoffHz - LEAST_HZ];
    }
}

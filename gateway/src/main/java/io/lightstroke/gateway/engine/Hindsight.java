package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;

/**
 * The force in hindsight: about 0.1 s after a sample, its value without phase, so that it stands at its own index and
 * time; with it comes what was known when the sample came. A single sample that stands out from both neighbours is
 * replaced by their median. Where samples are missing the weights of those present are scaled up to one. One thread.
 *
 * <p>The cutoff is 15 Hz, which keeps a tremor's peaks, and the noisier the sensor, the lower, down to 10 Hz: a peak is
 * the highest of many values, and noise lifts it by more than the lower cutoff flattens it.
 */
final class Hindsight {
    private static final int CAPACITY = 256;
    private static final int MASK = CAPACITY - 1;
    private static final int MEASURED = 1;
    private static final int SATURATED = 2;
    private static final int CEILING = 4;
    private static final int OVER = 8;
    private static final int NEXT_SPOT = 16;

    private static final double LEAST_SPIKE_CN = 100;
    private static final double SPIKE_PER_NOISE = 6;
    /** Between samples further apart than this a hand moves by more than a spike. */
    private static final double SPIKE_PERIOD_US = 20_000;
    /** Noise that is spread up to 500 Hz weighs less than the same at 25 Hz: cN times the root of a second. */
    private static final double QUIET = 0.3;

    private static final double NOISY = 2.5;
    /** Values are rounded to a thousandth of 0.01 N, so that a steady force reads as exactly itself. */
    private static final double STEPS_PER_CN = 1000;

    /** Twice, one after the other, so that what surrounds a sample is in one piece. */
    private final double[] cn = new double[2 * CAPACITY];

    private final long[] index = new long[CAPACITY];
    private final long[] timeUs = new long[CAPACITY];
    private final int[] marks = new int[CAPACITY];
    private final PressureLimits[] limits = new PressureLimits[CAPACITY];
    private final Phase[] phase = new Phase[CAPACITY];

    private int periodUs;
    private ZeroPhaseKernels kernels = new ZeroPhaseKernels(10_000);
    private double[] weights = kernels.at(ZeroPhaseKernels.MOST_HZ);
    private double spikeCn;
    /** The noise that these are for; negative: none yet. */
    private double fittedCn = -1;

    /** Positions count the samples since the start; the ring holds the last of them. */
    private long pushed;

    /** The next to stand. */
    private long next;

    /** All from here on are measured. */
    private long wholeFrom;

    /** The last three that were measured. */
    private int measured;

    private long newest;
    private double secondCn;
    private double thirdCn;

    /** Forgets the samples before. */
    void restart(int periodUs) {
        if (periodUs != this.periodUs) {
            this.periodUs = periodUs;
            kernels = new ZeroPhaseKernels(periodUs);
            fittedCn = -1;
        }
        noise(0);
        pushed = 0;
        next = 0;
        wholeFrom = 0;
        measured = 0;
    }

    /** Fits the low-pass to the sensor; between contacts, so that each is seen by one. */
    void noise(double noiseCn) {
        if (noiseCn == fittedCn) {
            return;
        }
        fittedCn = noiseCn;
        double perRootHz = noiseCn * Math.sqrt(periodUs / 1e6);
        double share = Math.max(0, Math.min((perRootHz - QUIET) / (NOISY - QUIET), 1));
        int span = ZeroPhaseKernels.MOST_HZ - ZeroPhaseKernels.LEAST_HZ;
        weights = kernels.at(ZeroPhaseKernels.MOST_HZ - (int) Math.round(span * share));
        double apart = Math.max(1, periodUs / SPIKE_PERIOD_US);
        spikeCn = Math.max(LEAST_SPIKE_CN, SPIKE_PER_NOISE * noiseCn) * apart * apart;
    }

    /** A valid sample comes next, after those that are missing before it: shows the one before it for what it is. */
    void smoothSpike(int nextCn) {
        if (measured >= 2) {
            despike(newest, secondCn, nextCn);
        }
    }

    void measured(long index, long timeUs, int forceCn, boolean saturated, PressureLimits limits, Phase phase) {
        thirdCn = secondCn;
        secondCn = cn[at(newest)];
        newest = pushed;
        push(index, timeUs, forceCn, MEASURED | (saturated ? SATURATED : 0), limits, phase);
        if (measured < 3 && ++measured == 3) {
            despike(0, secondCn, forceCn);
        }
    }

    void missing(long index, long timeUs, PressureLimits limits, Phase phase) {
        push(index, timeUs, 0, 0, limits, phase);
        wholeFrom = pushed;
    }

    private void push(long index, long timeUs, double cn, int marks, PressureLimits limits, Phase phase) {
        int at = at(pushed);
        this.index[at] = index;
        this.timeUs[at] = timeUs;
        set(pushed, cn);
        this.marks[at] = marks;
        this.limits[at] = limits;
        this.phase[at] = phase;
        pushed++;
    }

    /** No sample follows for now: the last one is shown for what it is. */
    void last() {
        if (measured == 3) {
            despike(newest, secondCn, thirdCn);
        }
    }

    private void despike(long position, double a, double b) {
        double value = cn[at(position)];
        double median = Math.max(Math.min(a, b), Math.min(Math.max(a, b), value));
        if (position >= next && Math.abs(value - median) > spikeCn) {
            set(position, median);
        }
    }

    private void set(long position, double value) {
        cn[at(position)] = value;
        cn[at(position) + CAPACITY] = value;
    }

    private static int at(long position) {
        return (int) position & MASK;
    }

    /** The ceiling was reached {@code back} samples ago. */
    void ceiling(int back) {
        mark(back, CEILING);
    }

    /** An over-pressure was latched, felt {@code back} samples ago; not if that was before {@code fromUs}. */
    void over(int back, long fromUs) {
        if (pushed > back && timeUs[at(pushed - 1 - back)] - fromUs >= 0) {
            mark(back, OVER);
        }
    }

    /** With the newest sample another spot begins. */
    void nextSpot() {
        mark(0, NEXT_SPOT);
    }

    private void mark(int back, int what) {
        if (pushed > back) {
            marks[at(pushed - 1 - back)] |= what;
        }
    }

    /** Whether a sample has all those after it that its value needs, and one more that shows a spike. */
    boolean stands() {
        return pushed - next >= kernels.half() + 2;
    }

    /** Whether one is left that does not stand yet. */
    boolean left() {
        return next < pushed;
    }

    /** On to the next one. */
    void advance() {
        next++;
    }

    boolean isMeasured() {
        return is(MEASURED);
    }

    boolean saturated() {
        return is(SATURATED);
    }

    boolean atCeiling() {
        return is(CEILING);
    }

    boolean over() {
        return is(OVER);
    }

    boolean beginsSpot() {
        return is(NEXT_SPOT);
    }

    private boolean is(int what) {
        return (marks[at(next)] & what) != 0;
    }

    long index() {
        return index[at(next)];
    }

    long timeUs() {
        return timeUs[at(next)];
    }

    PressureLimits limits() {
        return limits[at(next)];
    }

    Phase phase() {
        return phase[at(next)];
    }

    /** The force before the low-pass, spikes aside, 0.01 N. */
    double rawCn() {
        return cn[at(next)];
    }

    /** The low-passed force of a measured sample, 0.01 N. */
    double valueCn() {
        int half = kernels.half();
        double sum = weights[0] * cn[at(next)];
        if (next - half >= wholeFrom && next + half < pushed) {
            int middle = at(next - half) + half;
            for (int k = 1; k <= half; k++) {
                sum += weights[k] * (cn[middle - k] + cn[middle + k]);
            }
        } else {
            sum = sumOfMeasured(sum, half);
        }
        return Math.rint(sum * STEPS_PER_CN) / STEPS_PER_CN;
    }

    private double sumOfMeasured(double own, int half) {
        double sum = own;
        double weight = weights[0];
        for (int k = 1; k <= half; k++) {
            if (next - k >= 0 && (marks[at(next - k)] & MEASURED) != 0) {
                sum += weights[k] * cn[at(next - k)];
                weight += weights[k];
            }
            if (next + k < pushed && (marks[at(next + k)] & MEASURED) != 0) {
                sum += weights[k] * cn[at(next + k)];
                weight += weights[k];
            }
        }
        return sum / weight;
    }
}

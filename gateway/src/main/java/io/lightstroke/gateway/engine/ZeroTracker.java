package io.lightstroke.gateway.engine;

/**
 * The sensor's zero, which drifts, and its noise. The zero is seen in the middle of what looks like a pause, and weighed
 * against what was known before by the noise of either; it follows by no more than 0.02 N for each second since it was
 * last seen, whether in contact or not. One thread.
 *
 * <p>A pause is near the zero: within 0.1 N, and up to 0.25 N on a noisy sensor; one of 0.4 s or more, after contact, also as far as
 * it may have drifted meanwhile, up to 0.38 N. A shorter one, of 0.12 s or more, counts only after contact that stood out of
 * the noise: what dips below contact in a press is noise or tremor. So a press of 0.5 N or more, however long and steady, is
 * never tracked away, up to a noise of 0.2 N. What moves is no pause either. Below the zero there is no press, so what
 * stays there is drift.
 */
final class ZeroTracker {
    private static final double RATE_CN_PER_US = 2e-6;
    /** How the zero wanders, squared, by which it is known the less, the longer ago it was seen. */
    private static final double WANDER_CN2_PER_US = 1e-6;

    private static final double TARED_CN2 = 25;
    private static final double LEAST_CN2 = 0.1;

    private static final double BAND_CN = 10;
    private static final double NOISY_BAND_CN = 25;
    private static final double MOST_CN = 38;
    private static final double LOWEST_CN = -50;
    /** Above this no pause goes on. */
    private static final double LEFT_CN = 42;
    /** A pause shorter than the window counts from this on: tremor is back sooner. */
    private static final long SHORTEST_US = 120_000;
    /** And only after contact that was above {@link #LEFT_CN} by more than this times the noise, as no noise is. */
    private static final double CLEAR_DEVIATIONS = 4;

    private static final double STEADY_CN = 1;
    private static final double DEVIATIONS = 3;

    /** So much of a pause is looked at together; of it, or of the whole shorter pause, the middle half counts. */
    private static final long WINDOW_US = 400_000;
    /** Also what fits the window at 1 kHz; above, it is shorter. */
    private static final int MOST_SAMPLES = 400;

    private static final int FEWEST_SAMPLES = 3;
    private static final double NOISE_MEMORY_SAMPLES = 200;

    private double zeroCn;
    private double zeroCn2 = TARED_CN2;
    private double noiseCn2;
    private double noiseCn;
    private double noiseSamples;

    private final double[] window = new double[MOST_SAMPLES];
    private int samples;
    /** At the window's begin these have counted already. */
    private int counted;

    private boolean seen;
    private long lastUs;
    private long sinceUs;
    private long contactUs;
    /** Highest since the pause before. */
    private double peakCn;

    double zeroCn() {
        return zeroCn;
    }

    /** Standard deviation of a raw sample, 0.01 N; 0 until a pause was seen. */
    double noiseCn() {
        return noiseCn;
    }

    /** Starts over at the zero that the tool itself applies. */
    void reset() {
        zeroCn = 0;
        zeroCn2 = TARED_CN2;
        sinceUs = 0;
        contactUs = 0;
        forget();
    }

    /** Other samples: of another boot, or after time that nobody counted. */
    void restart() {
        forget();
        seen = false;
    }

    /** A sample is missing; the tool may touch unseen. */
    void missing(int periodUs) {
        endPause(periodUs);
    }

    /**
     * One measured sample.
     *
     * @param rawCn force before the low-pass, spikes aside
     * @param valueCn low-passed force; both before this zero is taken off
     * @param touching the tool touches the skin, by its low-passed force
     */
    void sample(long timeUs, int periodUs, double rawCn, double valueCn, boolean touching) {
        long us = seen ? Math.max(0, timeUs - lastUs) : periodUs;
        boolean gap = us > 2L * periodUs;
        seen = true;
        lastUs = timeUs;
        sinceUs += us;
        contactUs += touching || gap ? us : 0;
        if (valueCn - zeroCn > LEFT_CN) {
            endPause(periodUs);
            peakCn = Math.max(peakCn, valueCn - zeroCn);
            return;
        }
        window[samples++] = rawCn;
        if (samples * (long) periodUs >= WINDOW_US || samples == MOST_SAMPLES) {
            int quarter = samples / 4;
            look(quarter, samples - quarter, true);
            int kept = samples - samples / 2;
            System.arraycopy(window, samples - kept, window, 0, kept);
            counted = kept - quarter;
            samples = kept;
        }
    }

    private void endPause(int periodUs) {
        if (samples == 0) {
            return;
        }
        if (counted > 0) {
            look(counted, samples - counted, true);
        } else if (samples * (long) periodUs >= SHORTEST_US) {
            look(samples / 4, samples - samples / 4, false);
        }
        forget();
    }

    private void forget() {
        samples = 0;
        counted = 0;
        peakCn = 0;
    }

    /**
     * Sees the zero in the samples from {@code from} to before {@code to}, if it is there.
     *
     * @param lasting the pause has filled the window
     */
    private void look(int from, int to, boolean lasting) {
        int n = to - from;
        if (n < FEWEST_SAMPLES) {
            return;
        }
        int half = from + n / 2;
        double first = mean(from, half);
        double second = mean(half, to);
        double mean = (first * (half - from) + second * (to - half)) / n;
        hearNoise(from, to);
        double error = noiseCn / Math.sqrt(n);
        double band = Math.min(BAND_CN + DEVIATIONS * error, NOISY_BAND_CN);
        if (lasting) {
            double far = Math.min(MOST_CN, LEFT_CN - DEVIATIONS * error);
            band = Math.max(band, Math.min(band + RATE_CN_PER_US * contactUs, far));
        } else if (peakCn <= LEFT_CN + CLEAR_DEVIATIONS * noiseCn) {
            return;
        }
        double off = mean - zeroCn;
        if (off > band || off < LOWEST_CN || Math.abs(second - first) > STEADY_CN + DEVIATIONS * 2 * error) {
            return;
        }
        double seenCn2 = Math.max(error * error, LEAST_CN2);
        double knownCn2 = zeroCn2 + WANDER_CN2_PER_US * sinceUs;
        double gain = knownCn2 / (knownCn2 + seenCn2);
        double most = RATE_CN_PER_US * sinceUs;
        zeroCn += Math.max(-most, Math.min(gain * off, most));
        zeroCn2 = (1 - gain) * knownCn2;
        sinceUs = 0;
        contactUs = 0;
    }

    private void hearNoise(int from, int to) {
        double sum = 0;
        for (int i = from + 1; i < to; i++) {
            double step = window[i] - window[i - 1];
            sum += step * step;
        }
        int steps = to - from - 1;
        noiseSamples = Math.min(noiseSamples + steps, NOISE_MEMORY_SAMPLES);
        noiseCn2 += (sum / (2 * steps) - noiseCn2) * Math.min(1, steps / noiseSamples);
        noiseCn = Math.sqrt(noiseCn2);
    }

    private double mean(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += window[i];
        }
        return sum / (to - from);
    }
}

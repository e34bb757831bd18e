package io.lightstroke.gateway.engine;

/**
 * How fast a stroke rose: from its last crossing of 10 % of the peak to its first of 90 %, between samples by straight
 * lines. Remembers the stroke's filtered force and 32 samples before it; of a long hold only the first 1200 samples,
 * whose highest is then its peak. One thread.
 */
final class RiseTime {
    private static final int CAPACITY = 1200;
    private static final int BEFORE = 32;

    private final double[] forceCn = new double[CAPACITY];
    private final long[] timeUs = new long[CAPACITY];
    private int size;

    void clear() {
        size = 0;
    }

    /** A sample between strokes. */
    void before(long us, double cn) {
        if (size >= 2 * BEFORE) {
            System.arraycopy(forceCn, size - BEFORE, forceCn, 0, BEFORE);
            System.arraycopy(timeUs, size - BEFORE, timeUs, 0, BEFORE);
            size = BEFORE;
        }
        during(us, cn);
    }

    /** A sample of a stroke. */
    void during(long us, double cn) {
        if (size < CAPACITY) {
            timeUs[size] = us;
            forceCn[size] = cn;
            size++;
        }
    }

    /** That of the stroke from {@code startUs} to {@code endUs}, microseconds. What comes then is before the next. */
    long end(long startUs, long endUs) {
        int start = 0;
        while (start < size - 1 && timeUs[start] - startUs < 0) {
            start++;
        }
        double peakCn = 0;
        for (int i = start; i < size && timeUs[i] - endUs <= 0; i++) {
            peakCn = Math.max(peakCn, forceCn[i]);
        }
        int high = start;
        while (high < size - 1 && forceCn[high] < 0.9 * peakCn) {
            high++;
        }
        int low = high;
        int first = Math.max(0, start - BEFORE);
        while (low > first && forceCn[low - 1] >= 0.1 * peakCn) {
            low--;
        }
        long riseUs = crossingUs(high, 0.9 * peakCn) - crossingUs(low, 0.1 * peakCn);
        if (size == CAPACITY) {
            size = 0;
        }
        return riseUs;
    }

    /** When the force rose through {@code cn} on its way to sample {@code i}. */
    private long crossingUs(int i, double cn) {
        if (i == 0 || forceCn[i - 1] >= cn) {
            return timeUs[i];
        }
        double part = (cn - forceCn[i - 1]) / (forceCn[i] - forceCn[i - 1]);
        return timeUs[i - 1] + Math.round(part * (timeUs[i] - timeUs[i - 1]));
    }
}

package io.lightstroke.gateway.engine;

/** When the last strokes began. One thread. */
final class Cadence {
    private static final long WINDOW_US = 10_000_000;
    /** More strokes than fit the window: each takes 0.2 s and 0.12 s of no contact at least. */
    private static final int CAPACITY = 64;

    private final long[] startUs = new long[CAPACITY];
    private int strokes;

    void clear() {
        strokes = 0;
    }

    void stroke(long startUs) {
        this.startUs[strokes++ % CAPACITY] = startUs;
    }

    /** {@code 60·(n−1)/(last start − first start)} over the strokes of the last 10 s; NaN with fewer than two. */
    double perMin(long nowUs) {
        int n = 0;
        while (n < Math.min(strokes, CAPACITY) && nowUs - start(n) <= WINDOW_US) {
            n++;
        }
        return n < 2 ? Double.NaN : 60e6 * (n - 1) / (start(0) - start(n - 1));
    }

    /** Of the stroke before the last {@code back}. */
    private long start(int back) {
        return startUs[(strokes - 1 - back) % CAPACITY];
    }
}

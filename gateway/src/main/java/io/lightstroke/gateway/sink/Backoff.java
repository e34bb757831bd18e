package io.lightstroke.gateway.sink;

import java.util.random.RandomGenerator;

/** Waits between attempts: 0.2 s, doubled each time up to a longest, each shortened at random by up to half. */
final class Backoff {
    private static final long FIRST_MS = 200;

    private final long longestMs;
    private final RandomGenerator random;
    private long nextMs = FIRST_MS;

    Backoff(long longestMs, RandomGenerator random) {
        this.longestMs = longestMs;
        this.random = random;
    }

    /** The next wait, milliseconds. */
    long nextMs() {
        long waitMs = nextMs / 2 + random.nextLong(nextMs / 2 + 1);
        nextMs = Math.min(2 * nextMs, longestMs);
        return waitMs;
    }

    void reset() {
        nextMs = FIRST_MS;
    }
}

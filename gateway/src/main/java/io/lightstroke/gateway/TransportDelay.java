package io.lightstroke.gateway;

import java.util.Arrays;

/**
 * How long frames were on their way beyond the fastest of the last minute: radio, waiting for the radio's turn, and the
 * host's Bluetooth stack, but for what even the fastest took. The tool's clock may drift from the host's by 100 ppm: 6 ms
 * in that minute. Not thread-safe.
 */
final class TransportDelay {
    private static final int BUCKETS = 60;
    private static final long BUCKET_US = 1_000_000;
    private static final long NONE = Long.MAX_VALUE;

    /** The least difference of the two clocks in each of the last 60 seconds of arrival. */
    private final long[] leastUs = new long[BUCKETS];

    private long newestBucket;

    TransportDelay() {
        restart();
    }

    /** Another connection, or another boot of the tool. */
    void restart() {
        Arrays.fill(leastUs, NONE);
        newestBucket = Long.MIN_VALUE;
    }

    /**
     * Takes a frame, in order of arrival.
     *
     * @param arrivedNanos monotonic
     * @param lastTimeUs tool time of its last sample
     * @return microseconds, 0 for the fastest
     */
    long ofFrameUs(long arrivedNanos, long lastTimeUs) {
        long arrivedUs = arrivedNanos / 1000;
        long differenceUs = arrivedUs - lastTimeUs;
        long bucket = Math.floorDiv(arrivedUs, BUCKET_US);
        for (long each = Math.max(newestBucket + 1, bucket - BUCKETS + 1); each <= bucket; each++) {
            leastUs[Math.floorMod(each, BUCKETS)] = NONE;
        }
        newestBucket = Math.max(newestBucket, bucket);
        int at = Math.floorMod(bucket, BUCKETS);
        leastUs[at] = Math.min(leastUs[at], differenceUs);
        return differenceUs - Arrays.stream(leastUs).min().orElse(differenceUs);
    }
}

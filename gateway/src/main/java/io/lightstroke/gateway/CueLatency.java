package io.lightstroke.gateway;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long cues took, from the sample that completed the rule to the cue written to the link. Any thread. */
final class CueLatency {
    private static final long HIGHEST_US = 60_000_000;

    private final Histogram total = histogram();
    private final Histogram filter = histogram();
    private final Histogram frame = histogram();
    private final Histogram transport = histogram();
    private final Histogram gateway = histogram();

    /**
     * One cue, microseconds.
     *
     * @param frameUs from that sample to the last of its frame
     * @param transportUs from there to the frame's arrival, beyond the fastest frame of the connection
     * @param gatewayUs from there to the cue written
     */
    record Split(long frameUs, long transportUs, long gatewayUs) {
        long totalUs() {
            return frameUs + transportUs + gatewayUs;
        }
    }

    void record(Split split) {
        record(total, split.totalUs());
        record(frame, split.frameUs());
        record(transport, split.transportUs());
        record(gateway, split.gatewayUs());
    }

    /** The delay of the filter that showed it, which is no part of the latency. */
    void recordFilter(long filterUs) {
        record(filter, filterUs);
    }

    /** Of the whole way of each cue, microseconds; is recorded to. */
    Histogram totalUs() {
        return total;
    }

    /** Of its part inside the gateway, microseconds; is recorded to. */
    Histogram gatewayUs() {
        return gateway;
    }

    /** Cues written. */
    long cues() {
        return total.getTotalCount();
    }

    Summary.LatencyMs totalMs() {
        return inMs(total);
    }

    Summary.CueSplitMs splitMs() {
        return new Summary.CueSplitMs(inMs(filter), inMs(frame), inMs(transport), inMs(gateway));
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(HIGHEST_US, 3);
    }

    private static void record(Histogram histogram, long us) {
        histogram.recordValue(Math.max(0, Math.min(us, HIGHEST_US)));
    }

    private static Summary.LatencyMs inMs(Histogram us) {
        return us.getTotalCount() == 0
                ? Summary.LatencyMs.NONE
                : new Summary.LatencyMs(
                        us.getValueAtPercentile(50) / 1e3,
                        us.getValueAtPercentile(95) / 1e3,
                        us.getValueAtPercentile(99) / 1e3,
                        us.getMaxValue() / 1e3);
    }
}

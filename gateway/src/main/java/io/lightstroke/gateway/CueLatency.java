package io.lightstroke.gateway;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long cues took, in microseconds: from the sample that completed the rule to the cue written to the link, and the
 * gateway's share of it, from the frame's arrival on. The radio's own delay before the arrival is not in it.
 */
final class CueLatency {
    private static final long HIGHEST_US = 60_000_000;

    private final Histogram totalUs = new ConcurrentHistogram(HIGHEST_US, 3);
    private final Histogram gatewayUs = new ConcurrentHistogram(HIGHEST_US, 3);

    void record(long total, long gateway) {
        totalUs.recordValue(Math.min(total, HIGHEST_US));
        gatewayUs.recordValue(Math.min(gateway, HIGHEST_US));
    }

    /** Cues written. */
    long cues() {
        return totalUs.getTotalCount();
    }

    Summary.LatencyMs totalMs() {
        return inMs(totalUs);
    }

    Summary.LatencyMs gatewayMs() {
        return inMs(gatewayUs);
    }

    private static Summary.LatencyMs inMs(Histogram us) {
        return us.getTotalCount() == 0
                ? Summary.LatencyMs.NONE
                : new Summary.LatencyMs(
                        us.getValueAtPercentile(50) / 1e3, us.getValueAtPercentile(99) / 1e3, us.getMaxValue() / 1e3);
    }
}

package io.lightstroke.gateway.journal;

import java.util.List;

/**
 * What the journal knows of one boot of a tool.
 *
 * @param utcOffsetUs added to tool time gives UTC, microseconds
 * @param firstIndex lowest index of its samples, -1 when there are none
 * @param lastIndex highest index of its samples, -1 when there are none
 * @param gaps between the two, the newest first; at most {@link #MAX_GAPS}
 */
public record BootState(long utcOffsetUs, long firstIndex, long lastIndex, List<Gap> gaps) {
    public static final int MAX_GAPS = 10_000;

    /** Indices {@code first..last}, both included, of which there are no samples. */
    public record Gap(long first, long last) {}
}

package io.lightstroke.gateway.journal;

import java.util.List;

/**
 * What the journal knows of one boot of a tool.
 *
 * @param estimated its clock was never synchronised
 * @param firstIndex lowest index of its samples, -1 when there are none
 * @param lastIndex highest index of its samples, -1 when there are none
 * @param gaps between the two, or from an index that was asked for to the last, the newest first; at most {@link #MAX_GAPS}
 */
public record BootState(BootClock clock, boolean estimated, long firstIndex, long lastIndex, List<Gap> gaps) {
    public static final int MAX_GAPS = 10_000;

    /** Indices {@code first..last}, both included, of which there are no samples. */
    public record Gap(long first, long last) {}
}

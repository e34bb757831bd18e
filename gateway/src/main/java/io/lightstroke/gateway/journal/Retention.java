package io.lightstroke.gateway.journal;

import java.util.function.LongSupplier;

/**
 * How long and how much the journal keeps.
 *
 * @param keepDays records older than this are deleted; 0: none for their age
 * @param maxBytes the oldest are deleted while the file is larger; 0: any size
 * @param neededSinceUtcUs nothing from this UTC on is deleted, for what runs needs it; microseconds since 1970
 */
public record Retention(double keepDays, long maxBytes, LongSupplier neededSinceUtcUs) {
    public Retention {
        if (!(keepDays >= 0) || maxBytes < 0) {
            throw new IllegalArgumentException(
                    "retention: want days and bytes of 0 or more, got %s and %d".formatted(keepDays, maxBytes));
        }
    }
}

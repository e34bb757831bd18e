package io.lightstroke.dashboard.records;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session of a person, of all its tools together.
 *
 * @param ended without a summary, when it was last known to run
 * @param summarised its gateway has sent a summary
 * @param areas that were worked on; without a summary those that were begun
 */
public record HeldSession(
        String session,
        Instant started,
        Instant ended,
        boolean summarised,
        boolean unplanned,
        Set<Area> areas,
        @Nullable Integer painBefore,
        @Nullable Integer painAfter) {
    public HeldSession {
        areas = Set.copyOf(areas);
    }

    boolean isOn(Area area) {
        return areas.stream().anyMatch(area::overlaps);
    }
}

package io.lightstroke.dashboard.records;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Somebody has read something.
 *
 * @param person pseudonym; null: the list of people
 */
public record Accessed(
        long id, Instant at, String who, @Nullable String person, String what) {}

package io.lightstroke.dashboard.records;

import java.time.Duration;
import java.time.Instant;

/** A practitioner lets one session start on an area before its time. */
public record Permission(long id, Area area, Instant until) {
    /** So long it may be used. */
    public static final Duration VALID = Duration.ofHours(1);
}

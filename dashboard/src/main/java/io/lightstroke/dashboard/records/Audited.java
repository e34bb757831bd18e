package io.lightstroke.dashboard.records;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was decided.
 *
 * @param person pseudonym; null when it is about none, or no more
 * @param detail what exactly, and why
 */
public record Audited(
        long id, Instant at, String who, @Nullable String person, String action, String detail) {}

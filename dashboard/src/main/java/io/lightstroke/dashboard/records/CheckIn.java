package io.lightstroke.dashboard.records;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says is left of the sessions before.
 *
 * @param area null: of every area
 * @param darker darker patches, as which a bruise shows on dark skin
 * @param pain 0–10; null when not asked
 */
public record CheckIn(
        Instant at,
        @Nullable Area area,
        boolean redness,
        boolean warmth,
        boolean soreness,
        boolean bruise,
        boolean darker,
        @Nullable Integer pain,
        @Nullable String note) {
    /** Nothing is left. */
    public boolean isClear() {
        return left().isEmpty();
    }

    boolean isBruised() {
        return bruise || darker;
    }

    boolean isAbout(Area other) {
        return area == null || area.overlaps(other);
    }

    /** For people. */
    List<String> left() {
        List<String> left = new ArrayList<>();
        if (redness) {
            left.add("redness");
        }
        if (warmth) {
            left.add("warmth");
        }
        if (soreness) {
            left.add("soreness");
        }
        if (bruise) {
            left.add("a bruise");
        }
        if (darker) {
            left.add("darker patches");
        }
        return left;
    }
}

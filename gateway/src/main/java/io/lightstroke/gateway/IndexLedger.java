package io.lightstroke.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which sample indices of one boot have come. Those before the first one seen are not missed, but taken if they come
 * late. Not thread-safe.
 */
final class IndexLedger {
    /** Indices {@code first..last}, both included. */
    record Range(long first, long last) {
        long count() {
            return last - first + 1;
        }
    }

    private static final long NOTHING_YET = -1;
    /** Of more gaps the oldest are given up: what comes late of them is not taken, and stays missing. */
    static final int MAX_GAPS = 10_000;

    private final TreeMap<Long, Long> missing = new TreeMap<>();
    private long highest;
    private long begin;
    private long missingCount;

    /** Nothing has come: the first one to come begins the count. */
    IndexLedger() {
        this(NOTHING_YET, NOTHING_YET, List.of());
    }

    /**
     * @param lowest the lowest index that has come, -1 when none has
     * @param highest the highest one, -1 when none has
     * @param gaps those between the two that have not come, in any order
     */
    IndexLedger(long lowest, long highest, List<Range> gaps) {
        this.highest = highest;
        begin = Math.max(0, lowest);
        if (lowest > 0) {
            missing.put(0L, lowest - 1);
        }
        for (Range gap : gaps) {
            missing.put(gap.first(), gap.last());
            missingCount += gap.count();
        }
    }

    long highest() {
        return highest;
    }

    /** Indices since the first that came which have not come themselves. */
    long missing() {
        return missingCount;
    }

    /** Notes that {@code first..last} came; returns the part of it that had not come before, ascending. */
    List<Range> take(long first, long last) {
        List<Range> fresh = new ArrayList<>(1);
        if (first <= highest) {
            takeLate(first, Math.min(last, highest), fresh);
        }
        if (highest == NOTHING_YET && first > 0) {
            begin = first;
            missing.put(0L, first - 1);
        }
        if (last > highest) {
            if (first > highest + 1 && highest != NOTHING_YET) {
                missing.put(highest + 1, first - 1);
                missingCount += first - 1 - highest;
            }
            fresh.add(new Range(Math.max(first, highest + 1), last));
            highest = last;
        }
        while (missing.size() > MAX_GAPS) {
            missing.pollFirstEntry();
        }
        return fresh;
    }

    private void takeLate(long first, long last, List<Range> fresh) {
        Map.Entry<Long, Long> gap = missing.floorEntry(last);
        while (gap != null && gap.getValue() >= first) {
            Range filled = new Range(Math.max(first, gap.getKey()), Math.min(last, gap.getValue()));
            missing.remove(gap.getKey());
            if (gap.getKey() < filled.first()) {
                missing.put(gap.getKey(), filled.first() - 1);
            }
            if (gap.getValue() > filled.last()) {
                missing.put(filled.last() + 1, gap.getValue());
            }
            if (filled.first() >= begin) {
                missingCount -= filled.count();
            }
            fresh.add(0, filled);
            gap = missing.lowerEntry(gap.getKey());
        }
    }
}

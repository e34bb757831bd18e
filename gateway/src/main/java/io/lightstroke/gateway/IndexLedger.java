package io.lightstroke.gateway;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which indices of one boot have come, which are awaited, and which are lost and why: each index from the first one that
 * is known of to the highest is one of the three. Those before the first are awaited by nobody, but taken if they come.
 * Not thread-safe.
 */
final class IndexLedger {
    /** Why an index will not come. */
    enum Loss {
        /** The tool keeps no records. */
        NOT_STORED,
        /** The tool's store was full, and newer records took the place. */
        OVERWRITTEN,
        /** The tool has records around it, but not of it. */
        NOT_RECORDED,
        /** So many gaps that the oldest are given up here. */
        TOO_MANY_GAPS
    }

    /** Indices {@code first..last}, both included. */
    record Range(long first, long last) {
        long count() {
            return last - first + 1;
        }
    }

    /** Up to {@code last}; lost when there is a reason, else awaited. */
    private record Gap(long last, @Nullable Loss loss) {}

    private static final long NOTHING_YET = -1;
    /** Of more gaps the oldest are given up: what comes late of them is not taken. */
    static final int MAX_GAPS = 10_000;

    private final TreeMap<Long, Gap> gaps = new TreeMap<>();
    private final Map<Loss, Long> lost = new EnumMap<>(Loss.class);
    private long highest;
    private long begin;
    private long awaited;

    /** Nothing has come: the first one to come begins the count. */
    IndexLedger() {
        this(NOTHING_YET, NOTHING_YET, List.of());
    }

    /**
     * @param lowest the lowest index that has come, -1 when none has
     * @param highest the highest one, -1 when none has
     * @param missing those between the two that have not come, in any order
     */
    IndexLedger(long lowest, long highest, List<Range> missing) {
        this.highest = highest;
        begin = Math.max(0, lowest);
        if (lowest > 0) {
            gaps.put(0L, new Gap(lowest - 1, null));
        }
        for (Range gap : missing) {
            gaps.put(gap.first(), new Gap(gap.last(), null));
            awaited += gap.count();
        }
    }

    long highest() {
        return highest;
    }

    /** Indices since the first that have neither come nor are lost. */
    long awaited() {
        return awaited;
    }

    /** Indices since the first that will not come, by reason. */
    Map<Loss, Long> lost() {
        return Map.copyOf(lost);
    }

    /** Indices since the first that came. */
    long came() {
        return highest == NOTHING_YET
                ? 0
                : highest
                        + 1
                        - begin
                        - awaited
                        - lost.values().stream().mapToLong(count -> count).sum();
    }

    /** Whether any of {@code first..last} came. */
    boolean came(long first, long last) {
        long missing = 0;
        Map.Entry<Long, Gap> gap = gaps.floorEntry(last);
        while (gap != null && gap.getValue().last >= first) {
            missing += Math.min(last, gap.getValue().last) - Math.max(first, gap.getKey()) + 1;
            gap = gaps.lowerEntry(gap.getKey());
        }
        return missing < Math.min(last, highest) - first + 1;
    }

    /** Indices {@code first..last} exist, so they are awaited, also those before the first that came. */
    void expect(long first, long last) {
        if (highest == NOTHING_YET) {
            begin = first;
            if (first > 0) {
                gaps.put(0L, new Gap(first - 1, null));
            }
            gaps.put(first, new Gap(last, null));
            highest = last;
            awaited = last - first + 1;
            return;
        }
        if (first >= begin) {
            return;
        }
        splitAt(first);
        for (Map.Entry<Long, Gap> gap : gaps.subMap(first, begin).entrySet()) {
            count(gap.getValue().loss, gap.getValue().last - gap.getKey() + 1);
        }
        begin = first;
    }

    /** Indices up to {@code last} exist, so those after the highest are awaited too. */
    void expectUpTo(long last) {
        if (last > highest && highest != NOTHING_YET) {
            gaps.put(highest + 1, new Gap(last, null));
            awaited += last - highest;
            highest = last;
        }
    }

    /** The awaited ones among {@code first..last}, ascending. */
    List<Range> awaitedIn(long first, long last) {
        List<Range> ranges = new ArrayList<>();
        Long from = gaps.floorKey(first);
        for (Map.Entry<Long, Gap> gap : gaps.subMap(from == null ? first : from, true, Math.max(first, last), true)
                .entrySet()) {
            Range range = new Range(Math.max(first, gap.getKey()), Math.min(last, gap.getValue().last));
            if (gap.getValue().loss == null && gap.getKey() >= begin && range.count() > 0) {
                ranges.add(range);
            }
        }
        return ranges;
    }

    /** The awaited ones among {@code first..last} are lost. */
    void giveUp(long first, long last, Loss why) {
        for (Range range : awaitedIn(first, last)) {
            splitAt(range.first());
            splitAt(range.last() + 1);
            gaps.put(range.first(), new Gap(range.last(), why));
            count(null, -range.count());
            count(why, range.count());
        }
    }

    /** Notes that {@code first..last} came; returns the part of it that had not come before, ascending. */
    List<Range> take(long first, long last) {
        List<Range> fresh = new ArrayList<>(1);
        if (first <= highest) {
            takeLate(first, Math.min(last, highest), fresh);
        }
        if (highest == NOTHING_YET && first > 0) {
            begin = first;
            gaps.put(0L, new Gap(first - 1, null));
        }
        if (last > highest) {
            if (first > highest + 1 && highest != NOTHING_YET) {
                gaps.put(highest + 1, new Gap(first - 1, null));
                awaited += first - 1 - highest;
            }
            fresh.add(new Range(Math.max(first, highest + 1), last));
            highest = last;
        }
        giveUpOldest();
        return fresh;
    }

    private void giveUpOldest() {
        while (gaps.size() > MAX_GAPS) {
            Map.Entry<Long, Gap> oldest = gaps.pollFirstEntry();
            if (oldest.getKey() >= begin && oldest.getValue().loss == null) {
                long count = oldest.getValue().last - oldest.getKey() + 1;
                count(null, -count);
                count(Loss.TOO_MANY_GAPS, count);
            }
        }
    }

    /** {@code first..last}, which {@link #take} noted, could not be kept: they are awaited again. */
    void notKept(long first, long last) {
        long from = first;
        Map.Entry<Long, Gap> before = gaps.lowerEntry(first);
        if (before != null
                && before.getValue().last == first - 1
                && before.getValue().loss == null
                && before.getKey() >= begin) {
            from = before.getKey();
        }
        long to = last;
        Gap after = gaps.get(last + 1);
        if (after != null && after.loss == null && last + 1 != begin) {
            gaps.remove(last + 1);
            to = after.last;
        }
        gaps.put(from, new Gap(to, null));
        if (first >= begin) {
            count(null, last - first + 1);
        }
        giveUpOldest();
    }

    private void takeLate(long first, long last, List<Range> fresh) {
        Map.Entry<Long, Gap> entry = gaps.floorEntry(last);
        while (entry != null && entry.getValue().last >= first) {
            Gap gap = entry.getValue();
            Range filled = new Range(Math.max(first, entry.getKey()), Math.min(last, gap.last));
            gaps.remove(entry.getKey());
            if (entry.getKey() < filled.first()) {
                gaps.put(entry.getKey(), new Gap(filled.first() - 1, gap.loss));
            }
            if (gap.last > filled.last()) {
                gaps.put(filled.last() + 1, gap);
            }
            if (filled.first() >= begin) {
                count(gap.loss, -filled.count());
            }
            fresh.add(0, filled);
            entry = gaps.lowerEntry(entry.getKey());
        }
    }

    /** A gap that holds this index and begins before it becomes two. */
    private void splitAt(long index) {
        Map.Entry<Long, Gap> entry = gaps.lowerEntry(index);
        if (entry != null && entry.getValue().last >= index) {
            gaps.put(entry.getKey(), new Gap(index - 1, entry.getValue().loss));
            gaps.put(index, entry.getValue());
        }
    }

    private void count(@Nullable Loss loss, long more) {
        if (loss == null) {
            awaited += more;
        } else {
            lost.merge(loss, more, Long::sum);
        }
    }
}

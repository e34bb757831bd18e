package io.lightstroke.gateway.session;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which samples of a session came, and what the tool itself counted over them. Not thread-safe. */
final class SampleFigures {
    private static final long NO_BOOT = -1;

    private final Map<Long, long[]> rangeByBoot = new HashMap<>();
    private long received;
    private long toolStrokes;
    private long strokesBoot = NO_BOOT;
    private long strokesBefore;

    /** Of a session that begins with that sample. */
    SampleFigures(long boot, long firstIndex) {
        rangeByBoot.put(boot, new long[] {firstIndex, firstIndex - 1});
    }

    /** @param strokes the tool's own count since boot, after them */
    void came(long boot, long first, int count, long strokes) {
        received += count;
        long[] range = rangeByBoot.computeIfAbsent(boot, each -> new long[] {first, first - 1});
        range[0] = Math.min(range[0], first);
        range[1] = Math.max(range[1], first + count - 1);
        if (boot != strokesBoot) {
            strokesBoot = boot;
            strokesBefore = first == 0 ? 0 : strokes;
        }
        if (strokes > strokesBefore) {
            toolStrokes += strokes - strokesBefore;
            strokesBefore = strokes;
        }
    }

    /** Samples that had come too late to be judged; false when they are not of this session. */
    boolean cameLate(long boot, long first, int count) {
        long[] range = rangeByBoot.get(boot);
        if (range == null || first < range[0]) {
            return false;
        }
        received += count;
        range[1] = Math.max(range[1], first + count - 1); // of a boot that ended before they came
        return true;
    }

    /** In which it has samples. */
    Set<Long> boots() {
        return Set.copyOf(rangeByBoot.keySet());
    }

    long toolStrokes() {
        return toolStrokes;
    }

    /** Null before the first. */
    @Nullable
    Double completenessPercent() {
        long expected = rangeByBoot.values().stream()
                .mapToLong(range -> range[1] - range[0] + 1)
                .sum();
        return expected == 0 ? null : Findings.rounded(100.0 * received / expected, 100);
    }
}

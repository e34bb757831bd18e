package io.lightstroke.gateway;

import io.lightstroke.protocol.ForceFrame;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one frame of nonsense from making all true ones after it late: a frame of a boot that goes on from nowhere is
 * believed only when the next one goes on from it. Not thread-safe.
 *
 * <p>Nowhere is: more than an hour of samples skipped; less time passed than the indices took; or a day's pause.
 */
final class JumpGuard {
    private static final long MOST_SKIPPED_US = 3_600_000_000L;
    private static final long LONGEST_PAUSE_US = 24 * 3_600_000_000L;
    private static final long SLACK_US = 50_000;

    private @Nullable ForceFrame newest;
    private @Nullable ForceFrame doubted;

    /** Whether to believe the frame; of one boot, in order of arrival. What lies before the newest is believed. */
    boolean believes(ForceFrame frame) {
        ForceFrame before = newest;
        if (before == null || follows(before, frame) || (doubted != null && follows(doubted, frame))) {
            newest = frame;
            doubted = null;
            return true;
        }
        if (frame.first() <= before.lastIndex()) {
            return true;
        }
        doubted = frame;
        return false;
    }

    /** Whether it goes on from there: not nonsense, as far as the two of one boot tell. */
    static boolean follows(ForceFrame before, ForceFrame frame) {
        long steps = frame.first() - before.lastIndex();
        long takenUs = steps * Math.min(before.periodUs(), frame.periodUs());
        long passedUs = frame.timeUs() - before.lastTimeUs();
        return steps > 0
                && takenUs <= MOST_SKIPPED_US
                && passedUs >= takenUs - SLACK_US
                && passedUs <= takenUs + LONGEST_PAUSE_US;
    }
}

package io.lightstroke.simulator;

import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.ToolLimits;
import org.jspecify.annotations.Nullable;

/** The firmware's own watch over its limits: latches an over-pressure and says when a cue is due. Not thread-safe. */
final class PressureGuard {
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final Verdict NOTHING = new Verdict(false, false, null);

    /** What a sample changed. */
    record Verdict(boolean began, boolean ended, Cue.@Nullable Pattern due) {}

    private boolean latched;
    private long overSinceUs = NEVER;
    private long belowSinceUs = NEVER;
    private long lastCueUs = NEVER;
    private long lastCeilingCueUs = NEVER;

    /**
     * @param smoothN decides what is too deep
     * @param rawN decides about the ceiling, which is not waited for
     * @param saturated counts as the ceiling
     */
    Verdict sample(long timeUs, double smoothN, double rawN, boolean saturated, ToolLimits limits) {
        boolean atCeiling = saturated || rawN * 100 >= limits.ceilingCn();
        overSinceUs = smoothN * 100 < limits.tooDeepCn() ? NEVER : overSinceUs == NEVER ? timeUs : overSinceUs;
        boolean exiting = !atCeiling && smoothN * 100 < limits.tooDeepCn() * limits.exitPercent() / 100.0;
        belowSinceUs = !exiting ? NEVER : belowSinceUs == NEVER ? timeUs : belowSinceUs;

        if (!latched) {
            boolean tooDeep = overSinceUs != NEVER && timeUs - overSinceUs >= limits.enterMs() * 1000L;
            latched = atCeiling || tooDeep;
            return latched ? new Verdict(true, false, cue(timeUs, atCeiling)) : NOTHING;
        }
        if (exiting && timeUs - belowSinceUs >= limits.exitMs() * 1000L) {
            latched = false;
            lastCeilingCueUs = NEVER;
            return new Verdict(false, true, null);
        }
        long repeatUs = limits.repeatMs() * 1000L;
        boolean ceilingDue = atCeiling && timeUs - lastCeilingCueUs >= repeatUs;
        return ceilingDue || (!exiting && timeUs - lastCueUs >= repeatUs)
                ? new Verdict(false, false, cue(timeUs, ceilingDue))
                : NOTHING;
    }

    private Cue.Pattern cue(long timeUs, boolean ceiling) {
        lastCueUs = timeUs;
        if (ceiling) {
            lastCeilingCueUs = timeUs;
            return Cue.Pattern.CEILING;
        }
        return Cue.Pattern.TOO_DEEP;
    }
}

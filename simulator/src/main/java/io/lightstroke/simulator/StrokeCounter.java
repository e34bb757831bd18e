package io.lightstroke.simulator;

import org.jspecify.annotations.Nullable;

/**
 * The firmware's own stroke count: a stroke starts at the first sample ≥0.5 N, ends at the first &lt;0.3 N, goes on over
 * gaps &lt;120 ms, and counts when it took 0.2–5 s. Not thread-safe.
 */
final class StrokeCounter {
    private static final double START_N = 0.5;
    private static final double END_N = 0.3;
    private static final long MERGE_US = 120_000;
    private static final long MIN_US = 200_000;
    private static final long MAX_US = 5_000_000;

    /** A stroke that counts; its last sample is the one before the first below 0.3 N. */
    record Counted(long lastIndex, long lastUs, long durationUs, double peakN, PlannedStroke.@Nullable Motion motion) {}

    private enum State {
        OFF,
        ON,
        MAYBE_OVER
    }

    private State state = State.OFF;
    private long count;
    private long startUs;
    private long endUs;
    private double peakN;
    private PlannedStroke.@Nullable Motion motion;
    private long lastIndex;
    private long lastUs;

    long count() {
        return count;
    }

    /** Takes the next sample; the stroke that it shows to be over and that counts, with the motion at its peak. */
    @Nullable
    Counted sample(long index, long timeUs, double forceN, PlannedStroke.@Nullable Motion motion) {
        Counted counted = state == State.MAYBE_OVER && timeUs - endUs >= MERGE_US ? close() : null;
        if (state != State.ON && forceN >= START_N) {
            if (state == State.OFF) {
                startUs = timeUs;
                peakN = 0;
            }
            state = State.ON;
        } else if (state == State.ON && forceN < END_N) {
            state = State.MAYBE_OVER;
            endUs = timeUs;
        }
        if (state == State.ON) {
            if (forceN > peakN) {
                peakN = forceN;
                this.motion = motion;
            }
            lastIndex = index;
            lastUs = timeUs;
        }
        return counted;
    }

    /** No sample follows for now: a stroke that has ended is over, one that has not is forgotten. */
    @Nullable
    Counted stop() {
        return state == State.MAYBE_OVER ? close() : forget();
    }

    private @Nullable Counted close() {
        state = State.OFF;
        long durationUs = endUs - startUs;
        if (durationUs < MIN_US || durationUs > MAX_US) {
            return null;
        }
        count++;
        return new Counted(lastIndex, lastUs, durationUs, peakN, motion);
    }

    private @Nullable Counted forget() {
        state = State.OFF;
        return null;
    }
}

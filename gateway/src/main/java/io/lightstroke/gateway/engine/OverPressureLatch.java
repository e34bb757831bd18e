package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.Cue;
import java.util.List;

/**
 * Decides when the hand presses too deep, and when it must be told. Latched after 150 ms at or above the limit, or at
 * once at the ceiling; released after 200 ms below nine tenths of the limit. A cue is due when it latches, when the
 * ceiling is first reached, and every 2 s while the force has not begun to fall off. All times are of samples, so a
 * sample is the finest step. One thread.
 *
 * <p>On a noisy sensor a press above the limit now and then reads below it. So the 150 ms go on over samples that are
 * below it by no more than the sensor's noise, as long as their mean from the first on is at the limit. Without noise
 * this is the plain rule.
 */
final class OverPressureLatch {
    private static final long ENTER_US = 150_000;
    private static final long EXIT_US = 200_000;
    private static final long REPEAT_US = 2_000_000;

    private boolean above;
    private long aboveIndex;
    private long aboveUs;
    private double aboveSumCn;
    private boolean below;
    private long belowUs;
    /** The force fell in samples that nobody saw. */
    private boolean fellUnseen;

    private boolean latched;
    private boolean ceiling;
    private long firstIndex;
    private long beganFeltUs;
    private long cueUs;
    /** An over-pressure of this boot was cut off: its next part still belongs to the cue before. */
    private boolean cutOff;

    private long boot;
    private long lastIndex;
    private long lastUs;
    private long lastFeltUs;

    /**
     * Takes the next sample.
     *
     * @param feltUs when the skin felt it
     * @param forceCn filtered, 0.01 N
     * @param atCeiling this sample counts as the ceiling, whatever its force
     * @param noiseCn standard deviation of the sensor's noise, 0.01 N
     * @param found gets what happened
     */
    void sample(
            long boot,
            long index,
            long timeUs,
            long feltUs,
            double forceCn,
            boolean atCeiling,
            double noiseCn,
            PressureLimits limits,
            List<EngineEvent> found) {
        cutOff &= this.boot == boot;
        this.boot = boot;
        lastIndex = index;
        lastUs = timeUs;
        lastFeltUs = feltUs;
        double overCn = atCeiling ? Math.max(0, forceCn - limits.tooDeepCn()) : forceCn - limits.tooDeepCn();
        aboveSumCn += overCn;
        if (above && (overCn < -noiseCn || aboveSumCn < 0)) {
            above = false;
        }
        if (!above && overCn >= 0) {
            above = true;
            aboveIndex = index;
            aboveUs = timeUs;
            aboveSumCn = overCn;
        }
        if (!latched) {
            if (atCeiling || (above && timeUs - aboveUs >= ENTER_US)) {
                latched = true;
                ceiling = atCeiling;
                below = false;
                fellUnseen = false;
                firstIndex = aboveIndex;
                beganFeltUs = feltUs;
                found.add(new EngineEvent.OverPressureBegan(boot, ceiling, firstIndex, index, timeUs, feltUs));
                if (ceiling || !cutOff || timeUs - cueUs >= REPEAT_US) {
                    cue(found);
                }
                cutOff = false;
            }
        } else if (atCeiling && !ceiling) {
            ceiling = true;
            below = false;
            cue(found);
        } else if (atCeiling || forceCn * 10 >= limits.tooDeepCn() * 9) {
            below = false;
            if (timeUs - cueUs >= REPEAT_US) {
                cue(found);
            }
        } else if (!below) {
            below = true;
            belowUs = timeUs;
        } else if (timeUs - belowUs >= EXIT_US) {
            release(fellUnseen, found);
        }
    }

    /**
     * Before the {@link #sample}: what its raw force says of a fall that the filter shows later.
     *
     * @param rawCn 0.01 N
     * @param afterMissing samples are missing before it
     */
    void raw(double rawCn, boolean afterMissing, PressureLimits limits) {
        if (rawCn * 10 >= limits.tooDeepCn() * 9) {
            fellUnseen = false;
        } else if (afterMissing && !below) {
            fellUnseen = true;
        }
    }

    /** The samples stopped after the last one. */
    void interrupt(List<EngineEvent> found) {
        above = false;
        if (latched) {
            release(true, found);
            cutOff = true;
        }
    }

    /** The newest cue could not be given: the next sample that still presses too deep makes it due again. */
    void cueNotGiven() {
        cueUs = lastUs - REPEAT_US;
    }

    boolean latched() {
        return latched;
    }

    /** When the skin felt the sample that latched it. */
    long beganFeltUs() {
        return beganFeltUs;
    }

    /** Latched, and the ceiling was reached meanwhile. */
    boolean ceiling() {
        return latched && ceiling;
    }

    private void cue(List<EngineEvent> found) {
        cueUs = lastUs;
        found.add(new EngineEvent.CueDue(ceiling ? Cue.Pattern.CEILING : Cue.Pattern.TOO_DEEP, lastIndex, lastUs));
    }

    private void release(boolean unknown, List<EngineEvent> found) {
        latched = false;
        found.add(new EngineEvent.OverPressureEnded(boot, ceiling, firstIndex, lastIndex, lastUs, lastFeltUs, unknown));
    }
}

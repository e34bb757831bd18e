package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.protocol.Cue;
import org.jspecify.annotations.Nullable;

/**
 * Follows the spot that is worked on in the force in hindsight: contacts, from the first sample at or above 0.5 N to the
 * last before one below 0.3 N, with no more than 3 s between. It lasts over interruptions of one boot's samples, when
 * contact comes back in time. One thread.
 */
final class SpotTracker {
    private static final double START_CN = 50;
    private static final double END_CN = 30;
    private static final long LEAVE_US = 3_000_000;
    private static final int PROMPT_S = 10;
    private static final int MOVE_ON_S = 15;

    private long promptUs;
    private long moveOnUs;
    private boolean running;
    private boolean touching;
    private long boot;
    private Phase phase = Phase.TREAT;
    private long firstIndex;
    private long lastIndex;
    private long startUs;
    private long lastUs;
    private long contactUs;
    private int strokes;
    private double peakCn;
    private boolean ticked;
    private boolean movedOn;

    /** The samples were interrupted since the last contact. */
    private boolean unseen;

    SpotTracker() {
        caps(null);
    }

    /** When it tells; null for after 10 and 15 s. */
    void caps(@Nullable Caps caps) {
        promptUs = (caps == null ? PROMPT_S : caps.spotPromptS()) * 1_000_000L;
        moveOnUs = (caps == null ? MOVE_ON_S : caps.spotS()) * 1_000_000L;
    }

    /**
     * Takes the next measured sample, once {@link #over} was asked.
     *
     * @param followsUs time since the sample before, 0 when that is missing: what the one before owns
     */
    void sample(long boot, long index, long timeUs, long followsUs, double forceCn, Phase phase) {
        if (running && touching && followsUs > 0) {
            contactUs += followsUs;
            lastUs = timeUs;
        }
        touching = forceCn >= (touching ? END_CN : START_CN);
        if (!touching) {
            return;
        }
        if (!running) {
            running = true;
            this.boot = boot;
            this.phase = phase;
            firstIndex = index;
            startUs = timeUs;
            contactUs = 0;
            strokes = 0;
            peakCn = 0;
            ticked = false;
            movedOn = false;
        }
        unseen = false;
        lastIndex = index;
        lastUs = timeUs;
        peakCn = Math.max(peakCn, forceCn);
    }

    /** Whether the running spot is over at {@code timeUs}: no contact for more than 3 s. */
    boolean over(long timeUs) {
        return running && !touching && timeUs - lastUs > LEAVE_US;
    }

    /** What the person must be told now that the spot has lasted so long, once each. */
    Cue.@Nullable Pattern cue(Phase phase) {
        if (!running || !touching || phase != Phase.TREAT) {
            return null;
        }
        long dwellUs = lastUs - startUs;
        if (dwellUs >= moveOnUs && !movedOn) {
            ticked = true;
            movedOn = true;
            return Cue.Pattern.MOVE_ON;
        } else if (dwellUs >= promptUs && !ticked) {
            ticked = true;
            return Cue.Pattern.TICK;
        }
        return null;
    }

    /** A valid stroke ended in it. */
    void stroke() {
        strokes++;
    }

    /** The samples stop, and contact may go on unseen. */
    void interrupt() {
        touching = false;
        unseen = true;
    }

    /** The spot that has run, if one has. Contact that goes on begins another. */
    @Nullable
    Spot end() {
        if (!running) {
            return null;
        }
        running = false;
        return new Spot(
                boot, firstIndex, lastIndex, startUs, lastUs - startUs, contactUs, strokes, peakCn, phase, unseen);
    }

    /** Seconds from the first contact to the last, NaN between spots. */
    double spotS() {
        return running ? (lastUs - startUs) / 1e6 : Double.NaN;
    }
}

package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The feel loop's rules for one tool: force samples in, zones, over-pressures, cues and strokes out. Pure and
 * deterministic: the same samples give the same findings, however they are cut into frames. One thread.
 *
 * <p><b>Now and in hindsight.</b> Zones, over-pressures and cues come with the sample in hand and bear its index and
 * time; {@code feltUs} says when the skin felt it, for {@linkplain ForceFilter the filter} lags. Strokes, their zones and
 * spots are found about 0.1 s later, {@linkplain Hindsight without phase}: their indices and times are those at which the
 * skin felt them.
 *
 * <p><b>The ceiling</b> is reached when the median of three samples reaches it, which is earlier than the low-passed
 * force and yet never due to a single sample; or the low-passed force does; or the tool calls a sample saturated. A
 * saturated frame does not say which sample it was: its highest is taken. Where that has no value, it has the ceiling's.
 *
 * <p><b>What is not judged.</b> The first 250 ms after a boot or a pause, while the sensor settles; then the two samples
 * that the median needs; invalid samples. A pause is tool time that passed without samples: more than 50 ms that the
 * indices do not explain.
 *
 * <p><b>Gaps.</b> Up to 150 ms of missing or invalid samples leave everything running: the live filter holds its median
 * over them, and a stroke counts their share. Up to 500 ms end an over-pressure as unknown; a stroke goes on when contact
 * is on both sides. More, another boot, a pause or another sampling rate end what runs, as {@link #interrupt()} does.
 *
 * <p><b>Commands</b> ({@link #limits}, {@link #phase}, {@link #nextSpot}) take effect between samples: what is found in
 * hindsight, too, goes by what was in force when its samples came.
 */
public final class Engine {
    /** Raised whenever the same samples would give other findings; recorded with each. */
    public static final int VERSION = 2;

    private static final long SETTLE_US = 250_000;
    private static final long PAUSE_US = 50_000;
    private static final long LIVE_GAP_US = 150_000;
    private static final long STROKE_GAP_US = 500_000;
    private static final long NO_BOOT = -1;

    private final ForceFilter filter = new ForceFilter();
    private final ZeroTracker zero = new ZeroTracker();
    private final OverPressureLatch overPressure = new OverPressureLatch();
    private final Hindsight hindsight = new Hindsight();
    private final StrokeDetector strokeDetector = new StrokeDetector();
    private final SpotTracker spot = new SpotTracker();
    private final ToolStrokes toolStrokes = new ToolStrokes();
    private final Cadence cadence = new Cadence();
    private final List<EngineEvent> found = new ArrayList<>();

    private PressureLimits limits;
    private Phase phase = Phase.TREAT;
    private long strokes;

    private long boot = NO_BOOT;
    private int periodUs;
    private long settlesFromUs;
    private long lastIndex;
    private long lastUs;

    /** Samples are in hindsight; what follows is of the last of them. */
    private boolean running;

    /** They are in the live filter too. */
    private boolean live;

    private long validIndex;
    private long validUs;

    /** Asked for since the last sample. */
    private boolean nextSpot;

    /** Reached in hindsight; the end of the stroke is waited for. */
    private boolean leavesSpot;

    /** Of the last sample that stood in hindsight. */
    private long stoodUs;

    private boolean stoodMeasured;

    public Engine(PressureLimits limits) {
        this.limits = limits;
    }

    /** In force from the next sample on. A running stroke keeps the version with which it began. */
    public void limits(PressureLimits limits) {
        this.limits = limits;
    }

    /** In force from the next sample on; {@link Phase#TREAT} until told. */
    public void phase(Phase phase) {
        this.phase = phase;
    }

    /** In force from now on: when the person is told of a long spot. Null for after 10 and 15 s. */
    public void caps(@Nullable Caps caps) {
        spot.caps(caps);
    }

    /**
     * The person goes on to the next spot: the running one ends here, or with the stroke in which it was said, and is told
     * of once that stands in hindsight.
     *
     * @return what it ended at once, because the samples have stopped
     */
    public List<EngineEvent> nextSpot() {
        nextSpot = running;
        if (!running) {
            endSpot();
        }
        return takeFound();
    }

    /** What the tool itself told; what says nothing to the engine changes nothing. */
    public void event(EventFrame event) {
        switch (event.kind()) {
            case TARED -> tared();
            case STROKE_END -> toolStroke(ToolStroke.of(event));
            default -> {}
        }
    }

    /** What the tool found by itself, before or after the samples in question. Only what came before tells of a stroke. */
    void toolStroke(ToolStroke stroke) {
        toolStrokes.tool(stroke);
    }

    /** The tool's strokes of this boot and the gateway's. */
    public StrokeAgreement strokesMatched() {
        return toolStrokes.agreement();
    }

    /** Seconds that the running spot has been worked on, NaN between spots. */
    public double spotS() {
        return spot.spotS();
    }

    /** The tool has set its own zero: drift is counted from there. */
    void tared() {
        zero.reset();
    }

    /**
     * Takes one frame's samples.
     *
     * @param first index of the first sample, above all before it of the same boot
     * @param timeUs tool time of the first sample, microseconds since boot
     * @param saturated the tool says that a sample stands at the sensor's limit
     * @param forceCn 0.01 N, {@link ForceFrame#NO_FORCE} where invalid
     * @return the zones of these samples, and what they completed; of another boot it begins with what ended the one
     *     before
     */
    public Judged accept(long boot, long first, long timeUs, int periodUs, boolean saturated, short[] forceCn) {
        join(boot, first, timeUs, periodUs);
        this.periodUs = periodUs;
        int saturatedAt = saturated ? ForceFrame.highest(forceCn) : -1;
        byte[] zones = new byte[forceCn.length];
        double filteredCn = Double.NaN;
        for (int i = 0; i < forceCn.length; i++) {
            zones[i] = judge(first + i, timeUs + (long) periodUs * i, forceCn[i], i == saturatedAt);
        }
        if (live && validIndex == lastIndex && filter.ready()) {
            filteredCn = filter.valueCn() - zero.zeroCn();
        }
        return new Judged(zones, filteredCn, takeFound());
    }

    /**
     * The samples stopped: the link is lost, the tool is silent, or it is over. An over-pressure ends as unknown; a
     * running stroke ends at its last sample, and says so. A spot waits for contact to come back; {@link #nextSpot}
     * ends it.
     */
    public List<EngineEvent> interrupt() {
        end();
        return takeFound();
    }

    /** The newest {@link EngineEvent.CueDue} could not be given; it is due again while the press goes on. */
    public void cueNotGiven() {
        overPressure.cueNotGiven();
    }

    /** An over-pressure is latched now. */
    public boolean overPressure() {
        return overPressure.latched();
    }

    /** An over-pressure is latched now that has reached the ceiling. */
    public boolean ceiling() {
        return overPressure.ceiling();
    }

    /** Valid strokes of this boot, as far as seen: neither holds nor what was cut off. */
    public long strokes() {
        return strokes;
    }

    /**
     * Strokes a minute: {@code 60·(n−1)/(last start − first start)} over the valid strokes that began in the last 10 s;
     * NaN with fewer than two.
     */
    public double cadencePerMin() {
        return cadence.perMin(lastUs);
    }

    /** Seconds since the running stroke began, NaN between strokes. It runs until its end is certain, 120 ms after. */
    public double strokeS() {
        return strokeDetector.open() ? (lastUs - strokeDetector.startUs()) / 1e6 : Double.NaN;
    }

    /** Compares a frame with the samples before it, and ends what does not go on in it. */
    private void join(long boot, long first, long timeUs, int periodUs) {
        if (boot != this.boot) {
            end();
            endSpot();
            this.boot = boot;
            settlesFromUs = timeUs;
            zero.reset();
            cadence.clear();
            toolStrokes.restart(boot);
            strokes = 0;
            return;
        }
        long steps = first - lastIndex;
        if (steps <= 0) {
            throw new IllegalArgumentException(
                    "samples of boot %08x: want an index above %d, got %d".formatted(boot, lastIndex, first));
        }
        long elapsedUs = timeUs - lastUs;
        if (elapsedUs <= 0 || Math.abs(elapsedUs - steps * periodUs) > PAUSE_US) {
            end();
            settlesFromUs = timeUs;
            if (elapsedUs <= 0) {
                endSpot();
            }
        } else if (!filter.fits(periodUs)) {
            end();
        }
    }

    private byte judge(long index, long timeUs, short forceCn, boolean saturated) {
        lastIndex = index;
        lastUs = timeUs;
        if (timeUs - settlesFromUs < SETTLE_US) {
            return Judged.UNKNOWN;
        }
        boolean valid = saturated || forceCn != ForceFrame.NO_FORCE;
        long missingUs = running ? (index - validIndex - (valid ? 1 : 0)) * periodUs : 0;
        if (missingUs > STROKE_GAP_US) {
            end();
        } else if (missingUs > LIVE_GAP_US) {
            overPressure.interrupt(found);
            live = false;
        }
        if (!valid) {
            return Judged.UNKNOWN;
        }
        short cn = forceCn == ForceFrame.NO_FORCE ? (short) limits.ceilingCn() : forceCn;
        boolean afterMissing = running && index - validIndex > 1;
        takeLive(index, cn);
        take(index, timeUs, cn, saturated);
        byte zone = Judged.UNKNOWN;
        if (saturated || filter.ready()) {
            zone = judgeLive(index, timeUs, cn, saturated, afterMissing);
        }
        while (hindsight.stands()) {
            stand(true);
        }
        return zone;
    }

    /** Puts a valid sample through the live filter, after those that are missing before it. */
    private void takeLive(long index, short forceCn) {
        if (!live) {
            live = true;
            filter.restart(periodUs);
        } else {
            for (long missing = validIndex + 1; missing < index; missing++) {
                filter.hold();
            }
        }
        filter.next(forceCn);
    }

    private byte judgeLive(long index, long timeUs, short forceCn, boolean saturated, boolean afterMissing) {
        double valueCn = filter.valueCn() - zero.zeroCn();
        int lag = filter.delaySamples();
        if (saturated) {
            lag = 0;
        } else if (filter.medianCn() - zero.zeroCn() >= limits.ceilingCn()) {
            lag = 1;
        }
        boolean atCeiling = lag < filter.delaySamples() || valueCn >= limits.ceilingCn();
        long feltUs = timeUs - (long) lag * periodUs;
        overPressure.raw(forceCn - zero.zeroCn(), afterMissing, limits);
        overPressure.sample(boot, index, timeUs, feltUs, valueCn, atCeiling, zero.noiseCn(), limits, found);
        if (atCeiling) {
            hindsight.ceiling(lag);
        }
        if (overPressure.latched()) {
            hindsight.over(filter.delaySamples(), overPressure.beganFeltUs());
        }
        return (byte) (atCeiling ? Zone.CEILING : Zone.of(valueCn, limits)).ordinal();
    }

    /** Keeps a valid sample for hindsight, after those that are missing before it. */
    private void take(long index, long timeUs, short forceCn, boolean saturated) {
        if (!running) {
            running = true;
            hindsight.restart(periodUs);
            hindsight.noise(zero.noiseCn());
            strokeDetector.restart(boot);
            zero.restart();
            stoodMeasured = false;
        } else {
            hindsight.smoothSpike(forceCn);
            long steps = index - validIndex;
            for (long step = 1; step < steps; step++) {
                long missingUs = validUs + (timeUs - validUs) * step / steps;
                hindsight.missing(validIndex + step, missingUs, limits, phase);
                while (hindsight.stands()) {
                    stand(true);
                }
            }
        }
        hindsight.measured(index, timeUs, forceCn, saturated, limits, phase);
        if (nextSpot) {
            nextSpot = false;
            hindsight.nextSpot();
        }
        validIndex = index;
        validUs = timeUs;
    }

    /** Judges the sample that stands in hindsight by now, and goes on to the next. */
    private void stand(boolean cue) {
        long timeUs = hindsight.timeUs();
        if (!hindsight.isMeasured()) {
            strokeDetector.missing(timeUs);
            zero.missing(periodUs);
            stoodMeasured = false;
            hindsight.advance();
            return;
        }
        double valueCn = hindsight.valueCn();
        double forceCn = valueCn - zero.zeroCn();
        Zone zone = hindsight.saturated() ? Zone.CEILING : Zone.of(forceCn, hindsight.limits());
        found(strokeDetector.sample(
                hindsight.index(),
                timeUs,
                forceCn,
                zone,
                hindsight.over(),
                hindsight.atCeiling() || zone == Zone.CEILING,
                hindsight.phase(),
                hindsight.limits().version()));
        leavesSpot |= hindsight.beginsSpot();
        if (spot.over(timeUs) || (leavesSpot && !strokeDetector.open())) {
            endSpot();
        }
        spot.sample(boot, hindsight.index(), timeUs, stoodMeasured ? timeUs - stoodUs : 0, forceCn, hindsight.phase());
        Cue.Pattern due = cue ? spot.cue(hindsight.phase()) : null;
        if (due != null) {
            found.add(new EngineEvent.CueDue(due, lastIndex, lastUs));
        }
        zero.sample(timeUs, periodUs, hindsight.rawCn(), valueCn, strokeDetector.touching());
        stoodUs = timeUs;
        stoodMeasured = true;
        hindsight.advance();
        if (!strokeDetector.open()) {
            hindsight.noise(zero.noiseCn());
        }
    }

    /** Ends what runs; the samples still on their way into hindsight come out first. */
    private void end() {
        if (running) {
            hindsight.last();
            while (hindsight.left()) {
                stand(false);
            }
            found(strokeDetector.close());
            running = false;
            live = false;
            if (nextSpot || leavesSpot) {
                endSpot();
            }
            spot.interrupt();
        }
        overPressure.interrupt(found);
    }

    private void endSpot() {
        nextSpot = false;
        leavesSpot = false;
        Spot ended = spot.end();
        if (ended != null) {
            found.add(new EngineEvent.SpotEnded(ended));
        }
    }

    private void found(@Nullable Stroke stroke) {
        if (stroke == null) {
            return;
        }
        Stroke told = stroke;
        if (stroke.counts()) {
            strokes++;
            cadence.stroke(stroke.startUs());
            spot.stroke();
            ToolStroke ofTool = toolStrokes.gateway(stroke.firstIndex(), stroke.lastIndex(), periodUs);
            told = ofTool == null ? stroke : stroke.with(ofTool);
        }
        found.add(new EngineEvent.StrokeEnded(told));
    }

    private List<EngineEvent> takeFound() {
        if (found.isEmpty()) {
            return List.of();
        }
        List<EngineEvent> taken = List.copyOf(found);
        found.clear();
        return taken;
    }
}

package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The feel loop's rules for one tool: force samples in, zones, over-pressures, cues and strokes out. Pure and
 * deterministic: the same samples give the same findings, however they are cut into frames. One thread.
 *
 * <p><b>Now and in hindsight.</b> Zones, over-pressures and cues come with the sample in hand and bear its index and
 * time. Strokes are found afterwards, so the {@linkplain ForceFilter filter's delay} is taken off: their indices and
 * times are those at which the skin felt them.
 *
 * <p><b>The ceiling</b> is reached when the median of three samples reaches it, which is earlier than the low-passed
 * force and yet never due to a single sample; or the low-passed force does; or the tool calls a sample saturated. A
 * saturated frame does not say which sample it was: its highest is taken. Where that has no value, it has the ceiling's.
 *
 * <p><b>What is not judged.</b> The first 250 ms after a boot or a pause, while the sensor settles; then the two samples
 * that the median needs; invalid samples. A pause is tool time that passed without samples: more than 50 ms that the
 * indices do not explain.
 *
 * <p><b>Gaps.</b> Up to 150 ms of missing or invalid samples leave everything running: the filter holds its median over
 * them, and a stroke counts their share. More, another boot, a pause or another sampling rate end what runs, as
 * {@link #interrupt()} does.
 */
public final class Engine {
    /** Raised whenever the same samples would give other findings; recorded with each. */
    public static final int VERSION = 1;

    private static final long SETTLE_US = 250_000;
    private static final long PAUSE_US = 50_000;
    private static final long MAX_GAP_US = 150_000;
    private static final long NO_BOOT = -1;

    private final ForceFilter filter = new ForceFilter();
    private final ZeroTracker zero = new ZeroTracker();
    private final OverPressureLatch overPressure = new OverPressureLatch();
    private final StrokeDetector strokeDetector = new StrokeDetector();
    private final Cadence cadence = new Cadence();
    private final List<EngineEvent> found = new ArrayList<>();

    private PressureLimits limits;
    private long strokes;

    private long boot = NO_BOOT;
    private int periodUs;
    private long settlesFromUs;
    private long lastIndex;
    private long lastUs;

    /** The filter holds samples; what follows is of the last of them. */
    private boolean running;

    private long validIndex;
    private long validUs;
    private short validCn;

    /** Of the samples inside the filter: a bit each, the newest lowest. */
    private long measuredBits;

    private long saturatedBits;

    public Engine(PressureLimits limits) {
        this.limits = limits;
    }

    /** In force from the next sample on. A running stroke keeps the version with which it began. */
    public void limits(PressureLimits limits) {
        this.limits = limits;
    }

    /** The tool has set its own zero: drift is counted from there. */
    public void tared() {
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
        int saturatedAt = saturated ? highest(forceCn) : -1;
        byte[] zones = new byte[forceCn.length];
        double filteredCn = Double.NaN;
        for (int i = 0; i < forceCn.length; i++) {
            zones[i] = judge(first + i, timeUs + (long) periodUs * i, forceCn[i], i == saturatedAt);
        }
        if (running && validIndex == lastIndex && filter.ready()) {
            filteredCn = filter.valueCn() - zero.zeroCn();
        }
        return new Judged(zones, filteredCn, takeFound());
    }

    /**
     * The samples stopped: the link is lost, the tool is silent, or it is over. An over-pressure ends as unknown; a
     * running stroke ends at its last sample, and says so.
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
            this.boot = boot;
            settlesFromUs = timeUs;
            zero.reset();
            cadence.clear();
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
        long missing = index - validIndex - (valid ? 1 : 0);
        if (running && missing * periodUs > MAX_GAP_US) {
            end();
        }
        if (!valid) {
            return Judged.UNKNOWN;
        }
        take(index, timeUs, forceCn == ForceFrame.NO_FORCE ? (short) limits.ceilingCn() : forceCn, saturated);
        if (!saturated && !filter.ready()) {
            return Judged.UNKNOWN;
        }
        double valueCn = filter.valueCn() - zero.zeroCn();
        boolean atCeiling =
                saturated || valueCn >= limits.ceilingCn() || filter.medianCn() - zero.zeroCn() >= limits.ceilingCn();
        overPressure.sample(boot, index, timeUs, valueCn, atCeiling, limits, found);
        lookBack(index, timeUs, atCeiling);
        return (byte) (atCeiling ? Zone.CEILING : Zone.of(valueCn, limits)).ordinal();
    }

    /** Puts a valid sample through the filter, after those that are missing before it. */
    private void take(long index, long timeUs, short forceCn, boolean saturated) {
        if (!running) {
            running = true;
            filter.restart(periodUs);
            strokeDetector.restart(boot);
            zero.contact();
            measuredBits = 0;
            saturatedBits = 0;
        } else {
            long steps = index - validIndex;
            for (long step = 1; step < steps; step++) {
                hold(validIndex + step, validUs + (timeUs - validUs) * step / steps);
            }
        }
        filter.next(forceCn);
        remember(true, saturated);
        if (filter.ready() && !strokeDetector.open()) {
            zero.sample(filter.valueCn(), filter.medianCn(), forceCn - validCn, timeUs - validUs);
        }
        validIndex = index;
        validUs = timeUs;
        validCn = forceCn;
    }

    /** Moves the filter on by a sample that is not there. */
    private void hold(long index, long timeUs) {
        filter.hold();
        remember(false, false);
        lookBack(index, timeUs, false);
    }

    private void remember(boolean measured, boolean saturated) {
        measuredBits = measuredBits << 1 | (measured ? 1 : 0);
        saturatedBits = saturatedBits << 1 | (saturated ? 1 : 0);
    }

    /** Shows the strokes the sample for which the filter's output now stands. */
    private void lookBack(long index, long timeUs, boolean atCeiling) {
        if (!filter.ready()) {
            return;
        }
        int delay = filter.delaySamples();
        long stoodUs = timeUs - filter.delayUs();
        if ((measuredBits >>> delay & 1) == 0) {
            strokeDetector.missing(stoodUs);
            return;
        }
        double valueCn = filter.valueCn() - zero.zeroCn();
        Zone zone = (saturatedBits >>> delay & 1) != 0 ? Zone.CEILING : Zone.of(valueCn, limits);
        found(strokeDetector.sample(
                index - delay, stoodUs, valueCn, zone, overPressure.latched(), atCeiling, limits.version()));
    }

    /** Ends what runs; the samples still inside the filter come out first. */
    private void end() {
        if (running) {
            for (int step = 1; step <= filter.delaySamples(); step++) {
                hold(validIndex + step, validUs + (long) periodUs * step);
            }
            found(strokeDetector.close());
            running = false;
        }
        overPressure.interrupt(found);
    }

    private void found(@Nullable Stroke stroke) {
        if (stroke == null) {
            return;
        }
        if (stroke.counts()) {
            strokes++;
            cadence.stroke(stroke.startUs());
        }
        found.add(new EngineEvent.StrokeEnded(stroke));
    }

    private List<EngineEvent> takeFound() {
        if (found.isEmpty()) {
            return List.of();
        }
        List<EngineEvent> taken = List.copyOf(found);
        found.clear();
        return taken;
    }

    private static int highest(short[] forceCn) {
        int highest = 0;
        for (int i = 1; i < forceCn.length; i++) {
            if (forceCn[i] > forceCn[highest]) {
                highest = i;
            }
        }
        return highest;
    }
}

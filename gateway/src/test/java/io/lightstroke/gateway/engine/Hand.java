package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A hand on a tool: presses by the second, one sample a frame, and keeps what the engine says. */
final class Hand {
    /** Calf, standard profile. */
    static final PressureLimits LIMITS = new PressureLimits("calf-1", 300, 650, 900, 1400);

    static final long BOOT = 0x5EED0003L;

    final Engine engine = new Engine(LIMITS);
    final List<EngineEvent> events = new ArrayList<>();
    /** By index, null where unknown or never sent. */
    final List<Zone> zones = new ArrayList<>();

    final int periodUs;
    long boot = BOOT;
    int index;
    long timeUs;
    double filteredCn = Double.NaN;

    private final Random random = new Random();
    private double noiseN;
    private double offsetN;
    private double driftNPerS;
    private long driftsFromUs;

    Hand(int rateHz) {
        periodUs = 1_000_000 / rateHz;
    }

    /** At 100 Hz, with the settling time behind it: the next sample has index 100, at 1 s. */
    static Hand settled() {
        return settled(100);
    }

    static Hand settled(int rateHz) {
        return new Hand(rateHz).press(0, 1);
    }

    Hand press(double newtons, double seconds) {
        return move(newtons, newtons, seconds);
    }

    /** From one force to the other on a straight line; the last sample is one step short of {@code to}. */
    Hand move(double from, double to, double seconds) {
        long n = Math.round(seconds * 1e6 / periodUs);
        for (int i = 0; i < n; i++) {
            sample((short) Math.round(100 * (from + (to - from) * i / n)), false);
        }
        return this;
    }

    /** A stroke with half-cosine edges. */
    Hand stroke(double peakN, double edgeS, double plateauS) {
        return edge(0, peakN, edgeS).press(peakN, plateauS).edge(peakN, 0, edgeS);
    }

    private Hand edge(double from, double to, double seconds) {
        long n = Math.round(seconds * 1e6 / periodUs);
        for (int i = 0; i < n; i++) {
            double share = (1 - Math.cos(Math.PI * i / n)) / 2;
            sample((short) Math.round(100 * (from + (to - from) * share)), false);
        }
        return this;
    }

    /** Light strokes of 0.7 s with pauses of 0.3 s. */
    Hand strokes(int count) {
        for (int i = 0; i < count; i++) {
            press(2, 0.7).press(0, 0.3);
        }
        return this;
    }

    Hand invalid(int samples) {
        for (int i = 0; i < samples; i++) {
            sample(ForceFrame.NO_FORCE, false);
        }
        return this;
    }

    /** Samples that never arrive. */
    Hand lose(int samples) {
        for (int i = 0; i < samples; i++) {
            zones.add(null);
        }
        index += samples;
        timeUs += (long) samples * periodUs;
        return this;
    }

    /** The sensor rests: time passes, the index does not. */
    Hand rest(double seconds) {
        timeUs += Math.round(seconds * 1e6);
        return this;
    }

    Hand reboot(long boot) {
        this.boot = boot;
        index = 0;
        timeUs = 0;
        zones.clear();
        return this;
    }

    /** Of the sensor, added to each sample. */
    Hand noisy(double noiseN, long seed) {
        this.noiseN = noiseN;
        random.setSeed(seed);
        return this;
    }

    /** Of the sensor's zero, from now on and from where it is. */
    Hand drifting(double newtonsPerS) {
        offset(driftN());
        driftNPerS = newtonsPerS;
        return this;
    }

    /** Where the sensor's zero is now. */
    Hand offset(double newtons) {
        offsetN = newtons;
        driftsFromUs = timeUs;
        return this;
    }

    private double driftN() {
        return offsetN + driftNPerS * (timeUs - driftsFromUs) / 1e6;
    }

    Hand sample(int forceCn, boolean saturated) {
        int readCn = forceCn;
        if (forceCn != ForceFrame.NO_FORCE) {
            double addedN = driftN() + (noiseN == 0 ? 0 : noiseN * random.nextGaussian());
            readCn += (int) Math.round(100 * addedN);
        }
        Judged judged = engine.accept(boot, index, timeUs, periodUs, saturated, new short[] {(short) readCn});
        zones.add(judged.zones()[0] == Judged.UNKNOWN ? null : Zone.of(judged.zones()[0]));
        filteredCn = judged.filteredCn();
        events.addAll(judged.events());
        index++;
        timeUs += periodUs;
        return this;
    }

    Hand nextSpot() {
        events.addAll(engine.nextSpot());
        return this;
    }

    Hand interrupt() {
        events.addAll(engine.interrupt());
        return this;
    }

    <E extends EngineEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<Stroke> strokes() {
        return events(EngineEvent.StrokeEnded.class).stream()
                .map(EngineEvent.StrokeEnded::stroke)
                .toList();
    }

    List<Spot> spots() {
        return events(EngineEvent.SpotEnded.class).stream()
                .map(EngineEvent.SpotEnded::spot)
                .toList();
    }

    List<Cue.Pattern> cues() {
        return events(EngineEvent.CueDue.class).stream()
                .map(EngineEvent.CueDue::pattern)
                .toList();
    }

    Stroke onlyStroke() {
        List<Stroke> strokes = strokes();
        if (strokes.size() != 1) {
            throw new AssertionError("want one stroke, got " + strokes);
        }
        return strokes.get(0);
    }
}

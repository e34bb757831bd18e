package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.List;

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

    Hand sample(int forceCn, boolean saturated) {
        Judged judged = engine.accept(boot, index, timeUs, periodUs, saturated, new short[] {(short) forceCn});
        zones.add(judged.zones()[0] == Judged.UNKNOWN ? null : Zone.of(judged.zones()[0]));
        filteredCn = judged.filteredCn();
        events.addAll(judged.events());
        index++;
        timeUs += periodUs;
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

    Stroke onlyStroke() {
        List<Stroke> strokes = strokes();
        if (strokes.size() != 1) {
            throw new AssertionError("want one stroke, got " + strokes);
        }
        return strokes.get(0);
    }
}

package io.lightstroke.gateway.replay;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Judges one tool's recording anew, in the order in which it is given: boot after boot, within a boot by index, an event
 * or an order before the sample after its own. Samples that were given already are left out. One thread.
 */
public final class Replay {
    private static final long NO_BOOT = -1;

    private final Engine engine;
    private final Consumer<EngineEvent> found;
    private long boot = NO_BOOT;
    private long lastIndex;

    /**
     * @param limits in force until others are ordered
     * @param found gets what the engine finds, in its order
     */
    public Replay(PressureLimits limits, Consumer<EngineEvent> found) {
        engine = new Engine(limits);
        this.found = found;
    }

    /** In force from the next sample on. */
    public void limits(PressureLimits limits) {
        engine.limits(limits);
    }

    /** In force from the next sample on. */
    public void phase(Phase phase) {
        engine.phase(phase);
    }

    /** @param otherwise limits outside of any session */
    public void order(Order order, PressureLimits otherwise) {
        order.applyTo(engine, otherwise, found);
    }

    /**
     * Evenly spaced samples.
     *
     * @param first index of the first
     * @param timeUs tool time of the first, microseconds since boot
     * @param flags as the tool sent them
     * @param forceCn 0.01 N, {@link ForceFrame#NO_FORCE} where invalid; at least one
     */
    public void samples(long boot, long first, long timeUs, int periodUs, int flags, short[] forceCn) {
        int seen = 0;
        if (boot == this.boot) {
            seen = (int) Math.max(0, Math.min(lastIndex + 1 - first, forceCn.length));
        }
        if (seen == forceCn.length) {
            return;
        }
        this.boot = boot;
        lastIndex = first + forceCn.length - 1;
        int left = ForceFrame.flagsOfPart(flags, forceCn, seen, forceCn.length);
        List<EngineEvent> events = engine.accept(
                        boot,
                        first + seen,
                        timeUs + (long) periodUs * seen,
                        periodUs,
                        (left & ForceFrame.SATURATED) != 0,
                        seen == 0 ? forceCn : Arrays.copyOfRange(forceCn, seen, forceCn.length))
                .events();
        events.forEach(found);
    }

    /** Samples or events of a journal; what else it holds changes nothing. */
    public void entry(JournalEntry entry) {
        if (entry instanceof JournalEntry.Samples samples) {
            samples(
                    samples.boot(),
                    samples.first(),
                    samples.timeUs(),
                    samples.periodUs(),
                    samples.flags(),
                    samples.forceCn());
        } else if (entry instanceof JournalEntry.ToolEvent event) {
            try {
                event(EventFrame.decode(event.frame()));
            } catch (MalformedFrameException e) {
                throw new IllegalArgumentException(
                        "event %d of boot %08x in the journal: %s"
                                .formatted(event.sequence(), event.boot(), e.getMessage()),
                        e);
            }
        }
    }

    /** What the tool itself told. */
    public void event(EventFrame event) {
        engine.event(event);
    }

    /** What runs is closed here, spots too: the recording is over, or somebody began or ended something else. */
    public void cut() {
        engine.interrupt().forEach(found);
        engine.nextSpot().forEach(found);
    }
}

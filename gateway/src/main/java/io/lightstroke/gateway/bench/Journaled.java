package io.lightstroke.gateway.bench;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.Recording;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a simulated person did with a tool, judged and made into a journal's entries as a gateway does, at any past time. */
public final class Journaled {
    private Journaled() {}

    /**
     * One session, from the first sample to the last.
     *
     * @param clock of the recording's boot
     * @param start null: nobody started it
     * @param painAfter null: not asked
     * @return by frame, and last what the end of the session gave
     */
    public static List<List<JournalEntry>> frames(
            String tool,
            Recording recording,
            BootClock clock,
            Order.@Nullable Start start,
            @Nullable Integer painAfter) {
        PressureLimits limits = Guideline.builtIn().limits("calf", "standard");
        Engine engine = new Engine(limits);
        SessionRecorder recorder =
                new SessionRecorder(tool, engine, limits, Guideline.builtIn().caps(), ended -> {});
        List<List<JournalEntry>> frames = new ArrayList<>();
        Moment next = null;
        try {
            for (byte[] value : recording.notifications()) {
                if (value[0] != ForceFrame.TYPE) {
                    continue;
                }
                ForceFrame frame = ForceFrame.decode(value);
                List<JournalEntry> entries = new ArrayList<>();
                long utcUs = clock.utcUs(frame.timeUs());
                if (next == null) {
                    entries.add(new JournalEntry.Boot(tool, frame.boot(), clock, false));
                    entries.addAll(recorder.boot(frame.boot(), clock));
                    entries.addAll(recorder.order(
                            start == null ? recorder.unassigned(frame.boot(), frame.first()) : start,
                            new Moment(frame.boot(), frame.first(), utcUs)));
                }
                recorder.samples(frame.boot(), frame.first(), frame.count(), frame.strokes());
                Judged judged = engine.accept(
                        frame.boot(),
                        frame.first(),
                        frame.timeUs(),
                        frame.periodUs(),
                        frame.has(ForceFrame.SATURATED),
                        frame.forceCn());
                entries.add(new JournalEntry.Samples(
                        tool,
                        frame.boot(),
                        frame.first(),
                        frame.timeUs(),
                        utcUs,
                        frame.periodUs(),
                        frame.flags(),
                        frame.strokes(),
                        frame.forceCn(),
                        judged.zones()));
                judged.events().forEach(event -> recorder.found(event, entries));
                next = new Moment(
                        frame.boot(), frame.lastIndex() + 1, clock.utcUs(frame.lastTimeUs() + frame.periodUs()));
                frames.add(entries);
            }
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("the simulated tool sent a malformed frame", e);
        }
        if (next != null && recorder.state() != null) {
            Order.By by = start == null ? Order.By.GATEWAY_END : Order.By.COMMAND;
            frames.add(new ArrayList<>(
                    recorder.order(new Order.End(recorder.state().id(), by, painAfter), next)));
        }
        return frames;
    }
}

package io.lightstroke.gateway.replay;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Hex;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.recording.Passed;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The notifications of one tool's force and event characteristics, collected in any order, some perhaps twice, and judged
 * in theirs: boots as they first appeared, samples by index, each event after its sample. One thread.
 */
public final class Notifications {
    private static final Comparator<ForceFrame> BY_INDEX = Comparator.comparingLong(ForceFrame::first)
            .thenComparing(Comparator.comparingInt(ForceFrame::count).reversed())
            .thenComparingLong(ForceFrame::timeUs)
            .thenComparingInt(ForceFrame::periodUs)
            .thenComparingInt(ForceFrame::flags)
            .thenComparing(ForceFrame::forceCn, Arrays::compare);

    private static final Set<UUID> FRAMES = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.RECORD_DATA);
    /** The first thing that passed stands in the second line. */
    private static final long LINES_BEFORE = 2;

    private static final class Boot {
        final List<ForceFrame> frames = new ArrayList<>();
        final Map<Long, EventFrame> events = new TreeMap<>();
    }

    private final Map<Long, Boot> boots = new LinkedHashMap<>();

    /** Told of each line that is no valid frame, or row. */
    @FunctionalInterface
    public interface Malformed {
        /** @param number of the line, from 1 on */
        void line(long number, String message);
    }

    /** Adds a text's frames, one in hex a line; empty lines and lines that begin with {@code #} are skipped. */
    public void addLines(BufferedReader text, Malformed malformed) throws IOException {
        long number = 0;
        for (String line = text.readLine(); line != null; line = text.readLine()) {
            number++;
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            try {
                add(Hex.parse(line));
            } catch (MalformedFrameException e) {
                malformed.line(number, String.valueOf(e.getMessage()));
            }
        }
    }

    /** Adds what a recorded tool told of force and events, live or out of its store. */
    public void addPassed(List<Passed> passed, Malformed malformed) {
        for (int i = 0; i < passed.size(); i++) {
            Passed each = passed.get(i);
            if (each.characteristic() != null
                    && each.told()
                    && FRAMES.contains(each.characteristic().uuid())) {
                try {
                    add(each.value());
                } catch (MalformedFrameException e) {
                    malformed.line(i + LINES_BEFORE, String.valueOf(e.getMessage()));
                }
            }
        }
    }

    public void add(byte[] frame) throws MalformedFrameException {
        switch (frame.length == 0 ? 0 : frame[0]) {
            case ForceFrame.TYPE -> {
                ForceFrame force = ForceFrame.decode(frame);
                boot(force.boot()).frames.add(force);
            }
            case EventFrame.TYPE -> {
                EventFrame event = EventFrame.decode(frame);
                boot(event.boot()).events.putIfAbsent(event.sequence(), event);
            }
            default ->
                throw new MalformedFrameException("frame type: want %d (force) or %d (event), got %s"
                        .formatted(
                                ForceFrame.TYPE,
                                EventFrame.TYPE,
                                frame.length == 0 ? "nothing" : String.valueOf(frame[0] & 0xFF)));
        }
    }

    private Boot boot(long number) {
        return boots.computeIfAbsent(number, unseen -> new Boot());
    }

    /** How many boots there are samples or events of. */
    public int boots() {
        return boots.size();
    }

    /** Judges all; then it is over. */
    public void replay(Replay replay) {
        for (Boot boot : boots.values()) {
            boot.frames.sort(BY_INDEX);
            List<EventFrame> events = new ArrayList<>(boot.events.values());
            events.sort(Comparator.comparingLong(EventFrame::index));
            int next = 0;
            for (ForceFrame frame : boot.frames) {
                long from = frame.first();
                while (next < events.size() && events.get(next).index() < frame.lastIndex()) {
                    EventFrame event = events.get(next++);
                    samples(replay, frame, from, event.index());
                    from = Math.max(from, event.index() + 1);
                    replay.event(event);
                }
                samples(replay, frame, from, frame.lastIndex());
            }
            events.subList(next, events.size()).forEach(replay::event);
        }
        replay.cut();
    }

    /** Gives the frame's samples of these indices, both included, if any. */
    private static void samples(Replay replay, ForceFrame frame, long first, long last) {
        if (first > last) {
            return;
        }
        ForceFrame part = frame.part(first, last);
        replay.samples(part.boot(), part.first(), part.timeUs(), part.periodUs(), part.flags(), part.forceCn());
    }
}

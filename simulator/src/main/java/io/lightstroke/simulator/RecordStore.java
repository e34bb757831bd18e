package io.lightstroke.simulator;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tool's flash: samples and events of each boot, of which the oldest are overwritten. Samples lie in frames in which
 * the flags and the strokes hold for each of them, a saturated one in a frame of its own. Not thread-safe.
 */
final class RecordStore {
    /** Held at least by a tool that is sound: more than half an hour at 100 Hz. */
    static final int SAMPLES = 200_000;
    /** Held at most: five a second in that time. */
    static final int EVENTS = 10_000;

    private final IntSupplier capacity;
    private final LongConsumer overwritten;
    private final Deque<Boot> boots = new ArrayDeque<>();
    private int samples;
    private int events;

    /** The frame that is being filled, of the last boot. */
    private final short[] forceCn = new short[ForceFrame.MAX_SAMPLES];

    private int inFrame;
    private long first;
    private long timeUs;
    private int periodUs;
    private int flags;
    private long strokes;

    private static final class Boot {
        private final long number;
        private final Deque<ForceFrame> frames = new ArrayDeque<>();
        /** In the order in which they happened: by sequence, not by index. */
        private final Deque<EventFrame> events = new ArrayDeque<>();

        private long eventsEver;
        private long newestEver = -1;
        /** No sample below this index is held any more. */
        private long heldFrom;

        Boot(long number) {
            this.number = number;
        }

        boolean isEmpty() {
            return frames.isEmpty() && events.isEmpty();
        }

        StoredBoot described() {
            return frames.isEmpty()
                    ? new StoredBoot(number, 1, 0, eventsEver)
                    : new StoredBoot(
                            number, frames.getFirst().first(), frames.getLast().lastIndex(), eventsEver);
        }
    }

    /**
     * What one notification brings.
     *
     * @param index of its first sample, or of its event
     * @param from makes its bytes, without the samples below an index
     */
    private record Stored(long index, long lastIndex, LongFunction<byte[]> from) {}

    /**
     * @param capacity samples that it holds at least
     * @param overwritten told how many samples were
     */
    RecordStore(IntSupplier capacity, LongConsumer overwritten) {
        this.capacity = capacity;
        this.overwritten = overwritten;
    }

    /** What comes next is of this boot. */
    void begin(long boot) {
        closeFrame();
        boots.removeIf(Boot::isEmpty);
        boots.addLast(new Boot(boot));
    }

    void sample(long index, long atUs, int periodUs, int flags, long strokes, short cn) {
        if (inFrame > 0
                && !(index == first + inFrame
                        && atUs == timeUs + (long) inFrame * this.periodUs
                        && periodUs == this.periodUs
                        && flags == this.flags
                        && strokes == this.strokes)) {
            closeFrame();
        }
        if (inFrame == 0) {
            first = index;
            timeUs = atUs;
            this.periodUs = periodUs;
            this.flags = flags;
            this.strokes = strokes;
        }
        forceCn[inFrame++] = cn;
        if (inFrame == forceCn.length || (flags & ForceFrame.SATURATED) != 0) {
            closeFrame();
        }
    }

    /** What is sampled next goes into a frame of its own. */
    void closeFrame() {
        if (inFrame == 0) {
            return;
        }
        Boot boot = boots.getLast();
        boot.frames.addLast(new ForceFrame(
                flags | ForceFrame.HISTORICAL,
                boot.number,
                first,
                timeUs,
                periodUs,
                strokes,
                Arrays.copyOf(forceCn, inFrame)));
        boot.newestEver = boot.frames.getLast().lastIndex();
        samples += inFrame;
        inFrame = 0;
        overwrite();
    }

    void event(EventFrame event) {
        Boot boot = boots.getLast();
        boot.events.addLast(event.historical());
        boot.eventsEver++;
        if (++events > EVENTS) {
            boots.stream()
                    .filter(each -> !each.events.isEmpty())
                    .findFirst()
                    .orElseThrow()
                    .events
                    .removeFirst();
            events--;
        }
    }

    private void overwrite() {
        while (true) {
            Boot oldest = boots.stream()
                    .filter(each -> !each.frames.isEmpty())
                    .findFirst()
                    .orElseThrow();
            ForceFrame frame = oldest.frames.getFirst();
            if (samples - frame.count() < capacity.getAsInt()) {
                return;
            }
            overwritten.accept(frame.count());
            while (boots.getFirst() != oldest) {
                events -= boots.removeFirst().events.size();
            }
            forget(oldest, frame.lastIndex());
        }
    }

    /** The samples and events of this boot up to and with this index. */
    void erase(long boot, long index) {
        closeFrame();
        Boot erased = find(boot);
        if (erased != null) {
            forget(erased, index);
        }
    }

    private void forget(Boot boot, long throughIndex) {
        while (!boot.frames.isEmpty() && boot.frames.getFirst().first() <= throughIndex) {
            ForceFrame frame = boot.frames.removeFirst();
            samples -= frame.count();
            if (frame.lastIndex() > throughIndex) {
                ForceFrame rest = frame.part(throughIndex + 1, frame.lastIndex());
                boot.frames.addFirst(rest);
                samples += rest.count();
            }
        }
        events -= boot.events.size();
        boot.events.removeIf(event -> event.index() <= throughIndex);
        events += boot.events.size();
        boot.heldFrom = Math.max(boot.heldFrom, Math.min(throughIndex, boot.newestEver) + 1);
        if (boot.isEmpty() && boot != boots.getLast()) {
            boots.remove(boot);
        }
    }

    /** That it holds. */
    int samples() {
        return samples + inFrame;
    }

    private @Nullable Boot find(long boot) {
        return boots.stream().filter(each -> each.number == boot).findFirst().orElse(null);
    }

    StoredBoots page(int page) {
        closeFrame();
        List<StoredBoot> all = boots.stream()
                .filter(boot -> !boot.isEmpty())
                .map(Boot::described)
                .toList();
        int begin = Math.min(all.size(), page * StoredBoots.PAGE);
        int end = Math.min(all.size(), begin + StoredBoots.PAGE);
        return new StoredBoots(end < all.size(), all.subList(begin, end));
    }

    /**
     * Frames that are asked for, in the order in which they are sent: by index, events after their sample. What is
     * overwritten or erased meanwhile is left out.
     *
     * @param most samples in a frame
     */
    Iterator<byte[]> read(RecordRequest wanted, int most) {
        closeFrame();
        Boot boot = find(wanted.boot());
        if (boot == null) {
            return Collections.emptyIterator();
        }
        long heldFrom = boot.heldFrom;
        return select(boot, wanted, most).stream()
                .filter(each -> boot.heldFrom == heldFrom || each.lastIndex() >= boot.heldFrom)
                .map(each -> each.from().apply(boot.heldFrom))
                .iterator();
    }

    private static List<Stored> select(Boot boot, RecordRequest wanted, int most) {
        List<Stored> stored = new ArrayList<>();
        for (ForceFrame frame : boot.frames) {
            long end = Math.min(frame.lastIndex(), wanted.highest());
            for (long begin = Math.max(frame.first(), wanted.lowest()); begin <= end; begin += most) {
                long from = begin;
                long to = Math.min(end, begin + most - 1);
                stored.add(new Stored(
                        from, to, held -> frame.part(Math.max(from, held), to).encode()));
            }
        }
        for (EventFrame event : boot.events) {
            if (wanted.lowest() <= event.index() && event.index() <= wanted.highest()) {
                stored.add(new Stored(event.index(), event.index(), held -> event.encode()));
            }
        }
        stored.sort(Comparator.comparingLong(Stored::index));
        return switch (wanted.operator()) {
            case RecordRequest.FIRST -> stored.subList(0, Math.min(1, stored.size()));
            case RecordRequest.LAST -> stored.subList(Math.max(0, stored.size() - 1), stored.size());
            default -> stored;
        };
    }
}

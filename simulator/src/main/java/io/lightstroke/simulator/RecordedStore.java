package io.lightstroke.simulator;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.recording.Passed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Fills a store as the recorded tool's was: with what it sent live, and with what it was asked for later, each sample once a
 * live one after it has come. Not thread-safe.
 */
final class RecordedStore {
    private final RecordStore store;
    private final Map<Long, Boot> boots = new LinkedHashMap<>();
    /** By boot that was live: those of which only the store told then. */
    private final Map<Long, List<Boot>> before = new HashMap<>();

    private @Nullable Boot current;

    private static final class Boot {
        final long number;
        /** What was read from the tool's store, by index. */
        final NavigableMap<Long, ForceFrame> stored = new TreeMap<>();
        /** By sequence. */
        final NavigableMap<Long, EventFrame> events = new TreeMap<>();

        boolean live;
        long next;

        Boot(long number) {
            this.number = number;
        }
    }

    RecordedStore(RecordStore store, List<Passed> passed) {
        this.store = store;
        Boot live = null;
        for (Passed each : passed) {
            Optional<ForceFrame> force = force(each);
            Optional<EventFrame> event = event(each);
            if (force.isPresent() && Gatt.FORCE_STREAM.equals(uuid(each))) {
                live = boot(force.get().boot());
                live.live = true;
            } else if (force.isPresent()) {
                before(live, boot(force.get().boot()))
                        .stored
                        .merge(force.get().first(), force.get(), RecordedStore::longer);
            } else if (event.isPresent()) {
                before(live, boot(event.get().boot()))
                        .events
                        .putIfAbsent(event.get().sequence(), event.get());
            }
        }
    }

    private static ForceFrame longer(ForceFrame one, ForceFrame other) {
        return one.count() >= other.count() ? one : other;
    }

    private Boot boot(long number) {
        return boots.computeIfAbsent(number, Boot::new);
    }

    private Boot before(@Nullable Boot live, Boot told) {
        if (live != null && !told.live) {
            List<Boot> those = before.computeIfAbsent(live.number, none -> new ArrayList<>());
            if (!those.contains(told)) {
                those.add(told);
            }
        }
        return told;
    }

    static @Nullable UUID uuid(Passed passed) {
        return passed.characteristic() == null ? null : passed.characteristic().uuid();
    }

    /** Of force, live or stored; empty for anything else, and for what is broken. */
    private static Optional<ForceFrame> force(Passed passed) {
        try {
            UUID by = uuid(passed);
            boolean force = Gatt.FORCE_STREAM.equals(by)
                    || (Gatt.RECORD_DATA.equals(by)
                            && passed.value().length > 0
                            && passed.value()[0] == ForceFrame.TYPE);
            return force ? Optional.of(ForceFrame.decode(passed.value())) : Optional.empty();
        } catch (MalformedFrameException e) {
            return Optional.empty();
        }
    }

    private static Optional<EventFrame> event(Passed passed) {
        try {
            UUID by = uuid(passed);
            return Gatt.EVENTS.equals(by) || Gatt.RECORD_DATA.equals(by)
                    ? Optional.of(EventFrame.decode(passed.value()))
                    : Optional.empty();
        } catch (MalformedFrameException e) {
            return Optional.empty();
        }
    }

    /** This has been sent. */
    void passed(Passed passed) {
        Optional<ForceFrame> live = Gatt.FORCE_STREAM.equals(uuid(passed)) ? force(passed) : Optional.empty();
        if (live.isEmpty()) {
            return;
        }
        ForceFrame frame = live.get();
        Boot boot = boot(frame.boot());
        if (boot != current) {
            if (boot.next > 0) {
                return; // of a boot that is over
            }
            finish();
            before.getOrDefault(boot.number, List.of()).stream()
                    .filter(older -> !older.live)
                    .forEach(older -> {
                        begin(older);
                        finish();
                    });
            begin(boot);
        }
        stored(boot, frame.first() - 1);
        samples(boot, frame, frame.lastIndex());
    }

    private void begin(Boot boot) {
        current = boot;
        store.begin(boot.number);
    }

    /** All the rest of the current boot. */
    private void finish() {
        if (current != null) {
            stored(current, Long.MAX_VALUE);
        }
    }

    private void stored(Boot boot, long lastIndex) {
        while (!boot.stored.isEmpty() && boot.stored.firstKey() <= lastIndex) {
            ForceFrame frame = boot.stored.firstEntry().getValue();
            samples(boot, frame, Math.min(lastIndex, frame.lastIndex()));
            if (frame.lastIndex() > lastIndex) {
                break;
            }
            boot.stored.pollFirstEntry();
        }
        events(boot, lastIndex == Long.MAX_VALUE ? lastIndex : boot.next - 1);
    }

    private void samples(Boot boot, ForceFrame frame, long lastIndex) {
        for (long index = Math.max(boot.next, frame.first()); index <= lastIndex; index++) {
            ForceFrame one = frame.part(index, index);
            store.sample(
                    index,
                    one.timeUs(),
                    one.periodUs(),
                    one.flags() & ~ForceFrame.HISTORICAL,
                    one.strokes(),
                    one.forceCn()[0]);
            boot.next = index + 1;
        }
        events(boot, boot.next - 1);
    }

    private void events(Boot boot, long lastIndex) {
        while (!boot.events.isEmpty() && boot.events.firstEntry().getValue().index() <= lastIndex) {
            store.event(boot.events.pollFirstEntry().getValue());
        }
    }
}

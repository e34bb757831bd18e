package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The boots of one tool: what has come of each, its UTC, and which one is current. Another boot becomes current only when
 * a second live frame of it goes on from the first, which waits for it; an event never makes it so, and no boot becomes
 * current twice. Used by one thread; the counts may be read by any.
 */
final class ToolBoots {
    private static final Logger LOG = LoggerFactory.getLogger(ToolBoots.class);
    /** The first frame of another boot waits so long for the second. */
    private static final Duration BELIEF_LIMIT = Duration.ofSeconds(1);
    /** Of so many boots it is known what came of them. */
    private static final int KEPT = 8;

    private static final long NOT_SEEN = -1;

    private final String tool;
    private final Journal journal;
    private final Clock clock;

    private final Map<Long, Boot> boots = new LinkedHashMap<>();
    private @Nullable Boot current;
    /** The first live frame of a boot that may become current. */
    private @Nullable Came first;

    private long lastUtcUs = Long.MIN_VALUE;
    private final LongAdder refused = new LongAdder();
    private long refusalSaidOf = NOT_SEEN;
    private volatile long lost;
    private long lostOfForgotten;

    /** @param atNanos when the frame arrived, of {@link System#nanoTime()} */
    record Came(ForceFrame frame, long atNanos) {}

    static final class Boot {
        final long number;
        final long utcOffsetUs;
        final ReorderHold hold;
        final IndexLedger events = new IndexLedger();
        private final JumpGuard guard = new JumpGuard();
        private long toolStrokesSeen = NOT_SEEN;
        private boolean wasCurrent;

        private Boot(long number, long utcOffsetUs, IndexLedger samples) {
            this.number = number;
            this.utcOffsetUs = utcOffsetUs;
            hold = new ReorderHold(samples);
        }

        /** Whether it is or was current. */
        boolean wasCurrent() {
            return wasCurrent;
        }

        /** How many strokes the tool counted since it was last asked; of what it stroked while it was seen. */
        long newToolStrokes(ForceFrame frame) {
            if (toolStrokesSeen == NOT_SEEN) {
                toolStrokesSeen = frame.first() == 0 ? 0 : frame.strokes();
            }
            long more = Math.max(0, frame.strokes() - toolStrokesSeen);
            toolStrokesSeen += more;
            return more;
        }
    }

    ToolBoots(String tool, Journal journal, Clock clock) {
        this.tool = tool;
        this.journal = journal;
        this.clock = clock;
    }

    /** Whose samples are judged; null before the first live frame. */
    @Nullable
    Boot current() {
        return current;
    }

    /** The frames to be taken now that this one has come, in their order; others wait for the next, or are refused. */
    List<Came> believed(Came came) {
        ForceFrame frame = came.frame();
        Boot known = boots.get(frame.boot());
        if (frame.has(ForceFrame.HISTORICAL) || current == null) {
            return List.of(came);
        }
        if (known != null && known == current) {
            if (known.guard.believes(frame)) {
                return List.of(came);
            }
            refuse(frame);
            return List.of();
        }
        if (known != null && known.wasCurrent) {
            return List.of(came);
        }
        expire(came.atNanos());
        Came before = first;
        if (before != null && before.frame().boot() == frame.boot()) {
            if (JumpGuard.follows(before.frame(), frame)) {
                first = null;
                return List.of(before, came);
            } else if (JumpGuard.follows(frame, before.frame())) {
                first = null;
                return List.of(came, before);
            }
        }
        refuseFirst();
        first = came;
        return List.of();
    }

    /** Refuses the first frame of another boot, when no second one came in time. */
    void expire(long nowNanos) {
        if (first != null && nowNanos - first.atNanos() > BELIEF_LIMIT.toNanos()) {
            refuseFirst();
        }
    }

    /** Refuses the first frame of another boot, because no second one can come. */
    void refuseFirst() {
        if (first != null) {
            refuse(first.frame());
            first = null;
        }
    }

    private void refuse(ForceFrame frame) {
        refused.increment();
        if (refusalSaidOf != frame.boot()) {
            refusalSaidOf = frame.boot();
            LOG.warn(
                    "{}: want a frame that goes on from those before it, got {}; refused unless the next one goes on from it."
                            + " Not said again of this boot",
                    tool,
                    frame);
        }
    }

    /** The boot of this frame, begun with it when it is a new one. */
    Boot of(Came came) {
        ForceFrame frame = came.frame();
        return of(frame.boot(), frame.timeUs(), frame.lastTimeUs(), frame.periodUs(), came.atNanos());
    }

    /** The boot of this event, begun with it when it is a new one. */
    Boot of(EventFrame event, long atNanos) {
        return first != null && first.frame().boot() == event.boot()
                ? of(first)
                : of(event.boot(), event.timeUs(), event.timeUs(), 1, atNanos);
    }

    private Boot of(long number, long timeUs, long lastTimeUs, long periodUs, long atNanos) {
        Boot known = boots.get(number);
        if (known != null) {
            return known;
        }
        Boot begun = begin(number, timeUs, lastTimeUs, periodUs, atNanos);
        boots.put(number, begun);
        for (Iterator<Boot> each = boots.values().iterator(); boots.size() > KEPT && each.hasNext(); ) {
            Boot oldest = each.next();
            if (oldest != current && oldest != begun) {
                lostOfForgotten += oldest.hold.missing();
                each.remove();
            }
        }
        return begun;
    }

    /** This boot is current from its first believed live frame on. */
    void current(Boot begun, ForceFrame frame) {
        begun.wasCurrent = true;
        current = begun;
        boolean unused = begun.guard.believes(frame);
    }

    /** A frame of this boot has been taken. */
    void took(Boot of, ForceFrame frame) {
        lastUtcUs = Math.max(lastUtcUs, frame.lastTimeUs() + of.utcOffsetUs);
        lost = lostOfForgotten
                + boots.values().stream().mapToLong(each -> each.hold.missing()).sum();
    }

    /** Samples between the first and the last of their boot that have not come. */
    long lost() {
        return lost;
    }

    /** Frames that were not believed. */
    long refused() {
        return refused.sum();
    }

    private Boot begin(long boot, long timeUs, long lastTimeUs, long periodUs, long atNanos) {
        Optional<BootState> known = inJournal(() -> journal.boot(tool, boot), Optional.empty());
        if (known.isPresent()) {
            BootState state = known.get();
            IndexLedger ledger = new IndexLedger(
                    state.firstIndex(),
                    state.lastIndex(),
                    state.gaps().stream()
                            .map(gap -> new IndexLedger.Range(gap.first(), gap.last()))
                            .toList());
            return new Boot(boot, state.utcOffsetUs(), ledger);
        }
        long utcOffsetUs = firstUtcUs(timeUs, lastTimeUs, periodUs, atNanos) - timeUs;
        journal.append(List.of(new JournalEntry.Boot(tool, boot, utcOffsetUs)));
        return new Boot(boot, utcOffsetUs, new IndexLedger());
    }

    /** By the time of its arrival, but always later than every sample of the tool before it. */
    private long firstUtcUs(long timeUs, long lastTimeUs, long periodUs, long atNanos) {
        long arrivedUs = Json.usOf(clock.instant()) - (System.nanoTime() - atNanos) / 1000;
        long firstUs = arrivedUs - (lastTimeUs - timeUs);
        long journaledUs =
                inJournal(() -> journal.lastUtcUs(tool), OptionalLong.empty()).orElse(Long.MIN_VALUE);
        long lastUs = Math.max(lastUtcUs, journaledUs);
        return lastUs == Long.MIN_VALUE ? firstUs : Math.max(firstUs, lastUs + periodUs);
    }

    /** What the journal knows; a disk that cannot be read must not hold up the warning of the hand. */
    private <T> T inJournal(Supplier<T> question, T otherwise) {
        try {
            return question.get();
        } catch (UncheckedIOException e) {
            LOG.warn("{}: going on without the journal's knowledge of it: {}", tool, e.getMessage());
            return otherwise;
        }
    }
}

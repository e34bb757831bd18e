package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.ClockSegment;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.TimeSync;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The boots of one tool: what has come of each, its clock, and which one is current. Another boot becomes current only when
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
    /** By more the clock of a host is set, not drifting. */
    private static final long STEP_US = 1_000_000;

    private final String tool;
    private final Journal journal;
    private final Clock clock;
    private final LongSupplier nanoTime;

    private final Map<Long, Boot> boots = new LinkedHashMap<>();
    private @Nullable Boot current;
    /** The first live frame of a boot that may become current. */
    private @Nullable Came first;

    private long lastUtcUs = Long.MIN_VALUE;
    /** Exchanges of times with the boot {@link #syncedBoot}. */
    private ClockSync sync = new ClockSync();

    private long syncedBoot = NOT_SEEN;
    private volatile boolean hostClockStepped;
    private final LongAdder refused = new LongAdder();
    private long refusalSaidOf = NOT_SEEN;
    private volatile List<Accounting.Boot> accounts = List.of();
    /** What was lost or pending, by boot. */
    private final Map<Long, Long> lostOfForgotten = new ConcurrentHashMap<>();

    /** @param atNanos when the frame arrived, of {@link System#nanoTime()} */
    record Came(ForceFrame frame, long atNanos) {}

    static final class Boot {
        final long number;
        final ReorderHold hold;
        private BootClock clock;
        private boolean estimated;
        /** UTC of this boot is the host's monotonic time and this, microseconds. */
        private long anchorUs;
        /** Up to this tool time the clock has been used. */
        private long usedUntilUs;

        private boolean synced;
        final IndexLedger events = new IndexLedger();
        private final JumpGuard guard = new JumpGuard();
        private long toolStrokesSeen = NOT_SEEN;
        private boolean wasCurrent;

        private Boot(long number, BootClock clock, boolean estimated, long anchorUs, IndexLedger samples) {
            this.number = number;
            this.clock = clock;
            this.estimated = estimated;
            this.anchorUs = anchorUs;
            hold = new ReorderHold(samples);
        }

        BootClock clock() {
            return clock;
        }

        IndexLedger samples() {
            return hold.ledger();
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

    /** @param nanoTime as {@link System#nanoTime()}, and of the same origin as the times of arrival */
    ToolBoots(String tool, Journal journal, Clock clock, LongSupplier nanoTime) {
        this.tool = tool;
        this.journal = journal;
        this.clock = clock;
        this.nanoTime = nanoTime;
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

    /** A frame is not taken. */
    void refuse() {
        refused.increment();
    }

    private void refuse(ForceFrame frame) {
        refuse();
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
        return add(begin(number, timeUs, lastTimeUs, periodUs, atNanos));
    }

    private Boot add(Boot begun) {
        boots.put(begun.number, begun);
        lostOfForgotten.remove(begun.number);
        for (Iterator<Boot> each = boots.values().iterator(); boots.size() > KEPT && each.hasNext(); ) {
            Boot oldest = each.next();
            if (oldest != current && oldest != begun) {
                lostOfForgotten.put(oldest.number, account(oldest).pending() + lost(account(oldest)));
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
        of.usedUntilUs = Math.max(of.usedUntilUs, frame.lastTimeUs() + frame.periodUs());
        lastUtcUs = Math.max(lastUtcUs, of.clock.utcUs(frame.lastTimeUs()));
        account();
    }

    List<Boot> all() {
        return List.copyOf(boots.values());
    }

    /** One of {@link #all}; null when it is none of them. */
    @Nullable
    Boot known(long number) {
        return boots.get(number);
    }

    /** What the journal has of a boot that is not known here; it goes on from there. */
    Boot takeUp(long number, BootState state) {
        Boot known = boots.get(number);
        return known != null ? known : add(of(number, state));
    }

    /**
     * Gives a boot that only the tool's records tell of its place in time: it ended when the next one began.
     *
     * @param lastTimeUs of its newest sample
     * @param endUtcUs when the next one began
     */
    Boot place(long number, long lastTimeUs, int periodUs, long endUtcUs) {
        long lastUtc = endUtcUs - periodUs;
        long notBeforeUs = inJournal(() -> journal.lastUtcUsBefore(tool, endUtcUs), OptionalLong.empty())
                .orElse(Long.MIN_VALUE / 2);
        for (Boot each : boots.values()) {
            long itsLastUs = each.clock.utcUs(each.usedUntilUs);
            notBeforeUs = itsLastUs < endUtcUs ? Math.max(notBeforeUs, itsLastUs) : notBeforeUs;
        }
        BootClock clock = BootClock.ofOffset(lastUtc - lastTimeUs);
        if (clock.utcUs(0) <= notBeforeUs && lastTimeUs > 0) {
            // More time than there was, so the host's clock was set meanwhile: it passes faster, and the order is kept.
            long roomUs = Math.max(1, lastUtc - notBeforeUs - periodUs);
            clock = new BootClock(
                    List.of(new ClockSegment(0, notBeforeUs + periodUs, (roomUs / (double) lastTimeUs - 1) * 1e6)));
        }
        journal.append(List.of(new JournalEntry.Boot(tool, number, clock, true)));
        return add(new Boot(number, clock, true, anchorUs(), new IndexLedger()));
    }

    /**
     * Takes an exchange of times with the tool.
     *
     * @return whether the clock of the current boot goes on otherwise
     */
    boolean sync(TimeSync answer, long sentNanos, long arrivedNanos) {
        Boot of = boots.get(answer.boot());
        boolean sleptMeanwhile =
                sync.known() && Math.abs(sync.hostUs(answer.receivedUs()) - arrivedNanos / 1000) > 2 * STEP_US;
        if (answer.boot() != syncedBoot || sleptMeanwhile) {
            // The monotonic clock stands still while the host sleeps: nothing from before fits what comes now.
            syncedBoot = answer.boot();
            sync = new ClockSync();
            if (of != null) {
                of.synced = false;
            }
        }
        if (!sync.add(sentNanos, arrivedNanos, answer.receivedUs(), answer.sentUs())) {
            LOG.debug("{}: an exchange of times is left out: {}", tool, answer);
            return false;
        }
        if (of == null) {
            return false;
        }
        of.usedUntilUs = Math.max(of.usedUntilUs, answer.sentUs());
        if (!of.synced) {
            of.synced = true;
            long behindUs = sync.behindUs(of.clock, of.usedUntilUs, of.anchorUs);
            if (Math.abs(behindUs) > STEP_US) {
                LOG.warn(
                        "{}: the host's clock was set by {} s, or it slept, since the tool's boot was first seen, which goes"
                                + " on in its own time",
                        tool,
                        behindUs / 1_000_000.0);
                of.anchorUs -= behindUs;
            }
        }
        hostClockStepped = Math.abs(anchorUs() - of.anchorUs) > STEP_US;
        List<ClockSegment> goesOn = sync.correction(of.clock, of.usedUntilUs, of.anchorUs);
        if (goesOn.isEmpty() && of.estimated) {
            goesOn = List.of(new ClockSegment(of.usedUntilUs, of.clock.utcUs(of.usedUntilUs), sync.driftPpm()));
        }
        if (goesOn.isEmpty()) {
            return false;
        }
        of.estimated = false;
        of.clock = of.clock.with(goesOn);
        journal.append(List.of(new JournalEntry.Clock(tool, of.number, goesOn)));
        return of == current;
    }

    /** Whether the host's clock was set since the current boot began, which goes on in its own time. */
    boolean hostClockStepped() {
        return hostClockStepped;
    }

    private long anchorUs() {
        return Json.usOf(clock.instant()) - nanoTime.getAsLong() / 1000;
    }

    /** Of what is known of each boot what has come, what is awaited, what is lost. */
    List<Accounting.Boot> accounts() {
        return accounts;
    }

    /** Samples that are known to be lost. */
    long lost() {
        long ofForgotten =
                lostOfForgotten.values().stream().mapToLong(count -> count).sum();
        return ofForgotten + accounts.stream().mapToLong(ToolBoots::lost).sum();
    }

    /** Samples that are awaited. */
    long pending() {
        return accounts.stream().mapToLong(Accounting.Boot::pending).sum();
    }

    /** Something has changed in what is known of a boot. */
    void account() {
        accounts = boots.values().stream().map(ToolBoots::account).toList();
    }

    private static Accounting.Boot account(Boot boot) {
        IndexLedger samples = boot.samples();
        Map<String, Long> lost = new TreeMap<>();
        samples.lost().forEach((why, count) -> {
            if (count > 0) {
                lost.put(why.name().toLowerCase(Locale.ROOT), count);
            }
        });
        return new Accounting.Boot(boot.number, samples.came(), samples.awaited(), lost);
    }

    private static long lost(Accounting.Boot account) {
        return account.lost().values().stream().mapToLong(count -> count).sum();
    }

    /** Frames that were not believed. */
    long refused() {
        return refused.sum();
    }

    private Boot begin(long boot, long timeUs, long lastTimeUs, long periodUs, long atNanos) {
        Optional<BootState> known = inJournal(() -> journal.boot(tool, boot), Optional.empty());
        if (known.isPresent()) {
            return of(boot, known.get());
        }
        boolean synced = boot == syncedBoot && sync.known();
        long anchorUs = anchorUs();
        long hostUs = synced ? sync.hostUs(timeUs) : atNanos / 1000 - (lastTimeUs - timeUs);
        anchorUs += Math.max(0, notBeforeUs(periodUs) - (anchorUs + hostUs));
        BootClock begun = synced ? sync.clock(anchorUs) : BootClock.ofOffset(anchorUs + hostUs - timeUs);
        journal.append(List.of(new JournalEntry.Boot(tool, boot, begun, !synced)));
        Boot of = new Boot(boot, begun, !synced, anchorUs, new IndexLedger());
        of.synced = synced;
        return of;
    }

    private Boot of(long number, BootState state) {
        IndexLedger ledger = new IndexLedger(
                state.firstIndex(),
                state.lastIndex(),
                state.gaps().stream()
                        .map(gap -> new IndexLedger.Range(gap.first(), gap.last()))
                        .toList());
        return new Boot(number, state.clock(), state.estimated(), anchorUs(), ledger);
    }

    /** Every sample of another boot is later than those of the tool before it. */
    private long notBeforeUs(long periodUs) {
        long journaledUs =
                inJournal(() -> journal.lastUtcUs(tool), OptionalLong.empty()).orElse(Long.MIN_VALUE);
        return Math.max(Math.max(lastUtcUs, journaledUs), Long.MIN_VALUE / 4) + periodUs;
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

package io.lightstroke.gateway;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionStateMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one tool's session needs of time, journal and live view: orders to disk and in force, the session that ran before
 * the gateway did, the end of one of which nothing more is heard. Used by the session's thread, where nothing else is said.
 */
final class SessionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);
    private static final Duration FRESH = Duration.ofMillis(500);
    /** Of so many of the tool's last sessions the summary is looked for at the start. */
    private static final int KEPT_SESSIONS = 16;
    /** So long a session that nobody started lasts without need. */
    private static final long LONG_US = 3_600_000_000L;
    /** No session has more. */
    private static final int MAX_ORDERS = 10_000;
    /** A session ends when for so long neither a sample nor an order has come. */
    private static final Duration SILENCE_ENDS = Duration.ofMinutes(5);

    private final String tool;
    private final Engine engine;
    private final SessionRecorder recorder;
    private final Journal journal;
    private final LiveView live;
    private final Clock clock;
    private final LongSupplier nanoTime;

    /** The sample that is judged next, by what is known so far; null before the first. */
    private @Nullable Moment next;

    private long lastActNanos;
    private volatile @Nullable SessionState session;
    private volatile PressureLimits limits;
    private @Nullable SessionStateMessage published;

    /** What is published is of this run; the broker may still have the last one's. */
    private boolean publishedOnce;

    /** @param nanoTime as {@link System#nanoTime()} */
    SessionKeeper(
            Engine engine,
            SessionRecorder recorder,
            Journal journal,
            LiveView live,
            Clock clock,
            LongSupplier nanoTime) {
        this.tool = recorder.tool();
        this.engine = engine;
        this.recorder = recorder;
        this.limits = recorder.limits();
        this.journal = journal;
        this.live = live;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.lastActNanos = nanoTime.getAsLong();
    }

    /** In force now; any thread may ask. */
    PressureLimits limits() {
        return limits;
    }

    /** The session that runs, if one does; any thread may ask. */
    @Nullable
    SessionState session() {
        return session;
    }

    /**
     * Takes up the session that ran when the gateway ended last, as the journal has it: it goes on when it is young
     * enough, and else it is over since its last sample. Before the first frame.
     */
    void takeUp(JournalReader reader) {
        List<JournalEntry.Order> known = journal.lastOrders(tool, MAX_ORDERS);
        Derivation.withoutSummary(reader, known, KEPT_SESSIONS).forEach(recorder::over);
        List<JournalEntry.Order> orders = Derivation.unfinished(known);
        if (orders.isEmpty()) {
            return;
        }
        JournalEntry.Order last = orders.get(orders.size() - 1);
        long newestUtcUs = Math.max(last.utcUs(), journal.lastUtcUs(tool).orElse(Long.MIN_VALUE));
        long ageUs = Json.usOf(clock.instant()) - newestUtcUs;
        Order.Start start = (Order.Start) Order.of(orders.get(0));
        if (start.assigned() && ageUs < SILENCE_ENDS.toNanos() / 1000) {
            try {
                next = Derivation.replay(reader, orders, newestUtcUs, engine, recorder, unused -> {});
                recorder.resumed();
                lastActNanos = nanoTime.getAsLong() - Math.max(0, ageUs) * 1000;
                LOG.info("{}: session {} goes on", tool, start.session());
                changed();
                return;
            } catch (RuntimeException e) {
                LOG.error("{}: session {} cannot go on, and ends", tool, start.session(), e);
            }
        }
        Moment end = Derivation.endOf(reader, orders, newestUtcUs);
        Order order = new Order.End(start.session(), Order.By.RESTART, null);
        if (recorder.state() != null) {
            recorder.resumed();
            execute(order, end);
        } else {
            journal.append(List.of(entry(order, end)));
            recorder.over(start.session());
        }
        LOG.info("{}: session {} is over since {}", tool, start.session(), Json.instantOfUs(end.utcUs()));
    }

    /**
     * Executes an order: in force from the next sample on that is judged. It is on disk after {@link Journal#flush}.
     *
     * @return why it was not, in words for people; null when it was
     */
    @Nullable
    String order(Order order) {
        SessionState running = recorder.state();
        if (order instanceof Order.Start && running != null && !running.assigned()) {
            execute(new Order.End(running.id(), Order.By.SESSION_START, null), nextMoment());
        }
        String refusal = recorder.refusal(order);
        if (refusal == null && next == null) {
            refusal = "%s: want samples of it first, got none yet".formatted(tool);
        }
        return refusal != null ? refusal : execute(order, nextMoment());
    }

    /** The person's tap: on to the next spot. */
    void nextSpot() {
        SessionState running = recorder.state();
        if (running != null && next != null) {
            String refusal = execute(new Order.NextSpot(running.id(), null), nextMoment());
            if (refusal != null) {
                LOG.warn("{}: button: {}", tool, refusal);
            }
        }
    }

    /**
     * The sample {@code first} is judged now, in a session that nobody started where there is none. Such a one ends after
     * an hour, between two spots, or after two in any case: another follows.
     */
    void begins(Moment first) {
        SessionState running = recorder.state();
        if (running != null && !running.assigned()) {
            long lastedUs = first.utcUs() - running.started().utcUs();
            boolean rests = Double.isNaN(engine.spotS());
            if (lastedUs >= LONG_US && (rests || lastedUs >= 2 * LONG_US)) {
                execute(new Order.End(running.id(), Order.By.LENGTH, null), first);
            }
        }
        if (recorder.state() == null) {
            execute(recorder.unassigned(first.boot(), first.index()), first);
        }
    }

    /** Samples have been judged up to the one before {@code following}. */
    void judged(Moment following) {
        next = following;
        lastActNanos = nanoTime.getAsLong();
    }

    private @Nullable String execute(Order order, Moment at) {
        // An end and its summary are on disk both or neither; all else is there before it is in force.
        boolean ends = order instanceof Order.End;
        if (!ends && !journal.append(List.of(entry(order, at)))) {
            return "journal: want the order on disk, got too much that waits for it";
        }
        List<JournalEntry> entries = new ArrayList<>();
        if (ends) {
            entries.add(entry(order, at));
        }
        entries.addAll(recorder.order(order, at));
        boolean kept = entries.isEmpty() || journal.append(entries);
        lastActNanos = nanoTime.getAsLong();
        if (next != null && at.utcUs() > next.utcUs()) {
            next = at;
        }
        changed();
        return kept || !ends
                ? null
                : "journal: want the end on disk, got too much that waits for it; the session is over, but without a summary";
    }

    private JournalEntry.Order entry(Order order, Moment at) {
        return new JournalEntry.Order(tool, at.boot(), at.index(), at.utcUs(), order.json());
    }

    /** While samples come, the next one; and else as long after the last one as has passed since. */
    private Moment nextMoment() {
        Moment following = Objects.requireNonNull(next);
        long passedNanos = nanoTime.getAsLong() - lastActNanos;
        return passedNanos < FRESH.toNanos()
                ? following
                : new Moment(following.boot(), following.index(), following.utcUs() + passedNanos / 1000);
    }

    private void changed() {
        session = recorder.state();
        limits = recorder.limits();
        publish();
    }

    /** What is due by time, at {@code nowNanos} of {@link System#nanoTime()}: to say how the session stands, and to end one of which nothing more is heard. */
    void tick(long nowNanos) {
        SessionState running = recorder.state();
        if (running != null && next != null && nowNanos - lastActNanos > SILENCE_ENDS.toNanos()) {
            LOG.info("{}: session {} ends, nothing heard for {} min", tool, running.id(), SILENCE_ENDS.toMinutes());
            execute(new Order.End(running.id(), Order.By.SILENCE, null), next);
        } else {
            publish();
        }
    }

    /** The gateway ends: a session that nobody started ends with it, another one waits for the next start. */
    void end() {
        SessionState running = recorder.state();
        if (running != null && !running.assigned() && next != null) {
            execute(new Order.End(running.id(), Order.By.GATEWAY_END, null), next);
        }
    }

    private void publish() {
        SessionStateMessage message = recorder.message(Json.usOf(clock.instant()));
        boolean same = message == null ? published == null : published != null && message.sameAs(published);
        if (!same || !publishedOnce) {
            live.sessionState(tool, message);
        }
        publishedOnce = true;
        published = message;
    }
}

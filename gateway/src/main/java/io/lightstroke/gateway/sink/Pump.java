package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.journal.SinkAccount;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Moves the journal into one sink, in order, at least once, on a thread of its own: reads after the sink's cursor,
 * delivers, and moves the cursor when the other side has accepted. While it does not, tries again with growing waits.
 */
public final class Pump implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

    /** Entries per delivery after a failure, so that even a sink that never lasts for long gets on. */
    private static final int LEAST_ENTRIES = 50;

    private static final long LONGEST_PAUSE_MS = 30_000;
    private static final Duration IDLE = Duration.ofSeconds(1);
    /** A sink that does not answer delays {@link #close} by no more than twice this. */
    private static final Duration SINK_LIMIT = Duration.ofSeconds(2);

    private final Journal journal;
    private final Sink sink;
    private final Thread thread;
    private final Pause pause;
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MS, ThreadLocalRandom.current());
    /** Entries for the next delivery, at most; doubled with each. */
    private int atOnce = LEAST_ENTRIES;

    /** Null when the journal could not be read then. */
    private final @Nullable SinkAccount atStart;

    /** Whoever has it knows that nothing is under way. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private volatile @Nullable String problem;
    private volatile boolean closing;

    /** Between two attempts. */
    interface Pause {
        void last(long ms) throws InterruptedException;
    }

    /** Enables the sink in the journal and starts; closes the sink when it is closed itself. */
    public Pump(Journal journal, Sink sink) {
        this(journal, sink, Thread::sleep);
    }

    /** For tests, which need not wait. */
    Pump(Journal journal, Sink sink, Pause pause) {
        this.journal = journal;
        this.sink = sink;
        this.pause = pause;
        journal.enable(sink.name());
        atStart = accountNow().orElse(null);
        thread = new Thread(this::run, "pump-" + sink.name());
        thread.setDaemon(true);
        thread.start();
    }

    public String name() {
        return sink.name();
    }

    /**
     * Of the samples since the pump was started; what was pending then counts as journaled. Empty when the journal cannot be
     * read.
     */
    public Optional<SinkAccount> account() {
        SinkAccount before = atStart == null ? new SinkAccount(0, 0, 0, 0, 0) : atStart;
        return accountNow()
                .map(now -> new SinkAccount(
                        now.journaled() - before.journaled() + before.pending(),
                        now.delivered() - before.delivered(),
                        now.pending(),
                        now.setAside() - before.setAside(),
                        now.expired() - before.expired()));
    }

    private Optional<SinkAccount> accountNow() {
        try {
            return Optional.of(journal.account(name()));
        } catch (UncheckedIOException | IllegalArgumentException e) {
            return Optional.empty(); // the journal says why
        }
    }

    /** Why nothing is delivered at present; empty while all is well. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Waits until everything committed before is delivered or set aside, or {@code limit} has passed.
     *
     * @return whether it is
     */
    public boolean drain(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        long last = journal.lastSeq();
        while (!has(last)) {
            if (System.nanoTime() > end || !thread.isAlive()) {
                return false;
            }
            Thread.sleep(10);
        }
        return true;
    }

    private record Delivered(long lastSeq, Delivery delivery) {}

    private boolean has(long seq) {
        try {
            return journal.cursor(name()) >= seq;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private void run() {
        MDC.put("sink", name());
        try {
            while (!closing) {
                Optional<Delivered> delivered = attempt(this::deliverNext);
                if (delivered.isPresent()) {
                    List<SetAside> setAside = delivered.get().delivery.setAside();
                    say(setAside);
                    attempt(() -> {
                        journal.advance(name(), delivered.get().lastSeq, setAside);
                        return Optional.empty();
                    });
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void say(List<SetAside> setAside) {
        if (!setAside.isEmpty()) {
            SetAside first = setAside.get(0);
            LOG.warn(
                    "{} refuses {} entries, set aside; the first, entry {}: {}",
                    name(),
                    setAside.size(),
                    first.seq(),
                    first.reason());
        }
    }

    private Optional<Delivered> deliverNext() throws SinkException, InterruptedException {
        long cursor = journal.cursor(name());
        long last = journal.lastSeq();
        List<Numbered> entries = journal.read(cursor, atOnce);
        if (entries.isEmpty() && cursor < last) {
            return Optional.of(new Delivered(last, Delivery.COMPLETE)); // gone, as after a repair
        }
        if (entries.isEmpty()) {
            sink.idle();
            journal.awaitMore(cursor, IDLE);
            return Optional.empty();
        }
        Delivery delivery = sink.deliver(entries);
        atOnce = Math.min(2 * atOnce, sink.maxEntries());
        return Optional.of(new Delivered(entries.get(entries.size() - 1).seq(), delivery));
    }

    /** Repeats the step until it succeeds; says once that it fails, and once that it goes on. */
    private <T> T attempt(Step<T> step) throws InterruptedException {
        while (true) {
            try {
                T done = inTurn(step);
                if (problem != null) {
                    LOG.info("{} goes on", name());
                    problem = null;
                }
                backoff.reset();
                return done;
            } catch (SinkException | JournalException | RuntimeException | Error e) {
                String why = e instanceof RuntimeException || e instanceof Error
                        ? e.toString()
                        : String.valueOf(e.getMessage());
                if (problem == null) {
                    LOG.warn("{} is not delivering, trying again: {}", name(), why);
                }
                problem = why;
                atOnce = LEAST_ENTRIES;
                long wantedMs =
                        e instanceof SinkException sink ? sink.retryAfter().toMillis() : 0;
                pause.last(Math.max(wantedMs, backoff.nextMs()));
            }
        }
    }

    private <T> T inTurn(Step<T> step) throws SinkException, JournalException, InterruptedException {
        turn.lockInterruptibly();
        try {
            return step.run();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Rests until {@link #goOn}, which the same thread must call; nothing is under way then.
     *
     * @return whether it does so within {@code limit}
     */
    public boolean rest(Duration limit) throws InterruptedException {
        return turn.tryLock(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** After {@link #rest}: what is gone is not sent again, as far as it was on its way. */
    public void goOn(Predicate<JournalEntry> gone) {
        sink.forget(gone);
        turn.unlock();
    }

    private interface Step<T> {
        T run() throws SinkException, JournalException, InterruptedException;
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(SINK_LIMIT.toMillis());
            sink.close();
            thread.join(SINK_LIMIT.toMillis());
        } catch (InterruptedException e) {
            sink.close();
            Thread.currentThread().interrupt();
        }
    }
}

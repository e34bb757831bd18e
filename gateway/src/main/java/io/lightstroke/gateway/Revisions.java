package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.session.Derivation;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Derives sessions again that are over and of which not all was seen as it happened, once nothing more of them comes for
 * 2 s; what has changed goes to the journal as the next revision. One thread; may be asked by any.
 */
final class Revisions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Revisions.class);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final Journal journal;
    private final Path folder;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    // Guarded by lock:
    private final Set<String> due = new LinkedHashSet<>();
    private long askedNanos;
    private boolean closing;

    /** @param folder of the journal */
    Revisions(Journal journal, Path folder) {
        this.journal = journal;
        this.folder = folder;
        thread = new Thread(this::run, "revisions");
        thread.setDaemon(true);
        thread.start();
    }

    void due(String session) {
        lock.lock();
        try {
            due.add(session);
            askedNanos = System.nanoTime();
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (List<String> sessions = next(); !sessions.isEmpty(); sessions = next()) {
                derive(sessions);
            }
        } catch (InterruptedException e) {
            // closed, and it takes too long
        }
    }

    /** Those that are due, once they have settled; none when it is closed. */
    private List<String> next() throws InterruptedException {
        lock.lock();
        try {
            while (!closing) {
                long left = due.isEmpty() ? Long.MAX_VALUE : askedNanos + SETTLE.toNanos() - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                long unused = work.awaitNanos(left);
            }
            List<String> sessions = List.copyOf(due);
            due.clear();
            return sessions;
        } finally {
            lock.unlock();
        }
    }

    private void derive(List<String> sessions) {
        if (!journal.flush(FLUSH_LIMIT)) {
            LOG.warn("sessions {} are not derived again yet: the disk does not take the journal", sessions);
            later(sessions);
            return;
        }
        try (JournalReader reader = JournalReader.open(folder)) {
            sessions.forEach(session -> derive(reader, session));
        } catch (JournalException e) {
            LOG.warn("sessions {} are not derived again yet: {}", sessions, e.getMessage());
            later(sessions);
        }
    }

    private void derive(JournalReader reader, String session) {
        long beganNanos = System.nanoTime();
        try {
            int changes = Derivation.keep(journal, reader, session);
            LOG.info(
                    "session {} derived again in {} ms: {} findings changed",
                    session,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos),
                    changes);
        } catch (UncheckedIOException e) {
            LOG.warn("session {} is not derived again yet: {}", session, e.getMessage());
            later(List.of(session));
        } catch (RuntimeException e) {
            LOG.error("session {} is not derived again", session, e);
        }
    }

    /** Tries these again after a while. */
    private void later(List<String> sessions) {
        lock.lock();
        try {
            if (!closing) {
                due.addAll(sessions);
                askedNanos = System.nanoTime() + RETRY.toNanos();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Derives what is due, within 10 s. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}

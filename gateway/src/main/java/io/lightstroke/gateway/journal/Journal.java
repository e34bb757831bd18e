package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/**
 * The durable local record: one SQLite file in a folder, laid out as {@code migration/} draws it. All methods may be
 * called from any thread. One thread writes: what was appended within 200 ms is one transaction, synced to disk before
 * it counts. While the disk refuses, what waits is kept and tried again each second; what does not fit is counted.
 */
public final class Journal implements AutoCloseable {
    /** As much as may wait for the disk, in samples: 78 s of 64 tools at 100 Hz, about 20 MB. A finding counts as one. */
    public static final int MAX_WAITING_SAMPLES = 500_000;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private static final long COMMIT_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** So much is committed at once, not after the interval. */
    private static final int FULL_GROUP_SAMPLES = 20_000;

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration TASK_LIMIT = Duration.ofSeconds(10);

    private final Path file;
    private final FileChannel lockChannel;
    private final WriteConnection writing;
    private final ReadConnection reading;
    /** For questions: an account of a long backlog must not hold up {@link #read}. */
    private final ReadConnection asking;

    private final Thread writer;

    private final Histogram commitUs = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(10), 3);
    private final Map<String, Counts> countsByTool = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition progress = lock.newCondition();
    // Guarded by lock:
    private final Queue<JournalEntry> waiting = new ArrayDeque<>();
    private final Queue<Task> tasks = new ArrayDeque<>();
    private int waitingSamples;
    /** Entries ever accepted; of them, settled are committed or given up. */
    private long accepted;

    private long settled;
    private long flushWanted;
    private long committedSeq;
    private boolean closing;

    /** An entry and its place in the one sequence that orders all entries. */
    public record Numbered(long seq, JournalEntry entry) {}

    private record Task(WriteConnection.Work work, CompletableFuture<Void> done) {}

    private record Counts(LongAdder journaled, LongAdder notKept) {
        Counts() {
            this(new LongAdder(), new LongAdder());
        }
    }

    private Journal(
            Path file,
            FileChannel lockChannel,
            WriteConnection writing,
            ReadConnection reading,
            ReadConnection asking) {
        this.file = file;
        this.lockChannel = lockChannel;
        this.writing = writing;
        this.reading = reading;
        this.asking = asking;
        this.committedSeq = writing.lastSeq();
        this.writer = new Thread(this::write, "journal");
        this.writer.setDaemon(true);
    }

    /**
     * Opens the journal in {@code folder}, creating both when missing. A file that is no longer a database is moved
     * aside with its name and the time, said in the log, and a new one begun.
     *
     * @throws JournalException when another process has it open, or the folder cannot be written
     */
    public static Journal open(Path folder) throws JournalException {
        Path file = folder.resolve("journal.db");
        FileChannel lockChannel = null;
        WriteConnection writing = null;
        ReadConnection reading = null;
        try {
            Files.createDirectories(folder);
            lockChannel = lock(folder.resolve("journal.lock"));
            try {
                writing = new WriteConnection(file);
            } catch (SQLException e) {
                if (!isDamage(e)) {
                    throw e;
                }
                moveAside(file, e);
                writing = new WriteConnection(file);
            }
            reading = new ReadConnection(file);
            Journal journal = new Journal(file, lockChannel, writing, reading, new ReadConnection(file));
            journal.writer.start();
            return journal;
        } catch (SQLException | IOException e) {
            closeQuietly(reading);
            closeQuietly(writing);
            closeQuietly(lockChannel);
            throw new JournalException("journal %s cannot be opened: %s".formatted(file, e.getMessage()), e);
        } catch (JournalException e) {
            closeQuietly(lockChannel);
            throw e;
        }
    }

    private static FileChannel lock(Path lockFile) throws IOException, JournalException {
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        if (held == null) {
            channel.close();
            throw new JournalException(
                    "journal in %s: another gateway has it open. Stop that one, or give this one a data folder of its own"
                            .formatted(lockFile.toAbsolutePath().getParent()),
                    null);
        }
        return channel;
    }

    private static boolean isDamage(SQLException e) {
        int code = e.getErrorCode() & 0xff;
        return code == SQLiteErrorCode.SQLITE_NOTADB.code || code == SQLiteErrorCode.SQLITE_CORRUPT.code;
    }

    private static void moveAside(Path file, SQLException why) throws IOException {
        String suffix = ".damaged-" + Instant.now().toString().replaceAll("[^0-9TZ]", "");
        Path aside = file.resolveSibling(file.getFileName() + suffix);
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        for (String companion : List.of("-wal", "-shm")) {
            Path of = file.resolveSibling(file.getFileName() + companion);
            if (Files.exists(of)) {
                Files.move(of, aside.resolveSibling(aside.getFileName() + companion));
            }
        }
        LOG.error("journal {} is damaged ({}): moved to {}, a new one begins", file, why.getMessage(), aside);
    }

    /**
     * Hands entries over, all or none; never blocks, never throws. Once they are committed and synced,
     * {@link #samplesJournaled} counts their samples; an entry that can never be stored is logged and counted not kept.
     *
     * @return false: not kept, for too much waits for the disk, or the journal is closed; counted per tool
     */
    public boolean append(List<JournalEntry> entries) {
        int weight = 0;
        for (JournalEntry entry : entries) {
            weight += Math.max(1, samples(entry));
        }
        boolean kept = false;
        lock.lock();
        try {
            if (!closing && waitingSamples + weight <= MAX_WAITING_SAMPLES) {
                boolean wake = waiting.isEmpty() || waitingSamples + weight >= FULL_GROUP_SAMPLES;
                waiting.addAll(entries);
                waitingSamples += weight;
                accepted += entries.size();
                kept = true;
                if (wake) {
                    work.signal();
                }
            }
        } finally {
            lock.unlock();
        }
        if (!kept) {
            entries.forEach(this::countNotKept);
        }
        return kept;
    }

    private static int samples(JournalEntry entry) {
        return entry instanceof Samples samples ? samples.forceCn().length : 0;
    }

    private void countNotKept(JournalEntry entry) {
        counts(entry.tool()).notKept.add(samples(entry));
    }

    private Counts counts(String tool) {
        return countsByTool.computeIfAbsent(tool, each -> new Counts());
    }

    /**
     * Waits until everything appended before is committed or given up, or {@code limit} has passed.
     *
     * @return whether it is; false too when interrupted, with the thread's flag set again
     */
    public boolean flush(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            long target = accepted;
            flushWanted = Math.max(flushWanted, target);
            work.signal();
            while (settled < target && left > 0) {
                left = progress.awaitNanos(left);
            }
            return settled >= target;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Samples of the tool committed and synced since the journal was opened. */
    public long samplesJournaled(String tool) {
        return counts(tool).journaled.sum();
    }

    /** Samples of the tool that the journal could not keep, since it was opened. */
    public long samplesNotKept(String tool) {
        return counts(tool).notKept.sum();
    }

    /** How long each commit took until it was synced to disk, microseconds; is recorded to by the writing thread. */
    public Histogram commitUs() {
        return commitUs;
    }

    /**
     * Committed entries in order of seq, at most {@code maxEntries}, all with a seq above {@code afterSeq}.
     *
     * @throws UncheckedIOException when the file cannot be read
     */
    public List<Numbered> read(long afterSeq, int maxEntries) {
        // One bound for all tables: what is committed while they are read must not be seen in some of them only.
        long upToSeq = lastSeq();
        return query("entries after " + afterSeq, () -> reading.read(afterSeq, upToSeq, maxEntries));
    }

    /** Of the newest committed entry; 0 when there is none. */
    public long lastSeq() {
        lock.lock();
        try {
            return committedSeq;
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until something after {@code afterSeq} is committed, or {@code limit} has passed. */
    public void awaitMore(long afterSeq, Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (committedSeq <= afterSeq && left > 0 && !closing) {
                left = progress.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the sink a cursor at the end of the journal, if it has none yet. */
    public void enable(String sink) throws JournalException {
        if (query("cursor of " + sink, () -> asking.cursor(sink)).isPresent()) {
            return;
        }
        transactNow("enable sink " + sink, connection -> {
            try (var insert = connection.prepareStatement("insert into cursor (sink, seq, base)"
                    + " select ?, ?, samples from total where true on conflict do nothing")) {
                insert.setString(1, sink);
                insert.setLong(2, writing.lastSeq());
                insert.executeUpdate();
            }
        });
    }

    private void transactNow(String what, WriteConnection.Work change) throws JournalException {
        try {
            transact(what, change);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException(what + ": interrupted", e);
        }
    }

    /**
     * The seq up to which the sink has everything.
     *
     * @throws IllegalArgumentException when the sink was never enabled
     */
    public long cursor(String sink) {
        return query("cursor of " + sink, () -> asking.cursor(sink)).orElseThrow(() -> notEnabled(sink));
    }

    /**
     * Moves the sink's cursor to {@code seq} and books what lies between as delivered but for {@code setAside}; returns
     * when that is on disk. Never moves it back.
     *
     * @throws JournalException when it did not reach the disk: the cursor stays
     */
    public void advance(String sink, long seq, List<SetAside> setAside) throws JournalException, InterruptedException {
        long samplesAside = setAside.stream().mapToLong(SetAside::samples).sum();
        transact("advance sink " + sink, connection -> {
            try (var insert = connection.prepareStatement("insert into set_aside values (?, ?, ?, ?)");
                    var update = connection.prepareStatement("update cursor set delivered = delivered - ?2"
                            + " + (select coalesce(sum(length(force)), 0) / 2 from samples"
                            + " where samples.seq > cursor.seq and samples.seq <= ?1),"
                            + " set_aside = set_aside + ?2, seq = ?1 where sink = ?3 and seq < ?1")) {
                update.setLong(1, seq);
                update.setLong(2, samplesAside);
                update.setString(3, sink);
                if (update.executeUpdate() == 0) {
                    return;
                }
                for (SetAside each : setAside) {
                    insert.setString(1, sink);
                    insert.setLong(2, each.seq());
                    insert.setLong(3, each.samples());
                    insert.setString(4, each.reason());
                    insert.executeUpdate();
                }
            }
        });
    }

    /**
     * Where the samples went that were journaled since the sink was enabled.
     *
     * @throws IllegalArgumentException when it never was
     */
    public SinkAccount account(String sink) {
        return query("account of " + sink, () -> asking.account(sink)).orElseThrow(() -> notEnabled(sink));
    }

    private static IllegalArgumentException notEnabled(String sink) {
        return new IllegalArgumentException("sink " + sink + ": want one that is enabled, this one never was");
    }

    /** What is committed of a boot; empty when nothing is. */
    public Optional<BootState> boot(String tool, long boot) {
        return boot(tool, boot, -1);
    }

    /** What is committed of a boot, with the gaps from the sample of this index on. */
    public Optional<BootState> boot(String tool, long boot, long fromIndex) {
        return query("boot %d of %s".formatted(boot, tool), () -> asking.boot(tool, boot, fromIndex));
    }

    /** The last {@code max} committed orders of the tool, the newest last. */
    public List<JournalEntry.Order> lastOrders(String tool, int max) {
        return query("orders of " + tool, () -> asking.lastOrders(tool, max));
    }

    /**
     * Keeps a guideline's text for as long as the journal is kept; returns when it is on disk. Nothing happens when it is
     * kept already.
     *
     * @param fingerprint SHA-256 of the text, lower-case hex
     */
    public void keepGuideline(String version, String fingerprint, String text) throws JournalException {
        transactNow("keep guideline " + version, connection -> {
            try (var insert = connection.prepareStatement(
                    "insert into guideline (sha256, version, text) values (?, ?, ?) on conflict do nothing")) {
                insert.setString(1, fingerprint);
                insert.setString(2, version);
                insert.setString(3, text);
                insert.executeUpdate();
            }
        });
    }

    /** The text of the kept guideline with this fingerprint. */
    public Optional<String> guideline(String fingerprint) {
        return query("guideline " + fingerprint, () -> asking.guideline(fingerprint));
    }

    /** UTC of the tool's newest committed sample, microseconds since 1970. */
    public OptionalLong lastUtcUs(String tool) {
        return query("last sample of " + tool, () -> asking.lastUtcUs(tool));
    }

    /** UTC of the tool's newest committed sample of those boots that ended before {@code utcUs}. */
    public OptionalLong lastUtcUsBefore(String tool, long utcUs) {
        return query("last sample of %s before %d".formatted(tool, utcUs), () -> asking.lastUtcUsBefore(tool, utcUs));
    }

    /** Commits what waits, if the disk takes it, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        closeQuietly(reading);
        closeQuietly(asking);
        closeQuietly(writing);
        closeQuietly(lockChannel);
    }

    private <T> T query(String what, Query<T> query) {
        try {
            return query.run();
        } catch (SQLException e) {
            throw new UncheckedIOException(
                    new IOException("journal %s: reading the %s failed: %s".formatted(file, what, e.getMessage()), e));
        }
    }

    private interface Query<T> {
        T run() throws SQLException;
    }

    /** Runs the work in a transaction of its own on the writing thread. */
    void transact(String what, WriteConnection.Work change) throws JournalException, InterruptedException {
        Task task = new Task(change, new CompletableFuture<>());
        lock.lock();
        try {
            if (closing) {
                throw new JournalException("journal %s: %s: it is closed".formatted(file, what), null);
            }
            tasks.add(task);
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            task.done.get(TASK_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new JournalException("journal %s: %s: %s".formatted(file, what, cause.getMessage()), cause);
        } catch (TimeoutException e) {
            throw new JournalException(
                    "journal %s: %s: the disk did not answer within %d s".formatted(file, what, TASK_LIMIT.toSeconds()),
                    e);
        }
    }

    // The writing thread.

    private void write() {
        List<JournalEntry> group = new ArrayList<>();
        long lastCommit = System.nanoTime() - COMMIT_INTERVAL_NANOS;
        boolean refusing = false;
        while (true) {
            List<Task> due = new ArrayList<>();
            boolean last;
            lock.lock();
            try {
                while (true) {
                    long wait = nanosUntilCommit(refusing, System.nanoTime() - lastCommit);
                    if (!tasks.isEmpty() || closing || wait <= 0) {
                        break;
                    }
                    work.awaitNanos(wait);
                }
                due.addAll(tasks);
                tasks.clear();
                last = closing;
                if (group.isEmpty() && nanosUntilCommit(refusing, System.nanoTime() - lastCommit) <= 0) {
                    group.addAll(waiting);
                    waiting.clear();
                }
            } catch (InterruptedException e) {
                continue;
            } finally {
                lock.unlock();
            }
            due.forEach(this::runTask);
            if (!group.isEmpty() && (last || !refusing || System.nanoTime() - lastCommit >= RETRY_NANOS)) {
                lastCommit = System.nanoTime();
                refusing = !commit(group, refusing);
                if (!refusing) {
                    group.clear();
                }
            }
            if (last && (refusing || nothingWaits())) {
                end(group);
                return;
            }
        }
    }

    private boolean nothingWaits() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** How long the next commit may wait; 0 or less: it is due. */
    private long nanosUntilCommit(boolean refusing, long sinceLastNanos) {
        if (refusing) {
            return RETRY_NANOS - sinceLastNanos;
        }
        if (waiting.isEmpty()) {
            return Long.MAX_VALUE;
        }
        boolean atOnce = closing || flushWanted > settled || waitingSamples >= FULL_GROUP_SAMPLES;
        return atOnce ? 0 : COMMIT_INTERVAL_NANOS - sinceLastNanos;
    }

    private void runTask(Task task) {
        try {
            writing.transact(task.work);
            task.done.complete(null);
        } catch (SQLException | RuntimeException e) {
            task.done.completeExceptionally(e);
        }
    }

    private boolean commit(List<JournalEntry> group, boolean refusing) {
        long beganNanos = System.nanoTime();
        List<JournalEntry> rows = SampleBlobs.join(group);
        WriteConnection.Committed committed;
        try {
            committed = writing.commit(rows);
        } catch (SQLException | RuntimeException e) {
            if (!refusing) {
                LOG.error("journal {}: the disk does not take more ({}); trying again each second", file, e.toString());
            }
            return false;
        }
        commitUs.recordValue(Math.min(
                TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNanos), commitUs.getHighestTrackableValue()));
        if (refusing) {
            LOG.info("journal {}: the disk takes entries again", file);
        }
        for (JournalEntry row : rows) {
            counts(row.tool()).journaled.add(samples(row));
        }
        for (WriteConnection.Refused refused : committed.refused()) {
            Counts counts = counts(refused.entry().tool());
            counts.journaled.add(-samples(refused.entry()));
            counts.notKept.add(samples(refused.entry()));
            LOG.error("journal {}: can never store {}: {}", file, refused.entry(), refused.reason());
        }
        settle(group, committed.lastSeq());
        return true;
    }

    private void settle(List<JournalEntry> group, long lastSeq) {
        int weight = 0;
        for (JournalEntry entry : group) {
            weight += Math.max(1, samples(entry));
        }
        lock.lock();
        try {
            settled += group.size();
            waitingSamples -= weight;
            committedSeq = lastSeq;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes leave of what the disk did not take, and of whoever waits. */
    private void end(List<JournalEntry> notCommitted) {
        lock.lock();
        try {
            notCommitted.addAll(waiting);
            waiting.clear();
            tasks.forEach(task -> task.done.completeExceptionally(new IOException("the journal was closed")));
            tasks.clear();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
        if (!notCommitted.isEmpty()) {
            notCommitted.forEach(this::countNotKept);
            LOG.error("journal {}: closed while the disk did not take {} entries", file, notCommitted.size());
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("closing {}: {}", resource, e.toString());
            }
        }
    }
}

package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/**
 * The durable local record: one SQLite file in a folder, laid out as {@code migration/} draws it. All methods may be
 * called from any thread. One thread writes: what was appended within 200 ms is one transaction, synced to disk before
 * it counts. While the disk refuses, or the file cannot be opened, what waits is kept and tried again each second; what
 * does not fit is counted. A damaged file is set aside and another begun.
 */
public final class Journal implements AutoCloseable {
    /** As much as may wait for the disk, in samples: 78 s of 64 tools at 100 Hz, about 20 MB. A finding counts as one. */
    public static final int MAX_WAITING_SAMPLES = 500_000;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private static final long COMMIT_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** So much is committed at once, not after the interval; not much more in one transaction, for the disk may lack room. */
    private static final int FULL_GROUP_SAMPLES = 20_000;

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Failures after which the file that is open is still of use. */
    private static final Set<Integer> PASSING = Set.of(
            SQLiteErrorCode.SQLITE_FULL.code,
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_NOMEM.code,
            SQLiteErrorCode.SQLITE_INTERRUPT.code);

    private static final Duration TASK_LIMIT = Duration.ofSeconds(10);
    /** All of a large file is written anew. */
    private static final Duration REWRITE_LIMIT = Duration.ofMinutes(10);

    private final Path path;
    private final Upkeep upkeep;

    private final Thread writer;

    private final Histogram commitUs = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(10), 3);
    private final Map<String, Counts> countsByTool = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition progress = lock.newCondition();
    // Guarded by lock:
    /** As they were appended: each is committed as a whole. */
    private final Queue<List<JournalEntry>> waiting = new ArrayDeque<>();

    private final Queue<Task> tasks = new ArrayDeque<>();
    private int waitingSamples;
    /** Entries ever accepted; of them, settled are committed or given up. */
    private long accepted;

    private long settled;
    private long flushWanted;
    private long committedSeq;
    private boolean closing;
    /** Sinks of this run. */
    private final Set<String> enabled = new TreeSet<>();

    // Changed by the writing thread:
    private volatile @Nullable JournalFile file;
    private volatile @Nullable String problem;
    /** A sink has no cursor yet. */
    private volatile boolean enableLater;

    private @Nullable FileChannel lockChannel;
    /** Met while reading. */
    private final AtomicReference<@Nullable Damage> damage = new AtomicReference<>();

    private record Damage(JournalFile of, String what) {}

    /** Something that befell the journal itself. */
    public record Notice(Instant at, String text) {}

    /** An entry and its place in the one sequence that orders all entries. */
    public record Numbered(long seq, JournalEntry entry) {}

    /**
     * What was erased of a person.
     *
     * @param samples of those sessions
     * @param records all else: findings, orders, the tools' events
     */
    public record Erased(long sessions, long samples, long records) {
        /** For people. */
        public String words() {
            return "%d sessions: %d samples, %d other records".formatted(sessions, samples, records);
        }
    }

    private record Task(Step step, CompletableFuture<Void> done) {}

    private interface Step {
        void run(WriteConnection writing) throws SQLException;
    }

    private record Counts(LongAdder journaled, LongAdder notKept) {
        Counts() {
            this(new LongAdder(), new LongAdder());
        }
    }

    private Journal(Path path) {
        this.path = path;
        this.upkeep = new Upkeep(path, Clock.systemUTC());
        this.writer = new Thread(this::write, "journal");
        this.writer.setDaemon(true);
    }

    /**
     * Opens the journal in {@code folder}, creating both when missing. A file that is damaged is moved aside with its name
     * and the time, said in the log and in {@link #notices}, and a new one begun. Where nothing can be written the journal is
     * there all the same, keeps nothing, says so ({@link #problem}), and tries again each second.
     *
     * @throws JournalException when another process has it open, or the file is one of a newer Lightstroke
     */
    public static Journal open(Path folder) throws JournalException {
        Journal journal = new Journal(folder.resolve("journal.db"));
        try {
            journal.openFile();
        } catch (SQLException | IOException e) {
            journal.refused("cannot be opened", e);
        } catch (JournalException e) {
            JournalFile.closeQuietly(journal.lockChannel);
            throw e;
        }
        journal.writer.start();
        return journal;
    }

    private void openFile() throws SQLException, IOException, JournalException {
        Path folder = Objects.requireNonNull(path.getParent());
        Files.createDirectories(folder);
        Path lockFile = folder.resolve("journal.lock");
        if (lockChannel == null || !Files.exists(lockFile)) {
            JournalFile.closeQuietly(lockChannel);
            lockChannel = null;
            lockChannel = lock(lockFile);
        }
        try {
            use(JournalFile.open(path, lastSeq()));
        } catch (SQLException e) {
            if (!JournalFile.isDamage(e)) {
                throw e;
            }
            use(JournalFile.begin(path, lastSeq(), "it is damaged (%s)".formatted(e.getMessage())));
        }
    }

    private void use(JournalFile opened) throws SQLException {
        try {
            enableSinks(opened);
        } catch (SQLException | RuntimeException e) {
            opened.close();
            throw e;
        }
        lock.lock();
        try {
            committedSeq = opened.writing.lastSeq();
        } finally {
            lock.unlock();
        }
        file = opened;
        problem = null;
    }

    private void refused(String what, Throwable e) {
        String text = "journal %s %s: %s".formatted(path, what, e.getMessage() == null ? e.toString() : e.getMessage());
        if (problem == null) {
            LOG.error("{}; nothing is kept meanwhile, trying again each second", text);
        }
        problem = text;
    }

    static FileChannel lock(Path lockFile) throws IOException, JournalException {
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

    /**
     * Hands entries over, all or none; never blocks, never throws. Once they are committed and synced,
     * {@link #samplesJournaled} counts their samples; an entry that can never be stored is logged and counted not kept.
     *
     * @return false: not kept, for too much waits for the disk, or the journal is closed; counted per tool
     */
    public boolean append(List<JournalEntry> entries) {
        int weight = weight(entries);
        boolean kept = false;
        lock.lock();
        try {
            if (!closing && waitingSamples + weight <= MAX_WAITING_SAMPLES) {
                boolean wake = waiting.isEmpty() || waitingSamples + weight >= FULL_GROUP_SAMPLES;
                waiting.add(List.copyOf(entries));
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

    private static int weight(List<JournalEntry> entries) {
        int weight = 0;
        for (JournalEntry entry : entries) {
            weight += Math.max(1, samples(entry));
        }
        return weight;
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

    /** How much waits for the disk, in samples; a finding counts as one. */
    public int samplesWaiting() {
        lock.lock();
        try {
            return waitingSamples;
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
     * Committed entries in order of seq, at most {@code maxEntries}, all with a seq above {@code afterSeq}. Samples that every
     * sink has passed may be missing: they are in blocks, which {@link JournalReader} reads.
     *
     * @throws UncheckedIOException when the file cannot be read
     */
    public List<Numbered> read(long afterSeq, int maxEntries) {
        // One bound for all tables: what is committed while they are read must not be seen in some of them only.
        long upToSeq = lastSeq();
        return query("entries after " + afterSeq, open -> open.reading.read(afterSeq, upToSeq, maxEntries));
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

    /**
     * Gives the sink a cursor at the end of the journal, if it has none yet; as soon as the disk takes it. From then on nothing
     * that the sink has not had is deleted, unless the disk forces it.
     */
    public void enable(String sink) {
        lock.lock();
        try {
            enabled.add(sink);
        } finally {
            lock.unlock();
        }
        try {
            transactNow("enable sink " + sink, connection -> {
                JournalFile open = file;
                if (open != null) {
                    Accounts.enable(connection, sink, open.writing.lastSeq());
                }
            });
        } catch (JournalException e) {
            enableLater = true;
            LOG.warn("sink {} gets its cursor with the next commit: {}", sink, e.getMessage());
        }
    }

    /** Says what shall be kept; before, all is. After the sinks are enabled. */
    public void retain(Retention retention) {
        upkeep.retain(retention);
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
        return query("cursor of " + sink, open -> open.reading.cursor(sink)).orElseThrow(() -> notEnabled(sink));
    }

    /**
     * Moves the sink's cursor to {@code seq} and books what lies between as delivered but for {@code setAside}; returns
     * when that is on disk. Never moves it back.
     *
     * @throws JournalException when it did not reach the disk: the cursor stays
     */
    public void advance(String sink, long seq, List<SetAside> setAside) throws JournalException, InterruptedException {
        transact("advance sink " + sink, connection -> {
            boolean unused = Accounts.advance(connection, sink, seq, setAside, Accounts.Column.DELIVERED);
        });
    }

    /**
     * By kind of record ({@code samples}, and the kinds of finding), where those went that were journaled since the sink was
     * enabled.
     *
     * @throws IllegalArgumentException when it never was
     */
    public Map<String, SinkAccount> accounts(String sink) {
        Map<String, SinkAccount> accounts = query("account of " + sink, open -> open.asking.accounts(sink));
        if (accounts.isEmpty()) {
            throw notEnabled(sink);
        }
        return accounts;
    }

    /** Of the samples. */
    public SinkAccount account(String sink) {
        return Objects.requireNonNull(accounts(sink).get(Accounts.SAMPLES));
    }

    /** Whether the disk takes what is appended; while it does not, some of it waits. */
    public boolean takes() {
        return problem == null;
    }

    /** Why nothing is kept at present, or what is deleted before its time; empty while all is well. */
    public Optional<String> problem() {
        String of = problem;
        return Optional.ofNullable(of == null ? upkeep.problem() : of);
    }

    /** What befell the journal itself, the oldest first. */
    public List<Notice> notices() {
        return query("notices", open -> open.asking.notices());
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
        return query("boot %d of %s".formatted(boot, tool), open -> open.reading.boot(tool, boot, fromIndex));
    }

    /** The last {@code max} committed orders of the tool, the newest last. */
    public List<JournalEntry.Order> lastOrders(String tool, int max) {
        return query("orders of " + tool, open -> open.reading.lastOrders(tool, max));
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
        return query("guideline " + fingerprint, open -> open.reading.guideline(fingerprint));
    }

    /** UTC of the tool's newest committed sample, microseconds since 1970. */
    public OptionalLong lastUtcUs(String tool) {
        return query("last sample of " + tool, open -> open.reading.lastUtcUs(tool));
    }

    /** UTC of the tool's newest committed sample of those boots that ended before {@code utcUs}. */
    public OptionalLong lastUtcUsBefore(String tool, long utcUs) {
        return query(
                "last sample of %s before %d".formatted(tool, utcUs),
                open -> open.reading.lastUtcUsBefore(tool, utcUs));
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
        JournalFile.closeQuietly(file);
        JournalFile.closeQuietly(lockChannel);
    }

    private <T> T query(String what, Query<T> query) {
        JournalFile open = file;
        if (open == null) {
            throw new UncheckedIOException(new IOException(String.valueOf(problem)));
        }
        try {
            return query.of(open);
        } catch (SQLException e) {
            if (JournalFile.isDamage(e)) {
                damage.set(new Damage(open, String.valueOf(e.getMessage())));
                lock.lock();
                try {
                    work.signal();
                } finally {
                    lock.unlock();
                }
            }
            throw new UncheckedIOException(
                    new IOException("journal %s: reading the %s failed: %s".formatted(path, what, e.getMessage()), e));
        }
    }

    private interface Query<T> {
        T of(JournalFile open) throws SQLException;
    }

    /**
     * Erases all of a person: of each of their sessions that is over what came from its start to its end, of each of its tools.
     * All or nothing; done again it does no harm. What of it comes later is not kept. Its bytes are in the file until {@link
     * #rewrite}.
     */
    public Erased erase(String person) throws JournalException, InterruptedException {
        Erased[] erased = new Erased[1];
        run("erase a person", REWRITE_LIMIT, writing -> erased[0] = writing.erase(person));
        return erased[0];
    }

    /** Writes the file anew, so that what was deleted cannot be read from it any more; what is appended waits meanwhile. */
    public void rewrite() throws JournalException, InterruptedException {
        run("write the file anew", REWRITE_LIMIT, WriteConnection::rewrite);
    }

    /** Names of the files beside it that were a journal once, and in which that word is: they cannot be changed in part. */
    public List<String> setAsideFiles(String word) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(Objects.requireNonNull(path.getParent()))) {
            for (Path each : files.sorted().toList()) {
                String name = each.getFileName().toString();
                if (name.startsWith(path.getFileName() + ".") && Files.isRegularFile(each) && contains(each, word)) {
                    found.add(name);
                }
            }
        }
        return found;
    }

    private static boolean contains(Path file, String word) throws IOException {
        byte[] wanted = word.getBytes(StandardCharsets.UTF_8);
        byte[] last = new byte[wanted.length];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                System.arraycopy(last, 1, last, 0, last.length - 1);
                last[last.length - 1] = (byte) next;
                if (Arrays.equals(last, wanted)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The erased times of which a sink that keeps what it has got may still have something. */
    public List<ErasedTime> erasedInSinks() {
        return query("erased times", open -> open.asking.erasedInSinks());
    }

    /** Sinks have nothing of these any more. */
    public void erasedInSinks(List<ErasedTime> times) throws JournalException, InterruptedException {
        transact("erased in sinks", connection -> {
            for (ErasedTime time : times) {
                Accounts.update(
                        connection,
                        "update erased_time set in_sinks = 0 where tool = ? and kind is ? and from_utc_us = ? and to_utc_us = ?",
                        time.tool(),
                        time.kind(),
                        time.fromUtcUs(),
                        time.toUtcUs());
            }
        });
    }

    /** Runs the work in a transaction of its own on the writing thread. */
    void transact(String what, WriteConnection.Work change) throws JournalException, InterruptedException {
        run(what, TASK_LIMIT, writing -> writing.transact(change));
    }

    private void run(String what, Duration limit, Step step) throws JournalException, InterruptedException {
        Task task = new Task(step, new CompletableFuture<>());
        lock.lock();
        try {
            if (closing) {
                throw new JournalException("journal %s: %s: it is closed".formatted(path, what), null);
            }
            tasks.add(task);
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            task.done.get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new JournalException("journal %s: %s: %s".formatted(path, what, cause.getMessage()), cause);
        } catch (TimeoutException e) {
            throw new JournalException(
                    "journal %s: %s: the disk did not answer within %d s".formatted(path, what, limit.toSeconds()), e);
        }
    }

    // The writing thread.

    private void write() {
        List<JournalEntry> group = new ArrayList<>();
        long lastTry = System.nanoTime() - COMMIT_INTERVAL_NANOS;
        while (true) {
            List<Task> due = new ArrayList<>();
            boolean last;
            lock.lock();
            try {
                while (tasks.isEmpty() && !closing && damage.get() == null) {
                    long wait = nanosUntilCommit(System.nanoTime() - lastTry, !group.isEmpty());
                    if (file != null) {
                        wait = Math.min(wait, upkeep.waitNanos());
                    }
                    if (wait <= 0) {
                        break;
                    }
                    work.awaitNanos(wait);
                }
                due.addAll(tasks);
                tasks.clear();
                last = closing;
                if (group.isEmpty() && nanosUntilCommit(System.nanoTime() - lastTry, false) <= 0) {
                    takeFrom(waiting, group);
                }
            } catch (InterruptedException e) {
                continue;
            } finally {
                lock.unlock();
            }
            replaceDamaged();
            boolean mayTry = last || problem == null || System.nanoTime() - lastTry >= RETRY_NANOS;
            if (file == null && mayTry) {
                lastTry = System.nanoTime();
                reopen();
            }
            due.forEach(this::runTask);
            if (!group.isEmpty() && mayTry && file != null) {
                lastTry = System.nanoTime();
                if (commit(group)) {
                    group.clear();
                }
            }
            if (last && (problem != null || nothingWaits())) {
                end(group);
                return;
            }
            keepUp(!last && (group.isEmpty() || problem != null));
        }
    }

    private static void takeFrom(Queue<List<JournalEntry>> waiting, List<JournalEntry> group) {
        int weight = 0;
        while (weight < FULL_GROUP_SAMPLES && !waiting.isEmpty()) {
            List<JournalEntry> next = waiting.remove();
            group.addAll(next);
            weight += weight(next);
        }
    }

    /** A file that cannot be opened is tried again; what is appended waits. */
    private void reopen() {
        try {
            boolean again = problem != null;
            openFile();
            if (again) {
                LOG.info("journal {}: the disk takes entries again", path);
            }
        } catch (SQLException | IOException | JournalException | RuntimeException e) {
            refused("cannot be opened", e);
        }
    }

    /** What was met while reading, or the file is no longer the one that is open. */
    private void replaceDamaged() {
        Damage met = damage.getAndSet(null);
        JournalFile open = file;
        if (met != null && open != null && met.of == open) {
            begin(open, "it is damaged (%s)".formatted(met.what));
        }
    }

    private void begin(JournalFile open, String why) {
        file = null;
        open.close();
        try {
            use(JournalFile.begin(path, lastSeq(), why));
        } catch (SQLException | IOException | JournalException | RuntimeException e) {
            refused(why + ", and no other can be begun", e);
        }
    }

    private void keepUp(boolean idle) {
        JournalFile open = file;
        if (open == null || !idle || upkeep.waitNanos() > 0) {
            return;
        }
        if (!open.stillThere()) {
            leave(open);
            return;
        }
        try {
            upkeep.step(open.writing, sinks());
        } catch (SQLException | RuntimeException e) {
            upkeep.failed(e);
            if (e instanceof SQLException sql && JournalFile.isDamage(sql)) {
                failed(open, "cannot be tidied", sql);
            }
        }
    }

    /** The file was deleted or replaced: what comes goes into the one that has its name now. */
    private void leave(JournalFile open) {
        String lost = "";
        try {
            for (String sink : sinks()) {
                SinkAccount account = open.asking.accounts(sink).get(Accounts.SAMPLES);
                if (account != null && account.pending() > 0) {
                    lost += "; %s had yet to get %d samples of it".formatted(sink, account.pending());
                }
            }
        } catch (SQLException e) {
            LOG.debug("{}", path, e);
        }
        String why = "it was deleted or replaced while it was open" + lost;
        LOG.error("journal {}: {}", path, why);
        file = null;
        try {
            open.leave();
            openFile();
            JournalFile opened = Objects.requireNonNull(file);
            opened.writing.transact(connection -> JournalFile.note(connection, path + ": " + why));
        } catch (SQLException | IOException | JournalException | RuntimeException e) {
            refused(why, e);
        }
    }

    private Set<String> sinks() {
        lock.lock();
        try {
            return Set.copyOf(enabled);
        } finally {
            lock.unlock();
        }
    }

    private void enableSinks(JournalFile open) throws SQLException {
        enableLater = false;
        try {
            for (String sink : sinks()) {
                open.writing.transact(connection -> Accounts.enable(connection, sink, open.writing.lastSeq()));
            }
        } catch (SQLException | RuntimeException e) {
            enableLater = true;
            throw e;
        }
    }

    /** A step has failed: the disk is full, which passes, or the file is damaged, or must be opened anew. */
    private void failed(JournalFile open, String what, SQLException e) {
        if (JournalFile.isDamage(e)) {
            begin(open, "it is damaged (%s)".formatted(e.getMessage()));
            return;
        }
        refused(what, e);
        if (!PASSING.contains(JournalFile.code(e))) {
            file = null;
            open.close();
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

    /** How long the next commit or try may wait; 0 or less: it is due. */
    private long nanosUntilCommit(long sinceLastNanos, boolean again) {
        if (problem != null) {
            return RETRY_NANOS - sinceLastNanos;
        }
        if (again) {
            return 0;
        }
        if (waiting.isEmpty()) {
            return Long.MAX_VALUE;
        }
        boolean atOnce = closing || flushWanted > settled || waitingSamples >= FULL_GROUP_SAMPLES;
        return atOnce ? 0 : COMMIT_INTERVAL_NANOS - sinceLastNanos;
    }

    private void runTask(Task task) {
        JournalFile open = file;
        if (open == null) {
            task.done.completeExceptionally(new IOException(String.valueOf(problem)));
            return;
        }
        try {
            task.step.run(open.writing);
            task.done.complete(null);
        } catch (SQLException e) {
            task.done.completeExceptionally(e);
            if (JournalFile.isDamage(e)) {
                failed(open, "cannot be written", e);
            }
        } catch (RuntimeException | Error e) {
            task.done.completeExceptionally(e);
        }
    }

    private boolean commit(List<JournalEntry> group) {
        long beganNanos = System.nanoTime();
        JournalFile open = Objects.requireNonNull(file);
        List<JournalEntry> rows = SampleBlobs.join(group);
        WriteConnection.Committed committed;
        try {
            if (!open.stillThere()) {
                leave(open);
                return false;
            }
            if (enableLater) {
                enableSinks(open);
            }
            committed = open.writing.commit(rows);
        } catch (SQLException e) {
            failed(open, "takes nothing more", e);
            return false;
        } catch (RuntimeException | Error e) {
            refused("takes nothing more", e);
            return false;
        }
        commitUs.recordValue(Math.min(
                TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNanos), commitUs.getHighestTrackableValue()));
        if (!open.stillThere()) {
            leave(open);
            return false;
        }
        if (problem != null) {
            LOG.info("journal {}: the disk takes entries again", path);
            problem = null;
        }
        for (JournalEntry row : rows) {
            upkeep.committed(samples(row));
            counts(row.tool()).journaled.add(samples(row));
            if (row instanceof JournalEntry.Finding finding && finding.kind().equals("session")) {
                upkeep.sessionEnded();
            }
        }
        for (WriteConnection.Refused refused : committed.refused()) {
            Counts counts = counts(refused.entry().tool());
            counts.journaled.add(-samples(refused.entry()));
            counts.notKept.add(samples(refused.entry()));
            LOG.error("journal {}: can never store {}: {}", path, refused.entry(), refused.reason());
        }
        settle(group, committed.lastSeq());
        return true;
    }

    private void settle(List<JournalEntry> group, long lastSeq) {
        int weight = weight(group);
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
            waiting.forEach(notCommitted::addAll);
            waiting.clear();
            tasks.forEach(task -> task.done.completeExceptionally(new IOException("the journal was closed")));
            tasks.clear();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
        if (!notCommitted.isEmpty()) {
            notCommitted.forEach(this::countNotKept);
            LOG.error("journal {}: closed while the disk did not take {} entries", path, notCommitted.size());
        }
    }
}

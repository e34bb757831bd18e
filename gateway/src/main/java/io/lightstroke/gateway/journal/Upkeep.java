package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compaction, deletion of what is old, and return of free pages, in steps of some milliseconds between the commits. Used by
 * the writing thread.
 */
final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** About 0.5 MB. */
    private static final int LOOK_SAMPLES = 100_000;

    /** Between two steps, so that whatever waits comes first. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long COMPACT_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** After a session's summary: the sinks pass it meanwhile. */
    private static final long AFTER_SESSION_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int SEQS_A_STEP = 500;
    private static final int PAGES_A_STEP = 64;
    /** Free pages that are kept for what comes: 256 kB. */
    private static final int FREE_PAGES = 64;

    /** Less room on the disk: what every sink has goes first, and pages stay in the file. */
    static final long LOW_BYTES = 16L << 20;
    /** Less room: also what no sink has yet. */
    static final long SCARCE_BYTES = 8L << 20;
    /** So many pages are kept free in the file while the disk is low: 1 MB. */
    private static final long SPARE_PAGES = 256;

    /** So long after the last such deletion it is still said. */
    private static final long EXPIRING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long DAY_US = TimeUnit.DAYS.toMicros(1);
    /** Of records: each has seq and utc_us. */
    private static final List<String> TABLES = List.of("block", "samples", "finding", "tool_event", "tool_order");

    private final Path file;
    private final Clock clock;
    /** Null: nothing is deleted, not even when the disk is full. */
    private volatile @Nullable Retention retention;

    private long samplesSinceLook;
    private long dueNanos = System.nanoTime();
    private long compactNanos = System.nanoTime();
    /** Up to where the present run of compaction goes; 0 between two runs. */
    private long compactUpToSeq;

    private volatile @Nullable String expiring;
    private long expiredNanos;

    Upkeep(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    void retain(Retention wanted) {
        retention = wanted;
    }

    void committed(int samples) {
        samplesSinceLook += samples;
        if (samplesSinceLook >= LOOK_SAMPLES) {
            dueNanos = System.nanoTime();
        }
    }

    /** A session's summary was committed. */
    void sessionEnded() {
        compactNanos = Math.min(compactNanos, System.nanoTime() + AFTER_SESSION_NANOS);
    }

    long waitNanos() {
        return dueNanos - System.nanoTime();
    }

    /** What is deleted before a sink had it, and why; null while nothing is. */
    @Nullable
    String problem() {
        return expiring;
    }

    /** @param enabled the sinks of this run: they alone hold up deletion */
    void step(WriteConnection writing, Set<String> enabled) throws SQLException {
        samplesSinceLook = 0;
        Retention wanted = retention;
        boolean more = wanted != null && delete(writing, enabled, wanted);
        more |= compact(writing);
        more |= giveBack(writing);
        dueNanos = System.nanoTime() + (more ? PAUSE_NANOS : LOOK_NANOS);
    }

    /** A step failed: not again at once. */
    void failed(Exception e) {
        LOG.warn("journal {}: tidying failed, trying again: {}", file, e.toString());
        compactUpToSeq = 0;
        dueNanos = System.nanoTime() + FAILED_NANOS;
    }

    private boolean compact(WriteConnection writing) throws SQLException {
        if (compactUpToSeq == 0) {
            if (System.nanoTime() < compactNanos) {
                return false;
            }
            compactNanos = System.nanoTime() + COMPACT_NANOS;
            compactUpToSeq = writing.number("select coalesce(min(seq), 0) from cursor");
        }
        boolean[] more = {false};
        writing.transact(connection -> more[0] = Compaction.step(connection, compactUpToSeq));
        if (!more[0]) {
            compactUpToSeq = 0;
        }
        return more[0];
    }

    /** Whether there is more to delete. */
    private boolean delete(WriteConnection writing, Set<String> enabled, Retention wanted) throws SQLException {
        long freeBytes = Long.MAX_VALUE;
        try {
            freeBytes = Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
        } catch (IOException e) {
            LOG.debug("{}: free space is unknown", file, e);
        }
        long freePages = writing.number("pragma freelist_count");
        long pageBytes = writing.number("pragma page_size");
        long usedBytes = (writing.number("pragma page_count") - freePages) * pageBytes;
        boolean low = freeBytes < LOW_BYTES && freePages < SPARE_PAGES;
        boolean scarce = freeBytes < SCARCE_BYTES && freePages < SPARE_PAGES;
        boolean large = wanted.maxBytes() > 0 && usedBytes > wanted.maxBytes();
        long beforeUtcUs = Long.MIN_VALUE;
        if (wanted.keepDays() > 0) {
            beforeUtcUs = clock.millis() * 1000 - Math.round(wanted.keepDays() * DAY_US);
        }
        if (low || large) {
            beforeUtcUs = Long.MAX_VALUE;
        }
        if (!large && !scarce && System.nanoTime() - expiredNanos > EXPIRING_NANOS) {
            expiring = null;
        }
        beforeUtcUs = Math.min(beforeUtcUs, wanted.neededSinceUtcUs().getAsLong());
        if (beforeUtcUs == Long.MIN_VALUE) {
            return false;
        }
        long upToSeq = passedBy(writing, enabled);
        if (deleteOldest(writing, upToSeq, beforeUtcUs)) {
            return true;
        }
        if (!large && !scarce) {
            return false;
        }
        String why = scarce
                ? "the disk has %d MB left".formatted(freeBytes >> 20)
                : "the journal has reached its %.2f GB".formatted(wanted.maxBytes() / 1e9);
        if (!deleteOldest(writing, writing.lastSeq(), beforeUtcUs)) {
            return false;
        }
        if (expiring == null) {
            LOG.error("journal {}: {}: records are deleted before every sink had them, the oldest first", file, why);
            writing.transact(connection -> JournalFile.note(
                    connection, why + ": records were deleted before every sink had them, the oldest first"));
        }
        expiredNanos = System.nanoTime();
        expiring = why + ": records are deleted before every sink had them, the oldest first";
        return true;
    }

    /** The seq that every enabled sink has passed. */
    private static long passedBy(WriteConnection writing, Set<String> enabled) throws SQLException {
        long[] passed = {writing.lastSeq()};
        writing.transact(connection -> {
            for (Map.Entry<String, Long> cursor : cursors(connection).entrySet()) {
                if (enabled.contains(cursor.getKey())) {
                    passed[0] = Math.min(passed[0], cursor.getValue());
                }
            }
        });
        return passed[0];
    }

    private static Map<String, Long> cursors(Connection connection) throws SQLException {
        Map<String, Long> cursors = new TreeMap<>();
        ReadConnection.query(
                connection, "select sink, seq from cursor", row -> cursors.put(row.getString(1), row.getLong(2)));
        return cursors;
    }

    /**
     * Deletes some of the oldest records: of a seq of at most {@code upToSeq}, and before a UTC.
     *
     * @return whether any were
     */
    private static boolean deleteOldest(WriteConnection writing, long upToSeq, long beforeUtcUs) throws SQLException {
        boolean[] deleted = {false};
        writing.transact(connection -> deleted[0] = deleteOldest(connection, upToSeq, beforeUtcUs));
        return deleted[0];
    }

    private static boolean deleteOldest(Connection connection, long upToSeq, long beforeUtcUs) throws SQLException {
        long oldestSeq = Long.MAX_VALUE;
        for (String table : TABLES) {
            oldestSeq = Math.min(
                    oldestSeq, number(connection, "select coalesce(min(seq), " + Long.MAX_VALUE + ") from " + table));
        }
        if (oldestSeq > upToSeq) {
            return false;
        }
        long seq = -1;
        for (long most = SEQS_A_STEP; seq < 0; most /= 10) {
            seq = Math.min(upToSeq, oldestSeq + most);
            if (newestUtcUs(connection, seq) >= beforeUtcUs) {
                if (most == 0) {
                    return false;
                }
                seq = -1;
            }
        }
        for (String sink : cursors(connection).keySet()) {
            Accounts.advance(connection, sink, seq, List.of(), Accounts.Column.EXPIRED);
        }
        Accounts.update(
                connection,
                "update boot set expired_first = min(coalesce(expired_first, gone.low), gone.low),"
                        + " expired_last = max(coalesce(expired_last, gone.high), gone.high) from"
                        + " (select boot_id, min(first) as low, max(first + n - 1) as high from"
                        + " (select boot_id, first, n from block where seq <= ?1 union all"
                        + " select boot_id, first, length(force) / 2 from samples where seq <= ?1) group by boot_id) gone"
                        + " where gone.boot_id = boot.id",
                seq);
        for (String table : TABLES) {
            Accounts.update(connection, "delete from " + table + " where seq <= ?", seq);
        }
        Accounts.update(connection, "delete from set_aside where seq <= ?", seq);
        WriteConnection.raiseFloor(connection, seq);
        return true;
    }

    private static long newestUtcUs(Connection connection, long upToSeq) throws SQLException {
        long newest = Long.MIN_VALUE;
        for (String table : TABLES) {
            newest = Math.max(
                    newest,
                    number(
                            connection,
                            "select coalesce(max(utc_us), " + Long.MIN_VALUE + ") from " + table + " where seq <= ?",
                            upToSeq));
        }
        return newest;
    }

    private static long number(Connection connection, String sql, Object... parameters) throws SQLException {
        return ReadConnection.query(connection, sql, row -> row.getLong(1), parameters)
                .get(0);
    }

    /** Free pages back to the disk, while it is not low: then they are kept for what comes. */
    private boolean giveBack(WriteConnection writing) throws SQLException {
        long free = writing.number("pragma freelist_count");
        if (free < FREE_PAGES + PAGES_A_STEP || writing.number("pragma auto_vacuum") == 0) {
            return false;
        }
        try {
            if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() < LOW_BYTES) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        writing.giveBack(PAGES_A_STEP);
        return true;
    }
}

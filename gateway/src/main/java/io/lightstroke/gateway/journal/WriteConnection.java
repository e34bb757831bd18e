package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Clock;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.JournalEntry.ToolEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** The one connection that changes the journal's file; see {@code migration/}. Used by one thread. */
final class WriteConnection implements AutoCloseable {
    /** Also a schema that only a newer Lightstroke knows is refused. */
    private static final String[] NO_PATTERNS = {};

    private final Connection connection;
    private Statements statements;
    /** Cleared whenever a transaction is rolled back. */
    private final Map<BootKey, BootRow> boots = new HashMap<>();

    private long lastSeq;
    /** Of which nothing is taken any more. */
    private List<ErasedTime> erasedTimes;

    private record BootKey(String tool, long boot) {}

    /** What a transaction did. */
    record Committed(long lastSeq, List<Refused> refused) {}

    /** An entry that the database would never take. */
    record Refused(JournalEntry entry, String reason) {}

    /** A step of a transaction. */
    interface Work {
        void run(Connection connection) throws SQLException;
    }

    /** @param floorSeq no seq up to it is given again */
    WriteConnection(Path file, long floorSeq) throws SQLException, IOException, JournalException {
        begin(file);
        connection = configuration().createConnection("jdbc:sqlite:" + file);
        try {
            migrate(file);
            lastSeq = Math.max(floorSeq, highestSeq());
            if (floorSeq > 0) {
                transact(each -> raiseFloor(each, floorSeq));
            }
            statements = new Statements(connection);
            erasedTimes = Erasure.times(connection, false);
        } catch (SQLException | IOException | JournalException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** A new file gives back pages that are free; that can be chosen only before anything is in it. */
    private static void begin(Path file) throws SQLException, IOException {
        if (Files.exists(file) && Files.size(file) > 0) {
            return;
        }
        SqliteNatives.load();
        try (Connection first = new SQLiteConfig().createConnection("jdbc:sqlite:" + file);
                Statement statement = first.createStatement()) {
            statement.execute("pragma auto_vacuum = incremental");
            statement.execute("pragma journal_mode = wal");
        }
    }

    static void raiseFloor(Connection connection, long seq) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update floor set seq = max(seq, ?)")) {
            update.setLong(1, seq);
            update.executeUpdate();
        }
    }

    static SQLiteConfig configuration() throws SQLException {
        SqliteNatives.load();
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(5000);
        return config;
    }

    private static void migrate(Path file) throws SQLException, IOException, JournalException {
        try {
            Flyway.configure()
                    .dataSource("jdbc:sqlite:" + file, null, null)
                    .locations("classpath:io/lightstroke/gateway/journal/migration")
                    .failOnMissingLocations(true)
                    .ignoreMigrationPatterns(NO_PATTERNS)
                    .load()
                    .migrate();
        } catch (FlywayValidateException e) {
            throw new JournalException(
                    "journal %s cannot be opened: want one as this Lightstroke or an older one wrote it, got another: %s"
                            .formatted(file, e.getMessage()),
                    e);
        } catch (FlywayException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql) {
                    throw sql;
                }
            }
            throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private long highestSeq() throws SQLException {
        return number("select max((select coalesce(max(seq), 0) from samples),"
                + " (select coalesce(max(seq), 0) from finding), (select coalesce(max(seq), 0) from boot),"
                + " (select coalesce(max(seq), 0) from tool_event), (select coalesce(max(seq), 0) from tool_order),"
                + " (select coalesce(max(seq), 0) from cursor), (select coalesce(max(seq), 0) from block),"
                + " (select seq from floor))");
    }

    private static long onlyValue(ResultSet row) throws SQLException {
        if (!row.next()) {
            throw new SQLException("want one row, got none");
        }
        return row.getLong(1);
    }

    long lastSeq() {
        return lastSeq;
    }

    long number(String sql, Object... parameters) throws SQLException {
        return ReadConnection.query(connection, sql, row -> row.getLong(1), parameters)
                .get(0);
    }

    /** Some free pages at most go back to the disk. */
    void giveBack(int pages) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("pragma incremental_vacuum(" + pages + ")");
        }
    }

    /** Runs {@code work} in a transaction of its own. */
    void transact(Work work) throws SQLException {
        try {
            execute("begin immediate");
            work.run(connection);
            execute("commit");
        } catch (SQLException | RuntimeException e) {
            rollback();
            throw e;
        }
    }

    /** All of that person, in one transaction. */
    Journal.Erased erase(String person) throws SQLException {
        Journal.Erased[] erased = new Journal.Erased[1];
        transact(each -> erased[0] = Erasure.run(each, person, lastSeq));
        erasedTimes = Erasure.times(connection, false);
        return erased[0];
    }

    /** Writes the file anew, without the free room in its pages and its log, where what was deleted can still be read. */
    void rewrite() throws SQLException {
        statements.close(); // none may be in progress
        try {
            execute("vacuum");
        } finally {
            statements = new Statements(connection);
        }
        if (number("pragma wal_checkpoint(truncate)") != 0) {
            throw new SQLException("want the log beside the file empty, got another program that reads it");
        }
    }

    /** What of the entry may be kept: null when it is of a time that was erased. */
    private @Nullable JournalEntry notErased(JournalEntry entry) throws SQLException {
        JournalEntry left = entry;
        for (ErasedTime time : erasedTimes) {
            if (left instanceof Samples row) {
                left = time.kind() == null && row.tool().equals(time.tool()) ? notErased(row, time) : row;
            } else if (left instanceof Finding finding) {
                left = time.touches(finding) ? null : left;
            } else if (left instanceof ToolEvent event) {
                left = time.kind() == null && time.holds(event.tool(), event.utcUs()) ? null : left;
            }
        }
        return left;
    }

    private @Nullable Samples notErased(Samples row, ErasedTime time) throws SQLException {
        Samples left = Erasure.outside(row, time.fromUtcUs(), time.toUtcUs());
        if (!row.equals(left)) {
            long bootId = bootRow(new BootKey(row.tool(), row.boot()), row.utcUs() - row.timeUs()).id;
            long last = row.first() + row.forceCn().length - 1;
            if (left == null) {
                Erasure.mark(connection, bootId, row.first(), last);
            } else if (left.first() > row.first()) {
                Erasure.mark(connection, bootId, row.first(), left.first() - 1);
            } else if (left.forceCn().length < row.forceCn().length) {
                Erasure.mark(connection, bootId, left.first() + left.forceCn().length, last);
            }
        }
        return left;
    }

    /** Commits all entries but those that the database would never take. */
    Committed commit(List<JournalEntry> entries) throws SQLException {
        long before = lastSeq;
        List<Refused> refused = new ArrayList<>();
        Map<BootKey, BootRow> touched = new HashMap<>();
        Map<String, Long> records = new TreeMap<>();
        try {
            execute("begin immediate");
            for (JournalEntry entry : entries) {
                try {
                    long inserted = insert(entry, touched);
                    if (entry instanceof Samples) {
                        records.merge(Accounts.SAMPLES, inserted, Long::sum);
                    } else if (entry instanceof Finding finding) {
                        records.merge(finding.kind(), inserted, Long::sum);
                    }
                } catch (RuntimeException e) {
                    refused.add(new Refused(entry, e.toString()));
                } catch (SQLException e) {
                    if (!isFaultOfEntry(e)) {
                        throw e;
                    }
                    refused.add(new Refused(entry, String.valueOf(e.getMessage())));
                    renewStatements();
                }
            }
            for (BootRow boot : touched.values()) {
                statements.updateBoot.setLong(1, boot.lastIndex);
                statements.updateBoot.setLong(2, boot.lastUtcUs);
                statements.updateBoot.setLong(3, boot.lastUtcUs);
                statements.updateBoot.setLong(4, boot.id);
                statements.updateBoot.executeUpdate();
            }
            for (Map.Entry<String, Long> kind : records.entrySet()) {
                statements.addJournaled.setString(1, kind.getKey());
                statements.addJournaled.setLong(2, kind.getValue());
                statements.addJournaled.executeUpdate();
            }
            execute("commit");
            return new Committed(lastSeq, refused);
        } catch (SQLException | RuntimeException e) {
            rollback();
            lastSeq = before;
            renewStatements();
            throw e;
        }
    }

    /** A statement that has failed is of no more use. */
    private void renewStatements() throws SQLException {
        statements.close();
        statements = new Statements(connection);
    }

    /** The number of records inserted, samples each by itself. */
    private int insert(JournalEntry whole, Map<BootKey, BootRow> touched) throws SQLException {
        JournalEntry entry = notErased(whole);
        if (entry == null) {
            return 0; // not wanted, and so not counted
        }
        long seq = lastSeq + 1;
        int records = 1;
        if (entry instanceof Samples row) {
            int samples = row.forceCn().length;
            records = samples;
            byte[] force = SampleBlobs.force(row.forceCn());
            byte[] zones = SampleBlobs.zones(row.zones(), samples);
            BootKey key = new BootKey(row.tool(), row.boot());
            BootRow boot = bootRow(key, row.utcUs() - row.timeUs());
            statements.insertSamples.setLong(1, seq);
            statements.insertSamples.setLong(2, boot.id);
            statements.insertSamples.setLong(3, row.first());
            statements.insertSamples.setLong(4, row.timeUs());
            statements.insertSamples.setLong(5, row.utcUs());
            statements.insertSamples.setInt(6, row.periodUs());
            statements.insertSamples.setInt(7, row.flags());
            statements.insertSamples.setLong(8, row.toolStrokes());
            statements.insertSamples.setBytes(9, force);
            statements.insertSamples.setBytes(10, zones);
            statements.insertSamples.executeUpdate();
            boot.lastIndex = Math.max(boot.lastIndex, row.first() + samples - 1);
            boot.lastUtcUs = Math.max(boot.lastUtcUs, row.utcUs() + (samples - 1L) * row.periodUs());
            touched.put(key, boot);
        } else if (entry instanceof Finding finding) {
            statements.insertFinding.setLong(1, seq);
            statements.insertFinding.setString(2, finding.tool());
            statements.insertFinding.setString(3, finding.kind());
            statements.insertFinding.setLong(4, finding.boot());
            statements.insertFinding.setLong(5, finding.index());
            statements.insertFinding.setLong(6, finding.utcUs());
            statements.insertFinding.setString(7, finding.json());
            statements.insertFinding.executeUpdate();
        } else if (entry instanceof Boot boot) {
            statements.insertBoot.setString(1, boot.tool());
            statements.insertBoot.setLong(2, boot.boot());
            statements.insertBoot.setLong(3, seq);
            statements.insertBoot.setLong(4, boot.clock().utcUs(0));
            statements.insertBoot.setBoolean(5, boot.estimated());
            if (statements.insertBoot.executeUpdate() == 0) {
                return 0; // known: takes no seq, for whoever waits for a seq must find an entry there
            }
            if (!boot.clock().equals(BootClock.ofOffset(boot.clock().utcUs(0)))) {
                insertClock(new BootKey(boot.tool(), boot.boot()), boot.clock().segments());
            }
        } else if (entry instanceof Clock clock) {
            BootKey key = new BootKey(clock.tool(), clock.boot());
            insertClock(key, clock.segments());
            statements.synchronised.setLong(
                    1, bootRow(key, clock.segments().get(0).utcUs(0)).id);
            statements.synchronised.executeUpdate();
            return 0; // nobody waits for it
        } else if (entry instanceof ToolEvent event) {
            statements.insertToolEvent.setLong(1, seq);
            statements.insertToolEvent.setString(2, event.tool());
            statements.insertToolEvent.setLong(3, event.boot());
            statements.insertToolEvent.setLong(4, event.sequence());
            statements.insertToolEvent.setLong(5, event.index());
            statements.insertToolEvent.setLong(6, event.utcUs());
            statements.insertToolEvent.setBytes(7, event.frame());
            if (statements.insertToolEvent.executeUpdate() == 0) {
                return 0; // a repeat
            }
        } else if (entry instanceof Order order) {
            statements.insertOrder.setLong(1, seq);
            statements.insertOrder.setString(2, order.tool());
            statements.insertOrder.setLong(3, order.boot());
            statements.insertOrder.setLong(4, order.index());
            statements.insertOrder.setLong(5, order.utcUs());
            statements.insertOrder.setString(6, order.json());
            statements.insertOrder.executeUpdate();
        }
        lastSeq = seq;
        return records;
    }

    private void insertClock(BootKey key, List<ClockSegment> segments) throws SQLException {
        long bootId = bootRow(key, segments.get(0).utcUs(0)).id;
        statements.deleteClock.setLong(1, bootId);
        statements.deleteClock.setLong(2, segments.get(0).fromTimeUs());
        statements.deleteClock.executeUpdate();
        for (ClockSegment segment : segments) {
            statements.insertClock.setLong(1, bootId);
            statements.insertClock.setLong(2, segment.fromTimeUs());
            statements.insertClock.setLong(3, segment.utcUs());
            statements.insertClock.setDouble(4, segment.driftPpm());
            statements.insertClock.executeUpdate();
        }
    }

    private BootRow bootRow(BootKey key, long utcOffsetUs) throws SQLException {
        BootRow known = boots.get(key);
        if (known != null) {
            return known;
        }
        statements.ensureBoot.setString(1, key.tool);
        statements.ensureBoot.setLong(2, key.boot);
        statements.ensureBoot.setLong(3, utcOffsetUs);
        try (ResultSet row = statements.ensureBoot.executeQuery()) {
            BootRow boot = new BootRow(onlyValue(row));
            boots.put(key, boot);
            return boot;
        }
    }

    private static boolean isFaultOfEntry(SQLException e) {
        int code = e.getErrorCode() & 0xff;
        return code == SQLiteErrorCode.SQLITE_CONSTRAINT.code
                || code == SQLiteErrorCode.SQLITE_MISMATCH.code
                || code == SQLiteErrorCode.SQLITE_TOOBIG.code;
    }

    private void rollback() {
        boots.clear();
        try {
            execute("rollback");
        } catch (SQLException e) {
            // It never began, or SQLite has rolled back by itself.
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Prepared once; the driver closes a statement that has failed, so after a failure all are prepared again. */
    private static final class Statements implements AutoCloseable {
        final PreparedStatement insertSamples;
        final PreparedStatement insertFinding;
        final PreparedStatement insertBoot;
        final PreparedStatement synchronised;
        final PreparedStatement deleteClock;
        final PreparedStatement insertClock;
        final PreparedStatement insertToolEvent;
        final PreparedStatement insertOrder;
        final PreparedStatement ensureBoot;
        final PreparedStatement updateBoot;
        final PreparedStatement addJournaled;

        Statements(Connection connection) throws SQLException {
            insertSamples = connection.prepareStatement("insert into samples values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            insertFinding = connection.prepareStatement("insert into finding values (?, ?, ?, ?, ?, ?, ?)");
            synchronised = connection.prepareStatement("update boot set estimated = 0 where id = ? and estimated");
            deleteClock = connection.prepareStatement("delete from clock where boot_id = ? and from_time_us >= ?");
            insertClock = connection.prepareStatement("insert into clock values (?, ?, ?, ?)");
            insertBoot = connection.prepareStatement(
                    "insert into boot (tool, boot, seq, utc_offset_us, estimated) values"
                            + " (?, ?, ?, ?, ?) on conflict (tool, boot) do update set seq = excluded.seq where seq is null");
            insertToolEvent = connection.prepareStatement("insert into tool_event values (?, ?, ?, ?, ?, ?, ?)"
                    + " on conflict (tool, boot, sequence) do nothing");
            insertOrder = connection.prepareStatement("insert into tool_order values (?, ?, ?, ?, ?, ?)");
            ensureBoot = connection.prepareStatement("insert into boot (tool, boot, utc_offset_us) values (?, ?, ?)"
                    + " on conflict (tool, boot) do update set utc_offset_us = utc_offset_us returning id");
            updateBoot = connection.prepareStatement("update boot set last_index = max(last_index, ?),"
                    + " last_utc_us = max(coalesce(last_utc_us, ?), ?) where id = ?");
            addJournaled = connection.prepareStatement("insert into journaled values (?, ?)"
                    + " on conflict (kind) do update set records = records + excluded.records");
        }

        @Override
        public void close() throws SQLException {
            for (PreparedStatement each : List.of(
                    insertSamples,
                    insertFinding,
                    insertBoot,
                    synchronised,
                    deleteClock,
                    insertClock,
                    insertToolEvent,
                    insertOrder,
                    ensureBoot,
                    updateBoot,
                    addJournaled)) {
                each.close();
            }
        }
    }

    private static final class BootRow {
        final long id;
        long lastIndex = -1;
        long lastUtcUs = Long.MIN_VALUE;

        BootRow(long id) {
            this.id = id;
        }
    }
}

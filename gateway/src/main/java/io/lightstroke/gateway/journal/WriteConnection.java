package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** The one connection that changes the journal's file; see {@code migration/}. Used by one thread. */
final class WriteConnection implements AutoCloseable {
    private static final List<String> MIGRATIONS = List.of("V1__journal.sql");

    private final Connection connection;
    private final PreparedStatement insertSamples;
    private final PreparedStatement insertFinding;
    private final PreparedStatement insertBoot;
    private final PreparedStatement ensureBoot;
    private final PreparedStatement updateBoot;
    private final PreparedStatement addToTotal;
    /** Cleared whenever a transaction is rolled back. */
    private final Map<BootKey, BootRow> boots = new HashMap<>();

    private long lastSeq;

    private record BootKey(String tool, long boot) {}

    /** What a transaction did. */
    record Committed(long lastSeq, List<Refused> refused) {}

    /** An entry that the database would never take. */
    record Refused(JournalEntry entry, String reason) {}

    /** A step of a transaction. */
    interface Work {
        void run(Connection connection) throws SQLException;
    }

    WriteConnection(Path file) throws SQLException, IOException {
        connection = configuration(false).createConnection("jdbc:sqlite:" + file);
        try {
            migrate(file);
            lastSeq = highestSeq();
            insertSamples = connection.prepareStatement("insert into samples values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            insertFinding = connection.prepareStatement("insert into finding values (?, ?, ?, ?, ?, ?, ?)");
            insertBoot = connection.prepareStatement("insert into boot (tool, boot, seq, utc_offset_us) values"
                    + " (?, ?, ?, ?) on conflict (tool, boot) do update set seq = coalesce(seq, excluded.seq)");
            ensureBoot = connection.prepareStatement("insert into boot (tool, boot, utc_offset_us) values (?, ?, ?)"
                    + " on conflict (tool, boot) do update set utc_offset_us = utc_offset_us returning id");
            updateBoot = connection.prepareStatement("update boot set last_index = max(last_index, ?),"
                    + " last_utc_us = max(coalesce(last_utc_us, ?), ?) where id = ?");
            addToTotal = connection.prepareStatement("update total set samples = samples + ?");
        } catch (SQLException | IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    static SQLiteConfig configuration(boolean readOnly) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(
                readOnly ? SQLiteConfig.TransactionMode.DEFERRED : SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(5000);
        return config;
    }

    private void migrate(Path file) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            int version = statement.executeQuery("pragma user_version").getInt(1);
            if (version > MIGRATIONS.size()) {
                throw new IOException(
                        "%s: want a journal of version %d or older, got version %d, written by a newer Lightstroke"
                                .formatted(file, MIGRATIONS.size(), version));
            }
            connection.setAutoCommit(false);
            for (String script : MIGRATIONS.subList(version, MIGRATIONS.size())) {
                statement.executeUpdate(text("migration/" + script));
                version++;
                statement.executeUpdate("pragma user_version = " + version);
                connection.commit();
            }
        }
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = WriteConnection.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("missing in the program: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private long highestSeq() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select max((select coalesce(max(seq), 0) from samples),"
                        + " (select coalesce(max(seq), 0) from finding), (select coalesce(max(seq), 0) from boot),"
                        + " (select coalesce(max(seq), 0) from cursor))")) {
            return row.getLong(1);
        } finally {
            connection.rollback();
        }
    }

    long lastSeq() {
        return lastSeq;
    }

    /** Runs {@code work} in a transaction of its own. */
    void transact(Work work) throws SQLException {
        try {
            work.run(connection);
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            rollback();
            throw e;
        }
    }

    /** Commits all entries but those that the database would never take. */
    Committed commit(List<JournalEntry> entries) throws SQLException {
        long before = lastSeq;
        List<Refused> refused = new ArrayList<>();
        Map<BootKey, BootRow> touched = new HashMap<>();
        long samples = 0;
        try {
            for (JournalEntry entry : entries) {
                try {
                    samples += insert(entry, touched);
                } catch (RuntimeException e) {
                    refused.add(new Refused(entry, e.toString()));
                } catch (SQLException e) {
                    if (!isFaultOfEntry(e)) {
                        throw e;
                    }
                    refused.add(new Refused(entry, String.valueOf(e.getMessage())));
                }
            }
            for (BootRow boot : touched.values()) {
                updateBoot.setLong(1, boot.lastIndex);
                updateBoot.setLong(2, boot.lastUtcUs);
                updateBoot.setLong(3, boot.lastUtcUs);
                updateBoot.setLong(4, boot.id);
                updateBoot.executeUpdate();
            }
            addToTotal.setLong(1, samples);
            addToTotal.executeUpdate();
            connection.commit();
            return new Committed(lastSeq, refused);
        } catch (SQLException | RuntimeException e) {
            rollback();
            lastSeq = before;
            throw e;
        }
    }

    /** The number of samples inserted. */
    private int insert(JournalEntry entry, Map<BootKey, BootRow> touched) throws SQLException {
        long seq = lastSeq + 1;
        int samples = 0;
        if (entry instanceof Samples row) {
            samples = row.forceCn().length;
            byte[] force = SampleBlobs.force(row.forceCn());
            byte[] zones = SampleBlobs.zones(row.zones(), samples);
            BootKey key = new BootKey(row.tool(), row.boot());
            BootRow boot = bootRow(key, row.utcUs() - row.timeUs());
            insertSamples.setLong(1, seq);
            insertSamples.setLong(2, boot.id);
            insertSamples.setLong(3, row.first());
            insertSamples.setLong(4, row.timeUs());
            insertSamples.setLong(5, row.utcUs());
            insertSamples.setInt(6, row.periodUs());
            insertSamples.setInt(7, row.flags());
            insertSamples.setLong(8, row.toolStrokes());
            insertSamples.setBytes(9, force);
            insertSamples.setBytes(10, zones);
            insertSamples.executeUpdate();
            boot.lastIndex = Math.max(boot.lastIndex, row.first() + samples - 1);
            boot.lastUtcUs = Math.max(boot.lastUtcUs, row.utcUs() + (samples - 1L) * row.periodUs());
            touched.put(key, boot);
        } else if (entry instanceof Finding finding) {
            insertFinding.setLong(1, seq);
            insertFinding.setString(2, finding.tool());
            insertFinding.setString(3, finding.kind());
            insertFinding.setLong(4, finding.boot());
            insertFinding.setLong(5, finding.index());
            insertFinding.setLong(6, finding.utcUs());
            insertFinding.setString(7, finding.json());
            insertFinding.executeUpdate();
        } else if (entry instanceof Boot boot) {
            insertBoot.setString(1, boot.tool());
            insertBoot.setLong(2, boot.boot());
            insertBoot.setLong(3, seq);
            insertBoot.setLong(4, boot.utcOffsetUs());
            insertBoot.executeUpdate();
        }
        lastSeq = seq;
        return samples;
    }

    private BootRow bootRow(BootKey key, long utcOffsetUs) throws SQLException {
        BootRow known = boots.get(key);
        if (known != null) {
            return known;
        }
        ensureBoot.setString(1, key.tool);
        ensureBoot.setLong(2, key.boot);
        ensureBoot.setLong(3, utcOffsetUs);
        try (ResultSet row = ensureBoot.executeQuery()) {
            BootRow boot = new BootRow(row.getLong(1));
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
            connection.rollback();
        } catch (SQLException e) {
            // SQLite has rolled back by itself.
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
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

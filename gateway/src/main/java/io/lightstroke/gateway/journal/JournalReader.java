package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Reads a journal's file and changes nothing in it, also while a gateway writes it. All methods may be called from any
 * thread; they throw {@link UncheckedIOException} when the file can no longer be read.
 */
public final class JournalReader implements AutoCloseable {
    /** Up to here this program knows what stands where; {@code migration/} has as many steps. */
    private static final int SCHEMA = 3;

    /** A row begins at most this long before its last sample: the longest frame. */
    private static final long LONGEST_ROW_US = 100 * 65_535L;

    private final Path file;
    private final Connection connection;
    /** Tables of events and orders: since schema 2. */
    private final boolean hasMarks;
    /** The table of clock segments: since schema 3. */
    private final boolean hasClock;

    private JournalReader(Path file, Connection connection, int schema) {
        this.file = file;
        this.connection = connection;
        this.hasMarks = schema >= 2;
        this.hasClock = schema >= 3;
    }

    /**
     * @param path {@code journal.db}, or the folder in which it is
     * @throws JournalException when it is no journal, or one of a newer Lightstroke, or cannot be read
     */
    public static JournalReader open(Path path) throws JournalException {
        Path file = Files.isDirectory(path) ? path.resolve("journal.db") : path;
        if (!Files.isReadable(file)) {
            throw new JournalException("journal %s: want a readable file, got none".formatted(file), null);
        }
        Connection connection = null;
        try {
            connection = connect(file);
            int schema = schema(connection);
            if (schema > SCHEMA) {
                throw new SQLException(
                        "want one as this Lightstroke or an older one wrote it, of schema 1 to %d, got schema %d"
                                .formatted(SCHEMA, schema));
            }
            return new JournalReader(file, connection, schema);
        } catch (SQLException e) {
            closeQuietly(connection);
            throw new JournalException("%s cannot be read as a journal: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Connection connect(Path file) throws SQLException {
        SqliteNatives.load();
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(5000);
        // Where nothing can be written, SQLite has no place for its index of a write-ahead log; without a log it needs
        // none.
        boolean still = !Files.isWritable(file.toAbsolutePath().getParent())
                && !Files.exists(file.resolveSibling(file.getFileName() + "-wal"));
        return config.createConnection(
                still ? "jdbc:sqlite:file:" + file.toUri().getRawPath() + "?immutable=1" : "jdbc:sqlite:" + file);
    }

    private static int schema(Connection connection) throws SQLException {
        int tables = number(
                connection, "select count(*) from sqlite_master where name in ('flyway_schema_history', 'samples')");
        if (tables < 2) {
            throw new SQLException("want a database that Lightstroke made, got another");
        }
        return number(connection, "select max(cast(version as integer)) from flyway_schema_history where success");
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** Tools of which there are samples, by id. */
    public List<String> tools() {
        return reading("tools", () -> {
            try (PreparedStatement query =
                            prepare("select distinct tool from boot where last_index >= 0 order by tool");
                    ResultSet row = query.executeQuery()) {
                List<String> tools = new ArrayList<>();
                while (row.next()) {
                    tools.add(row.getString(1));
                }
                return tools;
            }
        });
    }

    /** Where what was journaled went, by sink, then by kind of record. */
    public Map<String, Map<String, SinkAccount>> accounts() {
        return reading("accounts", () -> {
            try (PreparedStatement query = prepare("select c.sink, t.samples - c.base, c.delivered,"
                            + " (select coalesce(sum(length(force)), 0) / 2 from samples where seq > c.seq),"
                            + " c.set_aside, c.expired from cursor c, total t order by c.sink");
                    ResultSet row = query.executeQuery()) {
                Map<String, Map<String, SinkAccount>> accounts = new TreeMap<>();
                while (row.next()) {
                    accounts.put(
                            row.getString(1),
                            Map.of(
                                    "samples",
                                    new SinkAccount(
                                            row.getLong(2),
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getLong(5),
                                            row.getLong(6))));
                }
                return accounts;
            }
        });
    }

    /** UTC of the newest sample of all tools, microseconds since 1970. */
    public OptionalLong lastUtcUs() {
        return reading("newest sample", () -> {
            try (PreparedStatement query = prepare("select max(last_utc_us) from boot where last_index >= 0");
                    ResultSet row = query.executeQuery()) {
                long utcUs = row.next() ? row.getLong(1) : 0;
                return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(utcUs);
            }
        });
    }

    /**
     * What there is of one tool between two times, both included, in the order in which it is judged. Boots by the time
     * of their first sample, each begun by its {@link Boot}; within a boot by index, late samples in their place. Rows
     * are cut at the two times, and where something stands between two samples: an {@link JournalEntry.Order} comes
     * before the sample from which on it is in force, a {@link JournalEntry.ToolEvent} before the sample after its own.
     * Findings are left out. Memory does not grow with what is read.
     */
    public void replay(String tool, long fromUtcUs, long toUtcUs, Consumer<JournalEntry> each) {
        reading("samples of " + tool, () -> {
            for (FoundBoot boot : boots(tool, fromUtcUs, toUtcUs)) {
                replay(tool, boot, fromUtcUs, toUtcUs, each);
            }
            return tool;
        });
    }

    /** Findings of one kind of the tool whose UTC lies in {@code fromUtcUs..toUtcUs}, in order of seq. */
    public List<Finding> findings(String tool, String kind, long fromUtcUs, long toUtcUs) {
        return reading(kind + " findings of " + tool, () -> {
            try (PreparedStatement query = prepare(
                            "select seq, tool, kind, boot, sample, utc_us, json from finding"
                                    + " where tool = ? and kind = ? and utc_us >= ? and utc_us <= ? order by seq",
                            tool,
                            kind,
                            fromUtcUs,
                            toUtcUs);
                    ResultSet row = query.executeQuery()) {
                List<Finding> findings = new ArrayList<>();
                while (row.next()) {
                    findings.add(ReadConnection.finding(row));
                }
                return findings;
            }
        });
    }

    /** All that was ever ordered, of all tools, in order of seq. */
    public List<JournalEntry.Order> orders() {
        return reading("orders", () -> {
            List<JournalEntry.Order> orders = new ArrayList<>();
            if (!hasMarks) {
                return orders;
            }
            try (PreparedStatement query =
                            prepare("select seq, tool, boot, sample, utc_us, json from tool_order order by seq");
                    ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    orders.add(ReadConnection.order(row));
                }
            }
            return orders;
        });
    }

    /** @param beginUtcUs of its first sample; of what was ordered or happened first when there is none */
    private record FoundBoot(long boot, long beginUtcUs) {}

    private List<FoundBoot> boots(String tool, long fromUtcUs, long toUtcUs) throws SQLException {
        List<FoundBoot> boots = new ArrayList<>();
        String ofSamples = "select boot, (select utc_us from samples where boot_id = boot.id order by first limit 1)"
                + " from boot where tool = ?1 and last_utc_us >= ?2";
        String ofMarks = " union all select boot, min(utc_us) from (select boot, utc_us from tool_event where tool = ?1"
                + " and utc_us >= ?2 union all select boot, utc_us from tool_order where tool = ?1 and utc_us >= ?2) marks"
                + " where not exists (select 1 from boot known where known.tool = ?1 and known.boot = marks.boot"
                + " and known.last_utc_us >= ?2) group by boot";
        try (PreparedStatement query = prepare(hasMarks ? ofSamples + ofMarks : ofSamples, tool, fromUtcUs);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                FoundBoot boot = new FoundBoot(row.getLong(1), row.getLong(2));
                if (boot.beginUtcUs <= toUtcUs) {
                    boots.add(boot);
                }
            }
        }
        boots.sort(Comparator.comparingLong(FoundBoot::beginUtcUs));
        return boots;
    }

    private void replay(String tool, FoundBoot found, long fromUtcUs, long toUtcUs, Consumer<JournalEntry> each)
            throws SQLException {
        boolean begun = false;
        try (PreparedStatement samplesQuery = prepare(
                        "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                                + " s.force, s.zones from samples s join boot b on b.id = s.boot_id"
                                + " where s.boot_id = (select id from boot where tool = ? and boot = ?)"
                                + " and s.utc_us > ? and s.utc_us <= ? order by s.first, s.seq",
                        tool,
                        found.boot,
                        fromUtcUs - LONGEST_ROW_US,
                        toUtcUs);
                ResultSet rows = samplesQuery.executeQuery();
                Marks marks = marks(tool, found.boot, fromUtcUs, toUtcUs)) {
            long next = 0;
            while (rows.next()) {
                Samples samples = within(ReadConnection.samples(rows), next, fromUtcUs, toUtcUs);
                if (samples == null) {
                    continue;
                }
                if (!begun) {
                    begun = true;
                    begin(tool, found.boot, each);
                }
                next = samples.first() + samples.forceCn().length;
                long from = samples.first();
                for (; marks.mark() != null && marks.position() < next; marks.goOn()) {
                    if (marks.position() > from) {
                        each.accept(SampleBlobs.part(samples, from, marks.position() - 1));
                        from = marks.position();
                    }
                    each.accept(marks.mark());
                }
                each.accept(SampleBlobs.part(samples, from, next - 1));
            }
            for (; marks.mark() != null; marks.goOn()) {
                if (!begun) {
                    begun = true;
                    begin(tool, found.boot, each);
                }
                each.accept(marks.mark());
            }
        }
    }

    private void begin(String tool, long boot, Consumer<JournalEntry> each) throws SQLException {
        try (PreparedStatement query = prepare("select * from boot where tool = ? and boot = ?", tool, boot);
                ResultSet row = query.executeQuery()) {
            if (row.next()) {
                long utcOffsetUs = row.getLong("utc_offset_us");
                each.accept(
                        hasClock
                                ? new Boot(
                                        tool,
                                        boot,
                                        ReadConnection.clock(connection, row.getLong("id"), utcOffsetUs),
                                        row.getBoolean("estimated"))
                                : new Boot(tool, boot, BootClock.ofOffset(utcOffsetUs), false));
            }
        }
    }

    /** The part of the samples at or after index {@code next} and between the two times; null when there is none. */
    private static @Nullable Samples within(Samples samples, long next, long fromUtcUs, long toUtcUs) {
        long periodUs = samples.periodUs();
        long from =
                Math.max(next, samples.first() + Math.max(0, -Math.floorDiv(samples.utcUs() - fromUtcUs, periodUs)));
        long to = Math.min(
                samples.first() + samples.forceCn().length - 1,
                samples.first() + Math.floorDiv(toUtcUs - samples.utcUs(), periodUs));
        return from > to ? null : SampleBlobs.part(samples, from, to);
    }

    private Marks marks(String tool, long boot, long fromUtcUs, long toUtcUs) throws SQLException {
        return hasMarks
                ? new Marks(prepare(
                        "select seq, tool, boot, sequence, sample, utc_us, frame, null as json, sample + 1 as position"
                                + " from tool_event where tool = ?1 and boot = ?2 and utc_us >= ?3 and utc_us <= ?4"
                                + " union all select seq, tool, boot, null, sample, utc_us, null, json, sample"
                                + " from tool_order where tool = ?1 and boot = ?2 and utc_us >= ?3 and utc_us <= ?4"
                                + " order by position, seq",
                        tool,
                        boot,
                        fromUtcUs,
                        toUtcUs))
                : new Marks(null);
    }

    /** What stands between the samples of a boot, in order: orders and events. */
    private static final class Marks implements AutoCloseable {
        private final @Nullable PreparedStatement query;
        private final @Nullable ResultSet rows;
        private @Nullable JournalEntry mark;
        private long position;

        Marks(@Nullable PreparedStatement query) throws SQLException {
            this.query = query;
            rows = query == null ? null : query.executeQuery();
            goOn();
        }

        /** The present one; null after the last. */
        @Nullable
        JournalEntry mark() {
            return mark;
        }

        /** The index of the sample before which it stands. */
        long position() {
            return position;
        }

        void goOn() throws SQLException {
            if (rows == null || !rows.next()) {
                mark = null;
                return;
            }
            position = rows.getLong(9);
            String json = rows.getString(8);
            mark = json == null
                    ? ReadConnection.toolEvent(rows)
                    : new JournalEntry.Order(
                            rows.getString(2), rows.getLong(3), rows.getLong(5), rows.getLong(6), json);
        }

        @Override
        public void close() throws SQLException {
            if (query != null) {
                query.close();
            }
        }
    }

    private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            query.setObject(i + 1, parameters[i]);
        }
        return query;
    }

    private synchronized <T> T reading(String what, Query<T> query) {
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

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // it was only read
            }
        }
    }

    @Override
    public synchronized void close() {
        closeQuietly(connection);
    }
}

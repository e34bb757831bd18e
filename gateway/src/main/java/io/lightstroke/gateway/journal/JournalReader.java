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
    private static final int SCHEMA = 5;

    /** A row or block begins at most this long before its last sample: the longest frame. */
    static final long LONGEST_ROW_US = 100 * 65_535L;

    /** In columns as {@link ReadConnection#samples} wants them; of a block some are empty, and two more are there. */
    private static final String SAMPLES =
            "select s.seq as seq, b.tool, b.boot, s.first as first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                    + " s.force, s.zones, null, null from samples s join boot b on b.id = s.boot_id"
                    + " where s.boot_id = (select id from boot where tool = ?1 and boot = ?2)"
                    + " and s.utc_us > ?3 and s.utc_us <= ?4";

    private static final String BLOCKS =
            " union all select k.seq, b.tool, b.boot, k.first, null, k.utc_us, k.period_us, null, null,"
                    + " null, null, k.data, k.n from block k join boot b on b.id = k.boot_id"
                    + " where k.boot_id = (select id from boot where tool = ?1 and boot = ?2)"
                    + " and k.utc_us > ?3 and k.utc_us <= ?4";

    private final Path file;
    private final Connection connection;
    /** Tables of events and orders: since schema 2. */
    private final boolean hasMarks;
    /** The table of clock segments: since schema 3. */
    private final boolean hasClock;
    /** Blocks, accounts by kind, notices: since schema 4. */
    private final boolean hasBlocks;
    /** What was erased is marked: since schema 5. */
    private final boolean hasErased;

    private JournalReader(Path file, Connection connection, int schema) {
        this.file = file;
        this.connection = connection;
        this.hasMarks = schema >= 2;
        this.hasClock = schema >= 3;
        this.hasBlocks = schema >= 4;
        this.hasErased = schema >= 5;
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
            return new JournalReader(file, connection, supportedSchema(connection));
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

    static int supportedSchema(Connection connection) throws SQLException {
        int schema = schema(connection);
        if (schema > SCHEMA) {
            throw new SQLException(
                    "want one as this Lightstroke or an older one wrote it, of schema 1 to %d, got schema %d"
                            .formatted(SCHEMA, schema));
        }
        return schema;
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

    /** Every revision of the summaries of that session, of all tools, in order of seq. */
    public List<Finding> summaries(String session) {
        return reading(
                "summaries of " + session,
                () -> ReadConnection.query(
                        connection,
                        "select seq, tool, kind, boot, sample, utc_us, json from finding where tool in"
                                + " (select distinct tool from boot) and kind = 'session'"
                                + " and json_extract(json, '$.session') = ? order by seq",
                        row -> ReadConnection.finding(row),
                        session));
    }

    /** All findings of the tool whose UTC lies in {@code fromUtcUs..toUtcUs}, in order of seq. */
    public void findings(String tool, long fromUtcUs, long toUtcUs, Consumer<Finding> each) {
        reading("findings of " + tool, () -> {
            try (PreparedStatement query = prepare(
                            "select seq, tool, kind, boot, sample, utc_us, json from finding"
                                    + " where tool = ? and utc_us >= ? and utc_us <= ? order by seq",
                            tool,
                            fromUtcUs,
                            toUtcUs);
                    ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    each.accept(ReadConnection.finding(row));
                }
            }
            return tool;
        });
    }

    /** By sink and kind of record; empty in a journal of a schema before 4, which has no such accounts. */
    public Map<String, Map<String, SinkAccount>> accounts() {
        return reading("accounts", () -> {
            Map<String, Map<String, SinkAccount>> accounts = new TreeMap<>();
            if (hasBlocks) {
                for (String sink :
                        ReadConnection.query(connection, "select sink from cursor", row -> row.getString(1))) {
                    accounts.put(sink, Accounts.of(connection, sink));
                }
            }
            return accounts;
        });
    }

    /**
     * What there is of a boot.
     *
     * @param first index of the first sample ever kept, -1 when there was none
     * @param last of the last one
     * @param samples that are kept now
     * @param expiredTo up to this index samples have been deleted as too old; -1: none
     * @param erased how many indices were erased with a person
     * @param gaps after {@code expiredTo}, the newest first; at most {@link BootState#MAX_GAPS}
     */
    public record KeptBoot(
            String tool,
            long boot,
            long first,
            long last,
            long samples,
            long expiredTo,
            long erased,
            List<BootState.Gap> gaps) {}

    /** Of all tools. */
    public List<KeptBoot> boots() {
        return reading("boots", () -> {
            String rows = "select first, length(force) / 2 as n from samples where boot_id = boot.id"
                    + (hasBlocks ? " union all select first, n from block where boot_id = boot.id" : "");
            String erased = " from erased where boot_id = boot.id)";
            return ReadConnection.query(
                    connection,
                    "select tool, boot, id, last_index, coalesce((select sum(n) from (" + rows + ")), 0),"
                            + " (select min(first) from (" + rows + ")), "
                            + (hasBlocks ? "expired_first, coalesce(expired_last, -1)" : "null, -1")
                            + (hasErased
                                    ? ", (select min(first)" + erased + ", (select coalesce(sum(last - first + 1), 0)"
                                            + erased
                                    : ", null, 0")
                            + " from boot order by tool, coalesce(last_utc_us, 0), boot",
                    row -> {
                        long first = Long.MAX_VALUE;
                        for (int column : new int[] {6, 7, 9}) {
                            first = row.getObject(column) == null ? first : Math.min(first, row.getLong(column));
                        }
                        boolean any = first != Long.MAX_VALUE;
                        return new KeptBoot(
                                row.getString(1),
                                row.getLong(2),
                                any ? first : -1,
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(8),
                                row.getLong(10),
                                any && hasBlocks
                                        ? ReadConnection.gaps(
                                                connection,
                                                row.getLong(3),
                                                Math.max(first, row.getLong(8) + 1),
                                                hasErased ? ReadConnection.ERASED : "")
                                        : List.of());
                    });
        });
    }

    /**
     * What a sink refused for good.
     *
     * @param samples how many of its samples; 0 for a finding
     * @param reason the sink's words
     * @param entry the record; null when it has been deleted since
     */
    public record Refused(
            String sink,
            long seq,
            long samples,
            String reason,
            @Nullable JournalEntry entry) {}

    /** In the order in which they were refused. */
    public List<Refused> refused() {
        return reading(
                "set-aside records",
                () -> ReadConnection.query(
                        connection,
                        "select sink, seq, samples, reason from set_aside order by rowid",
                        row -> new Refused(
                                row.getString(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getString(4),
                                entry(row.getLong(2)))));
    }

    private @Nullable JournalEntry entry(long seq) throws SQLException {
        List<JournalEntry> found = new ArrayList<>(ReadConnection.query(
                connection,
                "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                        + " s.force, s.zones from samples s join boot b on b.id = s.boot_id where s.seq = ?",
                ReadConnection::samples,
                seq));
        found.addAll(ReadConnection.query(
                connection,
                "select seq, tool, kind, boot, sample, utc_us, json from finding where seq = ?",
                ReadConnection::finding,
                seq));
        return found.isEmpty() ? null : found.get(0);
    }

    /** What befell the journal itself, the oldest first. */
    public List<Journal.Notice> notices() {
        return reading("notices", () -> hasBlocks ? ReadConnection.notices(connection) : List.of());
    }

    /** What a check of every page and index finds wrong, at most 100 lines; none when nothing is. */
    public List<String> damage() {
        return reading("pages", () -> {
            try {
                List<String> found =
                        ReadConnection.query(connection, "pragma integrity_check(100)", row -> row.getString(1));
                return found.equals(List.of("ok")) ? List.of() : found;
            } catch (SQLException e) {
                return List.of(String.valueOf(e.getMessage()));
            }
        });
    }

    public Path file() {
        return file;
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
        String begin = "(select utc_us from %s where boot_id = boot.id order by first limit 1)";
        String ofSamples = "select boot, "
                + (hasBlocks
                        ? "(select min(u) from (select " + begin.formatted("samples") + " as u union all select "
                                + begin.formatted("block") + "))"
                        : begin.formatted("samples"))
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
                        hasBlocks ? SAMPLES + BLOCKS + " order by first, seq" : SAMPLES + " order by first, seq",
                        tool,
                        found.boot,
                        fromUtcUs - LONGEST_ROW_US,
                        toUtcUs);
                ResultSet rows = samplesQuery.executeQuery();
                Marks marks = marks(tool, found.boot, fromUtcUs, toUtcUs)) {
            long next = 0;
            while (rows.next()) {
                for (Samples row : samples(rows)) {
                    Samples samples = within(row, next, fromUtcUs, toUtcUs);
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

    /** A row, or those of a block. */
    private static List<Samples> samples(ResultSet row) throws SQLException {
        byte[] block = row.getBytes(12);
        return block == null
                ? List.of(ReadConnection.samples(row))
                : block(row, block).stream().map(each -> (Samples) each.entry()).toList();
    }

    private static List<Journal.Numbered> block(ResultSet row, byte[] data) throws SQLException {
        try {
            return SampleBlock.decode(
                    row.getLong(1),
                    row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getInt(13),
                    row.getLong(6),
                    row.getInt(7),
                    data);
        } catch (IllegalArgumentException e) {
            throw new SQLException("block %d: %s".formatted(row.getLong(1), e.getMessage()), e);
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

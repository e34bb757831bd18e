package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.JournalEntry.ToolEvent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A connection that only reads the journal's file. Safe from several threads, one at a time. */
final class ReadConnection implements AutoCloseable {
    /** No row and no block has more samples. */
    static final int LONGEST_ROW = 1000;

    private final Connection connection;

    ReadConnection(Path file) throws SQLException {
        connection = WriteConnection.configuration().createConnection("jdbc:sqlite:" + file);
    }

    /** Without what is in blocks. In order of seq; {@code afterSeq} excluded, {@code upToSeq} included. */
    synchronized List<Numbered> read(long afterSeq, long upToSeq, int maxEntries) throws SQLException {
        List<Numbered> entries = new ArrayList<>(entries(
                "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                        + " s.force, s.zones from samples s join boot b on b.id = s.boot_id"
                        + " where s.seq > ? and s.seq <= ? order by s.seq limit ?",
                ReadConnection::samples,
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, kind, boot, sample, utc_us, json from finding"
                        + " where seq > ? and seq <= ? order by seq limit ?",
                ReadConnection::finding,
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, boot, sequence, sample, utc_us, frame from tool_event"
                        + " where seq > ? and seq <= ? order by seq limit ?",
                ReadConnection::toolEvent,
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, boot, sample, utc_us, json from tool_order"
                        + " where seq > ? and seq <= ? order by seq limit ?",
                ReadConnection::order,
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, boot, utc_offset_us, estimated, id from boot"
                        + " where seq > ? and seq <= ? order by seq limit ?",
                row -> new Boot(
                        row.getString(2),
                        row.getLong(3),
                        clock(connection, row.getLong(6), row.getLong(4)),
                        row.getBoolean(5)),
                afterSeq,
                upToSeq,
                maxEntries));
        entries.sort(Comparator.comparingLong(Numbered::seq));
        return entries.size() <= maxEntries ? entries : List.copyOf(entries.subList(0, maxEntries));
    }

    /** Columns: seq, tool, boot, first, time, utc, period, flags, tool's strokes, force, zones. */
    static Samples samples(ResultSet row) throws SQLException {
        return new Samples(
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getInt(7),
                row.getInt(8),
                row.getLong(9),
                SampleBlobs.force(row.getBytes(10)),
                SampleBlobs.zones(row.getBytes(11)));
    }

    /** Columns: seq, tool, kind, boot, sample, utc, json. */
    static Finding finding(ResultSet row) throws SQLException {
        return new Finding(
                row.getString(2), row.getString(3), row.getLong(4), row.getLong(5), row.getLong(6), row.getString(7));
    }

    /** Columns: seq, tool, boot, sequence, sample, utc, frame. */
    static ToolEvent toolEvent(ResultSet row) throws SQLException {
        return new ToolEvent(
                row.getString(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6), row.getBytes(7));
    }

    /** Columns: seq, tool, boot, sample, utc, json. */
    static Order order(ResultSet row) throws SQLException {
        return new Order(row.getString(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getString(6));
    }

    private List<Numbered> entries(String sql, Read<JournalEntry> entry, long afterSeq, long upToSeq, int maxEntries)
            throws SQLException {
        return query(sql, row -> new Numbered(row.getLong(1), entry.from(row)), afterSeq, upToSeq, maxEntries);
    }

    /** @param utcOffsetUs of the boot, where no segment is */
    static BootClock clock(Connection connection, long bootId, long utcOffsetUs) throws SQLException {
        List<ClockSegment> segments = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "select from_time_us, utc_us, drift_ppm from clock where boot_id = ? order by from_time_us")) {
            query.setLong(1, bootId);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    segments.add(new ClockSegment(row.getLong(1), row.getLong(2), row.getDouble(3)));
                }
            }
        }
        return segments.isEmpty() ? BootClock.ofOffset(utcOffsetUs) : new BootClock(segments);
    }

    synchronized OptionalLong cursor(String sink) throws SQLException {
        List<Long> seq = query("select seq from cursor where sink = ?", row -> row.getLong(1), sink);
        return seq.isEmpty() ? OptionalLong.empty() : OptionalLong.of(seq.get(0));
    }

    /** By kind; empty when the sink was never enabled. */
    synchronized Map<String, SinkAccount> accounts(String sink) throws SQLException {
        return Accounts.of(connection, sink);
    }

    /** @param fromIndex of the gaps; negative for the first sample */
    synchronized Optional<BootState> boot(String tool, long boot, long fromIndex) throws SQLException {
        return query(
                        "select utc_offset_us, last_index, min(coalesce(expired_first, last_index),"
                                + " coalesce((select min(first) from samples where boot_id = boot.id), last_index),"
                                + " coalesce((select min(first) from block where boot_id = boot.id), last_index),"
                                + " coalesce((select min(first) from erased where boot_id = boot.id), last_index)),"
                                + " estimated, id, coalesce(expired_last, -1) from boot where tool = ? and boot = ?",
                        row -> {
                            long firstIndex = row.getLong(3);
                            long gapsFrom = Math.max(row.getLong(6) + 1, fromIndex < 0 ? firstIndex : fromIndex);
                            return new BootState(
                                    clock(connection, row.getLong(5), row.getLong(1)),
                                    row.getBoolean(4),
                                    firstIndex,
                                    row.getLong(2),
                                    gaps(connection, row.getLong(5), gapsFrom, ERASED));
                        },
                        tool,
                        boot)
                .stream()
                .findFirst();
    }

    /** Of {@link #gaps}, in a file of a schema that has them: what was erased is not missing. */
    static final String ERASED =
            " union all select first, last - first + 1 from erased where boot_id = ?1 and last >= ?2";

    /**
     * Newest first, at most {@link BootState#MAX_GAPS}: the older ones are the least likely to be filled.
     *
     * @param erased {@link #ERASED}, or nothing
     */
    static List<BootState.Gap> gaps(Connection connection, long bootId, long fromIndex, String erased)
            throws SQLException {
        return query(
                connection,
                "select after + 1, first - 1 from (select first, max(first + n - 1) over"
                        + " (order by first, n rows between unbounded preceding and 1 preceding) as after from"
                        + " (select first, length(force) / 2 as n from samples where boot_id = ?1 and first > ?2 - ?3"
                        + " union all select first, n from block where boot_id = ?1 and first > ?2 - ?3" + erased
                        + " union all select ?2, 0)) where first > after + 1 and first > ?2 order by first desc limit ?4",
                row -> new BootState.Gap(row.getLong(1), row.getLong(2)),
                bootId,
                fromIndex,
                LONGEST_ROW,
                BootState.MAX_GAPS);
    }

    /** Newest last. */
    synchronized List<Order> lastOrders(String tool, int max) throws SQLException {
        return query(
                "select * from (select seq, tool, boot, sample, utc_us, json from tool_order where tool = ?"
                        + " order by seq desc limit ?) order by seq",
                ReadConnection::order,
                tool,
                max);
    }

    synchronized List<ErasedTime> erasedInSinks() throws SQLException {
        return Erasure.times(connection, true);
    }

    synchronized List<Journal.Notice> notices() throws SQLException {
        return notices(connection);
    }

    static List<Journal.Notice> notices(Connection connection) throws SQLException {
        return query(
                connection,
                "select utc_us, text from notice order by rowid",
                row -> new Journal.Notice(Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS), row.getString(2)));
    }

    synchronized Optional<String> guideline(String sha256) throws SQLException {
        return query("select text from guideline where sha256 = ?", row -> row.getString(1), sha256).stream()
                .findFirst();
    }

    synchronized OptionalLong lastUtcUs(String tool) throws SQLException {
        return lastUtcUsBefore(tool, Long.MAX_VALUE);
    }

    synchronized OptionalLong lastUtcUsBefore(String tool, long utcUs) throws SQLException {
        return query(
                        "select last_utc_us from boot where tool = ? and last_utc_us < ?",
                        row -> row.getLong(1),
                        tool,
                        utcUs)
                .stream()
                .mapToLong(each -> each)
                .max();
    }

    /** Prepares each time: the driver closes a statement that has failed. */
    private <T> List<T> query(String sql, Read<T> read, Object... parameters) throws SQLException {
        return query(connection, sql, read, parameters);
    }

    static <T> List<T> query(Connection connection, String sql, Read<T> read, Object... parameters)
            throws SQLException {
        List<T> rows = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rows.add(read.from(row));
                }
            }
        }
        return rows;
    }

    interface Read<T> {
        T from(ResultSet row) throws SQLException;
    }

    @Override
    public synchronized void close() throws SQLException {
        connection.close();
    }
}

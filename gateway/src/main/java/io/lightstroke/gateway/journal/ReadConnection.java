package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A connection that only reads the journal's file. Safe from several threads, one at a time. */
final class ReadConnection implements AutoCloseable {
    private final Connection connection;

    ReadConnection(Path file) throws SQLException {
        connection = WriteConnection.configuration().createConnection("jdbc:sqlite:" + file);
    }

    /** In order of seq; {@code afterSeq} excluded, {@code upToSeq} included. */
    synchronized List<Numbered> read(long afterSeq, long upToSeq, int maxEntries) throws SQLException {
        List<Numbered> entries = new ArrayList<>(entries(
                "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                        + " s.force, s.zones from samples s join boot b on b.id = s.boot_id"
                        + " where s.seq > ? and s.seq <= ? order by s.seq limit ?",
                row -> new Samples(
                        row.getString(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getInt(7),
                        row.getInt(8),
                        row.getLong(9),
                        SampleBlobs.force(row.getBytes(10)),
                        SampleBlobs.zones(row.getBytes(11))),
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, kind, boot, sample, utc_us, json from finding"
                        + " where seq > ? and seq <= ? order by seq limit ?",
                row -> new Finding(
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getString(7)),
                afterSeq,
                upToSeq,
                maxEntries));
        entries.addAll(entries(
                "select seq, tool, boot, utc_offset_us from boot where seq > ? and seq <= ? order by seq limit ?",
                row -> new Boot(row.getString(2), row.getLong(3), row.getLong(4)),
                afterSeq,
                upToSeq,
                maxEntries));
        entries.sort(Comparator.comparingLong(Numbered::seq));
        return entries.size() <= maxEntries ? entries : List.copyOf(entries.subList(0, maxEntries));
    }

    private List<Numbered> entries(String sql, Read<JournalEntry> entry, long afterSeq, long upToSeq, int maxEntries)
            throws SQLException {
        return query(sql, row -> new Numbered(row.getLong(1), entry.from(row)), afterSeq, upToSeq, maxEntries);
    }

    synchronized OptionalLong cursor(String sink) throws SQLException {
        List<Long> seq = query("select seq from cursor where sink = ?", row -> row.getLong(1), sink);
        return seq.isEmpty() ? OptionalLong.empty() : OptionalLong.of(seq.get(0));
    }

    synchronized Optional<SinkAccount> account(String sink) throws SQLException {
        return query(
                        "select t.samples - c.base, c.delivered,"
                                + " (select coalesce(sum(length(force)), 0) / 2 from samples where seq > c.seq),"
                                + " c.set_aside, c.expired from cursor c, total t where c.sink = ?",
                        row -> new SinkAccount(
                                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)),
                        sink)
                .stream()
                .findFirst();
    }

    synchronized Optional<BootState> boot(String tool, long boot) throws SQLException {
        return query(
                        "select utc_offset_us, last_index from boot where tool = ? and boot = ?",
                        row -> new BootState(row.getLong(1), row.getLong(2)),
                        tool,
                        boot)
                .stream()
                .findFirst();
    }

    synchronized OptionalLong lastUtcUs(String tool) throws SQLException {
        return query(
                        "select last_utc_us from boot where tool = ? and last_utc_us is not null",
                        row -> row.getLong(1),
                        tool)
                .stream()
                .mapToLong(utcUs -> utcUs)
                .max();
    }

    /** Prepares each time: the driver closes a statement that has failed. */
    private <T> List<T> query(String sql, Read<T> read, Object... parameters) throws SQLException {
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

    private interface Read<T> {
        T from(ResultSet row) throws SQLException;
    }

    @Override
    public synchronized void close() throws SQLException {
        connection.close();
    }
}

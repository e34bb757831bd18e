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
    private final PreparedStatement samples;
    private final PreparedStatement findings;
    private final PreparedStatement boots;
    private final PreparedStatement cursor;
    private final PreparedStatement account;
    private final PreparedStatement boot;
    private final PreparedStatement lastUtc;

    ReadConnection(Path file) throws SQLException {
        connection = WriteConnection.configuration(true).createConnection("jdbc:sqlite:" + file);
        samples = connection.prepareStatement("select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us,"
                + " s.period_us, s.flags, s.tool_strokes, s.force, s.zones from samples s join boot b on"
                + " b.id = s.boot_id where s.seq > ? and s.seq <= ? order by s.seq limit ?");
        findings = connection.prepareStatement("select seq, tool, kind, boot, sample, utc_us, json from finding"
                + " where seq > ? and seq <= ? order by seq limit ?");
        boots = connection.prepareStatement(
                "select seq, tool, boot, utc_offset_us from boot" + " where seq > ? and seq <= ? order by seq limit ?");
        cursor = connection.prepareStatement("select seq from cursor where sink = ?");
        account = connection.prepareStatement("select t.samples - c.base, c.delivered,"
                + " (select coalesce(sum(length(force)), 0) / 2 from samples where seq > c.seq), c.set_aside,"
                + " c.expired from cursor c, total t where c.sink = ?");
        boot = connection.prepareStatement("select utc_offset_us, last_index from boot where tool = ? and boot = ?");
        lastUtc = connection.prepareStatement("select max(last_utc_us) from boot where tool = ?");
    }

    /** In order of seq; {@code afterSeq} excluded, {@code upToSeq} included. */
    synchronized List<Numbered> read(long afterSeq, long upToSeq, int maxEntries) throws SQLException {
        List<Numbered> entries = new ArrayList<>();
        try (ResultSet row = range(samples, afterSeq, upToSeq, maxEntries)) {
            while (row.next()) {
                entries.add(new Numbered(
                        row.getLong(1),
                        new Samples(
                                row.getString(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getInt(7),
                                row.getInt(8),
                                row.getLong(9),
                                SampleBlobs.force(row.getBytes(10)),
                                SampleBlobs.zones(row.getBytes(11)))));
            }
        }
        try (ResultSet row = range(findings, afterSeq, upToSeq, maxEntries)) {
            while (row.next()) {
                entries.add(new Numbered(
                        row.getLong(1),
                        new Finding(
                                row.getString(2),
                                row.getString(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getString(7))));
            }
        }
        try (ResultSet row = range(boots, afterSeq, upToSeq, maxEntries)) {
            while (row.next()) {
                entries.add(new Numbered(row.getLong(1), new Boot(row.getString(2), row.getLong(3), row.getLong(4))));
            }
        }
        entries.sort(Comparator.comparingLong(Numbered::seq));
        return entries.size() <= maxEntries ? entries : List.copyOf(entries.subList(0, maxEntries));
    }

    private static ResultSet range(PreparedStatement query, long afterSeq, long upToSeq, int max) throws SQLException {
        query.setLong(1, afterSeq);
        query.setLong(2, upToSeq);
        query.setInt(3, max);
        return query.executeQuery();
    }

    synchronized OptionalLong cursor(String sink) throws SQLException {
        cursor.setString(1, sink);
        try (ResultSet row = cursor.executeQuery()) {
            return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
        }
    }

    synchronized Optional<SinkAccount> account(String sink) throws SQLException {
        account.setString(1, sink);
        try (ResultSet row = account.executeQuery()) {
            return row.next()
                    ? Optional.of(new SinkAccount(
                            row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
                    : Optional.empty();
        }
    }

    synchronized Optional<BootState> boot(String tool, long number) throws SQLException {
        boot.setString(1, tool);
        boot.setLong(2, number);
        try (ResultSet row = boot.executeQuery()) {
            return row.next() ? Optional.of(new BootState(row.getLong(1), row.getLong(2))) : Optional.empty();
        }
    }

    synchronized OptionalLong lastUtcUs(String tool) throws SQLException {
        lastUtc.setString(1, tool);
        try (ResultSet row = lastUtc.executeQuery()) {
            long utcUs = row.getLong(1);
            return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(utcUs);
        }
    }

    @Override
    public synchronized void close() throws SQLException {
        connection.close();
    }
}

package io.lightstroke.gateway.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sinks' accounts in the journal's file: table {@code account}, and what is counted from the records themselves. */
final class Accounts {
    /** The kind that is no finding. */
    static final String SAMPLES = "samples";

    /** How records between two seqs are booked once a sink's cursor passes them. */
    enum Column {
        DELIVERED("delivered"),
        EXPIRED("expired");

        private final String name;

        Column(String name) {
            this.name = name;
        }
    }

    private Accounts() {}

    /** Gives the sink a cursor at {@code seq}, if it has none yet. */
    static void enable(Connection connection, String sink, long seq) throws SQLException {
        if (update(connection, "insert into cursor (sink, seq) values (?, ?) on conflict do nothing", sink, seq) > 0) {
            update(
                    connection,
                    "insert into account (sink, kind, base) select ?, kind, records from journaled where true",
                    sink);
        }
    }

    /**
     * Moves the sink's cursor on to {@code seq} and books what it passes. Within a transaction.
     *
     * @return whether it did; not when the cursor is there already
     */
    static boolean advance(Connection connection, String sink, long seq, List<SetAside> setAside, Column column)
            throws SQLException {
        List<Long> from =
                ReadConnection.query(connection, "select seq from cursor where sink = ?", row -> row.getLong(1), sink);
        if (from.isEmpty() || from.get(0) >= seq) {
            return false;
        }
        Map<String, Long> passed = records(connection, from.get(0), seq);
        Map<String, Long> aside = new HashMap<>();
        for (SetAside each : setAside) {
            List<Map.Entry<String, Long>> records = each.seq() <= from.get(0)
                    ? List.of()
                    : ReadConnection.query(
                            connection,
                            "select kind, 1 from finding where seq = ?1 union all" + " select '" + SAMPLES
                                    + "', length(force) / 2 from samples where seq = ?1",
                            row -> Map.entry(row.getString(1), row.getLong(2)),
                            each.seq());
            if (records.isEmpty()) {
                continue; // has expired meanwhile, or was erased
            }
            String kind = records.get(0).getKey();
            aside.merge(
                    kind,
                    kind.equals(SAMPLES)
                            ? Math.min(each.samples(), records.get(0).getValue())
                            : 1L,
                    Long::sum);
            update(
                    connection,
                    "insert into set_aside values (?, ?, ?, ?)",
                    sink,
                    each.seq(),
                    (long) each.samples(),
                    each.reason());
        }
        for (Map.Entry<String, Long> kind : passed.entrySet()) {
            long setAsideOfKind = aside.getOrDefault(kind.getKey(), 0L);
            update(
                    connection,
                    "insert into account (sink, kind, %1$s, set_aside) values (?, ?, ?, ?) on conflict (sink, kind) do update"
                                    .formatted(column.name)
                            + " set %1$s = %1$s + excluded.%1$s, set_aside = set_aside + excluded.set_aside"
                                    .formatted(column.name),
                    sink,
                    kind.getKey(),
                    kind.getValue() - setAsideOfKind,
                    setAsideOfKind);
        }
        update(connection, "update cursor set seq = ? where sink = ?", seq, sink);
        return true;
    }

    /** By kind, how many there are above {@code afterSeq} and up to {@code upToSeq}; blocks are behind every cursor. */
    private static Map<String, Long> records(Connection connection, long afterSeq, long upToSeq) throws SQLException {
        Map<String, Long> records = new TreeMap<>();
        try (PreparedStatement query =
                connection.prepareStatement("select '" + SAMPLES + "', coalesce(sum(length(force)), 0) / 2 from samples"
                        + " where seq > ?1 and seq <= ?2 union all"
                        + " select kind, count(*) from finding where seq > ?1 and seq <= ?2 group by kind")) {
            query.setLong(1, afterSeq);
            query.setLong(2, upToSeq);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    records.put(row.getString(1), row.getLong(2));
                }
            }
        }
        return records;
    }

    /** By kind; empty when the sink was never enabled. */
    static Map<String, SinkAccount> of(Connection connection, String sink) throws SQLException {
        // One statement, so that what is committed meanwhile is seen in all of it or in nothing.
        Map<String, SinkAccount> accounts = new TreeMap<>();
        ReadConnection.query(
                connection,
                "select j.kind, j.records - coalesce(a.base, 0), coalesce(a.delivered, 0), case j.kind when '" + SAMPLES
                        + "' then (select coalesce(sum(length(force)), 0) / 2 from samples where seq > c.seq)"
                        + " else (select count(*) from finding f where f.seq > c.seq and f.kind = j.kind) end,"
                        + " coalesce(a.set_aside, 0), coalesce(a.expired, 0) from cursor c join journaled j"
                        + " left join account a on a.sink = c.sink and a.kind = j.kind where c.sink = ?",
                row -> accounts.put(
                        row.getString(1),
                        new SinkAccount(
                                row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6))),
                sink);
        return accounts;
    }

    static int update(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }
}

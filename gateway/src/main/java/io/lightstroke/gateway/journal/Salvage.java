package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** Takes from a damaged journal every row that can be read into a new one. The damaged file is only read. */
public final class Salvage {
    /** Tables by whose number the rows are looked for one by one. Boots first: samples name theirs. */
    private static final List<String> NUMBERED =
            List.of("boot", "samples", "block", "finding", "tool_event", "tool_order", "set_aside", "notice");
    /** Small ones, read as a whole from both ends. */
    private static final List<String> SMALL =
            List.of("clock", "guideline", "cursor", "account", "journaled", "floor", "erased_time", "erased");

    /** So far past the highest number that is known somewhere rows are looked for. */
    private static final long BEYOND = 10_000;

    private final Connection from;
    private final Connection to;
    private final LongConsumer progress;
    private final Map<String, Long> rows = new LinkedHashMap<>();
    private final List<String> unreadable = new ArrayList<>();
    private long copied;

    /**
     * What was done.
     *
     * @param rows copied, by table
     * @param unreadable in words, each part that could not be read
     */
    public record Report(Map<String, Long> rows, List<String> unreadable) {}

    private Salvage(Connection from, Connection to, LongConsumer progress) {
        this.from = from;
        this.to = to;
        this.progress = progress;
    }

    /**
     * @param target must not exist
     * @param progress is told the count of rows
     * @throws JournalException when there is no journal in {@code source} at all, or one of a newer Lightstroke
     */
    public static Report run(Path source, Path target, LongConsumer progress) throws IOException, JournalException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        // A copy of file and log: SQLite would write into the log of the original as it reads.
        Path folder = Files.createTempDirectory(target.toAbsolutePath().getParent(), "repair");
        Path copy = folder.resolve("copy.db");
        try {
            for (String suffix : List.of("", "-wal")) {
                Path of = source.resolveSibling(source.getFileName() + suffix);
                if (Files.exists(of)) {
                    Files.copy(of, copy.resolveSibling(copy.getFileName() + suffix));
                }
            }
            try (WriteConnection begun = new WriteConnection(target, 0);
                    Connection from = new SQLiteConfig().createConnection("jdbc:sqlite:" + copy);
                    Connection to = WriteConnection.configuration().createConnection("jdbc:sqlite:" + target)) {
                int schema = JournalReader.supportedSchema(from);
                Report report = new Salvage(from, to, progress).run(schema);
                begun.number("select count(*) from boot"); // the new file can be read
                return report;
            }
        } catch (SQLException e) {
            Files.deleteIfExists(target);
            throw new JournalException("%s cannot be repaired: %s".formatted(source, e.getMessage()), e);
        } finally {
            for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
                Files.deleteIfExists(copy.resolveSibling(copy.getFileName() + suffix));
            }
            Files.delete(folder);
        }
    }

    /** @param setAside the damaged file, which stays as it was */
    public record Replaced(Report report, Path setAside) {}

    /**
     * Repairs the journal in a data folder: the damaged file is set aside, and the new one takes its place.
     *
     * @throws JournalException also when a gateway has it open
     */
    public static Replaced replace(Path folder, LongConsumer progress) throws IOException, JournalException {
        Path file = folder.resolve("journal.db");
        Path repaired = folder.resolve("journal.db.repaired");
        try (FileChannel held = Journal.lock(folder.resolve("journal.lock"))) {
            Report report = run(file, repaired, progress);
            Path aside = JournalFile.setAside(file);
            Files.move(repaired, file, StandardCopyOption.ATOMIC_MOVE);
            return new Replaced(report, aside);
        }
    }

    private Report run(int schema) throws SQLException {
        to.setAutoCommit(false);
        Accounts.update(to, "delete from journaled");
        Accounts.update(to, "delete from floor");
        for (String table : NUMBERED) {
            if (exists(from, table)) {
                copyNumbered(table);
            }
        }
        for (String table : SMALL) {
            if (exists(from, table)) {
                copySmall(table);
            }
        }
        complete(schema);
        to.commit();
        return new Report(rows, unreadable);
    }

    private static boolean exists(Connection in, String table) throws SQLException {
        return !ReadConnection.query(
                        in, "select 1 from sqlite_master where type = 'table' and name = ?", row -> 1, table)
                .isEmpty();
    }

    private List<String> columns(String table) throws SQLException {
        List<String> ofOld =
                ReadConnection.query(from, "select name from pragma_table_info(?)", row -> row.getString(1), table);
        List<String> ofNew =
                ReadConnection.query(to, "select name from pragma_table_info(?)", row -> row.getString(1), table);
        return ofOld.stream().filter(ofNew::contains).toList();
    }

    private String insert(String table, List<String> columns) {
        return "insert or ignore into %s (%s) values (%s)"
                .formatted(
                        table,
                        String.join(", ", columns),
                        String.join(", ", columns.stream().map(each -> "?").toList()));
    }

    private void copyNumbered(String table) throws SQLException {
        List<String> columns = new ArrayList<>(columns(table));
        rows.put(table, 0L);
        long highest = highest(table).orElse(-1);
        if (highest < 0) {
            for (String other : NUMBERED) {
                highest = exists(from, other) ? Math.max(highest, highest(other).orElse(0)) : highest;
            }
            highest += BEYOND;
        }
        String select = "select %s, rowid from %s where rowid between ? and ? order by rowid"
                .formatted(String.join(", ", columns), table);
        try (PreparedStatement write = to.prepareStatement(insert(table, columns))) {
            List<long[]> bad = new ArrayList<>();
            copy(table, select, write, columns.size(), 1, highest, bad);
            for (long[] range : bad) {
                unreadable.add(
                        range[0] == range[1]
                                ? "%s: row %d".formatted(table, range[0])
                                : "%s: what was in rows %d to %d".formatted(table, range[0], range[1]));
            }
        }
    }

    /** Empty when the table's last page cannot be read. */
    private OptionalLong highest(String table) throws SQLException {
        try {
            return ReadConnection.query(from, "select coalesce(max(rowid), 0) from " + table, row -> row.getLong(1))
                    .stream()
                    .mapToLong(number -> number)
                    .findFirst();
        } catch (SQLException e) {
            if (!isUnreadable(e)) {
                throw e;
            }
            return OptionalLong.empty();
        }
    }

    /** Rows {@code low..high}; where they cannot be read, each half by itself. */
    private void copy(
            String table, String select, PreparedStatement write, int columns, long low, long high, List<long[]> bad)
            throws SQLException {
        long next = low;
        // Prepared each time: the driver closes a statement that has failed.
        try (PreparedStatement read = from.prepareStatement(select)) {
            read.setLong(1, low);
            read.setLong(2, high);
            try (ResultSet row = read.executeQuery()) {
                while (row.next()) {
                    for (int i = 1; i <= columns; i++) {
                        write.setObject(i, row.getObject(i));
                    }
                    rows.merge(table, (long) write.executeUpdate(), Long::sum);
                    next = row.getLong(columns + 1) + 1;
                    if (++copied % 1000 == 0) {
                        progress.accept(copied);
                    }
                }
            }
        } catch (SQLException e) {
            if (!isUnreadable(e)) {
                throw e;
            }
            if (next >= high) {
                bad(bad, high, high);
                return;
            }
            long middle = next + (high - next) / 2;
            copy(table, select, write, columns, next, middle, bad);
            copy(table, select, write, columns, middle + 1, high, bad);
        }
    }

    private static void bad(List<long[]> bad, long low, long high) {
        long[] last = bad.isEmpty() ? null : bad.get(bad.size() - 1);
        if (last != null && last[1] + 1 == low) {
            last[1] = high;
        } else {
            bad.add(new long[] {low, high});
        }
    }

    private static boolean isUnreadable(SQLException e) {
        return JournalFile.isDamage(e) || JournalFile.code(e) == SQLiteErrorCode.SQLITE_IOERR.code;
    }

    private void copySmall(String table) throws SQLException {
        List<String> columns = columns(table);
        String select = "select %s from %s".formatted(String.join(", ", columns), table);
        rows.put(table, 0L);
        try (PreparedStatement write = to.prepareStatement(insert(table, columns))) {
            try (PreparedStatement read = from.prepareStatement(select);
                    ResultSet row = read.executeQuery()) {
                while (row.next()) {
                    for (int i = 1; i <= columns.size(); i++) {
                        write.setObject(i, row.getObject(i));
                    }
                    rows.merge(table, (long) write.executeUpdate(), Long::sum);
                }
            } catch (SQLException e) {
                if (!isUnreadable(e)) {
                    throw e;
                }
                unreadable.add("%s: all after row %d (%s)".formatted(table, rows.get(table), e.getMessage()));
            }
        }
    }

    /** What hangs together must do so again: samples have a boot, sinks an account that adds up. */
    private void complete(int schema) throws SQLException {
        int boots = Accounts.update(
                to,
                "insert into boot (id, tool, boot, utc_offset_us, last_index, last_utc_us)"
                        + " select boot_id, 'unknown-' || boot_id, boot_id, 0, max(last), max(utc_us) from"
                        + " (select boot_id, first + length(force) / 2 - 1 as last, utc_us from samples union all"
                        + " select boot_id, first + n - 1, utc_us from block)"
                        + " where boot_id not in (select id from boot) group by boot_id");
        if (boots > 0) {
            unreadable.add(
                    "boot: %d of whose samples some were read; their tools are called unknown-…".formatted(boots));
        }
        Accounts.update(to, "delete from clock where boot_id not in (select id from boot)");
        Accounts.update(to, "insert into floor select 0 where not exists (select 1 from floor)");
        Accounts.update(to, "insert into journaled values ('samples', 0) on conflict do nothing");
        Accounts.update(
                to,
                "insert into journaled select kind, 0 from finding where true group by kind on conflict do nothing");
        // Each account begins again: what is pending now is all that is known to be.
        Accounts.update(to, "delete from account");
        Accounts.update(
                to,
                "update journaled set records = max(records, case kind when 'samples' then"
                        + " (select coalesce(sum(length(force)), 0) / 2 from samples) + (select coalesce(sum(n), 0) from block)"
                        + " else (select count(*) from finding f where f.kind = journaled.kind) end)");
        Accounts.update(
                to,
                "insert into account (sink, kind, base) select c.sink, j.kind, j.records - case j.kind when 'samples' then"
                        + " (select coalesce(sum(length(force)), 0) / 2 from samples s where s.seq > c.seq) else"
                        + " (select count(*) from finding f where f.kind = j.kind and f.seq > c.seq) end"
                        + " from cursor c, journaled j");
        JournalFile.note(
                to,
                "repaired from a file of schema %d: %s"
                        .formatted(schema, unreadable.isEmpty() ? "all was read" : String.join("; ", unreadable)));
    }
}

package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.Journal.Numbered;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Moves rows of samples into blocks, a bounded part in each transaction; see {@link SampleBlock}. */
final class Compaction {
    private static final int BLOCKS_A_STEP = 10;
    /** Frames of 5 samples that could not be joined: more rows than a block holds. */
    private static final int ROWS_A_BLOCK = 120;

    private Compaction() {}

    /**
     * Within a transaction: some of the oldest rows with a seq of at most {@code upToSeq}, which every sink has passed.
     *
     * @return whether there may be more
     */
    static boolean step(Connection connection, long upToSeq) throws SQLException {
        for (int i = 0; i < BLOCKS_A_STEP; i++) {
            List<long[]> oldest = ReadConnection.query(
                    connection,
                    "select boot_id, first, seq from samples where seq <= ? and seq not in (select seq from set_aside) order by seq limit 1",
                    row -> new long[] {row.getLong(1), row.getLong(2), row.getLong(3)},
                    upToSeq);
            if (oldest.isEmpty()) {
                return false;
            }
            block(connection, oldest.get(0)[0], oldest.get(0)[1], oldest.get(0)[2], upToSeq);
        }
        return true;
    }

    private static boolean isSetAside(Connection connection, long seq) throws SQLException {
        return !ReadConnection.query(connection, "select 1 from set_aside where seq = ?", row -> 1, seq)
                .isEmpty();
    }

    /** Whether no other row and no block has one of its samples too. */
    private static boolean isOnce(Connection connection, long bootId, Numbered row) throws SQLException {
        JournalEntry.Samples samples = (JournalEntry.Samples) row.entry();
        long end = samples.first() + samples.forceCn().length;
        return ReadConnection.query(
                        connection,
                        "select 1 from samples where boot_id = ?1 and first < ?3 and first > ?2 - ?4 and seq <> ?5"
                                + " and first + length(force) / 2 > ?2"
                                + " union all select 1 from block where boot_id = ?1 and first < ?3 and first > ?2 - ?4"
                                + " and first + n > ?2 limit 1",
                        any -> 1,
                        bootId,
                        samples.first(),
                        end,
                        ReadConnection.LONGEST_ROW,
                        row.seq())
                .isEmpty();
    }

    private static void block(Connection connection, long bootId, long first, long seq, long upToSeq)
            throws SQLException {
        List<Numbered> rows = new ArrayList<>();
        for (Numbered row : ReadConnection.query(
                connection,
                "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                        + " s.force, s.zones from samples s join boot b on b.id = s.boot_id"
                        + " where s.boot_id = ? and s.first >= ? and (s.first, s.seq) >= (?, ?) order by s.first, s.seq limit ?",
                row -> new Numbered(row.getLong(1), ReadConnection.samples(row)),
                bootId,
                first,
                first,
                seq,
                ROWS_A_BLOCK)) {
            boolean once = isOnce(connection, bootId, row);
            if (!rows.isEmpty()
                    && (row.seq() > upToSeq
                            || isSetAside(connection, row.seq())
                            || !SampleBlock.continues(rows, row)
                            || !once)) {
                break;
            }
            rows.add(row);
            if (!once) {
                break; // alone: a block of several would go before or after others than each row of it
            }
        }
        write(connection, bootId, rows);
        for (Numbered row : rows) {
            Accounts.update(connection, "delete from samples where seq = ?", row.seq());
        }
    }

    /** Rows of one boot, in order of index, as one block or as many as they need. */
    static void insert(Connection connection, long bootId, List<Numbered> rows) throws SQLException {
        List<Numbered> block = new ArrayList<>();
        for (Numbered row : rows) {
            if (!block.isEmpty() && !SampleBlock.continues(block, row)) {
                write(connection, bootId, block);
                block.clear();
            }
            block.add(row);
        }
        if (!block.isEmpty()) {
            write(connection, bootId, block);
        }
    }

    private static void write(Connection connection, long bootId, List<Numbered> rows) throws SQLException {
        JournalEntry.Samples begin = (JournalEntry.Samples) rows.get(0).entry();
        JournalEntry.Samples end =
                (JournalEntry.Samples) rows.get(rows.size() - 1).entry();
        Accounts.update(
                connection,
                "insert into block (seq, boot_id, first, n, utc_us, period_us, data) values (?, ?, ?, ?, ?, ?, ?)",
                rows.get(rows.size() - 1).seq(),
                bootId,
                begin.first(),
                end.first() + end.forceCn().length - begin.first(),
                begin.utcUs(),
                begin.periodUs(),
                SampleBlock.encode(rows));
    }
}

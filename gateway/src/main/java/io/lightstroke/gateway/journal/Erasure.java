package io.lightstroke.gateway.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes all of one person out of the journal, within a transaction: what a tool sent from the start of each of their sessions
 * to its end, what was found in it, and what was ordered. What is left is a hole that is marked, drawn in
 * {@code migration/V5__erased.sql}.
 */
final class Erasure {
    private static final long NEVER_US = Long.MIN_VALUE;

    private final Connection connection;
    private final Map<String, Long> cursors = new TreeMap<>();
    /** The first and the last index that was erased. */
    private final Map<Hole, long[]> indices = new LinkedHashMap<>();

    private long samples;
    private long others;

    /** One tool's part of a session. */
    private record Part(String tool, String session) {}

    /** From the part's first record to its end, which is not included. */
    private record Span(String tool, long fromUtcUs, long toUtcUs) {}

    private record Hole(Span span, long bootId) {}

    /** An order, which has no kind, or a finding. */
    private record Said(long seq, @Nullable String kind, long utcUs, JsonNode message) {}

    private record Row(long bootId, Numbered numbered) {
        Samples samples() {
            return (Samples) numbered.entry();
        }
    }

    private Erasure(Connection connection) throws SQLException {
        this.connection = connection;
        ReadConnection.query(
                connection, "select sink, seq from cursor", row -> cursors.put(row.getString(1), row.getLong(2)));
    }

    /** @param lastSeq the highest that was ever given: it is not given again */
    static Journal.Erased run(Connection connection, String person, long lastSeq) throws SQLException {
        Erasure erasure = new Erasure(connection);
        Map<Part, List<Said>> parts = erasure.parts(person);
        List<Span> spans = new ArrayList<>();
        for (Map.Entry<Part, List<Said>> part : parts.entrySet()) {
            Span span = erasure.span(part.getKey(), part.getValue());
            spans.add(span);
            erasure.erase(part.getValue(), span);
        }
        erasure.rows(spans);
        erasure.blocks(spans);
        for (Map.Entry<Hole, long[]> hole : erasure.indices.entrySet()) {
            mark(connection, hole.getKey().bootId, hole.getValue()[0], hole.getValue()[1]);
        }
        Accounts.update(connection, "delete from set_aside where instr(reason, ?)", person);
        WriteConnection.raiseFloor(connection, lastSeq);
        return new Journal.Erased(
                parts.keySet().stream().map(Part::session).distinct().count(), erasure.samples, erasure.others);
    }

    /** @param inSinks only those that a sink may still have */
    static List<ErasedTime> times(Connection connection, boolean inSinks) throws SQLException {
        return ReadConnection.query(
                connection,
                "select distinct tool, kind, from_utc_us, to_utc_us from erased_time"
                        + (inSinks ? " where in_sinks" : "") + " order by from_utc_us, tool",
                row -> new ErasedTime(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)));
    }

    /** Indices {@code first..last} are erased. */
    static void mark(Connection connection, long bootId, long first, long last) throws SQLException {
        Accounts.update(
                connection,
                "insert into erased values (?, ?, ?) on conflict do update set last = max(last, excluded.last)",
                bootId,
                first,
                last);
    }

    /**
     * What of the samples does not lie in that time; null when all does. What lies on both sides of it stays one row, in which
     * the erased samples are invalid ones: no session is that short.
     */
    static @Nullable Samples outside(Samples row, long fromUtcUs, long toUtcUs) {
        int count = row.forceCn().length;
        int begin = first(row, fromUtcUs);
        int end = first(row, toUtcUs);
        if (begin >= end) {
            return row;
        } else if (begin == 0) {
            return end == count ? null : SampleBlobs.part(row, row.first() + end, row.first() + count - 1);
        } else if (end == count) {
            return SampleBlobs.part(row, row.first(), row.first() + begin - 1);
        }
        short[] forceCn = row.forceCn().clone();
        byte[] zones = row.zones().clone();
        Arrays.fill(forceCn, begin, end, ForceFrame.NO_FORCE);
        Arrays.fill(zones, begin, end, (byte) -1);
        return new Samples(
                row.tool(),
                row.boot(),
                row.first(),
                row.timeUs(),
                row.utcUs(),
                row.periodUs(),
                row.flags(),
                row.toolStrokes(),
                forceCn,
                zones);
    }

    /** Of its first sample at or after that time, counted from the row's first; at most as many as there are. */
    private static int first(Samples row, long utcUs) {
        long after = -Math.floorDiv(row.utcUs() - utcUs, (long) row.periodUs());
        return (int) Math.max(0, Math.min(row.forceCn().length, after));
    }

    /** Orders and findings of each part of a session of theirs. Two passes over all of them, however many sessions there are. */
    private Map<Part, List<Said>> parts(String person) throws SQLException {
        List<@Nullable String> sessions = ReadConnection.query(
                connection,
                "select distinct json_extract(json, '$.session') from (select json from tool_order union all"
                        + " select json from finding) where instr(json, ?1) and json_extract(json, '$.person') = ?1",
                row -> row.getString(1),
                person);
        if (sessions.contains(null)) {
            throw new SQLException("want the session of each record that names a person, got none");
        }
        Map<Part, List<Said>> parts = new LinkedHashMap<>();
        ReadConnection.query(
                connection,
                "select seq, tool, kind, utc_us, json from (select seq, tool, null as kind, utc_us, json from tool_order"
                        + " union all select seq, tool, kind, utc_us, json from finding)"
                        + " where json_extract(json, '$.session') in (select value from json_each(?)) order by seq",
                row -> {
                    JsonNode message = message(row.getString(5));
                    return parts.computeIfAbsent(
                                    new Part(
                                            row.getString(2),
                                            message.path("session").asText()),
                                    part -> new ArrayList<>())
                            .add(new Said(row.getLong(1), row.getString(3), row.getLong(4), message));
                },
                Json.text(sessions));
        return parts;
    }

    private static JsonNode message(String json) throws SQLException {
        try {
            return Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new SQLException("want a JSON object, got " + e.getOriginalMessage(), e);
        }
    }

    private Span span(Part part, List<Said> said) throws SQLException {
        long fromUtcUs = Long.MAX_VALUE;
        long toUtcUs = NEVER_US;
        for (Said each : said) {
            fromUtcUs = Math.min(fromUtcUs, each.utcUs);
            if (each.message.path("order").asText("").equals("end")) {
                toUtcUs = Math.max(toUtcUs, each.utcUs);
            } else if ("session".equals(each.kind)) {
                toUtcUs = Math.max(toUtcUs, endedUs(each.message));
            }
        }
        return new Span(part.tool, fromUtcUs, toUtcUs == NEVER_US ? nextUtcUs(part, fromUtcUs) : toUtcUs);
    }

    private static long endedUs(JsonNode summary) {
        try {
            return Json.usOf(Instant.parse(summary.path("ended").asText("")));
        } catch (DateTimeException e) {
            return NEVER_US;
        }
    }

    /** Of a session of which no end is known: when the next one began, or after all that the tool has sent. */
    private long nextUtcUs(Part part, long fromUtcUs) throws SQLException {
        return ReadConnection.query(
                        connection,
                        "select coalesce((select min(utc_us) from tool_order where tool = ?1 and utc_us > ?2"
                                + " and json_extract(json, '$.order') = 'start'),"
                                + " (select max(last_utc_us) + 1 from boot where tool = ?1), ?2)",
                        row -> row.getLong(1),
                        part.tool,
                        fromUtcUs)
                .get(0);
    }

    /** All but samples. */
    private void erase(List<Said> said, Span span) throws SQLException {
        timeErased(span.tool, null, span.fromUtcUs, span.toUtcUs);
        for (Said each : said) {
            if (each.kind == null) {
                others += Accounts.update(connection, "delete from tool_order where seq = ?", each.seq);
                continue;
            }
            if (each.utcUs < span.fromUtcUs || each.utcUs >= span.toUtcUs) {
                timeErased(span.tool, each.kind, each.utcUs, each.utcUs + 1);
            }
            finding(each.seq, each.kind);
        }
        // What was found in a pause is of no session.
        record Found(long seq, String kind) {}
        for (Found each : ReadConnection.query(
                connection,
                "select seq, kind from finding where tool = ? and kind in (select kind from journaled)"
                        + " and utc_us >= ? and utc_us < ? and json_extract(json, '$.session') is null",
                row -> new Found(row.getLong(1), row.getString(2)),
                span.tool,
                span.fromUtcUs,
                span.toUtcUs)) {
            finding(each.seq, each.kind);
        }
        others += Accounts.update(
                connection,
                "delete from tool_event where tool = ? and utc_us >= ? and utc_us < ?",
                span.tool,
                span.fromUtcUs,
                span.toUtcUs);
    }

    private void finding(long seq, String kind) throws SQLException {
        others += Accounts.update(connection, "delete from finding where seq = ?", seq);
        Accounts.update(connection, "delete from set_aside where seq = ?", seq);
        expired(seq, kind, 1);
    }

    private void timeErased(String tool, @Nullable String kind, long fromUtcUs, long toUtcUs) throws SQLException {
        Accounts.update(
                connection,
                "insert into erased_time (tool, kind, from_utc_us, to_utc_us) values (?, ?, ?, ?)",
                tool,
                kind,
                fromUtcUs,
                toUtcUs);
    }

    private void rows(List<Span> spans) throws SQLException {
        for (long seq : touched("samples", spans)) {
            Row row = ReadConnection.query(
                            connection,
                            "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                                    + " s.force, s.zones, b.id from samples s join boot b on b.id = s.boot_id where s.seq = ?",
                            each -> new Row(
                                    each.getLong(12), new Numbered(each.getLong(1), ReadConnection.samples(each))),
                            seq)
                    .get(0);
            Samples left = cut(row, spans);
            if (left == null) {
                Accounts.update(connection, "delete from samples where seq = ?", seq);
                Accounts.update(connection, "delete from set_aside where seq = ?", seq);
            } else if (!left.equals(row.samples())) {
                Accounts.update(
                        connection,
                        "update samples set first = ?, time_us = ?, utc_us = ?, flags = ?, force = ?, zones = ? where seq = ?",
                        left.first(),
                        left.timeUs(),
                        left.utcUs(),
                        left.flags(),
                        SampleBlobs.force(left.forceCn()),
                        SampleBlobs.zones(left.zones(), left.zones().length),
                        seq);
            }
        }
    }

    private void blocks(List<Span> spans) throws SQLException {
        for (long seq : touched("block", spans)) {
            List<Row> block = ReadConnection.query(
                            connection,
                            "select b.tool, b.boot, k.first, k.n, k.utc_us, k.period_us, k.data, b.id from block k"
                                    + " join boot b on b.id = k.boot_id where k.seq = ?",
                            row -> {
                                long bootId = row.getLong(8);
                                return SampleBlock.decode(
                                                seq,
                                                row.getString(1),
                                                row.getLong(2),
                                                row.getLong(3),
                                                row.getInt(4),
                                                row.getLong(5),
                                                row.getInt(6),
                                                row.getBytes(7))
                                        .stream()
                                        .map(each -> new Row(bootId, each))
                                        .toList();
                            },
                            seq)
                    .get(0);
            List<Numbered> left = new ArrayList<>();
            for (Row row : block) {
                Samples part = cut(row, spans);
                if (part != null) {
                    left.add(new Numbered(row.numbered.seq(), part));
                }
            }
            if (!left.equals(block.stream().map(Row::numbered).toList())) {
                Accounts.update(connection, "delete from block where seq = ?", seq);
                Compaction.insert(connection, block.get(0).bootId, left);
            }
        }
    }

    /** Of rows that may have samples of those times; one pass over the table. */
    private List<Long> touched(String table, List<Span> spans) throws SQLException {
        List<Long> touched = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                        "select t.seq, b.tool, t.utc_us from %s t join boot b on b.id = t.boot_id".formatted(table));
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                String tool = row.getString(2);
                long utcUs = row.getLong(3);
                if (spans.stream()
                        .anyMatch(span -> span.tool.equals(tool)
                                && utcUs > span.fromUtcUs - JournalReader.LONGEST_ROW_US
                                && utcUs < span.toUtcUs)) {
                    touched.add(row.getLong(1));
                }
            }
        }
        return touched;
    }

    private @Nullable Samples cut(Row row, List<Span> spans) throws SQLException {
        Samples left = row.samples();
        for (Span span : spans) {
            if (left != null && span.tool.equals(left.tool())) {
                left = cut(row, left, span);
            }
        }
        return left;
    }

    /** What of samples is left; what is not is counted. */
    private @Nullable Samples cut(Row row, Samples before, Span span) throws SQLException {
        Samples left = outside(before, span.fromUtcUs, span.toUtcUs);
        int begin = first(before, span.fromUtcUs);
        int end = first(before, span.toUtcUs);
        if (begin < end) {
            samples += end - begin;
            if (left == null || left.forceCn().length < before.forceCn().length) {
                long[] range =
                        indices.computeIfAbsent(new Hole(span, row.bootId), hole -> new long[] {Long.MAX_VALUE, -1});
                range[0] = Math.min(range[0], before.first() + begin);
                range[1] = Math.max(range[1], before.first() + end - 1);
                expired(row.numbered.seq(), Accounts.SAMPLES, end - begin);
            }
        }
        return left;
    }

    /** Sinks that have not got it yet never will. */
    private void expired(long seq, String kind, long records) throws SQLException {
        for (Map.Entry<String, Long> cursor : cursors.entrySet()) {
            if (cursor.getValue() < seq) {
                Accounts.update(
                        connection,
                        "insert into account (sink, kind, expired) values (?, ?, ?) on conflict (sink, kind)"
                                + " do update set expired = expired + excluded.expired",
                        cursor.getKey(),
                        kind,
                        records);
            }
        }
    }
}

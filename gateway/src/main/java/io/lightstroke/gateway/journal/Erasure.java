package io.lightstroke.gateway.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import java.sql.Connection;
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
    /** By boot, the first and the last index that was erased. */
    private final Map<Long, long[]> indices = new TreeMap<>();

    private long samples;
    private long others;

    /** One tool's part of a session. */
    private record Part(String tool, String session) {}

    /** From the part's first record to its end, which is not included. */
    private record Span(long fromUtcUs, long toUtcUs) {}

    /** An order, or a finding of that kind. */
    private record Said(String tool, String kind, long utcUs, JsonNode message) {}

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
        Map<Part, Span> parts = erasure.parts(person);
        for (Map.Entry<Part, Span> part : parts.entrySet()) {
            erasure.erase(part.getKey(), part.getValue());
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

    private Map<Part, Span> parts(String person) throws SQLException {
        Map<Part, Span> parts = new LinkedHashMap<>();
        for (Said theirs : said("person", person)) {
            String session = theirs.message.path("session").asText("");
            if (session.isEmpty()) {
                throw new SQLException("%s of %s: want the session of one that names a person, got none"
                        .formatted(theirs.kind, theirs.tool));
            }
            Part part = new Part(theirs.tool, session);
            if (!parts.containsKey(part)) {
                parts.put(part, span(part));
            }
        }
        return parts;
    }

    private Span span(Part part) throws SQLException {
        long fromUtcUs = Long.MAX_VALUE;
        long toUtcUs = NEVER_US;
        for (Said each : said(part)) {
            fromUtcUs = Math.min(fromUtcUs, each.utcUs);
            if (each.message.path("order").asText("").equals("end")) {
                toUtcUs = Math.max(toUtcUs, each.utcUs);
            } else if (each.kind.equals("session")) {
                toUtcUs = Math.max(toUtcUs, endedUs(each.message));
            }
        }
        return new Span(fromUtcUs, toUtcUs == NEVER_US ? nextUtcUs(part, fromUtcUs) : toUtcUs);
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

    private List<Said> said(Part part) throws SQLException {
        return said("session", part.session).stream()
                .filter(each -> each.tool.equals(part.tool))
                .toList();
    }

    /** Orders and findings in which this field has this word. */
    private List<Said> said(String field, String word) throws SQLException {
        String having = " where instr(json, ?1) and json_extract(json, '$.%s') = ?1".formatted(field);
        return ReadConnection.query(
                connection,
                "select tool, 'order', utc_us, json from tool_order" + having
                        + " union all select tool, kind, utc_us, json from finding" + having,
                row -> new Said(row.getString(1), row.getString(2), row.getLong(3), message(row.getString(4))),
                word);
    }

    private static JsonNode message(String json) throws SQLException {
        try {
            return Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new SQLException("want a JSON object, got " + e.getOriginalMessage(), e);
        }
    }

    private void erase(Part part, Span span) throws SQLException {
        timeErased(part.tool, null, span.fromUtcUs, span.toUtcUs);
        for (Said each : said(part)) {
            if (!each.kind.equals("order") && (each.utcUs < span.fromUtcUs || each.utcUs >= span.toUtcUs)) {
                timeErased(part.tool, each.kind, each.utcUs, each.utcUs + 1);
            }
        }
        indices.clear();
        rows(part.tool, span);
        blocks(part.tool, span);
        for (Map.Entry<Long, long[]> boot : indices.entrySet()) {
            mark(connection, boot.getKey(), boot.getValue()[0], boot.getValue()[1]);
        }
        findings(part, span);
        others += Accounts.update(
                connection,
                "delete from tool_order where tool = ?1 and instr(json, ?2) and json_extract(json, '$.session') = ?2",
                part.tool,
                part.session);
        others += Accounts.update(
                connection,
                "delete from tool_event where tool = ? and utc_us >= ? and utc_us < ?",
                part.tool,
                span.fromUtcUs,
                span.toUtcUs);
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

    private void rows(String tool, Span span) throws SQLException {
        for (Row row : ReadConnection.query(
                connection,
                "select s.seq, b.tool, b.boot, s.first, s.time_us, s.utc_us, s.period_us, s.flags, s.tool_strokes,"
                        + " s.force, s.zones, b.id from samples s join boot b on b.id = s.boot_id"
                        + " where b.tool = ? and b.last_utc_us >= ? and s.utc_us > ? and s.utc_us < ?",
                row -> new Row(row.getLong(12), new Numbered(row.getLong(1), ReadConnection.samples(row))),
                tool,
                span.fromUtcUs,
                span.fromUtcUs - JournalReader.LONGEST_ROW_US,
                span.toUtcUs)) {
            Samples left = cut(row, span);
            if (left == null) {
                Accounts.update(connection, "delete from samples where seq = ?", row.numbered.seq());
                Accounts.update(connection, "delete from set_aside where seq = ?", row.numbered.seq());
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
                        row.numbered.seq());
            }
        }
    }

    private void blocks(String tool, Span span) throws SQLException {
        List<List<Row>> blocks = ReadConnection.query(
                connection,
                "select k.seq, b.boot, k.first, k.n, k.utc_us, k.period_us, k.data, b.id from block k"
                        + " join boot b on b.id = k.boot_id"
                        + " where b.tool = ? and b.last_utc_us >= ? and k.utc_us > ? and k.utc_us < ?",
                row -> {
                    long bootId = row.getLong(8);
                    return SampleBlock.decode(
                                    row.getLong(1),
                                    tool,
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
                tool,
                span.fromUtcUs,
                span.fromUtcUs - JournalReader.LONGEST_ROW_US,
                span.toUtcUs);
        for (List<Row> block : blocks) {
            List<Numbered> left = new ArrayList<>();
            boolean changed = false;
            for (Row row : block) {
                Samples part = cut(row, span);
                changed |= !row.samples().equals(part);
                if (part != null) {
                    left.add(new Numbered(row.numbered.seq(), part));
                }
            }
            if (changed) {
                Row last = block.get(block.size() - 1);
                Accounts.update(connection, "delete from block where seq = ?", last.numbered.seq());
                Compaction.insert(connection, last.bootId, left);
            }
        }
    }

    /** What of a row is left; what is not is counted. */
    private @Nullable Samples cut(Row row, Span span) throws SQLException {
        Samples before = row.samples();
        Samples left = outside(before, span.fromUtcUs, span.toUtcUs);
        int begin = first(before, span.fromUtcUs);
        int end = first(before, span.toUtcUs);
        if (begin < end) {
            samples += end - begin;
            if (left == null || left.forceCn().length < before.forceCn().length) {
                long[] range = indices.computeIfAbsent(row.bootId, boot -> new long[] {Long.MAX_VALUE, -1});
                range[0] = Math.min(range[0], before.first() + begin);
                range[1] = Math.max(range[1], before.first() + end - 1);
                expired(row.numbered.seq(), Accounts.SAMPLES, end - begin);
            }
        }
        return left;
    }

    private void findings(Part part, Span span) throws SQLException {
        record Found(long seq, String kind) {}
        for (Found each : ReadConnection.query(
                connection,
                "select seq, kind from finding where tool = ?1"
                        + " and (instr(json, ?2) and json_extract(json, '$.session') = ?2"
                        + " or utc_us >= ?3 and utc_us < ?4 and json_extract(json, '$.session') is null)",
                row -> new Found(row.getLong(1), row.getString(2)),
                part.tool,
                part.session,
                span.fromUtcUs,
                span.toUtcUs)) {
            others += Accounts.update(connection, "delete from finding where seq = ?", each.seq);
            Accounts.update(connection, "delete from set_aside where seq = ?", each.seq);
            expired(each.seq, each.kind, 1);
        }
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

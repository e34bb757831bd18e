package io.lightstroke.gateway.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.client.write.Point;
import io.lightstroke.gateway.journal.ErasedTime;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.messages.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Journal entries as InfluxDB's line protocol: tags site, gateway, tool; times in microseconds, the same for ever, so
 * that a resend overwrites. One line a sample in {@code force}; one line a finding in the measurement of its kind, its
 * JSON's numbers, words and truth values as fields (an object's as {@code name_key}), and all of it as {@code json}.
 */
final class LineProtocol {
    /** A point with a longer one is refused as a whole. */
    private static final int MAX_STRING_BYTES = 64_000;

    private static final String SOME_FIELD = " f=0i";

    private final String site;
    private final String gateway;
    private final Map<String, String> forceKeys = new HashMap<>();

    LineProtocol(String site, String gateway) {
        this.site = site;
        this.gateway = gateway;
    }

    /** Lines in one text, which entry each is of, and which of them were refused. */
    static final class Batch {
        private final StringBuilder text = new StringBuilder();
        private final Map<Long, SetAside> setAside = new LinkedHashMap<>();
        private final BitSet refused = new BitSet();
        private int[] ends = new int[64];
        private long[] seqs = new long[64];
        private boolean[] samples = new boolean[64];
        private int size;

        private void endLine(long seq, boolean sample) {
            if (size == ends.length) {
                ends = Arrays.copyOf(ends, 2 * size);
                seqs = Arrays.copyOf(seqs, 2 * size);
                samples = Arrays.copyOf(samples, 2 * size);
            }
            text.append('\n');
            ends[size] = text.length();
            seqs[size] = seq;
            samples[size] = sample;
            size++;
        }

        int size() {
            return size;
        }

        /** How many lines from {@code from} to before {@code to} are not refused. */
        int left(int from, int to) {
            return to - from - refused.get(from, to).cardinality();
        }

        /** Those lines, without the last one's end. At least one is left. */
        String text(int from, int to) {
            if (left(from, to) == to - from) {
                return text.substring(start(from), ends[to - 1] - 1);
            }
            StringBuilder left = new StringBuilder();
            for (int line = refused.nextClearBit(from); line < to; line = refused.nextClearBit(line + 1)) {
                left.append(text, start(line), ends[line]);
            }
            return left.substring(0, left.length() - 1);
        }

        private int start(int line) {
            return line == 0 ? 0 : ends[line - 1];
        }

        /**
         * @param reasons by number, from 1, of a line of {@link #text} of the same lines
         * @return whether any of them was refused by that
         */
        boolean refuse(int from, int to, Map<Integer, String> reasons) {
            int before = left(from, to);
            int number = 1;
            for (int line = refused.nextClearBit(from); line < to; line = refused.nextClearBit(line + 1)) {
                String reason = reasons.get(number++);
                if (reason != null) {
                    refuse(line, reason);
                }
            }
            return left(from, to) < before;
        }

        /** All of them, for the same reason. */
        void refuse(int from, int to, String reason) {
            for (int line = refused.nextClearBit(from); line < to; line = refused.nextClearBit(line + 1)) {
                refuse(line, reason);
            }
        }

        private void refuse(int line, String reason) {
            refused.set(line);
            setAside(seqs[line], samples[line] ? 1 : 0, reason);
        }

        private void setAside(long seq, int samples, String reason) {
            setAside.merge(
                    seq,
                    new SetAside(seq, samples, reason),
                    (one, other) -> new SetAside(seq, one.samples() + other.samples(), reason));
        }

        /** By seq: entries with a refused line, and those that cannot be written as lines. */
        Map<Long, SetAside> setAside() {
            return setAside;
        }
    }

    Batch of(List<Numbered> entries) {
        Batch batch = new Batch();
        for (Numbered each : entries) {
            if (each.entry() instanceof Samples samples) {
                append(batch, each.seq(), samples);
            } else if (each.entry() instanceof Finding finding) {
                try {
                    batch.text.append(point(finding).toLineProtocol());
                    batch.endLine(each.seq(), false);
                } catch (JsonProcessingException e) {
                    batch.setAside(each.seq(), 0, e.getOriginalMessage());
                }
            }
        }
        return batch;
    }

    private void append(Batch batch, long seq, Samples samples) {
        StringBuilder out = batch.text;
        String key = forceKeys.computeIfAbsent(samples.tool(), this::forceKey);
        String same =
                ",flags=" + samples.flags() + "i,boot=" + samples.boot() + "i,strokes=" + samples.toolStrokes() + "i ";
        for (int i = 0; i < samples.forceCn().length; i++) {
            short forceCn = samples.forceCn()[i];
            out.append(key);
            if (SampleText.valid(forceCn)) {
                out.append("force_N=");
                SampleText.appendNewtons(out, forceCn);
                out.append(',');
            }
            String zone = SampleText.zone(samples.zones()[i]);
            if (zone != null) {
                out.append("zone=\"").append(zone).append("\",");
            }
            out.append("index=").append(samples.first() + i).append('i').append(same);
            out.append(samples.utcUs() + (long) i * samples.periodUs());
            batch.endLine(seq, true);
        }
    }

    /** Measurement and tags, escaped by the client, up to the fields. */
    private String forceKey(String tool) {
        String line = tagged("force", tool).addField("f", 0L).toLineProtocol();
        if (!line.endsWith(SOME_FIELD)) {
            throw new IllegalStateException("line protocol: want \"…" + SOME_FIELD + "\", got \"" + line + "\"");
        }
        return line.substring(0, line.length() - SOME_FIELD.length() + 1);
    }

    /** A point of the gateway itself. */
    String point(String measurement, long utcUs, Map<String, Long> fields) {
        Point point = tagged(measurement).time(utcUs, WritePrecision.US);
        fields.forEach(point::addField);
        return point.toLineProtocol();
    }

    /** InfluxQL. */
    String deleteStatement(ErasedTime time) {
        return "DELETE%s WHERE site = '%s' AND gateway = '%s' AND tool = '%s' AND time >= %du AND time < %du"
                .formatted(
                        time.kind() == null ? "" : " FROM \"" + time.kind() + '"',
                        site,
                        gateway,
                        time.tool(),
                        time.fromUtcUs(),
                        time.toUtcUs());
    }

    /** Of the delete API of 2.x, without the time. */
    String deletePredicate(ErasedTime time) {
        return "site=\"%s\" AND gateway=\"%s\" AND tool=\"%s\"".formatted(site, gateway, time.tool())
                + (time.kind() == null ? "" : " AND _measurement=\"" + time.kind() + '"');
    }

    private Point tagged(String measurement) {
        return Point.measurement(measurement).addTag("gateway", gateway).addTag("site", site);
    }

    private Point tagged(String measurement, String tool) {
        return tagged(measurement).addTag("tool", tool);
    }

    private Point point(Finding finding) throws JsonProcessingException {
        Point point = tagged(finding.kind(), finding.tool()).time(finding.utcUs(), WritePrecision.US);
        point.addField("boot", finding.boot()).addField("index", finding.index());
        if (finding.json().getBytes(StandardCharsets.UTF_8).length <= MAX_STRING_BYTES) {
            point.addField("json", finding.json());
        }
        JsonNode message = Json.MAPPER.readTree(finding.json());
        message.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                field.getValue()
                        .properties()
                        .forEach(inner -> addField(point, field.getKey() + "_" + inner.getKey(), inner.getValue()));
            } else if (!field.getKey().equals("v") && !field.getKey().equals("time")) {
                addField(point, field.getKey(), field.getValue());
            }
        });
        return point;
    }

    private static void addField(Point point, String name, JsonNode value) {
        if (value.isIntegralNumber()) {
            point.addField(name, value.longValue());
        } else if (value.isNumber()) {
            point.addField(name, value.doubleValue());
        } else if (value.isBoolean()) {
            point.addField(name, value.booleanValue());
        } else if (value.isTextual()) {
            point.addField(name, value.textValue());
        }
    }
}

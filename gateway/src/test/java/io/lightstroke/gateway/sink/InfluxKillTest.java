package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** InfluxDB with user and password, ended twenty times under load: what it has is what the journal has, row by row. */
@Needs(Program.INFLUXD)
class InfluxKillTest {
    private static final int KILLS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MEASUREMENTS = List.of("force", "stroke", "spot", "alert", "cue", "session");

    @TempDir
    private Path folder;

    private int rows;
    private final List<JournalEntry> journaled = new ArrayList<>();

    @Test
    void everyRowEqualsTheJournalAfterEachKill() throws Exception {
        Influxd influxd = new Influxd(folder.resolve("influx"), true);
        Program.Running running = influxd.start();
        try (Journal journal = Journal.open(folder.resolve("data"))) {
            influxd.createAdministrator("room", "secret");
            try (Pump pump = new Pump(journal, new InfluxSink(influxd.server(), "home", "room"))) {
                for (int kill = 0; kill < KILLS; kill++) {
                    append(journal, 40);
                    long cursor = journal.cursor("influx");
                    await().atMost(LIMIT).until(() -> journal.cursor("influx") > cursor);
                    append(journal, 40);
                    if (kill % 2 == 0) {
                        running.kill();
                    } else {
                        running.close();
                    }
                    append(journal, 20);
                    running = influxd.start();
                    assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
                    for (String measurement : MEASUREMENTS) {
                        assertIterableEquals(
                                inJournal(measurement),
                                inInflux(influxd, measurement),
                                "%s after kill %d".formatted(measurement, kill + 1));
                    }
                }
                SinkAccount account = journal.account("influx");
                assertEquals(KILLS * 100 * 25L, account.delivered());
                assertEquals(account.journaled(), account.delivered());
            }
        } finally {
            running.close();
        }
    }

    /** Rows of samples of two tools, and now and then one finding of each kind. */
    private void append(Journal journal, int count) throws Exception {
        for (int i = 0; i < count; i++, rows++) {
            String tool = rows % 2 == 0 ? "left" : "right";
            List<JournalEntry> entries = new ArrayList<>(List.of(Entries.row(tool, rows)));
            if (rows % 10 == 0) {
                for (String kind : MEASUREMENTS.subList(1, MEASUREMENTS.size())) {
                    entries.add(new Finding(
                            tool, kind, Entries.BOOT, 25L * rows, Entries.UTC + 250_000L * rows, example(kind)));
                }
            }
            assertTrue(journal.append(entries));
            journaled.addAll(entries);
        }
    }

    /** The example of the message in the protocol. */
    private static String example(String kind) throws Exception {
        String protocol = Files.readString(Path.of("..", "docs", "protocol.md"));
        Matcher example = Pattern.compile(
                        "### `tool/\\{tool}/%s`\\n.*?```json\\n(.*?)```".formatted(kind), Pattern.DOTALL)
                .matcher(protocol);
        assertTrue(example.find(), kind);
        return example.group(1);
    }

    /** The points that the protocol makes of the journal's entries, not by the sink's code. */
    private List<String> inJournal(String measurement) throws Exception {
        List<String> points = new ArrayList<>();
        for (JournalEntry each : journaled) {
            if (each instanceof Samples samples && measurement.equals("force")) {
                for (int i = 0; i < samples.forceCn().length; i++) {
                    points.add(sample(samples, i));
                }
            } else if (each instanceof Finding finding && measurement.equals(finding.kind())) {
                points.add(finding(finding));
            }
        }
        points.sort(null);
        return points;
    }

    private static String sample(Samples samples, int i) {
        Map<String, String> fields = tags(samples.tool());
        if (samples.forceCn()[i] != ForceFrame.NO_FORCE) {
            fields.put("force_N", number(BigDecimal.valueOf(samples.forceCn()[i], 2)));
        }
        if (samples.zones()[i] >= 0) {
            fields.put("zone", Zone.values()[samples.zones()[i]].word());
        }
        fields.put("strokes", number(BigDecimal.valueOf(samples.toolStrokes())));
        fields.put("boot", number(BigDecimal.valueOf(samples.boot())));
        fields.put("index", number(BigDecimal.valueOf(samples.first() + i)));
        fields.put("flags", number(BigDecimal.valueOf(samples.flags())));
        return samples.utcUs() + (long) i * samples.periodUs() + " " + fields;
    }

    private static String finding(Finding finding) throws Exception {
        Map<String, String> fields = tags(finding.tool());
        Json.MAPPER.readTree(finding.json()).properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isObject()) {
                value.properties()
                        .forEach(inner -> fields.put(field.getKey() + "_" + inner.getKey(), text(inner.getValue())));
            } else if (!value.isArray()
                    && !field.getKey().equals("v")
                    && !field.getKey().equals("time")) {
                fields.put(field.getKey(), text(value));
            }
        });
        fields.putIfAbsent("boot", number(BigDecimal.valueOf(finding.boot())));
        fields.put("json", finding.json());
        fields.putIfAbsent("index", number(BigDecimal.valueOf(finding.index())));
        return finding.utcUs() + " " + fields;
    }

    private static Map<String, String> tags(String tool) {
        return new TreeMap<>(Map.of("site", "home", "gateway", "room", "tool", tool));
    }

    private static List<String> inInflux(Influxd influxd, String measurement) throws Exception {
        JsonNode series = influxd.execute("select * from " + measurement).at("/0/series/0");
        List<String> points = new ArrayList<>();
        for (JsonNode row : series.path("values")) {
            Map<String, String> fields = new TreeMap<>();
            for (int column = 1; column < row.size(); column++) {
                if (!row.get(column).isNull()) {
                    fields.put(series.path("columns").get(column).textValue(), text(row.get(column)));
                }
            }
            points.add(row.get(0).longValue() + " " + fields);
        }
        points.sort(null);
        return points;
    }

    private static String text(JsonNode value) {
        return value.isNumber() ? number(value.decimalValue()) : value.asText();
    }

    private static String number(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}

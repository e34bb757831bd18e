package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for InfluxDB 1.x, as the documentation has them. */
@Needs(Program.INFLUXD)
class InfluxRecipesTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long SECOND_US = 1_000_000;

    /** Of one second: count of valid samples, lowest and highest, 0.01 N. */
    private record Second(long count, int minCn, int maxCn) {
        static Second of(int forceCn) {
            return new Second(1, forceCn, forceCn);
        }

        Second and(Second other) {
            return new Second(count + other.count, Math.min(minCn, other.minCn), Math.max(maxCn, other.maxCn));
        }
    }

    @TempDir
    private Path folder;

    @Test
    void downsampledTheSecondsKeepEveryPeakAndTheFindingsStayWhole() throws Exception {
        Influxd influxd = new Influxd(folder, false);
        long nowUs = Instant.now().getEpochSecond() * SECOND_US;
        Samples recent = minute("left", nowUs - 90 * SECOND_US + 123_456, 1234);
        Samples late = minute("right", nowUs - 2 * 24 * 3600 * SECOND_US + 654_321, 1399);
        Finding stroke = new Finding(
                "right",
                "stroke",
                Entries.BOOT,
                0,
                late.utcUs(),
                Entries.stroke("right", 0).json());
        LocalDate aWeekAgo = LocalDate.now(ZoneOffset.UTC).minusDays(7);
        List<List<String>> recipe = InfluxDocument.influxQl("1.x recipe");
        try (Program.Running running = influxd.start();
                InfluxSink sink = new InfluxSink(influxd.server(), "home", "room")) {
            influxd.execute("create database lightstroke");
            for (String statement : recipe.get(0)) {
                influxd.execute(statement);
            }
            assertEquals(
                    Delivery.COMPLETE,
                    sink.deliver(List.of(new Numbered(1, recent), new Numbered(2, late), new Numbered(3, stroke))));

            // The query comes round every 10 s.
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertEquals(seconds(recent), seconds(influxd, "left")));

            for (int twice = 0; twice < 2; twice++) {
                for (String statement : recipe.get(1)) {
                    assertTrue(statement.contains("'2026-03-01'"), statement);
                    influxd.execute(statement.replace("2026-03-01", aWeekAgo.toString()));
                }
                assertEquals(seconds(recent), seconds(influxd, "left"));
                assertEquals(seconds(late), seconds(influxd, "right"));
                assertEquals(
                        influxd.execute("select * from autogen.stroke"), influxd.execute("select * from years.stroke"));
                assertEquals(1, influxd.rows("select id from years.stroke").size());
            }
            assertEquals(
                    13.99,
                    influxd.rows("select max(max_N) from years.force_1s")
                            .get(0)
                            .get(1)
                            .doubleValue());
            Map<String, String> kept = new TreeMap<>();
            influxd.rows("show retention policies on lightstroke")
                    .forEach(row -> kept.put(row.get(0).textValue(), row.get(1).textValue()));
            assertEquals(Map.of("autogen", "720h0m0s", "years", "87600h0m0s"), kept);
        }
    }

    /** 6000 samples, of which one of 10 ms is a peak of {@code peakCn}, and one is invalid. */
    private static Samples minute(String tool, long utcUs, int peakCn) {
        short[] force = new short[6000];
        byte[] zones = new byte[force.length];
        for (int i = 0; i < force.length; i++) {
            force[i] = (short) (300 + i % 97 - 50);
        }
        force[3217] = (short) peakCn;
        force[4000] = ForceFrame.NO_FORCE;
        return new Samples(tool, Entries.BOOT, 0, 0, utcUs, 10_000, 0, 0, force, zones);
    }

    private static Map<Long, Second> seconds(Samples samples) {
        Map<Long, Second> seconds = new TreeMap<>();
        for (int i = 0; i < samples.forceCn().length; i++) {
            if (samples.forceCn()[i] != ForceFrame.NO_FORCE) {
                long second = (samples.utcUs() + 10_000L * i) / SECOND_US;
                seconds.merge(second, Second.of(samples.forceCn()[i]), Second::and);
            }
        }
        return seconds;
    }

    private static Map<Long, Second> seconds(Influxd influxd, String tool) throws Exception {
        Map<Long, Second> seconds = new TreeMap<>();
        JsonNode rows = influxd.execute(
                        "select \"count\", min_N, max_N from years.force_1s where tool = '%s'".formatted(tool))
                .at("/0/series/0/values");
        for (JsonNode row : rows) {
            seconds.put(
                    row.get(0).longValue() / SECOND_US,
                    new Second(
                            row.get(1).longValue(), (int) Math.round(row.get(2).doubleValue() * 100), (int)
                                    Math.round(row.get(3).doubleValue() * 100)));
        }
        return seconds;
    }

    @Test
    void erasingTakesAToolsTimeOutOfEverythingAndNothingElse() throws Exception {
        Influxd influxd = new Influxd(folder, false);
        long startUs = Instant.parse("2026-03-01T09:30:00Z").getEpochSecond() * SECOND_US;
        List<Numbered> entries = new ArrayList<>();
        for (String tool : List.of("tool-1", "tool-2")) {
            entries.add(new Numbered(entries.size(), minute(tool, startUs, 900)));
            entries.add(new Numbered(entries.size(), minute(tool, startUs - 3600 * SECOND_US, 900)));
            entries.add(new Numbered(
                    entries.size(),
                    new Finding(
                            tool,
                            "stroke",
                            1,
                            2,
                            startUs,
                            Entries.stroke(tool, 0).json())));
        }
        try (Program.Running running = influxd.start();
                InfluxSink sink = new InfluxSink(influxd.server(), "home", "room")) {
            assertEquals(Delivery.COMPLETE, sink.deliver(entries));
            influxd.execute("create retention policy years on lightstroke duration 3650d replication 1");
            influxd.execute("select * into lightstroke.years.:MEASUREMENT from lightstroke.autogen./.*/ group by *");
            assertEquals(List.of(12_000, 12_000), counts(influxd, "force"));
            assertEquals(List.of(1, 1), counts(influxd, "stroke"));

            for (String statement : InfluxDocument.influxQl("Erasing").get(0)) {
                influxd.execute(statement);
            }
            assertEquals(List.of(6000, 12_000), counts(influxd, "force"));
            assertEquals(List.of(0, 1), counts(influxd, "stroke"));
        }
    }

    /** Points of tool-1 and of tool-2; the same in both retention policies. */
    private static List<Integer> counts(Influxd influxd, String measurement) throws Exception {
        List<Integer> counts = new ArrayList<>();
        for (String tool : List.of("tool-1", "tool-2")) {
            List<Integer> ofTool = new ArrayList<>();
            for (String policy : List.of("autogen", "years")) {
                ofTool.add(influxd.execute(
                                "select count(index) from %s.%s where tool = '%s'".formatted(policy, measurement, tool))
                        .at("/0/series/0/values/0/1")
                        .asInt(0));
            }
            assertEquals(ofTool.get(0), ofTool.get(1), tool);
            counts.add(ofTool.get(0));
        }
        return counts;
    }
}

package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lightstroke.gateway.sink.InfluxDocument;
import io.lightstroke.gateway.sink.Influxd;
import io.lightstroke.messages.Json;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway writes of a person who presses too deep, and whether the dashboard and the documented queries find it. */
@Needs(Program.INFLUXD)
class InfluxWayTest {
    private static final Path GRAFANA = Path.of("..", "docs", "integrations", "grafana");
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    private static Path folder;

    private static Influxd influxd;
    private static Program.Running running;

    @BeforeAll
    static void run() throws Exception {
        influxd = new Influxd(folder.resolve("influx"), false);
        running = influxd.start();
        GatewayConfig config = GatewayConfig.parse("test", """
                mqtt: {port: 0}
                link: simulated
                simulated: {scenario: too-deep}
                influx: {url: "%s"}
                tools:
                  - {id: tool-1, address: "%s"}
                """.formatted(influxd.url(), SimulatedTools.address(1)));
        try (Gateway gateway = Gateway.start(config, folder.resolve("data"))) {
            await().atMost(LIMIT)
                    .until(() ->
                            gateway.summary().cues() >= 2 && gateway.summary().strokes() >= 2 && count("gateway") > 0);
            gateway.stopTools();
            gateway.drain(LIMIT);
            Summary summary = gateway.summary();
            assertTrue(summary.lawful(), summary.toString());
            assertEquals(summary.samples().journaled(), count("force"));
        }
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static long count(String measurement) throws Exception {
        return influxd.execute("select count(/^(index|uptime_s)$/) from " + measurement)
                .at("/0/series/0/values/0/1")
                .asLong();
    }

    @Test
    void theGatewaysHealthHasTheFieldsOfTheProtocol() throws Exception {
        JsonNode series = influxd.execute("select * from gateway limit 1").at("/0/series/0");
        Set<String> names = new TreeSet<>();
        series.get("columns").forEach(name -> names.add(name.textValue()));
        assertEquals(
                new TreeSet<>(List.of(
                        "time",
                        "site",
                        "gateway",
                        "uptime_s",
                        "heap_bytes",
                        "tools",
                        "tools_streaming",
                        "frames_malformed",
                        "frames_overflowed",
                        "frames_refused",
                        "samples_journaled",
                        "samples_not_kept",
                        "samples_lost",
                        "cues",
                        "live_dropped",
                        "influx_pending",
                        "influx_set_aside",
                        "influx_expired",
                        "mqtt_pending",
                        "mqtt_set_aside",
                        "mqtt_expired")),
                names);
        JsonNode row = influxd.rows(
                        "select tools, tools_streaming, samples_not_kept, samples_journaled, heap_bytes from gateway"
                                + " order by time desc limit 1")
                .get(0);
        assertEquals(Instant.now().getEpochSecond(), row.get(0).longValue() / 1_000_000, 600);
        assertEquals(1, row.get(1).intValue());
        assertEquals(1, row.get(2).intValue());
        assertEquals(0, row.get(3).intValue());
        assertTrue(row.get(4).longValue() > 0 && row.get(5).longValue() > 0, row.toString());
    }

    @Test
    void theDocumentedQueriesFindSomething() throws Exception {
        for (String query : InfluxDocument.influxQl("Queries").get(0)) {
            assertTrue(!influxd.rows(query).isEmpty(), query);
        }
    }

    @Test
    void everyQueryOfTheDashboardFindsSomething() throws Exception {
        JsonNode dashboard = dashboard();
        List<String> queries = new ArrayList<>();
        dashboard
                .path("panels")
                .forEach(panel -> panel.path("targets").forEach(target -> {
                    assertTrue(target.path("rawQuery").booleanValue(), target.toString());
                    queries.add(target.path("query").textValue());
                }));
        dashboard.at("/templating/list").forEach(variable -> {
            if (variable.path("type").textValue().equals("query")) {
                queries.add(variable.path("query").textValue());
            }
        });
        for (JsonNode annotation : dashboard.at("/annotations/list")) {
            String query = annotation.at("/target/query").textValue();
            // Nobody is pressed to the ceiling for a test: the query of the other alerts shows that it works.
            queries.add(query.replace("'ceiling'", "'too-deep'"));
        }
        assertTrue(queries.size() > 20, queries.toString());
        for (String query : queries) {
            assertTrue(!influxd.rows(asGrafanaDoes(query)).isEmpty(), query);
        }
    }

    /** With "All" chosen, a quarter of an hour on the screen. */
    private static String asGrafanaDoes(String query) {
        long nowMs = System.currentTimeMillis();
        String asked = query.replace(
                        "$timeFilter", "time >= %dms and time <= %dms".formatted(nowMs - 900_000, nowMs + 60_000))
                .replace("$__interval", "500ms")
                .replace("$gateway", "(gateway-1|another)")
                .replace("$tool", "(tool-1|tool-2)");
        assertTrue(!asked.matches(".*\\$[{_a-zA-Z].*"), asked);
        return asked;
    }

    @Test
    void theDashboardIsSoundAndItsDataSourceIsTheOneThatIsProvided() throws Exception {
        JsonNode dashboard = dashboard();
        Set<Integer> ids = new HashSet<>();
        Set<String> titles = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertTrue(ids.add(panel.path("id").intValue()), panel.path("title").textValue());
            assertTrue(titles.add(panel.path("title").textValue()));
            JsonNode place = panel.path("gridPos");
            assertTrue(place.path("x").intValue() + place.path("w").intValue() <= 24, place.toString());
        }
        List<JsonNode> sources = dashboard.findValues("datasource");
        assertTrue(sources.size() > 30, sources.toString());
        for (JsonNode source : sources) {
            assertEquals("influxdb", source.path("type").textValue());
            assertEquals("${datasource}", source.path("uid").textValue());
        }
        JsonNode chosen = dashboard.at("/templating/list/0");
        assertEquals("datasource", chosen.path("name").textValue());
        JsonNode provided = new YAMLMapper()
                .readTree(GRAFANA.resolve("provisioning/datasources/lightstroke.yaml")
                        .toFile())
                .at("/datasources/0");
        assertEquals(provided.path("uid"), chosen.at("/current/value"));
        assertEquals("influxdb", provided.path("type").textValue());
        assertEquals("lightstroke", provided.at("/jsonData/dbName").textValue());
    }

    private static JsonNode dashboard() throws Exception {
        return Json.MAPPER.readTree(GRAFANA.resolve("lightstroke.json").toFile());
    }
}

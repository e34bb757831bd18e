package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.health.Http;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.sink.Influxd;
import io.lightstroke.gateway.sink.Mosquitto;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole gateway says of itself over HTTP, with real servers that go away and come back. */
@Needs({Program.MOSQUITTO, Program.INFLUXD})
class HealthOfGatewayTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final RealTime time = new RealTime();

    @AfterEach
    void stopTime() {
        time.close();
    }

    private List<SimulatedTool> tools(int count) {
        List<SimulatedTool> tools = SimulatedTools.fleet(count, Scenario.builtIn("too-deep"), 1);
        tools.forEach(time::add);
        return tools;
    }

    private Gateway start(ToolLink link, int tools, String more) throws Exception {
        StringBuilder yaml = new StringBuilder("http: {port: 0}\n" + more + "tools:\n");
        for (int number = 1; number <= tools; number++) {
            yaml.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(number, SimulatedTools.address(number)));
        }
        return Gateway.start(GatewayConfig.parse("test", yaml.toString()), data(), link);
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** Part and code of each reason, but for what depends on the machine that runs the test. */
    private Set<String> reasons() throws IOException, InterruptedException {
        Set<String> reasons = new TreeSet<>();
        for (JsonNode reason : Http.of(data()).health().get("reasons")) {
            if (!reason.get("part").asText().equals("host")) {
                reasons.add(
                        reason.get("part").asText() + " " + reason.get("code").asText());
            }
        }
        return reasons;
    }

    private void awaitReasons(Set<String> expected) {
        Awaitility.await().atMost(LONG).untilAsserted(() -> assertEquals(expected, reasons()));
    }

    private static double sum(Map<String, Double> metrics, String name) {
        double sum = 0;
        boolean there = false;
        for (Map.Entry<String, Double> each : metrics.entrySet()) {
            if (each.getKey().equals(name) || each.getKey().startsWith(name + "{")) {
                sum += each.getValue();
                there = true;
            }
        }
        assertTrue(there, name + " in " + new TreeSet<>(metrics.keySet()));
        return sum;
    }

    /** Every tenth force frame comes twice, and after it one that is none. */
    private static ToolLink disturbed(ToolLink link) {
        AtomicInteger frames = new AtomicInteger();
        return new ChangedLink(link, connection -> new ChangedLink.Connection(connection) {
            @Override
            public void subscribe(UUID characteristic, Notifications notifications)
                    throws LinkException, InterruptedException {
                super.subscribe(
                        characteristic,
                        characteristic.equals(Gatt.FORCE_STREAM)
                                ? (value, atNanos) -> {
                                    notifications.arrived(value, atNanos);
                                    if (frames.incrementAndGet() % 10 == 0) {
                                        notifications.arrived(value, atNanos);
                                        notifications.arrived(new byte[] {1, 2, 3}, atNanos);
                                    }
                                }
                                : notifications);
            }
        });
    }

    @Test
    void theLawsHoldInAScrapeThoughFramesAreDoubledAndMalformed() throws Exception {
        try (Gateway gateway = start(disturbed(new SimulatedLink(tools(2))), 2, "mqtt: {port: 0}\n")) {
            Http http = Http.of(data());
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> sum(http.metrics(), "lightstroke_frames_malformed_total") >= 5
                            && sum(http.metrics(), "lightstroke_cue_latency_seconds_count") >= 1);
            gateway.stopTools();
            gateway.drain(LONG);
            String mqttSamples = "{kind=\"samples\",sink=\"mqtt\"}";
            long journaledInAll = gateway.summary().samples().journaled();
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> http.metrics().get("lightstroke_sink_records_delivered_total" + mqttSamples)
                            == journaledInAll);
            Map<String, Double> metrics = http.metrics();
            double received = sum(metrics, "lightstroke_frames_received_total");
            assertEquals(
                    received,
                    sum(metrics, "lightstroke_frames_decoded_total")
                            + sum(metrics, "lightstroke_frames_malformed_total")
                            + sum(metrics, "lightstroke_frames_overflowed_total")
                            + sum(metrics, "lightstroke_frames_refused_total"));
            double decoded = sum(metrics, "lightstroke_samples_decoded_total");
            double journaled = sum(metrics, "lightstroke_samples_journaled_total");
            double duplicate = sum(metrics, "lightstroke_samples_duplicate_total");
            assertTrue(duplicate >= 25, metrics.toString());
            assertEquals(decoded, journaled + duplicate + sum(metrics, "lightstroke_samples_not_kept_total"));
            assertEquals(journaled, metrics.get("lightstroke_sink_records_journaled_total" + mqttSamples));
            assertEquals(journaled, metrics.get("lightstroke_sink_records_delivered_total" + mqttSamples));
            assertEquals(0, sum(metrics, "lightstroke_sink_records_pending"));
            assertEquals(0, sum(metrics, "lightstroke_sink_records_set_aside_total"));
            assertEquals(0, sum(metrics, "lightstroke_sink_records_expired_total"));

            Summary summary = gateway.summary();
            assertEquals(summary.cues(), sum(metrics, "lightstroke_cue_latency_seconds_count"));
            assertEquals(summary.cues(), metrics.get("lightstroke_cue_latency_seconds_bucket{le=\"+Inf\"}"), 0.0);
            assertTrue(sum(metrics, "lightstroke_cue_latency_seconds_sum") > 0);
            assertTrue(sum(metrics, "lightstroke_journal_commit_seconds_count") > 0);
            assertTrue(sum(metrics, "lightstroke_journal_file_bytes") > 0);
            assertTrue(sum(metrics, "lightstroke_disk_free_bytes") > 0);
            assertTrue(sum(metrics, "jvm_memory_used_bytes") > 0);
            assertEquals(1, sum(metrics, "lightstroke_build_info"));
        }
        assertFalse(Files.exists(data().resolve("gateway.json")), "nobody answers any more");
    }

    @Test
    void eachServerThatIsAwayIsToldByNameAndThatItIsBack() throws Exception {
        Mosquitto broker = new Mosquitto(folder, "allow_anonymous true");
        Influxd influx = new Influxd(folder.resolve("influx"), false);
        Program.Running mosquitto = broker.start();
        Program.Running influxd = influx.start();
        try (Gateway gateway = start(
                new SimulatedLink(tools(1)),
                1,
                "mqtt: {broker: \"%s\"}%ninflux: {url: \"%s\"}%n".formatted(broker.url(), influx.url()))) {
            Http http = Http.of(data());
            awaitReasons(Set.of());
            assertEquals(1, sum(http.metrics(), "lightstroke_sink_up{sink=\"mqtt\"}"));

            mosquitto.kill();
            awaitReasons(Set.of(
                    "commands commands-not-heard",
                    "live live-not-published",
                    "sink/mqtt sink-behind",
                    "sink/mqtt sink-not-delivering"));
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> http.health().get("status").asText().equals("degraded"));
            assertEquals(503, http.ask("GET", "/health/ready").statusCode());
            assertEquals(200, http.ask("GET", "/health").statusCode());
            assertEquals(0, http.metrics().get("lightstroke_sink_up{sink=\"mqtt\"}"));
            assertEquals(1, http.metrics().get("lightstroke_sink_up{sink=\"influx\"}"));
            assertTrue(http.metrics().get("lightstroke_sink_behind_seconds{sink=\"mqtt\"}") > 10);
            JsonNode mqtt = http.health().get("sinks").get(0);
            assertTrue(mqtt.at("/accounts/samples/pending").asLong() > 0, mqtt.toString());
            assertTrue(mqtt.get("oldest_pending").asText().endsWith("Z"), mqtt.toString());
            mosquitto = broker.start();
            awaitReasons(Set.of());

            influxd.kill();
            awaitReasons(Set.of("sink/influx sink-behind", "sink/influx sink-not-delivering"));
            influxd = influx.start();
            awaitReasons(Set.of());
            gateway.stopTools();
            gateway.drain(LONG);
            assertTrue(gateway.summary().lawful(), gateway.summary().toString());
        } finally {
            mosquitto.close();
            influxd.close();
        }
    }

    @Test
    void aToolThatIsAwayIsToldAndNothingIsReadyBeforeItIsKnown() throws Exception {
        List<SimulatedTool> tools = tools(1);
        try (Gateway unused = start(new SimulatedLink(tools), 2, "mqtt: {port: 0}\n")) {
            assertEquals(503, Http.of(data()).ask("GET", "/health").statusCode(), "starting");
            assertEquals("starting", Http.of(data()).health().get("status").asText());
            awaitReasons(Set.of("tool/tool-2 tool-absent"));
            Map<String, Double> metrics = Http.of(data()).metrics();
            assertEquals(1, metrics.get("lightstroke_tool_up{tool=\"tool-1\"}"));
            assertEquals(0, metrics.get("lightstroke_tool_up{tool=\"tool-2\"}"));
        }
    }
}

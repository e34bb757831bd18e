package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.health.Http;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.journal.SmallDisk;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway, with the broker inside, whose disk fails it: hands are warned all the same, and nothing is lost silently. */
class DiskFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    /** More than what is told as a low disk. */
    private static final int MEGABYTES = 256;

    private static final int TOOLS = 2;
    private static final String LIVE = "lightstroke/v1/home/gateway-1/tool/tool-1/live";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path data;

    private SmallDisk disk;
    private Http http;
    private final RealTime time = new RealTime();

    @BeforeEach
    void mount() throws Exception {
        disk = new SmallDisk(data, MEGABYTES);
    }

    @AfterEach
    void unmount() throws Exception {
        time.close();
        if (disk != null) {
            disk.close();
        }
    }

    private Gateway start() throws Exception {
        int port = Program.freePort();
        http = new Http("http://127.0.0.1:" + port);
        List<SimulatedTool> tools = SimulatedTools.fleet(TOOLS, Scenario.builtIn("too-deep"), 1);
        tools.forEach(time::add);
        StringBuilder yaml = new StringBuilder("mqtt: {port: 0}\nhttp: {port: %d}\ntools:%n".formatted(port));
        for (int number = 1; number <= TOOLS; number++) {
            yaml.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(number, SimulatedTools.address(number)));
        }
        return Gateway.start(GatewayConfig.parse("test", yaml.toString()), data, new SimulatedLink(tools));
    }

    @Test
    void onAReadOnlyDiskItStartsWarnsHandsAndGoesOnByItselfAfterwards() throws Exception {
        disk.readOnly(true);
        try (Gateway gateway = start()) {
            awaitReasons(
                    Set.of("journal journal-problem", "journal journal-not-writing", "broker broker-not-durable"),
                    true);
            assertWarnsAndShows(gateway);
            assertEquals(0, gateway.summary().samples().journaled());

            disk.readOnly(false);
            awaitReasons(Set.of(), false);
            assertTrue(
                    Files.readString(data.resolve("gateway.json")).contains(http.url()),
                    Files.readString(data.resolve("gateway.json")));
            assertWarnsAndShows(gateway);
            assertNothingIsLost(gateway);
        }
    }

    @Test
    void whenTheDiskFillsItWarnsHandsAndGoesOnByItselfAfterwards() throws Exception {
        try (Gateway gateway = start()) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.summary().samples().journaled() > 0);
            disk.fill(0);
            // Of itself the broker writes too little for a test to wait until it meets the end of the disk.
            fill(Objects.requireNonNull(gateway.broker()));
            awaitReasons(Set.of("journal journal-problem", "journal disk-low", "broker broker-not-durable"), true);
            assertWarnsAndShows(gateway);

            disk.makeRoom();
            awaitReasons(Set.of(), false);
            assertWarnsAndShows(gateway);
            assertNothingIsLost(gateway);
        }
    }

    @Test
    void besideADamagedJournalItBeginsAnotherAndWarnsHands() throws Exception {
        Files.writeString(data.resolve("journal.db"), "no database".repeat(10_000));
        try (Gateway gateway = start()) {
            assertWarnsAndShows(gateway);
            awaitReasons(Set.of("journal journal-problem"), false);
            try (Stream<Path> files = Files.list(data)) {
                assertTrue(files.anyMatch(file -> file.getFileName().toString().startsWith("journal.db.damaged-")));
            }
            assertNothingIsLost(gateway);
        }
    }

    /** Part and code of each reason, but for what depends on the machine that runs the test. */
    private void awaitReasons(Set<String> expected, boolean atLeast) {
        Awaitility.await().atMost(LONG).ignoreException(IOException.class).untilAsserted(() -> {
            Set<String> reasons = new TreeSet<>();
            for (JsonNode reason : http.health().get("reasons")) {
                if (!reason.get("part").asText().equals("host")) {
                    reasons.add(reason.get("part").asText() + " "
                            + reason.get("code").asText());
                }
            }
            if (atLeast) {
                assertTrue(reasons.containsAll(expected), reasons.toString());
            } else {
                assertEquals(expected, reasons);
            }
        });
    }

    /** From now on more cues are given, and live frames come. */
    private static void assertWarnsAndShows(Gateway gateway) {
        EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
        EmbeddedBroker.Login login = broker.dashboard();
        long cues = gateway.summary().cues();
        Awaitility.await().atMost(LONG).until(() -> gateway.summary().cues() >= cues + 2);
        Awaitility.await().atMost(LONG).ignoreException(MqttException.class).until(() -> {
            try (MqttSubscriber page = new MqttSubscriber(broker.url(), login.user(), login.password(), LIVE)) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> page.received().size() >= 5);
                return true;
            }
        });
    }

    private static void assertNothingIsLost(Gateway gateway) throws InterruptedException {
        gateway.stopTools();
        gateway.drain(LONG);
        Summary summary = gateway.summary();
        assertTrue(summary.lawful(), summary.toString());
        assertTrue(summary.samples().decoded() > 100, summary.toString());
        assertEquals(0, summary.samples().notKept(), summary.toString());
        assertEquals(
                summary.samples().decoded(),
                summary.samples().journaled() + summary.samples().duplicate(),
                summary.toString());
        SinkAccount mqtt = Objects.requireNonNull(summary.sinks().get("mqtt"));
        assertEquals(0, mqtt.pending(), summary.toString());
        assertEquals(mqtt.journaled(), mqtt.delivered(), summary.toString());
        assertFalse(gateway.pending().isEmpty());
    }

    /** Retained messages go to its disk. */
    private static void fill(EmbeddedBroker broker) {
        Awaitility.await().atMost(LONG).until(() -> {
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setAutomaticReconnect(false);
            options.setUserName(broker.gateway().user());
            options.setPassword(broker.gateway().password().getBytes(StandardCharsets.UTF_8));
            MqttAsyncClient client = new MqttAsyncClient(broker.url(), "filler", new MemoryPersistence());
            try {
                client.connect(options).waitForCompletion(5000);
                for (int i = 0; i < 200 && broker.problem().isEmpty(); i++) {
                    client.publish("filler", new MqttMessage(new byte[50_000], 1, true, null))
                            .waitForCompletion(2000);
                }
                client.disconnect().waitForCompletion(2000);
            } catch (MqttException e) {
                // it has ended
            } finally {
                client.close(true);
            }
            return broker.problem().isPresent();
        });
    }
}

package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.MOSQUITTO)
class LivePublisherTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String ROOT = "lightstroke/v1/home/room/";

    @TempDir
    Path folder;

    private Mosquitto mosquitto;

    @BeforeEach
    void configure() throws IOException {
        mosquitto = new Mosquitto(folder, "allow_anonymous true", "persistence false");
    }

    @Test
    void liveFramesAndRetainedStatusComeAsTheProtocolSays() throws Exception {
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
                LivePublisher publisher = publisher()) {
            await().atMost(LIMIT).until(() -> publisher.problem().isEmpty());
            publisher.live("left", frame(1));
            publisher.status("left", status(ToolStatus.Link.STREAMING));
            publisher.info("left", info());
            publisher.ready();
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 5);

            Received live = subscriber.received(ROOT + "tool/left/live").get(0);
            assertEquals(0, live.qos());
            assertEquals(false, live.retained());
            assertEquals("application/json", live.contentType());
            assertTrue(live.expiryS() != null && live.expiryS() <= 2, "expires after " + live.expiryS());
            assertEquals(1, Json.MAPPER.readTree(live.text()).get("first").intValue());

            Received status = subscriber.received(ROOT + "tool/left/status").get(0);
            assertEquals(1, status.qos());
            assertTrue(status.retained());
            assertEquals(
                    "streaming", Json.MAPPER.readTree(status.text()).get("link").textValue());
            assertTrue(subscriber.received(ROOT + "tool/left/info").get(0).retained());

            assertEquals(List.of("init", "ready"), states(subscriber));
        }
    }

    @Test
    void theGatewaysDeathIsSaidByTheBrokerWithTheRunOfItsBirth() throws Exception {
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber =
                        new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/home/+/status")) {
            String other = "lightstroke/v1/home/other/status";
            byte[] lost = Json.bytes(new GatewayStatus(GatewayStatus.State.LOST, 1, null, "x"));
            MqttConnection.Message will = new MqttConnection.Message(other, lost, 1, true, 0);
            MqttConnection.open(mosquitto.server(), "a", will, Patience.USUAL).abandon();
            await().atMost(LIMIT).until(() -> subscriber.received(other).size() == 1);
            assertEquals(
                    new String(lost, StandardCharsets.UTF_8),
                    subscriber.received(other).get(0).text());

            MqttConnection.open(mosquitto.server(), "a", will, Patience.USUAL).close();
            try (LivePublisher publisher = publisher()) {
                publisher.ready();
                await().atMost(LIMIT).until(() -> states(subscriber).contains("ready"));
                // The same name connects: the broker ends the publisher's connection and publishes its will.
                MqttConnection.open(mosquitto.server(), "lightstroke-home-room-live", null, Patience.USUAL)
                        .close();
                await().atMost(LIMIT)
                        .until(() -> states(subscriber).contains("lost")
                                && states(subscriber)
                                        .get(states(subscriber).size() - 1)
                                        .equals("ready"));
            }
            await().atMost(LIMIT)
                    .until(() -> states(subscriber)
                            .get(states(subscriber).size() - 1)
                            .equals("disconnected"));
            List<JsonNode> said = json(subscriber, ROOT + "status");
            int atLost = states(subscriber).indexOf("lost");
            long bornAs = said.get(0).get("run").longValue();
            assertEquals(bornAs, said.get(atLost).get("run").longValue());
            assertEquals(null, said.get(atLost).get("time"));
            assertNotNull(said.get(0).get("time"));
            assertEquals("1.2.3", said.get(atLost).get("software").textValue());
            assertNotEquals(bornAs, said.get(said.size() - 1).get("run").longValue());
        }
    }

    @Test
    void theNewestStatusComesAgainAfterAReconnectAndSurvivesAFloodOfFrames() throws Exception {
        try (LivePublisher publisher = publisher()) {
            await().atMost(LIMIT).until(() -> publisher.problem().orElse("").contains("nothing listens there"));
            publisher.status("left", status(ToolStatus.Link.CONNECTING));
            publisher.status("left", status(ToolStatus.Link.STREAMING));
            long start = System.nanoTime();
            for (int i = 0; i < 10_000; i++) {
                publisher.live("left", frame(i));
            }
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5), "live() blocks");
            assertEquals(9_800, publisher.dropped());
            publisher.ready();

            for (int i = 0; i < 2; i++) {
                try (Program.Running broker = mosquitto.start();
                        MqttSubscriber subscriber =
                                new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#")) {
                    await().atMost(LIMIT)
                            .until(() -> !subscriber
                                    .received(ROOT + "tool/left/status")
                                    .isEmpty());
                    assertEquals(
                            "streaming",
                            json(subscriber, ROOT + "tool/left/status")
                                    .get(0)
                                    .get("link")
                                    .textValue());
                    await().atMost(LIMIT).until(() -> states(subscriber).contains("ready"));
                    assertEquals(Optional.empty(), publisher.problem());
                    broker.kill();
                }
                await().atMost(LIMIT).until(() -> publisher.problem().isPresent());
            }
        }
    }

    @Test
    void whatWasTrueLastIsRetainedWhenItEnds() throws Exception {
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/#")) {
            LivePublisher publisher = publisher();
            await().atMost(LIMIT).until(() -> publisher.problem().isEmpty());
            List<String> tools =
                    IntStream.range(0, 200).mapToObj(i -> "tool-" + i).toList();
            tools.forEach(tool -> publisher.status(tool, status(ToolStatus.Link.LOST)));
            publisher.close();
            await().atMost(LIMIT).until(() -> states(subscriber).contains("disconnected"));
            tools.forEach(tool ->
                    assertEquals(1, subscriber.received(TOPICS.toolStatus(tool)).size(), tool));
        }
    }

    @Test
    void itEndsThoughNoBrokerAnswers() throws Exception {
        LivePublisher publisher = publisher();
        publisher.live("left", frame(1));
        publisher.close();
        assertTrue(publisher.problem().isPresent());
    }

    private LivePublisher publisher() {
        return new LivePublisher(mosquitto.server(), TOPICS, "1.2.3");
    }

    private static List<String> states(MqttSubscriber subscriber) throws IOException {
        return json(subscriber, ROOT + "status").stream()
                .map(each -> each.get("state").textValue())
                .toList();
    }

    private static List<JsonNode> json(MqttSubscriber subscriber, String topic) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (Received each : subscriber.received(topic)) {
            if (each.text().startsWith("{")) {
                all.add(Json.MAPPER.readTree(each.text()));
            }
        }
        return all;
    }

    private static LiveFrame frame(long first) {
        @Nullable Double[] force = {1.2, null};
        return new LiveFrame(1, 7, first, Instant.EPOCH, 10_000, force, 1.1, "light", null, 1, 2, null, 0.3);
    }

    private static ToolStatus status(ToolStatus.Link link) {
        Accounting none = new Accounting(
                new Accounting.Frames(0, 0, 0, 0, 0), new Accounting.Samples(0, 0, 0, 0, 0, 0), List.of());
        return new ToolStatus(1, Instant.EPOCH, link, false, List.of(), 80, 5L, null, Map.of(), none);
    }

    private static ToolInfoMessage info() {
        ToolInfoMessage.Limits limits = new ToolInfoMessage.Limits("1", 3, 6.5, 9, 14);
        return new ToolInfoMessage(
                1,
                "02:4C:53:00:00:01",
                "Left",
                "simulated",
                "open",
                "m",
                "m",
                "s",
                "f",
                List.of(),
                100,
                1,
                7,
                limits,
                null);
    }
}

package io.lightstroke.dashboard.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.dashboard.web.Dashboard;
import io.lightstroke.dashboard.web.DashboardConfig;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a real broker to WebSockets that the test reads, or does not. */
@Needs(Program.MOSQUITTO)
class LiveFeedTest {
    private static final String ROOT = "lightstroke/v1/clinic/pi-1/";
    private static final String LIVE = ROOT + "tool/tool-a/live";
    private static final String INFO = ROOT + "tool/tool-a/info";

    private @TempDir Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private String brokerUrl;
    private Program.Running broker;
    private Dashboard dashboard;
    private MqttClient publisher;

    @BeforeEach
    void start() throws Exception {
        int port = Program.freePort();
        broker = Program.MOSQUITTO.start(folder, "-p", String.valueOf(port)).awaitPort(port, Duration.ofSeconds(10));
        brokerUrl = "tcp://127.0.0.1:" + port;
        publisher = new MqttClient(brokerUrl, "publisher", new MemoryPersistence());
        publisher.connect();
        dashboard = new Dashboard(new DashboardConfig("127.0.0.1", 0, false), new MqttServer(brokerUrl));
    }

    @AfterEach
    void stop() throws Exception {
        dashboard.close();
        publisher.disconnectForcibly(0, 500);
        publisher.close(true);
        broker.close();
    }

    /** A viewer that reads all. */
    private final class Reader implements WebSocket.Listener {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final StringBuilder part = new StringBuilder();

        Reader() {
            URI page = dashboard.address();
            http.newWebSocketBuilder()
                    .header("Origin", "http://" + page.getAuthority())
                    .buildAsync(URI.create("ws://" + page.getAuthority() + "/live"), this)
                    .join();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> texts.stream().anyMatch(text -> text.contains("\"connected\":true")));
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                texts.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        List<String> of(String topic) {
            return texts.stream()
                    .filter(text -> text.startsWith("{\"topic\":\"" + topic + "\""))
                    .toList();
        }

        List<String> awaitOn(String topic, int count) {
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> of(topic).size() >= count);
            return of(topic);
        }
    }

    /** Paho counts a message as under way for a moment after its acknowledgement: then it is tried again. */
    private void publish(String topic, String payload, boolean retained) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                publisher.publish(topic, payload.getBytes(UTF_8), 1, retained);
                return;
            } catch (MqttException e) {
                if (e.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT || tries == 100) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }

    @Test
    void messagesPassUnparsed() throws Exception {
        Reader viewer = new Reader();
        String raw = "{ \"v\":1 , \"odd\" : 1.50e0,\"ü\":[null]}";
        publish(LIVE, raw, false);
        String text = viewer.awaitOn(LIVE, 1).get(0);
        assertTrue(text.endsWith(",\"message\":" + raw + "}"), text);
        JsonNode envelope = Json.MAPPER.readTree(text);
        assertEquals(LIVE, envelope.get("topic").asText());
        assertTrue(Math.abs(envelope.get("at").asLong() - System.currentTimeMillis()) < 60_000, text);
    }

    @Test
    void whatIsNoJsonObjectOfOursIsCountedAndDropped() throws Exception {
        Reader viewer = new Reader();
        List<String> bad = List.of(
                "",
                "no json",
                "[1]",
                "1",
                "{\"a\":1",
                "{\"a\":1}}",
                "{\"a\":1} {\"b\":2}",
                "{\"a\":NaN}",
                "{\"a\":\"" + "x".repeat(64 * 1024) + "\"}");
        for (String payload : bad) {
            publish(LIVE, payload, false);
        }
        publisher.publish(LIVE, new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, 1, false);
        publisher.publish(LIVE, "{\"a\":1}".getBytes(StandardCharsets.UTF_16BE), 1, false);
        publish("lightstroke/v1/clinic/pi-1\"/tool/tool-a/live", "{}", false);
        publish(LIVE, "{\"good\":true}", false);
        assertTrue(viewer.awaitOn(LIVE, 1).get(0).contains("good"));
        assertEquals(1, viewer.of(LIVE).size());
        assertEquals(new LiveFeed.Counts(bad.size() + 4, bad.size() + 3), dashboard.counts());
    }

    @Test
    void aNewViewerGetsTheLastStateUntilItIsEmptied() throws Exception {
        Reader first = new Reader();
        publish(INFO, "{\"name\":\"old\"}", true);
        publish(INFO, "{\"name\":\"new\"}", true);
        publish(LIVE, "{}", false);
        first.awaitOn(LIVE, 1);
        Reader second = new Reader();
        List<String> seen = second.awaitOn(INFO, 1);
        assertEquals(1, seen.size());
        assertTrue(seen.get(0).contains("new"), seen.get(0));

        publish(INFO, "", true);
        assertTrue(
                second.awaitOn(INFO, 2).get(1).endsWith("\"message\":null}"),
                second.of(INFO).get(1));
        Reader third = new Reader();
        publish(LIVE, "{\"last\":1}", false);
        await().until(() -> third.of(LIVE).stream().anyMatch(text -> text.contains("last")));
        assertEquals(List.of(), third.of(INFO));
    }

    @Test
    void aNewViewerGetsWhatCameLatelyAndHowOldItIs() throws Exception {
        Reader first = new Reader();
        publish(INFO, "{}", true);
        for (int i = 1; i <= 3; i++) {
            publish(LIVE, "{\"n\":" + i + "}", false);
        }
        publish(ROOT + "tool/tool-a/stroke", "{\"n\":4}", false);
        first.awaitOn(ROOT + "tool/tool-a/stroke", 1);
        Reader second = new Reader();
        assertEquals(
                List.of("{}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}"),
                second.texts.stream()
                        .map(LiveFeedTest::parsed)
                        .filter(text -> text.has("topic"))
                        .map(text -> text.get("message").toString())
                        .toList());
        for (String text : second.of(LIVE)) {
            long agoMs = parsed(text).get("ago").asLong();
            assertTrue(agoMs >= 1 && agoMs < 15_000, text);
        }
        assertFalse(parsed(second.of(INFO).get(0)).has("ago"), "state is of now");
        assertFalse(parsed(first.of(LIVE).get(0)).has("ago"));
    }

    @Test
    void whatIsOlderThan15SIsNotShownAgainButTheLastSummaryIs() throws Exception {
        AtomicLong nowMs = new AtomicLong(1_000_000);
        LiveFeed feed = new LiveFeed(
                new MqttServer(brokerUrl), "build", () -> Instant.ofEpochMilli(nowMs.get()), (what, json) -> {});
        try {
            feed.start();
            List<String> first = viewer(feed);
            await().until(() -> first.stream().anyMatch(text -> text.contains("\"connected\":true")));
            String summary = ROOT + "tool/tool-a/session";
            publish(summary, "{\"session\":\"one\"}", false);
            publish(summary, "{\"session\":\"two\"}", false);
            publish(LIVE, "{}", false);
            await().until(() -> first.stream().anyMatch(text -> text.contains(LIVE)));
            nowMs.addAndGet(15_001);
            assertEquals(
                    List.of("{\"topic\":\"" + summary
                            + "\",\"at\":1000000,\"ago\":15001,\"message\":{\"session\":\"two\"}}"),
                    viewer(feed).stream().filter(text -> text.contains("topic")).toList());
        } finally {
            feed.close();
        }
    }

    /** What a viewer is sent that joins now. */
    private static List<String> viewer(LiveFeed feed) {
        List<String> texts = new CopyOnWriteArrayList<>();
        Session session = mock();
        doAnswer(call -> {
                    texts.add(call.getArgument(0));
                    call.<Callback>getArgument(1).succeed();
                    return null;
                })
                .when(session)
                .sendText(any(), any());
        feed.join(session);
        return texts;
    }

    private static JsonNode parsed(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aNewViewerOfManyToolsGetsAllOfThem() throws Exception {
        Reader first = new Reader();
        String padding = "x".repeat(3_000);
        for (int i = 0; i < 200; i++) { // 600 kB: more than a viewer's queue holds
            publish(ROOT + "tool/tool-" + i + "/info", "{\"name\":\"" + padding + "\"}", true);
        }
        first.awaitOn(ROOT + "tool/tool-199/info", 1);
        Reader second = new Reader();
        for (int i = 0; i < 200; i++) {
            second.awaitOn(ROOT + "tool/tool-" + i + "/info", 1);
        }
    }

    @Test
    void aViewerThatStallsIsCutOffAndSlowsNobody() throws Exception {
        Reader healthy = new Reader();
        URI page = dashboard.address();
        byte[] noise = new byte[30_000];
        new Random(1).nextBytes(noise);
        String big = "{\"noise\":\"" + HexFormat.of().formatHex(noise) + "\"}";
        try (Socket stalled = new Socket()) {
            stalled.setReceiveBufferSize(8 * 1024);
            stalled.connect(new InetSocketAddress("127.0.0.1", page.getPort()));
            stalled.getOutputStream()
                    .write(
                            ("GET /live HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                                    .formatted(page.getAuthority(), page.getAuthority())
                                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 1; i <= 150; i++) { // 9 MB: more than the system's buffers take
                publish(LIVE, big, false);
                healthy.awaitOn(LIVE, i);
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> isCutOff(stalled));
        }
        publish(INFO, "{}", false);
        healthy.awaitOn(INFO, 1);
        assertEquals(150, healthy.of(LIVE).size());
    }

    /** The server's end is gone: an unsolicited pong, which any living one ignores, is answered by a reset. */
    private static boolean isCutOff(Socket socket) {
        try {
            socket.getOutputStream().write(new byte[] {(byte) 0x8A, (byte) 0x80, 0, 0, 0, 0});
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}

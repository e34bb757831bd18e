package io.lightstroke.gateway.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    private EmbeddedBroker broker;
    private final List<MqttAsyncClient> clients = new ArrayList<>();
    private final List<MqttSubscriber> subscribers = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        long started = System.nanoTime();
        broker = EmbeddedBroker.start(folder, 0);
        System.out.printf("embedded broker: started in %d ms%n", (System.nanoTime() - started) / 1_000_000);
    }

    @AfterEach
    void stop() throws MqttException {
        subscribers.forEach(MqttSubscriber::close);
        for (MqttAsyncClient client : clients) {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 1000, true);
            }
            client.close(true);
        }
        broker.close();
    }

    @Test
    void whatIsPublishedArrivesWithItsProperties() throws Exception {
        List<Received> received = subscribe(broker.dashboard(), "lightstroke/v1/+/+/tool/+/live", "lightstroke/v1/#");
        MqttAsyncClient gateway = connect(broker.gateway());
        publish(gateway, "lightstroke/v1/home/room/tool/left/live", "{\"a\":1}", 0, false, 0);
        publish(gateway, "lightstroke/v1/home/room/tool/left/samples", "{\"b\":2}", 1, false, 0);

        await().atMost(LIMIT)
                .until(() -> received.stream().map(Received::topic).distinct().count() == 2);
        assertTrue(received.contains(new Received(
                "lightstroke/v1/home/room/tool/left/samples", "{\"b\":2}", 1, false, "application/json", null)));
    }

    @Test
    void aRetainedMessageIsKeptOverARestart() throws Exception {
        publish(connect(broker.gateway()), "lightstroke/v1/home/room/status", "{\"state\":\"ready\"}", 1, true, 0);
        EmbeddedBroker.Login before = broker.dashboard();
        stop();
        clients.clear();
        start();

        assertEquals(before, broker.dashboard());
        List<Received> received = subscribe(broker.dashboard(), "lightstroke/v1/#");
        await().atMost(LIMIT).until(() -> !received.isEmpty());
        assertEquals(
                new Received(
                        "lightstroke/v1/home/room/status", "{\"state\":\"ready\"}", 1, true, "application/json", null),
                received.get(0));
    }

    @Test
    void whatIsForgottenIsInNoFileAndAllElseIsKept() throws Exception {
        MqttAsyncClient gateway = connect(broker.gateway());
        publish(gateway, "lightstroke/v1/home/room/status", "{\"state\":\"ready\"}", 1, true, 0);
        String state = "lightstroke/v1/home/room/tool/left/session-state";
        for (int i = 0; i < 100; i++) {
            publish(gateway, state, "{\"person\":\"p-k3v9x0q2m7ab\",\"strokes\":" + i + "}", 1, true, 0);
        }
        assertFalse(broker.forget("p-k3v9x0q2m7ab"), "it is retained");
        publish(gateway, state, "", 1, true, 0);
        assertTrue(broker.forget("p-k3v9x0q2m7ab"));
        stop();
        clients.clear();
        start();
        assertTrue(broker.forget("p-k3v9x0q2m7ab"));
        List<Received> received = subscribe(broker.dashboard(), "lightstroke/v1/#");
        await().atMost(LIMIT).until(() -> !received.isEmpty());
        assertEquals(
                List.of("lightstroke/v1/home/room/status"),
                received.stream().map(Received::topic).toList());
    }

    @Test
    void whatWaitsForADurableSubscriberIsKeptOverARestart() throws Exception {
        String topic = "room/samples";
        durable().close();
        MqttAsyncClient gateway = connect(broker.gateway());
        for (int i = 0; i < 100; i++) {
            publish(gateway, topic, """
                    {"v":1,"boot":1,"first":%1$d,"last":%1$d,"time":"2026-03-01T09:30:00.000000Z","period_us":10000,\
                    "flags":0,"tool_strokes":0,"force_N":[1.2],"zones":["light"]}""".formatted(i), 1, false, 0);
        }
        stop();
        clients.clear();
        start();

        try (MqttSubscriber again = durable()) {
            await().atMost(LIMIT)
                    .until(() -> again.received(topic).stream()
                                    .map(Received::text)
                                    .distinct()
                                    .count()
                            == 100);
        }
    }

    private MqttSubscriber durable() throws MqttException {
        EmbeddedBroker.Login login = broker.dashboard();
        return MqttSubscriber.durable(broker.url(), "witness", login.user(), login.password(), "room/#");
    }

    @Test
    void aWillIsPublishedWhenItsClientIsCutOff() throws Exception {
        List<Received> received = subscribe(broker.dashboard(), "lightstroke/v1/#");
        MqttConnectionOptions options =
                options(broker.gateway().user(), broker.gateway().password());
        options.setWill(
                "lightstroke/v1/home/room/status",
                new MqttMessage("lost".getBytes(StandardCharsets.UTF_8), 1, true, null));
        MqttAsyncClient gateway = connect(options);
        gateway.disconnectForcibly(0, 0, false);

        await().atMost(LIMIT).until(() -> !received.isEmpty());
        assertEquals("lost", received.get(0).text());
        List<Received> later = subscribe(broker.dashboard(), "lightstroke/v1/#");
        await().atMost(LIMIT).until(() -> !later.isEmpty());
        assertTrue(later.get(0).retained());
    }

    @Test
    void anExpiredMessageIsNotDelivered() throws Exception {
        MqttAsyncClient gateway = connect(broker.gateway());
        publish(gateway, "lightstroke/v1/home/room/a", "short", 1, true, 1);
        publish(gateway, "lightstroke/v1/home/room/b", "long", 1, true, 1000);
        Thread.sleep(2500);
        List<Received> received = subscribe(broker.dashboard(), "lightstroke/v1/home/room/+");
        await().atMost(LIMIT).until(() -> !received.isEmpty());
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> received.size() == 1);
        assertEquals("long", received.get(0).text());
    }

    @Test
    void withoutTheRightPasswordNobodyConnects() {
        assertEquals(0x86, refusal(null, null));
        assertEquals(0x86, refusal("gateway", "wrong"));
        assertEquals(0x86, refusal("gateway", null));
        assertEquals(0x86, refusal("nobody", broker.gateway().password()));
        assertEquals(0x86, refusal("gateway", broker.dashboard().password()));
    }

    private int refusal(@Nullable String user, @Nullable String password) {
        MqttException e = assertThrows(MqttException.class, () -> connect(options(user, password)));
        return e.getReasonCode();
    }

    @Test
    void theDashboardPublishesCommandsOnly() throws Exception {
        List<Received> received = subscribe(broker.gateway(), "lightstroke/v1/#");
        MqttAsyncClient dashboard = connect(broker.dashboard());
        int[] refused = publish(dashboard, "lightstroke/v1/home/room/tool/left/samples", "forged", 1, false, 0);
        assertEquals(0x87, refused[0]);
        assertTrue(dashboard.isConnected());
        publish(dashboard, "lightstroke/v1/home/room/tool/left/cmd/tare", "{}", 1, false, 0);

        await().atMost(LIMIT).until(() -> !received.isEmpty());
        assertEquals(
                "lightstroke/v1/home/room/tool/left/cmd/tare", received.get(0).topic());
        assertEquals(1, received.size());
    }

    @Test
    void passwordsAreDrawnOnceAndOnlyTheirOwnerReadsThem() throws Exception {
        Path file = folder.resolve("credentials");
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        assertTrue(broker.gateway().password().length() >= 32);
        assertNotEquals(broker.gateway().password(), broker.dashboard().password());
        assertFalse(broker.gateway().toString().contains(broker.gateway().password()));
    }

    @Test
    void itListensOnLoopbackAndAPortThatIsTakenIsSaid() {
        URI url = URI.create(broker.url());
        assertEquals("127.0.0.1", url.getHost());
        IOException e = assertThrows(
                IOException.class,
                () -> EmbeddedBroker.start(folder.resolve("second"), url.getPort())
                        .close());
        assertTrue(e.getMessage().contains(String.valueOf(url.getPort())), e.getMessage());
    }

    private static MqttConnectionOptions options(@Nullable String user, @Nullable String password) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        options.setUserName(user);
        options.setPassword(password == null ? null : password.getBytes(StandardCharsets.UTF_8));
        return options;
    }

    private MqttAsyncClient connect(EmbeddedBroker.Login login) throws MqttException {
        return connect(options(login.user(), login.password()));
    }

    private MqttAsyncClient connect(MqttConnectionOptions options) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), "test-" + clients.size(), new MemoryPersistence());
        clients.add(client);
        client.connect(options).waitForCompletion(LIMIT.toMillis());
        return client;
    }

    private List<Received> subscribe(EmbeddedBroker.Login login, String... filters) throws MqttException {
        MqttSubscriber subscriber = MqttSubscriber.ofAnything(broker.url(), login.user(), login.password(), filters);
        subscribers.add(subscriber);
        return subscriber.received();
    }

    private static int[] publish(
            MqttAsyncClient client, String topic, String text, int qos, boolean retained, int expiryS)
            throws MqttException {
        MqttProperties properties = new MqttProperties();
        properties.setContentType("application/json");
        if (expiryS > 0) {
            properties.setMessageExpiryInterval((long) expiryS);
        }
        IMqttToken token = client.publish(
                topic, new MqttMessage(text.getBytes(StandardCharsets.UTF_8), qos, retained, properties));
        token.waitForCompletion(LIMIT.toMillis());
        return token.getReasonCodes();
    }
}

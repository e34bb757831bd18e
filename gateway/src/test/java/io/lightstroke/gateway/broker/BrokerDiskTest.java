package io.lightstroke.gateway.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.SmallDisk;
import io.lightstroke.gateway.sink.MqttSubscriber;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded broker on a real disk that is full, or cannot be written. */
class BrokerDiskTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MEGABYTES = 64;
    private static final String TOPIC = "room/samples";
    private static final int LARGE = 50_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path mount;

    private SmallDisk disk;
    private Path folder;

    @BeforeEach
    void mount() throws Exception {
        disk = new SmallDisk(mount, MEGABYTES);
        folder = mount.resolve("broker");
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void onAReadOnlyDiskItStartsInMemoryAndReturnsToTheFolderByItself() throws Exception {
        disk.readOnly(true);
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            String problem = broker.problem().orElseThrow();
            assertTrue(problem.contains("Read-only"), problem);
            assertTrue(problem.contains("passwords"), problem);
            assertEquals(Optional.empty(), broker.credentialsFile());
            assertDelivers(broker, 0);
            assertDelivers(broker, 1);
            EmbeddedBroker.Login login = broker.dashboard();

            disk.readOnly(false);
            await().atMost(LONG).until(() -> broker.problem().isEmpty());
            assertEquals(login, EmbeddedBroker.dashboardLogin(folder));
            assertEquals(Optional.of(folder.resolve("credentials")), broker.credentialsFile());
            assertDelivers(broker, 1);
            subscribeAndLeave(broker);
            publish(broker, "kept", 1);
        }
        try (EmbeddedBroker again = EmbeddedBroker.start(folder, 0);
                MqttSubscriber subscriber = durable(again)) {
            await().atMost(LONG).until(() -> texts(subscriber).contains("kept"));
        }
    }

    @Test
    void passwordsOfAFileThatCameIntoReachLaterAreGoodToo() throws Exception {
        EmbeddedBroker.start(folder, 0).close();
        EmbeddedBroker.Login ofFile = EmbeddedBroker.dashboardLogin(folder);
        Path aside = mount.resolve("aside");
        Files.move(folder, aside);
        disk.readOnly(true);
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            disk.readOnly(false);
            Files.move(aside, folder);
            await().atMost(LONG).until(() -> broker.problem().isEmpty());
            assertFalse(ofFile.password().equals(broker.dashboard().password()));
            new MqttSubscriber(broker.url(), ofFile.user(), ofFile.password(), TOPIC).close();
            assertDelivers(broker, 1);
        }
    }

    @Test
    void onAFullDiskItStartsInMemoryAndReturnsToTheFolderByItself() throws Exception {
        disk.fill(1 << 20);
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            assertTrue(broker.problem().isPresent());
            assertDelivers(broker, 0);
            disk.makeRoom();
            await().atMost(LONG).until(() -> broker.problem().isEmpty());
            assertDelivers(broker, 1);
        }
    }

    @Test
    void whenTheDiskFillsItGoesOnInMemoryAndWhatItHadAcknowledgedIsThereAfterwards() throws Exception {
        Set<String> acknowledged = new HashSet<>();
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            String url = broker.url();
            subscribeAndLeave(broker);
            disk.fill(0);
            await().atMost(LONG).until(() -> {
                String text = acknowledged.size() + " " + "x".repeat(LARGE);
                try {
                    publish(broker, text, 1);
                    if (broker.problem().isEmpty()) { // else it may have been in memory already
                        acknowledged.add(text);
                    }
                } catch (MqttException e) {
                    // it has ended, and is not there again yet
                }
                return broker.problem().isPresent();
            });
            assertTrue(acknowledged.size() > 10, "acknowledged: " + acknowledged.size());
            assertEquals(url, broker.url());
            await().atMost(LONG).ignoreException(MqttException.class).untilAsserted(() -> assertDelivers(broker, 0));

            disk.makeRoom();
            await().atMost(LONG).until(() -> broker.problem().isEmpty());
            await().atMost(LONG).ignoreException(MqttException.class).untilAsserted(() -> assertDelivers(broker, 1));
            try (MqttSubscriber subscriber = durable(broker)) {
                await().atMost(LONG).until(() -> texts(subscriber).containsAll(acknowledged));
            }
        }
    }

    private static void assertDelivers(EmbeddedBroker broker, int qos) throws MqttException {
        EmbeddedBroker.Login login = broker.dashboard();
        try (MqttSubscriber subscriber =
                MqttSubscriber.ofAnything(broker.url(), login.user(), login.password(), TOPIC)) {
            publish(broker, "hello", qos);
            await().atMost(LONG).until(() -> texts(subscriber).contains("hello"));
        }
    }

    private static Set<String> texts(MqttSubscriber subscriber) {
        Set<String> texts = new HashSet<>();
        subscriber.received().forEach(each -> texts.add(each.text()));
        return texts;
    }

    private static MqttSubscriber durable(EmbeddedBroker broker) throws MqttException {
        EmbeddedBroker.Login login = broker.dashboard();
        return MqttSubscriber.durable(broker.url(), "witness", login.user(), login.password(), TOPIC);
    }

    private static void subscribeAndLeave(EmbeddedBroker broker) throws MqttException {
        durable(broker).close();
    }

    private static void publish(EmbeddedBroker broker, String text, int qos) throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setUserName(broker.gateway().user());
        options.setPassword(broker.gateway().password().getBytes(StandardCharsets.UTF_8));
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), "publisher", new MemoryPersistence());
        try {
            client.connect(options).waitForCompletion(5000);
            client.publish(TOPIC, new MqttMessage(text.getBytes(StandardCharsets.UTF_8), qos, false, null))
                    .waitForCompletion(5000);
            client.disconnect().waitForCompletion(5000);
        } finally {
            client.close(true);
        }
    }
}

package io.lightstroke.gateway.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a test fails which sees a message that is not as {@code asyncapi.yaml} says. */
class MqttSubscriberTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String TOPIC = "lightstroke/v1/home/room/status";

    @TempDir
    Path folder;

    @Test
    void aWrongMessageFailsItsClose() throws Exception {
        byte[] status = Json.bytes(new GatewayStatus(GatewayStatus.State.READY, 1, Instant.EPOCH, "x"));
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0);
                MqttConnection gateway = MqttConnection.open(
                        new MqttServer(
                                broker.url(),
                                broker.gateway().user(),
                                broker.gateway().password(),
                                null),
                        "gateway",
                        null,
                        MqttConnection.Patience.USUAL)) {
            MqttSubscriber right = subscriber(broker);
            gateway.publish(new MqttConnection.Message(TOPIC, status, 1, true, 0), refusal -> {});
            await().atMost(LIMIT).until(() -> right.received().size() == 1);
            right.close();

            MqttSubscriber wrong = subscriber(broker);
            String slip = new String(status, UTF_8).replace("software", "softWare");
            gateway.publish(new MqttConnection.Message(TOPIC, slip.getBytes(UTF_8), 1, true, 0), refusal -> {});
            await().atMost(LIMIT).until(() -> wrong.received().size() == 2);
            String message = assertThrows(AssertionError.class, wrong::close).getMessage();
            assertTrue(message.contains("softWare"), message);
        }
    }

    @Test
    void aWrongAnswerFailsTheCommandersClose() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0);
                MqttConnection gateway = MqttConnection.open(
                        new MqttServer(
                                broker.url(),
                                broker.gateway().user(),
                                broker.gateway().password(),
                                null),
                        "gateway",
                        null,
                        MqttConnection.Patience.USUAL)) {
            MqttCommander commander = new MqttCommander(
                    broker.url(), broker.dashboard().user(), broker.dashboard().password(), "answers/x");
            gateway.publish(
                    new MqttConnection.Message(
                            "answers/x", "{\"v\":1,\"ok\":false}".getBytes(UTF_8), 1, false, 10, new byte[] {'c'}),
                    refusal -> {});
            await().atMost(LIMIT).until(() -> !commander.answers("c").isEmpty());
            String message =
                    assertThrows(AssertionError.class, commander::close).getMessage();
            assertTrue(message.contains("error"), message);
        }
    }

    private static MqttSubscriber subscriber(EmbeddedBroker broker) throws Exception {
        return new MqttSubscriber(
                broker.url(), broker.dashboard().user(), broker.dashboard().password(), "lightstroke/v1/#");
    }
}

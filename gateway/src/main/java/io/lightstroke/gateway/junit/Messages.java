package io.lightstroke.gateway.junit;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** What came on the topics of one filter, in order. All methods may be called from any thread. */
public final class Messages {
    private static final long ANSWER_LIMIT_MS = 15_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int SHOWN = 20;

    /** @param json missing where the payload is empty, as of a session state that is cleared */
    public record Message(String topic, JsonNode json) {}

    private final String filter;
    private final MqttAsyncClient client;
    private final List<Message> received = new ArrayList<>();

    Messages(RunningGateway gateway, String filter) throws MqttException {
        this.filter = filter;
        client = new MqttAsyncClient(gateway.brokerUrl(), "test-" + UUID.randomUUID(), new MemoryPersistence());
        client.setCallback(new Receiver());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(gateway.user());
        options.setPassword(gateway.password().getBytes(StandardCharsets.UTF_8));
        client.connect(options).waitForCompletion(ANSWER_LIMIT_MS);
        client.subscribe(filter, 1).waitForCompletion(ANSWER_LIMIT_MS);
    }

    /** All until now. */
    public synchronized List<Message> received() {
        return List.copyOf(received);
    }

    /** The first that is wanted, of those that came already too; waits for it, at most 30 s. */
    public Message await(Predicate<Message> wanted) throws InterruptedException {
        return await(wanted, LIMIT);
    }

    /** The first that is wanted, of those that came already too; waits for it, at most {@code limit}. */
    public synchronized Message await(Predicate<Message> wanted, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        for (int next = 0; ; ) {
            for (; next < received.size(); next++) {
                if (wanted.test(received.get(next))) {
                    return received.get(next);
                }
            }
            long leftMs = (endNanos - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new AssertionError("want such a message on %s within %d ms, got %d others, the last %s"
                        .formatted(
                                filter,
                                limit.toMillis(),
                                received.size(),
                                received.subList(Math.max(0, received.size() - SHOWN), received.size())));
            }
            wait(leftMs);
        }
    }

    void close() {
        try {
            client.disconnectForcibly(0, 1000, true);
            client.close(true);
        } catch (MqttException e) {
            // the broker ends with it
        }
    }

    private final class Receiver implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) throws IOException {
            Message came = new Message(topic, Json.MAPPER.readTree(message.getPayload()));
            synchronized (Messages.this) {
                received.add(came);
                Messages.this.notifyAll();
            }
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException e) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean again, String url) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}
    }
}

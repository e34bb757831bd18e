package io.lightstroke.gateway.sink;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.MessageContract;
import io.lightstroke.testing.MessageWitness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * A peer that sends commands and hears their answers. An answer that is not as {@code asyncapi.yaml} says, or the
 * acceptance of a command that is not, fails {@link #close}, and with it the test.
 */
public final class MqttCommander implements MqttCallback, AutoCloseable {
    static {
        // Paho's receiving thread may end with a NullPointerException once its client is closed.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final String answerTopic;
    private final MqttAsyncClient client;
    private final MessageWitness witness = new MessageWitness();
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    public record Answer(String correlation, JsonNode json) {}

    /** @param answerTopic below which it hears answers */
    public MqttCommander(String url, @Nullable String user, @Nullable String password, String answerTopic)
            throws MqttException, IOException {
        this(new MqttServer(url, user, password, null), answerTopic);
    }

    MqttCommander(MqttServer server, String answerTopic) throws MqttException, IOException {
        this.answerTopic = answerTopic;
        client = new MqttAsyncClient(server.url(), "commander-" + UUID.randomUUID(), new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSocketFactory(server.sockets());
        options.setUserName(server.user());
        options.setPassword(server.password() == null ? null : server.password().getBytes(StandardCharsets.UTF_8));
        client.connect(options).waitForCompletion(15_000);
        client.subscribe(answerTopic, 1).waitForCompletion(15_000);
    }

    /** Sends it and waits for the answer. */
    public JsonNode ask(String topic, String json) throws MqttException {
        String correlation = UUID.randomUUID().toString();
        send(topic, json, correlation, answerTopic, false);
        Awaitility.await("answer to " + topic + " " + json)
                .atMost(LIMIT)
                .until(() -> !answers(correlation).isEmpty());
        JsonNode answer = answers(correlation).get(0).json();
        if (answer.path("ok").asBoolean()) {
            witness.sawAccepted(new MessageContract.Message(
                    topic, json.getBytes(StandardCharsets.UTF_8), 1, false, "application/json", null));
        }
        return answer;
    }

    public void send(
            String topic, String json, @Nullable String correlation, @Nullable String responseTopic, boolean retained)
            throws MqttException {
        send(topic, json, correlation, responseTopic, retained, 10);
    }

    void send(
            String topic,
            String json,
            @Nullable String correlation,
            @Nullable String responseTopic,
            boolean retained,
            long expiryS)
            throws MqttException {
        MqttProperties properties = new MqttProperties();
        properties.setMessageExpiryInterval(expiryS);
        properties.setResponseTopic(responseTopic);
        properties.setCorrelationData(correlation == null ? null : correlation.getBytes(StandardCharsets.UTF_8));
        client.publish(topic, new MqttMessage(json.getBytes(StandardCharsets.UTF_8), 1, retained, properties))
                .waitForCompletion(15_000);
    }

    public List<Answer> answers(String correlation) {
        return answers.stream()
                .filter(answer -> answer.correlation().equals(correlation))
                .toList();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws IOException {
        MqttProperties properties = message.getProperties();
        witness.sawAnswer(new MessageContract.Message(
                topic,
                message.getPayload(),
                message.getQos(),
                message.isRetained(),
                properties.getContentType(),
                properties.getMessageExpiryInterval()));
        byte[] correlation = properties.getCorrelationData();
        answers.add(new Answer(
                correlation == null ? "" : new String(correlation, StandardCharsets.UTF_8),
                Json.MAPPER.readTree(message.getPayload())));
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

    @Override
    public void close() throws MqttException {
        try {
            client.disconnectForcibly(0, 1000, true);
        } catch (MqttException e) {
            // the broker has gone before
        }
        client.close(true);
        witness.close();
    }
}

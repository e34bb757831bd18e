package io.lightstroke.gateway.sink;

import io.lightstroke.testing.MessageContract;
import io.lightstroke.testing.MessageWitness;
import java.nio.charset.StandardCharsets;
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
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * A peer that keeps all it receives, at QoS 1 and with retained flags as they were published. A message of the gateway
 * that is not as {@code asyncapi.yaml} says fails {@link #close}, and with it the test.
 */
public final class MqttSubscriber implements MqttCallback, AutoCloseable {
    static {
        // Paho's receiving thread may end with a NullPointerException once its client is closed.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final MessageWitness witness = new MessageWitness();
    private final boolean checks;
    private final MqttAsyncClient client;

    public record Received(
            String topic,
            String text,
            int qos,
            boolean retained,
            @Nullable String contentType,
            @Nullable Long expiryS) {}

    public MqttSubscriber(String url, @Nullable String user, @Nullable String password, String... filters)
            throws MqttException {
        this(true, url, "subscriber-" + UUID.randomUUID(), login(user, password), filters);
    }

    private MqttSubscriber(
            boolean checks, String url, String clientId, MqttConnectionOptions options, String... filters)
            throws MqttException {
        this.checks = checks;
        client = new MqttAsyncClient(url, clientId, new MemoryPersistence());
        client.setCallback(this);
        client.connect(options).waitForCompletion(15_000);
        for (String filter : filters) {
            MqttSubscription subscription = new MqttSubscription(filter, 1);
            subscription.setRetainAsPublished(true);
            client.subscribe(subscription).waitForCompletion(15_000);
        }
    }

    /** One for which the broker keeps what comes while it is away. */
    static MqttSubscriber durable(String url, String clientId, String filter) throws MqttException {
        return durable(url, clientId, null, null, filter);
    }

    /** One for which the broker keeps what comes while it is away. */
    public static MqttSubscriber durable(
            String url, String clientId, @Nullable String user, @Nullable String password, String filter)
            throws MqttException {
        MqttConnectionOptions options = login(user, password);
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3600L);
        return new MqttSubscriber(true, url, clientId, options, filter);
    }

    /** One where the test itself publishes, what no gateway would. */
    public static MqttSubscriber ofAnything(
            String url, @Nullable String user, @Nullable String password, String... filters) throws MqttException {
        return new MqttSubscriber(false, url, "subscriber-" + UUID.randomUUID(), login(user, password), filters);
    }

    private static MqttConnectionOptions login(@Nullable String user, @Nullable String password) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password == null ? null : password.getBytes(StandardCharsets.UTF_8));
        return options;
    }

    public List<Received> received() {
        return received;
    }

    /** Of one topic, in order of arrival. */
    public List<Received> received(String topic) {
        return received.stream().filter(each -> each.topic().equals(topic)).toList();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        if (checks) {
            witness.saw(new MessageContract.Message(
                    topic,
                    message.getPayload(),
                    message.getQos(),
                    message.isRetained(),
                    message.getProperties().getContentType(),
                    message.getProperties().getMessageExpiryInterval()));
        }
        received.add(new Received(
                topic,
                new String(message.getPayload(), StandardCharsets.UTF_8),
                message.getQos(),
                message.isRetained(),
                message.getProperties().getContentType(),
                message.getProperties().getMessageExpiryInterval()));
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
    public void close() {
        try {
            client.disconnectForcibly(0, 1000, true);
        } catch (MqttException e) {
            // the broker has gone before
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            throw new IllegalStateException(e);
        }
        witness.close();
    }
}

package io.lightstroke.gateway.sink;

import io.lightstroke.messages.MqttServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a broker, with a clean start and no memory: when it is lost, its user opens another and publishes
 * again what was not acknowledged. Used by one thread. Exceptions are in words for people.
 */
final class MqttConnection implements AutoCloseable {
    /** Paho's own log, off: it prints a stack trace for each lost connection, which our users say in one line. */
    private static final java.util.logging.Logger PAHO_LOG =
            java.util.logging.Logger.getLogger("org.eclipse.paho.mqttv5.client");

    static {
        PAHO_LOG.setLevel(java.util.logging.Level.OFF);
    }

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final long LOOK_MS = 100;
    private static final int MAX_IN_FLIGHT = 200;
    /** What comes is no larger; the broker drops what is. Bytes. */
    private static final long MAX_INCOMING = 1024L * 1024;
    /** Of a message beside topic, payload and correlation data, at most; bytes. */
    private static final int PACKET_OVERHEAD = 64;

    private static final int FIRST_ERROR = 0x80;
    /** Paho's, for example when mosquitto says that a message is above its message_size_limit. It ends the connection. */
    private static final int UNKNOWN_ANSWER = 50001;

    private final MqttServer server;
    private final MqttAsyncClient client;
    private final Patience patience;
    private final long maxPacket;
    private final Semaphore window;
    private final int windowSize;
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private volatile long acknowledgedNanos;
    /** Set once the connection is lost while something was under way. */
    private volatile @Nullable SinkException failure;

    private final Arrivals arrivals;
    private boolean ended;

    /**
     * How long a silent broker is believed in.
     *
     * @param acknowledgement without one for so long, while one is due, the connection is given up
     * @param keepAliveS after at most twice as long a connection is given up on which nothing comes, seconds
     */
    record Patience(Duration acknowledgement, int keepAliveS) {
        static final Patience USUAL = new Patience(Duration.ofSeconds(30), 15);
    }

    /** A message to be published. {@code expiryS} 0: it does not expire. */
    record Message(
            String topic, byte[] payload, int qos, boolean retained, int expiryS, byte @Nullable [] correlation) {
        Message(String topic, byte[] payload, int qos, boolean retained, int expiryS) {
            this(topic, payload, qos, retained, expiryS, null);
        }

        /** At most. */
        int maxPacketBytes() {
            return topic.getBytes(StandardCharsets.UTF_8).length
                    + payload.length
                    + (correlation == null ? 0 : correlation.length)
                    + PACKET_OVERHEAD;
        }

        MqttMessage toPaho() {
            MqttProperties properties = new MqttProperties();
            properties.setContentType("application/json");
            properties.setCorrelationData(correlation);
            if (expiryS > 0) {
                properties.setMessageExpiryInterval((long) expiryS);
            }
            return new MqttMessage(payload, qos, retained, properties);
        }
    }

    /** What the broker did not accept, in its words. {@code forGood}: it never will, whatever people mend. */
    record Refusal(String words, boolean forGood) {}

    /** Hears what the broker answered to a message, on Paho's thread; nothing when the connection is lost before. */
    @FunctionalInterface
    interface Outcome {
        /** @param refusal null: accepted */
        void known(@Nullable Refusal refusal);
    }

    private MqttConnection(
            MqttServer server,
            MqttAsyncClient client,
            Arrivals arrivals,
            Patience patience,
            @Nullable MqttProperties granted) {
        Integer receiveMaximum = granted == null ? null : granted.getReceiveMaximum();
        Long maxPacket = granted == null ? null : granted.getMaximumPacketSize();
        this.server = server;
        this.client = client;
        this.arrivals = arrivals;
        this.patience = patience;
        this.windowSize = receiveMaximum == null ? MAX_IN_FLIGHT : Math.min(MAX_IN_FLIGHT, receiveMaximum);
        this.maxPacket = maxPacket == null ? Long.MAX_VALUE : maxPacket;
        this.window = new Semaphore(windowSize);
    }

    /** @param will published by the broker when the connection ends without {@link #close} */
    static MqttConnection open(MqttServer server, String clientId, @Nullable Message will, Patience patience)
            throws SinkException, InterruptedException {
        MqttAsyncClient client = null;
        try {
            client = new MqttAsyncClient(server.url(), clientId, new MemoryPersistence());
            Arrivals arrivals = new Arrivals();
            client.setCallback(arrivals);
            Acknowledgement connected = new Acknowledgement();
            client.connect(options(server, will, patience), null, connected);
            IMqttToken token = connected.await(CONNECT_LIMIT);
            return new MqttConnection(server, client, arrivals, patience, token.getResponseProperties());
        } catch (MqttException | TimeoutException | IOException | RuntimeException e) {
            abandon(client);
            throw isCutOff(e)
                    ? new SinkException(
                            "%s: the broker ended the connection at once; %s"
                                    .formatted(
                                            server,
                                            server.url().startsWith("ssl:")
                                                    ? "does it speak TLS there, and want a client certificate?"
                                                    : "does it want TLS?"),
                            e)
                    : failed(server, e);
        } catch (InterruptedException e) {
            abandon(client);
            throw e;
        }
    }

    private static MqttConnectionOptions options(MqttServer server, @Nullable Message will, Patience patience)
            throws IOException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        options.setConnectionTimeout((int) CONNECT_LIMIT.toSeconds());
        options.setKeepAliveInterval(patience.keepAliveS);
        options.setMaximumPacketSize(MAX_INCOMING);
        options.setSocketFactory(server.sockets());
        if (server.user() != null) {
            options.setUserName(server.user());
        }
        if (server.password() != null) {
            options.setPassword(server.password().getBytes(StandardCharsets.UTF_8));
        }
        if (will != null) {
            options.setWill(will.topic, will.toPaho());
        }
        return options;
    }

    /** A message that came. */
    interface Listener {
        void came(String topic, MqttMessage message);
    }

    /**
     * Shows the one listener what is published there from now on, and what is retained there, on Paho's thread: at QoS
     * 1, retained flags as they were published.
     *
     * @return what the broker has against it; null: nothing
     */
    @Nullable
    Refusal subscribe(String filter, Listener listener) throws SinkException, InterruptedException {
        arrivals.listener = listener;
        MqttSubscription subscription = new MqttSubscription(filter, 1);
        subscription.setRetainAsPublished(true);
        try {
            Acknowledgement subscribed = new Acknowledgement();
            client.subscribe(new MqttSubscription[] {subscription}, null, subscribed, new MqttProperties());
            int[] reasons = subscribed.await(CONNECT_LIMIT).getReasonCodes();
            return reasons != null && reasons.length > 0 && reasons[0] >= FIRST_ERROR
                    ? refusal("the subscription to " + filter, reasons[0])
                    : null;
        } catch (MqttException | TimeoutException e) {
            throw failed(server, e);
        }
    }

    /** Whether the broker takes so large a packet; one that is larger would cost the connection. */
    boolean fits(Message message) {
        return message.maxPacketBytes() <= maxPacket;
    }

    Refusal tooLarge(Message message) {
        return new Refusal(
                "%s refuses %s: want a packet of at most %d bytes, got up to %d"
                        .formatted(server, message.topic, maxPacket, message.maxPacketBytes()),
                true);
    }

    /** Sends it once fewer messages are under way than the broker allows. */
    void publish(Message message, Outcome outcome) throws SinkException, InterruptedException {
        if (message.qos > 0 && unacknowledged.getAndIncrement() == 0) {
            acknowledgedNanos = System.nanoTime();
        }
        MqttActionListener onceDone = new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                int[] reasons = token.getReasonCodes();
                boolean refused = reasons != null && reasons.length > 0 && reasons[0] >= FIRST_ERROR;
                outcome.known(refused ? refusal(message.topic, reasons[0]) : null);
                done();
            }

            @Override
            public void onFailure(IMqttToken token, Throwable e) {
                if (e instanceof MqttException mqtt && mqtt.getReasonCode() == UNKNOWN_ANSWER) {
                    arrivals.blame = "it answered with a code that MQTT does not know";
                }
                failure = failed(server, e);
                done();
            }

            private void done() {
                if (message.qos > 0) {
                    acknowledgedNanos = System.nanoTime();
                    unacknowledged.decrementAndGet();
                }
                window.release();
            }
        };
        takeFromWindow(1);
        while (true) {
            try {
                client.publish(message.topic, message.toPaho(), null, onceDone);
                return;
            } catch (MqttException e) {
                if (e.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT || !client.isConnected()) {
                    throw lost(e);
                }
                // Acknowledged, but not yet taken off Paho's own count.
                Thread.sleep(1);
            }
        }
    }

    /** Returns when everything published is answered (QoS 1) or sent (QoS 0), and its outcome told. */
    void awaitAll() throws SinkException, InterruptedException {
        takeFromWindow(windowSize);
        window.release(windowSize);
        SinkException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    private void takeFromWindow(int messages) throws SinkException, InterruptedException {
        long end = System.nanoTime() + patience.acknowledgement.toNanos();
        while (!window.tryAcquire(messages, LOOK_MS, TimeUnit.MILLISECONDS)) {
            requireAlive();
            if (messages == 1 && System.nanoTime() > end) {
                throw silent();
            }
        }
    }

    /** @throws SinkException when the connection is lost, or the broker has not acknowledged what is due */
    void requireAlive() throws SinkException {
        if (!client.isConnected()) {
            throw lost(null);
        } else if (unacknowledged.get() > 0
                && System.nanoTime() - acknowledgedNanos > patience.acknowledgement.toNanos()) {
            throw silent();
        }
    }

    private SinkException lost(@Nullable MqttException e) {
        String farewell = arrivals.farewell;
        return farewell == null && e != null
                ? failed(server, e)
                : new SinkException(server + ": " + (farewell == null ? "the connection was lost" : farewell), e);
    }

    private SinkException silent() {
        return new SinkException(
                "%s did not acknowledge within %d ms".formatted(server, patience.acknowledgement.toMillis()), null);
    }

    private Refusal refusal(String what, int code) {
        return new Refusal("%s refuses %s: %s".formatted(server, what, reason(code)), isForGood(code));
    }

    private static boolean isForGood(int code) {
        return code == 0x90 || code == 0x95 || code == 0x99;
    }

    /** What the broker has against one of the messages that were under way, when it ended the connection for that. */
    @Nullable
    String blame() {
        return arrivals.blame;
    }

    /** Ends it in good order: the broker does not publish the will. */
    @Override
    public void close() {
        try {
            Acknowledgement done = new Acknowledgement();
            client.disconnect(CLOSE_LIMIT.toMillis(), null, done, 0, new MqttProperties());
            done.await(CLOSE_LIMIT);
        } catch (MqttException | TimeoutException e) {
            // It is gone already, and abandon() frees what is left.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        abandon();
    }

    /** Ends it at once, as a lost connection would; nothing when it has ended. */
    void abandon() {
        if (!ended) {
            ended = true;
            abandon(client);
        }
    }

    /** On a thread of its own: once an exception has ended its receiving thread, Paho waits for that for ever. */
    private static void abandon(@Nullable MqttAsyncClient client) {
        if (client == null) {
            return;
        }
        Thread ending = new Thread(() -> end(client), "mqtt-abandon");
        ending.setDaemon(true);
        ending.start();
        try {
            ending.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(MqttAsyncClient client) {
        try {
            client.disconnectForcibly(0, 0, false);
        } catch (MqttException e) {
            // not connected
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            // closed
        }
    }

    private static SinkException failed(MqttServer server, Throwable e) {
        return new SinkException(server + ": " + words(e), e);
    }

    /** What it may have said in farewell is lost with the connection: TLS alerts, too. */
    private static boolean isCutOff(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException
                    || (cause instanceof SocketException && !(cause instanceof ConnectException))) {
                return true;
            }
        }
        return false;
    }

    private static String words(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "no such host";
            } else if (cause instanceof ConnectException) {
                return "nothing listens there; is the broker running?";
            } else if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
                return "no answer within %d s".formatted(CONNECT_LIMIT.toSeconds());
            } else if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
                return tlsWords(cause);
            }
        }
        if (e instanceof IOException) {
            return String.valueOf(e.getMessage());
        } else if (e instanceof MqttException mqtt) {
            return reason(mqtt.getReasonCode()) + (mqtt.getCause() == null ? "" : " (" + mqtt.getCause() + ")");
        }
        return e.toString();
    }

    private static String tlsWords(Throwable e) {
        String said = "";
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            said += cause + "\n";
        }
        String why;
        if (said.contains("CertificateExpiredException")) {
            why = "the broker's certificate has expired";
        } else if (said.contains("CertificateNotYetValidException")) {
            why = "the broker's certificate is not valid yet; are both clocks right?";
        } else if (said.contains("No subject alternative") || said.contains("No name matching")) {
            why = "the broker's certificate is for another host name than that of the URL";
        } else if (said.contains("PKIX path")) {
            why = "the broker's certificate is not signed by a known authority; name its CA file";
        } else if (said.contains("certificate_required") || said.contains("bad_certificate")) {
            why = "the broker wants a client certificate";
        } else if (said.contains("unknown_ca")) {
            why = "the broker does not know the authority of the client certificate";
        } else if (said.contains("Unsupported or unrecognized SSL message")) {
            why = "what listens there speaks no TLS";
        } else {
            why = "see the broker's log, too";
        }
        return "TLS failed: %s (%s)".formatted(why, e.getMessage());
    }

    /** MQTT 5's reason codes, and Paho's own. */
    private static String reason(int code) {
        return switch (code) {
            case 1, 0x84 -> "it does not speak MQTT 5";
            case 0x80 -> "unspecified error";
            case 0x85 -> "it does not accept the client's name";
            case 0x86 -> "user or password is wrong";
            case 0x87 -> "not authorised; check the user and the broker's access list";
            case 0x88 -> "the broker is not available";
            case 0x89 -> "the broker is busy";
            case 0x8A -> "the broker has banned this client";
            case 0x8B, 0x9D -> "the broker is shutting down";
            case 0x8E -> "another client took over with the same name; is a second gateway running with the same ids?";
            case 0x90 -> "the topic is not accepted";
            case 0x95 -> "the message is larger than it accepts";
            case 0x97 -> "its quota is exceeded";
            case 0x99 -> "the payload is not of the format that it wants";
            case 0x9A -> "it does not support retained messages";
            case 0x9B -> "it does not support QoS 1";
            case MqttClientException.REASON_CODE_CLIENT_TIMEOUT -> "no answer in time";
            case MqttClientException.REASON_CODE_SERVER_DISCONNECTED,
                    MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED,
                    MqttClientException.REASON_CODE_CONNECTION_LOST,
                    MqttClientException.REASON_CODE_CLIENT_DISCONNECTING,
                    MqttClientException.REASON_CODE_CLIENT_CLOSED -> "the connection was lost";
            default -> "reason code " + code;
        };
    }

    private static final class Arrivals implements MqttCallback {
        private volatile Listener listener = (topic, message) -> {};
        /** Why the broker ended the connection, when it said so. */
        private volatile @Nullable String farewell;

        private volatile @Nullable String blame;

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            listener.came(topic, message);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            if (response.getReturnCode() >= FIRST_ERROR) {
                farewell = reason(response.getReturnCode());
                if (isForGood(response.getReturnCode())) {
                    blame = farewell;
                }
            }
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean again, String url) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}
    }

    /** What became of one request, from Paho's thread to ours. */
    private static final class Acknowledgement implements MqttActionListener {
        private final CompletableFuture<IMqttToken> done = new CompletableFuture<>();

        @Override
        public void onSuccess(IMqttToken token) {
            done.complete(token);
        }

        @Override
        public void onFailure(IMqttToken token, Throwable e) {
            done.completeExceptionally(e);
        }

        IMqttToken await(Duration limit) throws MqttException, TimeoutException, InterruptedException {
            try {
                return done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof MqttException mqtt ? mqtt : new MqttException(e.getCause());
            }
        }
    }
}

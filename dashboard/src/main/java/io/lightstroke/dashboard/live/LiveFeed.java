package io.lightstroke.dashboard.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MQTT in, browsers out. Passes each message on unparsed as {@code {"topic":…,"at":<ms>,"message":…}} ({@code null}: no
 * longer there), and every second, on each change of it too, how the broker stands as
 * {@code {"at":<ms>,"build":…,"broker":{"connected":…}}}. A new viewer first gets the last state of everything, then what
 * came within the last 15 s and the last session's summary of each tool, with {@code "ago":<ms>}.
 *
 * <p>One thread, {@code live-feed}, for the heartbeat and the connection; messages come on Paho's. Nobody waits for a
 * viewer. Thread-safe.
 */
public final class LiveFeed implements AutoCloseable {
    static final int MAX_PAYLOAD_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);
    private static final long HEARTBEAT_MS = 1_000;
    private static final long MAX_BACKOFF_MS = 8_000;
    private static final int KEEP_ALIVE_S = 5;
    private static final long SUBSCRIBE_AGAIN_MS = 2_000;
    private static final String TOOLS = Topics.PREFIX + "/+/+/tool/+/";

    private static final String SLUG = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?";

    private static final Pattern TOPIC = Pattern.compile(
            "%1$s/%2$s/%2$s/(status|tool/%2$s/(status|info|session-state|live|stroke|spot|alert|cue|session))"
                    .formatted(Topics.PREFIX, SLUG));
    /** For viewers that come or return. */
    private static final long RECENT_MS = 15_000;
    /** Of all tools together; the oldest go first. */
    private static final int MAX_RECENT_CHARS = 4 * 1024 * 1024;

    /** A message that is no state. */
    private record Recent(String topic, long atMs, String message) {
        String text(long nowMs) {
            return "{\"topic\":\"%s\",\"at\":%d,\"ago\":%d,\"message\":%s}"
                    .formatted(topic, atMs, Math.max(1, nowMs - atMs), message);
        }
    }

    /** How many messages came, and how many of them were no JSON object of at most 64 kB on a topic of ours. */
    public record Counts(long received, long refused) {}

    /** A message of a tool: {@code kind} is the last level of its topic. */
    public record Heard(String site, String gateway, String tool, String kind) {}

    /** Whoever is told of {@code session} and {@code session-state}, on the thread on which they come. */
    public interface Listener {
        /** @param json null: no session runs there any more */
        void heard(Heard what, @Nullable String json);
    }

    private final MqttServer access;
    private final Asked asked;
    private final String build;
    private final InstantSource clock;
    private final Listener listener;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "live-feed");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** Guards all below: the order in which viewers see messages. */
    private final Object lock = new Object();

    private final Map<Session, Viewer> viewers = new ConcurrentHashMap<>(); // one may leave while all are told
    private final Map<String, String> state = new LinkedHashMap<>();
    private final Deque<Recent> recent = new ArrayDeque<>();
    private int recentChars;
    private final Map<String, Recent> summaries = new LinkedHashMap<>();
    private @Nullable Connection connection;
    private Problem problem = Problem.NOT_YET;
    private long backoffMs;
    private long nextAttemptNs = System.nanoTime();
    private boolean closed;

    /** @param build changes when the pages change, so that an open page knows that it is out of date */
    public LiveFeed(MqttServer access, String build, InstantSource clock, Listener listener) {
        this.access = access;
        this.asked = new Asked(access.user());
        this.build = build;
        this.clock = clock;
        this.listener = listener;
    }

    public void start() {
        Future<?> unused = thread.scheduleWithFixedDelay(this::beat, 0, HEARTBEAT_MS, TimeUnit.MILLISECONDS);
    }

    /** Until {@link #leave}; the session is closed if it stalls. */
    public void join(Session session) {
        synchronized (lock) {
            long nowMs = clock.millis();
            List<String> first = new ArrayList<>(state.values());
            summaries.values().forEach(each -> first.add(each.text(nowMs)));
            forgetOld(nowMs);
            recent.forEach(each -> first.add(each.text(nowMs)));
            viewers.put(session, new Viewer(session, System::nanoTime, first));
            tell(broker(), false);
        }
    }

    public void leave(Session session) {
        synchronized (lock) {
            viewers.remove(session);
        }
    }

    /**
     * Sends a command to a tool.
     *
     * @param json an object
     * @return the gateway's answer, a JSON object; or an {@link UnansweredException}
     */
    public CompletableFuture<String> command(String topic, String json) {
        return command(topic, json, Asked.LIMIT);
    }

    /** As {@link #command(String, String)}, of one that takes as long as {@code limit}. */
    public CompletableFuture<String> command(String topic, String json, Duration limit) {
        Connection now;
        synchronized (lock) {
            now = connection;
            if (now == null || !now.subscribed) {
                return CompletableFuture.failedFuture(
                        new UnansweredException(UnansweredException.Reason.BROKER, problem.words()));
            }
        }
        return asked.ask(now.client, topic, json, limit);
    }

    /** The gateways of which the broker says how they stand; empty while that is not known. */
    public Optional<Set<Topics>> gateways() {
        synchronized (lock) {
            if (connection == null || !connection.settled) {
                return Optional.empty();
            }
            return Optional.of(state.keySet().stream()
                    .map(topic -> topic.split("/", -1))
                    .filter(levels -> levels.length == 5)
                    .map(levels -> new Topics(levels[2], levels[3]))
                    .collect(Collectors.toCollection(LinkedHashSet::new)));
        }
    }

    /** Topics on which something with that word in it is retained now. */
    public List<String> retainedWith(String word) {
        synchronized (lock) {
            return state.entrySet().stream()
                    .filter(each -> each.getValue().contains(word))
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /** Keeps no message in which that word is; whoever watches has had them. */
    public void forget(String word) {
        synchronized (lock) {
            state.values().removeIf(each -> each.contains(word));
            summaries.values().removeIf(each -> each.message.contains(word));
            recent.removeIf(each -> each.message.contains(word));
            recentChars =
                    recent.stream().mapToInt(each -> each.message.length()).sum();
        }
    }

    public Counts counts() {
        return new Counts(received.get(), refused.get());
    }

    @Override
    public void close() {
        synchronized (lock) {
            viewers.clear();
            if (connection != null) {
                thread.execute(connection::end);
                connection = null;
            }
            closed = true;
            thread.shutdown();
        }
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void beat() {
        try {
            synchronized (lock) {
                if (connection == null && System.nanoTime() - nextAttemptNs >= 0) {
                    connection = new Connection();
                    connection.begin();
                }
                tell(broker(), false);
            }
        } catch (MqttException | RuntimeException e) {
            LOG.error("live feed from {}", access, e);
        }
    }

    private void tell(String text, boolean live) {
        viewers.values().forEach(viewer -> viewer.offer(text, live));
    }

    private String broker() {
        Map<String, Object> broker = new LinkedHashMap<>();
        boolean connected = connection != null && connection.subscribed;
        broker.put("connected", connected);
        if (!connected) {
            broker.put("url", access.url());
            broker.put("problem", problem);
        }
        Map<String, Object> beat = new LinkedHashMap<>();
        beat.put("at", clock.millis());
        beat.put("build", build);
        beat.put("broker", broker);
        return new String(Json.bytes(beat), UTF_8);
    }

    private void lost(Connection which, @Nullable Throwable cause) {
        synchronized (lock) {
            if (closed || which != connection) {
                return;
            }
            thread.execute(which::end);
            connection = null;
            state.clear();
            asked.lost();
            Problem now = Problem.of(cause);
            if (which.subscribed || !now.equals(problem)) {
                LOG.warn("no connection to the message broker {}: {}", access, now.words());
            }
            problem = now;
            backoffMs =
                    which.subscribed ? HEARTBEAT_MS : Math.min(MAX_BACKOFF_MS, Math.max(HEARTBEAT_MS, backoffMs * 2));
            nextAttemptNs = System.nanoTime() + backoffMs * 1_000_000;
            tell(broker(), false);
        }
    }

    private void arrived(Connection from, String topic, byte[] payload) {
        received.incrementAndGet();
        boolean isState = topic.endsWith("/status") || topic.endsWith("/info") || topic.endsWith("/session-state");
        String message = payload.length == 0 && isState ? "null" : object(payload);
        if (message == null || !TOPIC.matcher(topic).matches()) {
            long count = refused.incrementAndGet();
            if (Long.bitCount(count) == 1) {
                LOG.warn(
                        "refused a message on {}: want a JSON object of at most {} bytes, got {} bytes ({} refused so far)",
                        topic,
                        MAX_PAYLOAD_BYTES,
                        payload.length,
                        count);
            }
            return;
        }
        long nowMs = clock.millis();
        String text = "{\"topic\":\"" + topic + "\",\"at\":" + nowMs + ",\"message\":" + message + "}";
        synchronized (lock) {
            if (from != connection) {
                return;
            }
            if (isState) {
                if (payload.length == 0) {
                    state.remove(topic);
                } else {
                    state.put(topic, text);
                }
            } else if (topic.endsWith("/session")) {
                summaries.put(topic, new Recent(topic, nowMs, message));
            } else {
                recent.add(new Recent(topic, nowMs, message));
                recentChars += message.length();
                forgetOld(nowMs);
            }
            tell(text, topic.endsWith("/live"));
        }
        if (topic.endsWith("/session") || topic.endsWith("/session-state")) {
            tellListener(topic, payload.length == 0 ? null : message);
        }
    }

    private void tellListener(String topic, @Nullable String message) {
        String[] levels = topic.split("/", -1);
        try {
            listener.heard(new Heard(levels[2], levels[3], levels[5], levels[6]), message);
        } catch (RuntimeException e) {
            LOG.error("{}: not kept", topic, e);
        }
    }

    private void forgetOld(long nowMs) {
        for (Recent oldest = recent.peek();
                oldest != null && (recentChars > MAX_RECENT_CHARS || nowMs - oldest.atMs > RECENT_MS);
                oldest = recent.peek()) {
            recentChars -= oldest.message.length();
            recent.remove();
        }
    }

    /** The payload as text, if it is one JSON object in UTF-8 and nothing else. */
    private static @Nullable String object(byte[] payload) {
        if (payload.length > MAX_PAYLOAD_BYTES) {
            return null;
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
            try (JsonParser parser = Json.MAPPER.createParser(text)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return null;
                }
                parser.skipChildren();
                return parser.nextToken() == null ? text : null;
            }
        } catch (IOException e) {
            return null;
        }
    }

    /** One attempt and, if it succeeds, one connection; never used again. */
    private final class Connection implements MqttCallback, MqttActionListener {
        private final MqttAsyncClient client;
        /** Written under {@link #lock}. */
        private boolean subscribed;
        /** All that is retained has come, as far as can be told. */
        private boolean settled;

        Connection() throws MqttException {
            client = new MqttAsyncClient(
                    access.url(), "lightstroke-dashboard-" + UUID.randomUUID(), new MemoryPersistence());
            client.setCallback(this);
        }

        void begin() {
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setCleanStart(true);
            options.setAutomaticReconnect(false);
            options.setKeepAliveInterval(KEEP_ALIVE_S);
            options.setConnectionTimeout(KEEP_ALIVE_S);
            options.setMaximumPacketSize(4L * MAX_PAYLOAD_BYTES);
            if (access.user() != null) {
                options.setUserName(access.user());
            }
            if (access.password() != null) {
                options.setPassword(access.password().getBytes(UTF_8));
            }
            try {
                options.setSocketFactory(access.sockets());
                client.connect(options, null, this);
            } catch (MqttException | IOException e) {
                lost(this, e);
            }
        }

        @Override
        public void onSuccess(IMqttToken connected) {
            List<MqttSubscription> all = new ArrayList<>(retained());
            all.add(new MqttSubscription(TOOLS + "live", 0));
            for (String kind : List.of("stroke", "spot", "alert", "cue", "session")) {
                all.add(new MqttSubscription(TOOLS + kind, 1));
            }
            all.add(new MqttSubscription(asked.topic, 1));
            try {
                client.subscribe(
                        all.toArray(MqttSubscription[]::new),
                        null,
                        new MqttActionListener() {
                            @Override
                            public void onSuccess(IMqttToken granted) {
                                subscribed(granted.getReasonCodes());
                            }

                            @Override
                            public void onFailure(IMqttToken asked, Throwable cause) {
                                lost(Connection.this, cause);
                            }
                        },
                        new MqttProperties());
            } catch (MqttException e) {
                lost(this, e);
            }
        }

        private List<MqttSubscription> retained() {
            return List.of(
                    new MqttSubscription(Topics.PREFIX + "/+/+/status", 1),
                    new MqttSubscription(TOOLS + "status", 1),
                    new MqttSubscription(TOOLS + "info", 1),
                    new MqttSubscription(TOOLS + "session-state", 1));
        }

        /** A broker can miss what becomes retained while it subscribes us; it gives all of it once more. */
        private void subscribeAgain() {
            synchronized (lock) {
                if (this != connection) {
                    return;
                }
                settled = true;
            }
            try {
                IMqttToken unused = client.subscribe(retained().toArray(MqttSubscription[]::new));
            } catch (MqttException e) {
                LOG.debug("subscribing again", e);
            }
        }

        private void subscribed(int[] reasonCodes) {
            if (Arrays.stream(reasonCodes).anyMatch(code -> code >= 0x80)) {
                lost(
                        this,
                        new IOException("the broker does not allow to subscribe to " + Topics.PREFIX
                                + "/…; it answered " + Arrays.toString(reasonCodes)));
                return;
            }
            synchronized (lock) {
                subscribed = true;
                LOG.info("live from {}", access);
                tell(broker(), false);
                if (!closed) {
                    Future<?> unused = thread.schedule(this::subscribeAgain, SUBSCRIBE_AGAIN_MS, TimeUnit.MILLISECONDS);
                }
            }
        }

        @Override
        public void onFailure(IMqttToken asked, Throwable cause) {
            lost(this, cause);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            lost(this, response.getException());
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            if (topic.equals(asked.topic)) {
                String answer = object(message.getPayload());
                if (answer != null) {
                    asked.answered(message.getProperties().getCorrelationData(), answer);
                }
            } else {
                arrived(this, topic, message.getPayload());
            }
        }

        /** Waits for Paho's callbacks to return, so never called from one of them. */
        void end() {
            try {
                client.disconnectForcibly(0, 200, true);
            } catch (MqttException e) {
                LOG.trace("was not connected", e);
            }
            try {
                client.close(true);
            } catch (MqttException e) {
                LOG.debug("closing the connection to the message broker", e);
            }
        }

        @Override
        public void mqttErrorOccurred(MqttException cause) {
            LOG.debug("message broker", cause);
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String uri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}

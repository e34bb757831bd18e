package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.sink.MqttConnection.Message;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.gateway.sink.MqttConnection.Refusal;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what is true now: live frames (QoS 0), and the retained status, info and session state of the
 * gateway and its tools (QoS 1). All methods may be called from any thread and none but {@link #close} blocks. Of live frames the oldest are
 * dropped when too many wait; of each retained topic the newest is kept, and sent again after each reconnect.
 */
public final class LivePublisher implements LiveView, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LivePublisher.class);

    private static final int MAX_WAITING_FRAMES = 200;
    private static final int FRAME_EXPIRY_S = 2;
    /** Short: who looks at the page waits for it. */
    private static final long LONGEST_PAUSE_MS = 2_000;

    /** A lost connection is seen after this time at the latest, though nothing is to be sent. */
    private static final long LOOK_MS = 500;

    /** In place of a message: nothing is retained there. */
    private static final Object CLEARED = new Object();

    private final MqttServer server;
    private final Topics topics;
    private final String software;
    private final @Nullable HomeAssistant homeAssistant;
    private final Patience patience;
    private final Thread thread;
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MS, ThreadLocalRandom.current());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    // Guarded by lock:
    private final Queue<Frame> frames = new ArrayDeque<>();
    private final Map<String, Object> retained = new LinkedHashMap<>();
    private final Set<String> changed = new LinkedHashSet<>();
    private boolean ready;
    private boolean closing;

    private long dropped;
    private volatile @Nullable String problem = "not connected yet";
    /** Retained topics that the broker refuses, and its words. */
    private final Map<String, String> refused = new ConcurrentHashMap<>();

    private record Frame(String tool, LiveFrame frame) {}

    /**
     * Connects by itself, for ever.
     *
     * @param software version of the gateway, for its status
     */
    public LivePublisher(MqttServer server, Topics topics, String software) {
        this(server, topics, software, null, Patience.USUAL);
    }

    /** @param homeAssistant is told about the tools, too */
    public LivePublisher(MqttServer server, Topics topics, String software, HomeAssistant homeAssistant) {
        this(server, topics, software, homeAssistant, Patience.USUAL);
    }

    LivePublisher(
            MqttServer server,
            Topics topics,
            String software,
            @Nullable HomeAssistant homeAssistant,
            Patience patience) {
        this.server = server;
        this.topics = topics;
        this.software = software;
        this.homeAssistant = homeAssistant;
        this.patience = patience;
        if (homeAssistant != null) {
            homeAssistant
                    .tools()
                    .forEach(tool -> retained.put(homeAssistant.configTopic(tool), homeAssistant.config(tool, null)));
        }
        thread = new Thread(this::run, "mqtt-live");
        thread.setDaemon(true);
        thread.start();
    }

    /** The gateway's state goes from {@code init} to {@code ready}. */
    public void ready() {
        lock.lock();
        try {
            ready = true;
            changed.add(topics.status());
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void live(String tool, LiveFrame frame) {
        lock.lock();
        try {
            if (frames.size() == MAX_WAITING_FRAMES) {
                frames.remove();
                dropped++;
            }
            frames.add(new Frame(tool, frame));
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    public void status(String tool, ToolStatus status) {
        retain(topics.toolStatus(tool), status);
    }

    @Override
    public void info(String tool, ToolInfoMessage info) {
        retain(topics.toolInfo(tool), info);
        if (homeAssistant != null) {
            retain(homeAssistant.configTopic(tool), homeAssistant.config(tool, info));
        }
    }

    @Override
    public void sessionState(String tool, @Nullable SessionStateMessage state) {
        retain(topics.sessionState(tool), state == null ? CLEARED : state);
    }

    private void retain(String topic, Object message) {
        lock.lock();
        try {
            retained.put(topic, message);
            changed.add(topic);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is retained of these tools' sessions any more; returns once the broker has been told, or why it was not. */
    public Optional<String> clearSessionStates(Collection<String> tools, Duration limit) throws InterruptedException {
        tools.forEach(tool -> sessionState(tool, null));
        long endNanos = System.nanoTime() + limit.toNanos();
        while (retainedWaits()) {
            if (System.nanoTime() > endNanos) {
                return Optional.of(Objects.requireNonNullElse(problem, "the broker does not take it in time"));
            }
            Thread.sleep(LOOK_MS / 10);
        }
        return tools.stream()
                .map(topics::sessionState)
                .filter(refused::containsKey)
                .map(refused::get)
                .findFirst();
    }

    /** Live frames dropped since the start. */
    public long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    /** Why nothing, or not everything, is published at present; empty while all is well. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem)
                .or(() -> refused.values().stream().sorted().findFirst());
    }

    private void run() {
        boolean said = false;
        try {
            while (!isClosing()) {
                try {
                    publishUntilLost(said);
                    said = false;
                } catch (SinkException | RuntimeException | Error e) {
                    String why = e instanceof SinkException ? String.valueOf(e.getMessage()) : e.toString();
                    if (problem == null || !said) {
                        LOG.warn("live data is not published, trying again: {}", why);
                        said = true;
                    }
                    problem = why;
                    pause(backoff.nextMs());
                }
            }
        } catch (InterruptedException e) {
            // closed, and the broker does not answer
        }
    }

    private void publishUntilLost(boolean said) throws SinkException, InterruptedException {
        long run = ThreadLocalRandom.current().nextLong(1, 1L << 53);
        Message will = status(GatewayStatus.State.LOST, run, null);
        MqttConnection broker = MqttConnection.open(
                server, "lightstroke-%s-%s-live".formatted(topics.site(), topics.gateway()), will, patience);
        try {
            if (said) {
                LOG.info("live data is published again to {}", server);
            }
            problem = null;
            refused.clear();
            if (homeAssistant != null) {
                for (String filter : List.of(homeAssistant.birthTopic(), homeAssistant.configTopics())) {
                    Refusal refusal =
                            broker.subscribe(filter, (topic, message) -> heard(homeAssistant, topic, message));
                    if (refusal != null) {
                        refused(filter, refusal.words());
                    }
                }
            }
            backoff.reset();
            lock.lock();
            try {
                changed.add(topics.status());
                changed.addAll(retained.keySet());
            } finally {
                lock.unlock();
            }
            while (!isClosing() || retainedWaits()) {
                Message next = next(run);
                if (next != null) {
                    publish(next, broker);
                }
                broker.requireAlive();
            }
            publish(status(GatewayStatus.State.DISCONNECTED, run, Instant.now()), broker);
            broker.awaitAll();
            broker.close();
        } finally {
            broker.abandon();
        }
    }

    /** On Paho's thread. */
    private void heard(HomeAssistant from, String topic, MqttMessage message) {
        if (from.isOfFormerTool(topic) && message.getPayload().length > 0) {
            retain(topic, CLEARED);
        } else if (topic.equals(from.birthTopic())
                && new String(message.getPayload(), StandardCharsets.UTF_8).equals("online")) {
            lock.lock();
            try {
                from.tools().forEach(tool -> changed.add(from.configTopic(tool)));
                work.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    private void publish(Message message, MqttConnection broker) throws SinkException, InterruptedException {
        if (!broker.fits(message)) {
            refused(message.topic(), broker.tooLarge(message).words());
            return;
        }
        broker.publish(message, refusal -> {
            if (refusal != null) {
                refused(message.topic(), refusal.words());
            } else if (message.retained()) {
                refused.remove(message.topic());
            }
        });
    }

    private void refused(String topic, String words) {
        if (!words.equals(refused.put(topic, words))) {
            LOG.warn("not published: {}", words);
        }
    }

    /** What is to be sent next, retained before live; null when nothing was for a while. */
    private @Nullable Message next(long run) throws InterruptedException {
        String topic = null;
        Object message = null;
        boolean readyNow;
        Frame frame = null;
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(LOOK_MS);
            while (changed.isEmpty() && frames.isEmpty() && !closing && left > 0) {
                left = work.awaitNanos(left);
            }
            readyNow = ready;
            var first = changed.iterator();
            if (first.hasNext()) {
                topic = first.next();
                first.remove();
                message = retained.get(topic);
            } else {
                frame = frames.poll();
            }
        } finally {
            lock.unlock();
        }
        if (frame != null) {
            return new Message(topics.live(frame.tool), Json.bytes(frame.frame), 0, false, FRAME_EXPIRY_S);
        } else if (topic == null) {
            return null;
        } else if (message == null) {
            return status(readyNow ? GatewayStatus.State.READY : GatewayStatus.State.INIT, run, Instant.now());
        }
        return new Message(topic, message == CLEARED ? new byte[0] : Json.bytes(message), 1, true, 0);
    }

    private Message status(GatewayStatus.State state, long run, @Nullable Instant time) {
        return new Message(topics.status(), Json.bytes(new GatewayStatus(state, run, time, software)), 1, true, 0);
    }

    private boolean retainedWaits() {
        lock.lock();
        try {
            return !changed.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long ms) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(ms);
            while (left > 0 && !closing) {
                left = work.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Says {@code disconnected} and ends; waits for the broker no longer than 5 s. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}

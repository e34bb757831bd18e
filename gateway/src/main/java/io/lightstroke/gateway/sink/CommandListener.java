package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.sink.MqttConnection.Message;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.gateway.sink.MqttConnection.Refusal;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands in over MQTT, answers out, on a thread of its own. The commands of one tool are done one after the other, and
 * so are those of the gateway itself; those of several beside each other. What is retained is refused and cleared; what has waited longer than it is valid,
 * or comes while too many wait, is refused; a repeat with the same correlation data is answered again and not done
 * again. What comes while the connection is lost is not known to it.
 */
public final class CommandListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandListener.class);
    private static final Duration LONGEST_VALID = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    /** Commands of all tools. */
    private static final int MAX_WAITING = 64;
    /** Whose commands are done at the same time: as many tools as can be configured, and the gateway itself. */
    private static final int MAX_LANES = 65;
    /** Beyond it nobody is answered. */
    private static final int MAX_ARRIVED = 1024;
    /** Answers that are kept for repeats. */
    private static final int KEPT_ANSWERS = 256;

    private static final long LONGEST_PAUSE_MS = 2_000;
    private static final long LOOK_MS = 200;

    /** Does what is asked, or says why not; the commands of one tool, and those of the gateway, come one after the other. */
    @FunctionalInterface
    public interface Handler {
        /**
         * @param tool null: the gateway itself
         * @param name of the command
         */
        CommandAnswer handle(@Nullable String tool, String name, byte[] payload) throws InterruptedException;
    }

    private sealed interface Event {}

    /** @param payload empty when it is longer than a command may be */
    private record Arrival(
            String topic, byte[] payload, int length, boolean retained, MqttProperties properties, long atNanos)
            implements Event {}

    private record Done(Asked asked, CommandAnswer answer) implements Event {}

    /** A command and, once it is done, its answer. */
    private static final class Asked {
        final Arrival arrival;

        @Nullable
        CommandAnswer answer;

        /** How often it came again while it was being done. */
        int repeats;

        Asked(Arrival arrival, @Nullable CommandAnswer answer) {
            this.arrival = arrival;
            this.answer = answer;
        }
    }

    private final MqttServer server;
    private final Topics topics;
    private final Handler handler;
    private final Patience patience;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger arrived = new AtomicInteger();
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MS, ThreadLocalRandom.current());
    private final ExecutorService doing;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean listening;

    // Of the thread alone:
    /** By tool, empty for the gateway itself: what waits until the command is done that is being done. */
    private final Map<String, Queue<Asked>> lanes = new HashMap<>();

    private int waiting;
    /** By topic, response topic and correlation data, the oldest first. */
    private final Map<String, Asked> kept = new LinkedHashMap<>();

    private final Queue<Asked> toBeAnswered = new ArrayDeque<>();

    /** Connects by itself, for ever. */
    public CommandListener(MqttServer server, Topics topics, Handler handler) {
        this(server, topics, handler, Patience.USUAL);
    }

    CommandListener(MqttServer server, Topics topics, Handler handler, Patience patience) {
        this.server = server;
        this.topics = topics;
        this.handler = handler;
        this.patience = patience;
        doing = Executors.newCachedThreadPool(task -> daemon(task, "mqtt-command"));
        thread = daemon(this::run, "mqtt-commands");
        thread.start();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether what is sent now is heard. */
    public boolean listening() {
        return listening;
    }

    private void run() {
        boolean said = false;
        try {
            while (!closing) {
                try {
                    listenUntilLost();
                    said = false;
                } catch (SinkException | RuntimeException | Error e) {
                    if (listening || !said) {
                        LOG.warn("commands are not heard, trying again: {}", e.toString());
                        said = true;
                    }
                    listening = false;
                    Thread.sleep(backoff.nextMs());
                }
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            listening = false;
        }
    }

    private void listenUntilLost() throws SinkException, InterruptedException {
        String client = "lightstroke-%s-%s-commands".formatted(topics.site(), topics.gateway());
        MqttConnection broker = MqttConnection.open(server, client, null, patience);
        try {
            Refusal refusal = broker.subscribe(topics.commands(), this::came);
            if (refusal != null) {
                throw new SinkException(refusal.words(), null);
            }
            refusal = broker.subscribe(topics.gatewayCommand("+"), this::came);
            if (refusal != null) { // by an access list from before there were any
                LOG.warn("commands of the gateway itself are not heard: {}", refusal.words());
            }
            listening = true;
            backoff.reset();
            while (!closing || !lanes.isEmpty()) {
                Event next = events.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                if (next instanceof Arrival arrival) {
                    arrived.decrementAndGet();
                    take(arrival, broker);
                } else if (next instanceof Done done) {
                    goOn(done.asked.arrival);
                    answered(done.asked, done.answer);
                }
                refuseLate();
                for (Asked asked = toBeAnswered.peek(); asked != null; asked = toBeAnswered.peek()) {
                    answer(asked, broker);
                    toBeAnswered.remove();
                }
                broker.requireAlive();
            }
            broker.close();
        } finally {
            broker.abandon();
        }
    }

    /** On Paho's thread. */
    private void came(String topic, MqttMessage message) {
        if (closing) {
            return;
        } else if (arrived.incrementAndGet() > MAX_ARRIVED) {
            arrived.decrementAndGet();
            LOG.warn("command {} dropped: want at most {} at once, got one more", topic, MAX_ARRIVED);
            return;
        }
        byte[] payload = message.getPayload();
        events.add(new Arrival(
                topic,
                payload.length <= Command.MAX_LENGTH ? payload : new byte[0],
                payload.length,
                message.isRetained(),
                message.getProperties(),
                System.nanoTime()));
    }

    private void take(Arrival arrival, MqttConnection broker) throws SinkException, InterruptedException {
        if (arrival.retained) {
            if (arrival.length == 0) {
                return; // a clearing, perhaps our own
            }
            // At QoS 0: where the broker forbids it, the connection is not given up for it.
            broker.publish(new Message(arrival.topic, new byte[0], 0, true, 0), refusal -> {});
        }
        String responseTopic = arrival.properties.getResponseTopic();
        if (responseTopic != null && !topics.mayAnswerTo(responseTopic)) {
            LOG.warn(
                    "command {} refused: response topic: want one outside of {} or below {}/answer, got {}",
                    arrival.topic,
                    Topics.PREFIX,
                    topics.root(),
                    responseTopic);
            return;
        }
        byte[] correlation = arrival.properties.getCorrelationData();
        String name = correlation == null
                ? null
                : arrival.topic + " " + responseTopic + " " + HexFormat.of().formatHex(correlation);
        Asked before = name == null ? null : kept.get(name);
        if (before != null) {
            if (before.answer == null) {
                before.repeats++;
            } else {
                toBeAnswered.add(before);
            }
            return;
        }
        CommandAnswer refusal = refusal(arrival);
        boolean hasLane = lanes.containsKey(lane(arrival));
        if (refusal == null && (hasLane ? waiting == MAX_WAITING : lanes.size() == MAX_LANES)) {
            // Not kept: a repeat may find a place.
            toBeAnswered.add(new Asked(
                    arrival,
                    CommandAnswer.refused(
                            "command: want at most %d that wait, got one more; send it again".formatted(MAX_WAITING))));
            return;
        }
        Asked asked = new Asked(arrival, refusal);
        if (name != null) {
            keep(name, asked);
        }
        if (refusal == null) {
            queue(asked);
        } else {
            toBeAnswered.add(asked);
        }
    }

    private static @Nullable CommandAnswer refusal(Arrival arrival) {
        if (arrival.retained) {
            return CommandAnswer.refused("command: want one that is not retained, got a retained one");
        } else if (arrival.length > Command.MAX_LENGTH) {
            return CommandAnswer.refused(
                    "command: want at most %d bytes, got %d".formatted(Command.MAX_LENGTH, arrival.length));
        }
        return null;
    }

    /** Forgets the oldest that are done. */
    private void keep(String name, Asked asked) {
        Iterator<Asked> oldest = kept.values().iterator();
        while (kept.size() >= KEPT_ANSWERS && oldest.hasNext()) {
            if (oldest.next().answer != null) {
                oldest.remove();
            }
        }
        kept.put(name, asked);
    }

    private void queue(Asked asked) {
        Queue<Asked> lane = lanes.get(lane(asked.arrival));
        if (lane == null) {
            lanes.put(lane(asked.arrival), new ArrayDeque<>());
            begin(asked);
        } else {
            lane.add(asked);
            waiting++;
        }
    }

    private void goOn(Arrival done) {
        Queue<Asked> lane = lanes.get(lane(done));
        Asked next = lane == null ? null : lane.poll();
        if (next == null) {
            lanes.remove(lane(done));
        } else {
            waiting--;
            begin(next);
        }
    }

    /** Their turn may be minutes away: an update takes that long. */
    private void refuseLate() {
        for (Queue<Asked> lane : lanes.values()) {
            for (Iterator<Asked> each = lane.iterator(); each.hasNext(); ) {
                Asked asked = each.next();
                CommandAnswer late = late(asked.arrival);
                if (late != null) {
                    each.remove();
                    waiting--;
                    answered(asked, late);
                }
            }
        }
    }

    private void answered(Asked asked, CommandAnswer answer) {
        asked.answer = answer;
        for (int i = 0; i <= asked.repeats; i++) {
            toBeAnswered.add(asked);
        }
    }

    /** The tool; empty for the gateway itself. */
    private String lane(Arrival arrival) {
        return Objects.requireNonNullElse(topics.commandTopic(arrival.topic).tool(), "");
    }

    private void begin(Asked asked) {
        doing.execute(() -> {
            try {
                events.add(new Done(asked, handle(asked.arrival)));
            } catch (InterruptedException e) {
                // closed
            }
        });
    }

    /** On a thread for this command. */
    private CommandAnswer handle(Arrival arrival) throws InterruptedException {
        CommandAnswer late = late(arrival);
        if (late != null) {
            return late;
        }
        try {
            Topics.CommandTopic asked = topics.commandTopic(arrival.topic);
            return handler.handle(asked.tool(), asked.name(), arrival.payload);
        } catch (RuntimeException | Error e) {
            LOG.error("command {}: unexpected", arrival.topic, e);
            return CommandAnswer.refused("command: want it done, got an unexpected failure; see the gateway's log");
        }
    }

    /** Null while it may still begin. */
    private static @Nullable CommandAnswer late(Arrival arrival) {
        long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - arrival.atNanos);
        long validMs = validMs(arrival.properties.getMessageExpiryInterval());
        return waitedMs <= validMs
                ? null
                : CommandAnswer.refused(
                        "command: want its turn within %d ms, got none after %d ms".formatted(validMs, waitedMs));
    }

    private static long validMs(@Nullable Long expiryS) {
        return expiryS == null
                ? LONGEST_VALID.toMillis()
                : Math.min(LONGEST_VALID.toMillis(), TimeUnit.SECONDS.toMillis(expiryS));
    }

    private static void answer(Asked asked, MqttConnection broker) throws SinkException, InterruptedException {
        Arrival arrival = asked.arrival;
        CommandAnswer answer = Objects.requireNonNull(asked.answer);
        if (!answer.ok()) {
            LOG.info("command {} refused: {}", arrival.topic, answer.error());
        }
        String responseTopic = arrival.properties.getResponseTopic();
        if (responseTopic == null) {
            return;
        }
        Message message = new Message(
                responseTopic,
                Json.bytes(answer),
                1,
                false,
                (int) LONGEST_VALID.toSeconds(),
                arrival.properties.getCorrelationData());
        if (broker.fits(message)) {
            broker.publish(message, refusal -> notHeard(arrival, refusal));
        } else {
            notHeard(arrival, broker.tooLarge(message));
        }
    }

    private static void notHeard(Arrival arrival, @Nullable Refusal refusal) {
        if (refusal != null) {
            LOG.warn("command {} was answered, but {}", arrival.topic, refusal.words());
        }
    }

    /** What is being done, and what waits for it, has 5 s to end and be answered. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
        doing.shutdownNow();
    }
}

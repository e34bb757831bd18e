package io.lightstroke.gateway.sink;

import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands in over MQTT, answers out: one after the other, on a thread of its own. What is retained is refused and
 * cleared; what has waited longer than it is valid is refused; a repeat with the same correlation data is answered again and not done again. What comes
 * while the connection is lost is not known to it.
 */
public final class CommandListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandListener.class);
    private static final Duration LONGEST_VALID = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final int MAX_WAITING = 64;
    /** Answers that are kept for repeats. */
    private static final int KEPT_ANSWERS = 256;

    private static final long LONGEST_PAUSE_MS = 2_000;
    private static final long LOOK_MS = 200;

    /** Does what is asked, or says why not. */
    @FunctionalInterface
    public interface Handler {
        /** @param name of the command */
        CommandAnswer handle(String tool, String name, byte[] payload) throws InterruptedException;
    }

    private record Arrival(String topic, MqttMessage message, long atNanos) {}

    private final MqttServer server;
    private final Topics topics;
    private final Handler handler;
    private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Backoff backoff = new Backoff(LONGEST_PAUSE_MS, ThreadLocalRandom.current());
    private final Map<String, CommandAnswer> answers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CommandAnswer> eldest) {
            return size() > KEPT_ANSWERS;
        }
    };
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean listening;

    /** Connects by itself, for ever. */
    public CommandListener(MqttServer server, Topics topics, Handler handler) {
        this.server = server;
        this.topics = topics;
        this.handler = handler;
        thread = new Thread(this::run, "mqtt-commands");
        thread.setDaemon(true);
        thread.start();
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
                } catch (SinkException | RuntimeException e) {
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
        MqttConnection broker = MqttConnection.open(server, client, null);
        try {
            broker.subscribe(topics.commands(), this::came);
            listening = true;
            backoff.reset();
            while (!closing) {
                Arrival next = arrivals.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    take(next, broker);
                } else if (!broker.connected()) {
                    throw new SinkException(server + ": the connection was lost", null);
                }
            }
            broker.close();
        } finally {
            broker.abandon();
        }
    }

    /** On Paho's thread. */
    private void came(String topic, MqttMessage message) {
        if (!arrivals.offer(new Arrival(topic, message, System.nanoTime()))) {
            LOG.warn("command {} dropped: want at most {} that wait, got one more", topic, MAX_WAITING);
        }
    }

    private void take(Arrival arrival, MqttConnection broker) throws SinkException, InterruptedException {
        if (arrival.message.isRetained()) {
            if (arrival.message.getPayload().length == 0) {
                return; // a clearing, perhaps our own
            }
            // At QoS 0: where the broker forbids it, the connection is not given up for it.
            broker.publish(new MqttConnection.Message(arrival.topic, new byte[0], 0, true, 0));
        }
        String responseTopic = arrival.message.getProperties().getResponseTopic();
        if (responseTopic != null && !topics.mayAnswerTo(responseTopic)) {
            LOG.warn(
                    "command {} refused: response topic: want one outside of {} or below {}/answer, got {}",
                    arrival.topic,
                    Topics.PREFIX,
                    topics.root(),
                    responseTopic);
            return;
        }
        byte[] correlation = arrival.message.getProperties().getCorrelationData();
        CommandAnswer answer;
        if (correlation == null) {
            answer = answer(arrival);
        } else {
            String repeat =
                    arrival.topic + " " + responseTopic + " " + HexFormat.of().formatHex(correlation);
            CommandAnswer before = answers.get(repeat);
            answer = before == null ? answer(arrival) : before;
            answers.put(repeat, answer);
        }
        if (!answer.ok()) {
            LOG.info("command {} refused: {}", arrival.topic, answer.error());
        }
        if (responseTopic != null) {
            broker.publish(new MqttConnection.Message(
                    responseTopic, Json.bytes(answer), 1, false, (int) LONGEST_VALID.toSeconds(), correlation));
        }
    }

    private CommandAnswer answer(Arrival arrival) throws InterruptedException {
        if (arrival.message.isRetained()) {
            return CommandAnswer.refused("command: want one that is not retained, got a retained one");
        }
        long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - arrival.atNanos);
        long validMs = validMs(arrival.message.getProperties().getMessageExpiryInterval());
        if (waitedMs > validMs) {
            return CommandAnswer.refused(
                    "command: want it done within %d ms, got its turn after %d ms".formatted(validMs, waitedMs));
        }
        Topics.CommandTopic to = topics.commandTopic(arrival.topic);
        try {
            return handler.handle(to.tool(), to.name(), arrival.message.getPayload());
        } catch (RuntimeException e) {
            LOG.error("command {}: unexpected", arrival.topic, e);
            return CommandAnswer.refused("command: want it done, got an unexpected failure; see the gateway's log");
        }
    }

    private static long validMs(@Nullable Long expiryS) {
        return expiryS == null
                ? LONGEST_VALID.toMillis()
                : Math.min(LONGEST_VALID.toMillis(), TimeUnit.SECONDS.toMillis(expiryS));
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}

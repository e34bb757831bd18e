package io.lightstroke.dashboard.web;

import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.StrokeMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.MessageContract;
import io.lightstroke.testing.MessageWitness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * Says over MQTT what a gateway with some tools says: 20 frames of 5 samples a second for each tool that streams. What it
 * says of its own accord must be as {@code asyncapi.yaml} says, else {@link #close} fails.
 */
final class Feeder implements AutoCloseable {
    static final PressureLimits CALF = new PressureLimits("test-1", 300, 650, 900, 1400);
    static final Topics TOPICS = new Topics("clinic", "pi-1");

    static final long RUN = 7;

    private static final int FRAME_SAMPLES = 5;
    private static final int PERIOD_US = 10_000;

    private final MqttClient client;
    private final MessageWitness witness = new MessageWitness();
    private final List<Tool> tools = new ArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "feeder"));

    Feeder(int port) throws MqttException {
        client = new MqttClient("tcp://127.0.0.1:" + port, "feeder-" + System.nanoTime(), new MemoryPersistence());
        connect();
        thread.scheduleAtFixedRate(this::frames, 0, 50, TimeUnit.MILLISECONDS);
    }

    void connect() throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setMaxReconnectDelay(1000);
        client.connect(options);
    }

    void gateway(GatewayStatus.State state) throws MqttException {
        say(
                TOPICS.status(),
                1,
                true,
                null,
                Json.bytes(new GatewayStatus(
                        state, RUN, state == GatewayStatus.State.LOST ? null : Instant.now(), "test")));
    }

    /** A tool that has said what it is, and is in that state. */
    Tool tool(String slug, String name, ToolStatus.Link link) throws MqttException {
        Tool tool = new Tool(slug);
        tool.info(name);
        tool.status(link, 82);
        synchronized (tools) {
            tools.add(tool);
        }
        return tool;
    }

    private void say(String topic, int qos, boolean retained, @Nullable Long expiryS, byte[] payload)
            throws MqttException {
        MqttProperties properties = new MqttProperties();
        properties.setContentType("application/json");
        properties.setMessageExpiryInterval(expiryS);
        client.publish(topic, new MqttMessage(payload, qos, retained, properties));
        witness.saw(new MessageContract.Message(topic, payload, qos, retained, "application/json", expiryS));
    }

    /** Whatever the test wants. */
    void publish(String topic, byte[] payload) throws MqttException {
        client.publish(topic, payload, 1, false);
    }

    /** As {@link #publish}. */
    void retained(String topic, byte[] payload) throws MqttException {
        client.publish(topic, payload, 1, true);
    }

    private void frames() {
        synchronized (tools) {
            tools.forEach(Tool::tick);
        }
    }

    @Override
    public void close() throws MqttException, InterruptedException {
        thread.shutdownNow();
        thread.awaitTermination(5, TimeUnit.SECONDS);
        client.disconnectForcibly(0, 500);
        client.close(true);
        witness.close();
    }

    /** One tool; {@link #press} starts its stream. */
    final class Tool {
        private record Waiting(Instant due, byte[] frame) {}

        private final String slug;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private @Nullable DoubleUnaryOperator forceN;
        private Duration late = Duration.ZERO;
        private @Nullable String zoneWord;
        private int moreOnTool;
        private long boot = System.nanoTime() & 0xFFFF_FFFFL;
        private long startUs;
        private long next;
        private long strokes;
        private long strokeStart = -1;
        private double last;
        private double peakN;
        private final Deque<Double> endedPeaksN = new ArrayDeque<>();

        /** Its card's id on the page ends so. */
        String path() {
            return (TOPICS.site() + "/" + TOPICS.gateway() + "/tool/" + slug).replace('/', '-');
        }

        private Tool(String slug) {
            this.slug = slug;
        }

        void info(String name) throws MqttException {
            ToolInfoMessage.Limits limits = new ToolInfoMessage.Limits(CALF.version(), 3.0, 6.5, 9.0, 14.0);
            say(
                    TOPICS.toolInfo(slug),
                    1,
                    true,
                    null,
                    Json.bytes(new ToolInfoMessage(
                            1,
                            "00:11:22:33:44:55",
                            name,
                            "simulated",
                            "open",
                            "Lightstroke",
                            "T1",
                            "1",
                            "1.0.0",
                            List.of(),
                            100,
                            1,
                            boot,
                            limits,
                            new ToolInfoMessage.Limits(null, 3.0, 6.5, 9.0, 14.0))));
        }

        void status(ToolStatus.Link link, @Nullable Integer batteryPercent, String... alerts) throws MqttException {
            say(TOPICS.toolStatus(slug), 1, true, null, statusBytes(link, batteryPercent, alerts));
        }

        /** As it is published; with alerts that no gateway knows, too. */
        byte[] statusBytes(ToolStatus.Link link, @Nullable Integer batteryPercent, String... alerts) {
            Accounting nothing = new Accounting(
                    new Accounting.Frames(0, 0, 0, 0, 0), new Accounting.Samples(0, 0, 0, 0, 0, 0), List.of());
            return Json.bytes(new ToolStatus(
                    1, Instant.now(), link, false, List.of(alerts), batteryPercent, null, null, Map.of(), nothing));
        }

        /** From now on, at seconds since the first press. */
        void press(DoubleUnaryOperator forceN) {
            press(forceN, Duration.ZERO);
        }

        void press(double forceN) {
            press(timeS -> forceN);
        }

        /** @param past so much of it is sent at once, as by a network that held it back and now flows again */
        synchronized void press(DoubleUnaryOperator forceN, Duration past) {
            if (this.forceN == null) {
                startUs = nowUs() - past.toNanos() / 1000 - next * PERIOD_US;
            }
            this.forceN = forceN;
        }

        synchronized void stop() {
            forceN = null;
        }

        /** Frames leave so much later than their samples were taken, as on a network that stalls. */
        synchronized void late(Duration late) {
            this.late = late;
        }

        synchronized void toolCountsMore(int strokes) {
            moreOnTool = strokes;
        }

        /** In place of the zone's own word, also one that no gateway says. */
        synchronized void sayZone(@Nullable String word) {
            zoneWord = word;
        }

        private synchronized void tick() {
            DoubleUnaryOperator force = forceN;
            while (force != null && startUs + (next + FRAME_SAMPLES) * PERIOD_US <= nowUs()) {
                waiting.add(new Waiting(Instant.now().plus(late), Json.bytes(frame(force))));
            }
            try {
                while (!endedPeaksN.isEmpty()) {
                    say(TOPICS.stroke(slug), 1, false, null, stroke(slug, endedPeaksN.remove()));
                }
            } catch (MqttException e) {
                return; // the broker is away: the test needs no stroke of that time
            }
            while (!waiting.isEmpty() && !waiting.peek().due().isAfter(Instant.now())) {
                try {
                    byte[] frame = waiting.remove().frame();
                    if (zoneWord == null) {
                        say(TOPICS.live(slug), 0, false, 2L, frame);
                    } else {
                        client.publish(TOPICS.live(slug), frame, 0, false);
                    }
                } catch (MqttException e) {
                    return; // the broker is away: live frames are not kept
                }
            }
        }

        private LiveFrame frame(DoubleUnaryOperator force) {
            Double[] forces = new Double[FRAME_SAMPLES];
            long first = next;
            for (int i = 0; i < FRAME_SAMPLES; i++, next++) {
                double now = force.applyAsDouble(next * PERIOD_US / 1e6);
                if (last < 0.5 && now >= 0.5) {
                    strokeStart = next;
                } else if (last >= 0.3 && now < 0.3) {
                    strokes++;
                    strokeStart = -1;
                    endedPeaksN.add(peakN);
                }
                peakN = now < 0.3 ? 0 : Math.max(peakN, now);
                last = now;
                forces[i] = Math.round(now * 100) / 100.0;
            }
            Zone zone = Zone.of(last * 100, CALF);
            return new LiveFrame(
                    1,
                    boot,
                    first,
                    Json.instantOfUs(startUs + first * PERIOD_US),
                    PERIOD_US,
                    forces,
                    last,
                    zoneWord != null ? zoneWord : zone.word(),
                    zone.ordinal() >= Zone.TOO_DEEP.ordinal() ? zone.word() : null,
                    strokes,
                    strokes + moreOnTool,
                    strokes < 2 ? null : 42.0,
                    strokeStart < 0 ? null : (next - strokeStart) * PERIOD_US / 1e6);
        }

        private static long nowUs() {
            return Duration.between(Instant.EPOCH, Instant.now()).toNanos() / 1000;
        }
    }

    /** Strokes of 0.9 s with 0.4 s between them, with a little tremor. */
    static DoubleUnaryOperator strokes(double peakN, double phaseS) {
        return timeS -> {
            double at = (timeS + phaseS) % 1.3;
            double shape = at > 0.9 ? 0 : Math.pow(Math.sin(Math.PI * at / 0.9), 0.6);
            return shape * (peakN + 0.3 * Math.sin(timeS * 61)) + 0.04 * Math.sin(timeS * 173);
        };
    }

    private static byte[] stroke(String tool, double peakN) {
        return Json.bytes(new StrokeMessage(
                1,
                tool + "-00000001-100",
                1,
                true,
                null,
                null,
                null,
                null,
                "treat",
                1,
                100,
                190,
                Instant.now(),
                0.9,
                peakN,
                3.1,
                2.8,
                0.2,
                Map.of("none", 0.0, "light", 0.9, "moderate", 0.0, "firm", 0.0, "too-deep", 0.0, "ceiling", 0.0),
                0,
                false,
                false,
                false,
                0,
                null,
                null,
                CALF.version(),
                1));
    }
}

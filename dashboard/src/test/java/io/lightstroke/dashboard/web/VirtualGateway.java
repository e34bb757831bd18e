package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.bench.Journaled;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.Orders;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.testing.MessageContract;
import io.lightstroke.testing.MessageWitness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway says of sessions, at the time it is given: commands are read, and their limits computed, by the gateway's own
 * code. Nobody presses on anything, but where a journal is given. All that it says is as {@code asyncapi.yaml} says, else {@link #close} fails.
 */
final class VirtualGateway implements AutoCloseable {
    static final Topics TOPICS = new Topics("clinic", "pi-1");

    private final MqttClient client;
    private final InstantSource clock;
    private final @Nullable Journal journal;
    private final Map<String, String> scenarios;
    private int seed;
    private final MessageWitness witness = new MessageWitness();
    private final Orders orders = new Orders(Guideline.builtIn(), new Random(7));
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "virtual-gateway"));
    private final Map<String, Held> running = new ConcurrentHashMap<>();

    /** One that runs. */
    private record Held(Order.Start start, Instant started, List<Area> areas) {}

    private record Area(String region, String side, ToolInfoMessage.Limits limits) {}

    VirtualGateway(int port, InstantSource clock) throws MqttException {
        this(port, clock, null, Map.of());
    }

    /**
     * @param journal into which somebody presses as long as a session lasts; null: nobody does
     * @param scenarios how, by tool
     */
    VirtualGateway(int port, InstantSource clock, @Nullable Journal journal, Map<String, String> scenarios)
            throws MqttException {
        this.clock = clock;
        this.journal = journal;
        this.scenarios = scenarios;
        client = new MqttClient("tcp://127.0.0.1:" + port, "virtual-gateway", new MemoryPersistence());
        client.setCallback(new Commands());
        client.connect();
        client.subscribe(TOPICS.commands(), 1);
    }

    private final class Commands implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            thread.execute(() -> command(topic, message)); // the client's own may not wait for what it publishes
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String uri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }

    private void command(String topic, MqttMessage message) {
        try {
            Topics.CommandTopic command = TOPICS.commandTopic(topic);
            CommandAnswer answer = answer(command.tool(), command.name(), message.getPayload());
            MqttProperties properties = new MqttProperties();
            properties.setContentType("application/json");
            properties.setCorrelationData(message.getProperties().getCorrelationData());
            client.publish(
                    message.getProperties().getResponseTopic(),
                    new MqttMessage(Json.bytes(answer), 1, false, properties));
        } catch (MqttException e) {
            throw new IllegalStateException(e);
        }
    }

    private CommandAnswer answer(String tool, String name, byte[] payload) throws MqttException {
        try {
            Command command = Command.read(name, payload);
            if (command instanceof Command.SessionStart start) {
                Order.Start order = orders.start(start, List.of(tool), clock.instant());
                List<Area> areas = new ArrayList<>();
                areas.add(new Area(start.region(), start.side(), newtons(order.limits())));
                running.put(tool, new Held(order, clock.instant(), areas));
                state(tool);
                return CommandAnswer.done(order.session(), newtons(order.limits()));
            }
            Held held = running.get(tool);
            if (command instanceof Command.Area to) {
                held.areas()
                        .add(new Area(
                                to.region(),
                                to.side(),
                                newtons(Guideline.builtIn()
                                        .limits(
                                                to.region(),
                                                held.start().profile(),
                                                held.start().override(),
                                                held.start().bruises()))));
                state(tool);
                return CommandAnswer.done(
                        held.start().session(),
                        held.areas().get(held.areas().size() - 1).limits());
            } else if (command instanceof Command.SessionEnd end) {
                running.remove(tool);
                say(TOPICS.sessionState(tool), true, new byte[0]);
                say(
                        TOPICS.finding(tool, "session"),
                        false,
                        journal == null || !clock.instant().isAfter(held.started())
                                ? summary(held, tool, end.painAfter())
                                : journaled(journal, held, tool, end.painAfter()));
                return CommandAnswer.done(held.start().session(), null);
            }
            throw new IllegalArgumentException("not in this test: " + name);
        } catch (InvalidDocumentException | IllegalArgumentException e) {
            return CommandAnswer.refused(e.getMessage());
        }
    }

    private static ToolInfoMessage.Limits newtons(PressureLimits limits) {
        return new ToolInfoMessage.Limits(
                limits.version(),
                limits.lightCn() / 100.0,
                limits.moderateCn() / 100.0,
                limits.tooDeepCn() / 100.0,
                limits.ceilingCn() / 100.0);
    }

    private void state(String tool) throws MqttException {
        Held held = running.get(tool);
        Area now = held.areas().get(held.areas().size() - 1);
        say(
                TOPICS.sessionState(tool),
                true,
                Json.bytes(new SessionStateMessage(
                        1,
                        held.start().session(),
                        List.of(tool),
                        held.start().person(),
                        held.started(),
                        clock.instant(),
                        now.region(),
                        now.side(),
                        "treat",
                        false,
                        held.start().unplanned(),
                        now.limits(),
                        "lightstroke-1",
                        0,
                        0,
                        0,
                        null,
                        15,
                        900,
                        List.of(),
                        held.areas().stream()
                                .map(area -> new SessionStateMessage.Area(area.region(), area.side(), 0, 180, false))
                                .toList())));
    }

    /** At 20 Hz, which is enough to see on paper. */
    private byte[] journaled(Journal journal, Held held, String tool, Integer painAfter) {
        Recording recording = Recording.of(
                Scenario.builtIn(scenarios.get(tool)),
                seed++,
                1,
                20,
                Duration.between(held.started(), clock.instant()));
        BootClock time = BootClock.ofOffset(
                Json.usOf(held.started()) - recording.sampled().timeUs());
        List<List<JournalEntry>> frames = Journaled.frames(tool, recording, time, held.start(), painAfter);
        frames.forEach(journal::append);
        assertTrue(journal.flush(Duration.ofMinutes(1)));
        List<JournalEntry> end = frames.get(frames.size() - 1);
        JournalEntry.Finding summary = (JournalEntry.Finding) end.get(end.size() - 1);
        assertEquals("session", summary.kind());
        return summary.json().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] summary(Held held, String tool, Integer painAfter) {
        SessionMessage.Figures figures = new SessionMessage.Figures(40, 0, 60, 30.0, 4.0, 15.0, 160, 92.0, 0, 0, null);
        return Json.bytes(new SessionMessage(
                1,
                held.start().session(),
                1,
                List.of(tool),
                held.start().person(),
                held.started(),
                clock.instant(),
                "command",
                held.start().unplanned(),
                held.start().profile(),
                held.start().override(),
                held.start().bruises(),
                Duration.between(held.started(), clock.instant()).toSeconds(),
                120,
                900,
                false,
                0,
                figures,
                0.0,
                4,
                painAfter,
                true,
                true,
                100.0,
                0,
                null,
                null,
                null,
                40,
                "lightstroke-1",
                Guideline.builtIn().fingerprint(),
                2,
                held.areas().stream()
                        .map(area -> new SessionMessage.Area(
                                area.region(),
                                area.side(),
                                held.started(),
                                area.limits(),
                                120,
                                180,
                                false,
                                figures,
                                List.of()))
                        .toList()));
    }

    private void say(String topic, boolean retained, byte[] payload) throws MqttException {
        MqttProperties properties = new MqttProperties();
        properties.setContentType("application/json");
        client.publish(topic, new MqttMessage(payload, 1, retained, properties));
        witness.saw(new MessageContract.Message(topic, payload, 1, retained, "application/json", null));
    }

    @Override
    public void close() throws MqttException {
        thread.shutdown();
        client.disconnectForcibly(0, 500);
        client.close(true);
        witness.close();
    }
}

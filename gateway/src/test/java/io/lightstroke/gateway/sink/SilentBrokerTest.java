package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection that is open, but on which nothing comes any more, is given up for another. */
@Needs(Program.MOSQUITTO)
class SilentBrokerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String ROOT = "lightstroke/v1/home/room/";
    /** Long enough for a loaded machine, and by far shorter than the keep-alive: only the acknowledgement is missed. */
    private static final Patience FOR_ACKNOWLEDGEMENT = new Patience(Duration.ofSeconds(2), 600);

    private static final Patience FOR_KEEP_ALIVE = new Patience(Duration.ofSeconds(600), 1);

    @TempDir
    Path folder;

    private Program.Running broker;
    private SilentProxy proxy;
    private MqttSubscriber subscriber;

    @BeforeEach
    void start() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true");
        broker = mosquitto.start();
        proxy = new SilentProxy(mosquitto.url());
        subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
    }

    @AfterEach
    void stop() throws Exception {
        subscriber.close();
        proxy.close();
        broker.close();
    }

    @Test
    void samplesAreAcknowledgedOverAnotherConnection() throws Exception {
        try (Journal journal = Journal.open(folder.resolve("data"));
                Pump pump = new Pump(journal, new MqttSink(server(), TOPICS, FOR_ACKNOWLEDGEMENT))) {
            journal.append(Entries.session("left", 0));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));

            proxy.silence();
            journal.append(Entries.session("left", 1));
            assertTrue(journal.flush(LIMIT));
            await().atMost(LIMIT).until(() -> pump.problem().orElse("").contains("did not acknowledge within 2000 ms"));
            assertTrue(pump.drain(LIMIT), () -> "not drained: " + pump.problem());
            assertEquals(new SinkAccount(50, 50, 0, 0, 0), journal.account("mqtt"));
            assertEquals(2, proxy.connections());
        }
    }

    @Test
    void theRetainedStateIsPublishedOverAnotherConnection() throws Exception {
        try (LivePublisher publisher = new LivePublisher(server(), TOPICS, "1.2.3", null, FOR_ACKNOWLEDGEMENT)) {
            publisher.ready();
            await().atMost(LIMIT)
                    .until(() -> subscriber.received(ROOT + "status").stream()
                            .anyMatch(each -> each.text().contains("ready")));

            proxy.silence();
            publisher.status("left", status());
            await().atMost(LIMIT)
                    .until(() -> !subscriber.received(ROOT + "tool/left/status").isEmpty());
            assertEquals(2, proxy.connections());
        }
    }

    @Test
    void commandsAreHeardOverAnotherConnection() throws Exception {
        try (CommandListener listener = new CommandListener(
                        server(), TOPICS, (tool, name, payload) -> CommandAnswer.done(null, null), FOR_KEEP_ALIVE);
                MqttCommander commander = new MqttCommander(proxy.url(), null, null, "answers/eva")) {
            await().atMost(LIMIT).until(listener::listening);
            int before = proxy.connections();
            proxy.silence();
            await().atMost(LIMIT).until(() -> proxy.connections() > before && listener.listening());
            try (MqttCommander another = new MqttCommander(proxy.url(), null, null, "answers/eva")) {
                assertTrue(another.ask(TOPICS.command("left", "tare"), "{}")
                        .get("ok")
                        .booleanValue());
            }
        }
    }

    /** What it sends throws an exception in the client's receiving thread, which ends it. */
    @Test
    void aClientThatHasDiedInsideIsReplacedByAnother() throws Exception {
        try (BrokenBroker broken = new BrokenBroker();
                Journal journal = Journal.open(folder.resolve("data"));
                Pump pump =
                        new Pump(journal, new MqttSink(new MqttServer(broken.url()), TOPICS, FOR_ACKNOWLEDGEMENT))) {
            journal.append(Entries.session("left", 0));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
            assertEquals(2, broken.connections());
            assertEquals(new SinkAccount(25, 25, 0, 0, 0), journal.account("mqtt"));
        }
    }

    private MqttServer server() {
        return new MqttServer(proxy.url());
    }

    private static ToolStatus status() {
        Accounting none = new Accounting(
                new Accounting.Frames(0, 0, 0, 0, 0), new Accounting.Samples(0, 0, 0, 0, 0, 0), List.of());
        return new ToolStatus(
                1, Instant.EPOCH, ToolStatus.Link.STREAMING, false, List.of(), 80, 5L, null, Map.of(), none);
    }
}

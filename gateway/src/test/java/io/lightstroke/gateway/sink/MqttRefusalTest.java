package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker does not take is set aside when it never will, and waits when somebody can mend it. */
@Needs(Program.MOSQUITTO)
class MqttRefusalTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String SAMPLES = "lightstroke/v1/home/room/tool/left/samples";
    private static final String STROKE = "lightstroke/v1/home/room/tool/left/stroke";

    @TempDir
    Path folder;

    /** A row of 25 samples takes less than 700 bytes, four together more than 1000. */
    @Test
    void whatIsLargerThanTheBrokerSaysIsSplitOrSetAsideBeforehand() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true", "max_packet_size 1000");
        List<Numbered> entries = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            entries.add(new Numbered(10 + i, Entries.row("left", i)));
        }
        entries.add(new Numbered(18, finding("x".repeat(2000))));
        entries.add(new Numbered(19, finding("short")));
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = MqttSubscriber.ofAnything(mosquitto.url(), null, null, "#");
                MqttSink sink = new MqttSink(mosquitto.server(), TOPICS)) {
            List<SetAside> setAside = sink.deliver(entries).setAside();
            assertEquals(1, setAside.size());
            assertEquals(18, setAside.get(0).seq());
            assertEquals(0, setAside.get(0).samples());
            assertTrue(
                    setAside.get(0).reason().contains("want a packet of at most 1000 bytes, got up to "),
                    setAside.get(0).reason());
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 9);
            for (int i = 0; i < 8; i++) {
                JsonNode batch =
                        Json.MAPPER.readTree(subscriber.received(SAMPLES).get(i).text());
                assertEquals(25 * i, batch.get("first").intValue());
                assertEquals(25 * i + 24, batch.get("last").intValue());
            }
            assertEquals(
                    List.of("short"),
                    subscriber.received(STROKE).stream().map(Received::text).toList());
            // The connection has lived through it.
            assertEquals(Delivery.COMPLETE, sink.deliver(List.of(entries.get(9))));
        }
    }

    /** Of this limit mosquitto says nothing beforehand, and its answer costs the connection. */
    @Test
    void whatTheBrokerEndsTheConnectionForIsFoundAndSplitOrSetAside() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true", "message_size_limit 900");
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = MqttSubscriber.ofAnything(mosquitto.url(), null, null, "#");
                Journal journal = Journal.open(folder.resolve("data"))) {
            journal.enable("mqtt");
            for (int i = 0; i < 8; i++) {
                journal.append(List.<JournalEntry>of(Entries.row("left", i)));
            }
            journal.append(List.of(finding("x".repeat(2000)), finding("short")));
            assertTrue(journal.flush(LIMIT));
            try (Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
                assertTrue(pump.drain(LIMIT), () -> "not drained: " + pump.problem());
                assertEquals(new SinkAccount(200, 200, 0, 0, 0), journal.account("mqtt"));
            }
            assertTrue(subscriber.received(STROKE).stream()
                    .anyMatch(each -> each.text().equals("short")));
            assertTrue(
                    subscriber.received().stream().noneMatch(each -> each.text().startsWith("xxx")));
            BitSet indices = new BitSet();
            for (Received each : subscriber.received(SAMPLES)) {
                JsonNode batch = Json.MAPPER.readTree(each.text());
                indices.set(batch.get("first").intValue(), batch.get("last").intValue() + 1);
            }
            assertEquals(200, indices.cardinality());
        }
    }

    @Test
    void aRowThatIsTooLargeIsSetAsideWithItsSamplesAndTheAccountHolds() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true", "max_packet_size 400");
        try (Program.Running broker = mosquitto.start();
                Journal journal = Journal.open(folder.resolve("data"));
                Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            for (int i = 0; i < 5; i++) {
                journal.append(List.<JournalEntry>of(Entries.row("left", i)));
            }
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
            assertEquals(new SinkAccount(125, 0, 0, 125, 0), journal.account("mqtt"));
        }
    }

    @Test
    void whatIsNotAuthorisedWaitsUntilItIs() throws Exception {
        Path acl = folder.resolve("acl");
        Files.writeString(acl, "topic read lightstroke/#\ntopic write lightstroke/v1/home/room/tool/left/stroke\n");
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true", "acl_file " + acl);
        try (Program.Running broker = mosquitto.start();
                MqttSink sink = new MqttSink(mosquitto.server(), TOPICS)) {
            SinkException e = assertThrows(
                    SinkException.class, () -> sink.deliver(List.of(new Numbered(1, Entries.row("left", 0)))));
            assertTrue(e.getMessage().contains("refuses " + SAMPLES + ": not authorised"), e.getMessage());
            Files.writeString(acl, "topic readwrite lightstroke/#\n");
            reload(broker);
            await().atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> sink.deliver(List.of(new Numbered(1, Entries.row("left", 0))))
                            .equals(Delivery.COMPLETE));
        }
    }

    @Test
    void aRefusedStatusIsAProblemUntilItIsAccepted() throws Exception {
        Path acl = folder.resolve("acl");
        Files.writeString(acl, "topic read lightstroke/#\n");
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true", "acl_file " + acl);
        try (Program.Running broker = mosquitto.start();
                LivePublisher publisher = new LivePublisher(mosquitto.server(), TOPICS, "1.2.3")) {
            await().atMost(LIMIT)
                    .until(() -> publisher
                            .problem()
                            .orElse("")
                            .contains("refuses lightstroke/v1/home/room/status: not authorised"));
            Files.writeString(acl, "topic readwrite lightstroke/#\n");
            reload(broker);
            await().atMost(LIMIT).until(() -> {
                publisher.ready();
                return publisher.problem().equals(Optional.empty());
            });
        }
    }

    private static void reload(Program.Running broker) throws Exception {
        Process hangUp = new ProcessBuilder(
                        "kill", "-HUP", String.valueOf(broker.process().pid()))
                .start();
        assertEquals(0, hangUp.waitFor());
    }

    private static Finding finding(String text) {
        return new Finding("left", "stroke", Entries.BOOT, 7, Entries.UTC, text);
    }
}

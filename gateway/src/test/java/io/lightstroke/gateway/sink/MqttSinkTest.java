package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.SampleBatch;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.MOSQUITTO)
class MqttSinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String SAMPLES = "lightstroke/v1/home/room/tool/left/samples";
    private static final String STROKE = "lightstroke/v1/home/room/tool/left/stroke";

    @TempDir
    Path folder;

    private Journal journal;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder.resolve("data"));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void samplesAndFindingsComeAsTheProtocolSays() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true");
        journal.enable("mqtt");
        for (int i = 0; i < 8; i++) {
            journal.append(List.of(Entries.row("left", i)));
        }
        journal.append(List.of(Entries.stroke("left", 0), Entries.boot("left")));
        assertTrue(journal.flush(LIMIT), "all is there before the pump begins, so the batches are as large as can be");
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
                Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            assertTrue(pump.drain(LIMIT));
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 3);

            assertEquals(
                    new Received(STROKE, Entries.stroke("left", 0).json(), 1, false, "application/json", null),
                    subscriber.received(STROKE).get(0));
            List<Received> samples = subscriber.received(SAMPLES);
            assertEquals(2, samples.size());
            assertEquals(1, samples.get(0).qos());
            assertEquals("application/json", samples.get(0).contentType());
            JsonNode batch = Json.MAPPER.readTree(samples.get(0).text());
            assertEquals(1, batch.get("v").intValue());
            assertEquals(Entries.BOOT, batch.get("boot").longValue());
            assertEquals(0, batch.get("first").longValue());
            assertEquals(99, batch.get("last").longValue());
            assertEquals("2025-10-09T08:53:20.123456Z", batch.get("time").textValue());
            assertEquals(10_000, batch.get("period_us").intValue());
            assertEquals(4, batch.get("flags").intValue());
            assertEquals(3, batch.get("tool_strokes").longValue());
            assertEquals(100, batch.get("force_N").size());
            assertEquals(-0.02, batch.get("force_N").get(0).doubleValue());
            assertEquals(0.0, batch.get("force_N").get(2).doubleValue());
            assertEquals(0.21, batch.get("force_N").get(23).doubleValue());
            assertTrue(batch.get("force_N").get(24).isNull());
            assertEquals("light", batch.get("zones").get(9).textValue());
            assertEquals("moderate", batch.get("zones").get(10).textValue());
            assertTrue(batch.get("zones").get(24).isNull());
            assertEquals(100, batch.get("zones").size());
        }
    }

    @Test
    void cuesHaveATopicOfTheirOwnAndWhatIsForTheJournalAloneHasNone() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true");
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
                Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            journal.append(Entries.forTheJournalAlone("left"));
            journal.append(Entries.cuesOfOneSample("left"));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 5);
            Received first = subscriber
                    .received("lightstroke/v1/home/room/tool/left/cue")
                    .get(0);
            assertEquals(
                    "{\"v\":1,\"by\":\"gateway\",\"pattern\":\"too-deep\",\"txn\":7,\"boot\":%d,\"index\":15,\"time\":\"2025-10-09T08:53:20.273456Z\"}"
                            .formatted(Entries.BOOT),
                    first.text());
            assertEquals(1, first.qos());
            assertEquals(
                    5,
                    subscriber
                            .received("lightstroke/v1/home/room/tool/left/cue")
                            .size());
        }
    }

    @Test
    void theHandWrittenBatchEqualsTheRecords() throws Exception {
        short[] force = {Short.MAX_VALUE, -32767, Short.MIN_VALUE, 0, -1, 9, 10, 100, -100, 1234};
        byte[] zones = {5, 0, -1, 1, 2, 3, 4, 77, -128, 0};
        Samples samples = new Samples(
                "left",
                0xFFFF_FFFFL,
                0xFFFF_FFF0L,
                5,
                1_760_000_000_000_000L,
                65_535,
                0xFFFF,
                0xFFFF_FFFFL,
                force,
                zones);
        SampleBatch record = new SampleBatch(
                1,
                0xFFFF_FFFFL,
                0xFFFF_FFF0L,
                0xFFFF_FFF9L,
                Instant.parse("2025-10-09T08:53:20Z"),
                65_535,
                0xFFFF,
                0xFFFF_FFFFL,
                new Double[] {327.67, -327.67, null, 0.0, -0.01, 0.09, 0.1, 1.0, -1.0, 12.34},
                new String[] {"ceiling", "none", null, "light", "moderate", "firm", "too-deep", null, null, "none"});
        assertEquals(Json.MAPPER.readTree(Json.bytes(record)), Json.MAPPER.readTree(MqttSink.json(List.of(samples))));
    }

    @Test
    void nothingIsMissingThoughTheBrokerEndsInTheMiddle() throws Exception {
        Mosquitto mosquitto = new Mosquitto(
                folder,
                "allow_anonymous true",
                "persistence true",
                "persistence_location " + folder + "/",
                "max_queued_messages 0");
        try (Program.Running broker = mosquitto.start()) {
            MqttSubscriber.durable(mosquitto.url(), "witness", "lightstroke/v1/#")
                    .close();
        }
        int rows = 0;
        try (Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            for (int i = 0; i < 3; i++) {
                try (Program.Running broker = mosquitto.start()) {
                    long before = journal.cursor("mqtt");
                    for (int j = 0; j < 1000; j++) {
                        journal.append(Entries.session("left", rows++));
                    }
                    await().atMost(LIMIT).until(() -> journal.cursor("mqtt") > before);
                }
                for (int j = 0; j < 100; j++) {
                    journal.append(Entries.session("left", rows++));
                }
                await().atMost(LIMIT).until(() -> pump.problem().isPresent());
            }
            assertTrue(journal.flush(LIMIT));
            assertTrue(journal.account("mqtt").lawful());
            try (Program.Running broker = mosquitto.start();
                    MqttSubscriber witness = MqttSubscriber.durable(mosquitto.url(), "witness", "lightstroke/v1/#")) {
                assertTrue(pump.drain(LIMIT));
                assertEquals(new SinkAccount(25L * rows, 25L * rows, 0, 0, 0), journal.account("mqtt"));
                assertEquals(Optional.empty(), pump.problem());

                Set<String> strokes = new HashSet<>();
                for (int i = 0; i < rows; i++) {
                    strokes.add(Entries.stroke("left", i).json());
                }
                await().atMost(LIMIT).untilAsserted(() -> {
                    assertEquals(strokes, texts(witness.received(STROKE)));
                    assertEquals(25L * 3300, samples(witness.received(SAMPLES)).cardinality());
                });
            }
        }
    }

    @Test
    void whatWasAcknowledgedJustBeforeTheBrokerDiedIsSentAgainThoughNothingNewComes() throws Exception {
        Mosquitto mosquitto = new Mosquitto(
                folder, "allow_anonymous true", "persistence true", "persistence_location " + folder + "/");
        try (Program.Running broker = mosquitto.start()) {
            MqttSubscriber.durable(mosquitto.url(), "witness", "lightstroke/v1/#")
                    .close();
        }
        try (Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            try (Program.Running broker = mosquitto.start()) {
                journal.append(Entries.session("left", 0));
                assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
                broker.kill(); // It had the messages for the witness in memory only.
                await().atMost(LIMIT).until(() -> pump.problem().isPresent());
            }
            try (Program.Running broker = mosquitto.start();
                    MqttSubscriber witness = MqttSubscriber.durable(mosquitto.url(), "witness", "lightstroke/v1/#")) {
                await().atMost(LIMIT).until(() -> witness.received().size() == 2);
                await().atMost(LIMIT).until(() -> pump.problem().isEmpty());
                assertEquals(new SinkAccount(25, 25, 0, 0, 0), journal.account("mqtt"));
            }
        }
    }

    private static Set<String> texts(List<Received> messages) {
        return messages.stream().map(Received::text).collect(Collectors.toSet());
    }

    /** The indices of all samples. */
    private static BitSet samples(List<Received> batches) throws IOException {
        BitSet indices = new BitSet();
        for (Received each : batches) {
            JsonNode batch = Json.MAPPER.readTree(each.text());
            indices.set(batch.get("first").intValue(), batch.get("last").intValue() + 1);
        }
        return indices;
    }

    @Test
    void aBrokerThatRefusesIsNamedWithTheReason() throws Exception {
        Path passwords = folder.resolve("passwords");
        Files.writeString(passwords, "");
        Files.writeString(folder.resolve("acl"), "user gateway\ntopic read lightstroke/#\n");
        Mosquitto open = new Mosquitto(folder, "allow_anonymous true", "acl_file " + folder.resolve("acl"));
        List<Numbered> entries = List.of(new Numbered(1, Entries.row("left", 0)));
        try (Program.Running broker = open.start();
                MqttSink sink = new MqttSink(open.server(), TOPICS)) {
            SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
            assertTrue(e.getMessage().contains("refuses " + SAMPLES), e.getMessage());
            assertTrue(e.getMessage().contains("not authorised"), e.getMessage());
        }
        Mosquitto closed = new Mosquitto(folder, "allow_anonymous false", "password_file " + passwords);
        try (Program.Running broker = closed.start();
                MqttSink sink = new MqttSink(new MqttServer(closed.url(), "gateway", "secret", null), TOPICS)) {
            SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
            assertTrue(
                    e.getMessage().contains("not authorised") || e.getMessage().contains("password is wrong"),
                    e.getMessage());
            assertTrue(!e.getMessage().contains("secret"), e.getMessage());
        }
        try (MqttSink sink = new MqttSink(closed.server(), TOPICS)) {
            SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
            assertTrue(e.getMessage().contains(closed.url()), e.getMessage());
            assertTrue(e.getMessage().contains("nothing listens there"), e.getMessage());
        }
        try (MqttSink sink =
                new MqttSink(new MqttServer("tcp://no-such-host.invalid:1883", null, null, null), TOPICS)) {
            SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
            assertTrue(e.getMessage().contains("no such host"), e.getMessage());
        }
    }
}

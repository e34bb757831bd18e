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
import io.lightstroke.messages.SampleBatch;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
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
        try (Program.Running broker = mosquitto.start();
                MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
                Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            for (int i = 0; i < 8; i++) {
                journal.append(List.of(Entries.row("left", i)));
            }
            journal.append(List.of(Entries.stroke("left", 0), Entries.boot("left")));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
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
    void whatIsJournaledWhileTheBrokerIsAwayComesAfterwards() throws Exception {
        Mosquitto mosquitto =
                new Mosquitto(folder, "allow_anonymous true", "persistence false", "max_queued_messages 0");
        int rows = 0;
        List<Received> received = new ArrayList<>();
        try (Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
            for (int outage = 0; outage < 3; outage++) {
                try (Program.Running broker = mosquitto.start();
                        MqttSubscriber subscriber =
                                new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#")) {
                    for (int i = 0; i < 400; i++) {
                        journal.append(Entries.session("left", rows++));
                    }
                    assertTrue(journal.flush(LIMIT));
                    if (outage == 2) {
                        assertTrue(pump.drain(LIMIT));
                        assertTrue(pump.problem().isEmpty());
                    }
                    int want = outage == 2 ? rows : 20;
                    await().atMost(LIMIT)
                            .until(() -> subscriber.received(STROKE).size() > 0
                                    && strokes(received, subscriber.received()).size() >= want);
                    received.addAll(subscriber.received());
                    broker.kill();
                    received.addAll(subscriber
                            .received()
                            .subList(
                                    subscriber.received().size(),
                                    subscriber.received().size()));
                }
                if (outage < 2) {
                    journal.append(Entries.session("left", rows++));
                    await().atMost(LIMIT).until(() -> pump.problem().isPresent());
                }
            }
            assertEquals(new SinkAccount(25L * rows, 25L * rows, 0, 0, 0), journal.account("mqtt"));
            List<Numbered> all = journal.read(0, Integer.MAX_VALUE);
            assertEquals(all.get(all.size() - 1).seq(), journal.cursor("mqtt"));
        }
    }

    private static TreeSet<String> strokes(List<Received> before, List<Received> now) {
        TreeSet<String> ids = new TreeSet<>();
        for (List<Received> some : List.of(before, now)) {
            some.stream().filter(each -> each.topic().equals(STROKE)).forEach(each -> ids.add(each.text()));
        }
        return ids;
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

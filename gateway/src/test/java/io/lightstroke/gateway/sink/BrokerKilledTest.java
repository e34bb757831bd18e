package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker ends twenty times under load, by turns in good order and killed. */
@Needs(Program.MOSQUITTO)
class BrokerKilledTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String TOOL = "lightstroke/v1/home/room/tool/left/";
    private static final int ENDS = 20;

    @TempDir
    Path folder;

    /**
     * It saves within the time for which the gateway sends again, as docs/mqtt.md asks. One subscriber is there when the
     * broker ends, another is not: both have durable sessions.
     */
    @Test
    void everySampleIsSeenAtLeastOnceAndNothingTwiceUnderAnotherName() throws Exception {
        Mosquitto mosquitto = new Mosquitto(
                folder,
                "allow_anonymous true",
                "persistence true",
                "persistence_location " + folder + "/",
                "autosave_interval 1",
                "max_queued_messages 0");
        List<Received> seenByPresent = new ArrayList<>();
        List<Received> seenByAbsent = new ArrayList<>();
        AtomicBoolean loading = new AtomicBoolean(true);
        AtomicInteger rows = new AtomicInteger();
        try (Journal journal = Journal.open(folder.resolve("data"))) {
            journal.enable("mqtt");
            try (Program.Running broker = mosquitto.start()) {
                durable(mosquitto, "present").close();
                durable(mosquitto, "absent").close();
            }
            Thread load = new Thread(
                    () -> {
                        while (loading.get()) {
                            assertTrue(journal.append(Entries.session("left", rows.getAndIncrement())));
                            pause();
                        }
                    },
                    "load");
            load.start();
            try (Pump pump = new Pump(journal, new MqttSink(mosquitto.server(), TOPICS))) {
                for (int i = 0; i < ENDS; i++) {
                    try (Program.Running broker = mosquitto.start();
                            MqttSubscriber present = durable(mosquitto, "present")) {
                        long before = journal.cursor("mqtt");
                        await().atMost(LIMIT).until(() -> journal.cursor("mqtt") > before + 50);
                        if (i % 2 == 1) {
                            broker.kill();
                        } else {
                            broker.close();
                        }
                        seenByPresent.addAll(present.received());
                    }
                }
                loading.set(false);
                load.join();
                assertTrue(journal.flush(LIMIT));
                assertTrue(journal.account("mqtt").lawful());
                try (Program.Running broker = mosquitto.start();
                        MqttSubscriber present = durable(mosquitto, "present");
                        MqttSubscriber absent = durable(mosquitto, "absent")) {
                    assertTrue(pump.drain(LIMIT), () -> "not drained: " + pump.problem());
                    long samples = 25L * rows.get();
                    assertEquals(new SinkAccount(samples, samples, 0, 0, 0), journal.account("mqtt"));
                    assertEquals(journal.lastSeq(), journal.cursor("mqtt"));
                    await().atMost(LIMIT).until(() -> last(present, rows.get()) && last(absent, rows.get()));
                    seenByPresent.addAll(present.received());
                    seenByAbsent.addAll(absent.received());
                }
            }
        }
        assertComplete("present", seenByPresent, rows.get());
        assertComplete("absent", seenByAbsent, rows.get());
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MqttSubscriber durable(Mosquitto mosquitto, String name) throws Exception {
        return MqttSubscriber.durable(mosquitto.url(), name, "lightstroke/v1/#");
    }

    private static boolean last(MqttSubscriber subscriber, int rows) {
        String last = Entries.stroke("left", rows - 1).json();
        return subscriber.received(TOOL + "stroke").stream()
                .anyMatch(each -> each.text().equals(last));
    }

    private static void assertComplete(String who, List<Received> seen, int rows) throws Exception {
        Map<Integer, String> samples = new HashMap<>();
        Set<String> strokes = new HashSet<>();
        int batches = 0;
        for (Received each : seen) {
            JsonNode message = Json.MAPPER.readTree(each.text());
            if (each.topic().equals(TOOL + "stroke")) {
                strokes.add(each.text());
            } else if (each.topic().equals(TOOL + "samples")) {
                batches++;
                assertEquals(Entries.BOOT, message.get("boot").longValue());
                int first = message.get("first").intValue();
                for (int i = 0; i < message.get("force_N").size(); i++) {
                    String sample = message.get("force_N").get(i) + " "
                            + message.get("zones").get(i);
                    String before = samples.putIfAbsent(first + i, sample);
                    assertTrue(before == null || before.equals(sample), who + ": another sample of the same name");
                }
            }
        }
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < rows; i++) {
            expected.add(Entries.stroke("left", i).json());
        }
        System.out.printf("%s: %d rows, %d messages with samples%n", who, rows, batches);
        assertEquals(25 * rows, samples.size(), who);
        assertEquals(expected, strokes, who);
    }
}

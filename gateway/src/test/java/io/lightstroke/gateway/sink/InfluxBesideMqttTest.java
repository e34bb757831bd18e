package io.lightstroke.gateway.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.InfluxContract.Answer;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that answers with everything but what one hopes for, beside a broker that is well. */
@Needs(Program.MOSQUITTO)
class InfluxBesideMqttTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void nothingIsLostABadLineBlocksNothingAndMqttIsNotHeldUp() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true");
        try (InfluxContract contract = new InfluxContract();
                Program.Running broker = mosquitto.start();
                Journal journal = Journal.open(folder.resolve("data"))) {
            InfluxServer server = new InfluxServer.V2(contract.url(), "clinic", "lightstroke", "token", null);
            contract.otherwise = request -> Answer.NEVER;
            try (Pump toInflux = new Pump(journal, new InfluxSink(server, "home", "room", Duration.ofSeconds(5)));
                    Pump toMqtt = new Pump(journal, new MqttSink(mosquitto.server(), new Topics("home", "room")))) {
                for (int i = 0; i < 20; i++) {
                    assertTrue(journal.append(Entries.session("left", i)));
                }
                assertTrue(journal.flush(LIMIT) && toMqtt.drain(LIMIT), () -> "not drained: " + toMqtt.problem());
                assertEquals(new SinkAccount(500, 500, 0, 0, 0), journal.account("mqtt"));
                assertEquals(new SinkAccount(500, 0, 500, 0, 0), journal.account("influx"));

                contract.next(
                        Answer.CUT,
                        Answer.json(503, "{}"),
                        new Answer(429, Map.of("Retry-After", "1"), "{}"),
                        Answer.json(500, "{}"));
                contract.otherwise = request ->
                        InfluxContractTest.version2(request, line -> line.contains("index=60i"), line -> false);
                assertTrue(toInflux.drain(LIMIT), () -> "not drained: " + toInflux.problem());
                assertEquals(new SinkAccount(500, 499, 0, 1, 0), journal.account("influx"));
                assertFalse(toInflux.problem().isPresent());
            }
            TreeSet<Long> expected = LongStream.range(0, 500)
                    .filter(index -> index != 60)
                    .boxed()
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(expected, new TreeSet<>(InfluxContract.indices(contract.written)));
        }
    }
}

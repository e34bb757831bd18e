package io.lightstroke.gateway.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.INFLUXD)
class InfluxSinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Journal journal;
    private Influxd influxd;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder.resolve("data"));
        influxd = new Influxd(folder.resolve("influx"), false);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void aStrokesNumbersWordsAndTruthValuesAreFields() throws Exception {
        try (Program.Running running = influxd.start();
                Pump pump = new Pump(journal, sink())) {
            journal.append(List.of(Entries.stroke("left", 3)));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            JsonNode row = influxd.rows("select id, revision, valid, boot, index, peak_N, time_in_zone_s_light,"
                            + " \"time_in_zone_s_too-deep\", hold, limits_version from stroke")
                    .get(0);
            assertEquals(Entries.UTC + 750_000, row.get(0).longValue());
            assertEquals("left-feed0003-75", row.get(1).textValue());
            assertEquals(1, row.get(2).intValue());
            assertTrue(row.get(3).booleanValue());
            assertEquals(Entries.BOOT, row.get(4).longValue());
            assertEquals(75, row.get(5).longValue());
            assertEquals(5.0, row.get(6).doubleValue());
            assertEquals(0.5, row.get(7).doubleValue());
            assertEquals(0.25, row.get(8).doubleValue());
            assertFalse(row.get(9).booleanValue());
            assertEquals("1", row.get(10).textValue());
        }
    }

    @Test
    void cuesOfOneSampleDoNotOverwriteOneAnother() throws Exception {
        try (Program.Running running = influxd.start();
                Pump pump = new Pump(journal, sink())) {
            for (int twice = 0; twice < 2; twice++) {
                journal.append(Entries.cuesOfOneSample("left"));
                journal.append(Entries.forTheJournalAlone("left"));
            }
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            JsonNode rows = influxd.rows("select \"by\", pattern, txn, index from cue order by time");
            List<String> cues = new ArrayList<>();
            for (JsonNode row : rows) {
                assertEquals(Entries.UTC + 150_000, row.get(0).longValue(), 500);
                assertEquals(15, row.get(4).longValue());
                cues.add(row.get(1).textValue() + " " + row.get(2).textValue() + " "
                        + row.get(3).asText());
            }
            assertEquals(
                    List.of("gateway tick 8", "gateway too-deep 7", "tool null null", "felt too-deep 7", "felt tick 8"),
                    cues);
        }
    }

    @Test
    void linesThatTheDatabaseRefusesAreSetAsideWithItsWordsAndTheOthersGoOn() throws Exception {
        try (Program.Running running = influxd.start()) {
            influxd.execute("create database lightstroke");
            // The field has another type in the shard of the first day; rows of the next day are in another shard.
            influxd.write("force zone=1 " + Entries.UTC);
            long dayRows = 7 * 24 * 3600 * 4L;
            List<Samples> nextWeek =
                    List.of(Entries.row("left", (int) dayRows), Entries.row("left", (int) dayRows + 1));
            try (Pump pump = new Pump(journal, sink())) {
                journal.append(
                        List.of(Entries.row("left", 0), nextWeek.get(0), Entries.stroke("left", 0), nextWeek.get(1)));
                assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
            }
            // 24 of the first row's samples have a zone; the last has none.
            assertEquals(new SinkAccount(75, 51, 0, 24, 0), journal.account("influx"));
            assertEquals(
                    51,
                    influxd.rows("select count(index) from force").get(0).get(1).intValue());
            assertEquals(1, influxd.rows("select * from stroke").size());
        }
        InfluxSink sink = sink();
        try (Program.Running running = influxd.start()) {
            Delivery delivery = sink.deliver(List.of(new Numbered(9, Entries.row("left", 0))));
            assertEquals(1, delivery.setAside().size());
            assertEquals(9, delivery.setAside().get(0).seq());
            assertEquals(24, delivery.setAside().get(0).samples());
            assertTrue(
                    delivery.setAside().get(0).reason().contains("field type conflict"),
                    delivery.setAside().get(0).reason());
        }
    }

    @Test
    void aFindingThatIsNoJsonIsSetAside() throws Exception {
        try (Program.Running running = influxd.start();
                InfluxSink sink = sink()) {
            Delivery delivery = sink.deliver(List.of(new Numbered(4, new Finding("left", "stroke", 1, 2, 3, "{"))));
            assertEquals(4, delivery.setAside().get(0).seq());
            assertEquals(0, delivery.setAside().get(0).samples());
        }
    }

    @Test
    void fieldsHaveTheTypesOfTheProtocol() throws Exception {
        try (Program.Running running = influxd.start();
                InfluxSink sink = sink()) {
            sink.deliver(List.of(new Numbered(1, Entries.row("left", 0))));
            List<String> types = new ArrayList<>();
            influxd.rows("show field keys from force")
                    .forEach(row ->
                            types.add(row.get(0).textValue() + " " + row.get(1).textValue()));
            assertEquals(
                    List.of(
                            "boot integer",
                            "flags integer",
                            "force_N float",
                            "index integer",
                            "strokes integer",
                            "zone string"),
                    types);
            List<String> tags = new ArrayList<>();
            influxd.rows("show tag keys from force")
                    .forEach(row -> tags.add(row.get(0).textValue()));
            assertEquals(List.of("gateway", "site", "tool"), tags);
        }
    }

    @Test
    void whatIsOlderThanTheDatabaseKeepsIsSetAsideInOneRequest() throws Exception {
        try (Program.Running running = influxd.start();
                InfluxSink sink = new InfluxSink(
                        new InfluxServer.V1(influxd.url(), "lightstroke", null, null, 1), "home", "room")) {
            List<Numbered> old = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                old.add(new Numbered(i, Entries.row("left", i)));
            }
            Delivery delivery = sink.deliver(old);
            assertEquals(200, delivery.setAside().size());
            SetAside first = delivery.setAside().get(0);
            assertEquals(25, first.samples());
            assertTrue(first.reason().contains("points beyond retention policy dropped=5000"), first.reason());
            JsonNode policy =
                    influxd.rows("show retention policies on lightstroke").get(0);
            assertEquals("autogen", policy.get(0).textValue());
            assertEquals("24h0m0s", policy.get(1).textValue());
        }
    }

    @Test
    void withAuthenticationAWrongPasswordIsSaidAndARightOneWrites() throws Exception {
        Influxd guarded = new Influxd(folder.resolve("guarded"), true);
        List<Numbered> entries = List.of(new Numbered(1, Entries.row("left", 0)));
        try (Program.Running running = guarded.start()) {
            guarded.createAdministrator("admin", "right");
            guarded.execute("create user \"room\" with password 'narrow'");
            try (InfluxSink sink = sink(guarded, "admin", "wrong")) {
                SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
                assertEquals(
                        "database lightstroke at " + guarded.url()
                                + ": user, password or token is wrong (401: authorization failed); the journal keeps"
                                + " everything; tried again in 5 minutes, or when the gateway starts",
                        e.getMessage());
                assertEquals(Duration.ofMinutes(5), e.retryAfter());
            }
            try (InfluxSink sink = sink(guarded, "room", "narrow")) {
                SinkException missing = assertThrows(SinkException.class, () -> sink.deliver(entries));
                assertTrue(
                        missing.getMessage()
                                .endsWith("create it with: influx -execute 'CREATE DATABASE \"lightstroke\"'"),
                        missing.getMessage());
                assertTrue(missing.getMessage().contains("requires admin privilege"), missing.getMessage());
                guarded.execute("create database \"lightstroke\"");

                SinkException forbidden = assertThrows(SinkException.class, () -> sink.deliver(entries));
                assertTrue(
                        forbidden.getMessage().contains("influx -execute 'GRANT WRITE ON \"lightstroke\" TO \"room\"'"),
                        forbidden.getMessage());
                assertEquals(Duration.ofMinutes(5), forbidden.retryAfter());
                guarded.execute("grant write on \"lightstroke\" to \"room\"");

                assertEquals(Delivery.COMPLETE, sink.deliver(entries));
            }
            assertEquals(25, guarded.rows("select index from force").size());
        }
    }

    @Test
    void aServerThatIsAwayIsTriedAgain() throws Exception {
        try (InfluxSink sink = sink()) {
            SinkException e = assertThrows(
                    SinkException.class, () -> sink.deliver(List.of(new Numbered(1, Entries.row("left", 0)))));
            assertTrue(e.getMessage().contains("no answer"), e.getMessage());
            assertEquals(Duration.ZERO, e.retryAfter());
        }
    }

    private InfluxSink sink() {
        return new InfluxSink(influxd.server(), "home", "room");
    }

    private static InfluxSink sink(Influxd server, String user, String password) {
        return new InfluxSink(new InfluxServer.V1(server.url(), "lightstroke", user, password, null), "home", "room");
    }
}

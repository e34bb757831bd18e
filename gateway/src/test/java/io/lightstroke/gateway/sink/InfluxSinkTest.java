package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
    private int port;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder.resolve("data"));
        port = Program.freePort();
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void everyRowEqualsTheJournalAndNothingIsMissingThoughTheServerIsKilled() throws Exception {
        Pump pump;
        try (Program.Running influxd = start(false)) {
            pump = new Pump(journal, sink());
            for (int i = 0; i < 2000; i++) {
                assertTrue(journal.append(Entries.session("left", i)));
                assertTrue(journal.append(List.of(Entries.row("right", i))));
            }
            await().atMost(LIMIT).until(() -> journal.cursor("influx") > 0);
            influxd.kill();
        }
        for (int i = 2000; i < 2200; i++) {
            assertTrue(journal.append(List.of(Entries.row("left", i))));
        }
        await().atMost(LIMIT).until(() -> pump.problem().isPresent());
        try (pump;
                Program.Running influxd = start(false)) {
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
            long samples = 25L * 4200;
            assertEquals(new SinkAccount(samples, samples, 0, 0, 0), journal.account("influx"));

            assertEquals(expectedForce("left", 2200), force("left"));
            assertEquals(expectedForce("right", 2000), force("right"));
            JsonNode strokes = query("select * from stroke order by time");
            assertEquals(2000, strokes.size());
        }
    }

    /** By the rule of the protocol, not by the sink's code. */
    private static List<String> expectedForce(String tool, int rows) {
        List<String> expected = new ArrayList<>();
        for (int n = 0; n < rows; n++) {
            Samples row = Entries.row(tool, n);
            for (int i = 0; i < row.forceCn().length; i++) {
                short force = row.forceCn()[i];
                expected.add("%d %s %s %d %d %d %d home room"
                        .formatted(
                                row.utcUs() + 10_000L * i,
                                force == ForceFrame.NO_FORCE ? null : force / 100.0,
                                row.zones()[i] < 0 ? null : Zone.values()[row.zones()[i]].word(),
                                row.boot(),
                                row.first() + i,
                                row.toolStrokes(),
                                row.flags()));
            }
        }
        return expected;
    }

    private List<String> force(String tool) throws Exception {
        JsonNode rows = query(
                "select force_N, zone, boot, index, strokes, flags, site, gateway from force where tool = '%s' order by time"
                        .formatted(tool));
        List<String> all = new ArrayList<>();
        for (JsonNode row : rows) {
            all.add("%d %s %s %d %d %d %d %s %s"
                    .formatted(
                            row.get(0).longValue(),
                            row.get(1).isNull() ? null : row.get(1).doubleValue(),
                            row.get(2).textValue(),
                            row.get(3).longValue(),
                            row.get(4).longValue(),
                            row.get(5).longValue(),
                            row.get(6).longValue(),
                            row.get(7).textValue(),
                            row.get(8).textValue()));
        }
        return all;
    }

    @Test
    void aStrokesNumbersWordsAndTruthValuesAreFields() throws Exception {
        try (Program.Running influxd = start(false);
                Pump pump = new Pump(journal, sink())) {
            journal.append(List.of(Entries.stroke("left", 3)));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            JsonNode row = query("select id, revision, valid, boot, index, peak_N, time_in_zone_s_light,"
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
        try (Program.Running influxd = start(false);
                Pump pump = new Pump(journal, sink())) {
            for (int twice = 0; twice < 2; twice++) {
                journal.append(Entries.cuesOfOneSample("left"));
                journal.append(Entries.forTheJournalAlone("left"));
            }
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            JsonNode rows = query("select \"by\", pattern, txn, index from cue order by time");
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
        try (Program.Running influxd = start(false)) {
            post("/query", "q=" + encode("create database lightstroke"));
            // The field has another type in the shard of the first day; rows of the next day are in another shard.
            post("/write?db=lightstroke&precision=u", "force zone=1 " + Entries.UTC);
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
                    51, query("select count(index) from force").get(0).get(1).intValue());
            assertEquals(1, query("select * from stroke").size());
        }
        InfluxSink sink = sink();
        try (Program.Running influxd = start(false)) {
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
        try (Program.Running influxd = start(false);
                InfluxSink sink = sink()) {
            Delivery delivery = sink.deliver(List.of(new Numbered(4, new Finding("left", "stroke", 1, 2, 3, "{"))));
            assertEquals(4, delivery.setAside().get(0).seq());
            assertEquals(0, delivery.setAside().get(0).samples());
        }
    }

    @Test
    void withAuthenticationAWrongPasswordIsSaidAndARightOneWrites() throws Exception {
        try (Program.Running influxd = start(true)) {
            post("/query", "q=" + encode("create user admin with password 'right' with all privileges"));
            List<Numbered> entries = List.of(new Numbered(1, Entries.row("left", 0)));
            try (InfluxSink sink = sink("admin", "wrong")) {
                SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
                assertTrue(e.getMessage().contains("user, password or token is wrong"), e.getMessage());
                assertTrue(e.getMessage().contains("127.0.0.1:" + port), e.getMessage());
            }
            try (InfluxSink sink = sink("admin", "right")) {
                assertEquals(Delivery.COMPLETE, sink.deliver(entries));
            }
        }
    }

    @Test
    void aServerThatIsAwayBusyOrBrokenIsTriedAgain() throws Exception {
        List<Numbered> entries = List.of(new Numbered(1, Entries.row("left", 0)));
        try (InfluxSink sink = sink()) {
            SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
            assertTrue(e.getMessage().contains("no answer"), e.getMessage());
        }
        for (int status : new int[] {429, 500, 503}) {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
            server.start();
            port = server.getAddress().getPort();
            try (InfluxSink sink = sink()) {
                SinkException e = assertThrows(SinkException.class, () -> sink.deliver(entries));
                assertTrue(e.getMessage().contains(String.valueOf(status)), e.getMessage());
            } finally {
                server.stop(0);
            }
        }
    }

    private InfluxSink sink() {
        return sink(null, null);
    }

    private InfluxSink sink(@Nullable String user, @Nullable String password) {
        return new InfluxSink(
                new InfluxServer.V1("http://127.0.0.1:" + port, "lightstroke", user, password), "home", "room");
    }

    private Program.Running start(boolean authentication) throws IOException, InterruptedException {
        Path data = folder.resolve("influx");
        Files.createDirectories(data);
        Path config = folder.resolve("influxd.conf");
        Files.writeString(config, """
                reporting-disabled = true
                bind-address = "127.0.0.1:0"
                [meta]
                  dir = "%1$s/meta"
                [data]
                  dir = "%1$s/data"
                  wal-dir = "%1$s/wal"
                [monitor]
                  store-enabled = false
                [http]
                  bind-address = "127.0.0.1:%2$d"
                  auth-enabled = %3$s
                  log-enabled = false
                """.formatted(data, port, authentication));
        return Program.INFLUXD.start(folder, "-config", config.toString()).awaitPort(port, LIMIT);
    }

    private JsonNode query(String influxQl) throws IOException, InterruptedException {
        JsonNode answer = Json.MAPPER.readTree(get("/query?db=lightstroke&epoch=u&q=" + encode(influxQl)));
        JsonNode series = answer.at("/results/0/series/0/values");
        assertTrue(series.isArray(), answer.toString());
        return series;
    }

    private String get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)));
    }

    private void post(String path, String body) throws IOException, InterruptedException {
        send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertTrue(answer.statusCode() < 300, answer.body());
        return answer.body();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

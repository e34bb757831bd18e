package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.InfluxContract.Answer;
import io.lightstroke.gateway.sink.InfluxContract.Asked;
import io.lightstroke.messages.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** InfluxDB 2.x and 3.x as they document themselves: what they are asked, and what is made of each answer. */
class InfluxContractTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<Numbered> ONE_ROW = List.of(new Numbered(7, Entries.row("left", 0)));

    @TempDir
    private Path folder;

    private InfluxContract contract;

    @BeforeEach
    void start() throws Exception {
        contract = new InfluxContract();
    }

    @AfterEach
    void stop() {
        contract.close();
        assertNull(contract.malformed);
    }

    private InfluxServer.V2 v2() {
        return new InfluxServer.V2(contract.url(), "our clinic", "lightstroke", "t0ken==", 30);
    }

    private InfluxServer.V3 v3() {
        return new InfluxServer.V3(contract.url(), "lightstroke", "apiv3_t0ken");
    }

    private static InfluxSink sink(InfluxServer server) {
        return new InfluxSink(server, "home", "room");
    }

    private static List<Numbered> rows(int count) {
        List<Numbered> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new Numbered(i + 1, Entries.row("left", i)));
        }
        return rows;
    }

    private SinkException refused(InfluxServer server, Answer answer) {
        contract.next(answer);
        try (InfluxSink sink = sink(server)) {
            return assertThrows(SinkException.class, () -> sink.deliver(ONE_ROW));
        }
    }

    @Test
    void version2IsAskedAsItsApiSays() throws Exception {
        try (InfluxSink sink = sink(v2())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(ONE_ROW));
        }
        Asked write = contract.asked.get(0);
        assertEquals("POST", write.method());
        assertEquals("/api/v2/write", write.path());
        assertEquals(Map.of("org", "our clinic", "bucket", "lightstroke", "precision", "us"), write.query());
        assertEquals("Token t0ken==", write.headers().get("Authorization"));
        assertEquals("gzip", write.headers().get("Content-Encoding"));
        assertEquals(25, write.lines().size());
        assertEquals(
                "force,gateway=room,site=home,tool=left force_N=-0.02,zone=\"light\",index=0i,flags=4i,boot=4276944899i,"
                        + "strokes=0i 1760000000123456",
                write.lines().get(0));
    }

    @Test
    void version3IsAskedAsItsApiSays() throws Exception {
        try (InfluxSink sink = sink(v3())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(ONE_ROW));
        }
        Asked write = contract.asked.get(0);
        assertEquals("POST", write.method());
        assertEquals("/api/v3/write_lp", write.path());
        assertEquals(Map.of("db", "lightstroke", "precision", "microsecond"), write.query());
        assertEquals("Token apiv3_t0ken", write.headers().get("Authorization"));
        assertEquals("gzip", write.headers().get("Content-Encoding"));
        try (InfluxSink open = sink(new InfluxServer.V3(contract.url(), "lightstroke", null))) {
            open.deliver(ONE_ROW);
        }
        assertFalse(contract.asked.get(1).headers().containsKey("Authorization"));
    }

    @Test
    void noRequestHasMoreThan5000Lines() throws Exception {
        try (InfluxSink sink = sink(v2())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(rows(450)));
        }
        assertEquals(
                List.of(5000, 5000, 1250),
                contract.asked.stream().map(each -> each.lines().size()).toList());
        assertEquals(LongStream.range(0, 11_250).boxed().toList(), InfluxContract.indices(contract.written));
    }

    /** Like a 2.x: what does not parse spoils all; a conflict only the lines that have it, of which it says how many. */
    static Answer version2(Asked request, Predicate<String> unparsable, Predicate<String> conflicting) {
        long bad = request.lines().stream().filter(unparsable).count();
        if (bad > 0) {
            return Answer.json(400, """
                    {"code":"invalid","message":"unable to parse 'force': bad timestamp"}""");
        }
        long dropped = request.lines().stream().filter(conflicting).count();
        return dropped == 0
                ? Answer.WRITTEN
                : Answer.json(
                        422,
                        ("{\"code\":\"unprocessable entity\",\"message\":\"failure writing points to database: partial write: field type"
                                        + " conflict: input field \\\"zone\\\" on measurement \\\"force\\\" is type string, already exists as"
                                        + " type float dropped=%d\"}")
                                .formatted(dropped));
    }

    @Test
    void badLinesAreFoundByHalvingAndSetAsideWithTheServersWords() throws Exception {
        contract.otherwise = request -> version2(
                request, line -> line.contains("index=30i"), line -> line.contains("index=4") && line.contains("zone"));
        try (InfluxSink sink = sink(v2())) {
            Delivery delivery = sink.deliver(rows(40));
            List<Long> lost = new ArrayList<>();
            for (long index = 0; index < 1000; index++) {
                // The last sample of each row has no zone.
                if (index == 30 || String.valueOf(index).startsWith("4") && index % 25 != 24) {
                    lost.add(index);
                }
            }
            assertEquals(
                    lost.size(),
                    delivery.setAside().stream().mapToInt(SetAside::samples).sum());
            TreeSet<Long> written = new TreeSet<>(InfluxContract.indices(contract.written));
            TreeSet<Long> expected =
                    new TreeSet<>(LongStream.range(0, 1000).boxed().toList());
            expected.removeAll(new HashSet<>(lost));
            assertEquals(expected, written);
            SetAside ofTheSecondRow = delivery.setAside().stream()
                    .filter(each -> each.seq() == 2)
                    .findFirst()
                    .orElseThrow();
            assertEquals(10, ofTheSecondRow.samples(), "30, 40 to 48 without 49");
            assertTrue(
                    delivery.setAside().stream().anyMatch(each -> each.reason().contains("field type conflict")),
                    delivery.toString());
        }
        assertTrue(contract.asked.size() < 2 * 1000, "requests: " + contract.asked.size());
    }

    @Test
    void linesThatVersion3NamesAreSetAsideWithoutHalving() throws Exception {
        contract.otherwise = request -> {
            StringBuilder named = new StringBuilder();
            List<String> lines = request.lines();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.contains("index=3i") || line.contains("index=4998i")) {
                    named.append(named.isEmpty() ? "" : ",")
                            .append(
                                    "{\"original_line\":\"force\",\"line_number\":%d,\"error_message\":\"invalid column type for column 'zone'\"}"
                                            .formatted(i + 1));
                }
            }
            return named.isEmpty()
                    ? Answer.WRITTEN
                    : Answer.json(
                            400,
                            "{\"error\":\"partial write of line protocol occurred\",\"data\":[%s]}".formatted(named));
        };
        try (InfluxSink sink = sink(v3())) {
            Delivery delivery = sink.deliver(rows(200));
            assertEquals(
                    List.of(
                            new SetAside(1, 1, "invalid column type for column 'zone'"),
                            new SetAside(200, 1, "invalid column type for column 'zone'")),
                    delivery.setAside());
        }
        assertEquals(2, contract.asked.size());
        assertEquals(4998, contract.written.size());
    }

    @Test
    void whatIsTooLargeForAProxyIsSentInHalves() throws Exception {
        contract.otherwise = request -> request.lines().size() > 1000
                ? new Answer(413, Map.of("Content-Type", "text/html"), "<html>413 Request Entity Too Large</html>")
                : Answer.WRITTEN;
        try (InfluxSink sink = sink(v2())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(rows(200)));
        }
        assertEquals(LongStream.range(0, 5000).boxed().toList(), InfluxContract.indices(contract.written));
    }

    @Test
    void aPartialWriteThatIsCalledAnInternalErrorBlocksNothing() throws Exception {
        for (String words : List.of(
                // 2.0, and 3.x on the path of 2.x
                "unexpected error writing points to database: partial write: points beyond retention policy dropped=1",
                "partial write of line protocol occurred")) {
            contract.written.clear();
            contract.otherwise = request -> request.body().contains("index=5i")
                    ? Answer.json(500, "{\"code\":\"internal error\",\"message\":\"%s\"}".formatted(words))
                    : Answer.WRITTEN;
            try (InfluxSink sink = sink(v2())) {
                assertEquals(
                        List.of(new SetAside(7, 1, words)),
                        sink.deliver(ONE_ROW).setAside());
                assertEquals(24, new HashSet<>(contract.written).size());
            }
        }
    }

    @Test
    void aSlowAnswerIsWaitedFor() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        contract.otherwise = request -> {
            try {
                assertFalse(never.await(1, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                return Answer.CUT;
            }
            return Answer.WRITTEN;
        };
        try (InfluxSink sink = sink(v2())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(ONE_ROW));
        }
        assertEquals(1, contract.asked.size());
    }

    @Test
    void whoeverAnswers400WithoutInfluxDbsWordsCostsNoSample() {
        SinkException e = refused(
                v2(),
                new Answer(
                        400,
                        Map.of("Content-Type", "text/plain"),
                        "Client sent an HTTP request to an HTTPS server.\n"));
        assertTrue(e.getMessage().contains("does not answer like InfluxDB (400); check url and api"), e.getMessage());
        assertEquals(1, contract.asked.size());
    }

    @Test
    void aFullVersion3IsWaitedForAndCostsNoSample() {
        SinkException e = refused(v3(), Answer.json(422, """
                {"error":"Adding a new database would exceed limit of 5 databases"}"""));
        assertTrue(e.getMessage().contains("422: Adding a new database would exceed limit of 5"), e.getMessage());
    }

    @Test
    void aMissingBucketIsCreatedWithItsRetention() throws Exception {
        List<Answer> writes = new ArrayList<>(List.of(Answer.json(404, """
                {"code":"not found","message":"bucket \\"lightstroke\\" not found"}""")));
        contract.otherwise = request -> switch (request.method() + " " + request.path()) {
            case "GET /api/v2/orgs" ->
                Answer.json(200, "{\"orgs\":[{\"id\":\"0123456789abcdef\",\"name\":\"our clinic\"}]}");
            case "POST /api/v2/buckets" ->
                Answer.json(
                        201,
                        "{\"id\":\"fedcba9876543210\",\"name\":\"lightstroke\",\"retentionRules\":[{\"type\":\"expire\",\"everySeconds\":2592000}]}");
            default -> writes.isEmpty() ? Answer.WRITTEN : writes.remove(0);
        };
        try (InfluxSink sink = sink(v2())) {
            assertEquals(Delivery.COMPLETE, sink.deliver(ONE_ROW));
        }
        assertEquals(
                List.of("/api/v2/write", "/api/v2/orgs", "/api/v2/buckets", "/api/v2/write"),
                contract.asked.stream().map(Asked::path).toList());
        assertEquals("our clinic", contract.asked.get(1).query().get("org"));
        JsonNode bucket = Json.MAPPER.readTree(contract.asked.get(2).body());
        assertEquals("0123456789abcdef", bucket.get("orgID").textValue());
        assertEquals("lightstroke", bucket.get("name").textValue());
        assertEquals("expire", bucket.at("/retentionRules/0/type").textValue());
        assertEquals(2_592_000, bucket.at("/retentionRules/0/everySeconds").intValue());
        assertEquals("Token t0ken==", contract.asked.get(2).headers().get("Authorization"));
    }

    @Test
    void whatMayNotBeCreatedIsToldWithTheCommandThatDoes() {
        contract.next(Answer.json(404, """
                {"code":"not found","message":"bucket \\"lightstroke\\" not found"}"""), Answer.json(200, """
                {"orgs":[{"id":"0123456789abcdef","name":"our clinic"}]}"""));
        SinkException bucket = refused(v2(), Answer.json(403, """
                {"code":"forbidden","message":"write:orgs/0123456789abcdef/buckets is unauthorized"}"""));
        assertTrue(
                bucket.getMessage().contains("403: write:orgs/0123456789abcdef/buckets is unauthorized"),
                bucket.getMessage());
        assertTrue(
                bucket.getMessage()
                        .endsWith("create it with: influx bucket create -n 'lightstroke' -o 'our clinic' -r 30d"),
                bucket.getMessage());

        SinkException org = refused(v2(), Answer.json(404, """
                {"code":"not found","message":"organization name \\"our clinic\\" not found"}"""));
        assertTrue(org.getMessage().endsWith("create it with: influx org create -n 'our clinic'"), org.getMessage());

        SinkException database = refused(v3(), Answer.json(404, """
                {"error":"Database not found: lightstroke"}"""));
        assertTrue(
                database.getMessage().endsWith("create it with: influxdb3 create database 'lightstroke'"),
                database.getMessage());

        SinkException elsewhere = refused(v3(), new Answer(404, Map.of(), "404 page not found\n"));
        assertTrue(elsewhere.getMessage().contains("not found (404"), elsewhere.getMessage());
        assertTrue(elsewhere.getMessage().endsWith("check url and api"), elsewhere.getMessage());
    }

    @Test
    void whoIsNotLetInIsToldSoAndWaitsLong() {
        for (InfluxServer server : List.of(v2(), v3())) {
            SinkException wrong = refused(server, Answer.json(401, """
                    {"code":"unauthorized","message":"unauthorized access"}"""));
            assertTrue(wrong.getMessage().contains("token is wrong (401: unauthorized access)"), wrong.getMessage());
            assertTrue(wrong.getMessage().contains("the journal keeps everything"), wrong.getMessage());
            assertEquals(Duration.ofMinutes(5), wrong.retryAfter());
            SinkException may = refused(server, Answer.json(403, """
                    {"code":"forbidden","message":"insufficient permissions for write"}"""));
            assertTrue(may.getMessage().contains("insufficient permissions for write"), may.getMessage());
            assertEquals(Duration.ofMinutes(5), may.retryAfter());
            assertFalse((wrong.getMessage() + may.getMessage()).contains("t0ken"), "the token stays a secret");
        }
    }

    @Test
    void retryAfterIsHonouredInSecondsAndAsATime() {
        String busy = "{\"code\":\"too many requests\",\"message\":\"rate limit\"}";
        assertEquals(
                Duration.ofSeconds(42),
                refused(v2(), new Answer(429, Map.of("Retry-After", "42"), busy))
                        .retryAfter());
        assertEquals(
                Duration.ofSeconds(7),
                refused(v2(), new Answer(503, Map.of("Retry-After", "7"), "")).retryAfter());
        String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(600).atZone(ZoneOffset.UTC));
        Duration pause = refused(v2(), new Answer(429, Map.of("Retry-After", soon), busy))
                .retryAfter();
        assertTrue(
                pause.compareTo(Duration.ofSeconds(500)) > 0 && pause.compareTo(Duration.ofSeconds(601)) < 0,
                pause.toString());
        assertEquals(
                Duration.ofHours(1),
                refused(v2(), new Answer(429, Map.of("Retry-After", "999999"), busy))
                        .retryAfter());
        for (String nonsense : List.of("soon", "-5", "Thu, 01 Jan 1970 00:00:00 GMT")) {
            assertEquals(
                    Duration.ZERO,
                    refused(v2(), new Answer(429, Map.of("Retry-After", nonsense), busy))
                            .retryAfter());
        }
    }

    @Test
    void aServerThatIsSilentCutOffOrBrokenIsTriedAgain() {
        for (Answer answer : List.of(
                Answer.CUT,
                Answer.NEVER,
                Answer.json(500, "{\"code\":\"internal error\",\"message\":\"timeout\"}"),
                new Answer(502, Map.of("Content-Type", "text/html"), "<html>Bad Gateway</html>"),
                Answer.json(503, "{\"code\":\"unavailable\",\"message\":\"cache maximum memory size exceeded\"}"))) {
            contract.otherwise = request -> answer;
            try (InfluxSink sink = new InfluxSink(v2(), "home", "room", Duration.ofSeconds(1))) {
                SinkException e = assertThrows(SinkException.class, () -> sink.deliver(ONE_ROW));
                assertTrue(
                        e.getMessage().contains(answer.status() > 0 ? String.valueOf(answer.status()) : "no answer"),
                        e.getMessage());
                assertEquals(Duration.ZERO, e.retryAfter());
            }
            assertTrue(contract.written.isEmpty());
        }
    }

    @Test
    void whoIsNotLetInDoesNotHammer() throws Exception {
        contract.otherwise =
                request -> Answer.json(401, "{\"code\":\"unauthorized\",\"message\":\"unauthorized access\"}");
        try (Journal journal = Journal.open(folder);
                Pump pump = new Pump(journal, sink(v2()))) {
            assertTrue(journal.append(Entries.session("left", 0)) && journal.flush(LIMIT));
            await().atMost(LIMIT).until(() -> pump.problem().isPresent());
            // By its usual waits it would have come four times by now.
            await().during(Duration.ofSeconds(3)).atMost(LIMIT).until(() -> contract.asked.size() == 1);
            assertEquals(new SinkAccount(25, 0, 25, 0, 0), journal.account("influx"));
        }
    }

    @Test
    void aPointOfTheGatewayHasNoTool() throws Exception {
        try (InfluxSink sink = sink(v2())) {
            sink.point("gateway", Entries.UTC, Map.of("uptime_s", 12L));
        }
        assertEquals(List.of("gateway,gateway=room,site=home uptime_s=12i 1760000000123456"), contract.written);
    }
}

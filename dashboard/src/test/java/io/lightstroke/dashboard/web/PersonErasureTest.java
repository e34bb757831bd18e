package io.lightstroke.dashboard.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.history.ToolName;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.gateway.sink.Influxd;
import io.lightstroke.gateway.sink.Mosquitto;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two persons who used the same tools; one is erased, with everything real but the tools: afterwards nothing of them is found in
 * any file, in the database or at the broker, and all of the other is as it was.
 */
@Needs({Program.MOSQUITTO, Program.INFLUXD})
class PersonErasureTest {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final long EVER = Long.MAX_VALUE / 2;
    private static final List<String> MEASUREMENTS = List.of("force", "stroke", "spot", "alert", "cue", "session");
    private static final String NAME = "Ada Lovelace-Zebra";

    /** Of a tool's time that is theirs. */
    private record Span(String tool, long fromUs, long toUs) {}

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private ApiClient api;
    private Influxd influxd;
    private final List<Span> adas = new ArrayList<>();
    private long untilUs;

    @Test
    void nothingIsLeftOfOneAndAllOfTheOther() throws Exception {
        Mosquitto mosquitto = new Mosquitto(Files.createDirectory(folder.resolve("mosquitto")), "allow_anonymous true");
        influxd = new Influxd(folder.resolve("influx"), false);
        InfluxServer database = new InfluxServer.V1(influxd.url(), "lightstroke", null, null, null);
        List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("too-deep"), 1);
        Path data = folder.resolve("data");
        Path config = Files.writeString(folder.resolve("gateway.yaml"), """
                site: clinic
                gateway: pi-1
                mqtt: {broker: "%s"}
                influx: {url: "%s", api: v1, database: lightstroke}
                http: {port: off}
                tools:
                  - {id: tool-1, address: "%s"}
                  - {id: tool-2, address: "%s"}
                """.formatted(
                        mosquitto.url(), influxd.url(), SimulatedTools.address(1), SimulatedTools.address(2)));
        String ada;
        try (Program.Running broker = mosquitto.start();
                Program.Running influx = influxd.start();
                RealTime time = new RealTime(tools);
                Gateway gateway = Gateway.start(GatewayConfig.read(config), data, new SimulatedLink(tools));
                Dashboard dashboard = new Dashboard(
                        DashboardConfig.local(0),
                        new MqttServer(mosquitto.url()),
                        Records.open(folder.resolve("records.db"), InstantSource.system()),
                        SessionHistory.ofJournal(data, "clinic", "pi-1"));
                SessionHistory inDatabase = SessionHistory.ofInflux(database)) {
            api = new ApiClient(dashboard);
            await().atMost(LONG)
                    .until(() -> gateway.listening()
                            && gateway.sessions().stream().allMatch(each -> each.state() == ToolStatus.Link.STREAMING));
            await().atMost(LONG)
                    .until(() -> api.raw("POST", "/command/clinic/pi-1/tool-1/identify", "{}", api.token())
                                    .statusCode()
                            == 200);
            ada = person(NAME);
            String zoe = person("Zoe");
            api.done("POST", "/api/people/" + ada + "/plan", """
                    {"weeks":6,"sessions_per_week":3,"areas":[{"region":"calf","side":"left"}]}""");
            api.done("POST", "/api/people/" + ada + "/check-ins", """
                    {"redness":true,"warmth":false,"soreness":false,"bruise":false,"darker":false,"note":"a note"}""");

            String first = start("tool-1", ada, "calf");
            String other = start("tool-2", zoe, "calf");
            Thread.sleep(2500);
            ApiClient.Answer running = erase(ada);
            assertEquals(409, running.status());
            assertTrue(running.error().contains("got " + first + " on tool-1"), running.error());
            String state = retained(mosquitto, "lightstroke/v1/clinic/pi-1/tool/tool-1/session-state");
            assertTrue(state.contains(ada), state);
            end("tool-1");
            end("tool-2");
            String otherOnSame = start("tool-1", zoe, "thigh");
            String second = start("tool-2", ada, "thigh");
            Thread.sleep(2500);
            end("tool-1");
            end("tool-2");
            start("tool-1", ada, "glute");
            Thread.sleep(1000);
            end("tool-1");
            untilUs = Json.usOf(Instant.now());
            settle(gateway);
            JsonNode summaries = api.get("/api/people/" + ada + "/sessions").body();
            assertEquals(3, summaries.size());
            spans(inDatabase, ada);
            assertEquals(3, adas.size());
            Map<String, Object> before = ofOthers(data, inDatabase, zoe, List.of(other, otherOnSame));
            assertTrue(found(ada, "Zebra").size() >= 2, "in files of the journal and of the records");

            archive(dashboard, ada, zoe, List.of(first, second));

            // A gateway that is away, and something retained of a tool that is not configured any more.
            String status = "lightstroke/v1/clinic/pi-2/status";
            String former = "lightstroke/v1/clinic/pi-1/tool/tool-9/session-state";
            publish(mosquitto, status, "{\"v\":1,\"state\":\"lost\",\"run\":1,\"software\":\"lightstroke\"}");
            publish(mosquitto, former, state);
            Thread.sleep(300);
            JsonNode proof = erase(ada).body();
            assertFalse(proof.get("complete").asBoolean(), proof.toString());
            assertEquals(
                    List.of(
                            "journal clinic/pi-1 true",
                            "influxdb clinic/pi-1 true",
                            "broker clinic/pi-1 true",
                            "journal clinic/pi-2 false",
                            "broker clinic/pi-1 false",
                            "records null false"),
                    places(proof));
            assertEquals(NAME, api.get("/api/people/" + ada).at("/name").asText(), "they can be asked for again");

            publish(mosquitto, status, "");
            publish(mosquitto, former, "");
            Thread.sleep(300);
            proof = erase(ada).body();
            System.out.println(proof.toPrettyString());
            assertTrue(proof.get("complete").asBoolean(), proof.toString());
            assertEquals(
                    List.of(
                            "records null true",
                            "journal clinic/pi-1 true",
                            "influxdb clinic/pi-1 true",
                            "broker clinic/pi-1 true"),
                    places(proof));

            assertEquals(List.of(), found(ada, "Zebra", first, second));
            for (String measurement : MEASUREMENTS) {
                String all = influxd.execute("select * from \"%s\" where time < %du".formatted(measurement, untilUs))
                        .toString();
                assertFalse(mentions(all, ada, first, second), measurement);
            }
            nothingIsRetained(mosquitto, ada, NAME);
            Map<String, Object> after = ofOthers(data, inDatabase, zoe, List.of(other, otherOnSame));
            assertEquals(before.keySet(), after.keySet());
            before.forEach((what, was) -> assertEquals(was, after.get(what), what));
            assertEquals(404, api.get("/api/people/" + ada).status());
            assertFalse(mentions(api.everything() + api.get("/api/access").body(), ada, NAME));
            assertFalse(mentions(seenBy(dashboard), ada));
            JsonNode erased = api.get("/api/audit").at("/0");
            assertEquals("erase", erased.get("action").asText());
            assertEquals("Dr. Who", erased.get("who").asText());

            // It goes on, and what it sent lately is not sent again after a connection is lost.
            broker.close();
            try (Program.Running again = mosquitto.start();
                    MqttSubscriber world = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#")) {
                await().atMost(LONG)
                        .until(() -> world.received("lightstroke/v1/clinic/pi-1/tool/tool-1/samples")
                                        .size()
                                > 2);
                assertFalse(mentions(world.received().toString(), ada, first));
            }
        }
        assertEquals(List.of(), found(NAME, ada, "Zebra"));
    }

    private String person(String name) throws Exception {
        String id = api.done("POST", "/api/people", "{\"name\":\"%s\"}".formatted(name))
                .at("/id")
                .asText();
        api.done("PUT", "/api/people/" + id + "/screening", "{\"conditions\":[]}");
        return id;
    }

    private String start(String tool, String person, String region) throws Exception {
        JsonNode answer = api.command(tool, "session-start", """
                {"person":"%s","region":"%s","side":"left","phase":"treat",
                 "checklist":{"emollient":true,"screening":true}}""".formatted(person, region));
        assertTrue(answer.get("ok").asBoolean(), answer.toString());
        return answer.get("session").asText();
    }

    private void end(String tool) throws Exception {
        JsonNode answer = api.command(tool, "session-end", "{}");
        assertTrue(answer.get("ok").asBoolean(), answer.toString());
    }

    private ApiClient.Answer erase(String person) throws Exception {
        return api.ask(
                "POST",
                "/api/people/" + person + "/erase",
                "{\"by\":\"Dr. Who\",\"confirm\":\"%s\"}".formatted(person));
    }

    /** Sinks have all, and the sessions are in blocks. */
    private static void settle(Gateway gateway) throws Exception {
        Thread.sleep(3500);
        gateway.drain(LONG);
    }

    private void spans(SessionHistory history, String person) throws Exception {
        for (SessionHistory.Part part : history.sessions(Instant.EPOCH, Instant.now())) {
            if (person.equals(part.summary().person())) {
                adas.add(new Span(
                        part.tool().tool(),
                        Json.usOf(part.summary().started()),
                        Json.usOf(part.summary().ended())));
            }
        }
    }

    private boolean isAdas(String tool, long utcUs) {
        return adas.stream().anyMatch(each -> each.tool.equals(tool) && each.fromUs <= utcUs && utcUs < each.toUs);
    }

    /** Whatever is not of the erased person. */
    private Map<String, Object> ofOthers(Path data, SessionHistory inDatabase, String person, List<String> sessions)
            throws Exception {
        Map<String, Object> all = new TreeMap<>();
        try (JournalReader journal = JournalReader.open(data);
                SessionHistory inJournal = SessionHistory.ofJournal(data, "clinic", "pi-1")) {
            for (String tool : List.of("tool-1", "tool-2")) {
                Map<Long, Object> forces = new TreeMap<>();
                List<Object> entries = new ArrayList<>();
                journal.replay(tool, -EVER, untilUs, entry -> {
                    if (entry instanceof JournalEntry.Samples samples) {
                        for (int i = 0; i < samples.forceCn().length; i++) {
                            long utcUs = samples.utcUs() + (long) i * samples.periodUs();
                            if (!isAdas(tool, utcUs)) {
                                forces.put(
                                        samples.first() + i, List.of(utcUs, samples.forceCn()[i], samples.zones()[i]));
                            }
                        }
                    } else if (entry instanceof JournalEntry.Order order
                            && !order.json().contains("end")) {
                        entries.add(order);
                    }
                });
                // Each tool's last session cut what had begun; what began after it is not found yet.
                long endUs = adas.stream()
                        .filter(each -> each.tool.equals(tool))
                        .mapToLong(Span::toUs)
                        .max()
                        .orElseThrow();
                journal.findings(tool, -EVER, endUs - 1, finding -> {
                    if (!isAdas(tool, finding.utcUs())) {
                        entries.add(finding);
                    }
                });
                entries.removeIf(entry -> entry instanceof JournalEntry.Order order && isAdas(tool, order.utcUs()));
                all.put("forces of " + tool, forces);
                all.put("entries of " + tool, entries);
                for (String measurement : MEASUREMENTS) {
                    List<String> points = new ArrayList<>();
                    for (JsonNode row : influxd.execute("select * from \"%s\" where tool = '%s' and time < %du"
                                    .formatted(measurement, tool, measurement.equals("force") ? untilUs : endUs))
                            .at("/0/series/0/values")) {
                        if (!isAdas(tool, row.get(0).asLong())) {
                            points.add(row.toString());
                        }
                    }
                    all.put("points of %s of %s".formatted(measurement, tool), points);
                }
            }
            journal.boots().forEach(boot -> assertEquals(List.of(), boot.gaps()));
            journal.accounts().forEach((sink, kinds) -> kinds.forEach((kind, account) -> assertTrue(account.lawful())));
            for (String session : sessions) {
                for (SessionHistory history : List.of(inJournal, inDatabase)) {
                    List<SessionHistory.WholePart> parts = history.session(session);
                    assertEquals(1, parts.size());
                    ToolName tool = parts.get(0).tool();
                    all.put(history + session, parts);
                    all.put(
                            history + session + " samples",
                            history.samples(
                                    tool,
                                    parts.get(0).summary().started(),
                                    parts.get(0).summary().ended()));
                }
            }
        }
        Map<String, Object> named = new TreeMap<>();
        all.forEach((name, value) -> named.put(name.replaceAll("^.*SessionHistory@[0-9a-f]+", "history "), value));
        for (String part : List.of("", "/sessions", "/check-ins")) {
            named.put("api " + part, api.get("/api/people/" + person + part).body());
        }
        return named;
    }

    /** All of one person, and nothing of the other. */
    private static void archive(Dashboard dashboard, String person, String other, List<String> sessions)
            throws Exception {
        Map<String, byte[]> files = archive(dashboard, person);
        assertTrue(new String(files.get("README.txt"), UTF_8).contains("all that is known of " + person));
        assertEquals(
                NAME,
                Json.MAPPER
                        .readTree(files.get("records/person.json"))
                        .at("/0/name")
                        .asText());
        assertEquals(
                "a note",
                Json.MAPPER
                        .readTree(files.get("records/check-in.json"))
                        .at("/0/note")
                        .asText());
        assertEquals(3, Json.MAPPER.readTree(files.get("records/session.json")).size());
        assertTrue(Json.MAPPER
                .readTree(files.get("records/access.json"))
                .findValuesAsText("what")
                .contains("archive"));
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(get(dashboard, "session-export.schema.json"), InputFormat.JSON);
        for (String session : sessions) {
            String folder = "sessions/" + session + "/";
            JsonNode whole = Json.MAPPER.readTree(files.get(folder + "session.json"));
            assertEquals(List.of(), schema.validate(whole));
            assertEquals(person, whole.at("/parts/0/summary/person").asText());
            assertEquals(
                    whole.at("/parts/0/strokes").size() + 1,
                    new String(files.get(folder + "strokes.csv"), UTF_8).lines().count());
            assertTrue(whole.at("/parts/0/strokes").size() > 0, whole.toString());
            ((ObjectNode) whole.at("/parts/0/strokes/0")).put("peak_N", "much");
            assertEquals(1, schema.validate(whole).size(), "what is not as it says is found");
            try (var samples = new GZIPInputStream(new ByteArrayInputStream(files.get(folder + "samples.csv.gz")))) {
                assertTrue(new String(samples.readAllBytes(), UTF_8).lines().count() > 200);
            }
            assertEquals(
                    new String(files.get(folder + "session.json"), UTF_8),
                    get(dashboard, "sessions/" + session + "/session.json"));
        }
        files.forEach((name, bytes) -> assertFalse(new String(bytes, ISO_8859_1).contains(other), name));
    }

    static Map<String, byte[]> archive(Dashboard dashboard, String person) throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        HttpRequest request = HttpRequest.newBuilder(
                        dashboard.address().resolve("/api/people/" + person + "/archive.zip"))
                .build();
        HttpResponse<byte[]> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(
                "application/zip", answer.headers().firstValue("Content-Type").orElseThrow());
        // By a reader that goes by the list at its end: a part of an archive has none.
        Path file = Files.createTempFile("archive", ".zip");
        try {
            Files.write(file, answer.body());
            try (ZipFile zip = new ZipFile(file.toFile())) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
                }
            }
        } finally {
            Files.delete(file);
        }
        return files;
    }

    private static String get(Dashboard dashboard, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(dashboard.address().resolve(path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Files with something of the person; those of the database lose it when it compacts. */
    private List<Path> found(String... words) throws Exception {
        List<Path> found = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(each -> !each.startsWith(folder.resolve("influx")))
                    .toList()) {
                String bytes = Files.readString(file, ISO_8859_1);
                if (mentions(bytes, words)) {
                    found.add(folder.relativize(file));
                }
            }
        }
        return found;
    }

    private static boolean mentions(String text, String... words) {
        return List.of(words).stream().anyMatch(text::contains);
    }

    private static List<String> places(JsonNode proof) {
        List<String> places = new ArrayList<>();
        proof.get("places")
                .forEach(each -> places.add(
                        each.get("place").asText() + " " + each.path("gateway").asText("null") + " "
                                + each.get("erased").asBoolean()));
        return places;
    }

    private static void publish(Mosquitto mosquitto, String topic, String payload) throws Exception {
        MqttClient client = new MqttClient(mosquitto.url(), "test", new MemoryPersistence());
        client.connect();
        client.publish(topic, payload.getBytes(UTF_8), 1, true);
        client.disconnect();
        client.close();
    }

    private static String retained(Mosquitto mosquitto, String topic) throws Exception {
        try (MqttSubscriber subscriber = new MqttSubscriber(mosquitto.url(), null, null, topic)) {
            await().until(() -> !subscriber.received().isEmpty());
            return subscriber.received().get(0).text();
        }
    }

    private static void nothingIsRetained(Mosquitto mosquitto, String... words) throws Exception {
        try (MqttSubscriber everything = MqttSubscriber.ofAnything(mosquitto.url(), null, null, "#")) {
            Thread.sleep(500);
            assertTrue(everything.received().stream().anyMatch(MqttSubscriber.Received::retained));
            assertFalse(mentions(everything.received().toString(), words));
        }
    }

    /** What a page that is opened now gets first. */
    private static String seenBy(Dashboard dashboard) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        URI live = URI.create(dashboard.address().toString().replace("http:", "ws:") + "live");
        WebSocket page = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Origin", dashboard.address().toString().replaceFirst("/$", ""))
                .buildAsync(live, new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                        seen.add(text.toString());
                        socket.request(1);
                        return null;
                    }
                })
                .join();
        Thread.sleep(1000);
        page.abort();
        assertTrue(seen.size() > 5, seen.toString());
        return String.join("\n", seen);
    }
}

package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.Mosquitto;
import io.lightstroke.gateway.sink.MqttCommander;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.FirmwareFiles;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions by command over a real mosquitto, on simulated tools. */
@Needs({Program.MOSQUITTO})
class SessionWayTest {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final String TOOL = "lightstroke/v1/home/gateway-1/tool/tool-1/";
    private static final String CMD = TOOL + "cmd/";
    private static final String START = """
            {"person":"p-7","region":"calf","side":"left","phase":"treat","pain_before":5,
             "checklist":{"emollient":true,"screening":true}}""";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final RealTime time = new RealTime();
    private final List<AutoCloseable> opened = new ArrayList<>(List.of(time));

    @SuppressWarnings("NullAway.Init")
    private Mosquitto mosquitto;

    @SuppressWarnings("NullAway.Init")
    private MqttSubscriber world;

    @SuppressWarnings("NullAway.Init")
    private MqttCommander commander;

    @BeforeEach
    void start() throws Exception {
        mosquitto = new Mosquitto(Files.createDirectory(folder.resolve("mosquitto")), "allow_anonymous true");
        opened.add(mosquitto.start());
        world = new MqttSubscriber(mosquitto.url(), null, null, "lightstroke/v1/#");
        opened.add(world);
        commander = new MqttCommander(mosquitto.url(), null, null, "answers/test");
        opened.add(commander);
    }

    @AfterEach
    void stop() throws Exception {
        closeFrom(0);
    }

    /** The last first, each also when another one fails. */
    private void closeFrom(int first) throws Exception {
        if (first < opened.size()) {
            try (AutoCloseable each = opened.get(first)) {
                closeFrom(first + 1);
            }
        }
    }

    private List<SimulatedTool> tools(int count) {
        List<SimulatedTool> tools = SimulatedTools.fleet(count, Scenario.builtIn("too-deep"), 1);
        tools.forEach(time::add);
        return tools;
    }

    private Gateway gateway(ToolLink link, int tools, Path data, Clock clock) throws Exception {
        StringBuilder yaml = new StringBuilder("mqtt: {broker: \"%s\"}\ntools:\n".formatted(mosquitto.url()));
        for (int number = 1; number <= tools; number++) {
            yaml.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(number, SimulatedTools.address(number)));
        }
        Gateway gateway = Gateway.start(GatewayConfig.parse("test", yaml.toString()), data, link, clock);
        opened.add(gateway);
        return gateway;
    }

    private Gateway streaming(int tools) throws Exception {
        Gateway gateway = gateway(new SimulatedLink(tools(tools)), tools, folder.resolve("data"), Clock.systemUTC());
        awaitStreaming(gateway);
        return gateway;
    }

    private static void awaitStreaming(Gateway gateway) {
        await().atMost(LONG)
                .until(() -> gateway.listening()
                        && gateway.sessions().stream()
                                .allMatch(each -> each.state() == ToolStatus.Link.STREAMING && each.session() != null));
    }

    private JsonNode ok(String command, String json) throws Exception {
        JsonNode answer = commander.ask(CMD + command, json);
        assertTrue(answer.get("ok").asBoolean(), answer.toString());
        return answer;
    }

    private String error(String command, String json) throws Exception {
        JsonNode answer = commander.ask(CMD + command, json);
        assertFalse(answer.get("ok").asBoolean(), answer.toString());
        return answer.get("error").asText();
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Of one topic below the first tool's, and one session. */
    private List<JsonNode> heard(String leaf, String session) {
        return world.received(TOOL + leaf).stream()
                .filter(each -> !each.text().isEmpty())
                .map(each -> json(each.text()))
                .filter(message -> message.path("session").asText().equals(session))
                .toList();
    }

    private void awaitStrokes(String session, int count) {
        await().atMost(LONG).until(() -> heard("stroke", session).size() >= count);
    }

    private JsonNode summary(String session, int revision) {
        return await().atMost(LONG)
                .until(
                        () -> heard("session", session).stream()
                                .filter(each -> each.get("revision").asInt() == revision)
                                .toList(),
                        found -> !found.isEmpty())
                .get(0);
    }

    @Test
    void aSessionFromItsStartToItsSummary() throws Exception {
        Gateway gateway = streaming(1);
        JsonNode started = ok("session-start", START);
        String session = started.get("session").asText();
        assertEquals(9.0, started.at("/limits/too_deep_N").asDouble());
        awaitStrokes(session, 3);
        JsonNode onForearm = ok("area", "{\"region\":\"forearm\",\"side\":\"right\"}");
        assertEquals(6.3, onForearm.at("/limits/too_deep_N").asDouble());
        await().atMost(LONG)
                // The first may have run already when the order came, in the spot before.
                .until(() -> heard("stroke", session).stream()
                                .filter(stroke -> stroke.get("region").asText().equals("forearm"))
                                .count()
                        >= 2);
        ok("mark-spot", "{\"mark\":\"tender\"}");
        ok("next-spot", "{}");
        await().atMost(LONG)
                .until(() -> heard("spot", session).stream()
                        .anyMatch(spot -> spot.path("mark").asText().equals("tender")));
        await("the tool has the limits, too")
                .atMost(LONG)
                .until(() -> world.received(TOOL + "info").stream()
                        .anyMatch(each -> json(each.text())
                                        .at("/limits_on_tool/too_deep_N")
                                        .asDouble()
                                == 6.3));
        JsonNode state = heard("session-state", session)
                .get(heard("session-state", session).size() - 1);
        assertEquals("forearm", state.get("region").asText());
        assertEquals("calf", state.at("/areas/0/region").asText());
        ok("session-end", "{\"pain_after\":2}");

        JsonNode summary = summary(session, 1);
        assertEquals("command", summary.get("ended_by").asText());
        assertEquals("p-7", summary.get("person").asText());
        assertEquals(5, summary.get("pain_before").asInt());
        assertEquals(2, summary.get("pain_after").asInt());
        assertEquals(100.0, summary.get("completeness_percent").asDouble());
        assertTrue(summary.get("cues").asInt() > 0, summary.toString());
        assertTrue(summary.get("cue_latency_p95_ms").asDouble() > 0);
        assertTrue(summary.at("/total/over_pressure_events").asInt() > 0, summary.toString());
        assertTrue(summary.get("tool_strokes").asInt() > 0);
        assertTrue(summary.get("over_pressure_per_100_strokes").asDouble() > 0);
        assertTrue(summary.get("cue_agreement_percent").asDouble() > 0);
        assertEquals(
                Guideline.builtIn().fingerprint(),
                summary.get("guideline_fingerprint").asText());
        long counted = heard("stroke", session).stream()
                .filter(stroke -> !stroke.get("hold").asBoolean()
                        && !stroke.get("interrupted").asBoolean())
                .count();
        assertEquals(counted, summary.at("/total/strokes").asLong());
        assertTrue(summary.at("/areas/1/spots").toString().contains("tender"), summary.toString());
        assertFalse(summary.get("total").has("unidirectional_percent"), "no motion sensor");

        JsonNode before = json(world.received(TOOL + "session").get(0).text());
        assertTrue(before.get("session").asText().startsWith("unassigned-tool-1-"));
        assertEquals("session-start", before.get("ended_by").asText());
        assertFalse(before.has("person"));
        gateway.stopTools();
        await("cleared").atMost(LONG).until(() -> {
            var states = world.received(TOOL + "session-state");
            return states.get(states.size() - 1).text().isEmpty();
        });
        await().atMost(LONG)
                .until(() -> world.received(TOOL + "session").stream()
                        .anyMatch(each ->
                                json(each.text()).get("ended_by").asText().equals("gateway-end")));
        try (MqttSubscriber late = new MqttSubscriber(mosquitto.url(), null, null, TOOL + "#")) {
            await().atMost(LONG).until(() -> !late.received(TOOL + "info").isEmpty());
            assertEquals(List.of(), late.received(TOOL + "session-state"));
        }
    }

    @Test
    void whatIsWrongIsAnsweredAndChangesNothing() throws Exception {
        streaming(1);
        assertTrue(error("area", "{\"region\":\"calf\"}").contains("session: want one that was started, got none"));
        assertEquals("session-start: want one JSON object, each name in it once, got '{'", error("session-start", "{"));
        assertEquals("phase: want one of [\"assess\",\"treat\"], got \"x\"", error("phase", "{\"phase\":\"x\"}"));
        assertTrue(error("session-start", START.replace("calf", "abdomen")).contains("abdomen is not offered"));
        assertTrue(error("session-start", START.replace("\"screening\":true", "\"screening\":false"))
                .startsWith("checklist: want emollient and screening confirmed"));
        assertTrue(error("dance", "{}").startsWith("dance: want one of area, calibrate, cue,"));
        assertEquals(
                "tool: want one of tool-1, got tool-9",
                commander
                        .ask(CMD.replace("tool-1", "tool-9") + "pause", "{}")
                        .get("error")
                        .asText());
        assertEquals(
                "tool: want one of tool-1, got tool-9",
                error("session-start", START.replace("{\"person\"", "{\"tools\":[\"tool-1\",\"tool-9\"],\"person\"")));
        String session = ok("session-start", START).get("session").asText();
        assertEquals("session of tool-1: want none that runs, got " + session, error("session-start", START));
        assertTrue(error("limits", "{\"light_N\":3,\"moderate_N\":2,\"too_deep_N\":5,\"ceiling_N\":6}")
                .contains("light < moderate"));
        await("only the unassigned one is over")
                .atMost(LONG)
                .until(() -> world.received(TOOL + "session").size() == 1);
    }

    @Test
    void aRetainedCommandIsRefusedAndARepeatIsAnsweredAgain() throws Exception {
        streaming(1);
        commander.send(CMD + "session-start", START, "retained", "answers/test", true);
        await().atMost(LONG).until(() -> !commander.answers("retained").isEmpty());
        assertEquals(
                "command: want one that is not retained, got a retained one",
                commander.answers("retained").get(0).json().get("error").asText());
        commander.send(CMD + "session-start", START, "twice", "answers/test", false);
        commander.send(CMD + "session-start", START, "twice", "answers/test", false);
        await().atMost(LONG).until(() -> commander.answers("twice").size() == 2);
        assertTrue(commander.answers("twice").get(0).json().get("ok").asBoolean());
        assertEquals(
                commander.answers("twice").get(0).json(),
                commander.answers("twice").get(1).json());
        // Without a response topic it is done without an answer; into the messages no answer is sent.
        commander.send(CMD + "session-end", "{}", "bent", CMD + "pause", false);
        commander.send(CMD + "phase", "{\"phase\":\"assess\"}", null, null, false);
        String session = commander.answers("twice").get(0).json().get("session").asText();
        await().atMost(LONG)
                .until(() -> heard("session-state", session).stream()
                        .anyMatch(state -> state.get("phase").asText().equals("assess")));
        assertEquals(List.of(), heard("session", session));
    }

    @Test
    void theToolIsToldToIdentifyItselfAndToCue() throws Exception {
        streaming(1);
        ok("identify", "{}");
        ok("cue", "{\"pattern\":\"tick\"}");
        await().atMost(LONG)
                .until(() -> world.received(TOOL + "cue").stream()
                        .map(each -> json(each.text()))
                        .anyMatch(cue -> cue.get("by").asText().equals("felt")
                                && cue.path("pattern").asText().equals("tick")));
    }

    @Test
    void anUpdateTellsHowFarItIsAndWhatRunsAfterIt() throws Exception {
        streaming(1);
        Path images = Files.createDirectory(folder.resolve("data").resolve("firmware"));
        Files.write(images.resolve("tool-1.2.0.bin"), FirmwareFiles.image(1, 2, 0, 20_000));
        commander.send(CMD + "update", "{\"file\":\"tool-1.2.0.bin\"}", "update", "answers/test", false);
        await().atMost(LONG).until(() -> !commander.answers("update").isEmpty());
        assertEquals(
                json("{\"v\":1,\"ok\":true,\"firmware\":\"1.2.0\"}"),
                commander.answers("update").get(0).json());
        await().atMost(LONG)
                .until(() -> world.received(TOOL + "info").stream()
                        .anyMatch(each ->
                                json(each.text()).get("firmware").asText().equals("1.2.0")));
        List<JsonNode> statuses = world.received(TOOL + "status").stream()
                .map(each -> json(each.text()))
                .toList();
        assertTrue(statuses.stream()
                .anyMatch(status -> status.at("/update/file").asText().equals("tool-1.2.0.bin")
                        && status.at("/update/step").asText().equals("uploading")
                        && status.at("/update/percent").isInt()));
        await().atMost(LONG).until(() -> {
            var all = world.received(TOOL + "status");
            return !json(all.get(all.size() - 1).text()).has("update");
        });
    }

    @Test
    void aCalibrationIsInTheInfo() throws Exception {
        streaming(1);
        JsonNode zero = commander.ask(CMD + "calibrate", "{\"step\":\"zero\"}");
        // Nothing hangs on the tool of a person who scrapes with it.
        String why = zero.get("ok").asBoolean()
                ? error("calibrate", "{\"step\":\"reference\",\"reference_N\":19.6}")
                : zero.get("error").asText();
        assertTrue(why.startsWith("calibration of tool-1, "), why);
        assertTrue(world.received(TOOL + "info").stream()
                .allMatch(each -> json(each.text()).get("calibration").asInt() == 1));
    }

    @Test
    void oneSessionOfTwoToolsHasASummaryOfEach() throws Exception {
        streaming(2);
        String session = ok(
                        "session-start", START.replace("{\"person\"", "{\"tools\":[\"tool-2\",\"tool-1\"],\"person\""))
                .get("session")
                .asText();
        awaitStrokes(session, 1);
        ok("area", "{\"region\":\"thigh\"}");
        JsonNode ended = commander.ask(CMD.replace("tool-1", "tool-2") + "session-end", "{}");
        assertTrue(ended.get("ok").asBoolean(), ended.toString());
        summary(session, 1);
        await().atMost(LONG)
                .until(() -> world.received(TOOL.replace("tool-1", "tool-2") + "session").stream()
                        .map(each -> json(each.text()))
                        .anyMatch(summary -> summary.get("session").asText().equals(session)
                                && summary.at("/areas/1/region").asText().equals("thigh")
                                && summary.get("tools").size() == 2));
    }

    /** Fails for one tool's orders while {@code broken}. */
    private static final class BrokenClock extends Clock {
        private volatile boolean broken;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            if (broken
                    && Thread.currentThread().getName().equals("tool-tool-2")
                    && StackWalker.getInstance()
                            .walk(frames -> frames.anyMatch(
                                    frame -> frame.getMethodName().equals("order")))) {
                throw new IllegalStateException("no time for tool-2");
            }
            return Instant.now();
        }
    }

    @Test
    void whatOneOfTwoToolsDoesNotBeginTheOtherDoesNotEither() throws Exception {
        BrokenClock clock = new BrokenClock();
        Gateway gateway = gateway(new SimulatedLink(tools(2)), 2, folder.resolve("data"), clock);
        awaitStreaming(gateway);
        String both = START.replace("{\"person\"", "{\"tools\":[\"tool-1\",\"tool-2\"],\"person\"");
        clock.broken = true;
        assertTrue(error("session-start", both).contains("no time for tool-2"));
        clock.broken = false;
        for (ToolSession tool : gateway.sessions()) {
            SessionState running = tool.session();
            assertFalse(running != null && running.assigned(), tool.id());
        }
        awaitStreaming(gateway);
        ok("session-start", both);
        clock.broken = true;
        String error = error("session-end", "{}");
        assertTrue(error.startsWith("want it done by each tool of the session, got it by tool-1; but tool-2"), error);
        clock.broken = false;
    }

    /** As a crash would leave it: what is on disk, without any end. */
    private Path crashed(SimulatedLink link, Gateway gateway) throws Exception {
        link.silence(SimulatedTools.address(1), true);
        await().atMost(LONG).until(() -> gateway.sessions().get(0).state() == ToolStatus.Link.LOST);
        Path copy = Files.createDirectory(folder.resolve("crashed"));
        for (String file : List.of("journal.db", "journal.db-wal")) {
            Files.copy(folder.resolve("data").resolve(file), copy.resolve(file));
        }
        gateway.close();
        link.silence(SimulatedTools.address(1), false);
        return copy;
    }

    @Test
    void aSessionGoesOnAfterACrash() throws Exception {
        List<SimulatedTool> tools = tools(1);
        SimulatedLink link = new SimulatedLink(tools);
        Gateway first = gateway(link, 1, folder.resolve("data"), Clock.systemUTC());
        awaitStreaming(first);
        String session = ok("session-start", START).get("session").asText();
        awaitStrokes(session, 2);
        ok("area", "{\"region\":\"thigh\",\"side\":\"right\"}");
        Path left = crashed(link, first);
        int before = heard("stroke", session).size();

        Gateway second = gateway(new SimulatedLink(tools), 1, left, Clock.systemUTC());
        assertEquals(
                session,
                java.util.Objects.requireNonNull(second.sessions().get(0).session())
                        .id());
        awaitStreaming(second);
        awaitStrokes(session, before + 2);
        ok("session-end", "{}");
        JsonNode summary = summary(session, 1);
        assertEquals("command", summary.get("ended_by").asText());
        assertEquals("calf", summary.at("/areas/0/region").asText());
        assertEquals("thigh", summary.at("/areas/1/region").asText());
        assertTrue(summary.at("/areas/0/figures/strokes").asInt() >= 2, summary.toString());
        assertTrue(summary.at("/areas/1/figures/strokes").asInt() >= 1, summary.toString());
        await("the time without a gateway comes from the tool's store")
                .atMost(LONG)
                .until(() -> heard("session", session).stream()
                        .anyMatch(each -> each.get("completeness_percent").asDouble() == 100.0));
    }

    @Test
    void aSessionThatIsTooOldEndsWithItsLastSample() throws Exception {
        SimulatedLink link = new SimulatedLink(tools(1));
        Gateway first = gateway(link, 1, folder.resolve("data"), Clock.systemUTC());
        awaitStreaming(first);
        String session = ok("session-start", START).get("session").asText();
        awaitStrokes(session, 2);
        Path left = crashed(link, first);
        int strokes = heard("stroke", session).size();

        Gateway second =
                gateway(new SimulatedLink(tools(1)), 1, left, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(6)));
        JsonNode summary = summary(session, 1);
        assertEquals("restart", summary.get("ended_by").asText());
        assertTrue(summary.at("/total/strokes").asInt() >= strokes - 1, summary.toString());
        assertTrue(summary.get("wall_s").asDouble() < 120, "without the time in which no gateway ran: " + summary);
        assertTrue(error("pause", "{}").contains("got none"));
        assertNull(second.sessions().stream()
                .map(ToolSession::session)
                .filter(state -> state != null && state.assigned())
                .findFirst()
                .orElse(null));
    }

    @Test
    void theStateOfASessionThatIsTooOldIsClearedThoughItsToolStaysAway() throws Exception {
        SimulatedLink link = new SimulatedLink(tools(1));
        Gateway first = gateway(link, 1, folder.resolve("data"), Clock.systemUTC());
        awaitStreaming(first);
        String session = ok("session-start", START).get("session").asText();
        Path left = crashed(link, first);
        await().atMost(LONG).until(() -> !heard("session-state", session).isEmpty());
        Gateway unused =
                gateway(new SimulatedLink(List.of()), 1, left, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10)));
        await("cleared").atMost(LONG).until(() -> {
            var states = world.received(TOOL + "session-state");
            return states.get(states.size() - 1).text().isEmpty();
        });
        assertEquals("restart", summary(session, 1).get("ended_by").asText());
    }

    @Test
    void lateSamplesReviseTheSession() throws Exception {
        Gateway gateway =
                gateway(LateLink.of(new SimulatedLink(tools(1))), 1, folder.resolve("data"), Clock.systemUTC());
        awaitStreaming(gateway);
        String session = ok("session-start", START).get("session").asText();
        awaitStrokes(session, 6);
        ok("session-end", "{}");
        JsonNode live = summary(session, 1);
        assertEquals(100.0, live.get("completeness_percent").asDouble(), 3.0);
        JsonNode revised = summary(session, 2);
        assertTrue(
                revised.at("/total/contact_s").asDouble()
                        > live.at("/total/contact_s").asDouble(),
                "what came late was measured: " + live + revised);
        await().atMost(LONG)
                .until(() -> heard("stroke", session).stream()
                        .anyMatch(stroke -> stroke.get("revision").asInt() == 2
                                && stroke.get("valid").asBoolean()
                                && stroke.get("gap_percent").asDouble() == 0));
        gateway.close();
        List<String> kept = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(folder.resolve("data"))) {
            for (Derivation derivation : Derivation.of(reader, session)) {
                assertEquals(List.of(), derivation.changes(), "derived once more it is the same");
                derivation.findings().forEach(finding -> kept.add(finding.kind()));
            }
        }
        assertTrue(kept.contains("stroke") && kept.contains("session"), kept.toString());
    }

    @Test
    void ordersAreInTheJournalWithTheGuideline() throws Exception {
        Gateway gateway = streaming(1);
        ok("session-start", START);
        ok("pause", "{}");
        ok("resume", "{}");
        ok("session-end", "{}");
        gateway.close();
        try (Journal journal = Journal.open(folder.resolve("data"))) {
            List<String> orders = new ArrayList<>();
            for (JournalEntry.Order order : journal.lastOrders("tool-1", 100)) {
                orders.add(json(order.json()).get("order").asText());
            }
            assertEquals(
                    List.of("start", "end", "start", "pause", "resume", "end"),
                    orders.subList(0, 6),
                    orders.toString());
            assertEquals(
                    Guideline.builtIn().text(),
                    journal.guideline(Guideline.builtIn().fingerprint()).orElseThrow());
        }
    }
}

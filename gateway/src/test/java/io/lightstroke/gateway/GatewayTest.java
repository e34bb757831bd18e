package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.MqttCommander;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway on simulated tools, with its own broker: where every sample goes. */
class GatewayTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final RealTime time = new RealTime();

    @AfterEach
    void stopTime() {
        time.close();
    }

    private List<SimulatedTool> tools(int count, String scenario) {
        List<SimulatedTool> tools = SimulatedTools.fleet(count, Scenario.builtIn(scenario), 1);
        tools.forEach(time::add);
        return tools;
    }

    private Gateway start(ToolLink link, int tools) throws Exception {
        StringBuilder yaml = new StringBuilder("mqtt: {port: 0}\ntools:\n");
        for (int number = 1; number <= tools; number++) {
            yaml.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(number, SimulatedTools.address(number)));
        }
        return Gateway.start(GatewayConfig.parse("test", yaml.toString()), folder, link);
    }

    /** The account after the end, when it adds up. */
    private static Summary lawful(Gateway gateway) throws InterruptedException {
        gateway.stopTools();
        gateway.drain(Duration.ofSeconds(20));
        Summary summary = gateway.summary();
        assertTrue(summary.lawful(), summary.toString());
        assertEquals(
                summary.samples().journaled(),
                Objects.requireNonNull(summary.sinks().get("mqtt")).delivered());
        return summary;
    }

    private static void awaitBackfill(Gateway gateway) {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> gateway.sessions().stream()
                        .allMatch(session -> !session.backfilling()
                                && session.accounting().samples().pending() == 0));
    }

    private List<JournalEntry> journaled() throws Exception {
        List<JournalEntry> entries = new ArrayList<>();
        try (Journal journal = Journal.open(folder)) {
            long seq = 0;
            for (List<Journal.Numbered> page = journal.read(seq, 500); !page.isEmpty(); page = journal.read(seq, 500)) {
                page.forEach(numbered -> entries.add(numbered.entry()));
                seq = page.get(page.size() - 1).seq();
            }
        }
        return entries;
    }

    @Test
    void aPressThatIsTooDeepIsCuedOnTheToolAndJournaledWithItsLatency() throws Exception {
        List<SimulatedTool> tools = tools(1, "too-deep");
        try (Gateway gateway = start(new SimulatedLink(tools), 1)) {
            Awaitility.await().atMost(LONG).until(() -> gateway.summary().cues() >= 2);
            Summary summary = lawful(gateway);
            assertEquals(0, summary.samples().lost());
            assertEquals(0, summary.samples().duplicate());
            assertTrue(summary.strokes() > 0, summary.toString());
            JsonNode json = Json.MAPPER.readTree(summary.json());
            for (String part : List.of("filter", "frame", "transport", "gateway")) {
                assertTrue(json.at("/cueSplitMs/" + part + "/p95").isNumber(), summary.json());
            }
            assertTrue(json.at("/cueLatencyMs/p95").isNumber(), summary.json());
            assertTrue(json.get("cueAgreementPercent").asDouble() > 0, summary.json());
        }
        List<JsonNode> begins = new ArrayList<>();
        for (JournalEntry entry : journaled()) {
            if (entry instanceof JournalEntry.Finding finding && finding.kind().equals("alert")) {
                JsonNode alert = Json.MAPPER.readTree(finding.json());
                if (alert.get("phase").asText().equals("begin")) {
                    begins.add(alert);
                }
            }
        }
        assertFalse(begins.isEmpty());
        Set<String> cuesBy = new HashSet<>();
        Map<Long, JsonNode> cuedAt = new HashMap<>();
        Set<Long> toldByTheTool = new HashSet<>();
        for (JournalEntry entry : journaled()) {
            if (entry instanceof JournalEntry.Finding finding && finding.kind().equals("cue")) {
                JsonNode cue = Json.MAPPER.readTree(finding.json());
                cuesBy.add(cue.get("by").asText());
                if (cue.get("by").asText().equals("gateway")) {
                    cuedAt.put(cue.get("index").asLong(), cue);
                }
            } else if (entry instanceof JournalEntry.ToolEvent event) {
                assertTrue(toldByTheTool.add(event.sequence()), "twice: " + event);
            }
        }
        assertTrue(cuesBy.containsAll(Set.of("gateway", "tool")), cuesBy.toString());
        assertFalse(toldByTheTool.isEmpty());
        for (JsonNode alert : begins) {
            JsonNode cue = cuedAt.get(alert.get("index").asLong());
            assertNotNull(cue, alert.toString());
            assertTrue(cue.get("latency_ms").asDouble() >= cue.get("gateway_ms").asDouble(), cue.toString());
        }
    }

    @Test
    void whatGoesWrongWithOneToolLeavesTheOthersTheirTurn() {
        List<Integer> done = new ArrayList<>();
        Gateway.each(List.of(1, 2), number -> {
            if (number == 1) {
                throw new IllegalStateException("the first");
            }
            done.add(number);
        });
        assertEquals(List.of(2), done);
    }

    @Test
    void framesThatWaitedForTheGatewayAreNoSilence() throws Exception {
        List<byte[]> backlog = new ArrayList<>();
        for (long first = 0; first < 200; first += 5) {
            short[] samples = new short[5];
            Arrays.fill(samples, (short) (first >= 50 && first < 150 ? 500 : 0));
            backlog.add(new ForceFrame(0, 7, first, first * 10_000, 10_000, 0, samples).encode());
        }
        try (Gateway gateway = start(waited(new SimulatedLink(tools(1, "calm")), backlog), 1)) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> decoded(gateway.sessions().get(0)) > 220);
        }
        List<JsonNode> strokes = new ArrayList<>();
        for (JournalEntry entry : journaled()) {
            if (entry instanceof JournalEntry.Finding finding
                    && finding.kind().equals("stroke")
                    && finding.boot() == 7) {
                strokes.add(Json.MAPPER.readTree(finding.json()));
            }
        }
        assertEquals(1, strokes.size(), strokes.toString());
        assertFalse(strokes.get(0).get("interrupted").asBoolean(), strokes.toString());
        assertEquals(1.0, strokes.get(0).get("duration_s").asDouble(), 0.1);
    }

    /** These force frames came, one every 50 ms from three seconds ago on, while nobody took any. */
    private static ToolLink waited(ToolLink link, List<byte[]> frames) {
        return new ChangedLink(link, connection -> new ChangedLink.Connection(connection) {
            private Notifications forces = (value, atNanos) -> {};

            @Override
            public void subscribe(UUID characteristic, Notifications notifications)
                    throws LinkException, InterruptedException {
                forces = characteristic.equals(Gatt.FORCE_STREAM) ? notifications : forces;
                super.subscribe(characteristic, notifications);
            }

            @Override
            public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
                if (characteristic.equals(Gatt.TOOL_INFO)) {
                    long atNanos = System.nanoTime() - 3_000_000_000L;
                    for (byte[] frame : frames) {
                        atNanos += 50_000_000;
                        forces.arrived(frame, atNanos);
                    }
                }
                return super.read(characteristic);
            }
        });
    }

    @Test
    void aToolThatDoesNotAnswerToOtherLimitsGoesOnBeingServed() throws Exception {
        AtomicBoolean deaf = new AtomicBoolean();
        ToolLink link = new ChangedLink(
                new SimulatedLink(tools(1, "calm")), connection -> new ChangedLink.Connection(connection) {
                    @Override
                    public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
                        if (!deaf.get()) {
                            super.write(characteristic, value);
                        }
                    }
                });
        try (Gateway gateway = start(link, 1)) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> session.session() != null && session.alerts().isEmpty());
            long since = session.streamingSinceNanos().orElseThrow();
            deaf.set(true);
            PressureLimits other = new PressureLimits("other", 200, 500, 700, 1100);
            assertNull(session.order(
                    new SessionRecorder("tool-1", new Engine(other), other, null, ended -> {}).unassigned(1, 2)));
            Awaitility.await().atMost(LONG).until(() -> session.alerts().contains("limits-differ"));
            deaf.set(false);
            Awaitility.await().atMost(LONG).until(() -> session.alerts().isEmpty());
            assertEquals(since, session.streamingSinceNanos().orElseThrow(), "one connection all the while");
        }
    }

    @Test
    void aToolThatIsLostComesBackAndNoSampleIsTakenTwice() throws Exception {
        List<SimulatedTool> tools = tools(2, "calm");
        SimulatedLink link = new SimulatedLink(tools);
        try (Gateway gateway = start(link, 2)) {
            ToolSession first = gateway.sessions().get(0);
            Awaitility.await().atMost(LONG).until(() -> decoded(first) > 100);
            link.drop(SimulatedTools.address(1));
            Awaitility.await().atMost(LONG).until(() -> first.state() == ToolStatus.Link.LOST);
            long atLoss = decoded(first);
            Awaitility.await().atMost(LONG).until(() -> decoded(first) > atLoss + 100);
            awaitBackfill(gateway);
            Summary summary = lawful(gateway);
            assertEquals(0, summary.samples().lost(), "the tool stores what it samples without a link: " + summary);
            assertTrue(first.lateSamples() >= 100, "a second without a link: " + first.lateSamples());
        }
        assertNoSampleTwice();
        assertNoSampleMissing();
    }

    @Test
    void aToolThatFallsSilentIsFoundLost() throws Exception {
        List<SimulatedTool> tools = tools(1, "calm");
        SimulatedLink link = new SimulatedLink(tools);
        try (Gateway gateway = start(link, 1)) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await().atMost(LONG).until(() -> session.state() == ToolStatus.Link.STREAMING);
            link.silence(SimulatedTools.address(1), true);
            Awaitility.await().atMost(LONG).until(() -> session.state() == ToolStatus.Link.LOST);
            link.silence(SimulatedTools.address(1), false);
            Awaitility.await().atMost(LONG).until(() -> session.state() == ToolStatus.Link.STREAMING);
            lawful(gateway);
        }
    }

    @Test
    void brokenDoubledAndSwappedFramesAreEachAccountedFor() throws Exception {
        List<SimulatedTool> tools = tools(1, "calm");
        LongAdder broken = new LongAdder();
        try (Gateway gateway = start(
                new ChangedLink(new SimulatedLink(tools), connection -> new MeddlingConnection(connection, broken)),
                1)) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() ->
                            broken.sum() >= 25 && session.accounting().samples().duplicate() >= 25);
            Summary summary = lawful(gateway);
            assertTrue(summary.frames().malformed() >= 5, summary.toString());
            assertTrue(summary.samples().duplicate() >= 25, summary.toString());
            assertEquals(
                    broken.sum(),
                    summary.samples().lost() + summary.samples().pending() + session.lateSamples(),
                    "what was broken came from the store or is missing, what was swapped is neither: " + summary);
        }
        assertNoSampleTwice();
    }

    @Test
    void aDashboardHoldsASessionOverTheEmbeddedBroker() throws Exception {
        List<SimulatedTool> tools = tools(1, "calm");
        try (Gateway gateway = start(new SimulatedLink(tools), 1)) {
            EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.listening()
                            && session.state() == ToolStatus.Link.STREAMING
                            && decoded(session) > 0);
            String tool = "lightstroke/v1/home/gateway-1/tool/tool-1/cmd/";
            EmbeddedBroker.Login login = broker.dashboard();
            try (MqttSubscriber world =
                            new MqttSubscriber(broker.url(), login.user(), login.password(), "lightstroke/v1/#");
                    MqttCommander dashboard =
                            new MqttCommander(broker.url(), login.user(), login.password(), "answers/dashboard")) {
                JsonNode started = dashboard.ask(tool + "session-start", """
                        {"person":"p-1","region":"calf","checklist":{"emollient":true,"screening":true}}""");
                assertTrue(started.get("ok").asBoolean(), started.toString());
                assertEquals(
                        started.get("session").asText(),
                        Objects.requireNonNull(session.session()).id());
                JsonNode ended = dashboard.ask(tool + "session-end", "{}");
                assertTrue(ended.get("ok").asBoolean(), ended.toString());
                Awaitility.await()
                        .atMost(LONG)
                        .until(() -> world.received("lightstroke/v1/home/gateway-1/tool/tool-1/session").stream()
                                .anyMatch(each -> each.text()
                                        .contains(started.get("session").asText())));
            }
        }
    }

    @Test
    void aRetainedCommandOverTheEmbeddedBrokerIsRefusedAndDoesNotStayThere() throws Exception {
        try (Gateway gateway = start(new SimulatedLink(tools(1, "calm")), 1)) {
            EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
            EmbeddedBroker.Login login = broker.dashboard();
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.listening() && session.state() == ToolStatus.Link.STREAMING);
            String command = "lightstroke/v1/home/gateway-1/tool/tool-1/cmd/session-start";
            try (MqttCommander dashboard =
                    new MqttCommander(broker.url(), login.user(), login.password(), "answers/dashboard")) {
                dashboard.send(command, """
                        {"person":"p-1","region":"calf","checklist":{"emollient":true,"screening":true}}""", "live", "answers/dashboard", true);
                Awaitility.await()
                        .atMost(LONG)
                        .until(() -> !dashboard.answers("live").isEmpty());
                assertEquals(
                        "command: want one that is not retained, got a retained one",
                        dashboard.answers("live").get(0).json().path("error").asText());
            }
            SessionState running = session.session();
            assertTrue(running == null || !running.assigned());
            Awaitility.await().atMost(LONG).until(() -> {
                try (MqttSubscriber later =
                        new MqttSubscriber(broker.url(), login.user(), login.password(), "lightstroke/v1/#")) {
                    Awaitility.await()
                            .atMost(LONG)
                            .until(() -> !later.received("lightstroke/v1/home/gateway-1/tool/tool-1/info")
                                    .isEmpty());
                    return later.received(command).isEmpty();
                }
            });
        }
    }

    private static long decoded(ToolSession session) {
        return session.accounting().samples().decoded();
    }

    private void assertNoSampleTwice() throws Exception {
        Set<String> seen = new HashSet<>();
        for (JournalEntry entry : journaled()) {
            if (entry instanceof JournalEntry.Samples samples) {
                for (int i = 0; i < samples.forceCn().length; i++) {
                    String key = samples.tool() + " " + samples.boot() + " " + (samples.first() + i);
                    assertTrue(seen.add(key), key);
                }
            }
        }
        assertTrue(seen.size() > 100, "samples in the journal: " + seen.size());
    }

    private void assertNoSampleMissing() throws Exception {
        Map<String, TreeSet<Long>> indices = new HashMap<>();
        for (JournalEntry entry : journaled()) {
            if (entry instanceof JournalEntry.Samples samples) {
                Set<Long> ofBoot =
                        indices.computeIfAbsent(samples.tool() + " " + samples.boot(), key -> new TreeSet<>());
                for (int i = 0; i < samples.forceCn().length; i++) {
                    ofBoot.add(samples.first() + i);
                }
            }
        }
        indices.forEach((boot, ofBoot) -> assertEquals(ofBoot.last() - ofBoot.first() + 1, ofBoot.size(), boot));
    }

    /** A radio that, of every twenty force frames, breaks the 5th, doubles the 10th and swaps the 15th and 16th. */
    private static final class MeddlingConnection extends ChangedLink.Connection {
        private final LongAdder brokenSamples;
        private int frames;
        private byte[] held = {};

        MeddlingConnection(ToolConnection connection, LongAdder brokenSamples) {
            super(connection);
            this.brokenSamples = brokenSamples;
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            super.subscribe(
                    characteristic,
                    characteristic.equals(Gatt.FORCE_STREAM)
                            ? (value, atNanos) -> meddle(value, atNanos, notifications)
                            : notifications);
        }

        private void meddle(byte[] value, long atNanos, Notifications notifications) {
            switch (frames++ % 20) {
                case 5 -> {
                    byte[] broken = value.clone();
                    broken[20] ^= 0x10;
                    brokenSamples.add(value[22]);
                    notifications.arrived(broken, atNanos);
                }
                case 10 -> {
                    notifications.arrived(value, atNanos);
                    notifications.arrived(value, atNanos);
                }
                case 15 -> held = value;
                case 16 -> {
                    notifications.arrived(value, atNanos);
                    notifications.arrived(held, atNanos);
                }
                default -> notifications.arrived(value, atNanos);
            }
        }
    }
}

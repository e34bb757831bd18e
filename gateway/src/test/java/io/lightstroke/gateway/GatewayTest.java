package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
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
        for (JsonNode alert : begins) {
            assertNotNull(alert.get("cue_latency_ms"), alert.toString());
            assertTrue(alert.get("cue_latency_ms").asDouble()
                    >= alert.get("cue_gateway_ms").asDouble());
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
            Summary summary = lawful(gateway);
            assertEquals(0, summary.samples().duplicate(), summary.toString());
            assertTrue(summary.samples().lost() < 5, "at most the frame that was not full: " + summary);
        }
        assertNoSampleTwice();
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
        try (Gateway gateway = start(new MeddlingLink(new SimulatedLink(tools)), 1)) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await().atMost(LONG).until(() -> decoded(session) > 600);
            Summary summary = lawful(gateway);
            assertTrue(summary.frames().malformed() >= 5, summary.toString());
            assertTrue(summary.samples().duplicate() >= 25, summary.toString());
            assertEquals(
                    5 * summary.frames().malformed(),
                    summary.samples().lost(),
                    "what was broken is missing, what was swapped is not: " + summary);
        }
        assertNoSampleTwice();
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

    /** A radio that, of every twenty force frames, breaks the 5th, doubles the 10th and swaps the 15th and 16th. */
    private record MeddlingLink(ToolLink link) implements ToolLink {
        @Override
        public String name() {
            return link.name();
        }

        @Override
        public List<HeardTool> scan(Duration howLong) throws LinkException, InterruptedException {
            return link.scan(howLong);
        }

        @Override
        public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
            return new MeddlingConnection(link.connect(address, limit));
        }

        @Override
        public void close() {
            link.close();
        }
    }

    private static final class MeddlingConnection implements ToolConnection {
        private final ToolConnection connection;
        private int frames;
        private byte[] held = {};

        MeddlingConnection(ToolConnection connection) {
            this.connection = connection;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
            return connection.read(characteristic);
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            connection.write(characteristic, value);
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            connection.writeWithoutResponse(characteristic, value);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            connection.subscribe(
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

        @Override
        public void close() {
            connection.close();
        }
    }
}

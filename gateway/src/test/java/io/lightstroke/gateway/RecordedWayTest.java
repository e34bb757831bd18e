package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.RecordingLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.replay.Replay;
import io.lightstroke.gateway.replay.ReplayFindings;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.RecordingWriter;
import io.lightstroke.recording.ToolRecording;
import io.lightstroke.simulator.ReplayedTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway serves a tool and radio full of faults, recorded; then it serves the recording. In virtual time. */
class RecordedWayTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LENGTH_S = 600;
    private static final String TOOL = "tool-1";
    private static final Set<String> FOUND = Set.of("stroke", "alert", "spot");
    private static final PressureLimits LIMITS = new PressureLimits("recorded", 300, 650, 900, 1400);

    @TempDir
    private Path folder;

    /** All of a gateway's journal that the tool and the engine made. */
    private record Kept(Set<String> samples, Set<String> events, Collection<String> findings, String replayed) {}

    @Test
    void tenMinutesWithFaultsReplayToTheSameJournal() throws Exception {
        Path recording = folder.resolve("recording.jsonl.gz");
        FaultyWorld faulty = new FaultyWorld(175);
        for (int s = 40; s < LENGTH_S; s += 70) {
            faulty.in(s * SECOND, s == 180 ? faulty::reboot : faulty::drop);
        }
        Kept first = served(faulty, folder.resolve("first"), LENGTH_S, recording);
        List<Passed> passed = ToolRecording.read(recording).passed();
        assertTrue(
                passed.stream()
                                .filter(each -> each.what() == Passed.What.UNLINKED)
                                .count()
                        > 5,
                "links lost");
        assertTrue(passed.stream().anyMatch(RecordedWayTest::broken), "frames spoilt");

        Kept second = served(replaying(recording, 12), folder.resolve("second"), LENGTH_S + 60, null);

        assertSame(first.samples, second.samples);
        assertSame(first.events, second.events);
        assertEquals(first.replayed, second.replayed);
        Set<String> differing = new LinkedHashSet<>(first.findings);
        differing.removeAll(second.findings);
        assertEquals(first.findings.size(), second.findings.size());
        assertTrue(differing.size() * 50 < first.findings.size(), () -> "only where samples came late: " + differing);
        assertTrue(
                first.findings.stream()
                                .filter(each -> each.contains("impulse_Ns"))
                                .count()
                        > 100,
                "strokes");
    }

    /** What only one of them has is shown, not thousands that both have. */
    private static void assertSame(Collection<String> wanted, Collection<String> got) {
        Set<String> missing = new LinkedHashSet<>(wanted);
        missing.removeAll(got);
        Set<String> surplus = new LinkedHashSet<>(got);
        surplus.removeAll(wanted);
        assertEquals(
                "0 missing: [], 0 too many: []",
                "%d missing: %s, %d too many: %s"
                        .formatted(
                                missing.size(),
                                missing.stream().limit(8).toList(),
                                surplus.size(),
                                surplus.stream().limit(8).toList()));
    }

    private static boolean broken(Passed each) {
        if (each.what() != Passed.What.NOTIFIED || !each.characteristic().name().equals("force-stream")) {
            return false;
        }
        try {
            ForceFrame.decode(each.value());
            return false;
        } catch (MalformedFrameException e) {
            return true;
        }
    }

    private static FaultyWorld replaying(Path recording, long seed) throws Exception {
        return new FaultyWorld(new ReplayedTool(ToolRecording.read(recording)), seed);
    }

    /** What a gateway keeps of this world in so long. */
    private static Kept served(FaultyWorld world, Path journal, int lengthS, @Nullable Path recording)
            throws Exception {
        Files.createDirectories(journal);
        try (Journal open = Journal.open(journal)) {
            ToolLink air = new Air(world);
            ToolLink link = recording == null
                    ? air
                    : new RecordingLink(
                            air,
                            (address, name) -> new RecordingWriter(
                                    recording, new ToolRecording.Header(address, "Lightstroke 1", name, Instant.EPOCH)),
                            world::nanoTime);
            try (link) {
                Life life = new Life(world, open);
                life.untilItEnds(link, lengthS);
                assertTrue(open.flush(Duration.ofSeconds(30)));
                try (JournalReader reader = JournalReader.open(journal)) {
                    for (String session : life.partlySeen) {
                        Derivation.keep(open, reader, session);
                    }
                }
            }
            assertTrue(open.flush(Duration.ofSeconds(30)));
        }
        return kept(journal);
    }

    private static Kept kept(Path journal) throws Exception {
        Set<String> samples = new TreeSet<>();
        Set<String> events = new TreeSet<>();
        Map<String, String> findings = new TreeMap<>();
        ReplayFindings.Collector replayed = new ReplayFindings.Collector();
        try (Journal open = Journal.open(journal)) {
            long seq = 0;
            for (List<Numbered> page = open.read(seq, 2000); !page.isEmpty(); page = open.read(seq, 2000)) {
                for (Numbered each : page) {
                    if (each.entry() instanceof JournalEntry.Finding finding && FOUND.contains(finding.kind())) {
                        findings.put(
                                "%s %d %d".formatted(finding.kind(), finding.boot(), finding.index()),
                                derived(finding.json()));
                    } else if (each.entry() instanceof JournalEntry.ToolEvent event) {
                        events.add(event.boot() + " " + event.sequence() + " " + event.index());
                    }
                    seq = each.seq();
                }
            }
        }
        try (JournalReader reader = JournalReader.open(journal)) {
            Replay replay = new Replay(LIMITS, replayed.of(TOOL, true));
            reader.replay(TOOL, 0, Long.MAX_VALUE / 2, entry -> {
                if (entry instanceof JournalEntry.Samples some) {
                    for (int i = 0; i < some.forceCn().length; i++) {
                        samples.add("%d %d %d %d"
                                .formatted(
                                        some.boot(),
                                        some.first() + i,
                                        some.timeUs() + (long) i * some.periodUs(),
                                        some.forceCn()[i]));
                    }
                }
                replay.entry(entry);
            });
            replay.cut();
        }
        return new Kept(
                samples,
                events,
                findings.values().stream()
                        .filter(each -> !each.contains("\"valid\":false"))
                        .toList(),
                replayed.findings(LIMITS).json());
    }

    /** Without what docs/protocol.md says may differ: times of the host, and how often it was derived anew. */
    private static String derived(String json) throws Exception {
        ObjectNode finding = (ObjectNode) Json.MAPPER.readTree(json);
        finding.remove(List.of("time", "revision"));
        return finding.toString();
    }

    /** The only tool of a world. */
    private record Air(FaultyWorld world) implements ToolLink {
        @Override
        public String name() {
            return "virtual";
        }

        @Override
        public List<HeardTool> scan(Duration time) {
            return List.of();
        }

        @Override
        public ToolConnection connect(String address, Duration limit) throws LinkException {
            return world.connect();
        }

        @Override
        public boolean forget(String address) {
            return false;
        }

        @Override
        public void powerCycle() {}

        @Override
        public void close() {}
    }

    /** The gateway, from its begin to its end. */
    private static final class Life implements LiveView, ServedTool.Asked {
        private final FaultyWorld world;
        private final FaultyWorld.Air air;
        private final ToolHealth health;
        private final Set<String> partlySeen = new TreeSet<>();
        private final RecoveryLadder ladder = new RecoveryLadder(TOOL);
        private final ToolPipeline pipeline;
        private final Backfill backfill;
        private boolean over;

        Life(FaultyWorld world, Journal journal) {
            this.world = world;
            air = world.new Air();
            health = new ToolHealth(TOOL, () -> {}, world::nanoTime);
            pipeline = new ToolPipeline(
                    TOOL,
                    LIMITS,
                    null,
                    journal,
                    this,
                    new CueLatency(),
                    world.hostClock(),
                    partlySeen::add,
                    world::nanoTime);
            backfill = new Backfill(TOOL, pipeline, journal, world::nanoTime);
        }

        void untilItEnds(ToolLink link, int lengthS) throws Exception {
            world.in(lengthS * SECOND, () -> over = true);
            while (!over) {
                try (ToolConnection connection = link.connect(world.address(), Duration.ofSeconds(1))) {
                    connection.resolve(Duration.ofSeconds(1));
                    serve(connection);
                } catch (LinkException | MalformedFrameException e) {
                    health.become(ToolStatus.Link.LOST);
                }
                world.pass(SECOND / 2);
                pipeline.keeper().tick(world.nanoTime());
            }
            pipeline.keeper().end();
        }

        private void serve(ToolConnection connection) throws Exception {
            ServedTool served = new ServedTool(
                    new GatewayConfig.Tool(TOOL, world.address()),
                    GatewayConfig.Trust.BONDED,
                    100,
                    "virtual",
                    connection,
                    air,
                    pipeline,
                    health,
                    ladder,
                    this,
                    backfill,
                    Runnable::run,
                    this,
                    (tool, to) -> world.new Lane(to, cue -> {}),
                    world::nanoTime);
            try {
                served.serve();
            } finally {
                connection.close();
                served.takeAll();
                pipeline.disconnected();
            }
        }

        @Override
        public boolean closing() {
            return over;
        }

        @Override
        public void run() {}

        @Override
        public void live(String tool, LiveFrame frame) {}

        @Override
        public void info(String tool, ToolInfoMessage info) {}

        @Override
        public void sessionState(String tool, @Nullable SessionStateMessage state) {}
    }
}

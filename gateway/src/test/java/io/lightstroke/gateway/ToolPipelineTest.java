package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames by hand, at 100 Hz in frames of five; sample i lies i · 10 ms after its boot. */
class ToolPipelineTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final PressureLimits LIMITS = new PressureLimits("test", 300, 650, 900, 1400);
    private static final long MS = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Nobody listens there. */
    private final LivePublisher live =
            new LivePublisher(new MqttServer("tcp://127.0.0.1:9"), new Topics("home", "room"), "test");

    private final List<String> partlySeen = new ArrayList<>();
    private final CueLatency latency = new CueLatency();
    private final long startNanos = System.nanoTime();
    private final Radio radio = new Radio();
    private long received;

    @SuppressWarnings("NullAway.Init")
    private Journal journal;

    @SuppressWarnings("NullAway.Init")
    private ToolPipeline pipeline;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder);
        pipeline = new ToolPipeline(
                "left", LIMITS, null, journal, live, latency, Clock.systemUTC(), partlySeen::add, System::nanoTime);
    }

    @AfterEach
    void close() {
        journal.close();
        live.close();
    }

    private boolean frame(long boot, long first, int forceCn, long arrivedNanos) {
        short[] samples = new short[5];
        Arrays.fill(samples, (short) forceCn);
        received++;
        return pipeline.force(
                new ForceFrame(0, boot, first, first * 10_000, 10_000, 0, samples).encode(), arrivedNanos);
    }

    /** Each as soon as its last sample is taken, from the beginning of this test on. */
    private void frames(long boot, long fromIndex, long toIndex, int forceCn) {
        for (long first = fromIndex; first < toIndex; first += 5) {
            assertTrue(frame(boot, first, forceCn, startNanos + (first + 4) * 10 * MS));
        }
    }

    @Test
    void whatNobodyStartedIsUnassignedAndEndsAfterFiveMinutesOfSilence() {
        frames(7, 100, 300, 200);
        pipeline.silence();
        pipeline.keeper().tick(System.nanoTime() + 290 * 1000 * MS);
        assertEquals(List.of(), findings("session"));
        pipeline.keeper().tick(System.nanoTime() + 301 * 1000 * MS);
        JsonNode session = findings("session").get(0);
        assertEquals("unassigned-left-00000007-100", session.get("session").asText());
        assertEquals("silence", session.get("ended_by").asText());
        assertEquals(2.0, session.get("wall_s").asDouble());
        assertEquals(100.0, session.get("completeness_percent").asDouble());
        assertFalse(session.has("person"));
        assertNull(pipeline.keeper().session());
        assertEquals(List.of(), partlySeen);
    }

    private byte[] event(EventFrame.Kind kind, int flags, long boot, long sequence, long index, int code) {
        received++;
        return new EventFrame(
                        kind.code(),
                        flags,
                        boot,
                        sequence,
                        index,
                        index * 10_000,
                        (short) 0,
                        0,
                        EventFrame.ANGLE_UNKNOWN,
                        (byte) 0,
                        0,
                        code)
                .encode();
    }

    private <T extends JournalEntry> List<T> journaled(Class<T> kind) {
        assertTrue(journal.flush(LONG));
        return journal.read(0, 100_000).stream()
                .map(Journal.Numbered::entry)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private List<JsonNode> findings(String kind) {
        return journaled(JournalEntry.Finding.class).stream()
                .filter(finding -> finding.kind().equals(kind))
                .map(finding -> {
                    try {
                        return Json.MAPPER.readTree(finding.json());
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private Accounting lawful() {
        assertTrue(journal.flush(LONG));
        Accounting account = pipeline.accounting(received, 0, 0);
        Accounting.Frames frames = account.frames();
        assertEquals(frames.received(), frames.decoded() + frames.malformed() + frames.overflowed() + frames.refused());
        Accounting.Samples samples = account.samples();
        assertEquals(samples.decoded(), samples.journaled() + samples.duplicate() + samples.notKept());
        return account;
    }

    @Test
    void anEventIsJournaledOnceWhetherLiveOrHistorical() throws Exception {
        frames(7, 0, 20, 0);
        byte[] fault = event(EventFrame.Kind.FAULT, 0, 7, 0, 12, 99);
        byte[] button = event(EventFrame.Kind.BUTTON, ForceFrame.HISTORICAL, 6, 5, 3, 1);
        for (byte[] each : List.of(fault, button, fault.clone(), button.clone())) {
            pipeline.event(each, System.nanoTime());
        }
        received += 2;
        List<JournalEntry.ToolEvent> events = journaled(JournalEntry.ToolEvent.class);
        assertEquals(2, events.size());
        assertEquals(
                List.of(7L, 6L),
                events.stream().map(JournalEntry.ToolEvent::boot).toList());
        assertEquals(12, events.get(0).index());
        assertEquals(99, EventFrame.decode(events.get(0).frame()).code());
        long sampleUtcUs = journaled(JournalEntry.Samples.class).get(0).utcUs();
        assertEquals(sampleUtcUs + 120_000, events.get(0).utcUs());
        assertEquals(8, lawful().frames().decoded());
        frames(7, 20, 25, 0);
        assertEquals(7, journaled(JournalEntry.Samples.class).get(1).boot(), "an old boot's event changes nothing");
    }

    @Test
    void whatTheJournalDoesNotTakeIsAwaitedAgain() throws Exception {
        frames(7, 0, 20, 0);
        pipeline.event(event(EventFrame.Kind.FAULT, 0, 7, 0, 12, 99), System.nanoTime());
        assertEquals(0, pipeline.notKept());
        journal.close();
        frames(7, 20, 25, 0);
        pipeline.event(event(EventFrame.Kind.FAULT, 0, 7, 1, 22, 99), System.nanoTime());
        assertEquals(2, pipeline.notKept());
        ToolBoots.Boot boot = Objects.requireNonNull(pipeline.boots().known(7));
        assertEquals(List.of(new IndexLedger.Range(20, 24)), boot.samples().awaitedIn(0, 100));
        assertEquals(List.of(new IndexLedger.Range(1, 1)), boot.events.awaitedIn(0, 100));
    }

    @Test
    void whatIsMissingOfABootIsCountedOnceHoweverOftenItIsForgotten() {
        for (int round = 0; round < 3; round++) {
            for (long boot = 1; boot <= 12; boot++) {
                for (long first : new long[] {0, 10}) {
                    received++;
                    pipeline.record(
                            new ForceFrame(ForceFrame.HISTORICAL, boot, first, first * 10_000, 10_000, 0, new short[5])
                                    .encode(),
                            System.nanoTime());
                }
                assertTrue(journal.flush(LONG));
            }
            Accounting.Samples samples = lawful().samples();
            assertEquals(12 * 5, samples.pending() + samples.lost());
        }
    }

    @Test
    void samplesLaterThanTheWindowAreJournaledUnjudgedAndCounted() {
        frames(7, 0, 50, 0);
        frame(7, 55, 0, startNanos + 590 * MS);
        pipeline.goOn(startNanos + 610 * MS);
        assertEquals(0, pipeline.lateSamples());
        frame(7, 50, 0, startNanos + 611 * MS);
        assertEquals(5, pipeline.lateSamples());
        assertEquals(0, lawful().samples().lost());
        JournalEntry.Samples late = journaled(JournalEntry.Samples.class).stream()
                .filter(samples -> samples.first() == 50)
                .findFirst()
                .orElseThrow();
        byte[] unknown = new byte[5];
        Arrays.fill(unknown, Judged.UNKNOWN);
        assertEquals(Arrays.toString(unknown), Arrays.toString(late.zones()));
    }

    @Test
    void aRebootInMidStrokeEndsItAndWhatComesLateOfTheOldBootStaysThere() {
        frames(7, 0, 40, 0);
        frames(7, 40, 100, 500);
        frame(7, 105, 500, startNanos + 1090 * MS);
        assertFalse(frame(8, 0, 0, startNanos + 1100 * MS), "not before a second one");
        frame(8, 5, 0, startNanos + 1150 * MS);
        frame(7, 100, 500, startNanos + 1155 * MS);
        assertEquals(5, pipeline.lateSamples());

        List<JsonNode> strokes = findings("stroke");
        assertEquals(1, strokes.size());
        assertEquals(7, strokes.get(0).get("boot").asLong());
        assertTrue(strokes.get(0).get("interrupted").asBoolean());
        assertEquals(0, pipeline.strokes());
        List<JournalEntry.Boot> boots = journaled(JournalEntry.Boot.class);
        assertEquals(
                List.of(7L, 8L), boots.stream().map(JournalEntry.Boot::boot).toList());
        for (JournalEntry.Samples samples : journaled(JournalEntry.Samples.class)) {
            long offsetUs = boots.get(samples.boot() == 7 ? 0 : 1).clock().utcUs(0);
            assertEquals(offsetUs + samples.timeUs(), samples.utcUs());
        }
        Accounting account = lawful();
        assertEquals(120, account.samples().journaled());
        assertEquals(0, account.samples().lost());
    }

    @Test
    void oneFrameOfAnotherBootIsRefusedAndTheHandIsWarnedAsBefore() {
        frames(7, 0, 30, 0);
        assertFalse(frame(99, 0, 0, startNanos + 300 * MS));
        pipeline.event(event(EventFrame.Kind.BUTTON, 0, 98, 0, 3, 1), startNanos + 300 * MS);
        frames(7, 30, 100, 1200);
        frames(7, 100, 200, 1200);
        pipeline.goOn(startNanos + 2000 * MS);
        assertEquals(0, pipeline.lateSamples());
        assertEquals(1, findings("alert").size());
        assertEquals(7, findings("alert").get(0).get("boot").asLong());
        Accounting account = lawful();
        assertEquals(1, account.frames().refused(), "when no second one came");
        assertEquals(200, account.samples().journaled());
    }

    @Test
    void aRebootIsTakenFromItsFirstFrameOnOnceTheSecondHasCome() {
        frames(7, 0, 50, 0);
        pipeline.event(event(EventFrame.Kind.FAULT, 0, 8, 0, 1, 9), startNanos + 600 * MS);
        frame(8, 0, 0, startNanos + 601 * MS);
        frame(8, 0, 0, startNanos + 602 * MS);
        frame(8, 5, 0, startNanos + 651 * MS);
        frame(8, 10, 0, startNanos + 701 * MS);
        assertEquals(0, pipeline.lateSamples());
        Accounting account = lawful();
        assertEquals(65, account.samples().journaled());
        assertEquals(0, account.samples().lost());
        assertEquals(1, account.frames().refused(), "the one that came twice");
    }

    @Test
    void theFirstFrameOfARebootIsRefusedWhenTheConnectionEndsWithIt() {
        frames(7, 0, 50, 0);
        frame(8, 0, 0, startNanos + 600 * MS);
        pipeline.disconnected();
        assertEquals(1, lawful().frames().refused());
    }

    @Test
    void aSpotThatARebootEndsHasTheTimeOfItsOwnBoot() throws Exception {
        frames(7, 0, 40, 0);
        frames(7, 40, 200, 500);
        frames(7, 200, 210, 0);
        for (long first = 0; first < 20; first += 5) {
            frame(8, first, 0, startNanos + 5 * 1000 * MS + first * 10 * MS);
        }
        List<JsonNode> spots = findings("spot");
        assertEquals(1, spots.size());
        long offsetUs = journaled(JournalEntry.Boot.class).get(0).clock().utcUs(0);
        long begunUs = Json.usOf(Instant.parse(spots.get(0).get("time").asText())) - offsetUs;
        assertEquals(400_000, begunUs, 50_000);

        pipeline.keeper().end();
        String session = findings("session").get(0).get("session").asText();
        try (JournalReader reader = JournalReader.open(folder)) {
            List<JsonNode> again = new ArrayList<>();
            for (Derivation derivation : Derivation.of(reader, session)) {
                for (JournalEntry.Finding finding : derivation.findings()) {
                    if (finding.kind().equals("spot")) {
                        again.add(Json.MAPPER.readTree(finding.json()));
                    }
                }
            }
            assertEquals(spots, again);
        }
    }

    @Test
    void aStrokeThatAnOrderFindsEndedIsCounted() {
        frames(7, 0, 200, 0);
        frames(7, 200, 260, 500);
        frames(7, 260, 270, 0);
        assertEquals(0, pipeline.strokes(), "its end is certain 120 ms after");
        SessionState running = Objects.requireNonNull(pipeline.keeper().session());
        assertNull(pipeline.keeper().order(new Order.End(running.id(), Order.By.COMMAND, null)));
        assertEquals(1, findings("stroke").size());
        assertEquals(1, pipeline.strokes());
    }

    @Test
    void whatWasMissingBeforeARestartIsTakenAfterIt() throws Exception {
        frames(7, 0, 50, 0);
        frames(7, 60, 100, 0);
        assertEquals(10, lawful().samples().pending());

        journal.close();
        open();
        received = 0;
        frame(7, 100, 0, System.nanoTime());
        assertEquals(10, lawful().samples().pending());
        frame(7, 50, 0, System.nanoTime());
        frame(7, 45, 0, System.nanoTime());
        Accounting account = lawful();
        assertEquals(5, account.samples().pending());
        assertEquals(5, account.samples().duplicate());
        assertEquals(
                100,
                journaled(JournalEntry.Samples.class).stream()
                        .mapToInt(samples -> samples.forceCn().length)
                        .sum());
    }

    @Test
    void aFrameOfNonsenseIsRefusedAndTheTrueOnesGoOn() {
        frames(7, 0, 50, 0);
        assertFalse(frame(7, 4_000_000_000L, 0, startNanos + 500 * MS));
        frames(7, 50, 100, 0);
        assertEquals(0, pipeline.lateSamples());
        Accounting account = lawful();
        assertEquals(1, account.frames().refused());
        assertEquals(100, account.samples().journaled());
        assertEquals(0, account.samples().lost());
    }

    @Test
    void aWrittenCueIsJournaledWithItsLatencySplitAndWhatTheToolSaysOfIt() {
        try (CueLane lane = new CueThread("left", radio)) {
            pipeline.cueLane(lane);
            pressTooDeep(12);
            Awaitility.await().atMost(LONG).until(() -> latency.cues() == 1);
            Cue written = radio.cues.remove();
            assertEquals(Cue.Pattern.TOO_DEEP, written.pattern());
            pipeline.event(event(EventFrame.Kind.CUE_BEGAN, 0, 7, 0, 75, written.txn()), System.nanoTime());
            pipeline.event(event(EventFrame.Kind.CUE_BEGAN, 0, 7, 1, 75, 0), System.nanoTime());

            Awaitility.await().atMost(LONG).until(() -> findings("cue").size() == 3);
            List<JsonNode> cues = findings("cue");
            JsonNode gateway = cues.get(0);
            assertEquals("gateway", gateway.get("by").asText());
            assertEquals("too-deep", gateway.get("pattern").asText());
            assertEquals(written.txn(), gateway.get("txn").asInt());
            assertEquals(
                    gateway.get("latency_ms").asDouble(),
                    gateway.get("frame_ms").asDouble()
                            + gateway.get("transport_ms").asDouble()
                            + gateway.get("gateway_ms").asDouble(),
                    1e-6);
            assertEquals(12.0, gateway.get("transport_ms").asDouble(), 0.001, "later than the fastest by 12 ms");
            long lastOfFrame = gateway.get("index").asLong() / 5 * 5 + 4;
            assertEquals(
                    10.0 * (lastOfFrame - gateway.get("index").asLong()),
                    gateway.get("frame_ms").asDouble(),
                    1e-6);
            assertTrue(gateway.get("filter_ms").asDouble() > 0, gateway.toString());
            assertEquals(lastOfFrame * 10_000 + 500_000, written.expiresUs(), "tool time");

            assertEquals("felt", cues.get(1).get("by").asText());
            assertEquals("too-deep", cues.get(1).get("pattern").asText());
            assertEquals(written.txn(), cues.get(1).get("txn").asInt());
            assertEquals("tool", cues.get(2).get("by").asText());
            assertNull(cues.get(2).get("txn"));
            assertEquals(
                    3,
                    journaled(JournalEntry.Finding.class).stream()
                            .filter(finding -> finding.kind().equals("cue"))
                            .mapToLong(JournalEntry.Finding::utcUs)
                            .distinct()
                            .count());

            JsonNode alert = findings("alert").get(0);
            assertEquals(gateway.get("index"), alert.get("index"));
            assertEquals(gateway.get("boot"), alert.get("boot"));
            assertEquals(100.0, pipeline.cueAgreement().percent());
        }
    }

    @Test
    void aCueThatCannotBeWrittenIsJournaledWithoutALatencyAndTriedAgain() {
        radio.broken = true;
        try (CueLane lane = new CueThread("left", radio)) {
            pipeline.cueLane(lane);
            pressTooDeep(0);
            Awaitility.await().atMost(LONG).until(() -> !findings("cue").isEmpty());
            JsonNode first = findings("cue").get(0);
            assertNull(first.get("latency_ms"));
            assertNull(first.get("gateway_ms"));
            assertEquals(0, latency.cues());

            radio.broken = false;
            frame(7, 90, 1000, System.nanoTime());
            Awaitility.await().atMost(LONG).until(() -> latency.cues() == 1);
        }
    }

    @Test
    void aCueIsWrittenThoughTheAccountOfTheOneBeforeFailed() {
        try (CueLane lane = new CueThread("left", radio)) {
            long deadlineNanos = System.nanoTime() + LONG.toNanos();
            lane.send(new Cue(Cue.Pattern.TICK, 1, 0), deadlineNanos, written -> {
                throw new IllegalStateException("no room");
            });
            lane.send(new Cue(Cue.Pattern.CEILING, 2, 0), deadlineNanos, written -> {});
            Awaitility.await().atMost(LONG).until(() -> radio.cues.size() == 2);
        }
    }

    @Test
    void anAlertIsJournaledAtOnceThoughItsCueIsNeverWritten() throws Exception {
        radio.stuck = true;
        try (CueLane lane = new CueThread("left", radio)) {
            pipeline.cueLane(lane);
            pressTooDeep(0);
            pipeline.silence();
            assertEquals(
                    List.of("begin", "end"),
                    findings("alert").stream()
                            .map(alert -> alert.get("phase").asText())
                            .toList());
            assertEquals(List.of(), findings("cue"));
        }
    }

    /**
     * 10 N from sample 30 to 89; one frame comes at once, the others later by {@code lateMs}. The frame that completes the
     * rule, about sample 50, has just come, so that its cue stays fresh on a loaded machine too.
     */
    private void pressTooDeep(long lateMs) {
        long bootNanos = System.nanoTime() - 600 * MS;
        for (long first = 0; first < 90; first += 5) {
            long late = first == 25 ? 0 : lateMs;
            frame(7, first, first < 30 ? 0 : 1000, bootNanos + ((first + 4) * 10 + late) * MS);
        }
    }

    @Test
    void whatOneAloneJudgedIsNoAgreement() {
        frames(7, 0, 50, 0);
        pipeline.event(event(EventFrame.Kind.OVER_PRESSURE_BEGIN, 0, 7, 0, 40, 0), System.nanoTime());
        pipeline.event(
                event(EventFrame.Kind.OVER_PRESSURE_BEGIN, ForceFrame.HISTORICAL, 7, 1, 10, 0), System.nanoTime());
        pipeline.silence();
        assertEquals(0.0, pipeline.cueAgreement().percent());
        assertEquals(1, pipeline.cueAgreement().onlyTool());
    }

    /** Takes cues, or is broken, or takes one and never returns. */
    private static final class Radio implements ToolConnection {
        final Queue<Cue> cues = new ConcurrentLinkedQueue<>();
        volatile boolean broken;
        volatile boolean stuck;

        @Override
        public void resolve(Duration limit) {
            throw new AssertionError("nobody resolves");
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() {
            throw new AssertionError("nobody looks at the table");
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.empty();
        }

        @Override
        public Bond bond() {
            return Bond.PROVEN;
        }

        @Override
        public byte[] read(UUID characteristic) {
            throw new AssertionError("nobody reads");
        }

        @Override
        public void write(UUID characteristic, byte[] value) {
            throw new AssertionError("nobody writes with response");
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            assertEquals(Gatt.CUE, characteristic);
            if (stuck) {
                new CountDownLatch(1).await();
            }
            if (broken) {
                throw new LinkException("out of reach");
            }
            try {
                cues.add(Cue.decode(value));
            } catch (MalformedFrameException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications) {
            throw new AssertionError("nobody subscribes");
        }

        @Override
        public void unsubscribe(UUID characteristic) {
            throw new AssertionError("nobody unsubscribes");
        }

        @Override
        public void close() {}
    }

    @Test
    void aShortPressOfTheButtonGoesOnToTheNextSpot() {
        frames(7, 0, 100, 0);
        frames(7, 100, 200, 200);
        frames(7, 200, 250, 0);
        pipeline.event(event(EventFrame.Kind.BUTTON, 0, 7, 0, 245, 2), startNanos + 2460 * MS);
        assertEquals(List.of(), findings("spot"), "a long press is none");
        pipeline.event(event(EventFrame.Kind.BUTTON, 0, 7, 1, 249, EventFrame.BUTTON_SHORT), startNanos + 2500 * MS);
        frames(7, 250, 300, 0);
        assertEquals(1, findings("spot").size());
        assertEquals(1.0, findings("spot").get(0).get("dwell_s").asDouble(), 0.05);
    }
}

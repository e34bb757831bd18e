package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.Accounting;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tool has in its store comes to the journal, and is erased there only then. */
class BackfillTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int SECOND_US = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final SimulatedTool tool =
            SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.builtIn("too-deep"), 1);
    private final RealTime time = new RealTime();

    @AfterEach
    void stopTime() {
        time.close();
    }

    private Gateway start() throws Exception {
        return Gateway.start(
                GatewayConfig.parse(
                        "test",
                        "mqtt: {port: 0}\ntools:\n  - {id: tool-1, address: \"%s\"}"
                                .formatted(SimulatedTools.address(1))),
                folder,
                new SimulatedLink(List.of(tool)));
    }

    /** The tool samples into its store, with nobody there, for so long in no time. */
    private void record(int rateHz, int seconds) {
        tool.connect(247, Set.of(), (uuid, value) -> {});
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(1, rateHz).encode());
        tool.disconnect();
        tool.advanceTo(tool.ageUs() + (long) seconds * SECOND_US);
    }

    private long boot() throws Exception {
        return ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).boot();
    }

    private List<StoredBoot> stored() throws Exception {
        List<byte[]> answers = new ArrayList<>();
        tool.connect(247, Set.of(Gatt.CONTROL_POINT), (uuid, value) -> answers.add(value));
        tool.write(Gatt.CONTROL_POINT, ControlRequest.storedBoots(1, 0).encode());
        tool.disconnect();
        return StoredBoots.decode(ControlAnswer.decode(answers.get(0)).data()).boots();
    }

    private static void awaitBackfill(Gateway gateway) {
        ToolSession session = gateway.sessions().get(0);
        Awaitility.await()
                .atMost(LONG)
                .until(() -> session.streamingSinceNanos().isPresent()
                        && !session.backfilling()
                        && session.accounting().samples().pending() == 0
                        && session.lateSamples() > 0);
    }

    private Map<Long, TreeMap<Long, JournalEntry.Samples>> journaled() throws Exception {
        Map<Long, TreeMap<Long, JournalEntry.Samples>> boots = new HashMap<>();
        try (JournalReader journal = JournalReader.open(folder)) {
            journal.replay("tool-1", 0, Long.MAX_VALUE, entry -> {
                if (entry instanceof JournalEntry.Samples samples) {
                    boots.computeIfAbsent(samples.boot(), key -> new TreeMap<>())
                            .put(samples.first(), samples);
                }
            });
            for (JournalReader.KeptBoot kept : journal.boots()) {
                long once = boots.getOrDefault(kept.boot(), new TreeMap<>()).values().stream()
                        .mapToLong(samples -> samples.forceCn().length)
                        .sum();
                assertEquals(once, kept.samples(), "none is kept twice");
            }
        }
        return boots;
    }

    /** Without gap or double from {@code from} on, in ascending time; one after the last. */
    private static long assertWhole(TreeMap<Long, JournalEntry.Samples> samples, long from) {
        long next = from;
        long utcUs = Long.MIN_VALUE;
        for (JournalEntry.Samples row : samples.tailMap(from).values()) {
            assertEquals(next, row.first());
            assertTrue(row.utcUs() > utcUs, row + " at or before " + utcUs);
            utcUs = row.utcUs() + (row.forceCn().length - 1L) * row.periodUs();
            next = row.first() + row.forceCn().length;
        }
        return next;
    }

    @Test
    void whatWasSampledBeforeTheGatewayWasThereComesToo() throws Exception {
        record(100, 120);
        long firstBoot = boot();
        tool.reboot();
        record(100, 60);
        long secondBoot = boot();
        time.add(tool);
        try (Gateway gateway = start()) {
            awaitBackfill(gateway);
            gateway.stopTools();
            Summary summary = gateway.summary();
            assertTrue(summary.lawful(), summary.toString());
            assertEquals(0, summary.samples().lost() + summary.samples().pending(), summary.toString());
        }
        Map<Long, TreeMap<Long, JournalEntry.Samples>> boots = journaled();
        assertEquals(Set.of(firstBoot, secondBoot), boots.keySet());
        TreeMap<Long, JournalEntry.Samples> first = Objects.requireNonNull(boots.get(firstBoot));
        TreeMap<Long, JournalEntry.Samples> second = Objects.requireNonNull(boots.get(secondBoot));
        assertTrue(assertWhole(first, 0) >= 11_900, "samples of the first boot");
        assertTrue(assertWhole(second, 0) >= 6_000, "samples of the second boot");
        assertTrue(
                first.lastEntry().getValue().utcUs()
                        < second.firstEntry().getValue().utcUs(),
                "one after the other");
        try (Journal journal = Journal.open(folder)) {
            assertTrue(journal.boot("tool-1", firstBoot).orElseThrow().estimated());
            assertTrue(!journal.boot("tool-1", secondBoot).orElseThrow().estimated());
        }
    }

    @Test
    void whatIsOnDiskIsErasedOnTheToolAndNothingElse() throws Exception {
        record(100, 60);
        long firstBoot = boot();
        tool.reboot();
        record(100, 60);
        assertEquals(2, stored().size());
        time.add(tool);
        try (Gateway gateway = start()) {
            awaitBackfill(gateway);
            // The next round erases what had not been on disk at the end of the first.
            Awaitility.await()
                    .atMost(LONG)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            gateway.sessions().get(0).accounting().samples().journaled() > 12_000);
        }
        time.remove(tool);
        List<StoredBoot> left = stored();
        Map<Long, TreeMap<Long, JournalEntry.Samples>> boots = journaled();
        for (StoredBoot each : left) {
            TreeMap<Long, JournalEntry.Samples> samples = Objects.requireNonNull(
                    boots.get(each.boot()), each + " of " + boots.keySet() + ", first " + firstBoot);
            assertEquals(0, samples.firstKey(), "all that was erased is here");
            assertTrue(assertWhole(samples, 0) >= each.oldestIndex(), each.toString());
        }
        assertTrue(boots.containsKey(firstBoot));
    }

    @Test
    void whatWasSampledBetweenTheGatewaysEndAndTheToolsRestartComesToo() throws Exception {
        time.add(tool);
        try (Gateway gateway = start()) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() ->
                            gateway.sessions().get(0).accounting().samples().journaled() > 100);
        }
        time.remove(tool);
        record(100, 60);
        long firstBoot = boot();
        StoredBoot stored = stored().get(0);
        tool.reboot();
        time.add(tool);
        try (Gateway gateway = start()) {
            awaitBackfill(gateway);
            gateway.stopTools();
            assertTrue(gateway.summary().lawful(), gateway.summary().toString());
        }
        TreeMap<Long, JournalEntry.Samples> first =
                Objects.requireNonNull(journaled().get(firstBoot));
        assertTrue(stored.newestIndex() > 6_000, stored.toString());
        assertTrue(assertWhole(first, 0) > stored.newestIndex(), "all that was sampled until it started anew");
    }

    @Test
    void whatTheStoreNoLongerHasIsLostAndSaysWhy() throws Exception {
        time.add(tool);
        try (Gateway gateway = start()) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() ->
                            gateway.sessions().get(0).accounting().samples().journaled() > 100);
        }
        time.remove(tool);
        record(1000, 300); // a third more than the store holds
        StoredBoot stored = stored().get(0);
        time.add(tool);
        try (Gateway gateway = start()) {
            awaitBackfill(gateway);
            ToolSession session = gateway.sessions().get(0);
            assertTrue(
                    System.nanoTime() - session.lastFrameNanos().orElseThrow() < 2_000_000_000L,
                    "the stream goes on meanwhile");
            gateway.stopTools();
            Summary summary = gateway.summary();
            assertTrue(summary.lawful(), summary.toString());
            Accounting.Boot account = session.accounting().boots().get(0);
            long lost = Objects.requireNonNull(account.lost().get("overwritten"));
            assertEquals(Map.of("overwritten", lost), account.lost());
            assertTrue(lost >= 100_000 - 200 && lost < stored.oldestIndex() + 5_000, account + " of " + stored);
            assertEquals(summary.samples().lost(), lost);
        }
        TreeMap<Long, JournalEntry.Samples> samples =
                Objects.requireNonNull(journaled().get(boot()));
        // While it was asked, it went on overwriting.
        long oldest = Objects.requireNonNull(samples.ceilingKey(stored.oldestIndex()));
        assertTrue(oldest - stored.oldestIndex() < 5_000, oldest + " of " + stored);
        assertTrue(assertWhole(samples, oldest) > stored.newestIndex(), "all that the store had");
    }
}

package io.lightstroke.gateway.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.JournalEntry.ToolEvent;
import io.lightstroke.protocol.ForceFrame;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    static final long UTC = 1_760_000_000_000_000L;

    @TempDir
    Path folder;

    private Journal journal;

    @BeforeEach
    void open() throws JournalException {
        journal = Journal.open(folder);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void everyFieldComesBackAsItWasAppended() {
        Samples samples = new Samples(
                "left",
                0xFFFF_FFFFL,
                0xFFFF_FFF0L,
                Long.MIN_VALUE + 7,
                UTC + 123_457,
                65_535,
                0xFFFF,
                0xFFFF_FFFFL,
                new short[] {Short.MIN_VALUE, -2, 0, Short.MAX_VALUE},
                new byte[] {-1, 0, 0, 5});
        Finding finding = new Finding("left", "stroke", 1, 2, UTC + 1, "{\"id\":\"größer 🪨\"}");
        Boot boot = new Boot("right", 7, BootClock.ofOffset(-5), false);
        ToolEvent event =
                new ToolEvent("left", 0xFFFF_FFFFL, 0xFFFF_FFFEL, 0xFFFF_FFFDL, UTC - 1, new byte[] {2, 1, -1});
        Order order = new Order("left", 0xFFFF_FFFFL, 17, UTC + 2, "{\"do\":\"área\"}");

        append(boot, samples, finding, event, order);

        List<Numbered> read = journal.read(0, 10);
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L), read.stream().map(Numbered::seq).toList());
        assertEquals(boot, read.get(0).entry());
        assertSame(samples, read.get(1).entry());
        assertEquals(finding, read.get(2).entry());
        ToolEvent eventRead = assertInstanceOf(ToolEvent.class, read.get(3).entry());
        assertArrayEquals(event.frame(), eventRead.frame());
        assertEquals(
                new ToolEvent("left", 0xFFFF_FFFFL, 0xFFFF_FFFEL, 0xFFFF_FFFDL, UTC - 1, eventRead.frame()), eventRead);
        assertEquals(order, read.get(4).entry());
    }

    @Test
    void anEventThatComesAgainTakesNoPlaceInTheSequence() {
        append(event("left", 1, 0), event("left", 1, 1), event("left", 1, 0));
        append(event("left", 1, 1), event("left", 2, 1), event("right", 1, 1));
        assertEquals(4, journal.lastSeq());
        assertEquals(4, journal.read(0, 10).size());
    }

    @Test
    void theLastOrdersOfAToolComeBackNewestLastAndSurviveTheProcess() throws Exception {
        for (int i = 0; i < 5; i++) {
            append(new Order("left", 1, 100 * i, UTC - i, "{\"n\":" + i + "}"), new Order("right", 1, 0, UTC, "{}"));
        }
        journal.close();
        open();
        assertEquals(
                List.of("{\"n\":2}", "{\"n\":3}", "{\"n\":4}"),
                journal.lastOrders("left", 3).stream().map(Order::json).toList());
        assertEquals(5, journal.lastOrders("left", 100).size());
        assertEquals(List.of(), journal.lastOrders("nobody", 100));
    }

    @Test
    void aGuidelineIsKeptOnceUnderItsFingerprint() throws Exception {
        assertEquals(Optional.empty(), journal.guideline("ab12"));
        journal.keepGuideline("1.0", "ab12", "version: 1.0\n# größer");
        journal.keepGuideline("1.0", "ab12", "version: 1.0\n# größer");
        journal.keepGuideline("1.0", "cd34", "version: 1.0");
        long seq = journal.lastSeq();
        journal.close();
        open();
        assertEquals(Optional.of("version: 1.0\n# größer"), journal.guideline("ab12"));
        assertEquals(Optional.of("version: 1.0"), journal.guideline("cd34"));
        assertEquals(seq, journal.lastSeq());
    }

    @Test
    void theGapsOfABootAreKnown() {
        append(
                samples("left", 7, 10, 5),
                samples("left", 8, 0, 100),
                samples("left", 7, 20, 5),
                samples("left", 7, 25, 5),
                samples("left", 7, 40, 1),
                samples("left", 7, 17, 1));
        assertEquals(
                Optional.of(new BootState(
                        BootClock.ofOffset(UTC),
                        false,
                        10,
                        40,
                        List.of(new BootState.Gap(30, 39), new BootState.Gap(18, 19), new BootState.Gap(15, 16)))),
                journal.boot("left", 7));
    }

    @Test
    void readsInOrderFromWhereItIsTold() {
        for (int i = 0; i < 10; i++) {
            append(samples("left", 1, 1000L * i, 5), finding("left", i));
        }
        List<Numbered> read = new ArrayList<>();
        while (true) {
            List<Numbered> more =
                    journal.read(read.isEmpty() ? 0 : read.get(read.size() - 1).seq(), 3);
            if (more.isEmpty()) {
                break;
            }
            assertTrue(more.size() <= 3);
            read.addAll(more);
        }
        assertEquals(20, read.size());
        for (int i = 0; i < 20; i++) {
            assertEquals(i + 1L, read.get(i).seq());
            assertEquals(
                    i % 2 == 0 ? Samples.class : Finding.class,
                    read.get(i).entry().getClass());
        }
    }

    @Test
    void samplesThatContinueOneAnotherShareARowUpTo250Ms() {
        List<JournalEntry> frames = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            frames.add(samples("left", 1, 5L * i, 5));
            frames.add(samples("right", 2, 5L * i, 5));
        }
        assertTrue(journal.append(frames));
        flush();

        List<Samples> left = journal.read(0, 100).stream()
                .map(each -> (Samples) each.entry())
                .filter(each -> each.tool().equals("left"))
                .toList();
        assertEquals(
                List.of(25, 25, 10),
                left.stream().map(each -> each.forceCn().length).toList());
        assertEquals(List.of(0L, 25L, 50L), left.stream().map(Samples::first).toList());
        assertSame(samples("left", 1, 25, 25), left.get(1));
    }

    @Test
    void whatDoesNotContinueExactlyIsNotJoined() {
        Samples first = samples("left", 1, 0, 5);
        List<Samples> others = List.of(
                samples("left", 2, 5, 5),
                samples("left", 1, 6, 5),
                new Samples("left", 1, 5, 50_001, UTC + 50_000, 10_000, 0, 0, new short[5], new byte[5]),
                new Samples("left", 1, 5, 50_000, UTC + 50_101, 10_000, 0, 0, new short[5], new byte[5]),
                new Samples("left", 1, 5, 50_000, UTC + 49_899, 10_000, 0, 0, new short[5], new byte[5]),
                new Samples("left", 1, 5, 50_000, UTC + 50_000, 9_999, 0, 0, new short[5], new byte[5]),
                new Samples("left", 1, 5, 50_000, UTC + 50_000, 10_000, 2, 0, new short[5], new byte[5]));
        for (Samples other : others) {
            assertEquals(List.of(first, other), SampleBlobs.join(List.of(first, other)));
        }
        assertEquals(
                1, SampleBlobs.join(List.of(first, samples("left", 1, 5, 5))).size());
        Samples ofAnotherClock =
                new Samples("left", 1, 5, 50_000, UTC + 49_900, 10_000, 0, 0, new short[5], new byte[5]);
        assertEquals(1, SampleBlobs.join(List.of(first, ofAnotherClock)).size());
    }

    @Test
    void saturatedFramesStayApartAndOnlyThePartWithTheHighestSampleIsSaturated() {
        Samples first = saturated(0, 100, 900, 900);
        Samples second = saturated(3, 400, 300, 200);
        assertEquals(List.of(first, second), SampleBlobs.join(List.of(first, second)));

        assertEquals(0, SampleBlobs.part(first, 0, 0).flags());
        assertEquals(ForceFrame.SATURATED, SampleBlobs.part(first, 1, 2).flags());
        assertEquals(0, SampleBlobs.part(first, 2, 2).flags());
    }

    private static Samples saturated(long first, int... forceCn) {
        short[] samples = new short[forceCn.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) forceCn[i];
        }
        return new Samples(
                "left",
                1,
                first,
                first * 10_000,
                UTC + first * 10_000,
                10_000,
                ForceFrame.SATURATED,
                0,
                samples,
                new byte[samples.length]);
    }

    @Test
    void aFindingNeverComesBeforeTheSamplesItWasFoundIn() {
        append(samples("left", 1, 0, 5), samples("right", 9, 0, 5), samples("left", 1, 5, 5), finding("left", 9));
        List<Numbered> read = journal.read(0, 10);
        assertEquals(3, read.size());
        assertSame(samples("left", 1, 0, 10), read.get(0).entry());
        assertInstanceOf(Finding.class, read.get(2).entry());
    }

    @Test
    void countsAndBootsAreOfWhatIsCommitted() {
        assertEquals(Optional.empty(), journal.boot("left", 77));
        assertEquals(OptionalLong.empty(), journal.lastUtcUs("left"));

        append(new Boot("left", 77, BootClock.ofOffset(UTC), false));
        assertEquals(
                Optional.of(new BootState(BootClock.ofOffset(UTC), false, -1, -1, List.of())),
                journal.boot("left", 77));

        append(samples("left", 77, 100, 25), samples("left", 77, 10, 5), samples("right", 77, 0, 3));
        long last = journal.lastSeq();
        append(new Boot("left", 77, BootClock.ofOffset(4711), false));
        assertEquals(last, journal.lastSeq(), "a known boot is no new entry");
        assertEquals(
                Optional.of(new BootState(BootClock.ofOffset(UTC), false, 10, 124, List.of(new BootState.Gap(15, 99)))),
                journal.boot("left", 77));
        assertEquals(
                Optional.of(new BootState(BootClock.ofOffset(UTC), false, 0, 2, List.of())), journal.boot("right", 77));
        assertEquals(OptionalLong.of(UTC + 124 * 10_000), journal.lastUtcUs("left"));
        assertEquals(30, journal.samplesJournaled("left"));
        assertEquals(3, journal.samplesJournaled("right"));
        assertEquals(0, journal.samplesNotKept("left"));
    }

    @Test
    void aSinksAccountObeysItsLaw() throws Exception {
        append(samples("left", 1, 0, 25));
        journal.enable("mqtt");
        assertEquals(new SinkAccount(0, 0, 0, 0, 0), journal.account("mqtt"));

        append(samples("left", 1, 1000, 25), finding("left", 1), samples("left", 1, 2000, 10));
        journal.enable("mqtt");
        assertEquals(new SinkAccount(35, 0, 35, 0, 0), journal.account("mqtt"));

        List<Numbered> read = journal.read(journal.cursor("mqtt"), 2);
        journal.advance(
                "mqtt", read.get(1).seq(), List.of(new SetAside(read.get(0).seq(), 4, "no")));
        assertEquals(new SinkAccount(35, 21, 10, 4, 0), journal.account("mqtt"));
        assertEquals(read.get(1).seq(), journal.cursor("mqtt"));

        journal.advance("mqtt", read.get(0).seq(), List.of());
        assertEquals(new SinkAccount(35, 21, 10, 4, 0), journal.account("mqtt"), "a cursor never goes back");

        journal.close();
        open();
        assertEquals(new SinkAccount(35, 21, 10, 4, 0), journal.account("mqtt"));
        assertTrue(journal.account("mqtt").lawful());
        assertEquals(3, journal.read(read.get(0).seq() - 1, 10).size());

        Exception e = assertThrows(IllegalArgumentException.class, () -> journal.account("nobody"));
        assertTrue(e.getMessage().contains("nobody"), e.getMessage());
    }

    @Test
    void whatExpiredWhileItWasDeliveredIsNotSetAsideToo() throws Exception {
        journal.enable("mqtt");
        append(samples("left", 1, 0, 25), finding("left", 1));
        append(samples("left", 1, 1000, 10));
        List<Numbered> read = journal.read(0, 10);
        journal.transact("test", connection -> {
            boolean unused =
                    Accounts.advance(connection, "mqtt", read.get(1).seq(), List.of(), Accounts.Column.EXPIRED);
        });
        journal.advance(
                "mqtt",
                read.get(2).seq(),
                List.of(
                        new SetAside(read.get(0).seq(), 25, "no"),
                        new SetAside(read.get(1).seq(), 1, "no"),
                        new SetAside(read.get(2).seq(), 4, "no")));
        assertEquals(new SinkAccount(35, 6, 0, 4, 25), journal.account("mqtt"));
    }

    @Test
    void whoWaitsForMoreIsWoken() throws Exception {
        Thread appending = new Thread(() -> journal.append(List.of(samples("left", 1, 0, 5))));
        long start = System.nanoTime();
        appending.start();
        journal.awaitMore(0, LONG);
        assertEquals(1, journal.read(0, 10).size());
        assertTrue(System.nanoTime() - start < LONG.toNanos());
        appending.join();

        journal.awaitMore(1, Duration.ofMillis(20));
        assertEquals(1, journal.read(0, 10).size());
    }

    @Test
    void aSecondOneOnTheSameFolderIsRefused() {
        JournalException e = assertThrows(JournalException.class, () -> Journal.open(folder));
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("another gateway has it open"), e.getMessage());
    }

    @Test
    void aSecondProcessIsRefused() throws Exception {
        Process child = AppendingProcess.start(folder);
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, child.waitFor());
        assertTrue(said.contains("another gateway has it open"), said);
    }

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        journal.close();
        Process child = AppendingProcess.start(folder);
        long acknowledged = -1;
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            String line;
            while ((line = out.readLine()) != null) {
                acknowledged = Long.parseLong(line);
                if (System.nanoTime() > end && acknowledged > 1000) {
                    child.toHandle().destroyForcibly();
                }
            }
        }
        child.waitFor();

        open();
        List<Samples> samples = journal.read(0, Integer.MAX_VALUE).stream()
                .map(each -> (Samples) each.entry())
                .toList();
        long next = 0;
        for (Samples row : samples) {
            assertEquals(next, row.first());
            for (int i = 0; i < row.forceCn().length; i++) {
                assertEquals((short) (row.first() + i), row.forceCn()[i]);
            }
            next += row.forceCn().length;
        }
        assertTrue(next > acknowledged, "acknowledged up to %d, kept up to %d".formatted(acknowledged, next - 1));
        assertEquals(new SinkAccount(next, 0, next, 0, 0), journal.account("mqtt"));
        assertEquals(next - 1, journal.boot("left", 1).orElseThrow().lastIndex());
    }

    @Test
    void aHalfWrittenLogIsReadUpToItsLastWholeCommit() throws Exception {
        for (int i = 0; i < 20; i++) {
            append(samples("left", 1, 1000L * i, 25));
        }
        Path copy = folder.resolve("copy");
        Files.createDirectory(copy);
        Files.copy(folder.resolve("journal.db"), copy.resolve("journal.db"));
        Files.copy(folder.resolve("journal.db-wal"), copy.resolve("journal.db-wal"));
        try (RandomAccessFile wal =
                new RandomAccessFile(copy.resolve("journal.db-wal").toFile(), "rw")) {
            wal.setLength(wal.length() - 5000);
        }

        try (Journal damaged = Journal.open(copy)) {
            List<Numbered> kept = damaged.read(0, 100);
            assertTrue(!kept.isEmpty() && kept.size() < 20, "kept " + kept.size());
            damaged.append(List.of(samples("left", 1, 1_000_000, 25)));
            assertTrue(damaged.flush(LONG));
            assertEquals(kept.size() + 1, damaged.read(0, 100).size());
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsMovedAside() throws Exception {
        journal.close();
        byte[] noise = new byte[8192];
        Arrays.fill(noise, (byte) 'x');
        Files.write(folder.resolve("journal.db"), noise);

        open();
        append(samples("left", 1, 0, 5));
        assertEquals(1, journal.read(0, 10).size());
        try (var files = Files.list(folder)) {
            Path aside = files.filter(each -> each.getFileName().toString().startsWith("journal.db.damaged-"))
                    .findFirst()
                    .orElseThrow();
            assertArrayEquals(noise, Files.readAllBytes(aside));
        }
    }

    @Test
    void aJournalOfANewerVersionIsRefused() throws Exception {
        journal.transact("test", connection -> {
            try (var statement = connection.createStatement()) {
                statement.executeUpdate(
                        "insert into flyway_schema_history (installed_rank, version, description, type, script, installed_by,"
                                + " execution_time, success) values (1000, '1000', 'of the future', 'SQL', 'V1000__of_the_future.sql', '', 0, 1)");
            }
        });
        journal.close();
        JournalException e = assertThrows(JournalException.class, this::open);
        assertTrue(e.getMessage().contains("1000"), e.getMessage());
    }

    @Test
    void aFullDiskIsWaitedForAndWhatDoesNotFitIsCounted() throws Exception {
        journal.enable("mqtt");
        append(samples("left", 1, 0, 25));
        limitPages(1);

        long appended = 25;
        long refused = 0;
        for (int i = 1; refused == 0; i++) {
            Samples second = samples("left", 1, 10_000L * i, 10_000);
            if (journal.append(List.of(second))) {
                appended += 10_000;
            } else {
                refused = 10_000;
            }
            assertTrue(appended <= 2L * Journal.MAX_WAITING_SAMPLES, "the queue has no end");
        }
        assertEquals(10_000, journal.samplesNotKept("left"));
        assertFalse(journal.flush(Duration.ofMillis(1500)), "a full disk took it");
        assertEquals(25, journal.samplesJournaled("left"));
        assertTrue(journal.read(1, 10).isEmpty());

        limitPages(1_000_000);
        assertTrue(journal.flush(LONG), "the disk has room again");
        long kept = appended;
        assertEquals(kept, journal.samplesJournaled("left"));
        assertEquals(new SinkAccount(kept, 0, kept, 0, 0), journal.account("mqtt"));
        assertTrue(journal.append(List.of(samples("left", 1, 90_000_000, 5))));
    }

    @Test
    void whatWaitedLongIsCommittedInPartsEachAsItWasAppended() throws Exception {
        limitPages(1);
        journal.append(List.of(samples("left", 1, 0, 10_000)));
        assertFalse(journal.flush(Duration.ofSeconds(1)));
        for (int i = 0; i < 20; i++) {
            assertTrue(journal.append(List.of(samples("left", 1, 100_000L * (i + 1), 10_000), finding("left", i))));
        }
        journal.transact("test", connection -> {
            long pages = ReadConnection.query(connection, "pragma page_count", row -> row.getLong(1))
                    .get(0);
            // For some of them.
            long unused = ReadConnection.query(
                            connection, "pragma max_page_count = " + (pages + 60), row -> row.getLong(1))
                    .get(0);
        });
        await().atMost(LONG).until(() -> journal.samplesJournaled("left") > 10_000);
        await().atMost(LONG).until(() -> journal.problem().isPresent());
        assertTrue(journal.samplesWaiting() > 0);
        List<Numbered> read = journal.read(0, 100);
        assertInstanceOf(Finding.class, read.get(read.size() - 1).entry());

        limitPages(1_000_000);
        flush();
        assertEquals(210_000, journal.samplesJournaled("left"));
        assertEquals(41, journal.read(0, 100).size());
    }

    @Test
    void anEntryThatCanNeverBeStoredDoesNotBlockTheOthers() {
        Samples poison = new Samples("left", 1, 5, 0, UTC, 10_000, 0, 0, new short[5], new byte[4]);
        @SuppressWarnings("NullAway")
        Finding noText = new Finding("left", "stroke", 1, 0, UTC, null);
        append(samples("left", 1, 0, 5), poison, noText, samples("left", 1, 50, 5), finding("left", 50));

        assertEquals(3, journal.read(0, 10).size());
        assertEquals(10, journal.samplesJournaled("left"));
        assertEquals(5, journal.samplesNotKept("left"));
    }

    @Test
    void closedItKeepsNothingMoreAndSaysSo() {
        journal.append(List.of(samples("left", 1, 0, 5)));
        journal.close();
        assertEquals(5, journal.samplesJournaled("left"));
        assertFalse(journal.append(List.of(samples("left", 1, 5, 5))));
        assertEquals(5, journal.samplesNotKept("left"));
    }

    @Test
    void aSampleTakesLessThanSixBytes() throws IOException {
        int samples = 0;
        List<JournalEntry> rows = new ArrayList<>();
        for (int i = 0; i < 8000; i++) {
            Samples row = samples(i % 2 == 0 ? "left" : "right", 0x9234_5678L + i % 2, 1_000_000 + i / 2 * 25L, 25);
            byte[] zones = row.zones();
            Arrays.fill(zones, i % 25, 25, (byte) 3);
            rows.add(row);
            samples += 25;
        }
        assertTrue(journal.append(rows));
        flush();
        journal.close();
        double bytes = (double) Files.size(folder.resolve("journal.db")) / samples;
        System.out.printf("journal: %.2f bytes a sample%n", bytes);
        assertTrue(bytes < 6, bytes + " bytes a sample");
    }

    private void append(JournalEntry... entries) {
        assertTrue(journal.append(List.of(entries)));
        flush();
    }

    private void flush() {
        assertTrue(journal.flush(LONG));
    }

    private void limitPages(long pages) throws Exception {
        journal.transact("test", connection -> {
            try (var statement = connection.createStatement()) {
                statement.execute("pragma max_page_count = " + pages);
            }
        });
    }

    static void assertSame(Samples expected, JournalEntry actual) {
        Samples samples = assertInstanceOf(Samples.class, actual);
        assertArrayEquals(expected.forceCn(), samples.forceCn());
        assertArrayEquals(expected.zones(), samples.zones());
        assertEquals(withoutArrays(expected), withoutArrays(samples));
    }

    private static List<Object> withoutArrays(Samples s) {
        return List.of(s.tool(), s.boot(), s.first(), s.timeUs(), s.utcUs(), s.periodUs(), s.flags(), s.toolStrokes());
    }

    /** At 100 Hz; sample i of a boot has time i · 10 ms and force i. */
    static Samples samples(String tool, long boot, long first, int count) {
        short[] force = new short[count];
        for (int i = 0; i < count; i++) {
            force[i] = (short) (first + i);
        }
        return new Samples(
                tool, boot, first, first * 10_000, UTC + first * 10_000, 10_000, 0, 3, force, new byte[count]);
    }

    static ToolEvent event(String tool, long boot, long sequence) {
        return new ToolEvent(tool, boot, sequence, 10 * sequence, UTC + 100_000 * sequence, new byte[40]);
    }

    static Finding finding(String tool, long index) {
        return new Finding(tool, "stroke", 1, index, UTC, "{\"v\":1}");
    }
}

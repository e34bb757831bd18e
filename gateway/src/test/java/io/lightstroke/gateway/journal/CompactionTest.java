package io.lightstroke.gateway.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from a journal is the same before its rows are in blocks and after. */
class CompactionTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long EVER = Long.MAX_VALUE / 2;

    private Path base = Path.of("");

    @BeforeProperty
    void folder() throws Exception {
        base = Files.createTempDirectory("compaction");
    }

    @AfterProperty
    void clean() throws Exception {
        try (var files = Files.walk(base)) {
            for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    @Property(tries = 40)
    void everyReaderSaysTheSameBeforeAndAfter(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        Path folder = Files.createTempDirectory(base, "journal");
        try (Journal journal = Journal.open(folder)) {
            for (JournalEntry entry : entries(random)) {
                journal.append(List.of(entry));
                if (random.nextInt(4) == 0) {
                    assertTrue(journal.flush(LONG));
                }
            }
            assertTrue(journal.flush(LONG));
            try (JournalReader reader = JournalReader.open(folder)) {
                List<String> before = answers(journal, reader, new Random(seed));
                long upTo = random.nextInt(3) == 0 ? journal.lastSeq() / 2 : journal.lastSeq();
                compact(journal, upTo);
                assertTrue(journal.read(0, 10_000).stream()
                        .noneMatch(each -> each.seq() <= upTo && each.entry() instanceof Samples));
                assertEquals(before, answers(journal, reader, new Random(seed)));
                compact(journal, journal.lastSeq());
                assertEquals(before, answers(journal, reader, new Random(seed)));
            }
        }
    }

    @Test
    void aRefusedRowOfTheSameIndexIsPassed(@TempDir Path folder) throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            for (int i = 0; i < 3; i++) {
                journal.append(List.of(JournalTest.samples("left", 1, 0, 25)));
                assertTrue(journal.flush(LONG));
            }
            journal.advance("mqtt", 3, List.of(new SetAside(1, 25, "too small"), new SetAside(2, 25, "too small")));
            compact(journal, 3);
            assertEquals(
                    List.of(1L, 2L),
                    journal.read(0, 10).stream().map(Numbered::seq).toList());
            assertEquals(new SinkAccount(75, 25, 0, 50, 0), journal.account("mqtt"));
        }
    }

    static void compact(Journal journal, long upToSeq) throws Exception {
        boolean[] more = {true};
        while (more[0]) {
            journal.transact("compact", connection -> more[0] = Compaction.step(connection, upToSeq));
        }
    }

    /** Two tools, two boots, gaps, late ones, repeats, clock steps, other rates, orders between, wild values. */
    private static List<JournalEntry> entries(Random random) {
        List<JournalEntry> entries = new ArrayList<>();
        List<JournalEntry> late = new ArrayList<>();
        for (String tool : List.of("left", "right")) {
            long first = random.nextInt(1000);
            long utcStepUs = 0;
            int periodUs = random.nextBoolean() ? 10_000 : 1 + random.nextInt(65_535);
            for (int i = 0; i < 80; i++) {
                int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 100 : 25);
                utcStepUs += random.nextInt(20) == 0 ? random.nextInt(2_000_000) - 20_000 : random.nextInt(5) - 2;
                short[] force = new short[count];
                byte[] zones = new byte[count];
                for (int k = 0; k < count; k++) {
                    force[k] = (short) (random.nextInt(30) == 0 ? random.nextInt() : 100 + random.nextInt(9));
                    zones[k] = (byte) (random.nextInt(7) - 1);
                }
                long timeUs = first * periodUs + random.nextInt(3);
                Samples row = new Samples(
                        tool,
                        i < 50 ? 7 : 0xFFFF_FFFFL,
                        first,
                        timeUs,
                        JournalTest.UTC + timeUs + utcStepUs,
                        periodUs,
                        random.nextInt(8) == 0 ? random.nextInt(0x10000) & ~2 : 0,
                        i / 3,
                        force,
                        zones);
                first += count;
                int fate = random.nextInt(12);
                if (fate == 0) {
                    late.add(row);
                } else if (fate > 1) {
                    entries.add(row);
                    if (fate == 2) {
                        late.add(row);
                    }
                }
                if (random.nextInt(15) == 0) {
                    entries.add(new Order(tool, row.boot(), first, row.utcUs(), "{\"n\":" + i + "}"));
                }
            }
        }
        entries.addAll(late);
        return entries;
    }

    private static List<String> answers(Journal journal, JournalReader reader, Random random) {
        List<String> answers = new ArrayList<>();
        for (String tool : List.of("left", "right")) {
            for (int i = 0; i < 3; i++) {
                long from = i == 0 ? 0 : JournalTest.UTC + random.nextInt(30_000_000);
                long to = i == 0 ? EVER : from + random.nextInt(10_000_000);
                reader.replay(tool, from, to, each -> answers.add(text(each)));
            }
            for (long boot : List.of(7L, 0xFFFF_FFFFL)) {
                answers.add(String.valueOf(journal.boot(tool, boot)));
                answers.add(String.valueOf(journal.boot(tool, boot, random.nextInt(1500))));
            }
            answers.add(String.valueOf(journal.lastUtcUs(tool)));
        }
        return answers;
    }

    private static String text(JournalEntry entry) {
        return entry instanceof Samples row
                ? "%s %d %d %d %d %d %d %d %s %s"
                        .formatted(
                                row.tool(),
                                row.boot(),
                                row.first(),
                                row.timeUs(),
                                row.utcUs(),
                                row.periodUs(),
                                row.flags(),
                                row.toolStrokes(),
                                Arrays.toString(row.forceCn()),
                                Arrays.toString(row.zones()))
                : entry.toString();
    }

    @Test
    void theSequenceAndTheExtremesSurvive() {
        Samples extreme = new Samples(
                "left",
                0xFFFF_FFFFL,
                0xFFFF_FFF0L,
                Long.MIN_VALUE + 7,
                JournalTest.UTC,
                65_535,
                0xFFFF,
                0xFFFF_FFFFL,
                new short[] {Short.MIN_VALUE, Short.MAX_VALUE, 0, Short.MIN_VALUE},
                new byte[] {-1, 0, 127, -128});
        List<Numbered> decoded = SampleBlock.decode(
                9,
                "left",
                0xFFFF_FFFFL,
                0xFFFF_FFF0L,
                4,
                JournalTest.UTC,
                65_535,
                SampleBlock.encode(List.of(new Numbered(9, extreme))));
        assertEquals(9, decoded.get(0).seq());
        assertEquals(text(extreme), text(decoded.get(0).entry()));

        List<Numbered> rows = List.of(
                new Numbered(3, JournalTest.samples("left", 1, 0, 5)),
                new Numbered(900, JournalTest.samples("left", 1, 5, 20)));
        assertEquals(
                List.of(3L, 900L),
                SampleBlock.decode(900, "left", 1, 0, 25, JournalTest.UTC, 10_000, SampleBlock.encode(rows)).stream()
                        .map(Numbered::seq)
                        .toList());
    }

    @Test
    void everyShorterBlockIsRefused() {
        byte[] block = SampleBlock.encode(List.of(new Numbered(3, JournalTest.samples("left", 1, 0, 50))));
        for (int length = 0; length < block.length; length++) {
            byte[] shorter = Arrays.copyOf(block, length);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SampleBlock.decode(3, "left", 1, 0, 50, JournalTest.UTC, 10_000, shorter));
        }
        for (int count : List.of(0, 1, 49, 51)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SampleBlock.decode(3, "left", 1, 0, count, JournalTest.UTC, 10_000, block));
        }
    }

    @Test
    void onlyWhatEverySinkHasPassedIsPutInBlocksAndTheAccountsStay(@TempDir Path folder) throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            for (int i = 0; i < 100; i++) {
                journal.append(List.of(JournalTest.samples("left", 1, 25L * i, 25)));
            }
            journal.append(List.of(new JournalEntry.Finding("left", "session", 1, 0, JournalTest.UTC, "{}")));
            assertTrue(journal.flush(LONG));
            long half = journal.lastSeq() / 2;
            journal.advance("mqtt", half, List.of());
            SinkAccount account = journal.account("mqtt");
            assertTrue(account.lawful() && account.pending() > 0, account.toString());

            // The end of a session brings it, without a word from outside.
            org.awaitility.Awaitility.await()
                    .atMost(LONG)
                    .until(() -> journal.read(0, 10_000).get(0).seq() > half);
            assertEquals(half + 1, journal.read(0, 1).get(0).seq());
            assertEquals(account, journal.account("mqtt"));
            AtomicLong samples = new AtomicLong();
            try (JournalReader reader = JournalReader.open(folder)) {
                reader.replay(
                        "left",
                        0,
                        EVER,
                        each -> samples.addAndGet(each instanceof Samples row ? row.forceCn().length : 0));
            }
            assertEquals(2500, samples.get());
        }
    }
}

package io.lightstroke.gateway.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deleted, in which order, and what never is. */
class RetentionTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final long DAY_US = TimeUnit.DAYS.toMicros(1);
    private static final long NOW_US = Instant.now().getEpochSecond() * 1_000_000;

    @TempDir
    Path folder;

    /** 25 samples and a stroke of that day, so many days ago. */
    private static void day(Journal journal, int ago) {
        long first = 1_000L * (100 - ago);
        long utcUs = NOW_US - ago * DAY_US;
        Samples of = JournalTest.samples("left", 1, first, 25);
        for (int i = 0; i < 600; i++) {
            assertTrue(journal.append(List.of(
                    new Samples("left", 1, first + i, of.timeUs(), utcUs + i, 10_000, i, 0, new short[1], new byte[1]),
                    new Finding("left", "stroke", 1, first + i, utcUs + i, "{}"))));
        }
        assertTrue(journal.append(List.of(new Order("left", 1, first, utcUs, "{}"))));
        assertTrue(journal.flush(LONG));
    }

    private static long oldestUs(Journal journal) {
        return journal.read(0, 1).stream()
                .mapToLong(each -> each.entry() instanceof Samples samples
                        ? samples.utcUs()
                        : each.entry() instanceof Finding finding ? finding.utcUs() : NOW_US)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    @Test
    void whatIsTooOldIsDeletedOnceEverySinkHasIt() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            journal.enable("influx");
            for (int ago : List.of(40, 30, 20, 10, 0)) {
                day(journal, ago);
            }
            long last = journal.lastSeq();
            journal.advance("mqtt", last, List.of());
            journal.advance("influx", last / 5, List.of());
            journal.retain(new Retention(15, 0, () -> Long.MAX_VALUE));
            await().atMost(LONG).until(() -> oldestUs(journal) >= NOW_US - 31 * DAY_US);
            assertTrue(oldestUs(journal) < NOW_US - 29 * DAY_US);
            assertEquals(new SinkAccount(3000, 600, 2400, 0, 0), journal.account("influx"));

            journal.advance("influx", last, List.of());
            await().atMost(LONG).until(() -> oldestUs(journal) >= NOW_US - 15 * DAY_US);
            for (String sink : List.of("mqtt", "influx")) {
                assertEquals(new SinkAccount(3000, 3000, 0, 0, 0), journal.account(sink));
                assertEquals(
                        new SinkAccount(3000, 3000, 0, 0, 0),
                        journal.accounts(sink).get("stroke"));
            }
            // Nobody asks the tool again for what was deleted; what never came, after it, is still asked for.
            BootState boot = journal.boot("left", 1).orElseThrow();
            assertEquals(60_000, boot.firstIndex());
            assertEquals(100_599, boot.lastIndex());
            assertEquals(List.of(new BootState.Gap(90_600, 99_999), new BootState.Gap(80_600, 89_999)), boot.gaps());
            assertTrue(journal.problem().isEmpty());
        }
        try (Journal journal = Journal.open(folder)) {
            long last = journal.lastSeq();
            assertTrue(journal.append(List.of(JournalTest.finding("left", 1))));
            assertTrue(journal.flush(LONG));
            assertEquals(last + 1, journal.lastSeq());
        }
    }

    @Test
    void whatARunningSessionNeedsIsKept() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            for (int ago : List.of(40, 30, 20)) {
                day(journal, ago);
            }
            journal.retain(new Retention(15, 1, () -> NOW_US - 25 * DAY_US));
            await().atMost(LONG).until(() -> oldestUs(journal) >= NOW_US - 26 * DAY_US);
            await().during(Duration.ofSeconds(3)).atMost(LONG).until(() -> oldestUs(journal) < NOW_US - 19 * DAY_US);
        }
    }

    @Test
    void aFileThatIsTooLargeShrinksAndWhatNoSinkHadIsCountedAndSaid() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            journal.append(List.of(JournalTest.finding("left", 1)));
            for (int i = 0; i < 100; i++) {
                journal.append(List.of(JournalTest.samples("left", 1, 10_000L * i, 10_000)));
                assertTrue(journal.flush(LONG));
            }
            journal.retain(new Retention(0, 700_000, () -> Long.MAX_VALUE));
            await().atMost(LONG)
                    .until(() -> journal.account("mqtt").expired() > 0
                            && journal.problem().isPresent());
            String problem = journal.problem().orElseThrow();
            assertTrue(problem.contains("before every sink had them"), problem);
            assertEquals(1, journal.notices().size());
            SinkAccount samples = journal.account("mqtt");
            assertTrue(samples.lawful(), samples.toString());
            assertEquals(1_000_000, samples.journaled());
            assertEquals(
                    new SinkAccount(1, 0, 0, 0, 1), journal.accounts("mqtt").get("stroke"));
            await().atMost(LONG).until(() -> journal.account("mqtt").pending() < 350_000 && freePages() < 200);
        }
        assertTrue(Files.size(folder.resolve("journal.db")) < 1_600_000);
    }

    private long freePages() throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("pragma freelist_count")) {
            return row.getLong(1);
        }
    }

    @Test
    void aSinkThatIsNoLongerConfiguredHoldsUpNothing() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("influx");
            day(journal, 40);
        }
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            journal.retain(new Retention(15, 0, () -> Long.MAX_VALUE));
            await().atMost(LONG).until(() -> journal.account("influx").expired() == 600);
            assertEquals(
                    new SinkAccount(600, 0, 0, 0, 600),
                    journal.accounts("influx").get("stroke"));
            assertTrue(journal.problem().isEmpty());
        }
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Retention(-1, 0, () -> 0));
        assertThrows(IllegalArgumentException.class, () -> new Retention(Double.NaN, 0, () -> 0));
        assertThrows(IllegalArgumentException.class, () -> new Retention(0, -1, () -> 0));
    }

    @Test
    void killedWhileItTidiesItLosesNothingThatWasAcknowledgedAndHasNothingTwice() throws Exception {
        long acknowledged = -1;
        for (int round = 0; round < 4; round++) {
            Process child = AppendingProcess.startTidying(folder);
            long end = System.nanoTime()
                    + TimeUnit.MILLISECONDS.toNanos(
                            2500 + ThreadLocalRandom.current().nextInt(2500));
            try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    acknowledged = Long.parseLong(line);
                    if (System.nanoTime() > end) {
                        child.toHandle().destroyForcibly();
                    }
                }
            }
            child.waitFor();
            try (JournalReader reader = JournalReader.open(folder)) {
                assertEquals(List.of(), reader.damage());
                JournalReader.KeptBoot boot = reader.boots().get(0);
                assertEquals(0, boot.first());
                assertTrue(boot.last() >= acknowledged, boot + " after " + acknowledged);
                assertEquals(List.of(), boot.gaps());
                assertEquals(boot.last() - boot.expiredTo(), boot.samples());
                long[] next = {boot.expiredTo() + 1};
                reader.replay("left", 0, Long.MAX_VALUE / 2, entry -> {
                    if (entry instanceof Samples samples) {
                        assertEquals(next[0], samples.first());
                        assertEquals((short) samples.first(), samples.forceCn()[0]);
                        next[0] += samples.forceCn().length;
                    }
                });
                assertEquals(boot.last() + 1, next[0]);
                reader.accounts()
                        .get("mqtt")
                        .forEach((kind, account) -> assertTrue(account.lawful(), kind + " " + account));
                assertEquals(
                        boot.last() + 1,
                        reader.accounts().get("mqtt").get("samples").journaled());
            }
        }
    }
}

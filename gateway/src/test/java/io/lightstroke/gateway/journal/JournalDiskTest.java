package io.lightstroke.gateway.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real disk that is full, or cannot be written. */
class JournalDiskTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MEGABYTES = 48;
    private static final Retention KEEP = new Retention(0, 0, () -> Long.MAX_VALUE);

    @TempDir
    Path folder;

    private SmallDisk disk;
    private long next;

    @BeforeEach
    void mount() throws Exception {
        disk = new SmallDisk(folder, MEGABYTES);
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.close();
        }
    }

    /** Of noise, which no block makes small. */
    private Samples samples(int count) {
        Samples samples = JournalTest.samples("left", 1, next, count);
        next += count;
        return samples;
    }

    @Test
    void onAReadOnlyDiskItStartsKeepsNothingAndResumesByItself() throws Exception {
        disk.readOnly(true);
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            String problem = journal.problem().orElseThrow();
            assertTrue(problem.contains(folder.toString()), problem);
            assertThrows(UncheckedIOException.class, () -> journal.read(0, 10));
            assertThrows(UncheckedIOException.class, () -> journal.account("mqtt"));
            assertThrows(JournalException.class, () -> journal.advance("mqtt", 1, List.of()));
            while (journal.append(List.of(samples(10_000)))) {
                assertTrue(next <= 2L * Journal.MAX_WAITING_SAMPLES, "the queue has no end");
            }
            assertEquals(10_000, journal.samplesNotKept("left"));
            assertEquals(0, journal.samplesJournaled("left"));

            disk.readOnly(false);
            assertTrue(journal.flush(LONG), () -> journal.problem().toString());
            assertEquals(Optional.empty(), journal.problem());
            assertEquals(next - 10_000, journal.samplesJournaled("left"));
            assertEquals(new SinkAccount(next - 10_000, 0, next - 10_000, 0, 0), journal.account("mqtt"));
        }
    }

    @Test
    void madeReadOnlyWhileItRunsItResumesToo() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.append(List.of(samples(25)));
            assertTrue(journal.flush(LONG));
        }
        // The system refuses to make a disk read-only while a file on it is open for writing: so at the next start.
        disk.readOnly(true);
        try (Journal journal = Journal.open(folder)) {
            assertTrue(journal.problem().isPresent());
            journal.append(List.of(samples(25)));
            assertFalse(journal.flush(Duration.ofMillis(1500)));
            disk.readOnly(false);
            assertTrue(journal.flush(LONG));
            assertEquals(2, journal.read(0, 10).size());
        }
    }

    @Test
    void onAFullDiskItStartsAndResumesByItself() throws Exception {
        disk.fill(0);
        try (Journal journal = Journal.open(folder)) {
            assertTrue(journal.problem().isPresent());
            journal.append(List.of(samples(25)));
            assertFalse(journal.flush(Duration.ofMillis(1500)));

            disk.makeRoom();
            assertTrue(journal.flush(LONG), () -> journal.problem().toString());
            assertEquals(Optional.empty(), journal.problem());
            assertEquals(1, journal.read(0, 10).size());
        }
    }

    @Test
    void aDiskThatFillsUpLosesNothingThatWasAcknowledged() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            journal.append(List.of(samples(25)));
            assertTrue(journal.flush(LONG));
            disk.fill(1 << 20);
            while (journal.problem().isEmpty()) {
                journal.append(List.of(samples(1000)));
                journal.flush(Duration.ofMillis(300));
                assertTrue(next < 40_000_000, "the disk has no end");
            }
            long acknowledged = journal.samplesJournaled("left");
            assertTrue(acknowledged >= 25);
            assertTrue(journal.read(0, 1_000_000).stream()
                            .mapToLong(each -> ((Samples) each.entry()).forceCn().length)
                            .sum()
                    >= acknowledged);

            disk.makeRoom();
            assertTrue(journal.flush(LONG), () -> journal.problem().toString());
            assertEquals(next, journal.samplesJournaled("left") + journal.samplesNotKept("left"));
            assertEquals(0, journal.samplesNotKept("left"));
            assertEquals(new SinkAccount(next, 0, next, 0, 0), journal.account("mqtt"));
        }
        try (Journal journal = Journal.open(folder)) {
            assertEquals(List.of(), journal.notices());
            assertEquals(next - 1, journal.boot("left", 1).orElseThrow().lastIndex());
            assertEquals(List.of(), journal.boot("left", 1).orElseThrow().gaps());
        }
    }

    @Test
    void withRetentionAFullDiskGivesUpTheOldestWhichIsCountedAndSaid() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            for (int i = 0; i < 200; i++) {
                journal.append(List.of(samples(10_000)));
                assertTrue(journal.flush(LONG));
            }
            journal.retain(KEEP);
            assertEquals(0, journal.account("mqtt").expired());

            disk.fill(6 << 20);
            for (int i = 0; i < 600; i++) {
                journal.append(List.of(samples(10_000)));
                assertTrue(journal.flush(LONG), () -> journal.problem().toString());
            }
            await().atMost(LONG).until(() -> journal.account("mqtt").expired() > 0);
            String problem = journal.problem().orElseThrow();
            assertTrue(problem.contains("before every sink had them"), problem);
            assertEquals(1, journal.notices().size());
            assertEquals(0, journal.samplesNotKept("left"));
            SinkAccount account = journal.account("mqtt");
            assertTrue(account.lawful(), account.toString());
            assertEquals(next, account.journaled());
            assertTrue(account.pending() > 0, account.toString());
            assertEquals(
                    account.pending(),
                    journal.read(journal.cursor("mqtt"), 100_000).stream()
                            .mapToLong(each -> ((Samples) each.entry()).forceCn().length)
                            .sum());
        }
    }
}

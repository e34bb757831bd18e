package io.lightstroke.gateway.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is damaged, gone or another. */
class JournalDamageTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    private static void fill(Journal journal) {
        for (int i = 0; i < 1000; i++) {
            journal.append(List.of(JournalTest.samples("left", 1, 100L * i, 25)));
        }
        assertTrue(journal.flush(LONG));
    }

    /** Everything behind the tables' first pages. */
    static void damage(Path file, int fromPage) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[PAGE];
            java.util.Arrays.fill(noise, (byte) 0xA5);
            for (long page = fromPage; (page + 1) * PAGE <= bytes.length(); page++) {
                bytes.seek(page * PAGE);
                bytes.write(noise);
            }
        }
    }

    private List<Path> setAside() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().startsWith("journal.db.damaged-"))
                    .toList();
        }
    }

    @Test
    void damagedPagesAreFoundAtTheStart() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            fill(journal);
        }
        damage(folder.resolve("journal.db"), 30);
        byte[] damaged = Files.readAllBytes(folder.resolve("journal.db"));
        for (int start = 0; start < 2; start++) {
            try (Journal journal = Journal.open(folder)) {
                assertEquals(Optional.empty(), journal.problem());
                assertEquals(1, journal.notices().size());
                String said = journal.notices().get(0).text();
                assertTrue(said.contains(setAside().get(0).getFileName().toString()), said);
                journal.append(List.of(JournalTest.samples("left", 1, 0, 25)));
                assertTrue(journal.flush(LONG));
            }
        }
        assertEquals(1, setAside().size());
        assertArrayEquals(damaged, Files.readAllBytes(setAside().get(0)));
    }

    @Test
    void damageThatIsMetWhileReadingIsSetAsideAndTheSequenceGoesOn() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            fill(journal);
        }
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            long lastSeq = journal.lastSeq();
            damage(folder.resolve("journal.db"), 20);
            await().atMost(LONG).until(() -> {
                try {
                    return journal.read(0, 2000).isEmpty();
                } catch (UncheckedIOException e) {
                    return false;
                }
            });
            assertEquals(1, setAside().size());
            assertEquals(1, journal.notices().size());
            assertEquals(lastSeq, journal.lastSeq());
            journal.append(List.of(JournalTest.samples("left", 1, 200_000, 25)));
            assertTrue(journal.flush(LONG));
            assertEquals(lastSeq + 1, journal.read(0, 10).get(0).seq());

            // What a pump had in hand of the old file moves no cursor of the new one.
            journal.advance("mqtt", lastSeq, List.of());
            assertEquals(new SinkAccount(25, 0, 25, 0, 0), journal.account("mqtt"));
        }
    }

    @Test
    void aFileThatIsDeletedUnderItIsBegunAnew() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            fill(journal);
            long lastSeq = journal.lastSeq();
            Files.delete(folder.resolve("journal.db"));
            journal.append(List.of(JournalTest.samples("left", 1, 200_000, 25)));
            assertTrue(journal.flush(LONG));
            assertEquals(lastSeq + 1, journal.read(0, 10).get(0).seq());
            await().atMost(LONG).until(() -> journal.notices().size() == 1);
            String said = journal.notices().get(0).text();
            assertTrue(said.contains("deleted or replaced") && said.contains("25000 samples"), said);
        }
        try (Journal journal = Journal.open(folder)) {
            assertEquals(1, journal.read(0, 10).size());
            assertEquals(new SinkAccount(25, 0, 25, 0, 0), journal.account("mqtt"));
        }
    }

    @Test
    void anotherFileInItsPlaceIsGoneOnWith() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        try (Journal journal = Journal.open(other)) {
            journal.append(List.of(JournalTest.samples("right", 9, 0, 25)));
            assertTrue(journal.flush(LONG));
        }
        try (Journal journal = Journal.open(folder)) {
            fill(journal);
            Files.move(
                    other.resolve("journal.db"),
                    folder.resolve("journal.db"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            journal.append(List.of(JournalTest.samples("left", 1, 200_000, 25)));
            assertTrue(journal.flush(LONG));
            assertEquals(
                    List.of("right", "left"),
                    journal.read(0, 10).stream()
                            .map(each -> each.entry().tool())
                            .toList());
        }
    }
}

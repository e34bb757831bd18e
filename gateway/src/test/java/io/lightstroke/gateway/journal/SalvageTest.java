package io.lightstroke.gateway.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can still be read of a damaged journal is taken over, and what cannot is said. */
class SalvageTest {
    private static final int PAGE = 4096;
    private static final int ROWS = 4000;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void journal() throws Exception {
        file = folder.resolve("journal.db");
        try (Journal journal = Journal.open(folder)) {
            journal.enable("mqtt");
            for (int i = 0; i < ROWS; i++) {
                journal.append(List.of(JournalTest.samples("left", 1, 100L * i, 25)));
                if (i % 40 == 0) {
                    journal.append(List.of(JournalTest.finding("left", i)));
                }
            }
            assertTrue(journal.flush(Duration.ofSeconds(60)));
            journal.keepGuideline("1.0", "ab12", "text");
            journal.advance("mqtt", journal.lastSeq() / 2, List.of());
        }
    }

    private List<Long> firsts(Path of) throws Exception {
        List<Long> firsts = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(of)) {
            reader.replay("left", 0, Long.MAX_VALUE / 2, entry -> {
                if (entry instanceof Samples samples) {
                    firsts.add(samples.first());
                    assertEquals((short) samples.first(), samples.forceCn()[0]);
                }
            });
            reader.accounts()
                    .forEach((sink, kinds) ->
                            kinds.values().forEach(account -> assertTrue(account.lawful(), account.toString())));
            assertEquals(List.of(), reader.damage());
        }
        return firsts;
    }

    @Test
    void aSoundJournalIsTakenOverWhole() throws Exception {
        Path repaired = folder.resolve("repaired.db");
        Salvage.Report report = Salvage.run(file, repaired, rows -> {});
        assertEquals(List.of(), report.unreadable());
        assertEquals((long) ROWS, report.rows().get("samples"));
        assertEquals(100L, report.rows().get("finding"));
        assertEquals(firsts(file), firsts(repaired));
        assertThrows(FileAlreadyExistsException.class, () -> Salvage.run(file, repaired, rows -> {}));
    }

    @Test
    void rowsOnBothSidesOfBadPagesAreTakenOver() throws Exception {
        byte[] noise = new byte[PAGE];
        Arrays.fill(noise, (byte) 0xA5);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long page = 60; page < 66; page++) {
                bytes.seek(page * PAGE);
                bytes.write(noise);
            }
        }
        byte[] damaged = Files.readAllBytes(file);
        Salvage.Replaced replaced = Salvage.replace(folder, rows -> {});
        assertArrayEquals(damaged, Files.readAllBytes(replaced.setAside()));
        assertFalse(replaced.report().unreadable().isEmpty());
        List<Long> kept = firsts(file);
        assertTrue(kept.size() > ROWS - 6 * 100 && kept.size() < ROWS, "kept " + kept.size());
        assertEquals(0L, kept.get(0));
        assertEquals(100L * (ROWS - 1), kept.get(kept.size() - 1));
        try (Journal journal = Journal.open(folder)) {
            assertEquals(1, journal.notices().size());
            assertTrue(journal.guideline("ab12").isPresent());
            journal.append(List.of(JournalTest.samples("left", 1, 1_000_000, 25)));
            assertTrue(journal.flush(Duration.ofSeconds(60)));
            assertTrue(journal.account("mqtt").lawful());
        }
    }

    @Test
    void whatIsNoJournalIsSaidAndAGatewayHoldsItUp() throws Exception {
        Path noise = folder.resolve("noise.db");
        Files.writeString(noise, "no database at all, but long enough to be looked at. ".repeat(400));
        JournalException e = assertThrows(
                JournalException.class, () -> Salvage.run(noise, folder.resolve("noise.repaired"), rows -> {}));
        assertTrue(String.valueOf(e.getMessage()).contains("noise.db"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("noise.repaired")));
        try (Journal journal = Journal.open(folder)) {
            assertTrue(journal.problem().isEmpty());
            JournalException held = assertThrows(JournalException.class, () -> Salvage.replace(folder, rows -> {}));
            assertTrue(String.valueOf(held.getMessage()).contains("another gateway has it open"), held.getMessage());
        }
    }
}

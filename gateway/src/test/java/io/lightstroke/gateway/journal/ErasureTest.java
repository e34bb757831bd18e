package io.lightstroke.gateway.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a journal when one of two persons, who used the same tool, is erased. */
class ErasureTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long EVER = Long.MAX_VALUE / 2;
    private static final long BOOT = 0xBEEF;
    private static final String GONE = "p-gone00000000";
    private static final String STAYS = "p-stays0000000";
    /** Of the erased session: in the middle of a row, both. */
    private static final int FROM = 2013;

    private static final int TO = 4007;

    private @TempDir Path folder;

    private static long utcUs(long index) {
        return JournalTest.UTC + index * 10_000;
    }

    private static Samples samples(long first, int count) {
        short[] forceCn = new short[count];
        byte[] zones = new byte[count];
        for (int i = 0; i < count; i++) {
            forceCn[i] = (short) ((first + i) % 700);
        }
        return new Samples("left", BOOT, first, first * 10_000, utcUs(first), 10_000, 0, 0, forceCn, zones);
    }

    private static List<JournalEntry> session(String session, String person, long from, long to) {
        List<JournalEntry> entries = new ArrayList<>();
        String of = "\"session\":\"%s\",\"person\":\"%s\"".formatted(session, person);
        entries.add(new Order("left", BOOT, from, utcUs(from), "{\"order\":\"start\",%s}".formatted(of)));
        entries.add(
                new Order("left", BOOT, to, utcUs(to), "{\"order\":\"end\",\"session\":\"%s\"}".formatted(session)));
        for (long index = from; index < to; index += 100) {
            entries.add(new Finding("left", "stroke", BOOT, index, utcUs(index), "{\"v\":1,%s}".formatted(of)));
        }
        // Of the very end, where the next session begins.
        entries.add(new Finding("left", "alert", BOOT, to, utcUs(to), "{\"v\":2,%s}".formatted(of)));
        entries.add(new Finding("left", "session", BOOT, from, utcUs(from), "{\"v\":3,%s}".formatted(of)));
        entries.add(new JournalEntry.ToolEvent("left", BOOT, from, from, utcUs(from), new byte[40]));
        return entries;
    }

    private static Map<Long, Short> forces(JournalReader reader) {
        Map<Long, Short> forces = new TreeMap<>();
        reader.replay("left", -EVER, EVER, entry -> {
            if (entry instanceof Samples row) {
                for (int i = 0; i < row.forceCn().length; i++) {
                    forces.put(row.first() + i, row.forceCn()[i]);
                }
            }
        });
        return forces;
    }

    private static List<Finding> findings(JournalReader reader, Predicate<Finding> wanted) {
        List<Finding> found = new ArrayList<>();
        reader.findings("left", -EVER, EVER, found::add);
        return found.stream().filter(wanted).toList();
    }

    private void begin(Journal journal) {
        journal.enable("mqtt");
        journal.enable("slow");
        journal.append(List.of(new JournalEntry.Boot("left", BOOT, BootClock.ofOffset(JournalTest.UTC), false)));
        for (long first = 0; first < 6000; first += 25) {
            if (first < 3000 || first >= 3100) { // some have not come yet
                journal.append(List.of(samples(first, 25)));
            }
        }
        journal.append(session("s-before", STAYS, 0, FROM));
        journal.append(session("s-gone", GONE, FROM, TO));
        journal.append(session("s-after", STAYS, TO, 6000));
        assertTrue(journal.flush(LONG));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNotTheirsStaysAsItWas(boolean compacted) throws Exception {
        try (Journal journal = Journal.open(folder)) {
            begin(journal);
            journal.advance(
                    "mqtt",
                    journal.lastSeq(),
                    List.of(new SetAside(journal.lastSeq() - 1, 0, "no: " + GONE), new SetAside(5, 25, "no")));
            if (compacted) {
                journal.advance("slow", journal.lastSeq(), List.of());
                CompactionTest.compact(journal, journal.lastSeq());
            }
            Map<Long, Short> before;
            List<Finding> others;
            try (JournalReader reader = JournalReader.open(folder)) {
                before = forces(reader);
                others = findings(reader, each -> each.json().contains(STAYS));
            }

            Journal.Erased erased = journal.erase(GONE);

            assertEquals(new Journal.Erased(1, TO - FROM - 100, 2 + 20 + 2 + 1), erased);
            before.keySet().removeIf(index -> index >= FROM && index < TO);
            try (JournalReader reader = JournalReader.open(folder)) {
                assertEquals(before, forces(reader));
                assertEquals(others, findings(reader, each -> true));
                JournalReader.KeptBoot boot = reader.boots().get(0);
                assertEquals(List.of(), boot.gaps(), "what is erased is not missing");
                assertEquals(TO - FROM, boot.erased());
            }
            assertEquals(List.of(), journal.boot("left", BOOT).orElseThrow().gaps());
            for (String sink : List.of("mqtt", "slow")) {
                journal.accounts(sink).forEach((kind, account) -> assertTrue(account.lawful(), sink + kind + account));
            }
            assertEquals(new Journal.Erased(0, 0, 0), journal.erase(GONE));

            journal.rewrite();
            nothingIsLeft();

            // The tool's store still has it, and a session is derived again.
            long seq = journal.lastSeq();
            journal.append(List.of(samples(2975, 200), samples(TO - 10, 20)));
            journal.append(session("s-gone", GONE, FROM, TO).subList(2, 22));
            assertTrue(journal.flush(LONG));
            try (JournalReader reader = JournalReader.open(folder)) {
                assertEquals(before, forces(reader));
                assertEquals(others, findings(reader, each -> true));
            }
            assertEquals(seq + 1, journal.lastSeq(), "only what lies after the erased time was taken");
            assertEquals(
                    List.of(
                            new ErasedTime("left", null, utcUs(FROM), utcUs(TO)),
                            new ErasedTime("left", "alert", utcUs(TO), utcUs(TO) + 1)),
                    journal.erasedInSinks());
            journal.erasedInSinks(journal.erasedInSinks());
            assertEquals(List.of(), journal.erasedInSinks());
        }
        try (Journal again = Journal.open(folder)) {
            again.append(List.of(samples(3000, 25)));
            assertTrue(again.flush(LONG));
            try (JournalReader reader = JournalReader.open(folder)) {
                assertFalse(forces(reader).containsKey(3000L), "not after a restart either");
            }
        }
    }

    private void nothingIsLeft() throws Exception {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertFalse(bytes.contains(GONE) || bytes.contains("s-gone"), file.toString());
            }
        }
    }

    /** Killed while it erases: all of it is there, or none; and asked again it is gone. */
    @Test
    void killedInTheMiddleItIsThereOrItIsNot() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            begin(journal);
        }
        int whole = 0;
        int gone = 0;
        for (int run = 0; run < 6; run++) {
            Path copy = Files.createDirectory(folder.resolve("run-" + run));
            Files.copy(folder.resolve("journal.db"), copy.resolve("journal.db"));
            Process process = ErasingProcess.start(copy, GONE);
            try {
                assertEquals('o', process.getInputStream().read(), "it is open");
                Thread.sleep(run * 150L);
            } finally {
                process.destroyForcibly().waitFor();
            }
            try (Journal journal = Journal.open(copy);
                    JournalReader reader = JournalReader.open(copy)) {
                int samples = forces(reader).size();
                int findings =
                        findings(reader, each -> each.json().contains(GONE)).size();
                assertTrue(
                        samples == 5900 && findings == 22 || samples == 5900 - (TO - FROM - 100) && findings == 0,
                        samples + " samples, " + findings + " findings");
                whole += findings > 0 ? 1 : 0;
                gone += findings > 0 ? 0 : 1;
                Journal.Erased unused = journal.erase(GONE);
                assertEquals(5900 - (TO - FROM - 100), forces(reader).size());
                assertEquals(List.of(), reader.damage());
            }
        }
        System.out.printf("killed while erasing: %d times nothing was done, %d times all%n", whole, gone);
    }
}

package io.lightstroke.gateway.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Order;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.JournalEntry.ToolEvent;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files, made by a real journal. Sample i of a boot has force i and lies i · 10 ms after the boot. */
class JournalReaderTest {
    private static final long UTC = JournalTest.UTC;
    private static final long EVER = Long.MAX_VALUE / 2;

    @TempDir
    Path folder;

    private void journal(JournalEntry... entries) throws JournalException {
        try (Journal journal = Journal.open(folder)) {
            // One commit an entry, so that no rows are joined that a test wants apart.
            for (JournalEntry entry : entries) {
                assertTrue(journal.append(List.of(entry)));
                assertTrue(journal.flush(Duration.ofSeconds(30)));
            }
        }
    }

    private List<String> replay(String tool, long fromUtcUs, long toUtcUs) throws JournalException {
        List<String> seen = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(folder)) {
            reader.replay(tool, fromUtcUs, toUtcUs, each -> seen.add(text(each)));
        }
        return seen;
    }

    private static String text(JournalEntry entry) {
        if (entry instanceof Samples samples) {
            int count = samples.forceCn().length;
            for (int i = 0; i < count; i++) {
                assertEquals((short) (samples.first() + i), samples.forceCn()[i]);
            }
            assertEquals(samples.first() * 10_000, samples.timeUs());
            assertEquals(count, samples.zones().length);
            return "%d: %d..%d".formatted(samples.boot(), samples.first(), samples.first() + count - 1);
        } else if (entry instanceof Boot boot) {
            return "boot %d".formatted(boot.boot());
        } else if (entry instanceof Order order) {
            return "order " + order.json();
        } else if (entry instanceof ToolEvent event) {
            return "event " + event.sequence();
        }
        throw new AssertionError(entry);
    }

    private static Samples of(long boot, long first, int count, long bootUtcUs) {
        Samples samples = JournalTest.samples("left", boot, first, count);
        return new Samples(
                "left",
                boot,
                first,
                samples.timeUs(),
                bootUtcUs + samples.timeUs(),
                10_000,
                0,
                0,
                samples.forceCn(),
                samples.zones());
    }

    @Test
    void lateSamplesStandInTheirPlaceAndBootsInOrderOfTheirTime() throws Exception {
        journal(
                of(900, 0, 5, UTC + 60_000_000),
                new Boot("left", 1, BootClock.ofOffset(UTC), false),
                of(1, 10, 5, UTC),
                JournalTest.samples("right", 3, 0, 5),
                of(1, 20, 5, UTC),
                JournalTest.finding("left", 12),
                of(1, 15, 5, UTC),
                of(1, 2, 3, UTC));
        assertEquals(
                List.of("boot 1", "1: 2..4", "1: 10..14", "1: 15..19", "1: 20..24", "boot 900", "900: 0..4"),
                replay("left", 0, EVER));
        assertEquals(List.of("boot 3", "3: 0..4"), replay("right", 0, EVER));
        assertEquals(List.of(), replay("nobody", 0, EVER));
        try (JournalReader reader = JournalReader.open(folder.resolve("journal.db"))) {
            assertEquals(List.of("left", "right"), reader.tools());
        }
    }

    @Test
    void ordersAndEventsStandBetweenTheSamplesTheyBelongTo() throws Exception {
        journal(
                of(1, 0, 10, UTC),
                of(1, 10, 10, UTC),
                new ToolEvent("left", 1, 0, 3, UTC + 30_000, new byte[40]),
                new Order("left", 1, 7, UTC + 70_000, "area"),
                new ToolEvent("left", 1, 1, 6, UTC + 60_000, new byte[40]),
                new Order("left", 1, 10, UTC + 80_000, "phase"),
                new Order("left", 1, 20, UTC + 250_000, "end"));
        assertEquals(
                List.of(
                        "boot 1",
                        "1: 0..3",
                        "event 0",
                        "1: 4..6",
                        "order area",
                        "event 1",
                        "1: 7..9",
                        "order phase",
                        "1: 10..19",
                        "order end"),
                replay("left", 0, EVER));
    }

    @Test
    void whatWasOrderedBeforeAnySampleIsNotLost() throws Exception {
        journal(
                new Order("left", 0, 0, UTC - 5_000_000, "start"),
                of(1, 0, 5, UTC),
                new Order("left", 1, 5, UTC + 9_000_000, "end"));
        assertEquals(List.of("order start", "boot 1", "1: 0..4", "order end"), replay("left", 0, EVER));
        assertEquals(List.of("boot 1", "order end"), replay("left", UTC + 8_000_000, EVER));
    }

    @Test
    void bothTimesAreIncludedAndRowsAreCutThere() throws Exception {
        journal(of(1, 0, 25, UTC), of(1, 25, 25, UTC), of(2, 0, 5, UTC + 10_000_000));
        assertEquals(List.of("boot 1", "1: 7..24", "1: 25..30"), replay("left", UTC + 70_000, UTC + 300_000));
        assertEquals(List.of("boot 1", "1: 8..24", "1: 25..29"), replay("left", UTC + 70_001, UTC + 299_999));
        assertEquals(List.of(), replay("left", UTC + 490_001, UTC + 9_999_999));
    }

    @Test
    void findingsOfOneKindComeInOrderOfTheirWriting() throws Exception {
        Finding second = new Finding("left", "alert", 1, 5, UTC + 50_000, "{\"n\":2}");
        Finding first = new Finding("left", "alert", 1, 9, UTC + 90_000, "{\"n\":1}");
        journal(first, JournalTest.finding("left", 3), second, new Finding("right", "alert", 1, 5, UTC, "{}"));
        try (JournalReader reader = JournalReader.open(folder)) {
            assertEquals(List.of(first, second), reader.findings("left", "alert", UTC + 50_000, UTC + 90_000));
            assertEquals(List.of(second), reader.findings("left", "alert", UTC + 50_000, UTC + 89_999));
        }
    }

    @Test
    void readsBesideAGatewayThatWrites() throws Exception {
        Process writing = AppendingProcess.start(folder);
        try (BufferedReader out = writing.inputReader(StandardCharsets.UTF_8)) {
            long acknowledged = 0;
            while (acknowledged < 2_000) {
                acknowledged = Long.parseLong(out.readLine());
            }
            try (JournalReader reader = JournalReader.open(folder)) {
                for (int round = 0; round < 20; round++) {
                    acknowledged = Long.parseLong(out.readLine());
                    long[] next = {0};
                    reader.replay("left", 0, EVER, entry -> {
                        if (entry instanceof Samples samples) {
                            assertEquals(next[0], samples.first());
                            next[0] += samples.forceCn().length;
                        }
                    });
                    assertTrue(next[0] > acknowledged, "acknowledged %d, read %d".formatted(acknowledged, next[0]));
                }
            }
        } finally {
            writing.destroyForcibly().waitFor();
        }
    }

    @Test
    void anOlderJournalIsReadAndStaysAsItIs() throws Exception {
        Path file = folder.resolve("journal.db");
        Flyway.configure()
                .dataSource("jdbc:sqlite:" + file, null, null)
                .locations("classpath:io/lightstroke/gateway/journal/migration")
                .target("1")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "insert into boot values (1, 'left', 1, 1, %d, 4, %d)".formatted(UTC, UTC + 40_000));
            statement.executeUpdate(
                    "insert into samples values (3, 1, 2, 20000, %d, 10000, 0, 0, x'020003000400', x'0301')"
                            .formatted(UTC + 20_000));
            statement.executeUpdate(
                    "insert into samples values (4, 1, 0, 0, %d, 10000, 0, 0, x'00000100', x'02ff')".formatted(UTC));
        }
        byte[] before = Files.readAllBytes(file);
        assertEquals(List.of("boot 1", "1: 0..1", "1: 2..4"), replay("left", 0, EVER));
        org.junit.jupiter.api.Assertions.assertArrayEquals(before, Files.readAllBytes(file));

        journal(of(1, 5, 5, UTC));
        assertEquals(List.of("boot 1", "1: 0..1", "1: 2..4", "1: 5..9"), replay("left", 0, EVER));
    }

    @Test
    void theAccountsOfAnOlderJournalGoOn() throws Exception {
        Path file = folder.resolve("journal.db");
        Flyway.configure()
                .dataSource("jdbc:sqlite:" + file, null, null)
                .locations("classpath:io/lightstroke/gateway/journal/migration")
                .target("3")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "insert into boot values (1, 'left', 1, 1, %d, 6, %d, 0)".formatted(UTC, UTC + 60_000));
            statement.executeUpdate(
                    "insert into samples values (3, 1, 0, 0, %d, 10000, 0, 0, x'00000100', x'0201')".formatted(UTC));
            statement.executeUpdate(
                    "insert into samples values (7, 1, 2, 20000, %d, 10000, 0, 0, x'02000300040005000600', x'0501')"
                            .formatted(UTC + 20_000));
            statement.executeUpdate("insert into finding values (4, 'left', 'stroke', 1, 0, %d, '{}')".formatted(UTC));
            statement.executeUpdate("insert into finding values (8, 'left', 'stroke', 1, 2, %d, '{}')".formatted(UTC));
            statement.executeUpdate("update total set samples = 107");
            statement.executeUpdate("insert into cursor values ('mqtt', 5, 50, 40, 9, 3)");
        }
        try (Journal journal = Journal.open(folder)) {
            assertEquals(new SinkAccount(57, 40, 5, 9, 3), journal.account("mqtt"));
            assertEquals(
                    new SinkAccount(1, 0, 1, 0, 0), journal.accounts("mqtt").get("stroke"));
            assertEquals(
                    java.util.Set.of("samples", "stroke", "spot", "alert", "cue", "session"),
                    journal.accounts("mqtt").keySet());
            journal.advance("mqtt", 8, List.of(new SetAside(8, 0, "no")));
            assertEquals(new SinkAccount(57, 45, 0, 9, 3), journal.account("mqtt"));
            assertEquals(
                    new SinkAccount(1, 0, 0, 1, 0), journal.accounts("mqtt").get("stroke"));
        }
        try (JournalReader reader = JournalReader.open(folder)) {
            JournalReader.Refused refused = reader.refused().get(0);
            assertEquals("no", refused.reason());
            assertEquals(new Finding("left", "stroke", 1, 2, UTC, "{}"), refused.entry());
        }
    }

    @Test
    void whatIsNoJournalIsSaid() throws Exception {
        Path missing = folder.resolve("nothing.db");
        assertSaid("want a readable file", missing);

        Path text = folder.resolve("text.db");
        Files.writeString(text, "no database at all, but long enough to be looked at. ".repeat(40));
        assertSaid("not a database", text);

        Path other = folder.resolve("other.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + other);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("create table samples (a)");
        }
        assertSaid("want a database that Lightstroke made", other);

        journal(of(1, 0, 5, UTC));
        Path newer = folder.resolve("journal.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + newer);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("update flyway_schema_history set version = '77' where version = '2'");
        }
        assertSaid("got schema 77", newer);
    }

    private static void assertSaid(String words, Path file) {
        JournalException e = assertThrows(JournalException.class, () -> JournalReader.open(file));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(words) && message.contains(file.toString()), message);
    }
}

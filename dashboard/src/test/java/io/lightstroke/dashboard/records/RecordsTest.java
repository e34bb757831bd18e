package io.lightstroke.dashboard.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.dashboard.records.Records.Tool;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.ToolInfoMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.123456Z");
    private static final String ID = "p-abcdefgh2345";
    private static final String OTHER = "p-zzzzzzzz9999";
    private static final Tool TOOL = new Tool("home", "demo", "tool-1");
    private static final Area CALF = new Area("calf", "left");

    private @TempDir Path folder;

    private Records open() throws IOException {
        return Records.open(folder.resolve("records.db"), () -> NOW);
    }

    private static Person person(String id, String name) {
        return new Person(id, name, "standard", 1, "Europe/Berlin", NOW);
    }

    private static CheckIn checkIn(Area area, String note) {
        return new CheckIn(NOW, area, true, false, true, false, true, 4, note);
    }

    private static SessionMessage summary(String session, int revision, String person, double workedS, Integer pain) {
        SessionMessage.Figures figures = new SessionMessage.Figures(1, 0, 1, null, null, null, 1, null, 0, 0, null);
        ToolInfoMessage.Limits limits = new ToolInfoMessage.Limits("test", 3.0, 6.5, 9.0, 14.0);
        return new SessionMessage(
                1,
                session,
                revision,
                List.of("tool-1"),
                person,
                NOW,
                NOW.plusSeconds(600),
                "command",
                false,
                "standard",
                1.0,
                0,
                600,
                workedS,
                900,
                false,
                0,
                figures,
                null,
                pain,
                null,
                true,
                true,
                null,
                0,
                null,
                null,
                null,
                1,
                "test",
                null,
                2,
                List.of(new SessionMessage.Area("calf", "left", NOW, limits, workedS, 180, false, figures, List.of())));
    }

    /** Something in every table. */
    private static void fill(Records records, String id, String word) {
        assertTrue(records.add(person(id, "Name " + word)));
        records.screened(id, List.of("eczema"));
        records.clear(id, "Dr. " + word, "note " + word);
        assertTrue(records.begin(id, new Plan(LocalDate.parse("2026-03-02"), 6, 3, List.of(CALF))));
        records.checkIn(id, checkIn(CALF, "check-in " + word));
        records.summary(TOOL, summary("session-" + word, 1, id, 30, 3));
        records.note(id, "session-" + word, "session note " + word);
        records.refused(id, CALF, List.of(Rest.Why.REST, Rest.Why.NOT_CLEAR));
        records.permit(id, CALF, "Dr. " + word, "reason " + word);
        records.factor(id, 1.2, "Dr. " + word, "factor " + word);
        records.accessed("reader " + word, id, "person");
    }

    @Test
    void allComesBackAfterARestart() throws IOException {
        try (Records records = open()) {
            fill(records, ID, "one");
        }
        try (Records records = open()) {
            assertEquals(List.of(new Person(ID, "Name one", "standard", 1.2, "Europe/Berlin", NOW)), records.people());
            assertEquals(Optional.of(new Answers(NOW, List.of("eczema"))), records.screening(ID));
            assertEquals(
                    Optional.of(new Clearance(NOW, "Dr. one", "note one", List.of("eczema"))), records.clearance(ID));
            assertEquals(Optional.of(new Plan(LocalDate.parse("2026-03-02"), 6, 3, List.of(CALF))), records.plan(ID));
            assertEquals(List.of(checkIn(CALF, "check-in one")), records.checkIns(ID));
            assertEquals(
                    List.of(new HeldSession(
                            "session-one", NOW, NOW.plusSeconds(600), true, false, Set.of(CALF), 3, null)),
                    records.sessions(ID));
            assertEquals(Map.of("session-one", "session note one"), records.notes(ID));
            assertEquals(1, records.refusals(ID, NOW));
            assertEquals(0, records.refusals(ID, NOW.plusSeconds(1)));
            assertEquals(
                    NOW.plus(Permission.VALID),
                    records.permission(ID, CALF).orElseThrow().until());
            assertEquals(
                    List.of("factor", "override", "clearance"),
                    records.audit(ID, 10).stream().map(Audited::action).toList());
            assertEquals(
                    "from 1.0 to 1.2: factor one", records.audit(null, 1).get(0).detail());
            assertEquals("reader one", records.accesses(ID, 10).get(0).who());
        }
    }

    @Test
    void aHigherRevisionReplacesALowerOneAndNothingElse() throws IOException {
        try (Records records = open()) {
            records.summary(TOOL, summary("s", 2, ID, 30, 3));
            records.summary(TOOL, summary("s", 1, ID, 30, 9));
            records.summary(TOOL, summary("s", 2, ID, 30, 9));
            assertEquals(3, records.sessions(ID).get(0).painBefore());
            records.summary(TOOL, summary("s", 3, ID, 30, 5));
            assertEquals(5, records.sessions(ID).get(0).painBefore());
            records.seen(TOOL, "s", ID, true, NOW, NOW, Set.of(new Area("foot", "left")));
            assertEquals(Set.of(CALF), records.sessions(ID).get(0).areas(), "the summary knows better");
            records.summary(TOOL, summary("s", 4, ID, 0, 5));
            assertEquals(List.of(), records.sessions(ID), "nothing was worked on after all");
        }
    }

    @Test
    void aSessionOfWhichOnlyTheStartIsKnownCountsUntilItsSummarySaysMore() throws IOException {
        Area foot = new Area("foot", "right");
        try (Records records = open()) {
            records.seen(TOOL, "s", ID, false, NOW, NOW, Set.of(CALF));
            records.seen(TOOL, "s", ID, false, NOW.plusSeconds(5), NOW.plusSeconds(60), Set.of(foot));
            assertEquals(
                    List.of(new HeldSession(
                            "s", NOW, NOW.plusSeconds(60), false, false, Set.of(CALF, foot), null, null)),
                    records.sessions(ID));
            records.summary(TOOL, summary("s", 1, ID, 30, null));
            assertEquals(
                    List.of(new HeldSession("s", NOW, NOW.plusSeconds(600), true, false, Set.of(CALF), null, null)),
                    records.sessions(ID));
        }
    }

    @Test
    void twoToolsHoldOneSession() throws IOException {
        try (Records records = open()) {
            records.summary(TOOL, summary("s", 1, ID, 30, 3));
            records.summary(new Tool("home", "demo", "tool-2"), summary("s", 1, ID, 30, 3));
            assertEquals(1, records.sessions(ID).size());
        }
    }

    @Test
    void whatIsErasedIsInNoFileAndOthersAreAsTheyWere() throws IOException {
        try (Records records = open()) {
            fill(records, ID, "erased");
            fill(records, OTHER, "staying");
            Facts before = records.facts(OTHER).orElseThrow();
            List<Audited> audited = records.audit(OTHER, 100);

            Map<String, Integer> counts = records.erase(ID, "practitioner");

            assertEquals(1, counts.get("person"));
            assertEquals(1, counts.get("session"));
            assertEquals(3, counts.get("audit"));
            assertTrue(counts.values().stream().allMatch(rows -> rows > 0), counts.toString());
            assertEquals(Optional.empty(), records.person(ID));
            assertEquals(List.of(), records.sessions(ID));
            assertEquals(before, records.facts(OTHER).orElseThrow());
            assertEquals(audited, records.audit(OTHER, 100));
            Audited last = records.audit(null, 1).get(0);
            assertEquals("erase", last.action());
            assertEquals(null, last.person());
            for (String word : List.of(ID, "erased")) {
                assertEquals(List.of(), filesWith(word));
            }
            assertFalse(filesWith("staying").isEmpty());
        }
    }

    private List<Path> filesWith(String word) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(word)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    @Test
    void onlyItsOwnerMayReadIt() throws IOException {
        try (Records records = open()) {
            fill(records, ID, "one");
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    assertEquals(
                            "rw-------",
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                            file.toString());
                }
            }
        }
    }

    @Test
    void whatIsNoRecordsIsLeftAsItIs() throws Exception {
        Path file = Files.writeString(folder.resolve("records.db"), "no database at all, but something".repeat(50));
        IOException e = assertThrows(IOException.class, this::open);
        assertTrue(e.getMessage().startsWith("records " + file + " cannot be opened: want a file as"), e.getMessage());
        assertTrue(Files.readString(file).startsWith("no database at all"));
    }

    @Test
    void ofANewerLightstrokeItIsRefused() throws Exception {
        open().close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("records.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("insert into flyway_schema_history select 2, '2', 'more', type, 'V2__more.sql', 1,"
                    + " installed_by, installed_on, execution_time, success from flyway_schema_history");
        }
        IOException e = assertThrows(IOException.class, this::open);
        assertTrue(e.getMessage().contains("not resolved locally: 2"), e.getMessage());
    }

    /** What is in the tables after the migrations is what the code writes: no table stays empty, none is missing. */
    @Test
    void theMigrationsMakeTheTablesThatAreUsed() throws Exception {
        try (Records records = open()) {
            fill(records, ID, "one");
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("records.db"));
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(
                    "select name from sqlite_master where type = 'table' and name not like 'flyway%'")) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
            assertEquals(13, tables.size(), tables.toString());
            for (String table : tables) {
                try (ResultSet row = statement.executeQuery("select count(*) from " + table)) {
                    assertTrue(row.next() && row.getInt(1) > 0, table + " is empty");
                }
            }
        }
    }
}

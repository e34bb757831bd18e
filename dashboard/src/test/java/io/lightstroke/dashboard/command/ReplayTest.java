package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
    private static final long UTC = 1_772_357_400_000_000L;
    private static final Recording RECORDING =
            Recording.of(Scenario.builtIn("too-deep"), 1, 1, 100, Duration.ofSeconds(30));

    @TempDir
    Path folder;

    private String file(String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines).toString();
    }

    private static List<String> hex() {
        return RECORDING.notifications().stream().map(HexFormat.of()::formatHex).toList();
    }

    private static CommandRun replay(String... args) {
        List<String> all = new ArrayList<>(List.of("replay"));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static JsonNode json(CommandRun run) throws IOException {
        assertEquals(0, run.exitCode(), run.err());
        assertEquals(1, run.outLines().size());
        return new ObjectMapper().readTree(run.out());
    }

    private static List<String> names(JsonNode object) {
        return StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false)
                .toList();
    }

    @Test
    void theJsonHasTheFieldsThatAreWrittenDown() throws IOException {
        JsonNode all = json(replay(file("x", hex()), "--json"));

        assertEquals(List.of("strokes", "overPressure", "spots", "engineVersion", "limits"), names(all));
        assertEquals(
                List.of(
                        "firstIndex",
                        "lastIndex",
                        "startUs",
                        "endUs",
                        "peakN",
                        "impulseNs",
                        "meanN",
                        "riseTimeS",
                        "timeInZoneS",
                        "overTimeS",
                        "ceilingHit",
                        "gapPercent",
                        "hold",
                        "interrupted",
                        "angleDeg",
                        "direction"),
                names(all.at("/strokes/0")));
        assertEquals(
                List.of("none", "light", "moderate", "firm", "too-deep", "ceiling"),
                names(all.at("/strokes/0/timeInZoneS")));
        assertEquals(List.of("startUs", "endUs", "endedUnknown", "ceiling"), names(all.at("/overPressure/0")));
        assertEquals(
                List.of("startUs", "endUs", "dwellS", "firstIndex", "lastIndex", "strokes", "interrupted"),
                names(all.at("/spots/0")));
        assertEquals(List.of("version", "lightN", "moderateN", "tooDeepN", "ceilingN"), names(all.path("limits")));
        assertEquals(9.0, all.at("/limits/tooDeepN").doubleValue());
    }

    @Test
    void shuffledAndDoubledFramesGiveTheSameBytes() throws IOException {
        List<String> doubled = new ArrayList<>(hex());
        doubled.addAll(hex());
        Collections.shuffle(doubled, new Random(1));
        String expected = replay(file("in-order", hex()), "--json").out();

        assertFalse(expected.isEmpty());
        assertEquals(expected, replay(file("shuffled", doubled), "--json").out());
        assertEquals(expected, replay(file("in-order", hex()), "--json").out());
    }

    @Test
    void brokenLinesAreNamedTheOthersJudgedAndTheExitCodeIs1() throws IOException {
        List<String> lines = new ArrayList<>(hex());
        lines.add(0, "# recorded at home");
        lines.add(1, "not a frame");
        lines.add("0101");
        String file = file("broken", lines);
        CommandRun run = replay(file, "--json");

        assertEquals(1, run.exitCode());
        assertEquals(replay(file("whole", hex()), "--json").out(), run.out());
        assertEquals(
                List.of(
                        "lightstroke replay: %s line 2: hex: want digits 0-9, a-f, got 'n' at column 1".formatted(file),
                        "lightstroke replay: %s line %d: force frame: want at least 30 bytes, got 2"
                                .formatted(file, lines.size()),
                        "lightstroke replay: %s: 2 malformed lines left out".formatted(file)),
                run.err().lines().toList());
    }

    @Test
    void theTextFitsATerminalOf100Columns() throws IOException {
        Recording signed = Recording.of(Scenario.builtIn("back-and-forth"), 1, 1, 100, Duration.ofSeconds(30));
        CommandRun run = replay(
                file(
                        "x",
                        signed.notifications().stream()
                                .map(HexFormat.of()::formatHex)
                                .toList()),
                "--limits",
                "0.6,0.7,0.8,0.9");

        assertTrue(run.out().lines().anyMatch(line -> line.matches(".*  I?C \\d+° [+-]")), run.out());
        assertTrue(run.outLines().stream().allMatch(line -> line.length() <= 100), run.out());
    }

    @Test
    void moreThanTwoDecimalsAreNotRoundedInSilence() throws IOException {
        CommandRun run = replay(file("x", hex()), "--limits", "3.004,6.5,9,14");

        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--limits: want at most two decimals, got '3.004,6.5,9,14'"), run.err());
    }

    @Test
    void bytesThatAreNoTextAreRefusedByName() throws IOException {
        String file = Files.write(folder.resolve("x"), new byte[] {'0', ',', '1', '\n', (byte) 0xFF})
                .toString();
        CommandRun run = replay(file);

        assertEquals(1, run.exitCode());
        assertEquals(
                List.of("lightstroke replay: %s: want text in UTF-8, got other bytes".formatted(file)),
                run.err().lines().toList());
    }

    @Test
    void theTextHasARowAStrokeAndTheTotals() throws IOException {
        CommandRun json = replay(file("x", hex()), "--json");
        CommandRun text = replay(file("x", hex()));
        int strokes = json(json).path("strokes").size();

        assertTrue(strokes > 10);
        assertEquals(
                strokes,
                text.outLines().stream()
                        .filter(line -> line.matches("( +([0-9.]+|-)){13}(  [HIC]+)?"))
                        .count(),
                text.out());
        // It ends in the last one.
        assertTrue(text.out().contains("Strokes %d, holds 0, interrupted 1:".formatted(strokes - 1)), text.out());
        assertTrue(text.out().contains("too deep from 9.00 N, ceiling 14.00 N"), text.out());
    }

    @Test
    void otherLimitsGiveOtherZones() throws IOException {
        String file = file("x", hex());

        assertTrue(json(replay(file, "--json")).path("overPressure").size() > 5);
        JsonNode lenient = json(replay(file, "--json", "--limits", "3,6.5,13.8,14"));
        assertTrue(lenient.path("overPressure").size() < 5);
        assertEquals(13.8, lenient.at("/limits/tooDeepN").doubleValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3,6.5,9",
                "3,6.5,9,14,15",
                "3,6.5,6.5,14",
                "9,6.5,3,1",
                "3,6.5,9,14.01",
                "0.5,6.5,9,14",
                "a,b,c,d",
                "",
                "1e99,2,3,4"
            })
    void wrongLimitsAreWrongUse(String limits) throws IOException {
        CommandRun run = replay(file("x", hex()), "--limits", limits);

        assertEquals(2, run.exitCode());
        assertEquals("", run.out());
        assertTrue(
                run.err()
                        .contains(
                                "want four numbers in newtons, 0.5 < light < moderate < too deep < ceiling <= 14, got '"
                                        + limits + "'"),
                run.err());
    }

    @Test
    void aCsvIsKnownByItsContent() throws IOException {
        List<String> lines = IntStream.range(0, 500)
                .mapToObj(i -> i * 10_000 + "," + (i >= 200 && i < 300 ? "4.0" : "0"))
                .toList();
        JsonNode found = json(replay(file("frames.hex", lines), "--json"));

        assertEquals(1, found.path("strokes").size());
        assertEquals(200, found.at("/strokes/0/firstIndex").intValue(), 2);
        assertEquals(4.0, found.at("/strokes/0/impulseNs").doubleValue(), 0.1);
    }

    @Test
    void whatIsNoRecordingIsRefusedInOneLine() throws IOException {
        for (String content : List.of("hello", "")) {
            CommandRun run = replay(file("x", List.of(content)));
            assertEquals(1, run.exitCode());
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(
                    run.err()
                            .contains(
                                    "want notifications in hex, one a line, a CSV of time_us,force_N, a recorded link, or a journal; got"),
                    run.err());
        }
        assertEquals(1, replay(folder.resolve("nothing").toString()).exitCode());
        assertEquals(1, replay(folder.toString()).exitCode());
        assertEquals(2, replay(file("x", hex()), "--tool", "tool-1").exitCode());
    }

    /** The recording as the gateway keeps it, of two tools, with orders. */
    private void journal(JournalEntry... more) throws Exception {
        try (Journal journal = Journal.open(folder)) {
            for (String tool : List.of("left", "right")) {
                journal.append(List.of(new JournalEntry.Boot(tool, RECORDING.boot(), BootClock.ofOffset(UTC), false)));
                for (byte[] bytes : RECORDING.notifications()) {
                    journal.append(List.of(entry(tool, bytes)));
                }
            }
            journal.append(List.of(more));
            assertTrue(journal.flush(Duration.ofSeconds(30)));
        }
    }

    private static JournalEntry entry(String tool, byte[] bytes) throws Exception {
        if (bytes[0] == EventFrame.TYPE) {
            EventFrame event = EventFrame.decode(bytes);
            return new JournalEntry.ToolEvent(
                    tool, event.boot(), event.sequence(), event.index(), UTC + event.timeUs(), bytes);
        }
        ForceFrame frame = ForceFrame.decode(bytes);
        return new JournalEntry.Samples(
                tool,
                frame.boot(),
                frame.first(),
                frame.timeUs(),
                UTC + frame.timeUs(),
                frame.periodUs(),
                frame.flags(),
                frame.strokes(),
                frame.forceCn(),
                new byte[frame.count()]);
    }

    private static JournalEntry order(long index, Order order) {
        return new JournalEntry.Order("left", RECORDING.boot(), index, UTC + 2_000_000 + index * 10_000, order.json());
    }

    private static Order start(PressureLimits limits) {
        return new Order.Start(
                "s",
                List.of("left"),
                null,
                null,
                null,
                null,
                null,
                null,
                limits,
                Phase.TREAT,
                false,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void aJournalGivesEachToolsFindingsWithToolAndBoot() throws Exception {
        journal();
        JsonNode frames = json(replay(file("x", hex()), "--json"));
        JsonNode both = json(replay(folder.toString(), "--json"));
        JsonNode right = json(replay(folder.resolve("journal.db").toString(), "--json", "--tool", "right"));

        int strokes = frames.path("strokes").size();
        assertEquals(2 * strokes, both.path("strokes").size());
        assertEquals("left", both.at("/strokes/0/tool").textValue());
        assertEquals(RECORDING.boot(), both.at("/strokes/0/boot").longValue());
        assertEquals("right", both.at("/strokes/%d/tool".formatted(strokes)).textValue());
        assertEquals(strokes, right.path("strokes").size());
        assertEquals("right", right.at("/spots/0/tool").textValue());
        assertEquals(frames.at("/strokes/3/impulseNs"), both.at("/strokes/3/impulseNs"));
        CommandRun wrong = replay(folder.toString(), "--tool", "middle");
        assertEquals(1, wrong.exitCode());
        assertTrue(wrong.err().contains("--tool: want one of left, right, got middle"), wrong.err());
    }

    @Test
    void theOrdersInAJournalAreExecuted() throws Exception {
        journal(
                order(0, start(new PressureLimits("lenient", 300, 650, 1380, 1400))),
                order(1500, new Order.NextSpot("s", null)));
        JsonNode ordered = json(replay(folder.toString(), "--json", "--tool", "left"));
        JsonNode given = json(replay(folder.toString(), "--json", "--tool", "left", "--limits", "3,6.5,9,14"));

        assertTrue(ordered.path("overPressure").size() < 5, ordered.toString());
        assertTrue(given.path("overPressure").size() > 5, given.toString());
        assertEquals(2, ordered.path("spots").size(), ordered.toString());
        String limits = ": light to 3.00 N, moderate to 6.50 N, too deep from 9.00 N, ceiling 14.00 N.";
        assertEquals(
                "Limits where none are ordered" + limits,
                replay(folder.toString()).outLines().get(0));
        assertEquals(
                "Limits" + limits,
                replay(folder.toString(), "--limits", "3,6.5,9,14").outLines().get(0));
    }

    @Test
    void oneSessionIsJudgedAloneAndItsRevisionKeptOnlyOnce() throws Exception {
        PressureLimits limits = new PressureLimits("lenient", 300, 650, 1380, 1400);
        journal(order(1000, start(limits)), order(3000, new Order.End("s", Order.By.COMMAND, null)));
        String journal = folder.toString();

        JsonNode session = json(replay(journal, "--json", "--session", "s"));
        assertTrue(session.path("strokes").size() > 5, session.toString());
        for (JsonNode stroke : session.path("strokes")) {
            assertEquals("left", stroke.path("tool").textValue());
            assertTrue(stroke.path("firstIndex").asLong() >= 1000, stroke.toString());
            assertTrue(stroke.path("lastIndex").asLong() <= 3000, stroke.toString());
        }
        CommandRun first = replay(journal, "--session", "s", "--keep");
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.err().matches("(?s)s: [1-9][0-9]* findings kept anew\\R"), first.err());
        CommandRun again = replay(journal, "--session", "s", "--keep");
        assertTrue(again.err().contains("s: nothing has changed"), again.err());

        CommandRun unknown = replay(journal, "--session", "t");
        assertEquals(1, unknown.exitCode());
        assertTrue(unknown.err().contains("--session: want one of s, got t"), unknown.err());
        assertEquals(2, replay(journal, "--keep").exitCode());
        try (Journal held = Journal.open(folder)) {
            CommandRun refused = replay(journal, "--session", "s", "--keep");
            assertEquals(1, refused.exitCode(), held.toString());
            assertTrue(refused.err().contains("another gateway has it open"), refused.err());
        }
    }
}

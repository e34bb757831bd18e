package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.messages.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real journal: 2 s of two tools at 100 Hz with a gap in one, a stroke, and a row that a sink refused. */
class JournalCommandTest {
    /** 2026-03-01T08:00:00Z. */
    private static final long UTC = 1_772_352_000_000_000L;

    @TempDir
    Path folder;

    @BeforeEach
    void journal() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            journal.enable("influx");
            for (String tool : List.of("left", "right")) {
                journal.append(List.of(new JournalEntry.Boot(tool, 7, BootClock.ofOffset(UTC), false)));
                for (int i = 0; i < 20; i++) {
                    if (i != 5 || tool.equals("right")) {
                        journal.append(List.of(samples(tool, 10 * i)));
                    }
                }
            }
            journal.append(List.of(
                    new JournalEntry.Finding("left", "stroke", 7, 30, UTC + 300_000, "{\"v\":1,\"peak_N\":2.5}")));
            assertTrue(journal.flush(Duration.ofSeconds(30)));
            long stroke = journal.lastSeq();
            journal.advance(
                    "influx", stroke, List.of(new SetAside(2, 3, "400: no"), new SetAside(stroke, 0, "400: bad")));
        }
    }

    private static JournalEntry.Samples samples(String tool, long first) {
        short[] forceCn = new short[10];
        byte[] zones = new byte[10];
        for (int i = 0; i < 10; i++) {
            forceCn[i] = (short) (first + i - 5);
            zones[i] = 1;
        }
        forceCn[9] = Short.MIN_VALUE;
        zones[9] = -1;
        return new JournalEntry.Samples(
                tool, 7, first, first * 10_000, UTC + first * 10_000, 10_000, 0, 4, forceCn, zones);
    }

    private CommandRun run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "journal";
        all[1] = arguments[0];
        all[2] = "--data";
        all[3] = folder.toString();
        System.arraycopy(arguments, 1, all, 4, arguments.length - 1);
        return CommandRun.of(all);
    }

    @Test
    void verifySaysHowTheJournalStands() throws Exception {
        CommandRun run = run("verify", "--json");
        assertEquals(0, run.exitCode(), run.err());
        JsonNode report = Json.MAPPER.readTree(run.out());
        assertTrue(report.get("sound").asBoolean());
        assertEquals(
                "{\"journaled\":390,\"delivered\":387,\"pending\":0,\"set_aside\":3,\"expired\":0,\"lawful\":true}",
                report.at("/sinks/influx/samples").toString());
        assertEquals(1, report.at("/sinks/influx/stroke/set_aside").asInt());
        JsonNode left = report.at("/boots/0");
        assertEquals("left", left.get("tool").asText());
        assertEquals("[[50,59]]", left.get("gaps").toString());
        assertEquals(190, left.get("samples").asInt());
        assertEquals(-1, left.get("expired_to").asInt());
        assertEquals("400: no", report.at("/set_aside/0/reason").asText());
        assertEquals("stroke", report.at("/set_aside/1/kind").asText());

        CommandRun text = run("verify");
        assertEquals(0, text.exitCode());
        assertTrue(text.out().contains("sound"), text.out());
        assertTrue(text.out().contains("10 missing in 1 gap, the newest 50 to 59"), text.out());
    }

    @Test
    void eraseTakesAPersonOut() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            for (String order : List.of("start", "end")) {
                long index = order.equals("start") ? 20 : 95;
                journal.append(List.of(new JournalEntry.Order(
                        "right",
                        7,
                        index,
                        UTC + index * 10_000,
                        "{\"order\":\"%s\",\"session\":\"s-1\",\"person\":\"p-7\"}".formatted(order))));
            }
            assertTrue(journal.flush(Duration.ofSeconds(30)));
            CommandRun refused = run("erase", "--person", "p-7");
            assertEquals(1, refused.exitCode());
            assertTrue(refused.err().contains("another gateway has it open"), refused.err());
        }
        Path aside = Files.writeString(folder.resolve("journal.db.damaged-1"), "p-p-7");

        CommandRun run = run("erase", "--person", "p-7");

        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("erased 1 sessions: 75 samples, 2 other records"), run.out());
        assertTrue(run.out().contains("NOT erased, delete it: " + aside), run.out());
        CommandRun verify = run("verify");
        assertEquals(0, verify.exitCode());
        assertTrue(verify.out().contains("samples 0 to 199, 125 kept, 75 erased, no gap"), verify.out());
        Files.delete(aside);
        assertEquals(0, run("erase", "--person", "p-7").exitCode());
        assertFalse(Files.readString(folder.resolve("journal.db"), StandardCharsets.ISO_8859_1)
                .contains("p-7"));
    }

    @Test
    void exportWritesWhatWasAskedFor() throws Exception {
        Path out = folder.resolve("out");
        CommandRun run = run(
                "export",
                "--out",
                out.toString(),
                "--tool",
                "left",
                "--from",
                "2026-03-01T08:00:00.080Z",
                "--to",
                "2026-03-01T08:00:00.310Z");
        assertEquals(0, run.exitCode(), run.err());
        List<String> lines;
        try (BufferedReader csv = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(out.resolve("samples.csv.gz"))), StandardCharsets.UTF_8))) {
            lines = csv.lines().toList();
        }
        assertEquals("tool,boot,index,time,tool_time_us,force_N,zone,flags,tool_strokes", lines.get(0));
        assertEquals("left,7,8,2026-03-01T08:00:00.080000Z,80000,0.03,light,0,4", lines.get(1));
        assertEquals("left,7,9,2026-03-01T08:00:00.090000Z,90000,,,0,4", lines.get(2));
        assertEquals("left,7,31,2026-03-01T08:00:00.310000Z,310000,0.26,light,0,4", lines.get(24));
        assertEquals(25, lines.size());
        assertEquals(
                "{\"tool\":\"left\",\"kind\":\"stroke\",\"boot\":7,\"index\":30,"
                        + "\"time\":\"2026-03-01T08:00:00.300000Z\",\"message\":{\"v\":1,\"peak_N\":2.5}}",
                Files.readString(out.resolve("findings.jsonl")).strip());
        List<String> refused = Files.readAllLines(out.resolve("set-aside.jsonl"));
        assertEquals(2, refused.size());
        assertEquals(
                "{\"sink\":\"influx\",\"seq\":2,\"kind\":\"samples\",\"samples\":3,\"reason\":\"400: no\",\"tool\":\"left\","
                        + "\"boot\":7,\"first\":0}",
                refused.get(0));

        CommandRun again = run("export", "--out", out.toString());
        assertEquals(1, again.exitCode());
        assertTrue(again.err().contains("something else is there already"), again.err());
        assertEquals(
                1,
                run("export", "--out", folder.resolve("o2").toString(), "--tool", "nobody")
                        .exitCode());
        assertEquals(2, run("export").exitCode());
        assertEquals(
                2,
                run("export", "--out", "x", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z")
                        .exitCode());
    }

    @Test
    void verifyFindsDamageAndRepairTakesWhatIsLeft() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            for (int i = 0; i < 3000; i++) {
                journal.append(List.of(samples("left", 1000 + 20 * i)));
            }
            assertTrue(journal.flush(Duration.ofSeconds(30)));
        }
        Path file = folder.resolve("journal.db");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(40 * 4096);
            bytes.write(new byte[4096]);
        }
        byte[] damaged = Files.readAllBytes(file);
        CommandRun verify = run("verify");
        assertEquals(1, verify.exitCode());
        assertTrue(verify.out().contains("NOT SOUND"), verify.out());
        assertTrue(verify.out().contains("damaged: "), verify.out());

        Files.copy(file, folder.resolve("aside.db"));
        CommandRun aside =
                CommandRun.of("journal", "repair", folder.resolve("aside.db").toString());
        assertTrue(Files.exists(folder.resolve("aside.db.repaired")), aside.err());
        assertArrayEquals(damaged, Files.readAllBytes(folder.resolve("aside.db")));

        CommandRun repair = run("repair", "--json");
        JsonNode report = Json.MAPPER.readTree(repair.out());
        assertEquals(report.get("unreadable").isEmpty() ? 0 : 1, repair.exitCode(), repair.err());
        assertArrayEquals(damaged, Files.readAllBytes(Path.of(report.get("file").asText())));
        assertTrue(report.at("/rows/samples").asInt() > 2800, report.toString());
        assertEquals(0, run("verify").exitCode());

        try (Journal held = Journal.open(folder)) {
            CommandRun refused = run("repair");
            assertEquals(1, refused.exitCode(), held.toString());
            assertTrue(refused.err().contains("another gateway has it open"), refused.err());
        }
    }

    @Test
    void whatIsNoJournalIsSaid() {
        CommandRun run = CommandRun.of(
                "journal", "verify", "--data", folder.resolve("nowhere").toString());
        assertEquals(1, run.exitCode());
        assertTrue(run.err().contains("nowhere"), run.err());
        assertFalse(Files.exists(folder.resolve("nowhere")));
        assertEquals(
                1,
                CommandRun.of("journal", "repair", folder.resolve("nothing.db").toString())
                        .exitCode());
    }

    @Test
    void theBenchMeasuresTheJournal() throws Exception {
        CommandRun run = CommandRun.of(
                "bench", "journal", "--tools", "1", "--minutes", "1", "--in", folder.toString(), "--json");
        assertEquals(0, run.exitCode(), run.err());
        JsonNode result = Json.MAPPER.readTree(run.out());
        assertEquals(6000, result.get("samples").asInt(), 20);
        assertTrue(result.at("/commitMs/p99").asDouble()
                >= result.at("/commitMs/p50").asDouble());
        assertTrue(result.at("/bytesPerSample/before").asDouble() > 2);
        try (var left = Files.list(folder)) {
            assertTrue(left.noneMatch(each -> each.getFileName().toString().startsWith("lightstroke-bench")));
        }
    }
}

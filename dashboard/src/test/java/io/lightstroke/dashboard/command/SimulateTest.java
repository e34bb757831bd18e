package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.simulator.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateTest {
    @TempDir
    private Path folder;

    private CommandRun write(String folder, String... options) {
        List<String> args = new ArrayList<>(
                List.of("simulate", "--write", this.folder.resolve(folder).toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    @Test
    void theListHasEveryScenarioWithItsDescription() {
        CommandRun run = CommandRun.of("simulate", "--list");
        assertEquals(0, run.exitCode());
        assertTrue(Scenario.BUILT_IN.size() >= 12);
        assertEquals(
                Scenario.BUILT_IN.stream()
                        .map(name -> name + " " + Scenario.builtIn(name).description())
                        .toList(),
                run.outLines().stream()
                        .peek(line -> assertTrue(line.length() <= 100, line))
                        .map(line -> line.replaceFirst(" +", " "))
                        .toList());
    }

    @Test
    void moreThanFitsInMemoryIsRefused() {
        CommandRun run = write("x", "--for", "1000h");
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--for: want at most 12h with --write at 100 Hz, got 1000h"), run.err());
    }

    @Test
    void numbersThatAreNoneAreNamed() {
        CommandRun run = CommandRun.of("simulate", "--seed", "x");
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("simulate: --seed: want a whole number, got x;"), run.err());
    }

    @Test
    void writesWhatTheToolSendsAndWhatReallyHappened() throws IOException {
        CommandRun run = write("x", "--scenario", "too-deep", "--seed", "5", "--for", "20s", "--rate", "50");
        assertEquals("", run.err());
        assertEquals(0, run.exitCode());

        JsonNode truth = Json.MAPPER.readTree(folder.resolve("x/truth.json").toFile());
        assertEquals("too-deep", truth.get("scenario").textValue());
        assertEquals(5, truth.get("seed").intValue());
        assertEquals(50, truth.get("rateHz").intValue());
        assertEquals(1000, truth.get("samples").intValue());
        assertEquals(9.0, truth.at("/limits/tooDeepN").doubleValue());
        assertTrue(truth.get("strokes").size() > 5 && truth.get("overPressure").size() > 3, truth.toString());
        assertTrue(truth.get("spots").size() > 0);
        assertEquals(
                "%s: 1000 samples; %d strokes, %d over-pressures, %d spots%n"
                        .formatted(
                                folder.resolve("x"),
                                truth.get("strokes").size(),
                                truth.get("overPressure").size(),
                                truth.get("spots").size()),
                run.out());

        CommandRun decoded = CommandRun.withInput(Files.readString(folder.resolve("x/frames.hex")), "decode", "--json");
        assertEquals(0, decoded.exitCode(), "every line is a whole frame");
        int samples = 0;
        for (String line : decoded.outLines()) {
            JsonNode frame = Json.MAPPER.readTree(line);
            assertEquals(truth.get("boot").longValue(), frame.get("boot").longValue());
            if (frame.get("type").intValue() == 1) {
                assertEquals(samples, frame.get("first").intValue());
                samples += frame.get("count").intValue();
            }
        }
        assertEquals(1000, samples);
    }

    @Test
    void theSameArgumentsGiveTheSameBytesAndOthersOverwriteNothing() throws IOException {
        assertEquals(0, write("x").exitCode());
        assertEquals(0, write("y").exitCode());
        for (String file : List.of("frames.hex", "truth.json")) {
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve("x").resolve(file)),
                    Files.readAllBytes(folder.resolve("y").resolve(file)));
        }
        byte[] before = Files.readAllBytes(folder.resolve("x/frames.hex"));
        CommandRun again = write("x", "--seed", "2");
        assertEquals(1, again.exitCode());
        assertTrue(again.err().contains("x/frames.hex: want no file, or one with the same content"), again.err());
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("x/frames.hex")));
    }

    @Test
    void furtherToolsHaveFoldersOfTheirOwn() throws IOException {
        assertEquals(0, write("x", "--scenario", "two-tools", "--for", "5s").exitCode());
        assertTrue(Files.exists(folder.resolve("x/truth.json")));
        JsonNode second =
                Json.MAPPER.readTree(folder.resolve("x/tool-2/truth.json").toFile());
        assertEquals(2, second.get("tool").intValue());
        assertFalse(Files.exists(folder.resolve("x/tool-3")));
        assertEquals(0, write("y", "--tools", "3", "--for", "5s").exitCode());
        assertTrue(Files.exists(folder.resolve("y/tool-3/frames.hex")));
    }

    @Test
    void withFaultsItWritesWhatArrivesAndWhatWentWrong() throws IOException {
        String faults = "drop=20%@5s+5s, wrong-crc=10%, reboot@15s, link-loss@20s+2s";
        CommandRun run = write("x", "--scenario", "too-deep", "--for", "30s", "--faults", faults);
        assertEquals(0, run.exitCode(), run.err());
        JsonNode truth = Json.MAPPER.readTree(folder.resolve("x/truth.json").toFile());
        assertEquals(2, truth.get("starts").size());
        assertEquals(15_000_000, truth.at("/starts/1/atUs").longValue());
        assertEquals(
                List.of("wrong-crc", "drop", "reboot", "link-loss"),
                truth.get("faults").findValuesAsText("fault"));
        assertEquals(5_000_000, truth.at("/faults/1/fromUs").longValue());
        assertEquals(10_000_000, truth.at("/faults/1/toUs").longValue());
        CommandRun decoded = CommandRun.withInput(Files.readString(folder.resolve("x/frames.hex")), "decode");
        assertEquals(1, decoded.exitCode());
        assertEquals(
                truth.at("/faults/0/changed").longValue(),
                decoded.outLines().stream()
                        .filter(line -> line.startsWith("broken: ") && line.contains(" crc: want "))
                        .count());
        assertEquals(
                0,
                write("y", "--scenario", "too-deep", "--for", "30s", "--faults", faults)
                        .exitCode());
        for (String file : List.of("frames.hex", "truth.json")) {
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve("x").resolve(file)),
                    Files.readAllBytes(folder.resolve("y").resolve(file)));
        }
    }

    @Test
    void whatIsWrongInFaultsIsSaid() {
        CommandRun run = write("x", "--faults", "drop=5%, sleep");
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--faults: fault: want one of link-loss, drop, "), run.err());
        assertTrue(run.err().contains("spoofed-twin, got sleep"), run.err());
        assertFalse(Files.exists(folder.resolve("x")));
    }

    @Test
    void aTruthThatIsThereIsNotOverwritten() throws IOException {
        Files.createDirectories(folder.resolve("t/tool-2"));
        Files.writeString(folder.resolve("t/tool-2/truth.json"), "mine");
        CommandRun run =
                CommandRun.of("simulate", "--truth", folder.resolve("t").toString());
        assertEquals(1, run.exitCode());
        assertTrue(run.err().contains("tool-2/truth.json: want no file, got one; nothing was run"), run.err());
        assertEquals("mine", Files.readString(folder.resolve("t/tool-2/truth.json")));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertEquals(
                "lightstroke simulate: --rate: want it with --write, got it alone; see lightstroke simulate --help",
                CommandRun.of("simulate", "--rate", "50").err().strip());
        assertEquals(
                "lightstroke simulate: --trust: want it with --peripheral, got it alone; see lightstroke simulate --help",
                CommandRun.of("simulate", "--trust", "just-works").err().strip());
        assertEquals(
                "lightstroke simulate: --peripheral: want it without --write and --tools, an adapter is one tool; see lightstroke simulate --help",
                write("x", "--peripheral", "hci0").err().strip());
        assertTrue(CommandRun.of("simulate", "--tools", "1001").err().contains("--tools: want 1 to 1000, got 1001"));
        assertTrue(CommandRun.of("simulate", "--speed", "0.01").err().contains("--speed: want 0.1 to 20, got 0.01"));
        assertTrue(write("x", "--speed", "2").err().contains("--write: want it without --speed and --truth"));
        CommandRun rate = write("x", "--rate", "5");
        assertEquals(2, rate.exitCode());
        assertTrue(rate.err().contains("rate in scenario home: want 16 to 1000 Hz, got 5"), rate.err());
        CommandRun scenario = write("x", "--scenario", "nope");
        assertEquals(1, scenario.exitCode());
        assertTrue(scenario.err().contains("want one of home, calm, "), scenario.err());
        assertFalse(Files.exists(folder.resolve("x")));
    }

    @Test
    void aProgramThatIsNoToolIsNamed() {
        CommandRun ended = CommandRun.of("simulate", "--pipe", "exit 3");
        assertEquals(1, ended.exitCode());
        assertEquals(
                "lightstroke simulate: the tool behind `exit 3`: to 'hello 1': want an answer, but the process has ended"
                        + " with exit code 3\n",
                ended.err());

        CommandRun two = CommandRun.of("simulate", "--pipe", "true", "--scenario", "calm");
        assertEquals(2, two.exitCode());
        assertTrue(two.err().contains("--pipe: want it without --scenario, the program is its own person"), two.err());

        String hello = "read hello; echo 'name X'; echo ok; read more";
        CommandRun inside = CommandRun.of("simulate", "--pipe", hello, "--faults", "saturated");
        assertEquals(2, inside.exitCode());
        assertTrue(inside.err().contains("fault saturated: want it of a simulated tool"), inside.err());
    }
}

package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.ToolRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordTest {
    @TempDir
    private Path folder;

    private List<Passed> recorded(Path file, String... more) throws Exception {
        List<String> args = new ArrayList<>(List.of("record", "--link", "simulated", file.toString()));
        args.addAll(List.of(more));
        if (!args.contains("--for")) {
            args.addAll(List.of("--for", "1500ms"));
        }
        CommandRun run = CommandRun.of(args.toArray(String[]::new));
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().startsWith(file + ": "), run.out());
        return ToolRecording.read(file).passed();
    }

    private static List<String> written(List<Passed> passed) {
        return passed.stream()
                .filter(each -> each.what() == Passed.What.WRITTEN)
                .map(each -> each.characteristic().name()
                        + (each.characteristic().name().equals("control-point") ? " " + each.value()[0] : ""))
                .distinct()
                .toList();
    }

    @Test
    void allThatPassesIsInTheFileAndNothingAtTheToolIsChanged() throws Exception {
        Path file = folder.resolve("a.jsonl.gz");

        List<Passed> passed = recorded(file, "--rate", "200");

        assertEquals(Passed.What.LINKED, passed.get(0).what());
        assertEquals(247, passed.get(0).mtu());
        assertEquals(Passed.What.UNLINKED, passed.get(passed.size() - 1).what());
        for (String name : List.of("tool-info", "battery-level", "serial-number", "firmware-revision")) {
            assertTrue(
                    passed.stream()
                            .anyMatch(each -> each.what() == Passed.What.READ
                                    && each.characteristic().name().equals(name)),
                    name);
        }
        // Read limits, start, stop: neither limits nor tare are written.
        assertEquals(List.of("time-sync", "control-point 5", "control-point 1", "control-point 2"), written(passed));
        long samples = 0;
        for (Passed each : passed) {
            if (each.told() && each.characteristic().name().equals("force-stream")) {
                ForceFrame frame = ForceFrame.decode(each.value());
                assertEquals(5000, frame.periodUs());
                assertEquals(samples, frame.first(), "no gap");
                samples += frame.count();
            }
        }
        assertTrue(samples > 100, "samples: " + samples);
    }

    @Test
    void aLinkThatIsGoneIsSeenWithinASecond() throws Exception {
        // At 6 s the regular exchanges of times are 10 s apart.
        List<Passed> passed = recorded(folder.resolve("a.jsonl"), "--for", "7500ms", "--faults", "link-loss@6s+500ms");

        int lost = passed.stream().map(Passed::what).toList().indexOf(Passed.What.UNLINKED);
        long lastUs = passed.subList(0, lost).stream()
                .filter(each -> each.what() == Passed.What.NOTIFIED)
                .mapToLong(Passed::us)
                .max()
                .orElseThrow();
        assertTrue(passed.get(lost).us() < 7_300_000, "it is not the end of the recording");
        assertTrue(
                passed.get(lost).us() - lastUs < 1_200_000,
                "after " + (passed.get(lost).us() - lastUs) + " us");
    }

    @Test
    void theEngineFindsInItWhatItFindsInItsFrames() throws Exception {
        Path file = folder.resolve("a.jsonl.gz");
        List<String> frames = recorded(file, "--scenario", "tapping").stream()
                .filter(each -> each.told()
                        && List.of("force-stream", "events")
                                .contains(each.characteristic().name()))
                .map(each -> HexFormat.of().formatHex(each.value()))
                .toList();
        Path hex = Files.write(folder.resolve("frames.hex"), frames);

        CommandRun run = CommandRun.of("replay", "--json", file.toString());

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(CommandRun.of("replay", "--json", hex.toString()).out(), run.out());
    }

    @Test
    void aFileThatIsThereStaysAsItIs() throws Exception {
        Path there = Files.writeString(folder.resolve("there.jsonl"), "mine");

        CommandRun run = CommandRun.of("record", "--link", "simulated", "--for", "1s", there.toString());

        assertEquals(1, run.exitCode());
        assertTrue(run.err().contains("there.jsonl: want no such file, got one; it stays as it is"), run.err());
        assertEquals("mine", Files.readString(there));
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertEquals(
                "lightstroke record: --seed: want it with --link simulated, got it with auto; see lightstroke record --help",
                CommandRun.of("record", "--seed", "2").err().strip());
        assertEquals(
                "lightstroke record: --tool: want an address like 02:4C:53:00:00:01, got x; see lightstroke record --help",
                CommandRun.of("record", "--tool", "x").err().strip());
    }

    @Test
    void aRecordingWithoutATruthIsNotWrittenAsOne() throws Exception {
        Path file = folder.resolve("a.jsonl");
        recorded(file);

        CommandRun run = CommandRun.of("simulate", "--replay", file.toString(), "--write", folder.toString());

        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--replay: want it without --write"), run.err());
    }
}

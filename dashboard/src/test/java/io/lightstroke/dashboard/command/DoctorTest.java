package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir
    Path folder;

    @Test
    void whatMustBeMendedDecidesTheExitCode() throws Exception {
        CommandRun run = CommandRun.of(
                "doctor", "--json", "--data", folder.toString(), "--port", String.valueOf(Program.freePort()));
        JsonNode report = new ObjectMapper().readTree(run.out());

        boolean fix = false;
        for (String part : Set.of("machine", "bluetooth")) {
            assertTrue(report.path(part).size() > 0, run.out());
            for (JsonNode finding : report.path(part)) {
                String level = finding.path("level").asText();
                assertTrue(Set.of("ok", "warn", "fix").contains(level), run.out());
                assertTrue(finding.hasNonNull("what") && finding.hasNonNull("seen"), run.out());
                fix |= level.equals("fix");
            }
        }
        assertEquals(fix ? 1 : 0, run.exitCode());
    }

    @Test
    void aFileInPlaceOfTheDataFolderIsToBeMended() throws Exception {
        Path file = Files.createFile(folder.resolve("data"));
        CommandRun run = CommandRun.of("doctor", "--data", file.toString());

        assertEquals(1, run.exitCode());
        assertTrue(run.outLines().stream().anyMatch(line -> line.startsWith("fix   data folder")), run.out());
        assertTrue(run.outLines().contains("Mend the lines marked fix first."), run.out());
    }

    @Test
    void theTextSaysWhatTheJsonSays() throws Exception {
        String port = String.valueOf(Program.freePort());
        JsonNode report = new ObjectMapper()
                .readTree(CommandRun.of("doctor", "--json", "--port", port).out());
        String text = CommandRun.of("doctor", "--port", port).out();

        StreamSupport.stream(report.path("bluetooth").spliterator(), false)
                .forEach(
                        finding -> assertTrue(text.contains(finding.path("seen").asText()), text));
    }
}

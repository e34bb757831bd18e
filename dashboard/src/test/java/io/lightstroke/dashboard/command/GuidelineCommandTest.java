package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuidelineCommandTest {
    /** Lines without the blanks that only align. */
    private static List<String> words(CommandRun run) {
        return run.out().lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    }

    @Test
    void showHasTheTableWithSourcesAndUncertaintyIn100Columns() {
        CommandRun run = CommandRun.of("guideline", "show");

        assertEquals(0, run.exitCode(), run.err());
        List<String> words = words(run);
        for (List<String> rows : List.of(
                List.of(
                        "calf, thigh, glute, lumbar (lumbar muscle)",
                        "standard 3.0 6.5 9.0 14.0",
                        "sensitive 2.1 4.6 6.3 9.8"),
                List.of("shoulder, mid-back, upper-arm", "standard 2.4 5.2 7.2 11.2"),
                List.of("forearm, foot, near-bone (near bone or tendon)", "standard 2.1 4.6 6.3 9.8"),
                List.of("neck-back (back of the neck), upper-trapezius", "standard 1.8 3.9 5.4 8.4"))) {
            int at = words.indexOf(rows.get(0));
            assertTrue(at >= 0, rows.get(0) + " in\n" + run.out());
            assertEquals(rows, words.subList(at, at + rows.size()));
        }
        assertTrue(run.out().contains("Starting values, not proven safe."), run.out());
        assertTrue(words.contains("Uncertainty Judgement, not measured."), run.out());
        assertTrue(words.contains("Source technique, teaching-texts, judgement"), run.out());
        assertTrue(words.contains("never abdomen, lumbar muscle with pregnancy"), run.out());
        assertEquals(
                List.of(), run.out().lines().filter(line -> line.length() > 100).toList());
    }

    @Test
    void anEdgeGivesKilopascals() {
        CommandRun run = CommandRun.of("guideline", "show", "--edge", "30");

        assertTrue(words(run).contains("standard 3.0 = 100 kPa 6.5 = 217 kPa 9.0 = 300 kPa 14.0 = 467 kPa"), run.out());
        assertEquals(2, CommandRun.of("guideline", "show", "--edge", "0").exitCode());
    }

    @Test
    void jsonHasEveryRegionAndProfileAndTheGuideline() throws Exception {
        JsonNode shown = new ObjectMapper()
                .readTree(CommandRun.of("guideline", "show", "--json").out());

        assertEquals(12 * 2, shown.path("limits").size());
        assertEquals(
                "{\"region\":\"neck-back\",\"profile\":\"sensitive\",\"light_N\":1.3,\"moderate_N\":2.7,"
                        + "\"too_deep_N\":3.8,\"ceiling_N\":5.9}",
                shown.path("limits").get(21).toString());
        assertEquals("lightstroke-1", shown.at("/guideline/version").asText());
        assertEquals(15, shown.at("/guideline/caps/value/spot_s").asInt());
        assertEquals(3.0, shown.at("/guideline/limits/value/light_N").asDouble());
        List<String> groups = new ArrayList<>();
        shown.path("guideline").properties().forEach(group -> {
            if (group.getValue().has("value")) {
                groups.add(group.getKey());
                assertTrue(group.getValue().path("source").size() > 0, group.getKey());
                assertTrue(!group.getValue().path("uncertainty").asText().isEmpty(), group.getKey());
            }
        });
        assertEquals(9, groups.size(), groups.toString());
    }

    @Test
    void theYamlBeginsOnesOwn(@TempDir Path folder) throws Exception {
        CommandRun yaml = CommandRun.of("guideline", "show", "--yaml");
        Path own = Files.writeString(
                folder.resolve("own.yaml"),
                yaml.out()
                        .replace("version: lightstroke-1", "version: ours-1")
                        .replace("light_N: 3.0", "light_N: 2.9"));

        CommandRun check = CommandRun.of("guideline", "check", own.toString());
        assertEquals(
                own + ": right; version ours-1 offers 12 regions for the profiles standard, sensitive",
                check.out().strip());
        assertEquals(0, check.exitCode());
        assertTrue(words(CommandRun.of("guideline", "show", own.toString())).contains("standard 2.9 6.5 9.0 14.0"));
    }

    @Test
    void checkListsEveryMistakeAndEndsWith2(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(
                folder.resolve("own.yaml"),
                CommandRun.of("guideline", "show", "--yaml")
                        .out()
                        .replace("moderate_N: 6.5", "moderate_N: 9.5")
                        .replace("spot_s: 15", "spot_s: 9"));
        for (String command : List.of("check", "show")) {
            CommandRun run = CommandRun.of("guideline", command, own.toString());

            assertEquals(2, run.exitCode());
            assertEquals("", run.out());
            assertEquals("""
                    lightstroke guideline %s: %s:
                      caps.value: want spot_prompt_s < spot_s, got 10, 9
                      limits.value: want light_N < moderate_N < too_deep_N < ceiling_N, got 3, 9.5, 9, 14
                    """.formatted(command, own), run.err().replace("\r\n", "\n"));
        }
    }

    @Test
    void aFileThatIsNotThereIsWrongUse() {
        CommandRun run = CommandRun.of("guideline", "check", "/nowhere.yaml");

        assertEquals(2, run.exitCode());
        assertTrue(
                run.err()
                        .startsWith(
                                "lightstroke guideline check: want a guideline, got no readable file /nowhere.yaml"),
                run.err());
        assertEquals(2, CommandRun.of("guideline", "check").exitCode());
        assertEquals(2, CommandRun.of("guideline").exitCode());
    }
}

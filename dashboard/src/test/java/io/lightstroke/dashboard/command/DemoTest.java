package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Fails unless the summary, last on standard output, accounts for everything. */
    static JsonNode lawfulSummary(CommandProcess demo) throws Exception {
        String[] lines = demo.out().split("\n");
        JsonNode summary = new ObjectMapper().readTree(lines[lines.length - 1]);
        JsonNode frames = summary.get("frames");
        assertEquals(
                frames.get("received").asLong(),
                frames.get("decoded").asLong()
                        + frames.get("malformed").asLong()
                        + frames.get("overflowed").asLong()
                        + frames.get("refused").asLong(),
                summary.toString());
        JsonNode samples = summary.get("samples");
        assertEquals(
                samples.get("decoded").asLong(),
                samples.get("journaled").asLong()
                        + samples.get("duplicate").asLong()
                        + samples.get("notKept").asLong(),
                summary.toString());
        assertEquals(0, samples.get("lost").asLong(), summary.toString());
        for (Map.Entry<String, JsonNode> sink : summary.get("sinks").properties()) {
            JsonNode account = sink.getValue();
            assertEquals(
                    samples.get("journaled").asLong(), account.get("journaled").asLong(), summary.toString());
            assertEquals(
                    account.get("journaled").asLong(), account.get("delivered").asLong(), summary.toString());
            for (String none : new String[] {"pending", "setAside", "expired"}) {
                assertEquals(0, account.get(none).asLong(), summary.toString());
            }
        }
        return summary;
    }

    @Test
    void twoRunsOnTheSameDataEachAccountForTheirSamples() throws Exception {
        for (int run = 0; run < 2; run++) {
            try (CommandProcess demo =
                    new CommandProcess(folder, "demo", "--for", "6s", "--json", "--port", "0", "--data", "data")) {
                assertEquals(0, demo.awaitExit(60), demo.err());
                JsonNode summary = lawfulSummary(demo);
                assertEquals(1200, summary.at("/samples/decoded").asLong(), 60, summary.toString());
                assertTrue(summary.get("strokes").asLong() > 0, summary.toString());
                assertTrue(summary.get("sinks").has("mqtt"), summary.toString());
            }
        }
    }

    @Test
    void ctrlCEndsItWithASummary() throws Exception {
        try (CommandProcess demo = new CommandProcess(folder, "demo", "--port", "0", "--data", "data")) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> demo.out().contains("Ctrl-C ends it."));
            assertTrue(demo.out().contains("http://127.0.0.1:"), demo.out());
            assertTrue(demo.out().contains(folder.resolve("data").toString()), demo.out());
            Thread.sleep(1000);
            demo.signal("INT");
            assertEquals(0, demo.awaitExit(30), demo.err());
            assertTrue(demo.out().contains("every frame and sample is accounted for"), demo.out());
        }
    }

    @Test
    void wrongUseIsExitCode2() throws Exception {
        try (CommandProcess demo = new CommandProcess(folder, "demo", "--for", "soon")) {
            assertEquals(2, demo.awaitExit(30));
            assertTrue(demo.err().contains("want a time like 500ms, 30s, 5m or 1h, got 'soon'"), demo.err());
        }
    }
}

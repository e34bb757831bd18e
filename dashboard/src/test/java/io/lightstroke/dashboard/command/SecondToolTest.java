package io.lightstroke.dashboard.command;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code docs/second-tool} keeps the protocol: a firmware of its own, which shares no line with the simulator. */
@Needs(Program.PYTHON3)
class SecondToolTest {
    @Test
    void keepsEveryRule() throws Exception {
        Path python = Program.PYTHON3.path().orElseThrow();
        Path tool = Path.of("..", "docs", "second-tool", "tool.py").toRealPath();
        CommandRun run =
                CommandRun.of("conform", "--json", "--for", "30s", "--pipe", "'%s' '%s'".formatted(python, tool));

        JsonNode rules = Json.MAPPER.readTree(run.out()).path("rules");
        assertEquals(Map.of(), seen(rules, "fail"), run.err());
        assertEquals(
                Map.of(
                        "GATT-04", "a tool in software advertises nothing",
                        "GATT-08", "who reaches a tool in software needs no bond",
                        "SMP-01", "the tool has not the feature firmware update",
                        "SMP-02", "the tool has not the feature firmware update"),
                seen(rules, "not applicable"));
        assertEquals(0, run.exitCode(), run.err());
    }

    private static Map<String, String> seen(JsonNode rules, String status) {
        return StreamSupport.stream(rules.spliterator(), false)
                .filter(each -> each.path("status").asText().equals(status))
                .collect(toMap(
                        each -> each.path("id").asText(),
                        each -> each.path("seen").asText(),
                        (one, other) -> one,
                        TreeMap::new));
    }
}

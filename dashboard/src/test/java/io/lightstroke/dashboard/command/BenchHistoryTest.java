package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import org.junit.jupiter.api.Test;

@Needs({Program.MOSQUITTO, Program.INFLUXD})
class BenchHistoryTest {
    @Test
    void bothHistoriesAnswerWithEverySession() throws Exception {
        CommandRun run = CommandRun.of(
                "bench", "history", "--sessions", "3", "--length", "1m", "--long", "2m", "--rounds", "2", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertEquals(4, result.get("sessions").asInt());
        assertEquals(30_000, result.get("samples").asInt());
        for (String source : new String[] {"journal", "influxdb"}) {
            for (String what : new String[] {"list_ms", "open_ms", "weeks_ms"}) {
                JsonNode ms = result.at("/" + source + "/" + what);
                assertTrue(
                        ms.get("p50").asDouble() > 0
                                && ms.get("max").asDouble() >= ms.get("p50").asDouble(),
                        run.out());
            }
        }
    }
}

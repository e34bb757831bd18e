package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What gathers while both servers are away, in virtual time, is delivered whole. */
@Needs({Program.MOSQUITTO, Program.INFLUXD})
class BenchSinksTest {
    @Test
    void everythingIsDelivered() throws Exception {
        CommandRun run = CommandRun.of("bench", "sinks", "--tools", "1", "--length", "1m", "--rounds", "1", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertEquals(6_000, result.get("samples").asInt());
        assertTrue(result.get("lawful").asBoolean(), run.out());
        for (String figure : new String[] {"mqtt", "mqttRaw", "influx", "influxRaw", "perCpuSecond"}) {
            assertTrue(result.at("/median/" + figure).asDouble() > 0, run.out());
        }
    }

    @Test
    void anOutageLosesNothing() throws Exception {
        CommandRun run = CommandRun.of(
                "bench", "outage", "--tools", "2", "--backlog", "1m", "--for", "8s", "--rounds", "1", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertTrue(result.get("delivered").asBoolean(), run.out());
        // While it drains, which is soon over here, nobody may have pressed too deep yet.
        for (String phase : List.of("NORMAL", "AWAY", "AFTER")) {
            assertTrue(result.at("/cueMs/" + phase + "/count").asLong() > 0, run.out());
        }
        assertTrue(result.at("/liveMs/AFTER/count").asLong() > 0, run.out());
    }
}

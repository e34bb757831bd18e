package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What gathers while both servers are away, in virtual time, is delivered whole. */
@Needs({Program.MOSQUITTO, Program.INFLUXD})
class BenchSinksTest {
    @ParameterizedTest
    @CsvSource({"1m, 6_000", "10m, 60_000"})
    void everythingIsDelivered(String length, String samples) throws Exception {
        CommandRun run = CommandRun.of("bench", "sinks", "--tools", "1", "--length", length, "--rounds", "1", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertEquals(
                Integer.parseInt(samples.replace("_", "")),
                result.get("samples").asInt());
        assertTrue(result.get("lawful").asBoolean(), run.out());
        for (String figure : new String[] {"mqtt", "mqttRaw", "influx", "influxRaw", "perCpuSecond"}) {
            assertTrue(result.at("/median/" + figure).asDouble() > 0, run.out());
        }
    }

    @Test
    void anOutageLosesNothing() throws Exception {
        CommandRun run = CommandRun.of(
                "bench", "outage", "--tools", "2", "--backlog", "1m", "--for", "5s", "--rounds", "1", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertTrue(result.get("delivered").asBoolean(), run.out());
        assertTrue(result.at("/cueMs/AWAY/count").asLong() > 0, run.out());
        assertTrue(result.at("/liveMs/AFTER/count").asLong() > 0, run.out());
    }
}

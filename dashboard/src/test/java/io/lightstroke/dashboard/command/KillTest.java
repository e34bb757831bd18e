package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import org.junit.jupiter.api.Test;

/** A gateway that is killed again and again loses nothing that was acknowledged, and has nothing twice. */
@Needs({Program.DBUS_DAEMON, Program.MOSQUITTO, Program.INFLUXD})
class KillTest {
    @Test
    void nothingAcknowledgedIsLostAndNothingIsTwice() throws Exception {
        CommandRun run = CommandRun.of("bench", "kill", "--loops", "10", "--seed", "4", "--json");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertEquals(10, result.get("loops").asInt());
        assertTrue(result.get("acknowledged").asLong() > 2_000, run.out());
        assertEquals(0, result.get("lostAcknowledged").asLong(), run.out());
        assertEquals(0, result.get("duplicateKeys").asLong(), run.out());
        assertEquals(0, result.get("wrongInInflux").asLong(), run.out());
        assertEquals(0, result.get("missing").asLong(), run.out());
    }
}

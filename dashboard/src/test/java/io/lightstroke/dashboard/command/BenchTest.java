package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class BenchTest {
    @Test
    void theAccuracyIsATableWithAVerdictAGoal() {
        CommandRun run = CommandRun.of("bench", "accuracy", "--sessions", "3", "--seed", "5");

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(
                9,
                run.outLines().stream()
                        .filter(line -> line.matches(".*\\d .*(met|MISSED)"))
                        .count(),
                run.out());
        assertTrue(run.out().contains("./lightstroke bench accuracy --sessions 3 --seed 5"), run.out());
    }

    @Test
    void theAccuracyAsJsonIsOneObjectAndTheSameEachTime() throws Exception {
        CommandRun run = CommandRun.of("bench", "accuracy", "--sessions", "3", "--seed", "5", "--json");

        assertEquals(1, run.outLines().size());
        assertEquals(3, new ObjectMapper().readTree(run.out()).path("sessions").intValue());
        assertEquals(
                run.out(),
                CommandRun.of("bench", "accuracy", "--sessions", "3", "--seed", "5", "--json")
                        .out());
    }

    @Test
    void noSessionsAreWrongUse() {
        CommandRun run = CommandRun.of("bench", "accuracy", "--sessions", "0");

        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--sessions: want 1 to 1000000, got 0"), run.err());
    }
}

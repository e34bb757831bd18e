package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three states of lightstroke status, of a gateway in a process of its own. */
class StatusTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path config(String more) throws IOException {
        return Files.writeString(folder.resolve("lightstroke.yaml"), """
                data: "%s"
                link: simulated
                http: {port: 0}
                tools:
                  - {id: tool-1, address: "02:4C:53:00:00:01"}
                %s
                """.formatted(data(), more));
    }

    private CommandRun status(String... more) {
        List<String> arguments = new ArrayList<>(List.of("status", "--data", data().toString()));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private static void fitsATerminal(CommandRun run) {
        run.outLines().forEach(line -> assertTrue(line.length() <= 80, line));
    }

    /** Whether nothing but the clock of the machine that runs the test is amiss. */
    private static boolean isWell(JsonNode health) {
        for (JsonNode reason : health.path("reasons")) {
            if (!reason.path("part").asText().equals("host")) {
                return false;
            }
        }
        return health.has("reasons");
    }

    @Test
    void whatRunsIsAskedAndOfWhatDoesNotTheJournalTells() throws Exception {
        config("mqtt: {port: 0}");
        CommandRun before = status();
        assertEquals(3, before.exitCode(), before.err());
        assertTrue(before.out().startsWith("No gateway answers for " + data()), before.out());
        assertFalse(Files.exists(data()), "looking makes nothing");

        try (CommandProcess gateway = new CommandProcess(folder, "gateway")) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> isWell(json(status("--json").out())));
            JsonNode health = json(status("--json").out());
            boolean ready = health.get("status").asText().equals("ready");
            CommandRun run = status();
            assertEquals(ready ? 0 : 1, run.exitCode(), run.out());
            assertTrue(run.outLines().get(0).startsWith("lightstroke/v1/home/gateway-1: "), run.out());
            assertTrue(run.out().contains("streaming"), run.out());
            assertTrue(run.out().contains("delivers"), run.out());
            fitsATerminal(run);
            gateway.signal("KILL");
            gateway.awaitExit(10);
        }

        assertTrue(Files.exists(data().resolve("gateway.json")), "left behind by who was killed");
        CommandRun after = status();
        assertEquals(3, after.exitCode(), after.out());
        assertTrue(after.out().contains("mqtt"), after.out());
        fitsATerminal(after);
        JsonNode left = json(status("--json").out());
        assertEquals("not_running", left.get("status").asText());
        assertEquals(data().toString(), left.get("data").asText());
        assertTrue(left.at("/journal/file_bytes").asLong() > 0, left.toString());
        assertTrue(left.at("/journal/last_sample").asText().endsWith("Z"), left.toString());
        JsonNode account = left.at("/journal/accounts/mqtt/samples");
        assertTrue(account.get("journaled").asLong() > 0, left.toString());
        assertEquals(
                account.get("journaled").asLong(),
                account.get("delivered").asLong() + account.get("pending").asLong(),
                left.toString());
    }

    @Test
    void whatIsAwayIsToldWithTheReasonAndNoSecretIsToldAnywhere() throws Exception {
        int nobody = Program.freePort();
        Path config = config("""
                mqtt: {broker: "tcp://127.0.0.1:%d", user: gateway, password: secret-mqtt}
                influx: {url: "http://127.0.0.1:%d", api: v2, org: home, bucket: force, token: secret-influx}
                """.formatted(nobody, nobody));
        try (CommandProcess gateway = new CommandProcess(folder, "gateway", "--log-format", "json")) {
            Awaitility.await().atMost(LONG).until(() -> {
                String out = status().out();
                return out.contains(": degraded") && out.contains("sink/influx: sink-behind");
            });
            CommandRun run = status("--json");
            assertEquals(1, run.exitCode(), run.out());
            JsonNode health = json(run.out());
            assertEquals("degraded", health.get("status").asText());
            CommandRun text = CommandRun.of("status", "--config", config.toString());
            assertTrue(text.out().contains("not delivering"), text.out());
            assertTrue(text.out().contains("commands-not-heard"), text.out());
            fitsATerminal(text);

            URI metrics = URI.create(json(Files.readString(data().resolve("gateway.json")))
                            .get("url")
                            .asText()
                    + "/metrics");
            String scraped = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertTrue(scraped.contains("lightstroke_sink_up{sink=\"influx\"} 0.0"), scraped);
            gateway.signal("INT");
            assertEquals(0, gateway.awaitExit(40), gateway.err());

            for (String line : gateway.err().lines().toList()) {
                assertTrue(json(line).has("formattedMessage"), line);
            }
            assertTrue(
                    gateway.err()
                            .lines()
                            .anyMatch(line ->
                                    line.contains("\"sink\": \"influx\"") || line.contains("\"sink\":\"influx\"")),
                    gateway.err());
            assertTrue(gateway.err().contains("kept in the journal"), gateway.err());
            for (String said : List.of(gateway.err(), gateway.out(), run.out(), text.out(), scraped)) {
                assertFalse(said.contains("secret"), said);
            }
        }
        assertFalse(Files.exists(data().resolve("gateway.json")));
    }

    @Test
    void wrongUseIsExitCode2() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "tools: none\n");
        assertEquals(2, CommandRun.of("status", "--config", wrong.toString()).exitCode());
        assertEquals(
                2,
                CommandRun.of("status", "--config", wrong.toString(), "--data", "data")
                        .exitCode());
    }
}

package io.lightstroke.gateway.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("alone")
class CueBenchTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void everyCueIsMeasuredFromTheSampleAndFromTheForceThatCausedIt() throws Exception {
        CueBench.Result result = CueBench.run(
                2,
                Duration.ofMillis(30),
                Duration.ofSeconds(12),
                1,
                SimulatedLink::new,
                folder,
                length -> assertEquals(false, new CountDownLatch(1).await(length.toMillis(), TimeUnit.MILLISECONDS)));
        assertTrue(result.lawful());
        assertTrue(result.cues() >= 2, result.toString());
        JsonNode json = Json.MAPPER.readTree(result.json());
        JsonNode latency = json.get("latencyMs");
        JsonNode split = json.get("splitMs");
        assertTrue(latency.get("p50").asDouble() <= latency.get("p95").asDouble());
        assertTrue(latency.get("p95").asDouble() <= latency.get("max").asDouble());
        assertTrue(split.get("frame").get("max").asDouble() <= 41, "a frame of five samples at 100 Hz: " + split);
        assertTrue(split.get("filter").get("max").asDouble() > 0, split.toString());
        assertTrue(latency.get("max").asDouble()
                <= (split.get("frame").get("max").asDouble()
                                + split.get("transport").get("max").asDouble()
                                + split.get("gateway").get("max").asDouble())
                        * 1.01);
        JsonNode onset = json.get("fromOnsetMs");
        assertTrue(onset.get("count").asInt() >= 1, onset.toString());
        assertTrue(onset.get("p50").asDouble() >= 150, "the rule alone takes 150 ms: " + onset);
        assertTrue(json.get("toToolMs").get("count").asInt() >= 1);
        assertEquals(2, json.get("tools").asInt());
        assertEquals(30.0, json.get("intervalMs").asDouble());
    }
}

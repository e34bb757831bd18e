package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.junit.LightstrokeGateway;
import io.lightstroke.gateway.junit.Messages;
import io.lightstroke.gateway.junit.RunningGateway;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A program that listens to a gateway, against a whole one with simulated tools. */
class GatewayTest {
    @Test
    @LightstrokeGateway(scenario = "too-deep")
    void strokesAndWarningsArrive(RunningGateway gateway) throws Exception {
        Messages strokes = gateway.messages("tool/+/stroke");
        Messages alerts = gateway.messages("tool/+/alert");

        JsonNode alert = alerts.await(message -> true).json();
        JsonNode stroke = strokes.await(message -> message.json().get("over_time_s").asDouble() > 0).json();

        assertEquals("begin", alert.get("phase").asText());
        assertTrue(stroke.get("peak_N").asDouble() > 9);
    }

    @Test
    @LightstrokeGateway(faults = "link-loss@2s+1s")
    void aLostLinkLosesNothing(RunningGateway gateway) throws Exception {
        Messages samples = gateway.messages("tool/tool-1/samples");
        Messages status = gateway.messages("tool/tool-1/status");

        status.await(message -> message.json().at("/recovery/reconnect").asInt() > 0);
        samples.await(message -> message.json().get("last").asLong() > 500);
        status.await(message -> message.json().path("link").asText().equals("streaming")
                && message.json().at("/accounting/samples/pending").asInt() == 0);

        TreeSet<Long> indices = new TreeSet<>();
        for (Messages.Message message : samples.received()) {
            JsonNode batch = message.json();
            for (long index = batch.get("first").asLong(); index <= batch.get("last").asLong(); index++) {
                indices.add(index);
            }
        }
        assertEquals(indices.last() - indices.first() + 1, indices.size());
    }
}

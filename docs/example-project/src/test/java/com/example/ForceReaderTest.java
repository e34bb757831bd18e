package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.junit.SimulatedTool;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A program that reads a tool, against simulated ones; a minute of their time takes a moment. */
class ForceReaderTest {
    private final ForceReader reader = new ForceReader();

    @Test
    void aHeavyHandIsSeen(
            @SimulatedTool(scenario = "too-deep", time = SimulatedTool.Time.VIRTUAL) Tool tool) {
        readFor60s(tool);

        assertTrue(reader.highestN() > 9, "highest " + reader.highestN() + " N");
        assertEquals(0, reader.missing());
        assertEquals(0, reader.damagedFrames());
    }

    @Test
    void whatIsDroppedIsMissing(
            @SimulatedTool(faults = "drop=20%@10s+20s", time = SimulatedTool.Time.VIRTUAL) Tool tool) {
        readFor60s(tool);

        assertTrue(reader.missing() > 0);
        assertEquals(60 * 100, reader.samples() + reader.missing(), 100);
    }

    @Test
    void whatIsDamagedIsLeftOut(
            @SimulatedTool(faults = "corrupt=10%", time = SimulatedTool.Time.VIRTUAL) Tool tool) {
        readFor60s(tool);

        assertTrue(reader.damagedFrames() > 0);
        assertTrue(reader.missing() > 0);
    }

    private void readFor60s(Tool tool) {
        tool.connect(247, Set.of(Gatt.FORCE_STREAM), (characteristic, value) -> reader.arrived(value));
        tool.write(Gatt.CONTROL_POINT, new byte[] {1, 9, 100, 0}); // start, transaction 9, at 100 Hz
        tool.advanceTo(60_000_000);
    }
}

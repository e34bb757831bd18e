package io.lightstroke.simulator;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sets of simulated tools. */
public final class SimulatedTools {
    private SimulatedTools() {}

    /**
     * The standard fleet: {@code tool-1} to {@code tool-n} at {@code 02:4C:53:00:00:01} and on, all living through the
     * same scenario with a seed of their own.
     *
     * @param count 1–65535
     * @return by id, in order
     */
    public static Map<String, SimulatedTool> fleet(int count, Scenario scenario) {
        if (count < 1 || count > 0xFFFF) {
            throw new IllegalArgumentException("simulated tools: want 1..65535, got " + count);
        }
        Map<String, SimulatedTool> tools = new LinkedHashMap<>();
        for (int number = 1; number <= count; number++) {
            SimulatedTool.Identity identity = new SimulatedTool.Identity(
                    "02:4C:53:00:%02X:%02X".formatted(number >> 8, number & 0xFF),
                    "Lightstroke " + number,
                    "Lightstroke",
                    "Simulated tool",
                    "SIM-%05d".formatted(number),
                    "1.0.0");
            tools.put("tool-" + number, new SimulatedTool(identity, scenario, number));
        }
        return Collections.unmodifiableMap(tools);
    }
}

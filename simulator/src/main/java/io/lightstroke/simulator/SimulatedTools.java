package io.lightstroke.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The standard fleet: tools 1 to n, living through the same scenario with a seed of their own. */
public final class SimulatedTools {
    private static final int MAX = 0xFFFF;

    private SimulatedTools() {}

    /** {@code 02:4C:53:00:00:01} and on; a number is 1–65535. */
    public static String address(int number) {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException("number of a simulated tool: want 1..%d, got %d".formatted(MAX, number));
        }
        return "02:4C:53:00:%02X:%02X".formatted(number >> 8, number & 0xFF);
    }

    /** Without the faults of the scenario. */
    public static List<SimulatedTool> fleet(int count, Scenario scenario, long seed) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> tool(number, address(number), scenario, seed))
                .toList();
    }

    /** The tool of this number, at an address of its own, without the faults of the scenario. */
    public static SimulatedTool tool(int number, String address, Scenario scenario, long seed) {
        return new SimulatedTool(identity(number, address), scenario, seedOf(number, seed));
    }

    /** Tools 1 to {@code count} with the faults of the scenario and these, at their usual addresses. */
    public static List<Tool> faultyFleet(int count, Scenario scenario, List<Fault> faults, long seed) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> faulty(number, address(number), scenario, faults, seed))
                .toList();
    }

    /** The tool of this number, at an address of its own, with the faults of the scenario and these. */
    public static Tool faulty(int number, String address, Scenario scenario, List<Fault> faults, long seed) {
        return faulty(tool(number, address, scenario, seed), faults, seedOf(number, seed));
    }

    static Tool faulty(SimulatedTool tool, List<Fault> more, long toolSeed) {
        List<Fault> faults = new ArrayList<>(more);
        faults.addAll(tool.scenario().faults());
        return faults.isEmpty() ? tool : new FaultyTool(tool, faults, toolSeed);
    }

    /** The seed of the tool of this number in a fleet with this seed. */
    public static long seedOf(int number, long seed) {
        return seed + number;
    }

    static Tool.Identity identity(int number, String address) {
        return new Tool.Identity(
                address,
                "Lightstroke " + number,
                "Lightstroke",
                "Simulated tool",
                "SIM-%05d".formatted(number),
                "1.0.0");
    }
}

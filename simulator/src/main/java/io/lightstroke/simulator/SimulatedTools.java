package io.lightstroke.simulator;

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

    public static List<SimulatedTool> fleet(int count, Scenario scenario, long seed) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> tool(number, address(number), scenario, seed))
                .toList();
    }

    /** The tool of this number, at an address of its own. */
    public static SimulatedTool tool(int number, String address, Scenario scenario, long seed) {
        return new SimulatedTool(identity(number, address), scenario, seedOf(number, seed));
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

package io.lightstroke.dashboard.command;

import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.PrivateBus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke simulate}: simulated tools for a gateway in another process. */
@Command(
        name = "simulate",
        description = {
            "Runs simulated tools behind a stand-in for BlueZ on a private D-Bus (Linux).",
            "Any client of BlueZ finds them: a gateway in another terminal, your own program, busctl. Prints the bus address"
                    + " to use."
        })
final class Simulate implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 2;

    @Mixin
    private Strokes strokes = new Strokes();

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it runs, for example 10m. Default: until Ctrl-C.")
    private @Nullable Duration time;

    @Override
    public Integer call() throws Exception {
        if (tools < 1 || tools > 64) {
            throw new ParameterException(spec.commandLine(), "--tools: want 1 to 64, got " + tools);
        }
        List<SimulatedTool> fleet = SimulatedTools.fleet(tools, Scenario.named(strokes.scenario), strokes.seed);
        try (Stop stop = new Stop();
                PrivateBus bus = PrivateBus.start();
                BlueZStandIn bluez = new BlueZStandIn(bus.address(), fleet);
                RealTime running = new RealTime(fleet)) {
            System.out.println("The stand-in for BlueZ is there. In another terminal:");
            System.out.println();
            System.out.printf("  export DBUS_SYSTEM_BUS_ADDRESS='%s'%n", bus.address());
            System.out.println("  ./lightstroke scan");
            System.out.println();
            System.out.println("A gateway lets these in, with the line `link: tinyb` and:");
            System.out.println();
            System.out.println("  tools:");
            for (int i = 0; i < fleet.size(); i++) {
                System.out.printf(
                        "    - {id: tool-%d, address: \"%s\"}%n",
                        i + 1, fleet.get(i).identity().address());
            }
            System.out.println();
            System.out.println("Ctrl-C ends it.");
            stop.await(time);
        }
        return Lightstroke.OK;
    }
}

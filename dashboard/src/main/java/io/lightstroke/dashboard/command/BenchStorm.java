package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.bench.StormBench;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench storm}: how soon tools stream again. */
@Command(
        name = "storm",
        description =
                "Runs a whole gateway on simulated tools whose links are lost again and again, and says how soon"
                        + " they stream again, what was lost, and what has grown. A missed goal is a result: the exit code is 0.")
final class BenchStorm implements Callable<Integer> {
    private static final double GOAL_P99_MS = 5000;

    @Option(
            names = "--link",
            paramLabel = "L",
            description =
                    "simulated (in process), tinyb, bluez, or bluez-signal (without AcquireNotify); the last three"
                            + " through a stand-in for BlueZ on a private dbus-daemon. Default: ${DEFAULT-VALUE}.")
    private SimulatedWorld.Via via = SimulatedWorld.Via.TINYB;

    @Option(names = "--drops", paramLabel = "N", description = "Links lost in all. Default: ${DEFAULT-VALUE}.")
    private int drops = 1000;

    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 8;

    @Option(names = "--seed", paramLabel = "S", description = "Other strokes and moments. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/bluetooth.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--tools", tools, 64);
        Bench.require(spec, "--drops", drops, 1_000_000);
        StormBench.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("links lost", drops);
                SimulatedWorld world =
                        new SimulatedWorld(via, SimulatedTools.fleet(tools, Scenario.builtIn("calm"), seed))) {
            result = StormBench.run(
                    world.link(), tools, drops, seed, world::drop, world::crashes, folder.path(), bar::to);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.lawful() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, StormBench.Result result) {
        StormBench.ReconnectMs ms = result.reconnectMs();
        boolean met = ms.p99() != null && ms.p99() <= GOAL_P99_MS;
        out.printf(
                "link lost to next frame, ms    p50 %s   p99 %s   max %s   goal p99 ≤ 5000 %s%n",
                text(ms.p50()), text(ms.p99()), text(ms.max()), met ? "met" : "MISSED");
        out.printf("links lost                     %d in %.0f s, %d tools%n", result.drops(), result.seconds(), tools);
        out.printf("never back                     %d%n", result.neverBack());
        out.printf("crashes                        %d%n", result.crashes());
        out.printf("samples lost                   %d%n", result.lost());
        out.printf("samples from the tools' stores %d%n", result.backfilled());
        out.printf("recovery                       %s%n", result.recovery());
        grown(out, "memory (RSS), MB", result.rssMb());
        grown(out, "threads", result.threads());
        grown(out, "open files", result.fds());
        if (!result.lawful()) {
            out.println("The accounts of frames and samples DO NOT ADD UP.");
        }
        out.printf(
                "%n./lightstroke bench storm --link %s --drops %d --tools %d --seed %d%n%d cores, Java %s%n",
                via, drops, tools, seed, Runtime.getRuntime().availableProcessors(), Runtime.version());
    }

    private static void grown(PrintWriter out, String what, List<Long> beforeAndAfter) {
        out.printf("%-30s %d before, %d after%n", what, beforeAndAfter.get(0), beforeAndAfter.get(1));
    }

    private static String text(@Nullable Double ms) {
        return ms == null ? "–" : String.format(Locale.ROOT, "%.0f", ms);
    }
}

package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.bench.FaultBench;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench faults}: random faults everywhere at once. */
@Command(
        name = "faults",
        description =
                "Takes one tool's part of a gateway through minutes of virtual time in which radio, tool, clocks, disk,"
                        + " sinks and the gateway itself fail at random, by seed, and says where something was lost or came twice."
                        + " Ends with 1 when it did; --seeds 1 --seed S runs that seed again.")
final class BenchFaults implements Callable<Integer> {
    @Option(names = "--seeds", paramLabel = "N", description = "How many. Default: ${DEFAULT-VALUE}.")
    private int seeds = 200;

    @Option(names = "--seed", paramLabel = "S", description = "The first of them. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/faults.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--seeds", seeds, 10_000_000);
        FaultBench.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("seeds", seeds)) {
            result = FaultBench.run(seeds, seed, folder.path(), bar::to);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.failed().isEmpty() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, FaultBench.Result result) {
        line(out, "gateways begun", result.lives());
        line(out, "samples sent by the tools", result.samples());
        line(out, "in the journals in the end", result.journaled());
        line(out, "came again", result.duplicate());
        line(out, "not kept by a disk at first", result.notKept());
        line(out, "frames malformed", result.malformed());
        line(out, "frames overflowed", result.overflowed());
        line(out, "frames refused", result.refused());
        line(out, "set aside by a sink", result.setAside());
        line(out, "cues", result.cues());
        line(out, "seeds that failed", result.failed().size());
        for (FaultBench.Failed failed : result.failed()) {
            out.printf("seed %d%n", failed.seed());
            failed.violations().forEach(each -> out.printf("  %s%n", each));
        }
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench faults --seeds %d --seed %d%n%d cores, Java %s: %.0f s%n",
                seeds,
                seed,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                result.seconds());
    }

    private static void line(PrintWriter out, String what, long value) {
        out.printf("%-30s %10d%n", what, value);
    }
}

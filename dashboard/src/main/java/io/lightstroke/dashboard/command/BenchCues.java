package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.bench.CueBench;
import io.lightstroke.gateway.link.SimulatedLink;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench cues}: how late cues are. */
@Command(
        name = "cues",
        description =
                "Runs a whole gateway on simulated people who press too deep, in real time, through a link as slow as"
                        + " Bluetooth, and says how late its cues are and where the time went. A missed goal is a result: the exit"
                        + " code is 0.")
final class BenchCues implements Callable<Integer> {
    private static final int MOST_TOOLS = 64;
    private static final int MOST_INTERVAL_MS = 4000;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it runs, for example 5m. Default: 60s.")
    private Duration time = Duration.ofSeconds(60);

    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 4;

    @Option(
            names = "--interval",
            paramLabel = "MS",
            description = "The link's connection interval in milliseconds, 1 to 4000; Bluetooth tools ask for 15 to 30."
                    + " Default: ${DEFAULT-VALUE}.")
    private int intervalMs = 30;

    @Option(names = "--seed", paramLabel = "S", description = "Another seed, other strokes. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/configuration.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--tools", tools, MOST_TOOLS);
        Bench.require(spec, "--interval", intervalMs, MOST_INTERVAL_MS);
        CueBench.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Stop stop = new Stop()) {
            result = CueBench.run(
                    tools, Duration.ofMillis(intervalMs), time, seed, SimulatedLink::new, folder.path(), length -> {
                        long endNanos = System.nanoTime() + length.toNanos();
                        try (Bar bar = new Bar("seconds", length.toSeconds())) {
                            for (long left = length.toNanos(); left > 0 && !stop.requested(); ) {
                                bar.to(length.minusNanos(left).toSeconds());
                                stop.await(Duration.ofNanos(Math.min(left, 500_000_000)));
                                left = endNanos - System.nanoTime();
                            }
                        }
                    });
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.lawful() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, CueBench.Result result) {
        Summary.LatencyMs total = result.latencyMs();
        Summary.LatencyMs gateway = result.splitMs().gateway();
        out.printf("%-34s %7s %7s %7s%n", "milliseconds", "p50", "p95", "max");
        line(out, "frame: the sample waits for it", result.splitMs().frame(), "");
        line(out, "transport, beyond the fastest", result.splitMs().transport(), "");
        line(out, "gateway", gateway, goal("max ≤ 20", atMost(gateway.max(), 20)));
        line(
                out,
                "sample to cue written",
                total,
                goal("p95 ≤ 100, max ≤ 250", atMost(total.p95(), 100) && atMost(total.max(), 250)));
        out.println();
        line(out, "filter, before that", result.splitMs().filter(), "");
        line(out, "radio to the tool, after that", result.toToolMs());
        line(out, "limit reached to cue, too deep", result.fromOnsetMs());
        line(out, "limit reached to cue, ceiling", result.fromCeilingMs());
        out.printf(
                Locale.ROOT,
                "%n%d cues; of too deep, 150 ms are the rule. Gateway and tool judged %s of the over-pressures alike.%n",
                result.cues(),
                result.agreementPercent() == null
                        ? "none"
                        : String.format(Locale.ROOT, "%.1f %%", result.agreementPercent()));
        if (!result.lawful()) {
            out.println("The accounts of frames and samples DO NOT ADD UP.");
        }
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench cues --for %ds --tools %d --interval %d --seed %d%n%d cores, Java %s: %.1f s%n",
                time.toSeconds(),
                tools,
                intervalMs,
                seed,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                result.seconds());
    }

    private static boolean atMost(@Nullable Double value, double most) {
        return value != null && value <= most;
    }

    private static String goal(String goal, boolean met) {
        return "%-21s %s".formatted(goal, met ? "met" : "MISSED");
    }

    private static void line(PrintWriter out, String name, Summary.LatencyMs ms, String goal) {
        line(out, name, ms.p50(), ms.p95(), ms.max(), goal);
    }

    private static void line(PrintWriter out, String name, CueBench.Percentiles ms) {
        line(out, name, ms.p50(), ms.p95(), ms.max(), "(%d)".formatted(ms.count()));
    }

    private static void line(
            PrintWriter out,
            String name,
            @Nullable Double p50,
            @Nullable Double p95,
            @Nullable Double max,
            String more) {
        out.println("%-34s %7s %7s %7s   %s"
                .formatted(name, text(p50), text(p95), text(max), more)
                .stripTrailing());
    }

    private static String text(@Nullable Double ms) {
        return ms == null ? "–" : String.format(Locale.ROOT, "%.1f", ms);
    }
}

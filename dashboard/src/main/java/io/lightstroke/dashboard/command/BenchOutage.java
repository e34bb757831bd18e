package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.FastFeed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench outage}: cues and live view while the sinks are away, and while they catch up. */
@Command(
        name = "outage",
        description = {
            "Runs a whole gateway with mosquitto and influxd there, then with both away and an hour in the journal, then"
                    + " with the disk full besides (as root on Linux, else left out), then while the hour is delivered, then"
                    + " after; and says how late cues and live frames are in each.",
            "Wants mosquitto and influxd. Ends with 1 when not everything was delivered, or when a phase's p99 is more"
                    + " than 1.5 times the normal one; with fewer than 100 cues that is not asked."
        })
final class BenchOutage implements Callable<Integer> {
    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 8;

    @Option(
            names = "--backlog",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long both were away, in virtual time; at most 24h. Default: 1h.")
    private Duration backlog = Duration.ofHours(1);

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long each phase lasts, but for the delivery. Default: 45s.")
    private Duration phase = Duration.ofSeconds(45);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Of which the median counts. Default: ${DEFAULT-VALUE}.")
    private int rounds = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/faults.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--tools", tools, 64);
        Bench.require(spec, "--rounds", rounds, 100);
        Bench.require(spec, "--backlog (minutes)", (int) backlog.toMinutes(), 24 * 60);
        ServerProcess.require("mosquitto", "influxd");
        OutageRun.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("outage", Bar.ENDLESS)) {
            bar.say("recording what gathers");
            FastFeed feed = new FastFeed(tools, backlog, 1);
            result = new OutageRun(folder.path(), tools, phase, feed, bar::say).run(rounds, backlog);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.delivered() && result.goalsMet() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, OutageRun.Result result) {
        table(out, "notification to cue written, ms", result.cueMs(), result.cueP99OfNormal());
        out.println();
        table(out, "last sample to a viewer, ms", result.liveMs(), result.liveP99OfNormal());
        if (!result.cueMs().containsKey(OutageRun.Phase.DISK_FULL)) {
            out.println("disk full: left out, no small disk could be mounted; that wants Linux and root.");
        }
        if (!result.delivered()) {
            out.println("NOT EVERYTHING was delivered.");
        }
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench outage --tools %d --backlog %dm --for %ds --rounds %d%n%d cores, Java %s%n",
                tools,
                backlog.toMinutes(),
                phase.toSeconds(),
                rounds,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version());
    }

    private static void table(
            PrintWriter out,
            String what,
            Map<OutageRun.Phase, OutageRun.Ms> ms,
            Map<OutageRun.Phase, @Nullable Double> ratios) {
        out.printf("%-32s %8s %8s %8s %8s %10s%n", what, "count", "p50", "p99", "max", "of normal");
        ms.forEach((phase, each) -> {
            Double ratio = ratios.get(phase);
            String goal = ratio == null || phase == OutageRun.Phase.NORMAL
                    ? ""
                    : "goal ≤ 1.5 " + (OutageRun.meetsGoal(ratio) ? "met" : "MISSED");
            out.println("%-32s %8d %8s %8s %8s %10s   %s"
                    .formatted(
                            "  " + phase.words(),
                            each.count(),
                            text(each.p50()),
                            text(each.p99()),
                            text(each.max()),
                            text(ratio),
                            goal)
                    .stripTrailing());
        });
    }

    private static String text(@Nullable Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, "%.2f", value);
    }
}

package io.lightstroke.dashboard.command;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench kill}: what survives {@code kill -9}. */
@Command(
        name = "kill",
        description = {
            "Kills a gateway at random moments (kill -9) and starts it again, between simulated tools, mosquitto and"
                    + " influxd in processes of their own, and says whether a sample was lost or came twice.",
            "Wants Linux with dbus-daemon, mosquitto and influxd. Ends with 1 when something was lost, twice or wrong; a"
                    + " slow start alone is a result: 0."
        })
final class BenchKill implements Callable<Integer> {
    private static final long GOAL_START_MS = 5000;

    private enum Link {
        BLUEZ,
        TINYB;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(names = "--loops", paramLabel = "N", description = "How often it is killed. Default: ${DEFAULT-VALUE}.")
    private int loops = 10;

    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 2;

    @Option(names = "--link", paramLabel = "L", description = "bluez or tinyb. Default: ${DEFAULT-VALUE}.")
    private Link link = Link.BLUEZ;

    @Option(names = "--seed", paramLabel = "S", description = "Other moments. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/faults.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--loops", loops, 100_000);
        Bench.require(spec, "--tools", tools, 64);
        KillRun.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("kills", loops);
                KillRun run = new KillRun(folder.path(), tools, link.toString(), seed)) {
            result = run.run(loops, bar::to);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.flawless() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, KillRun.Result result) {
        line(out, "kills", result.loops(), "");
        line(out, "samples in the journal", result.journaled(), "");
        line(out, "acknowledged", result.acknowledged(), "");
        line(out, "of them lost", result.lostAcknowledged(), met(result.lostAcknowledged() == 0, "0"));
        line(out, "twice by key", result.duplicateKeys(), met(result.duplicateKeys() == 0, "0"));
        line(out, "in InfluxDB otherwise", result.wrongInInflux(), met(result.wrongInInflux() == 0, "0"));
        line(out, "accounts that do not add up", result.unlawful(), met(result.unlawful() == 0, "0"));
        line(out, "never came in the end", result.missing(), met(result.missing() == 0, "0"));
        line(out, "start to live frame, ms, p50", result.startMs().p50(), "");
        line(
                out,
                "start to live frame, ms, max",
                result.startMs().max(),
                met(result.startMs().max() <= GOAL_START_MS, "≤ 5000"));
        result.violations().forEach(out::println);
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench kill --loops %d --tools %d --link %s --seed %d%n%d cores, Java %s: %.0f s%n",
                loops,
                tools,
                link,
                seed,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                result.seconds());
    }

    private static void line(PrintWriter out, String what, long value, String goal) {
        out.println("%-30s %8d   %s".formatted(what, value, goal).stripTrailing());
    }

    private static String met(boolean met, String goal) {
        return "goal %s %s".formatted(goal, met ? "met" : "MISSED");
    }
}

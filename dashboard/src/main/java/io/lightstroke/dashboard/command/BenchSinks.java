package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.FastFeed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench sinks}: how fast a backlog is delivered. */
@Command(
        name = "sinks",
        description = {
            "Delivers a journal into mosquitto and influxd of its own as fast as it goes, and the very same bytes once"
                    + " more by bare clients: each server's own limit, in the same run. Then the whole way from a tool's bytes to"
                    + " both, in processor time.",
            "Wants mosquitto and influxd."
        })
final class BenchSinks implements Callable<Integer> {
    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 8;

    @Option(
            names = "--length",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How much of their time is in the journal, for example 1h; at most 24h. Default: 10m.")
    private Duration length = Duration.ofMinutes(10);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Of which the median counts. Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(names = "--json", description = "One JSON object, fields as in docs/faults.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--tools", tools, 64);
        Bench.require(spec, "--rounds", rounds, 100);
        Bench.require(spec, "--length (minutes)", (int) length.toMinutes(), 24 * 60);
        ServerProcess.require("mosquitto", "influxd");
        SinksRun.Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("sinks", Bar.ENDLESS);
                ServerProcess mosquitto = ServerProcess.mosquitto(folder.path().resolve("mosquitto"));
                ServerProcess influxd = ServerProcess.influxd(folder.path().resolve("influx"))) {
            bar.say("recording");
            FastFeed feed = new FastFeed(tools, length, 1);
            result = new SinksRun(folder.path(), mosquitto, influxd, feed).run(rounds, tools, length, bar::say);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return result.lawful() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void print(PrintWriter out, SinksRun.Result result) {
        out.printf("%-38s %10s %10s %10s%n", "samples per second", "median", "least", "most");
        line(out, "journal to mosquitto", result, SinksRun.Round::mqtt);
        line(out, "  the same messages, bare client", result, SinksRun.Round::mqttRaw);
        line(out, "journal to influxd", result, SinksRun.Round::influx);
        line(out, "  the same bodies, bare client", result, SinksRun.Round::influxRaw);
        line(out, "whole way, per second of processor", result, SinksRun.Round::perCpuSecond);
        out.printf(
                Locale.ROOT,
                "%nOf the server's own limit: mosquitto %.2f, influxd %.2f%n",
                result.mqttOfRaw(),
                result.influxOfRaw());
        if (!result.lawful()) {
            out.println("NOT EVERYTHING was delivered.");
        }
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench sinks --tools %d --length %dm --rounds %d%n%d cores, Java %s: %d samples%n",
                tools,
                length.toMinutes(),
                rounds,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                result.samples());
    }

    private static void line(
            PrintWriter out, String what, SinksRun.Result result, ToDoubleFunction<SinksRun.Round> figure) {
        out.printf(
                Locale.ROOT,
                "%-38s %10.0f %10.0f %10.0f%n",
                what,
                figure.applyAsDouble(result.median()),
                result.rounds().stream().mapToDouble(figure).min().orElse(0),
                result.rounds().stream().mapToDouble(figure).max().orElse(0));
    }
}

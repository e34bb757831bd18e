package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.bench.Accuracy;
import io.lightstroke.gateway.bench.AccuracyBench;
import io.lightstroke.gateway.engine.Engine;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench accuracy}: the engine against simulated people. */
@Command(
        name = "accuracy",
        description = "Runs the engine on simulated sessions drawn at random, and compares what it finds with what the"
                + " simulated people really did. What is compared, and how: docs/accuracy.md. A missed goal is a result: the"
                + " exit code is 0.")
final class BenchAccuracy implements Callable<Integer> {
    private static final int MOST_SESSIONS = 1_000_000;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "Sessions of a minute each. Default: ${DEFAULT-VALUE}.")
    private int sessions = 500;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Another seed, other sessions. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "One JSON object, fields as in docs/accuracy.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (sessions < 1 || sessions > MOST_SESSIONS) {
            throw new ParameterException(
                    spec.commandLine(), "--sessions: want 1 to %d, got %d".formatted(MOST_SESSIONS, sessions));
        }
        long beganNanos = System.nanoTime();
        AccuracyBench.Result result;
        try (Bar bar = new Bar("sessions", sessions)) {
            AtomicInteger done = new AtomicInteger();
            result = AccuracyBench.run(sessions, seed, () -> bar.to(done.incrementAndGet()));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.all().json());
        } else {
            print(out, result, (System.nanoTime() - beganNanos) / 1e9);
        }
        return Lightstroke.OK;
    }

    private void print(PrintWriter out, AccuracyBench.Result result, double tookS) {
        out.printf(
                Locale.ROOT,
                "%d simulated sessions of %d s, engine version %d. Sensors are quiet with noise of at most %.2f N, else noisy.%n%n",
                sessions,
                AccuracyBench.LENGTH.toSeconds(),
                Engine.VERSION,
                AccuracyBench.QUIET_N);
        Table table = new Table(out, result);
        table.line("", "all", "quiet", "noisy", "goal");
        table.count("sessions", Accuracy::sessions, "");
        table.count("strokes", Accuracy::strokes, "");
        table.atLeast("stroke precision", Accuracy::strokePrecision, 0.99);
        table.atLeast("stroke recall", Accuracy::strokeRecall, 0.99);
        table.figure(
                "peak error, p95, N",
                Accuracy::peakErrorP95N,
                verdict("quiet ≤ 0.1 N or ≤ 2 %", peak(result.quiet(), 0.1, 2)));
        table.figure(
                "peak error, p95, %",
                Accuracy::peakErrorP95Percent, verdict("noisy ≤ 0.2 N or ≤ 4 %", peak(result.noisy(), 0.2, 4)));
        table.atMost("impulse error, p95, %", Accuracy::impulseErrorP95Percent, 3);
        table.atMost("duration error, median, ms", Accuracy::durationErrorMedianMs, 30);
        table.atMost("zone time error, % of contact", Accuracy::zoneTimeErrorPercent, 2);
        table.count("over-pressures", Accuracy::overPressureIntervals, "");
        table.count(
                "  missed of them",
                Accuracy::overPressureMissed,
                verdict("0", result.all().overPressureMissed() == 0));
        table.atMost("false alarms per 1000 strokes", Accuracy::falseAlarmsPer1000Strokes, 1);
        AccuracyBench.Decision decision = result.decision();
        out.printf(
                "%nToo deep was decided, in the tool's time, p50 %s and p95 %s ms after the force had reached the limit,%n"
                        + "of which the rule takes 150 ms, and p50 %s and p95 %s ms after the rule was truly complete.%n%n",
                ms(decision.afterOnsetP50Ms()),
                ms(decision.afterOnsetP95Ms()),
                ms(decision.afterRuleP50Ms()),
                ms(decision.afterRuleP95Ms()));
        out.printf(
                Locale.ROOT,
                "./lightstroke bench accuracy --sessions %d --seed %d%n%d cores, Java %s: %.1f s%n",
                sessions,
                seed,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                tookS);
    }

    private static boolean peak(Accuracy part, double mostN, double mostPercent) {
        Double n = part.peakErrorP95N();
        Double percent = part.peakErrorP95Percent();
        return n == null || percent == null || n <= mostN || percent <= mostPercent;
    }

    private static String verdict(String goal, boolean met) {
        return "%-24s %s".formatted(goal, met ? "met" : "MISSED");
    }

    private static String ms(@Nullable Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, "%.1f", value);
    }

    private record Table(PrintWriter out, AccuracyBench.Result result) {
        void count(String name, Function<Accuracy, Integer> count, String goal) {
            line(
                    name,
                    count.apply(result.all()).toString(),
                    count.apply(result.quiet()).toString(),
                    count.apply(result.noisy()).toString(),
                    goal);
        }

        void atLeast(String name, Function<Accuracy, @Nullable Double> figure, double least) {
            Double value = figure.apply(result.all());
            figure(name, figure, verdict("≥ " + least, value == null || value >= least));
        }

        void atMost(String name, Function<Accuracy, @Nullable Double> figure, int most) {
            Double value = figure.apply(result.all());
            figure(name, figure, verdict("≤ " + most, value == null || value <= most));
        }

        void figure(String name, Function<Accuracy, @Nullable Double> figure, String goal) {
            line(
                    name,
                    text(figure.apply(result.all())),
                    text(figure.apply(result.quiet())),
                    text(figure.apply(result.noisy())),
                    goal);
        }

        void line(String name, String all, String quiet, String noisy, String goal) {
            out.println("%-30s %9s %9s %9s   %s"
                    .formatted(name, all, quiet, noisy, goal)
                    .stripTrailing());
        }

        private static String text(@Nullable Double value) {
            return value == null ? "–" : String.format(Locale.ROOT, "%.4f", value);
        }
    }
}

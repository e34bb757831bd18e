package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.web.Dashboard;
import io.lightstroke.dashboard.web.DashboardConfig;
import io.lightstroke.gateway.bench.Journaled;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.Orders;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.messages.Command.Checklist;
import io.lightstroke.messages.Command.SessionStart;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench history}: how soon the review pages are there. */
@Command(
        name = "history",
        description = {
            "Journals a year of sessions, three a week, and then a long one; delivers them into an influxd of its own; and says"
                    + " how soon a dashboard answers with the list of all, with the long one, and with the force of the last"
                    + " six weeks, from the journal and from InfluxDB. A missed goal is a result: the exit code is 0.",
            "Wants influxd and mosquitto."
        })
final class BenchHistory implements Callable<Integer> {
    private static final double LIST_GOAL_MS = 200;
    private static final double OPEN_GOAL_MS = 300;
    private static final double WEEKS_GOAL_MS = 500;
    private static final Duration WEEKS = Duration.ofDays(42);
    private static final Duration APART = Duration.ofHours(56); // three a week
    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final int RATE_HZ = 100;
    private static final String TOOL = "tool-1";
    private static final String PERSON = "p-benchbenchbe";

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "Before the long one, 1 to 1000. Default: ${DEFAULT-VALUE}, a year of three a week.")
    private int sessions = 156;

    @Option(
            names = "--length",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Of each of them. Default: 10m.")
    private Duration length = Duration.ofMinutes(10);

    @Option(
            names = "--long",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Of the long one. Default: 1h.")
    private Duration longLength = Duration.ofHours(1);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each is asked for, 1 to 1000. Default: ${DEFAULT-VALUE}.")
    private int rounds = 30;

    @Option(names = "--json", description = "One JSON object, fields as in docs/history.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private long samples;

    /** @param first the dashboard had just begun */
    record Ms(double first, double p50, double max) {}

    /**
     * @param listMs the page with all sessions
     * @param openMs the page of the long one, and then its force in 2000 points
     * @param weeksMs the force of the person's last six weeks in 1000 points
     */
    record Answers(Ms listMs, Ms openMs, Ms weeksMs) {}

    record Result(
            int sessions,
            long samples,
            int rounds,
            Answers journal,
            @JsonProperty("influxdb") Answers influx) {}

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--sessions", sessions, 1000);
        Bench.require(spec, "--rounds", rounds, 1000);
        Bench.require(spec, "--length (minutes)", (int) length.toMinutes(), 24 * 60);
        Bench.require(spec, "--long (minutes)", (int) longLength.toMinutes(), 24 * 60);
        ServerProcess.require("influxd", "mosquitto");
        Result result;
        try (TemporaryFolder folder = new TemporaryFolder();
                Bar bar = new Bar("history", sessions + 1L);
                ServerProcess mosquitto = ServerProcess.mosquitto(folder.path().resolve("mosquitto"));
                ServerProcess influxd = ServerProcess.influxd(folder.path().resolve("influx"))) {
            InfluxServer server = new InfluxServer.V1("http://127.0.0.1:" + influxd.port(), "bench", null, null, null);
            Path data = Files.createDirectory(folder.path().resolve("data"));
            String longOne = fill(data, server, influxd, bar);
            bar.say("asking");
            MqttServer broker = new MqttServer("tcp://127.0.0.1:" + mosquitto.port());
            result = new Result(
                    sessions + 1,
                    samples,
                    rounds,
                    answers(SessionHistory.ofJournal(data, "bench", "bench"), broker, longOne),
                    answers(SessionHistory.ofInflux(server), broker, longOne));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.text(result));
        } else {
            print(out, result);
        }
        return Lightstroke.OK;
    }

    /** Gives the name of the long session, which is the last. */
    private String fill(Path data, InfluxServer server, ServerProcess influxd, Bar bar) throws Exception {
        Orders orders = new Orders(Guideline.builtIn(), new Random(1));
        Instant first = Instant.now()
                .minus(longLength)
                .minus(APART.multipliedBy(sessions))
                .minusSeconds(60);
        String last = "";
        try (Journal journal = Journal.open(data)) {
            journal.enable("influx");
            for (int i = 0; i <= sessions; i++) {
                bar.to(i);
                last = append(
                        journal, orders, i, first.plus(APART.multipliedBy(i)), i == sessions ? longLength : length);
            }
            bar.say("delivering");
            try (Pump pump = new Pump(journal, new InfluxSink(server, "bench", "bench"))) {
                if (!pump.drain(LIMIT)) {
                    throw new IOException("influxd has not taken everything within " + LIMIT.toMinutes() + " min");
                }
            }
            bar.say("packing");
            awaitPacked(data.resolve("journal.db"), influxd);
        }
        return last;
    }

    private String append(Journal journal, Orders orders, int number, Instant started, Duration length)
            throws InterruptedException {
        Order.Start start = orders.start(
                new SessionStart(
                        PERSON,
                        "calf",
                        "left",
                        "standard",
                        1,
                        0,
                        null,
                        null,
                        new Checklist(true, true),
                        4,
                        false,
                        "treat"),
                List.of(TOOL),
                started);
        Recording recording = Recording.of(Scenario.builtIn("home"), number, 1, RATE_HZ, length);
        samples += recording.sampled().count();
        BootClock clock =
                BootClock.ofOffset(Json.usOf(started) - recording.sampled().timeUs());
        for (List<JournalEntry> frame : Journaled.frames(TOOL, recording, clock, start, 2)) {
            while (journal.samplesWaiting() > Journal.MAX_WAITING_SAMPLES / 2) {
                Thread.sleep(1);
            }
            if (!journal.append(frame)) {
                throw new IllegalStateException("the journal did not take a session");
            }
        }
        if (!journal.flush(LIMIT)) {
            throw new IllegalStateException("the journal did not take a session");
        }
        return start.session();
    }

    /** As it is some time after a session: the journal has not changed for some seconds, and the database is idle. */
    private static void awaitPacked(Path file, ServerProcess influxd) throws IOException, InterruptedException {
        long before = -1;
        Duration used = Duration.ZERO;
        for (int still = 0; still < 3; ) {
            Thread.sleep(2000);
            long now = Files.size(file);
            boolean idle = influxd.cpu().minus(used).toMillis() < 100;
            still = now == before && idle ? still + 1 : 0;
            before = now;
            used = influxd.cpu();
        }
    }

    private Answers answers(SessionHistory history, MqttServer broker, String session) throws Exception {
        try (Dashboard dashboard = new Dashboard(DashboardConfig.local(0), broker, Records.inMemory(), history)) {
            HttpClient client = HttpClient.newHttpClient();
            LocalDate today = LocalDate.now(ZoneId.systemDefault());
            String list = "sessions?from=%s&to=%s".formatted(today.minusYears(1).minusDays(1), today);
            SessionHistory.WholePart part = history.session(session).get(0);
            String trace = "trace/bench/bench/%s?points=2000&from=%s&to=%s"
                    .formatted(TOOL, part.summary().started(), part.summary().ended());
            Ms listMs = timed(() -> get(client, dashboard, list));
            Ms openMs = timed(() -> {
                get(client, dashboard, "sessions/" + session);
                get(client, dashboard, trace);
            });
            String weeks = "trace/bench/bench/%s?points=1000&person=%s&from=%s&to=%s"
                    .formatted(
                            TOOL,
                            PERSON,
                            part.summary().ended().minus(WEEKS),
                            part.summary().ended());
            return new Answers(listMs, openMs, timed(() -> get(client, dashboard, weeks)));
        }
    }

    private interface Asking {
        void ask() throws IOException, InterruptedException;
    }

    private Ms timed(Asking asking) throws IOException, InterruptedException {
        Histogram nanos = new Histogram(3);
        double first = 0;
        for (int round = 0; round <= rounds; round++) {
            long began = System.nanoTime();
            asking.ask();
            long took = System.nanoTime() - began;
            if (round == 0) {
                first = ms(took);
            } else {
                nanos.recordValue(took);
            }
        }
        return new Ms(first, ms(nanos.getValueAtPercentile(50)), ms(nanos.getMaxValue()));
    }

    private static void get(HttpClient client, Dashboard dashboard, String path)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(dashboard.address().resolve(path)).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("%s: want 200, got %d: %s".formatted(path, answer.statusCode(), answer.body()));
        }
    }

    private static double ms(long nanos) {
        return Math.round(nanos / 1e5) / 10.0;
    }

    private void print(PrintWriter out, Result result) {
        out.printf(Locale.ROOT, "%-34s %8s %8s %8s%n", "milliseconds", "first", "median", "most");
        line(out, "journal: list of all", result.journal().listMs(), LIST_GOAL_MS);
        line(out, "journal: the long one", result.journal().openMs(), OPEN_GOAL_MS);
        line(out, "journal: force of six weeks", result.journal().weeksMs(), WEEKS_GOAL_MS);
        line(out, "InfluxDB: list of all", result.influx().listMs(), LIST_GOAL_MS);
        line(out, "InfluxDB: the long one", result.influx().openMs(), OPEN_GOAL_MS);
        line(out, "InfluxDB: force of six weeks", result.influx().weeksMs(), WEEKS_GOAL_MS);
        out.printf(
                Locale.ROOT,
                "%n./lightstroke bench history --sessions %d --length %dm --long %dm --rounds %d%n%d cores, Java %s: %d samples%n",
                sessions,
                length.toMinutes(),
                longLength.toMinutes(),
                rounds,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                result.samples());
    }

    private static void line(PrintWriter out, String what, Ms ms, double goal) {
        out.printf(
                Locale.ROOT,
                "%-34s %8.1f %8.1f %8.1f   goal ≤ %.0f %s%n",
                what,
                ms.first(),
                ms.p50(),
                ms.max(),
                goal,
                ms.p50() <= goal ? "met" : "MISSED");
    }
}

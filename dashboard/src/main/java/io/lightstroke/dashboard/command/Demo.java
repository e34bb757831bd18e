package io.lightstroke.dashboard.command;

import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.web.Dashboard;
import io.lightstroke.dashboard.web.DashboardConfig;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.ToolSession;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke demo}: everything at once, on simulated tools. */
@Command(
        name = "demo",
        description = {
            "Runs everything at once on simulated tools: gateway, journal, MQTT broker and the live page.",
            "Needs no hardware and no other program. Ends on Ctrl-C with a summary."
        })
final class Demo implements Callable<Integer> {
    private static final int RATE_HZ = 100;
    private static final Duration REACH_LIMIT = Duration.ofSeconds(60);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--tools", paramLabel = "N", description = "Simulated tools, 1 to 16. Default: ${DEFAULT-VALUE}.")
    private int tools = 2;

    @Mixin
    private Strokes strokes = new Strokes();

    @Option(
            names = "--via",
            paramLabel = "LINK",
            description = "How the gateway reaches the tools: simulated (in process), or tinyb, bluez, bluez-signal"
                    + " (through a stand-in for BlueZ on a private dbus-daemon; Linux). Default: ${DEFAULT-VALUE}.")
    private SimulatedWorld.Via via = SimulatedWorld.Via.SIMULATED;

    @Option(
            names = "--mqtt",
            paramLabel = "URL",
            description = "An MQTT broker, for example tcp://localhost:1883. Default: one inside.")
    private @Nullable String mqtt;

    @Option(
            names = "--influx",
            paramLabel = "URL",
            description = {
                "An InfluxDB 1.x server, its database lightstroke.",
                "For example http://localhost:8086. Default: none."
            })
    private @Nullable String influx;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long each tool streams, for example 30s. Default: until Ctrl-C.")
    private @Nullable Duration time;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {"Where the data is kept. Default:", "${DEFAULT-VALUE}"})
    private Path data = Places.data("demo");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The page's port on this machine, 0 for any free one. Default: 8600, or a free one when"
                    + " that is taken.")
    private @Nullable Integer port;

    @Option(names = "--json", description = "Print the summary as one JSON object, alone on standard output.")
    private boolean json;

    @Mixin
    private LogFormat log = new LogFormat();

    @Override
    public Integer call() throws Exception {
        if (tools < 1 || tools > 16) {
            throw new ParameterException(spec.commandLine(), "--tools: want 1 to 16, got " + tools);
        }
        requireUsable();
        List<Tool> fleet =
                SimulatedTools.faultyFleet(tools, Scenario.named(strokes.scenario), strokes.faults, strokes.seed);
        GatewayConfig config = config();
        try (SimulatedWorld world = new SimulatedWorld(via, fleet)) {
            return run(config, () -> Gateway.start(config, data, world.link()));
        }
    }

    private int run(GatewayConfig config, Callable<Gateway> start) throws Exception {
        try (Stop stop = new Stop();
                Gateway gateway = start.call();
                Dashboard page = new Dashboard(pageConfig(), access(gateway), records(), history(config))) {
            if (!json || !log.json()) {
                introduce(json ? System.err : System.out, gateway, page);
            }
            boolean complete = stream(stop, gateway);
            Summary summary = SummaryText.end(gateway, DRAIN_LIMIT, json);
            return stop.exitCode(complete && summary.lawful() ? Lightstroke.OK : Lightstroke.FAILED);
        }
    }

    private void requireUsable() {
        if (port != null && (port < 0 || port > 65_535)) {
            throw new ParameterException(spec.commandLine(), "--port: want 0 to 65535, got " + port);
        }
        if (influx != null && !influx.matches("https?://[^/@? ]+/?")) {
            throw new ParameterException(
                    spec.commandLine(), "--influx: want a URL like http://localhost:8086, got " + influx);
        }
        if (mqtt != null) {
            try {
                new MqttServer(mqtt);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--mqtt: " + e.getMessage(), e);
            }
        }
    }

    private GatewayConfig config() {
        List<GatewayConfig.Tool> allowed = IntStream.rangeClosed(1, tools)
                .mapToObj(number -> new GatewayConfig.Tool("tool-" + number, SimulatedTools.address(number)))
                .toList();
        return new GatewayConfig(
                "home",
                "demo",
                data,
                GatewayConfig.Link.SIMULATED,
                null,
                GatewayConfig.Trust.OPEN,
                allowed,
                RATE_HZ,
                Guideline.builtIn(),
                GatewayConfig.Unassigned.DEFAULT,
                null,
                GatewayConfig.Mqtt.at(mqtt == null ? GatewayConfig.Mqtt.EMBEDDED : mqtt),
                influx == null
                        ? null
                        : new GatewayConfig.Influx(
                                influx, GatewayConfig.Influx.Api.V1, "lightstroke", null, null, null, null, null, null),
                new GatewayConfig.Http("0", GatewayConfig.Http.LOOPBACK),
                new GatewayConfig.Simulated(strokes.scenario, strokes.seed, ""),
                GatewayConfig.Keep.DEFAULT);
    }

    /** The asked port; otherwise the usual one, or any free one when that is taken. */
    private DashboardConfig pageConfig() {
        if (port != null) {
            return DashboardConfig.local(port);
        }
        try (ServerSocket usual = new ServerSocket()) {
            usual.bind(new InetSocketAddress(DashboardConfig.LOCAL.host(), DashboardConfig.LOCAL.port()));
            return DashboardConfig.LOCAL;
        } catch (IOException taken) {
            return DashboardConfig.local(0);
        }
    }

    private Records records() throws IOException {
        return Records.open(data.resolve("records.db"), InstantSource.system());
    }

    private SessionHistory history(GatewayConfig config) {
        return SessionHistory.ofJournal(data, config.site(), config.gateway());
    }

    private MqttServer access(Gateway gateway) {
        EmbeddedBroker broker = gateway.broker();
        return broker == null
                ? new MqttServer(String.valueOf(mqtt))
                : new MqttServer(
                        broker.url(),
                        broker.dashboard().user(),
                        broker.dashboard().password(),
                        null);
    }

    private void introduce(PrintStream words, Gateway gateway, Dashboard page) {
        words.printf(
                "Lightstroke demo: %d simulated %s at %d samples a second, reached by %s%n%n",
                tools, tools == 1 ? "tool" : "tools", RATE_HZ, via);
        words.printf("  Live page  %s%n", page.address());
        EmbeddedBroker broker = gateway.broker();
        if (broker == null) {
            words.printf("  MQTT       %s, topics lightstroke/v1/home/demo/#%n", mqtt);
        } else {
            words.printf("  MQTT       %s, inside; topics lightstroke/v1/home/demo/#%n", broker.url());
            words.printf(
                    "             users and passwords in %s%n",
                    broker.credentialsFile()
                            .map(file -> file.toAbsolutePath().toString())
                            .orElse("memory only: the disk refuses their file"));
        }
        words.printf(
                "  InfluxDB   %s%n",
                influx == null ? "none; --influx URL adds one" : influx + ", database lightstroke");
        words.printf("  Data       %s%n%n", data.toAbsolutePath());
        words.printf(
                "%s%n",
                time == null ? "Ctrl-C ends it." : "Ends after " + inWords(time) + " of streaming, or on Ctrl-C.");
        words.flush();
    }

    private static String inWords(Duration time) {
        return time.toMillis() < 1000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
    }

    /** Lets each tool stream for the asked time; false when one could not. */
    private boolean stream(Stop stop, Gateway gateway) throws InterruptedException {
        if (time == null) {
            stop.await(null);
            return true;
        }
        List<ToolSession> streaming = new ArrayList<>(gateway.sessions());
        long endNanos = System.nanoTime() + time.plus(REACH_LIMIT).toNanos();
        while (!streaming.isEmpty() && !stop.requested()) {
            stop.await(LOOK_EVERY);
            for (ToolSession session : List.copyOf(streaming)) {
                OptionalLong since = session.streamingSinceNanos();
                if (since.isPresent() && System.nanoTime() - since.getAsLong() >= time.toNanos()) {
                    session.end();
                    streaming.remove(session);
                }
            }
            if (System.nanoTime() > endNanos) {
                System.err.printf(
                        "lightstroke demo: %s did not stream for %s%n",
                        streaming.get(0).id(), inWords(time));
                return false;
            }
        }
        return true;
    }
}

package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke gateway}: tools in; judged, kept, published. */
@Command(
        name = "gateway",
        description = {
            "Reads the tools that its configuration allows, warns, keeps every sample and publishes to MQTT and InfluxDB.",
            "Ends on Ctrl-C or SIGTERM with a summary."
        })
final class GatewayCommand implements Callable<Integer> {
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration in YAML; --example prints one. Default: ${DEFAULT-VALUE}.")
    private Path config = Path.of("lightstroke.yaml");

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it runs, for example 30s. Default: until it is told to stop.")
    private @Nullable Duration time;

    @Option(
            names = "--record",
            paramLabel = "DIR",
            description =
                    "Write all that passes between each tool and the gateway into a file of its own in this folder;"
                            + " lightstroke simulate --replay plays it.")
    private @Nullable Path record;

    @Option(names = "--json", description = "Print the summary as one JSON object, alone on standard output.")
    private boolean json;

    @Option(names = "--example", description = "Print a configuration with every setting explained, and end.")
    private boolean example;

    @Mixin
    private LogFormat log = new LogFormat();

    @Override
    public Integer call() throws Exception {
        if (example) {
            System.out.print(GatewayConfig.example());
            return Lightstroke.OK;
        }
        if (!Files.isRegularFile(config) || !Files.isReadable(config)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "want a configuration, got no readable file " + config
                            + "; lightstroke gateway --example > lightstroke.yaml begins one");
        }
        GatewayConfig settings = GatewayConfig.read(config);
        Path data = settings.data() == null ? Places.data("gateway") : settings.data();
        try (Stop stop = new Stop();
                Gateway gateway = Gateway.start(settings, data, record)) {
            if (!log.json()) {
                introduce(settings, data, gateway);
            }
            stop.await(time);
            Summary summary = SummaryText.end(gateway, DRAIN_LIMIT, json);
            return stop.exitCode(summary.lawful() ? Lightstroke.OK : Lightstroke.FAILED);
        }
    }

    private void introduce(GatewayConfig settings, Path data, Gateway gateway) {
        EmbeddedBroker broker = gateway.broker();
        System.err.printf(
                "Lightstroke gateway, tools allowed: %d%n%n", settings.tools().size());
        System.err.printf(
                "  MQTT       %s, topics %s/#%n",
                broker == null ? settings.mqtt().broker() : broker.url() + " (inside)",
                settings.topics().root());
        if (broker != null) {
            System.err.printf(
                    "             users and passwords in %s%n",
                    broker.credentialsFile()
                            .map(file -> file.toAbsolutePath().toString())
                            .orElse("memory only: the disk refuses their file"));
        }
        System.err.printf(
                "  InfluxDB   %s%n",
                settings.influx() == null ? "none" : settings.influx().url());
        System.err.printf("  Data       %s%n%n", data.toAbsolutePath());
    }
}

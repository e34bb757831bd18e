package io.lightstroke.dashboard.command;

import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.web.Dashboard;
import io.lightstroke.dashboard.web.DashboardConfig;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.MqttServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke dashboard}: the live page of gateways in other processes. */
@Command(
        name = "dashboard",
        description = "Serves the live page, fed from an MQTT broker: by default from the one inside a gateway here.")
final class DashboardCommand implements Callable<Integer> {
    /** As a gateway is called whose configuration does not say. */
    private static final String USUAL_SITE = "home";

    private static final String USUAL_GATEWAY = "gateway-1";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Data folder of a gateway on this machine, for its broker's password. Default: ${DEFAULT-VALUE}.")
    private Path data = Places.data("gateway");

    @Option(
            names = "--mqtt",
            paramLabel = "URL",
            description = "The broker, for example ssl://broker.example:8883. Default: ${DEFAULT-VALUE}.")
    private String mqtt = "tcp://127.0.0.1:1883";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description =
                    "User at the broker. Default: the one that the gateway in --data has made for its own broker.")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "File with that user's password.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "PEM file with the authority that signed the broker's certificate. Default: the platform's.")
    private @Nullable Path caFile;

    @Option(
            names = "--records",
            paramLabel = "FILE",
            description = {"People, their plans and check-ins; for its owner alone. Default:", "${DEFAULT-VALUE}"})
    private Path records = Places.data("dashboard").resolve("records.db");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "A gateway's configuration, for where its sessions are kept: in the journal in --data, or, where there",
                "is none, in its InfluxDB. Default: the journal in --data, if there is one."
            })
    private @Nullable Path gatewayConfig;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Where it listens. Default: 127.0.0.1.")
    private String host = DashboardConfig.LOCAL.host();

    @Option(names = "--port", paramLabel = "PORT", description = "0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port = DashboardConfig.LOCAL.port();

    @Option(
            names = "--open",
            description =
                    "Allow a --host that other machines reach: everybody there can watch and use the tools, there is no login yet.")
    private boolean open;

    @Option(
            names = "--guideline",
            paramLabel = "FILE",
            description = "A guideline of your own, the same that the gateways have. Default: the built-in one.")
    private @Nullable Path guideline;

    @Override
    public Integer call() throws Exception {
        DashboardConfig config;
        try {
            config = new DashboardConfig(
                    host, port, open, guideline == null ? Guideline.builtIn() : GuidelineCommand.read(guideline, spec));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        try (Stop stop = new Stop();
                Dashboard dashboard =
                        new Dashboard(config, access(), Records.open(records, InstantSource.system()), history())) {
            System.out.printf("Live page  %s%nCtrl-C ends it.%n", dashboard.address());
            stop.await(null);
        }
        return Lightstroke.OK;
    }

    private @Nullable SessionHistory history() throws IOException, InvalidDocumentException {
        boolean journal = Files.exists(data.resolve("journal.db"));
        if (gatewayConfig == null) {
            return journal ? SessionHistory.ofJournal(data, USUAL_SITE, USUAL_GATEWAY) : null;
        }
        GatewayConfig gateway = GatewayConfig.read(gatewayConfig);
        if (journal) {
            return SessionHistory.ofJournal(data, gateway.site(), gateway.gateway());
        } else if (gateway.influx() == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--config: want one with influx, or a journal in --data, got neither; sessions are not found");
        }
        return SessionHistory.ofInflux(gateway.influx().server());
    }

    private MqttServer access() throws IOException {
        Path broker = data.resolve("broker");
        String name = user;
        String password =
                passwordFile == null ? null : Files.readString(passwordFile).strip();
        if (name == null && EmbeddedBroker.hasCredentials(broker)) {
            EmbeddedBroker.Login login = EmbeddedBroker.dashboardLogin(broker);
            name = login.user();
            password = login.password();
        }
        try {
            return new MqttServer(mqtt, name, password, caFile);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}

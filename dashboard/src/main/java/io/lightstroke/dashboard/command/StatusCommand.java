package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.health.Health;
import io.lightstroke.gateway.health.HealthServer;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke status}: how a gateway on this machine stands; of one that does not run, what its journal says. */
@Command(
        name = "status",
        description = {
            "Tells how a gateway on this machine stands: what is connected, behind, lost.",
            "Where none runs it reads the journal, and changes nothing."
        },
        exitCodeList = {
            "0:ready",
            "1:starting or degraded, and it says why; or failed",
            "2:wrong use or configuration",
            "3:no gateway answers for this data folder"
        })
final class StatusCommand implements Callable<Integer> {
    private static final int NONE_RUNS = 3;

    private static final Path USUAL_CONFIG = Path.of("lightstroke.yaml");
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

    /** A newer gateway may say more. */
    private static final ObjectReader HEALTH =
            Json.MAPPER.readerFor(Health.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private static final class Place {
        @Option(names = "--data", paramLabel = "DIR", description = "The gateway's data folder.")
        private @Nullable Path data;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = {
                    "The gateway's configuration, which names the data folder. Default: lightstroke.yaml where there is"
                            + " one, else the usual folder."
                })
        private @Nullable Path config;
    }

    @ArgGroup
    private @Nullable Place place;

    @Option(names = "--json", description = "What the gateway answers at /health, as one JSON object a line.")
    private boolean json;

    @Option(names = "--watch", description = "Looks again every 2 s, until Ctrl-C.")
    private boolean watch;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** What is left where no gateway answers. */
    record Left(int v, String status, String data, @Nullable LeftJournal journal) {}

    /**
     * @param lastSample absent when there is none
     * @param accounts by sink, then by kind of record
     */
    record LeftJournal(long fileBytes, @Nullable Instant lastSample, Map<String, Map<String, SinkAccount>> accounts) {}

    @Override
    public Integer call() throws Exception {
        Path data = data();
        if (!watch) {
            return look(data);
        }
        try (Stop stop = new Stop()) {
            int code;
            do {
                if (!json && Ansi.AUTO.enabled()) {
                    out().print(HOME_AND_CLEAR);
                }
                code = look(data);
                stop.await(LOOK_EVERY);
            } while (!stop.requested());
            return stop.exitCode(code);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private Path data() throws IOException, InvalidDocumentException {
        if (place != null && place.data != null) {
            return place.data;
        }
        Path config = place != null && place.config != null ? place.config : USUAL_CONFIG;
        if (config.equals(USUAL_CONFIG) && !Files.exists(config)) {
            return Places.data("gateway");
        }
        Path data = GatewayConfig.read(config).data();
        return data == null ? Places.data("gateway") : data;
    }

    private int look(Path data) throws IOException, JournalException, InterruptedException {
        Optional<String> answer = ask(data);
        int code;
        if (answer.isPresent()) {
            Health health = HEALTH.readValue(answer.get());
            if (json) {
                out().println(answer.get().strip());
            } else {
                StatusText.print(out(), health);
            }
            code = health.status() == Health.Status.READY ? Lightstroke.OK : Lightstroke.FAILED;
        } else {
            Left left = new Left(1, "not_running", data.toAbsolutePath().toString(), journal(data));
            if (json) {
                out().println(Json.text(left));
            } else {
                StatusText.print(out(), left);
            }
            code = NONE_RUNS;
        }
        out().flush();
        return code;
    }

    /** What the gateway of this folder says; empty when none answers, or another one at its old address. */
    private static Optional<String> ask(Path data) throws IOException, InterruptedException {
        Optional<HealthServer.Address> address = HealthServer.Address.of(data);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(address.get().url() + "/health"))
                    .timeout(ANSWER_LIMIT)
                    .build();
            String body = HttpClient.newBuilder()
                    .connectTimeout(ANSWER_LIMIT)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            Health health = HEALTH.readValue(body);
            return address.get().instance().equals(health.instance()) ? Optional.of(body) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // nobody is there any more, or another program
        }
    }

    private static @Nullable LeftJournal journal(Path data) throws IOException, JournalException {
        Path file = data.resolve("journal.db");
        if (!Files.exists(file)) {
            return null;
        }
        try (JournalReader journal = JournalReader.open(file)) {
            OptionalLong lastUtcUs = journal.lastUtcUs();
            return new LeftJournal(
                    Files.size(file),
                    lastUtcUs.isPresent() ? Json.instantOfUs(lastUtcUs.getAsLong()) : null,
                    journal.accounts());
        }
    }
}

package io.lightstroke.gateway.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /health}, {@code /health/ready}, {@code /health/live} and {@code /metrics} over HTTP, and writes where
 * into a file of the data folder, which goes with it; a disk that refuses is tried again. Without TLS and without a
 * password.
 */
public final class HealthServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);

    /** Taken when none is asked for; when it is not free, any other. */
    public static final int USUAL_PORT = 9464;

    private static final int THREADS = 2;
    private static final Duration WRITE_AGAIN = Duration.ofSeconds(5);
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    static {
        // Seconds within which a request must be there, and its answer taken: who dawdles keeps no thread.
        for (String limit : new String[] {"maxReqTime", "maxRspTime"}) {
            String name = "sun.net.httpserver." + limit;
            System.setProperty(name, System.getProperty(name, "10"));
        }
    }

    private final HttpServer http;
    private final ExecutorService threads;
    private final Path file;
    private final Address here;
    private final ScheduledExecutorService writer;

    /**
     * Where a running gateway answers.
     *
     * @param url without a path
     * @param instance as in its {@link Health}: another one means that the file is stale
     */
    public record Address(String url, String instance) {
        private static Path file(Path data) {
            return data.resolve("gateway.json");
        }

        /** As the gateway of this data folder has written it; empty when none runs, or it does not answer over HTTP. */
        public static Optional<Address> of(Path data) throws IOException {
            Path file = file(data);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            try {
                return Optional.of(Json.MAPPER.readValue(Files.readString(file), Address.class));
            } catch (JsonProcessingException e) {
                throw new IOException("%s: want url and instance, got %s".formatted(file, e.getOriginalMessage()), e);
            }
        }
    }

    /**
     * Starts it.
     *
     * @param address on which it listens
     * @param port 0 takes any free one; null the usual one, or any free one when that is taken
     * @param data folder for the file with its address
     * @param metrics the text of {@code /metrics}
     * @throws IOException when the port is taken; a file that cannot be written is only said
     */
    public HealthServer(
            String address,
            @Nullable Integer port,
            Path data,
            String instance,
            Supplier<Health> health,
            Supplier<String> metrics)
            throws IOException {
        http = bind(InetAddress.getByName(address), port);
        threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "http");
            thread.setDaemon(true);
            return thread;
        });
        http.setExecutor(threads);
        answer("/health", JSON, () -> answer(health.get(), Set.of(Health.Status.READY, Health.Status.DEGRADED)));
        answer("/health/ready", JSON, () -> answer(health.get(), Set.of(Health.Status.READY)));
        answer("/health/live", TEXT, () -> new Answer(200, "alive\n"));
        answer("/metrics", METRICS, () -> new Answer(200, metrics.get()));
        http.createContext(
                "/", exchange -> send(exchange, 404, TEXT, "want /health, /health/ready, /health/live or /metrics\n"));
        file = Address.file(data);
        http.start();
        here = new Address(url(), instance);
        writer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "http-address");
            thread.setDaemon(true);
            return thread;
        });
        try {
            writeAddress();
        } catch (IOException e) {
            LOG.warn("{} is not written, so that status finds no gateway; trying again: {}", file, e.toString());
            writeLater();
        }
        LOG.info("health and metrics at {}/health and /metrics", url());
    }

    private void writeAddress() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(next, Json.bytes(here));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private void writeLater() {
        Future<?> unused = writer.schedule(
                () -> {
                    try {
                        writeAddress();
                        LOG.info("{} is written", file);
                    } catch (IOException e) {
                        writeLater();
                    }
                },
                WRITE_AGAIN.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static HttpServer bind(InetAddress address, @Nullable Integer port) throws IOException {
        if (port == null) {
            try {
                return HttpServer.create(new InetSocketAddress(address, USUAL_PORT), 0);
            } catch (BindException e) {
                LOG.warn("port {} for health and metrics is not free, so any free one", USUAL_PORT);
            }
        }
        int wanted = port == null ? 0 : port;
        try {
            return HttpServer.create(new InetSocketAddress(address, wanted), 0);
        } catch (BindException e) {
            throw new IOException(
                    "http: want a free port on an address of this machine, got %d on %s: %s"
                            .formatted(wanted, address.getHostAddress(), e.getMessage()),
                    e);
        }
    }

    /** For who is on this machine; without a path. */
    public String url() {
        InetSocketAddress bound = http.getAddress();
        InetAddress host =
                bound.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound.getAddress();
        String text = host.getHostAddress();
        return "http://%s:%d".formatted(text.indexOf(':') >= 0 ? "[" + text + "]" : text, bound.getPort());
    }

    private record Answer(int code, String text) {}

    private static Answer answer(Health now, Set<Health.Status> good) {
        return new Answer(good.contains(now.status()) ? 200 : 503, Json.text(now) + "\n");
    }

    private void answer(String path, String type, Supplier<Answer> answer) {
        http.createContext(path, exchange -> {
            if (!exchange.getRequestURI().getPath().equals(path)) {
                send(exchange, 404, TEXT, "want " + path + "\n");
            } else if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, TEXT, "want GET or HEAD\n");
            } else {
                Answer now;
                try {
                    now = answer.get();
                } catch (RuntimeException e) {
                    LOG.error("{}: unexpected", path, e);
                    now = new Answer(500, "unexpected: see the gateway's log\n");
                }
                send(exchange, now.code, type, now.text);
            }
        });
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(code, -1);
            } else {
                exchange.sendResponseHeaders(code, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() throws IOException {
        writer.shutdownNow();
        http.stop(0);
        threads.shutdownNow();
        Files.deleteIfExists(file);
    }
}

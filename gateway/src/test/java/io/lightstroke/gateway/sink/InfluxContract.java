package io.lightstroke.gateway.sink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers as InfluxDB 2.x and 3.x document that they do; neither runs here. Answers that were queued come first, then
 * what {@link #otherwise} says. Keeps what it was asked, and the lines that it accepted.
 */
final class InfluxContract implements AutoCloseable {
    /** One line of line protocol, unescaped: no name of the gateway's has a space or a comma in it. */
    private static final Pattern LINE = Pattern.compile(
            "([a-z]+)((?:,[a-z]+=[a-z0-9-]+)+) ((?:[A-Za-z_-]+=(?:\"(?:[^\"\\\\]|\\\\.)*\"|[-0-9.eE]+i?|true|false|[TF]),?)+) (\\d{16})");

    /** @param body as it was before gzip */
    record Asked(String method, String path, Map<String, String> query, Map<String, String> headers, String body) {
        List<String> lines() {
            return body.lines().toList();
        }
    }

    /** @param status 0: the connection is cut; -1: nothing is ever answered */
    record Answer(int status, Map<String, String> headers, String body) {
        static final Answer WRITTEN = new Answer(204, Map.of(), "");
        static final Answer CUT = new Answer(0, Map.of(), "");
        static final Answer NEVER = new Answer(-1, Map.of(), "");

        static Answer json(int status, String body) {
            return new Answer(status, Map.of("Content-Type", "application/json; charset=utf-8"), body);
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final List<String> written = new CopyOnWriteArrayList<>();
    volatile Function<Asked, Answer> otherwise = request -> Answer.WRITTEN;
    volatile @Nullable String malformed;

    InfluxContract() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void next(Answer... answers) {
        next.addAll(List.of(answers));
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] raw = exchange.getRequestBody().readAllBytes();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
        boolean zipped = "gzip".equals(headers.get("Content-Encoding"));
        byte[] plain = zipped ? new GZIPInputStream(new ByteArrayInputStream(raw)).readAllBytes() : raw;
        Map<String, String> query = new TreeMap<>();
        String rawQuery = exchange.getRequestURI().getQuery();
        for (String pair : rawQuery == null ? new String[0] : rawQuery.split("&")) {
            query.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        Asked request = new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query,
                headers,
                new String(plain, StandardCharsets.UTF_8));
        asked.add(request);
        Answer queued = next.poll();
        Answer answer = queued == null ? otherwise.apply(request) : queued;
        if (answer.status() == -1) {
            return;
        }
        if (answer.status() == 0) {
            exchange.close();
            return;
        }
        if (answer.status() == 204) {
            for (String line : request.lines()) {
                if (!LINE.matcher(line).matches()) {
                    malformed = line;
                }
            }
            written.addAll(request.lines());
        }
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Indices of the samples among lines, in their order. */
    static List<Long> indices(List<String> lines) {
        List<Long> indices = new ArrayList<>();
        Pattern index = Pattern.compile("index=(\\d+)i");
        for (String line : lines) {
            Matcher found = index.matcher(line);
            if (line.startsWith("force") && found.find()) {
                indices.add(Long.parseLong(found.group(1)));
            }
        }
        return indices;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

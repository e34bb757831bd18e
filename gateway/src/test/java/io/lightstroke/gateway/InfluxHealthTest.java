package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.Pump;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfluxHealthTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private static final String POINT = "gateway,gateway=room,site=home tools=2i 1772366400000000";

    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile int status = 204;
    private HttpServer server;
    private Journal journal;

    @BeforeEach
    void start() throws Exception {
        journal = Journal.open(folder);
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            asked.add(
                    new String(new GZIPInputStream(exchange.getRequestBody()).readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        journal.close();
        server.stop(0);
    }

    private InfluxSink sink() {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        return new InfluxSink(new InfluxServer.V2(url, "clinic", "lightstroke", "token", null), "home", "room");
    }

    private static InfluxHealth health(InfluxSink sink, Pump pump) {
        return new InfluxHealth(sink, pump, () -> Map.of("tools", 2L), NOON, Duration.ofMillis(50));
    }

    @Test
    void itIsWrittenAgainAndAgainAndNotWhileTheJournalCannotBeDelivered() throws Exception {
        InfluxSink sink = sink();
        try (Pump pump = new Pump(journal, sink);
                InfluxHealth health = health(sink, pump)) {
            await().atMost(LIMIT).until(() -> asked.size() >= 3);
            assertTrue(asked.stream().allMatch(POINT::equals), asked.toString());

            status = 503;
            assertTrue(journal.append(List.of(new Finding("left", "stroke", 1, 2, 3, "{\"peak_N\":1.5}")))
                    && journal.flush(LIMIT));
            await().atMost(LIMIT).until(() -> pump.problem().isPresent());
            await().during(Duration.ofMillis(500)).atMost(LIMIT).until(() -> {
                boolean none = !asked.contains(POINT); // but for one that was under way
                asked.clear();
                return none;
            });

            status = 204;
            await().atMost(LIMIT).until(() -> asked.contains(POINT));
            assertTrue(pump.drain(LIMIT));
        }
    }

    @Test
    void refusedItDoesNotComeAgainForLong() throws Exception {
        status = 401;
        InfluxSink sink = sink();
        try (Pump pump = new Pump(journal, sink);
                InfluxHealth health = health(sink, pump)) {
            await().atMost(LIMIT).until(() -> !asked.isEmpty());
            await().during(Duration.ofSeconds(1)).atMost(LIMIT).until(() -> asked.size() == 1);
            assertEquals(List.of(POINT), asked);
        }
    }
}

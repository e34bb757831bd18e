package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.ErasedTime;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Json;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of InfluxDB 2.x, against a server that takes it as it is and keeps numbers only. */
@Needs(Program.VICTORIA_METRICS)
class InfluxV2Test {
    @TempDir
    Path folder;

    @Test
    void samplesAreAccepted() throws Exception {
        int port = Program.freePort();
        String url = "http://127.0.0.1:" + port;
        InfluxServer server = new InfluxServer.V2(url, "org", "bucket", "token", null);
        // It keeps a month, so the samples must be of today.
        long now = Instant.now().toEpochMilli() * 1000;
        Samples row = Entries.row("left", 0);
        Samples recent =
                new Samples(row.tool(), row.boot(), 0, 0, now - 60_000_000, 10_000, 0, 0, row.forceCn(), row.zones());
        try (Program.Running victoria = Program.VICTORIA_METRICS
                        .start(
                                folder,
                                "-httpListenAddr=127.0.0.1:" + port,
                                "-storageDataPath=" + folder.resolve("victoria"))
                        .awaitPort(port, Duration.ofSeconds(30));
                InfluxSink sink = new InfluxSink(server, "home", "room")) {
            assertEquals(Delivery.COMPLETE, sink.deliver(List.of(new Numbered(1, recent))));

            URI export = URI.create(url + "/api/v1/export?match%5B%5D=force_force_N");
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> {
                        String line = HttpClient.newHttpClient()
                                .send(HttpRequest.newBuilder(export).build(), HttpResponse.BodyHandlers.ofString())
                                .body();
                        JsonNode series = Json.MAPPER.readTree(line);
                        assertEquals(24, series.at("/values").size(), line);
                        assertEquals(-0.02, series.at("/values/0").doubleValue());
                        assertEquals("left", series.at("/metric/tool").textValue());
                    });
            // It says 200 to whatever is asked in InfluxQL.
            InfluxServer spokenToAs1 = new InfluxServer.V1(url, "lightstroke", null, null, null);
            List<ErasedTime> times = List.of(new ErasedTime("left", null, now - 60_000_000, now));
            try (InfluxSink other = new InfluxSink(spokenToAs1, "home", "room")) {
                for (InfluxSink each : List.of(sink, other)) {
                    CommandAnswer.Place place = each.erase(times);
                    assertFalse(place.erased() || place.again(), place.toString());
                    assertTrue(place.detail().contains("cannot erase a time of a tool"), place.toString());
                }
            }
        }
    }
}

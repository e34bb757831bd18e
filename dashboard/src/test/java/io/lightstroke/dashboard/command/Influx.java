package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.sink.Influxd;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A real InfluxDB 1.x in a folder of its own. */
final class Influx implements AutoCloseable {
    private final Influxd influxd;
    private final Program.Running server;

    Influx(Path folder) throws IOException, InterruptedException {
        influxd = new Influxd(folder, false);
        server = influxd.start();
    }

    String url() {
        return influxd.url();
    }

    /** The rows of the first series, each an array, times in microseconds. */
    JsonNode rows(String query) throws IOException, InterruptedException {
        URI uri = URI.create(
                url() + "/query?db=lightstroke&epoch=u&q=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        return new ObjectMapper()
                .readTree(response.body())
                .path("results")
                .path(0)
                .path("series")
                .path(0)
                .path("values");
    }

    @Override
    public void close() {
        server.close();
    }
}

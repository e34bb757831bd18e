package io.lightstroke.gateway.health;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a gateway answers over HTTP, as an operator's programs ask. */
public record Http(String url) {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*(?:\\{[^}]*})?) (NaN|[+-]Inf|[-+0-9.eE]+)");

    /** Of the gateway that runs on this folder. */
    public static Http of(Path data) throws IOException {
        return new Http(HealthServer.Address.of(data).orElseThrow().url());
    }

    public HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(20))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public JsonNode health() throws IOException, InterruptedException {
        return Json.MAPPER.readTree(ask("GET", "/health").body());
    }

    /** A scrape: values by name and labels as they stand there. Fails on a line that is not of the text format. */
    public Map<String, Double> metrics() throws IOException, InterruptedException {
        Map<String, Double> values = new HashMap<>();
        for (String line : ask("GET", "/metrics").body().lines().toList()) {
            if (!line.startsWith("# HELP ") && !line.startsWith("# TYPE ")) {
                Matcher sample = SAMPLE.matcher(line);
                if (!sample.matches()) {
                    throw new AssertionError("want a sample in Prometheus' text format, got " + line);
                }
                String value = sample.group(2);
                double number = value.endsWith("Inf")
                        ? Double.POSITIVE_INFINITY
                        : value.equals("NaN") ? Double.NaN : Double.parseDouble(value);
                if (values.put(sample.group(1), number) != null) {
                    throw new AssertionError("want each series once, got again " + line);
                }
            }
        }
        return values;
    }
}

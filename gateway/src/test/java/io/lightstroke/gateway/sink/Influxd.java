package io.lightstroke.gateway.sink;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A real InfluxDB 1.x in a folder of its own, started and killed by the test. */
public final class Influxd {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path folder;
    private final int port;
    private @Nullable String user;
    private @Nullable String password;

    /** @param authentication whether it asks for user and password, once there is an administrator */
    public Influxd(Path folder, boolean authentication) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.port = Program.freePort();
        Files.writeString(folder.resolve("influxd.conf"), """
                reporting-disabled = true
                bind-address = "127.0.0.1:0"
                [meta]
                  dir = "%1$s/meta"
                [data]
                  dir = "%1$s/data"
                  wal-dir = "%1$s/wal"
                [monitor]
                  store-enabled = false
                [http]
                  bind-address = "127.0.0.1:%2$d"
                  auth-enabled = %3$s
                  log-enabled = false
                """.formatted(folder, port, authentication));
    }

    public Program.Running start() throws IOException, InterruptedException {
        return Program.INFLUXD
                .start(folder, "-config", folder.resolve("influxd.conf").toString())
                .awaitPort(port, Duration.ofSeconds(60));
    }

    public int port() {
        return port;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Its database lightstroke, with the user of {@link #createAdministrator} if there is one. */
    InfluxServer.V1 server() {
        return new InfluxServer.V1(url(), "lightstroke", user, password, null);
    }

    void createAdministrator(String name, String itsPassword) throws IOException, InterruptedException {
        execute("create user \"%s\" with password '%s' with all privileges".formatted(name, itsPassword));
        user = name;
        password = itsPassword;
    }

    /** Carries out a statement of the database lightstroke; the answer's {@code results}, times in microseconds. */
    public JsonNode execute(String influxQl) throws IOException, InterruptedException {
        String body = "db=lightstroke&epoch=u&q=" + URLEncoder.encode(influxQl, StandardCharsets.UTF_8);
        JsonNode answer = Json.MAPPER.readTree(post("/query", body));
        JsonNode results = answer.path("results");
        results.forEach(result -> assertTrue(!result.has("error"), () -> influxQl + ": " + result));
        return results;
    }

    /** The rows of the first series. */
    public JsonNode rows(String influxQl) throws IOException, InterruptedException {
        JsonNode results = execute(influxQl);
        JsonNode rows = results.at("/0/series/0/values");
        assertTrue(rows.isArray(), () -> influxQl + ": " + results);
        return rows;
    }

    void write(String lines) throws IOException, InterruptedException {
        post("/write?db=lightstroke&precision=u", lines);
    }

    private String post(String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (user != null) {
            request.header("Authorization", okhttp3.Credentials.basic(user, String.valueOf(password)));
        }
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertTrue(answer.statusCode() < 300, answer.body());
        return answer.body();
    }
}

package io.lightstroke.gateway.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthServerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private volatile Health.Status status = Health.Status.READY;

    private Health health() {
        return new Health(
                1,
                status,
                List.of(),
                Instant.EPOCH,
                "this-run",
                "lightstroke",
                "lightstroke/v1/home/gateway-1",
                1,
                new Health.Link("bluez", null),
                List.of(),
                List.of(),
                new Health.Journal(null, 0, 0, null),
                new Health.Live(null, 0),
                true,
                null);
    }

    private HealthServer start(@Nullable Integer port) throws IOException {
        return new HealthServer("127.0.0.1", port, folder, "this-run", this::health, () -> {
            throw new IllegalStateException("no metrics");
        });
    }

    @Test
    void theCodeTellsWhatAProbeWantsToKnow() throws Exception {
        try (HealthServer server = start(0)) {
            Http http = new Http(server.url());
            for (Health.Status each : Health.Status.values()) {
                status = each;
                int expected = each == Health.Status.STARTING ? 503 : 200;
                assertEquals(expected, http.ask("GET", "/health").statusCode(), each.toString());
                assertEquals(
                        each == Health.Status.READY ? 200 : 503,
                        http.ask("GET", "/health/ready").statusCode(),
                        each.toString());
                assertEquals(each.word(), http.health().get("status").asText());
                assertEquals(200, http.ask("GET", "/health/live").statusCode());
            }
        }
    }

    @Test
    void onlyReadsAndOnlyWhatIsThere() throws Exception {
        try (HealthServer server = start(0)) {
            Http http = new Http(server.url());
            assertEquals(404, http.ask("GET", "/").statusCode());
            assertEquals(404, http.ask("GET", "/health/other").statusCode());
            assertEquals(405, http.ask("POST", "/health").statusCode());
            HttpResponse<String> head = http.ask("HEAD", "/health");
            assertEquals(200, head.statusCode());
            assertEquals("", head.body());
            HttpResponse<String> failed = http.ask("GET", "/metrics");
            assertEquals(500, failed.statusCode());
            assertFalse(failed.body().contains("no metrics"), failed.body());
        }
    }

    @Test
    void itsAddressStandsInTheDataFolderWhileItRuns() throws Exception {
        assertEquals(Optional.empty(), HealthServer.Address.of(folder));
        try (HealthServer server = start(0)) {
            assertEquals(
                    Optional.of(new HealthServer.Address(server.url(), "this-run")), HealthServer.Address.of(folder));
        }
        assertEquals(Optional.empty(), HealthServer.Address.of(folder));
        Files.writeString(folder.resolve("gateway.json"), "nonsense");
        assertThrows(IOException.class, () -> HealthServer.Address.of(folder));
    }

    @Test
    void aDiskThatDoesNotTakeItsAddressKeepsNothingElseBack() throws Exception {
        Path none = folder.resolve("none");
        HealthServer server = new HealthServer("127.0.0.1", 0, none, "this-run", this::health, () -> "");
        Http http = new Http(server.url());
        assertEquals(200, http.ask("GET", "/health").statusCode());
        server.close();
        assertThrows(IOException.class, () -> http.ask("GET", "/health"));
    }

    @Test
    void aPortThatWasAskedForAndIsTakenIsAnError() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            IOException failure = assertThrows(IOException.class, () -> start(other.getLocalPort()));
            assertTrue(
                    failure.getMessage()
                            .startsWith("http: want a free port on an address of this machine, got %d on 127.0.0.1"
                                    .formatted(other.getLocalPort())),
                    failure.getMessage());
            assertEquals(Optional.empty(), HealthServer.Address.of(folder));
        }
    }

    @Test
    void withoutAPortTwoRunSideBySide() throws Exception {
        Path second = Files.createDirectory(folder.resolve("second"));
        try (HealthServer one = start(null);
                HealthServer other = new HealthServer("127.0.0.1", null, second, "other-run", this::health, () -> "")) {
            assertEquals(200, new Http(one.url()).ask("GET", "/health/live").statusCode());
            assertEquals(200, new Http(other.url()).ask("GET", "/metrics").statusCode());
            assertFalse(one.url().equals(other.url()));
        }
    }

    @Test
    void anAddressOfItsOwnIsTaken() throws Exception {
        int port = Program.freePort();
        try (HealthServer server = new HealthServer("0.0.0.0", port, folder, "this-run", this::health, () -> "")) {
            assertEquals("http://127.0.0.1:" + port, server.url(), "what this machine asks");
            assertEquals(200, new Http(server.url()).ask("GET", "/health").statusCode());
        }
    }
}

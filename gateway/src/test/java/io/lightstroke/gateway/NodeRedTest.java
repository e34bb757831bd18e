package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.NpmPackage;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example flow of docs/integrations in a real Node-RED, beside a gateway with a simulated tool. */
@Needs({Program.NODE, Program.NPM})
class NodeRedTest {
    private static final NpmPackage NODE_RED = new NpmPackage("node-red", "4.1.8");
    private static final Path FLOW = Path.of("..", "docs", "integrations", "node-red", "flow.json");
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String TOOL = "home/gateway-1/tool-1";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Node-RED takes an offer of HTTP 2 for a WebSocket. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What the flow's debug nodes show, as Node-RED's editor hears it. */
    private static final class Sidebar implements WebSocket.Listener {
        private record Shown(String by, String topic, String text) {}

        private final List<Shown> shown = new CopyOnWriteArrayList<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                try {
                    for (JsonNode each : Json.MAPPER.readTree(part.toString())) {
                        if (each.path("topic").asText().equals("debug")) {
                            JsonNode debug = each.get("data");
                            shown.add(new Shown(
                                    debug.path("name").asText(),
                                    debug.path("topic").asText(),
                                    debug.path("msg").asText()));
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        List<Shown> by(String node) {
            return shown.stream().filter(each -> each.by().equals(node)).toList();
        }

        void await(String node, String text) {
            org.awaitility.Awaitility.await(node + ": " + text)
                    .atMost(LONG)
                    .until(() -> by(node).stream().anyMatch(each -> each.text().contains(text)));
        }
    }

    @Test
    void theFlowShowsWhatTheGatewaySaysAndItsButtonIsAnswered() throws Exception {
        Path nodeRed = NODE_RED.installed(folder).resolve("red.js");
        List<SimulatedTool> tools = SimulatedTools.fleet(1, Scenario.builtIn("too-deep"), 1);
        SimulatedLink link = new SimulatedLink(tools);
        int port = Program.freePort();
        String url = "http://127.0.0.1:" + port;
        try (RealTime time = new RealTime(tools);
                Gateway gateway = Gateway.start(
                        GatewayConfig.parse("test", """
                                mqtt: {port: 0}
                                tools: [{id: tool-1, address: "%s"}]
                                """.formatted(SimulatedTools.address(1))),
                        folder.resolve("data"),
                        link);
                MqttSubscriber world = world(gateway);
                Program.Running running = start(nodeRed, port, gateway).awaitPort(port, LONG)) {
            Sidebar sidebar = new Sidebar();
            await().atMost(LONG).ignoreExceptions().until(() -> send("GET", url + "/flows", null) == 200);
            http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/comms"), sidebar)
                    .get(30, TimeUnit.SECONDS)
                    .sendText("{\"subscribe\":\"debug\"}", true);
            assertEquals(204, send("POST", url + "/flows", FLOW));

            sidebar.await("Gateway", "ready");
            sidebar.await("Tool status", "\"link\":\"streaming\"");
            sidebar.await("Live zone", "none");
            sidebar.await("Live zone", "too-deep");
            sidebar.await("Over-pressure", TOOL + ": too deep, lift off");
            await().atMost(LONG).until(() -> sidebar.by("Strokes").size() >= 2);
            for (Sidebar.Shown stroke : sidebar.by("Strokes")) {
                String id = Json.MAPPER.readTree(stroke.text()).get("id").asText();
                await("the stroke was published")
                        .atMost(LONG)
                        .until(() -> world.received("lightstroke/v1/home/gateway-1/tool/tool-1/stroke").stream()
                                .anyMatch(each -> each.text().contains("\"" + id + "\"")));
            }
            assertEquals(List.of(), sidebar.by("Answer"));
            await().atMost(LONG)
                    .until(() ->
                            gateway.listening() && gateway.sessions().get(0).state() == ToolStatus.Link.STREAMING);
            assertEquals(200, send("POST", url + "/inject/ls-identify", null));
            sidebar.await("Answer", "\"ok\":true");

            link.silence(SimulatedTools.address(1), true);
            await("a tool that is silent is not shown as one that touches nothing")
                    .atMost(LONG)
                    .until(() -> {
                        List<Sidebar.Shown> zones = sidebar.by("Live zone");
                        return zones.get(zones.size() - 1).text().equals("no data");
                    });
            assertTrue(
                    sidebar.by("Live zone").stream()
                            .allMatch(each -> each.topic().equals(TOOL)),
                    () -> sidebar.by("Live zone").toString());
        }
    }

    private static MqttSubscriber world(Gateway gateway) throws Exception {
        EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
        return new MqttSubscriber(
                broker.url(), broker.dashboard().user(), broker.dashboard().password(), "lightstroke/v1/#");
    }

    private Program.Running start(Path nodeRed, int port, Gateway gateway) throws IOException {
        EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
        URI address = URI.create(broker.url());
        return Program.NODE.start(
                folder,
                Map.of(
                        "LIGHTSTROKE_HOST", address.getHost(),
                        "LIGHTSTROKE_PORT", Integer.toString(address.getPort()),
                        "LIGHTSTROKE_USER", broker.dashboard().user(),
                        "LIGHTSTROKE_PASSWORD", broker.dashboard().password(),
                        "LIGHTSTROKE_TOOL", "lightstroke/v1/home/gateway-1/tool/tool-1"),
                nodeRed.toString(),
                "--userDir",
                folder.resolve("node-red").toString(),
                "--port",
                Integer.toString(port),
                "-D",
                "uiHost=127.0.0.1");
    }

    /** The status code. */
    private int send(String method, String url, @Nullable Path body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofFile(body))
                .timeout(LONG)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}

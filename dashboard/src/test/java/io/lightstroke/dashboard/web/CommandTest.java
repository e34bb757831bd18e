package io.lightstroke.dashboard.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page's commands come to, on a real gateway with a simulated tool; and without one. */
@Needs(Program.MOSQUITTO)
class CommandTest {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" content=\"([0-9a-f]+)\"");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

    private String token(Dashboard dashboard) throws Exception {
        String page = http.send(HttpRequest.newBuilder(dashboard.address()).build(), BodyHandlers.ofString())
                .body();
        Matcher token = TOKEN.matcher(page);
        assertTrue(token.find(), page);
        return token.group(1);
    }

    private HttpResponse<String> post(Dashboard dashboard, String path, String token, String body) throws Exception {
        URI to = dashboard.address().resolve(path);
        return http.send(
                HttpRequest.newBuilder(to)
                        .header("Content-Type", "application/json")
                        .header("X-CSRF", token)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return Json.MAPPER.readTree(answer.body());
    }

    @Test
    void theGatewaysAnswerComesBack() throws Exception {
        List<SimulatedTool> tools = SimulatedTools.fleet(1, Scenario.builtIn("calm"), 1);
        Path yaml = Files.writeString(folder.resolve("gateway.yaml"), """
                gateway: demo
                mqtt: {port: 0}
                tools:
                  - {id: tool-1, address: "02:4C:53:00:00:01"}
                """);
        try (RealTime time = new RealTime(tools);
                Gateway gateway =
                        Gateway.start(GatewayConfig.read(yaml), folder.resolve("data"), new SimulatedLink(tools));
                Dashboard dashboard = new Dashboard(DashboardConfig.local(0), Stage.access(gateway))) {
            String token = token(dashboard);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> post(dashboard, "/command/home/demo/tool-1/identify", token, "{}")
                                            .statusCode()
                                    == 200
                            && json(post(dashboard, "/command/home/demo/tool-1/identify", token, "{}"))
                                    .get("ok")
                                    .asBoolean());

            HttpResponse<String> refused = post(
                    dashboard,
                    "/command/home/demo/tool-1/session-start",
                    token,
                    "{\"person\":\"p-1\",\"region\":\"moon\",\"checklist\":{\"emollient\":true,\"screening\":true}}");
            assertEquals(200, refused.statusCode(), "the refusal is the answer");
            assertFalse(json(refused).get("ok").asBoolean());
            assertTrue(json(refused).get("error").asText().contains("moon"), refused.body());

            HttpResponse<String> started = post(
                    dashboard,
                    "/command/home/demo/tool-1/session-start",
                    token,
                    "{\"person\":\"p-1\",\"region\":\"calf\",\"side\":\"left\",\"checklist\":{\"emollient\":true,\"screening\":true}}");
            assertTrue(json(started).get("ok").asBoolean(), started.body());
            assertEquals(9.0, json(started).get("limits").get("too_deep_N").asDouble());
        }
    }

    @Test
    void onlyOurOwnPagesMaySendCommands() throws Exception {
        try (Dashboard dashboard = new Dashboard(DashboardConfig.local(0), nobody())) {
            assertEquals(
                    403,
                    post(dashboard, "/command/home/demo/tool-1/tare", "0".repeat(32), "{}")
                            .statusCode(),
                    "a token and no cookie");
            String token = token(dashboard);
            assertEquals(
                    403,
                    post(dashboard, "/command/home/demo/tool-1/tare", "0".repeat(32), "{}")
                            .statusCode(),
                    "another token than the cookie's");
            assertEquals(
                    503,
                    post(dashboard, "/command/home/demo/tool-1/tare", token, "{}")
                            .statusCode());
        }
    }

    @Test
    void whatIsNoCommandIsNotSent() throws Exception {
        try (Dashboard dashboard = new Dashboard(DashboardConfig.local(0), nobody())) {
            String token = token(dashboard);
            for (String body : List.of("", "[]", "1", "{", "nonsense")) {
                HttpResponse<String> answer = post(dashboard, "/command/home/demo/tool-1/tare", token, body);
                assertEquals(400, answer.statusCode(), body);
                assertEquals(
                        "Not done: this is no command.",
                        json(answer).get("error").asText());
            }
            for (String path : List.of("home/demo/tool-1/+", "home/demo/%23/tare", "Home/demo/tool-1/tare")) {
                assertEquals(
                        400, post(dashboard, "/command/" + path, token, "{}").statusCode(), path);
            }
            assertEquals(
                    413,
                    post(dashboard, "/command/home/demo/tool-1/tare", token, "{\"a\":\"" + "x".repeat(70_000) + "\"}")
                            .statusCode());
        }
    }

    @Test
    void itIsSaidWhenNobodyHears() throws Exception {
        int port = Program.freePort();
        try (Program.Running broker = Program.MOSQUITTO
                        .start(folder, "-p", String.valueOf(port))
                        .awaitPort(port, Duration.ofSeconds(10));
                Dashboard dashboard =
                        new Dashboard(DashboardConfig.local(0), new MqttServer("tcp://127.0.0.1:" + port))) {
            String token = token(dashboard);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                HttpResponse<String> answer = post(dashboard, "/command/home/demo/tool-1/tare", token, "{}");
                assertEquals(503, answer.statusCode());
                assertEquals(
                        "Not done: no gateway hears commands at the message broker. Is it running?",
                        json(answer).get("error").asText());
            });
            broker.kill();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertEquals(
                            "Not done: there is no connection to the message broker.",
                            json(post(dashboard, "/command/home/demo/tool-1/tare", token, "{}"))
                                    .get("error")
                                    .asText()));
        }
    }

    private static MqttServer nobody() throws Exception {
        return new MqttServer("tcp://127.0.0.1:" + Program.freePort());
    }
}

package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.messages.InvalidDocumentException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GatewayConfigTest {
    private static final String ONE_TOOL = """
            tools:
              - id: tool-1
                address: "02:4C:53:00:00:01"
            """;

    private static List<String> mistakes(String yaml) {
        return assertThrows(InvalidDocumentException.class, () -> GatewayConfig.parse("gateway.yaml", yaml))
                .mistakes();
    }

    @Test
    void onlyToolsAreNeeded() throws Exception {
        GatewayConfig config = GatewayConfig.parse("gateway.yaml", ONE_TOOL);
        assertEquals("lightstroke/v1/home/gateway-1", config.topics().root());
        assertEquals(GatewayConfig.Link.AUTO, config.link());
        assertEquals(100, config.rateHz());
        assertEquals(GatewayConfig.Limits.DEFAULT, config.limits());
        assertTrue(config.mqtt().embedded());
        assertEquals(1883, config.mqtt().port());
        assertNull(config.influx());
        assertEquals(new GatewayConfig.Simulated("home", 1), config.simulated());
    }

    @Test
    void theExampleIsValidAndSaysTheDefaults() throws Exception {
        GatewayConfig example = GatewayConfig.parse("example", GatewayConfig.example());
        GatewayConfig defaults = GatewayConfig.parse("gateway.yaml", ONE_TOOL);
        assertEquals(defaults.limits(), example.limits());
        assertEquals(defaults.mqtt(), example.mqtt());
        assertEquals(defaults.topics(), example.topics());
    }

    @Test
    void whatTheExampleCommentsOutIsValidToo() throws Exception {
        String everything = GatewayConfig.example()
                .replaceAll("(?m)^( *)#([a-z_]+:)", "$1$2")
                .replaceAll("(?m)^#( +[a-z_]+:)", "$1")
                .replaceAll("ca_file:.*", "");
        GatewayConfig config = GatewayConfig.parse("example", everything);
        assertEquals("hci0", config.adapter());
        assertEquals("gateway", config.mqtt().user());
        assertEquals(
                "http://localhost:8086",
                Objects.requireNonNull(config.influx()).server().url());
    }

    @Test
    void everyMistakeIsListedWithItsPathWhatWasWantedAndWhatCame() {
        assertEquals(
                List.of(
                        "influx.bucket: want it with api: v2, got nothing",
                        "influx.org: want it with api: v2, got nothing",
                        "influx.token: want it with api: v2, got nothing",
                        "influx.url: want a URL like http://localhost:8086, without user and query, got nothing",
                        "limits.ceiling_N: want newtons above 0.5 and at most 14, got 15",
                        "limits: want light_N < moderate_N < too_deep_N < ceiling_N by 0.01 N or more,"
                                + " got {\"light_N\":3,\"moderate_N\":2,\"too_deep_N\":9,\"ceiling_N\":15}",
                        "mqtt.broker: want embedded, or a URL like tcp://host:1883 or ssl://host:8883, got \"localhost\"",
                        "mqtt.colour: want one of broker, port, user, password, ca_file, got an unknown name",
                        "rate_Hz: want a whole number of samples a second from 16 to 1000, got 5",
                        "site: want the site's name in topics: 1–64 of a-z, 0-9 and inner hyphens, got \"Our Clinic\"",
                        "tools[1].address: want a quoted Bluetooth address like \"02:4C:53:00:00:01\", got \"nonsense\"",
                        "tools[1].id: want one of its own for each tool, got \"tool-1\" again"),
                mistakes("""
                        site: Our Clinic
                        tools:
                          - id: tool-1
                            address: "02:4C:53:00:00:01"
                          - id: tool-1
                            address: nonsense
                        rate_Hz: 5
                        limits: {light_N: 3, moderate_N: 2, too_deep_N: 9, ceiling_N: 15}
                        mqtt:
                          broker: localhost
                          colour: red
                        influx:
                          api: v2
                        """));
    }

    @Test
    void filesAndPortsThatCannotBeAreMistakesToo() {
        assertEquals(
                List.of(
                        "limits: want light_N < moderate_N < too_deep_N < ceiling_N by 0.01 N or more,"
                                + " got {\"light_N\":1.001,\"moderate_N\":1.002,\"too_deep_N\":3,\"ceiling_N\":4}",
                        "mqtt.broker: want embedded, or a URL like tcp://host:1883 or ssl://host:8883, got \"tcp://host:99999\"",
                        "mqtt.ca_file: want a readable file, got \"/nowhere.pem\"",
                        "simulated.scenario: want a readable file, got \"nope\""),
                mistakes(ONE_TOOL + """
                        limits: {light_N: 1.001, moderate_N: 1.002, too_deep_N: 3, ceiling_N: 4}
                        mqtt: {broker: "tcp://host:99999", ca_file: /nowhere.pem}
                        simulated: {scenario: nope}
                        """));
    }

    @Test
    void anEmptyFileWantsTools() {
        assertEquals(
                List.of("tools: want a list of 1 to 64 tools, each with id and address, got nothing"), mistakes(""));
    }

    @Test
    void brokenYamlSaysTheLine() {
        String mistake = mistakes("tools: [\n").get(0);
        assertTrue(mistake.startsWith("line "), mistake);
    }
}

package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.sink.HomeAssistant;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.messages.InvalidDocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertNull(config.limits());
        assertSame(Guideline.builtIn(), config.guideline());
        assertEquals(new PressureLimits("lightstroke-1 calf standard", 300, 650, 900, 1400), config.unassignedLimits());
        assertTrue(config.mqtt().embedded());
        assertEquals(1883, config.mqtt().port());
        assertNull(config.influx());
        assertEquals(new GatewayConfig.Simulated("home", 1, ""), config.simulated());
    }

    @Test
    void homeAssistantIsToldOfTheConfiguredToolsWhenThatIsWanted() throws Exception {
        GatewayConfig config = GatewayConfig.parse("gateway.yaml", ONE_TOOL + "mqtt: {home_assistant: true}\n");
        assertTrue(config.mqtt().homeAssistant());
        assertEquals(
                new HomeAssistant("homeassistant", config.topics(), "1.2.3", List.of("tool-1")),
                config.homeAssistant("1.2.3"));
        assertFalse(GatewayConfig.parse("gateway.yaml", ONE_TOOL).mqtt().homeAssistant());
    }

    @Test
    void theJournalIsKeptAsLongAsIsSaid() throws Exception {
        assertEquals(
                new GatewayConfig.Keep(365, 10),
                GatewayConfig.parse("gateway.yaml", ONE_TOOL).journal());
        GatewayConfig.Keep all =
                GatewayConfig.parse("gateway.yaml", ONE_TOOL + """
                journal:
                  keep_days: 0
                  max_GB: 0
                """).journal();
        assertEquals(0, all.retention(() -> 5).maxBytes());
        assertEquals(
                2_500_000_000L,
                new GatewayConfig.Keep(7, 2.5).retention(() -> 5).maxBytes());
        assertEquals(
                List.of(
                        "journal.keep_days: want days from 0 (for ever) to 36500, got -0.5",
                        "journal.max_GB: want 10⁹ bytes from 0 (any size) to 100000, got 100001"),
                mistakes(ONE_TOOL + """
                journal:
                  keep_days: -0.5
                  max_GB: 100001
                """));
    }

    @Test
    void theExampleIsValidAndSaysTheDefaults() throws Exception {
        GatewayConfig example = GatewayConfig.parse("example", GatewayConfig.example());
        GatewayConfig defaults = GatewayConfig.parse("gateway.yaml", ONE_TOOL);
        assertEquals(defaults.unassigned(), example.unassigned());
        assertNull(example.limits());
        assertEquals(defaults.mqtt(), example.mqtt());
        assertEquals(defaults.topics(), example.topics());
    }

    @Test
    void whatTheExampleCommentsOutIsValidToo() throws Exception {
        String everything = GatewayConfig.example()
                .replaceAll("(?m)^( *)#([a-z_]+:)", "$1$2")
                .replaceAll("(?m)^#( +[a-zN_]+:)", "$1")
                .replaceAll("(ca_file|client_certificate_file|client_key_file|guideline):.*", "");
        GatewayConfig config = GatewayConfig.parse("example", everything);
        assertEquals("00:1A:7D:DA:71:13", config.adapter());
        assertEquals("gateway", config.mqtt().user());
        assertEquals(
                "http://localhost:8086",
                Objects.requireNonNull(config.influx()).server().url());
        assertEquals(
                new PressureLimits("configured 3.0/6.5/9.0/14.0 N", 300, 650, 900, 1400), config.unassignedLimits());
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
                        "mqtt.colour: want one of broker, port, user, password, ca_file,"
                                + " client_certificate_file, client_key_file, client_key_password, home_assistant,"
                                + " home_assistant_prefix, got an unknown name",
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
    void eachVersionOfInfluxDbHasItsOwnSettings() throws Exception {
        assertEquals(
                new InfluxServer.V1("http://db:8086", "lightstroke", "room", "secret", 90),
                influx("{url: 'http://db:8086', user: room, password: secret, keep_days: 90}"));
        assertEquals(
                new InfluxServer.V2("http://db:8086", "clinic", "rooms", "t==", null),
                influx("{url: 'http://db:8086', api: v2, org: clinic, bucket: rooms, token: t==}"));
        assertEquals(
                new InfluxServer.V3("http://db:8181", "lightstroke", null), influx("{url: 'http://db:8181', api: v3}"));
        assertEquals(
                List.of("influx.org: want none with api: v1, got one", "influx.token: want none with api: v1, got one"),
                mistakes(ONE_TOOL + "influx: {url: 'http://db:8086', org: clinic, token: secret}"));
        assertEquals(
                List.of(
                        "influx.database: want letters, digits, _ and -, the first a letter or digit, with api: v3, got \"_rooms\"",
                        "influx.keep_days: want none with api: v3, got one",
                        "influx.token: want a token (v2, v3) without spaces, got something else, which is not shown"),
                mistakes(ONE_TOOL
                        + "influx: {url: 'http://db:8181', api: v3, database: _rooms, keep_days: 1, token: a b}"));
    }

    private static InfluxServer influx(String yaml) throws InvalidDocumentException {
        return Objects.requireNonNull(GatewayConfig.parse("gateway.yaml", ONE_TOOL + "influx: " + yaml)
                        .influx())
                .server();
    }

    @Test
    void filesAndPortsThatCannotBeAreMistakesToo() {
        assertEquals(
                List.of(
                        "limits: want light_N < moderate_N < too_deep_N < ceiling_N by 0.01 N or more,"
                                + " got {\"light_N\":1.001,\"moderate_N\":1.002,\"too_deep_N\":3,\"ceiling_N\":4}",
                        "mqtt.broker: want embedded, or a URL like tcp://host:1883 or ssl://host:8883, got \"tcp://host:99999\"",
                        "mqtt.ca_file: want a readable file, got \"/nowhere.pem\"",
                        "mqtt.client_key_file: want a readable file, got \"/nowhere.key\"",
                        "mqtt.home_assistant_prefix: want a topic without wildcards, like homeassistant, got \"home/#\"",
                        "mqtt: want client_certificate_file and client_key_file, or neither, got only client_key_file",
                        "simulated.faults: drop: want a share like 5% or 0.05, 0 to 1, got 2",
                        "simulated.scenario: want one of home, calm, too-deep, assess, heavy-handed, two-tools, tremor, drift,"
                                + " tapping, long-holds, double-strokes, bruise-prone, back-and-forth, short-pauses,"
                                + " noisy-sensor, bad-radio, worn-out or a readable file, got \"nope\""),
                mistakes(ONE_TOOL + """
                        limits: {light_N: 1.001, moderate_N: 1.002, too_deep_N: 3, ceiling_N: 4}
                        mqtt: {broker: "tcp://host:99999", ca_file: /nowhere.pem, client_key_file: /nowhere.key,
                               home_assistant_prefix: home/#}
                        simulated: {scenario: nope, faults: drop=200%}
                        """));
    }

    @Test
    void theGuidelineIsAPractitionersOwn(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(
                folder.resolve("own.yaml"),
                Guideline.builtIn()
                        .text()
                        .replace("version: lightstroke-1", "version: ours-1")
                        .replace("light_N: 3.0", "light_N: 2.8"));
        GatewayConfig config = GatewayConfig.parse("gateway.yaml", ONE_TOOL + """
                guideline: %s
                unassigned: {region: forearm}
                """.formatted(own));

        assertEquals("ours-1", config.guideline().version());
        // 2.8, 6.5, 9.0 and 14.0 times 0.7
        assertEquals(new PressureLimits("ours-1 forearm standard", 200, 460, 630, 980), config.unassignedLimits());
    }

    @Test
    void limitsInTheFileStandInPlaceOfTheGuidelines() throws Exception {
        GatewayConfig config = GatewayConfig.parse("gateway.yaml", ONE_TOOL + """
                limits: {light_N: 1, moderate_N: 2.5, too_deep_N: 4, ceiling_N: 6}
                unassigned: {region: foot}
                """);

        assertEquals(new PressureLimits("configured 1.0/2.5/4.0/6.0 N", 100, 250, 400, 600), config.unassignedLimits());
    }

    @Test
    void everyMistakeOfTheGuidelineIsListed(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(
                folder.resolve("own.yaml"),
                Guideline.builtIn()
                        .text()
                        .replace("ceiling_N: 14.0", "ceiling_N: 14.1")
                        .replace("area_h: 48", "area_h: 1"));
        assertEquals(
                List.of(
                        "guideline: %s: limits.value.ceiling_N: want newtons above 0.5 and at most 14, got 14.1"
                                .formatted(own),
                        "guideline: %s: regions.value.offered[0].factor with profile standard: want a ceiling of at most 14 N, got 14.1 N"
                                .formatted(own),
                        "guideline: %s: rest.value.area_h: want hours of rest of an area, a whole number of 24 to 336, got 1"
                                .formatted(own)),
                mistakes(ONE_TOOL + "guideline: " + own));
    }

    @Test
    void theGuidelineMustBeThereAndOfferWhatIsChosen(@TempDir Path folder) {
        assertEquals(
                List.of("guideline: want a readable file, got \"/nowhere.yaml\""),
                mistakes(ONE_TOOL + "guideline: /nowhere.yaml"));
        assertEquals(
                List.of("guideline: want a readable file, got \"%s\"".formatted(folder)),
                mistakes(ONE_TOOL + "guideline: " + folder));
        assertEquals(
                List.of("unassigned.profile: want one of standard, sensitive, got strong"),
                mistakes(ONE_TOOL + "unassigned: {profile: strong}"));
        assertEquals(
                List.of(
                        "unassigned.region: over the spine is not offered: the tool would press on bone, with no muscle between"),
                mistakes(ONE_TOOL + "unassigned: {region: spine}"));
    }

    @Test
    void healthIsAnsweredOnLoopbackUnlessToldOtherwise() throws Exception {
        assertEquals(
                new GatewayConfig.Http(null, "127.0.0.1"),
                GatewayConfig.parse("gateway.yaml", ONE_TOOL).http());
        assertEquals(
                new GatewayConfig.Http("9000", "::1"),
                GatewayConfig.parse("gateway.yaml", ONE_TOOL + "http: {port: 9000, address: '::1'}")
                        .http());
        for (String off : List.of("off", "'off'")) {
            assertTrue(GatewayConfig.parse("gateway.yaml", ONE_TOOL + "http: {port: %s}".formatted(off))
                    .http()
                    .off());
        }
        assertEquals(
                List.of(
                        "http.address: want an address of this machine, for example 127.0.0.1, got \"everywhere\"",
                        "http.port: want a port from 0 (any free one) to 65535, or off, got 65536"),
                mistakes(ONE_TOOL + "http: {port: 65536, address: everywhere}"));
        for (String wrong : List.of("\"none\"", "true", "-1")) {
            assertEquals(
                    List.of("http.port: want a port from 0 (any free one) to 65535, or off, got " + wrong),
                    mistakes(ONE_TOOL + "http: {port: %s}".formatted(wrong)));
        }
    }

    @Test
    void noSecretIsPrinted() throws Exception {
        for (String influx : List.of(
                "{url: 'http://h:1', user: writer, password: secret-1}",
                "{url: 'http://h:1', api: v2, org: o, bucket: b, token: secret-2}")) {
            String printed = GatewayConfig.parse("gateway.yaml", ONE_TOOL + """
                    mqtt: {broker: "tcp://h:1", user: gateway, password: secret-3}
                    influx: %s
                    """.formatted(influx))
                    .toString();
            assertTrue(printed.contains("gateway at tcp://h:1"), printed);
            assertTrue(printed.contains("http://h:1"), printed);
            assertFalse(printed.contains("secret"), printed);
        }
    }

    @Test
    void noMistakeShowsASecret() {
        List<String> mistakes = mistakes(ONE_TOOL + """
                mqtt: {broker: "tcp://gateway:4711@h:1", password: 4711, client_key_password: 4711}
                influx: {url: "http://gateway:4711@h:1", password: 4711, token: 4711}
                """);
        for (String path : List.of("mqtt.broker", "mqtt.password", "mqtt.client_key_password", "influx.url")) {
            assertTrue(mistakes.stream().anyMatch(each -> each.startsWith(path + ": want ")), mistakes.toString());
        }
        assertFalse(mistakes.toString().contains("4711"), mistakes.toString());
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

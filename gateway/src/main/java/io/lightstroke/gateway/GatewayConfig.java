package io.lightstroke.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.messages.CheckedYaml;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway is told to do; read from YAML and checked as a whole against {@code gateway.schema.json}, which says
 * what each value means. {@code gateway.example.yaml} shows them all.
 */
public record GatewayConfig(
        String site,
        String gateway,
        @Nullable Path data,
        Link link,
        @Nullable String adapter,
        List<Tool> tools,
        @JsonProperty("rate_Hz") int rateHz,
        Limits limits,
        Mqtt mqtt,
        @Nullable Influx influx,
        Simulated simulated) {

    public enum Link {
        AUTO,
        TINYB,
        SIMULATED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A tool that is allowed in. The id is its name on every wire. */
    public record Tool(String id, String address) {}

    /** Newtons. */
    public record Limits(
            @JsonProperty("light_N") double lightN,
            @JsonProperty("moderate_N") double moderateN,
            @JsonProperty("too_deep_N") double tooDeepN,
            @JsonProperty("ceiling_N") double ceilingN) {
        public static final Limits DEFAULT = new Limits(3.0, 6.5, 9.0, 14.0);

        PressureLimits inForce() {
            return new PressureLimits(
                    "configured %s/%s/%s/%s N".formatted(lightN, moderateN, tooDeepN, ceilingN),
                    centinewtons(lightN),
                    centinewtons(moderateN),
                    centinewtons(tooDeepN),
                    centinewtons(ceilingN));
        }

        static int centinewtons(double newtons) {
            return (int) Math.round(newtons * 100);
        }
    }

    /**
     * @param broker {@code embedded}, or the URL of one that runs elsewhere
     * @param port loopback port of the embedded broker, 0 for any free one
     */
    public record Mqtt(
            String broker,
            int port,
            @Nullable String user,
            @Nullable String password,
            @Nullable Path caFile) {
        public static final String EMBEDDED = "embedded";

        public boolean embedded() {
            return broker.equals(EMBEDDED);
        }
    }

    public record Influx(
            String url,
            Api api,
            @Nullable String database,
            @Nullable String user,
            @Nullable String password,
            @Nullable String org,
            @Nullable String bucket,
            @Nullable String token) {
        /** v1: InfluxDB 1.x, {@code /write}; v2: InfluxDB 2.x and later, {@code /api/v2/write}. */
        public enum Api {
            V1,
            V2;

            @JsonValue
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        InfluxServer server() {
            return api == Api.V1
                    ? new InfluxServer.V1(url, Objects.requireNonNull(database), user, password)
                    : new InfluxServer.V2(
                            url,
                            Objects.requireNonNull(org),
                            Objects.requireNonNull(bucket),
                            Objects.requireNonNull(token));
        }
    }

    /** What the simulated tools do, with {@code link: simulated}. */
    public record Simulated(String scenario, long seed) {}

    private static final CheckedYaml<GatewayConfig> YAML =
            new CheckedYaml<>(GatewayConfig.class, "gateway.schema.json", GatewayConfig::checkTogether);

    /** @throws InvalidDocumentException with every mistake in the file */
    public static GatewayConfig read(Path file) throws IOException, InvalidDocumentException {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new InvalidDocumentException(file.toString(), List.of("want text in UTF-8, got other bytes"));
        }
    }

    /** A configuration with every setting explained, in YAML. */
    public static String example() throws IOException {
        try (InputStream in = Objects.requireNonNull(GatewayConfig.class.getResourceAsStream("gateway.example.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static GatewayConfig parse(String name, String yaml) throws InvalidDocumentException {
        return YAML.read(name, yaml);
    }

    /** What no schema says: values that must fit each other. */
    private static void checkTogether(JsonNode document, Consumer<String> mistake) {
        JsonNode limits = document.path("limits");
        double[] newtons = List.of("light_N", "moderate_N", "too_deep_N", "ceiling_N").stream()
                .mapToDouble(name -> limits.path(name).asDouble(Double.NaN))
                .toArray();
        for (int i = 1; i < newtons.length; i++) {
            if (Limits.centinewtons(newtons[i]) <= Limits.centinewtons(newtons[i - 1])) {
                mistake.accept(
                        "limits: want light_N < moderate_N < too_deep_N < ceiling_N by 0.01 N or more, got " + limits);
                break;
            }
        }
        Set<String> seen = new HashSet<>();
        int i = 0;
        for (JsonNode tool : document.path("tools")) {
            for (String key : List.of("id", "address")) {
                JsonNode value = tool.path(key);
                if (value.isTextual() && !seen.add(key + value.textValue().toUpperCase(Locale.ROOT))) {
                    mistake.accept(
                            "tools[%d].%s: want one of its own for each tool, got %s again".formatted(i, key, value));
                }
            }
            i++;
        }
        checkFile("mqtt.ca_file", document.at("/mqtt/ca_file"), mistake);
        JsonNode scenario = document.at("/simulated/scenario");
        if (!Scenario.BUILT_IN.contains(scenario.asText())) {
            checkFile("simulated.scenario", scenario, mistake);
        }
        JsonNode influx = document.path("influx");
        if (influx.path("api").asText("").equals("v2")) {
            for (String key : List.of("org", "bucket", "token")) {
                if (!influx.has(key)) {
                    mistake.accept("influx.%s: want it with api: v2, got nothing".formatted(key));
                }
            }
        }
    }

    private static void checkFile(String path, JsonNode file, Consumer<String> mistake) {
        if (file.isTextual() && !Files.isReadable(Path.of(file.textValue()))) {
            mistake.accept("%s: want a readable file, got %s".formatted(path, file));
        }
    }

    public GatewayConfig {
        tools = List.copyOf(tools);
    }

    public Topics topics() {
        return new Topics(site, gateway);
    }
}

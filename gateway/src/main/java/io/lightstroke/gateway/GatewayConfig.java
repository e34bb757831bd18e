package io.lightstroke.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Retention;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.sink.HomeAssistant;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.messages.CheckedYaml;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.Fault;
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
import java.util.function.LongSupplier;
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
        Trust trust,
        List<Tool> tools,
        @JsonProperty("rate_Hz") int rateHz,
        @JsonDeserialize(converter = GuidelineFile.class) Guideline guideline,
        Unassigned unassigned,
        @Nullable Limits limits,
        Mqtt mqtt,
        @Nullable Influx influx,
        Http http,
        Simulated simulated,
        Keep journal) {

    public enum Link {
        AUTO,
        TINYB,
        BLUEZ,
        SIMULATED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return word();
        }
    }

    /** What a tool must show to be accepted, beside an address that is allowed. */
    public enum Trust {
        /** Keys from a pairing in which a passkey was asked. */
        BONDED(ToolConnection.Bond.PROVEN),
        /** Keys from a pairing in which nothing was asked: whoever was there then may be anyone. */
        JUST_WORKS(ToolConnection.Bond.UNPROVEN),
        /** Nothing: for simulated tools. */
        OPEN(ToolConnection.Bond.NONE);

        private final ToolConnection.Bond least;

        Trust(ToolConnection.Bond least) {
            this.least = least;
        }

        public boolean accepts(ToolConnection.Bond bond) {
            return bond.compareTo(least) >= 0;
        }

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public String toString() {
            return word();
        }
    }

    /** A tool that is allowed in. The id is its name on every wire. */
    public record Tool(String id, String address) {}

    /** Whose limits judge what is recorded outside of any session: ids of a region and a profile of the guideline. */
    public record Unassigned(String region, String profile) {
        public static final Unassigned DEFAULT = new Unassigned("calf", "standard");
    }

    /** Newtons; stands in place of {@link Unassigned}. */
    public record Limits(
            @JsonProperty("light_N") double lightN,
            @JsonProperty("moderate_N") double moderateN,
            @JsonProperty("too_deep_N") double tooDeepN,
            @JsonProperty("ceiling_N") double ceilingN) {
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

    /** A practitioner's own guideline; null where there is none. */
    private static final class GuidelineFile extends StdConverter<String, Guideline> {
        @Override
        public Guideline convert(String file) {
            try {
                return Guideline.read(Path.of(file));
            } catch (IOException | InvalidDocumentException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }

    /**
     * @param broker {@code embedded}, or the URL of one that runs elsewhere
     * @param port loopback port of the embedded broker, 0 for any free one
     * @param homeAssistant whether Home Assistant is told about the tools
     */
    public record Mqtt(
            String broker,
            int port,
            @Nullable String user,
            @Nullable String password,
            @Nullable Path caFile,
            @Nullable Path clientCertificateFile,
            @Nullable Path clientKeyFile,
            @Nullable String clientKeyPassword,
            boolean homeAssistant,
            String homeAssistantPrefix) {
        public static final String EMBEDDED = "embedded";
        /** A broker that asks for nothing, or the embedded one on any free port. */
        public static Mqtt at(String broker) {
            return new Mqtt(broker, 0, null, null, null, null, null, null, false, "homeassistant");
        }

        /** The broker elsewhere. */
        MqttServer server() {
            return new MqttServer(
                    broker,
                    user,
                    password,
                    caFile,
                    clientCertificateFile == null || clientKeyFile == null
                            ? null
                            : new MqttServer.ClientCertificate(
                                    clientCertificateFile, clientKeyFile, clientKeyPassword));
        }

        public boolean embedded() {
            return broker.equals(EMBEDDED);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return embedded() ? EMBEDDED + ", port " + port : (user == null ? "" : user + " at ") + broker;
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
            @Nullable String token,
            @Nullable Integer keepDays) {
        /** v1: InfluxDB 1.x; v2: InfluxDB 2.x and what speaks its API; v3: InfluxDB 3 Core and Enterprise. */
        public enum Api {
            V1,
            V2,
            V3;

            @JsonValue
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** Without password and token. */
        @Override
        public String toString() {
            return server().toString();
        }

        public InfluxServer server() {
            return switch (api) {
                case V1 -> new InfluxServer.V1(url, Objects.requireNonNull(database), user, password, keepDays);
                case V2 ->
                    new InfluxServer.V2(
                            url,
                            Objects.requireNonNull(org),
                            Objects.requireNonNull(bucket),
                            Objects.requireNonNull(token),
                            keepDays);
                case V3 -> new InfluxServer.V3(url, Objects.requireNonNull(database), token);
            };
        }
    }

    /**
     * Where health and metrics are answered.
     *
     * @param port a number, 0 for any free one; {@code off}; null for the usual one, or any free one when that is taken
     * @param address on which it listens; on another than loopback everybody there can read it
     */
    public record Http(@Nullable String port, String address) {
        public static final String OFF = "off";
        public static final String LOOPBACK = "127.0.0.1";

        public Http {
            port = "false".equals(port) ? OFF : port; // YAML reads off as false
        }

        boolean off() {
            return OFF.equals(port);
        }

        @Nullable
        Integer number() {
            return port == null || off() ? null : Integer.valueOf(port);
        }
    }

    /**
     * What the simulated tools do, with {@code link: simulated}.
     *
     * @param faults in the words of {@link Fault#parse}; empty: those of the scenario only
     */
    public record Simulated(String scenario, long seed, String faults) {
        List<Fault> parsedFaults() {
            return faults.isEmpty() ? List.of() : Fault.parse(faults);
        }
    }

    /**
     * How long and how much the journal keeps.
     *
     * @param keepDays 0: for ever
     * @param maxGb 10⁹ bytes; 0: any size
     */
    public record Keep(
            @JsonProperty("keep_days") double keepDays,
            @JsonProperty("max_GB") double maxGb) {
        public static final Keep DEFAULT = new Keep(365, 10);

        /** @param neededSinceUtcUs nothing from then on is deleted */
        Retention retention(LongSupplier neededSinceUtcUs) {
            return new Retention(keepDays, Math.round(maxGb * 1e9), neededSinceUtcUs);
        }
    }

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
                .filter(name -> limits.path(name).isNumber())
                .mapToDouble(name -> limits.path(name).doubleValue())
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
        checkGuideline(document, mistake);
        JsonNode mqtt = document.path("mqtt");
        for (String name : List.of("ca_file", "client_certificate_file", "client_key_file")) {
            checkFile("mqtt." + name, "a readable file", mqtt.path(name), mistake);
        }
        if (mqtt.has("client_certificate_file") != mqtt.has("client_key_file")) {
            mistake.accept("mqtt: want client_certificate_file and client_key_file, or neither, got only "
                    + (mqtt.has("client_key_file") ? "client_key_file" : "client_certificate_file"));
        }
        JsonNode scenario = document.at("/simulated/scenario");
        if (!Scenario.BUILT_IN.contains(scenario.asText())) {
            checkFile(
                    "simulated.scenario",
                    "one of %s or a readable file".formatted(String.join(", ", Scenario.BUILT_IN)),
                    scenario,
                    mistake);
        }
        String faults = document.at("/simulated/faults").asText();
        if (!faults.isEmpty()) {
            try {
                List<Fault> unused = Fault.parse(faults);
            } catch (IllegalArgumentException e) {
                mistake.accept("simulated.faults: " + e.getMessage());
            }
        }
        checkInflux(document.path("influx"), mistake);
    }

    private static void checkInflux(JsonNode influx, Consumer<String> mistake) {
        String api = influx.path("api").asText();
        List<String> ofOthers = switch (api) {
            case "v1" -> List.of("org", "bucket", "token");
            case "v2" -> List.of("user", "password");
            case "v3" -> List.of("user", "password", "org", "bucket", "keep_days");
            default -> List.of();
        };
        for (String key : ofOthers) {
            if (influx.has(key)) {
                mistake.accept("influx.%s: want none with api: %s, got one".formatted(key, api));
            }
        }
        if (api.equals("v2")) {
            for (String key : List.of("org", "bucket", "token")) {
                if (!influx.has(key)) {
                    mistake.accept("influx.%s: want it with api: v2, got nothing".formatted(key));
                }
            }
        }
        String database = influx.path("database").asText();
        if (api.equals("v3") && !database.matches("[A-Za-z0-9][A-Za-z0-9_-]*")) {
            mistake.accept(
                    "influx.database: want letters, digits, _ and -, the first a letter or digit, with api: v3, got \""
                            + database + '"');
        }
    }

    /** The whole of the guideline that is named, and that it has what is chosen from it. */
    private static void checkGuideline(JsonNode document, Consumer<String> mistake) {
        Guideline guideline = Guideline.builtIn();
        JsonNode file = document.path("guideline");
        if (file.isTextual()) {
            try {
                guideline = Guideline.read(Path.of(file.textValue()));
            } catch (InvalidDocumentException e) {
                e.mistakes().forEach(its -> mistake.accept("guideline: %s: %s".formatted(file.textValue(), its)));
                return;
            } catch (IOException e) {
                mistake.accept("guideline: want a readable file, got " + file);
                return;
            }
        }
        JsonNode unassigned = document.path("unassigned");
        if (unassigned.path("region").isTextual() && unassigned.path("profile").isTextual()) {
            try {
                PressureLimits unused = guideline.limits(
                        unassigned.path("region").textValue(),
                        unassigned.path("profile").textValue());
            } catch (IllegalArgumentException e) {
                mistake.accept("unassigned." + e.getMessage());
            }
        }
    }

    private static void checkFile(String path, String wanted, JsonNode file, Consumer<String> mistake) {
        if (file.isTextual() && !Files.isReadable(Path.of(file.textValue()))) {
            mistake.accept("%s: want %s, got %s".formatted(path, wanted, file));
        }
    }

    @SuppressWarnings("ConstantValue") // no guideline in the file: null
    public GatewayConfig {
        tools = List.copyOf(tools);
        guideline = guideline == null ? Guideline.builtIn() : guideline;
    }

    public Topics topics() {
        return new Topics(site, gateway);
    }

    HomeAssistant homeAssistant(String software) {
        return new HomeAssistant(
                mqtt.homeAssistantPrefix(),
                topics(),
                software,
                tools.stream().map(Tool::id).toList());
    }

    /** By which is judged what is recorded outside of any session. */
    public PressureLimits unassignedLimits() {
        return limits != null ? limits.inForce() : guideline.limits(unassigned.region(), unassigned.profile());
    }
}

package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** JSON as every message writes it: snake_case names, absent values left out, RFC 3339 UTC times with microseconds. */
public final class Json {
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule()
                    .addSerializer(new MicrosecondInstants())
                    .addSerializer(Double.class, new FiniteDoubles())
                    .addSerializer(Double.TYPE, new FiniteDoubles()))
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .build();

    /** Characters of what is no JSON that are shown. */
    private static final int SHOWN = 60;

    private static final ObjectReader STRICT = MAPPER.readerFor(JsonNode.class)
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final DateTimeFormatter RFC_3339_MICROS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Json() {}

    /**
     * The message as UTF-8.
     *
     * @throws IllegalArgumentException when it holds NaN or an infinity: what is not known is absent
     */
    public static byte[] bytes(Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "not writable as JSON: %s: %s".formatted(message, e.getOriginalMessage()), e);
        }
    }

    public static String text(Object message) {
        return new String(bytes(message), StandardCharsets.UTF_8);
    }

    /**
     * What somebody sends, if it is one JSON object and nothing else, each name in it once.
     *
     * @param name how it is called in an error
     */
    public static JsonNode object(String name, byte[] payload) throws InvalidDocumentException {
        try {
            JsonNode document = STRICT.readTree(payload);
            if (document.isObject()) {
                return document;
            }
            throw new InvalidDocumentException(
                    name,
                    List.of("want a JSON object, got "
                            + (document.getNodeType() == JsonNodeType.MISSING ? "nothing" : document)));
        } catch (IOException e) {
            throw new InvalidDocumentException(
                    name,
                    List.of("want one JSON object, each name in it once, got '%s'".formatted(beginning(payload))));
        }
    }

    private static String beginning(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8)
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** Microseconds since 1970-01-01T00:00Z. */
    public static long usOf(Instant instant) {
        return instant.getEpochSecond() * 1_000_000L + instant.getNano() / 1_000;
    }

    /** A time as every message writes it. */
    public static String timeText(Instant time) {
        return RFC_3339_MICROS.format(time);
    }

    /** Microseconds since 1970-01-01T00:00Z as a time. */
    public static Instant instantOfUs(long utcUs) {
        return Instant.ofEpochSecond(Math.floorDiv(utcUs, 1_000_000L), Math.floorMod(utcUs, 1_000_000L) * 1_000L);
    }

    private static final class MicrosecondInstants extends StdSerializer<Instant> {
        MicrosecondInstants() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(timeText(value));
        }
    }

    /** JSON has no NaN; Jackson alone would write it as a string. */
    private static final class FiniteDoubles extends StdSerializer<Double> {
        FiniteDoubles() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (!Double.isFinite(value)) {
                throw JsonMappingException.from(out, "want a finite number, got " + value);
            }
            out.writeNumber(value);
        }
    }
}

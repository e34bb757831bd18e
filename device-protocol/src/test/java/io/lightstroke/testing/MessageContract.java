package io.lightstroke.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code asyncapi.yaml} says of the messages on MQTT. Stricter than its readers may be: a field that no schema names
 * is a mistake. Immutable, after the schemas are loaded.
 */
public final class MessageContract {
    public static final MessageContract PUBLISHED = new MessageContract();

    private static final String FOLDER = "closed:/";

    /** @param expiryS null: it does not expire */
    public record Message(
            String topic,
            byte[] payload,
            int qos,
            boolean retained,
            @Nullable String contentType,
            @Nullable Long expiryS) {}

    /**
     * What the gateway sends on one channel.
     *
     * @param schema of the payload
     * @param mayBeEmpty an empty payload has a meaning, too
     * @param longestS after which it expires; null: it does not
     */
    private record Sent(
            Pattern topic,
            Schema schema,
            boolean mayBeEmpty,
            int qos,
            boolean retained,
            @Nullable Long longestS) {}

    private final ObjectReader json = Json.MAPPER
            .readerFor(JsonNode.class)
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private final JsonNode document;
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, registry -> registry.schemas(MessageContract::closed));
    private final List<Sent> sent = new ArrayList<>();
    private final Sent answer;
    private final List<Pattern> commands;

    private MessageContract() {
        try (InputStream in = resource("asyncapi.yaml")) {
            document = new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (JsonNode operation : document.get("operations")) {
            JsonNode channel = at(operation.get("channel"));
            if (operation.get("action").asText().equals("send")
                    && channel.get("address").isTextual()) {
                sent.add(sent(operation));
            }
        }
        answer = sent(document.at("/operations/sendAnswer"));
        commands = List.of(topic(document.at("/channels/command")), topic(document.at("/channels/gatewayCommand")));
    }

    /** The AsyncAPI document as it stands. */
    public JsonNode document() {
        return document;
    }

    /** What a {@code $ref} to another place of the document means, or the node itself. */
    public JsonNode at(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** What is wrong with a message that came; nothing where it is not the gateway's. */
    public List<String> mistakes(Message message) {
        String topic = message.topic();
        if (!topic.startsWith(Topics.PREFIX + "/")
                || commands.stream().anyMatch(each -> each.matcher(topic).matches())) {
            return List.of();
        } else if (topic.split("/", -1).length > 4 && topic.split("/", -1)[4].equals("answer")) {
            return answerMistakes(message);
        }
        return sent.stream()
                .filter(each -> each.topic().matcher(topic).matches())
                .findFirst()
                .map(each -> mistakes(each, message))
                .orElse(List.of("want a topic of the document, got " + topic));
    }

    /** As {@link #mistakes}, of what came on the response topic of a command. */
    public List<String> answerMistakes(Message message) {
        return mistakes(answer, message);
    }

    /** What is wrong with a command. */
    public List<String> commandMistakes(String name, byte[] payload) {
        JsonNode message = document.at("/channels/command/messages").path(name);
        if (message.isMissingNode()) {
            message = document.at("/channels/gatewayCommand/messages").path(name);
        }
        return message.isMissingNode()
                ? List.of("want a command of the document, got " + name)
                : mistakes(schema(message), payload);
    }

    private List<String> mistakes(Sent want, Message got) {
        List<String> mistakes = new ArrayList<>();
        if (got.qos() != want.qos) {
            mistakes.add("want QoS %d, got %d".formatted(want.qos, got.qos()));
        }
        // Not every broker tells those who listen already that it is retained.
        if (got.retained() && !want.retained) {
            mistakes.add("want it not retained, got it retained");
        }
        Long expiryS = got.expiryS();
        if (want.longestS == null ? expiryS != null : expiryS == null || expiryS > want.longestS) {
            mistakes.add("want the expiry %s s, got %s".formatted(want.longestS, expiryS));
        }
        // Not every broker keeps that of a will.
        boolean will = new String(got.payload(), UTF_8).contains("\"state\":\"lost\"");
        if (!"application/json".equals(got.contentType()) && !(got.contentType() == null && will)) {
            mistakes.add("want the content type application/json, got " + got.contentType());
        }
        if (got.payload().length > 0 || !want.mayBeEmpty) {
            mistakes.addAll(mistakes(want.schema, got.payload()));
        }
        return mistakes;
    }

    private List<String> mistakes(Schema schema, byte[] payload) {
        try {
            return schema.validate(json.<JsonNode>readTree(payload)).stream()
                    .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                    .toList();
        } catch (IOException e) {
            return List.of("want JSON: " + e.getMessage());
        }
    }

    private Sent sent(JsonNode operation) {
        JsonNode channel = at(operation.get("channel"));
        JsonNode mqtt = at(operation.get("bindings")).get("mqtt");
        List<JsonNode> messages = new ArrayList<>();
        channel.get("messages").forEach(message -> messages.add(at(message)));
        return new Sent(
                topic(channel),
                messages.stream()
                        .filter(message -> message.has("payload"))
                        .map(this::schema)
                        .findFirst()
                        .orElseThrow(),
                messages.stream().anyMatch(message -> !message.has("payload")),
                mqtt.get("qos").intValue(),
                mqtt.get("retain").booleanValue(),
                mqtt.has("messageExpiryInterval")
                        ? mqtt.get("messageExpiryInterval").longValue()
                        : null);
    }

    private static Pattern topic(JsonNode channel) {
        return Pattern.compile(channel.get("address").asText().replaceAll("\\{[a-z]+}", "[a-z0-9-]{1,64}"));
    }

    private Schema schema(JsonNode message) {
        return schemas.getSchema(
                SchemaLocation.of(FOLDER + message.get("payload").get("$ref").asText()));
    }

    /** The schema, in which an object that names its fields has no others. */
    private static @Nullable String closed(String location) {
        if (!location.startsWith(FOLDER)) {
            return null;
        }
        try (InputStream in = resource(location.substring(FOLDER.length()))) {
            JsonNode schema = Json.MAPPER.readTree(in);
            close(schema);
            return schema.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(location, e);
        }
    }

    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object
                && schema.path("type").asText().equals("object")
                && schema.has("properties")
                && !schema.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        schema.forEach(MessageContract::close);
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(Topics.class.getResourceAsStream(name), name);
    }
}

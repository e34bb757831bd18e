package io.lightstroke.messages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.testing.MessageContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** docs/topics.md, made from {@code asyncapi.yaml} and its schemas. */
final class TopicsPage {
    private static final String ROOT = "lightstroke/v1/{site}/{gateway}/";
    private static final Map<String, String> UNITS = Map.of(
            "N", "N", "Ns", "N·s", "s", "s", "ms", "ms", "us", "µs", "Hz", "Hz", "deg", "°", "percent", "%", "min",
            "/min");
    /** Definitions that go by their name; the page tells what they are. */
    private static final Set<String> NAMED = Set.of("slug", "time");

    private static final JsonNode DOCUMENT = MessageContract.PUBLISHED.document();
    private static final JsonNode COMMON = read("message/common.schema.json");

    private final StringBuilder page = new StringBuilder();

    /** A schema, and the file by which its references go. */
    private record Place(JsonNode schema, JsonNode file) {
        /** Where its reference leads, all the way. */
        Place target() {
            if (!schema.has("$ref")) {
                return this;
            }
            String[] parts = schema.get("$ref").asText().split("#");
            JsonNode in = parts[0].isEmpty() ? file : read("message/" + parts[0]);
            return new Place(in.at(parts[1]), in).target();
        }

        Place of(JsonNode inner) {
            return new Place(inner, file);
        }
    }

    static String render() {
        return new TopicsPage().written();
    }

    private String written() {
        line("# Topics");
        line("");
        line("What a gateway publishes, what may be asked of it, and every field. The"
                + " [protocol](protocol.md#2-mqtt-gateway-to-anyone) says what is behind it: sessions,");
        line("revisions, what a command does. [For integrators](for-integrators.md) says how to begin.");
        line("");
        line("This page is made from"
                + " [`asyncapi.yaml`](../device-protocol/src/main/resources/io/lightstroke/messages/asyncapi.yaml) and its"
                + " schemas. After a change of these, write it anew:");
        line("");
        line("```sh");
        line("mvn -q -pl device-protocol test -Dtest=TopicsPageTest -Dlightstroke.rewrite=true");
        line("```");
        line("");
        line("The root of all topics is `" + ROOT.substring(0, ROOT.length() - 1) + "`.");
        line("");
        for (String name : List.of("site", "gateway", "tool")) {
            line("- `{%s}`: %s"
                    .formatted(
                            name,
                            DOCUMENT.at("/components/parameters/" + name)
                                    .get("description")
                                    .asText()));
        }
        line("");
        line(
                "Payloads are JSON objects in UTF-8. A field without a value is left out, unless it is *required*. A *time* is "
                        + COMMON.at("/$defs/time/description").asText()
                        + ". A *slug* is 1–64 of a-z, 0-9 and inner hyphens.");
        line("A receiver ignores fields that it does not know; the gateway refuses a command with such a field.");
        line("");
        table();
        for (JsonNode operation : DOCUMENT.get("operations")) {
            channel(operation);
        }
        return page.toString();
    }

    private void table() {
        line("| topic below the root | from | QoS | retained | |");
        line("|---|---|---|---|---|");
        for (JsonNode operation : DOCUMENT.get("operations")) {
            String title = title(operation);
            JsonNode mqtt = at(operation.get("bindings")).get("mqtt");
            line("| [%s](#%s) | %s | %s | %s | %s |"
                    .formatted(
                            title,
                            title.toLowerCase(Locale.ROOT)
                                    .replaceAll("[^a-z0-9 -]", "")
                                    .replace(' ', '-'),
                            sent(operation) ? "the gateway" : "anyone",
                            mqtt.get("qos").asText(),
                            mqtt.path("retain").asBoolean() ? "yes" : "no",
                            operation.get("summary").asText()));
        }
        line("");
    }

    private void channel(JsonNode operation) {
        JsonNode channel = at(operation.get("channel"));
        JsonNode mqtt = at(operation.get("bindings")).get("mqtt");
        line("## " + title(operation));
        line("");
        line("%s QoS %s, %sretained%s."
                .formatted(
                        sent(operation) ? "From the gateway," : "From anyone to the gateway,",
                        mqtt.get("qos").asText(),
                        mqtt.path("retain").asBoolean() ? "" : "not ",
                        mqtt.has("messageExpiryInterval")
                                ? ", expires after %s s"
                                        .formatted(mqtt.get("messageExpiryInterval")
                                                .asText())
                                : ""));
        line(operation.get("summary").asText());
        if (channel.has("description")) {
            line(channel.get("description").asText().strip());
        }
        channel.get("messages").properties().forEach(each -> {
            JsonNode message = at(each.getValue());
            if (message.has("payload")) {
                JsonNode schema = read(message.at("/payload/$ref").asText());
                if (!sent(operation)) {
                    line("");
                    line("### `%s`".formatted(each.getKey()));
                    line("");
                    line(schema.get("title").asText() + ".");
                }
                message(schema);
            } else {
                line("");
                line(message.get("summary").asText());
            }
        });
        line("");
    }

    private void message(JsonNode schema) {
        line("");
        line("| field | | required | |");
        line("|---|---|---|---|");
        fields("", "", new Place(schema, schema));
        line("");
        line("```json");
        schema.get("examples").forEach(example -> line(json(example)));
        line("```");
    }

    private void fields(String prefix, String unitAround, Place object) {
        Set<String> required = new TreeSet<>();
        object.schema().path("required").forEach(name -> required.add(name.asText()));
        object.schema().path("properties").properties().forEach(each -> {
            Place property = object.of(each.getValue());
            Place target = property.target();
            String name = prefix + each.getKey();
            String unit = unit(each.getKey()).orElse(unitAround);
            line("| `%s` | %s | %s | %s |"
                    .formatted(
                            name,
                            type(property, unit),
                            required.contains(each.getKey()) ? "yes" : "",
                            each.getKey().equals("v") ? "version of the message" : meaning(property, target)));
            Place inner = target.schema().has("items")
                    ? target.of(target.schema().get("items")).target()
                    : target;
            fields(name + (inner == target ? "." : "[]."), unit, inner);
        });
    }

    private static String meaning(Place property, Place target) {
        JsonNode own = property.schema();
        String meaning = (own.has("description") ? own : target.schema())
                .path("description")
                .asText();
        return own.has("default")
                ? "%s%sdefault `%s`"
                        .formatted(
                                meaning,
                                meaning.isEmpty() ? "" : "; ",
                                own.get("default").asText())
                : meaning;
    }

    private static Optional<String> unit(String name) {
        return name.contains("_")
                ? Optional.ofNullable(UNITS.get(name.substring(name.lastIndexOf('_') + 1)))
                : Optional.empty();
    }

    private static String type(Place property, String unit) {
        String reference = property.schema().path("$ref").asText();
        String definition = reference.substring(reference.lastIndexOf('/') + 1);
        if (NAMED.contains(definition)) {
            return definition;
        }
        Place target = property.target();
        JsonNode schema = target.schema();
        if (schema.has("const")) {
            return "`%s`".formatted(schema.get("const"));
        } else if (schema.has("enum")) {
            return StreamSupport.stream(schema.get("enum").spliterator(), false)
                    .map(word -> "`%s`".formatted(word.asText()))
                    .collect(Collectors.joining(", "));
        } else if (schema.has("items")) {
            return "list: " + type(target.of(schema.get("items")), unit);
        }
        String type = schema.get("type").isArray()
                ? StreamSupport.stream(schema.get("type").spliterator(), false)
                        .map(JsonNode::asText)
                        .map(word -> word.equals("null") ? "`null`" : word)
                        .collect(Collectors.joining(" or "))
                : schema.get("type").asText();
        List<String> parts = new ArrayList<>(List.of(type));
        if (!unit.isEmpty()) {
            parts.add(unit);
        }
        if (!range(schema).isEmpty()) {
            parts.add(range(schema));
        }
        return String.join(", ", parts);
    }

    private static String range(JsonNode schema) {
        JsonNode least = schema.path("minimum");
        JsonNode above = schema.path("exclusiveMinimum");
        JsonNode most = schema.path("maximum");
        if (!least.isMissingNode() && !most.isMissingNode()) {
            return "%s to %s".formatted(least.asText(), most.asText());
        } else if (!above.isMissingNode()) {
            return "above " + above.asText() + (most.isMissingNode() ? "" : ", at most " + most.asText());
        }
        return least.isMissingNode() ? "" : least.asText() + " or more";
    }

    private static boolean sent(JsonNode operation) {
        return operation.get("action").asText().equals("send");
    }

    private static String title(JsonNode operation) {
        JsonNode address = at(operation.get("channel")).get("address");
        return address.isTextual()
                ? "`%s`".formatted(address.asText().substring(ROOT.length()))
                : "The answer to a command";
    }

    private static JsonNode at(JsonNode node) {
        return MessageContract.PUBLISHED.at(node);
    }

    private static String json(JsonNode example) {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER));
        printer.indentArraysWith(DefaultPrettyPrinter.NopIndenter.instance);
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try {
            return Json.MAPPER.writer(printer).writeValueAsString(example);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode read(String resource) {
        try (InputStream in = Objects.requireNonNull(Topics.class.getResourceAsStream(resource), resource)) {
            return Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}

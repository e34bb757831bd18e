package io.lightstroke.messages;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.lightstroke.testing.MessageContract;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code asyncapi.yaml} and its schemas beside docs/protocol.md and the code. */
class AsyncApiTest {
    private static final JsonNode DOCUMENT = MessageContract.PUBLISHED.document();

    @Test
    void everyReferenceLeadsSomewhere() throws IOException {
        Set<String> files = new TreeSet<>();
        for (String reference : DOCUMENT.findValuesAsText("$ref")) {
            if (reference.startsWith("#")) {
                assertFalse(DOCUMENT.at(reference.substring(1)).isMissingNode(), reference);
            } else {
                files.add(reference);
            }
        }
        Path folder = Path.of("src/main/resources/io/lightstroke/messages");
        try (Stream<Path> all = Files.walk(folder)) {
            assertEquals(
                    all.filter(path -> path.toString().endsWith(".schema.json"))
                            .map(path -> folder.relativize(path).toString().replace('\\', '/'))
                            .filter(path -> !path.equals("message/common.schema.json"))
                            .collect(Collectors.toCollection(TreeSet::new)),
                    files,
                    "each schema belongs to a message");
        }
        for (String file : files) {
            for (String reference : json(file).findValuesAsText("$ref")) {
                String[] parts = reference.split("#");
                JsonNode target = parts[0].isEmpty() ? json(file) : json("message/" + parts[0]);
                assertFalse(target.at(parts[1]).isMissingNode(), file + ": " + reference);
            }
        }
    }

    @Test
    void theChannelsAreTheTopicsOfTheCode() throws ReflectiveOperationException {
        Topics topics = new Topics("s1", "g1");
        Set<String> inCode = new TreeSet<>();
        Set<String> noTopics = Set.of("site", "gateway", "root", "commands", "toString");
        for (Method method : Topics.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())
                    && !Modifier.isStatic(method.getModifiers())
                    && method.getReturnType() == String.class
                    && !noTopics.contains(method.getName())) {
                if (method.getName().equals("finding")) {
                    for (String kind : List.of("stroke", "spot", "alert", "cue", "session")) {
                        inCode.add((String) method.invoke(topics, "t1", kind));
                    }
                } else if (method.getName().equals("gatewayCommand")) {
                    inCode.add((String) method.invoke(topics, "n1"));
                } else {
                    Object[] parameters = Arrays.copyOf(new Object[] {"t1", "n1"}, method.getParameterCount());
                    inCode.add((String) method.invoke(topics, parameters));
                }
            }
        }
        Set<String> inDocument = new TreeSet<>();
        for (JsonNode channel : DOCUMENT.get("channels")) {
            if (channel.get("address").isTextual()) {
                inDocument.add(channel.get("address")
                        .asText()
                        .replace("{site}", "s1")
                        .replace("{gateway}", "g1")
                        .replace("{tool}", "t1")
                        .replace("{name}", "n1"));
            }
        }
        assertEquals(inCode, inDocument);
    }

    @Test
    void theTableOfTopicsSaysTheSame() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| `([^`]+)` \\| ([01]) \\| (\\w+)(.*?) \\| ")
                .matcher(section("## 2. MQTT", "### `status`"));
        Map<String, String> inDocs = new TreeMap<>();
        while (row.find()) {
            Matcher expiry = Pattern.compile("expires after (\\d+) s").matcher(row.group(4));
            inDocs.put(
                    "lightstroke/v1/{site}/{gateway}/" + row.group(1),
                    "QoS %s, retained %s, expiry %s"
                            .formatted(row.group(2), row.group(3).equals("yes"), expiry.find() ? expiry.group(1) : ""));
        }
        Map<String, String> inDocument = new TreeMap<>();
        for (JsonNode operation : DOCUMENT.get("operations")) {
            JsonNode address =
                    MessageContract.PUBLISHED.at(operation.get("channel")).get("address");
            JsonNode mqtt =
                    MessageContract.PUBLISHED.at(operation.get("bindings")).get("mqtt");
            if (address.isTextual()) {
                inDocument.put(
                        address.asText(),
                        "QoS %s, retained %s, expiry %s"
                                .formatted(
                                        mqtt.get("qos"),
                                        mqtt.get("retain"),
                                        mqtt.path("messageExpiryInterval").asText("")));
            }
        }
        assertEquals(inDocs, inDocument);
    }

    @Test
    void theCommandsAreThoseOfTheCode() throws IOException {
        JsonNode command = DOCUMENT.at("/channels/command");
        Set<String> named = new TreeSet<>();
        command.at("/parameters/name/enum").forEach(name -> named.add(name.asText()));
        Set<String> messages = new TreeSet<>();
        command.get("messages").fieldNames().forEachRemaining(messages::add);
        assertEquals(named, messages);

        InvalidDocumentException unknown =
                assertThrows(InvalidDocumentException.class, () -> Command.read("dance", "{}".getBytes(UTF_8)));
        assertEquals(
                "want one of %s, got \"dance\"".formatted(String.join(", ", named)),
                unknown.mistakes().get(0));
    }

    static Stream<Arguments> records() {
        return Stream.of(
                Arguments.of(GatewayStatus.class, "gateway-status"),
                Arguments.of(ToolStatus.class, "tool-status"),
                Arguments.of(ToolInfoMessage.class, "tool-info"),
                Arguments.of(LiveFrame.class, "live"),
                Arguments.of(SampleBatch.class, "samples"),
                Arguments.of(StrokeMessage.class, "stroke"),
                Arguments.of(AlertMessage.class, "alert"),
                Arguments.of(CueMessage.class, "cue"),
                Arguments.of(SpotMessage.class, "spot"),
                Arguments.of(SessionMessage.class, "session"),
                Arguments.of(SessionStateMessage.class, "session-state"),
                Arguments.of(CommandAnswer.class, "answer"));
    }

    @ParameterizedTest
    @MethodSource("records")
    void aRecordHasTheFieldsOfItsSchema(Class<?> type, String schema) throws IOException {
        String file = "message/" + schema + ".schema.json";
        same(type.getSimpleName(), type, json(file), json(file));
    }

    /** Names, what must be there, and kinds of values, with all records within. */
    private static void same(String where, Class<?> type, JsonNode schema, JsonNode file) throws IOException {
        Map<String, RecordComponent> fields = new TreeMap<>();
        Set<String> required = new TreeSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            fields.put(nameInJson(type, component), component);
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                required.add(nameInJson(type, component));
            }
        }
        if (where.endsWith(".limits_on_tool")) {
            fields.remove("version"); // the tool does not know it
        } else if (type == ToolInfoMessage.Limits.class) {
            required.add("version");
        }
        assertEquals(fields.keySet(), names(schema), where);
        Set<String> must = new TreeSet<>();
        schema.get("required").forEach(name -> must.add(name.asText()));
        assertEquals(required, must, where);
        for (Map.Entry<String, RecordComponent> field : fields.entrySet()) {
            kind(
                    where + "." + field.getKey(),
                    field.getValue().getAnnotatedType(),
                    schema.get("properties").get(field.getKey()),
                    file);
        }
    }

    private static String nameInJson(Class<?> type, RecordComponent component) {
        return Json.MAPPER
                .getSerializationConfig()
                .introspect(Json.MAPPER.constructType(type))
                .findProperties()
                .stream()
                .filter(property -> property.getInternalName().equals(component.getName()))
                .map(BeanPropertyDefinition::getName)
                .findFirst()
                .orElseThrow();
    }

    private static void kind(String where, AnnotatedType type, JsonNode schema, JsonNode file) throws IOException {
        JsonNode root = file;
        while (schema.has("$ref")) {
            String[] parts = schema.get("$ref").asText().split("#");
            root = parts[0].isEmpty() ? root : json("message/" + parts[0]);
            schema = root.at(parts[1]);
        }
        if (type instanceof AnnotatedArrayType array) {
            assertEquals("array", schema.path("type").asText(), where);
            kind(where + "[]", array.getAnnotatedGenericComponentType(), schema.get("items"), root);
            return;
        } else if (type instanceof AnnotatedParameterizedType generic
                && ((ParameterizedType) type.getType()).getRawType() == List.class) {
            assertEquals("array", schema.path("type").asText(), where);
            kind(where + "[]", generic.getAnnotatedActualTypeArguments()[0], schema.get("items"), root);
            return;
        } else if (type instanceof AnnotatedParameterizedType) {
            assertEquals("object", schema.path("type").asText(), where);
            return;
        }
        Class<?> plain = (Class<?>) type.getType();
        if (plain.isRecord()) {
            same(where, plain, schema, root);
        } else if (plain.isEnum()) {
            Set<String> words = new TreeSet<>();
            for (Object word : plain.getEnumConstants()) {
                words.add(Json.MAPPER.convertValue(word, String.class));
            }
            Set<String> inSchema = new TreeSet<>();
            schema.get("enum").forEach(word -> inSchema.add(word.asText()));
            assertEquals(words, inSchema, where);
        } else {
            JsonNode example = schema.has("const")
                    ? schema.get("const")
                    : schema.path("enum").path(0);
            String kind = example.isInt() ? "integer" : example.isTextual() ? "string" : "";
            if (schema.has("type")) {
                kind = schema.get("type").isArray()
                        ? schema.get("type").get(0).asText()
                        : schema.get("type").asText();
            }
            assertEquals(KINDS.get(plain), kind, where);
        }
    }

    private static final Map<Class<?>, String> KINDS = Map.ofEntries(
            Map.entry(String.class, "string"),
            Map.entry(Instant.class, "string"),
            Map.entry(int.class, "integer"),
            Map.entry(Integer.class, "integer"),
            Map.entry(long.class, "integer"),
            Map.entry(Long.class, "integer"),
            Map.entry(double.class, "number"),
            Map.entry(Double.class, "number"),
            Map.entry(boolean.class, "boolean"),
            Map.entry(Boolean.class, "boolean"));

    /** Topic below the root, and an example of it. */
    static Stream<Arguments> examples() throws IOException {
        List<Arguments> examples = new ArrayList<>();
        Matcher part = Pattern.compile("(?ms)^### (.*?)$(.*?)(?=^### |\\z)").matcher(section("## 2. MQTT", "## 3. "));
        while (part.find()) {
            Matcher block = Pattern.compile("(?s)```json\n(.*?)```").matcher(part.group(2));
            while (block.find()) {
                for (JsonNode example : Json.MAPPER
                        .readerFor(JsonNode.class)
                        .<JsonNode>readValues(block.group(1))
                        .readAll()) {
                    examples.add(Arguments.of(part.group(1).replace("`", ""), example));
                }
            }
        }
        return examples.stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleOfTheDocsIsAsItsSchemaSays(String heading, JsonNode example) {
        if (heading.equals("Commands")) {
            assertEquals(List.of(), MessageContract.PUBLISHED.answerMistakes(message("answers/x", example, 1, 10L)));
        } else {
            String topic = "lightstroke/v1/home/room/" + heading.replace("{tool}", "tool-1");
            boolean live = heading.endsWith("/live");
            assertEquals(
                    List.of(),
                    MessageContract.PUBLISHED.mistakes(message(topic, example, live ? 0 : 1, live ? 2L : null)));
        }
    }

    @ParameterizedTest
    @MethodSource("recordsWithATable")
    void theExampleOfTheDocsIsThatOfTheSchema(Class<?> type, String schema) throws IOException {
        List<JsonNode> inDocs = examples()
                .filter(each -> each.get()[0].equals(topicOf(schema)))
                .map(each -> (JsonNode) each.get()[1])
                .toList();
        assertEquals(
                inDocs, List.of(json("message/" + schema + ".schema.json").at("/examples/0")), type.getSimpleName());
    }

    @Test
    void everyTopicHasAnExample() throws IOException {
        Set<String> headings = examples()
                .map(each -> (String) each.get()[0])
                .filter(heading -> !heading.equals("Commands"))
                .map(heading -> "lightstroke/v1/{site}/{gateway}/" + heading)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> sent = new TreeSet<>();
        DOCUMENT.get("channels")
                .forEach(channel -> sent.add(channel.get("address").asText()));
        sent.removeIf(address -> address.equals("null") || address.contains("/cmd/"));
        assertEquals(sent, headings);
    }

    @Test
    void theCommandsThatTheDocsShowAreAsTheirSchemasSay() throws IOException {
        Matcher shown = Pattern.compile("ask ([a-z-]+) '(\\{.*?})'").matcher(section("### Commands", "## 3. "));
        int count = 0;
        for (; shown.find(); count++) {
            assertEquals(
                    List.of(),
                    MessageContract.PUBLISHED.commandMistakes(
                            shown.group(1), shown.group(2).getBytes(UTF_8)));
        }
        assertEquals(6, count);
    }

    static Stream<Arguments> recordsWithATable() {
        return records().filter(each -> each.get()[0] != CommandAnswer.class); // it is told in a sentence
    }

    @ParameterizedTest
    @MethodSource("recordsWithATable")
    void theTableOfFieldsNamesThoseOfTheSchema(Class<?> type, String schema) throws IOException {
        String heading = "### `" + topicOf(schema) + "`";
        List<Set<String>> tables = new ArrayList<>();
        Matcher table = Pattern.compile("(?m)^\\| field \\| \\| \\|\n\\|.*\n((?:\\|.*\n)+)")
                .matcher(section(heading, "\n### "));
        while (table.find()) {
            Set<String> names = new TreeSet<>(Set.of("v"));
            table.group(1).lines().forEach(row -> {
                Matcher name = Pattern.compile("`([a-zA-Z0-9_]+)[^`]*`").matcher(row.split("\\|")[1]);
                while (name.find()) {
                    names.add(name.group(1));
                }
            });
            tables.add(names);
        }
        JsonNode file = json("message/" + schema + ".schema.json");
        assertEquals(names(file), tables.get(0));
        if (type == SessionMessage.class) {
            tables.get(1).remove("v");
            assertEquals(names(file.at("/$defs/figures")), tables.get(1));
        }
    }

    private static String topicOf(String schema) {
        return switch (schema) {
            case "gateway-status" -> "status";
            case "tool-status" -> "tool/{tool}/status";
            case "tool-info" -> "tool/{tool}/info";
            default -> "tool/{tool}/" + schema;
        };
    }

    private static Set<String> names(JsonNode schema) {
        Set<String> names = new TreeSet<>();
        schema.get("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static MessageContract.Message message(String topic, JsonNode json, int qos, @Nullable Long expiryS) {
        return new MessageContract.Message(topic, Json.bytes(json), qos, false, "application/json", expiryS);
    }

    private static JsonNode json(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(Topics.class.getResourceAsStream(resource), resource)) {
            return Json.MAPPER.readTree(in);
        }
    }

    /** Of docs/protocol.md, from a heading to the next text of that kind. */
    private static String section(String from, String until) throws IOException {
        String text = Files.readString(Path.of("..", "docs", "protocol.md"));
        int start = text.indexOf(from);
        assertTrue(start >= 0, from);
        int end = text.indexOf(until, start + from.length());
        return text.substring(start, end < 0 ? text.length() : end);
    }
}

package io.lightstroke.messages;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.walk.ApplyDefaultsStrategy;
import com.networknt.schema.walk.WalkConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * YAML documents of one kind, read into {@code T} after the whole document has been checked against a JSON Schema. The
 * schema's {@code default} stands in for a value that is not there, and its {@code description} of a value is what the error text says was wanted. No error shows a
 * value that is {@code writeOnly}, or the user in a URL.
 */
public final class CheckedYaml<T> {
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /** What no schema says: values that must fit each other. The document may be wrong in any other way. */
    @FunctionalInterface
    public interface Rule {
        void check(JsonNode document, Consumer<String> mistake);
    }

    private static final WalkConfig WITH_DEFAULTS = WalkConfig.builder()
            .applyDefaultsStrategy(new ApplyDefaultsStrategy(true, true, true))
            .build();

    private static final Pattern USER_INFO = Pattern.compile("://\\S*@");

    private final Class<T> type;
    private final Rule rule;
    private final JsonNode schemaNode;
    private final Schema schema;

    public CheckedYaml(Class<T> type, String schemaResource) {
        this(type, schemaResource, (document, mistake) -> {});
    }

    /** @param schemaResource a JSON Schema (draft 2020-12) beside {@code type} on the class path */
    public CheckedYaml(Class<T> type, String schemaResource, Rule rule) {
        this.type = type;
        this.rule = rule;
        try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(schemaResource), schemaResource)) {
            schemaNode = Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(schemaResource, e);
        }
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schemaNode);
    }

    /**
     * @param name how the document is called in an error, for example its path
     * @throws InvalidDocumentException with every mistake of the document
     */
    public T read(String name, String yaml) throws InvalidDocumentException {
        JsonNode document;
        try {
            document = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new InvalidDocumentException(name, List.of(unreadable(e)));
        }
        if (document.isMissingNode() || document.isNull()) {
            document = YAML.createObjectNode();
        }
        return check(name, document);
    }

    /** One line: where, and what is wrong there. */
    private static String unreadable(JsonProcessingException e) {
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
        String problem = e.getOriginalMessage();
        if (e.getCause() instanceof MarkedYAMLException marked) {
            if (marked.getProblemMark() != null) {
                line = marked.getProblemMark().getLine() + 1;
                column = marked.getProblemMark().getColumn() + 1;
            }
            problem = "want YAML, got a mistake in it: " + marked.getProblem();
        } else if (e instanceof MismatchedInputException && problem.startsWith("Trailing token")) {
            problem = "want one document, got another after it";
        } else if (e instanceof StreamConstraintsException || problem.startsWith("Nesting Depth")) {
            problem = "want less: " + problem.replaceAll(",? from `[^`]*`", "");
        }
        String one = problem.lines().findFirst().orElse("want YAML, got none").strip();
        return line < 1 ? one : "line %d, column %d: %s".formatted(line, Math.max(1, column), one);
    }

    /** As {@link #read}, of a document that has been parsed; defaults are put into it. */
    public T check(String name, JsonNode document) throws InvalidDocumentException {
        TreeSet<String> mistakes = new TreeSet<>();
        for (Error error : schema.walk(document, true, context -> context.setWalkConfig(WITH_DEFAULTS))
                .getErrors()) {
            mistakes.add(describe(error));
        }
        rule.check(document, mistakes::add);
        if (!mistakes.isEmpty()) {
            throw new InvalidDocumentException(name, List.copyOf(mistakes));
        }
        try {
            return YAML.treeToValue(document, type);
        } catch (JsonProcessingException e) {
            String path = e instanceof JsonMappingException mapping ? path(mapping) : "";
            String reason = e.getCause() == null
                    ? e.getOriginalMessage()
                    : String.valueOf(e.getCause().getMessage());
            throw new InvalidDocumentException(name, List.of(path.isEmpty() ? reason : path + ": " + reason));
        }
    }

    private String describe(Error error) {
        String path = path(error);
        JsonNode holder = schemaNode.at(
                JsonPointer.compile(error.getSchemaLocation().getFragment().toString())
                        .head());
        String property = error.getProperty();
        return switch (error.getKeyword()) {
            case "required" ->
                "%s: want %s, got nothing"
                        .formatted(
                                join(path, property),
                                wanted(holder.path("properties").path(property)));
            case "additionalProperties", "unevaluatedProperties" -> {
                List<String> known = new ArrayList<>();
                holder.path("properties").fieldNames().forEachRemaining(known::add);
                yield "%s: want one of %s, got an unknown name"
                        .formatted(join(path, property), String.join(", ", known));
            }
            default ->
                "%s: want %s, got %s"
                        .formatted(
                                path.isEmpty() ? "document" : path,
                                wanted(holder),
                                holder.path("writeOnly").asBoolean()
                                        ? "something else, which is not shown"
                                        : USER_INFO
                                                .matcher(String.valueOf(error.getInstanceNode()))
                                                .replaceAll("://…@"));
        };
    }

    private static String wanted(JsonNode schema) {
        JsonNode description = schema.path("description");
        if (description.isTextual()) {
            return description.textValue();
        }
        return schema.has("enum")
                ? "one of " + schema.get("enum")
                : "a value of type " + schema.path("type").asText("any");
    }

    private static String path(Error error) {
        var location = error.getInstanceLocation();
        String path = "";
        for (int i = 0; i < location.getNameCount(); i++) {
            Object element = location.getElement(i);
            path = element instanceof Integer index ? path + "[" + index + "]" : join(path, element.toString());
        }
        return path;
    }

    private static String path(JsonMappingException mapping) {
        String path = "";
        for (JsonMappingException.Reference step : mapping.getPath()) {
            path = step.getFieldName() == null ? path + "[" + step.getIndex() + "]" : join(path, step.getFieldName());
        }
        return path;
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}

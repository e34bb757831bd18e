package io.lightstroke.dashboard.web;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import io.javalin.http.HttpStatus;
import io.lightstroke.messages.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The endpoints as an OpenAPI 3.1 document: bodies by the schemas that check them, answers by the types that are written. */
final class OpenApi {
    private static final Pattern IN_PATH = Pattern.compile("\\{([a-z]+)}");
    private static final String PROBLEM = "#/components/schemas/problem";

    private final SchemaGenerator answers = generator();
    private final ObjectNode document = Json.MAPPER.createObjectNode();
    private final ObjectNode schemas;

    private OpenApi() {
        document.put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Lightstroke: people, plans and rest")
                .put("version", "1")
                .put(
                        "description",
                        "Served to this dashboard's own machine. What writes must bear the page's token in the header X-CSRF, with its cookie.");
        document.putObject("paths");
        schemas = document.putObject("components").putObject("schemas");
        ObjectNode problem = schemas.putObject("problem").put("type", "object");
        problem.putArray("required").add("ok").add("error");
        problem.putObject("properties")
                .<ObjectNode>setAll(Map.of(
                        "ok", Json.MAPPER.createObjectNode().put("const", false),
                        "error", Json.MAPPER.createObjectNode().put("type", "string")));
    }

    static byte[] of(List<Endpoint> endpoints) {
        OpenApi api = new OpenApi();
        endpoints.forEach(api::add);
        return Json.bytes(api.document);
    }

    private void add(Endpoint endpoint) {
        ObjectNode operation = document.withObject("/paths")
                .withObjectProperty(endpoint.path())
                .putObject(endpoint.method().name().toLowerCase(Locale.ROOT));
        operation.put("summary", endpoint.summary());
        Matcher name = IN_PATH.matcher(endpoint.path());
        boolean inPath = false;
        while (name.find()) {
            inPath = true;
            parameter(operation, name.group(1), "path", true);
        }
        endpoint.query().forEach(each -> parameter(operation, each, "query", false));
        if (endpoint.writes()) {
            parameter(operation, "X-CSRF", "header", true);
        }
        Form<?> body = endpoint.body();
        if (body != null) {
            ObjectNode schema = body.schema.deepCopy();
            schema.remove("$schema");
            schemas.set(body.name, schema);
            ObjectNode wanted = operation.putObject("requestBody").put("required", true);
            content(wanted).put("$ref", "#/components/schemas/" + body.name);
        }
        ObjectNode good = response(operation, endpoint.status().getCode(), "done");
        Class<?> answer = endpoint.answer();
        if (answer != null) {
            ObjectNode schema = content(good);
            if (endpoint.isList()) {
                schema = schema.put("type", "array").putObject("items");
            }
            schema.put("$ref", "#/components/schemas/" + schemaOf(answer));
        }
        if (endpoint.file() != null) {
            good.putObject("content").putObject(endpoint.file()); // OpenAPI 3.1: without a schema it is bytes
            problem(operation, HttpStatus.SERVICE_UNAVAILABLE.getCode(), "history cannot be read now, and why");
        }
        if (body != null || !endpoint.query().isEmpty()) {
            problem(operation, 400, "not as wanted; the error says the thing, what was wanted and what came");
        }
        problem(
                operation,
                403,
                endpoint.writes() ? "not from this machine, or without the page's token" : "not from this machine");
        if (inPath) {
            problem(operation, 404, "there is none, or the caller may not see it");
        }
        if (endpoint.mayConflict()) {
            problem(operation, 409, "something else is there already, or nothing that it could be done to");
        }
        if (body != null) {
            problem(operation, 413, "longer than 64 KiB");
        }
    }

    private static void parameter(ObjectNode operation, String name, String in, boolean required) {
        operation
                .withArrayProperty("parameters")
                .addObject()
                .put("name", name)
                .put("in", in)
                .put("required", required)
                .putObject("schema")
                .put("type", "string");
    }

    private static ObjectNode response(ObjectNode operation, int status, String words) {
        return operation
                .withObjectProperty("responses")
                .putObject(String.valueOf(status))
                .put("description", words);
    }

    private static void problem(ObjectNode operation, int status, String words) {
        content(response(operation, status, words)).put("$ref", PROBLEM);
    }

    private static ObjectNode content(ObjectNode of) {
        return of.putObject("content").putObject("application/json").putObject("schema");
    }

    private String schemaOf(Class<?> answer) {
        String name = kebab(answer.getSimpleName());
        if (!schemas.has(name)) {
            schemas.set(name, answers.generateSchema(answer));
        }
        return name;
    }

    private static String kebab(String name) {
        return PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(name);
    }

    private static SchemaGenerator generator() {
        SchemaGeneratorConfigBuilder config = new SchemaGeneratorConfigBuilder(
                        Json.MAPPER, SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .without(Option.SCHEMA_VERSION_INDICATOR)
                .with(Option.INLINE_ALL_SCHEMAS, Option.EXTRA_OPEN_API_FORMAT_VALUES);
        config.forFields()
                .withPropertyNameOverrideResolver(OpenApi::nameOf)
                .withRequiredCheck(field -> !mayBeAbsent(field))
                .withTargetTypeOverridesResolver(field -> field.getAnnotation(JsonFormat.class) == null
                        ? null
                        : List.of(field.getContext().resolve(String.class)));
        return new SchemaGenerator(config.build());
    }

    private static String nameOf(FieldScope field) {
        JsonProperty own = field.getAnnotation(JsonProperty.class);
        return own == null
                ? PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(field.getDeclaredName())
                : own.value();
    }

    private static boolean mayBeAbsent(FieldScope field) {
        return field.getRawMember().getAnnotatedType().isAnnotationPresent(Nullable.class);
    }
}

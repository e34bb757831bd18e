package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.lightstroke.messages.Json;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A program that uses the API as its document says, and holds every answer against it. */
final class ApiClient {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" content=\"([0-9a-f]+)\"");

    /** An answer, read; null where it has no body. */
    record Answer(int status, JsonNode body) {
        JsonNode at(String pointer) {
            return body.at(pointer);
        }

        String error() {
            return body.path("error").asText();
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private final Dashboard dashboard;
    final JsonNode document;
    private final String token;

    ApiClient(Dashboard dashboard) throws Exception {
        this.dashboard = dashboard;
        Matcher found = TOKEN.matcher(
                http.send(HttpRequest.newBuilder(dashboard.address()).build(), BodyHandlers.ofString())
                        .body());
        assertTrue(found.find());
        token = found.group(1);
        document = Json.MAPPER.readTree(
                raw("GET", "/api/openapi.json", null, token).body());
    }

    String token() {
        return token;
    }

    HttpResponse<String> raw(String method, String path, String body, String token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(dashboard.address().resolve(path))
                        .header("X-CSRF", token)
                        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Of a path of the document; its answer is as documented. */
    Answer ask(String method, String path, String body) throws Exception {
        HttpResponse<String> response = raw(method, path, body, token);
        Answer answer = new Answer(
                response.statusCode(), response.body().isEmpty() ? null : Json.MAPPER.readTree(response.body()));
        JsonNode documented = operation(method, path).path("responses").path(String.valueOf(answer.status()));
        assertTrue(documented.isObject(), method + " " + path + " answers " + answer);
        JsonNode schema = documented.at("/content/application~1json/schema");
        assertEquals(schema.isMissingNode(), answer.body() == null, method + " " + path + " answers " + answer);
        if (answer.body() != null) {
            ObjectNode whole = schema.deepCopy();
            whole.set("components", document.get("components"));
            Schema checked = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(whole);
            assertEquals(List.of(), checked.validate(answer.body()), method + " " + path + " answers " + answer);
        }
        return answer;
    }

    Answer get(String path) throws Exception {
        return ask("GET", path, null);
    }

    /** Which must succeed. */
    Answer done(String method, String path, String body) throws Exception {
        Answer answer = ask(method, path, body);
        assertTrue(answer.status() < 300, method + " " + path + " " + body + " answers " + answer);
        return answer;
    }

    /** A command to a tool, which the document is not about. */
    JsonNode command(String tool, String name, String body) throws Exception {
        HttpResponse<String> response = raw("POST", "/command/clinic/pi-1/" + tool + "/" + name, body, token);
        assertEquals(200, response.statusCode(), response.body());
        return Json.MAPPER.readTree(response.body());
    }

    private JsonNode operation(String method, String path) {
        String plain = path.replaceFirst("\\?.*", "");
        for (Map.Entry<String, JsonNode> each : document.get("paths").properties()) {
            if (plain.matches(each.getKey().replaceAll("\\{[a-z]+}", "[^/]+"))) {
                return each.getValue().path(method.toLowerCase(Locale.ROOT));
            }
        }
        throw new AssertionError("not in the document: " + method + " " + path);
    }

    /** What is kept of everybody, but for who has read it. */
    String everything() throws Exception {
        JsonNode people = get("/api/people").body();
        StringBuilder all = new StringBuilder(people.toString());
        for (JsonNode person : people) {
            for (String part : List.of("check-ins", "rest", "sessions")) {
                all.append(get("/api/people/" + person.get("id").asText() + "/" + part)
                        .body());
            }
        }
        return all.append(get("/api/audit").body()).toString();
    }

    static String json(Map<String, Object> fields) {
        return Json.text(fields);
    }

    static List<String> codes(JsonNode verdict) {
        return verdict.get("reasons").findValuesAsText("code").stream().collect(Collectors.toList());
    }
}

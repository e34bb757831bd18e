package io.lightstroke.dashboard.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Program;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API over HTTP; no broker is there. */
class RecordsApiTest {
    private static final String CHECK_IN =
            "'redness':false,'warmth':false,'soreness':false,'bruise':false,'darker':false";
    private static final String PLAN = "'weeks':6,'sessions_per_week':3,'areas':[{'region':'calf','side':'left'}]";

    private @TempDir Path folder;
    private Dashboard dashboard;
    private ApiClient api;
    private String ada;

    @BeforeEach
    void start() throws Exception {
        dashboard = new Dashboard(
                DashboardConfig.local(0),
                new MqttServer("tcp://127.0.0.1:" + Program.freePort()),
                Records.open(folder.resolve("records.db"), () -> Instant.parse("2026-03-02T10:00:00Z")),
                null);
        api = new ApiClient(dashboard);
        ada = "/api/people/"
                + api.done("POST", "/api/people", "{\"name\":\" Ada Lovelace \",\"zone\":\"Europe/London\"}")
                        .at("/id")
                        .asText();
    }

    @AfterEach
    void stop() {
        dashboard.close();
    }

    private static String json(String withApostrophes) {
        return withApostrophes == null ? null : withApostrophes.replace('\'', '"');
    }

    @Test
    void aPersonIsKeptUnderARandomPseudonym() throws Exception {
        JsonNode person = api.get(ada).body();
        assertTrue(person.get("id").asText().matches("p-[a-z0-9]{12}"), person.toString());
        assertEquals("Ada Lovelace", person.get("name").asText());
        assertEquals("standard", person.get("profile").asText());
        assertEquals(1.0, person.get("factor").asDouble());
        assertEquals("2026-03-02T10:00:00.000000Z", person.get("created").asText());
        assertFalse(person.has("plan"));
        api.done("POST", "/api/people", "{\"name\":\"Zoe\",\"id\":\"p-123456789abc\",\"profile\":\"sensitive\"}");
        assertEquals(
                List.of("Ada Lovelace", "Zoe"), api.get("/api/people").body().findValuesAsText("name"));
    }

    @Test
    void everyEndpointDoesWhatItSays() throws Exception {
        api.done("PUT", ada, json("{'name':'Ada L.','profile':'sensitive','zone':'UTC'}"));
        api.done("PUT", ada + "/screening", json("{'conditions':['eczema']}"));
        api.done("PUT", ada + "/clearance", json("{'by':'Dr. Who','note':'seen on Monday\\nall well'}"));
        api.done("PUT", ada + "/factor", json("{'factor':1.2,'by':'Dr. Who','reason':'used to it'}"));
        api.done("POST", ada + "/plan", json("{'start':'2026-03-09'," + PLAN + "}"));
        api.done("POST", ada + "/check-ins", json("{" + CHECK_IN + ",'pain':3,'note':'fine'}"));
        api.done("POST", ada + "/check-ins", json("{'region':'calf','side':'left'," + CHECK_IN + "}"));
        api.done("POST", ada + "/overrides", json("{'region':'calf','side':'left','by':'Dr. Who','reason':'why not'}"));

        JsonNode person = api.get(ada).body();
        assertEquals("eczema", person.at("/screening/conditions/0").asText());
        assertEquals("Dr. Who", person.at("/clearance/by").asText());
        assertEquals("not-begun", person.at("/plan/standing/phase").asText());
        assertEquals("2026-03-09", person.at("/plan/plan/start").asText());
        assertEquals(18, person.at("/plan/standing/scheduled").asInt());
        assertEquals(2, api.get(ada + "/check-ins").body().size());
        assertEquals("left", api.get(ada + "/check-ins").at("/0/area/side").asText());
        JsonNode rest = api.get(ada + "/rest").at("/0");
        assertTrue(rest.get("allowed").asBoolean());
        assertEquals("2026-03-02T11:00:00.000000Z", rest.get("override_until").asText());
        assertEquals(7.6, rest.at("/limits/too_deep_N").asDouble(), "9.0 × 0.7 × 1.2");
        assertEquals(0, api.get(ada + "/sessions").body().size());
        assertEquals(
                List.of("override", "factor", "clearance"),
                api.get("/api/audit").body().findValuesAsText("action"));
        assertEquals(
                List.of("sessions", "rest", "check-ins", "check-ins", "person"),
                api.get("/api/access?limit=5").body().findValuesAsText("what"));
        api.done("DELETE", ada + "/plan", null);
        assertFalse(api.get(ada).body().has("plan"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /api/people | {} | name: want the person's name, 1 to 80 characters on one line, got nothing",
                "POST | /api/people | {'name':7} | name: want the person's name",
                "POST | /api/people | {'name':'  '} | name: want the person's name",
                "POST | /api/people | {'name':'a','id':'Ada'} | id: want a pseudonym: p- and 12 of a-z and 0-9, got \"Ada\"",
                "POST | /api/people | {'name':'a','profile':'strong'} | profile: want one of standard, sensitive, got strong",
                "POST | /api/people | {'name':'a','zone':'Moon/Base'} | zone: want a time zone, for example Europe/Berlin, got Moon/Base",
                "POST | /api/people | {'name':'a','born':1990} | born: want one of id, name, profile, zone, got an unknown name",
                "POST | /api/people | {'name':'a','name':'b'} | want one JSON object, each name in it once",
                "POST | /api/people | [1] | want a JSON object, got [1]",
                "POST | /api/people | nonsense | want one JSON object",
                "PUT | {} | {'name':'a'} | profile: want",
                "PUT | {} | {'name':'a','profile':'x','zone':'UTC'} | profile: want one of",
                "PUT | {}/factor | {'factor':1.31,'by':'b','reason':'r'} | factor: want a factor above 0 and at most 1.3, got 1.31",
                "PUT | {}/factor | {'factor':0,'by':'b','reason':'r'} | factor: want a factor above 0",
                "PUT | {}/factor | {'factor':0.01,'by':'b','reason':'r'} | factor: want limits above 0.5 N",
                "PUT | {}/factor | {'factor':1.1,'by':'b','reason':'for Ada Lovelace'} | reason: want the person's name not in it",
                "PUT | {}/factor | {'factor':1.1,'by':'ada lovelace','reason':'r'} | by: want the person's name not in it",
                "PUT | {}/screening | {'conditions':['cold']} | conditions: condition: want one of",
                "PUT | {}/screening | {'conditions':'eczema'} | conditions: want the conditions that apply",
                "PUT | {}/screening | {'conditions':['eczema','eczema']} | conditions: want the conditions that apply, each once",
                "PUT | {}/clearance | {'by':'b'} | note: want the note",
                "POST | {}/plan | {'weeks':7,'sessions_per_week':3,'areas':[{'region':'calf','side':'left'}]} | weeks: want 4 to 6, got 7",
                "POST | {}/plan | {'weeks':6,'sessions_per_week':4,'areas':[{'region':'calf','side':'left'}]} | sessions_per_week: want 2 to 3, got 4",
                "POST | {}/plan | {'weeks':6,'sessions_per_week':3,'areas':[{'region':'moon','side':'left'}]} | region: want one of",
                "POST | {}/plan | {'weeks':6,'sessions_per_week':3,'areas':[{'region':'groin','side':'left'}]} | region: groin is not offered",
                "POST | {}/plan | {'weeks':6,'sessions_per_week':3,'areas':[{'region':'calf','side':'up'}]} | areas[0].side: want left, right",
                "POST | {}/plan | {'weeks':6,'sessions_per_week':3,'areas':[]} | areas: want 1 to 20 areas",
                "POST | {}/plan | {'start':'2026-02-30','weeks':6,'sessions_per_week':3,'areas':[{'region':'calf','side':'left'}]} | start: want a day of the calendar, got 2026-02-30",
                "POST | {}/check-ins | {'redness':false} | bruise: want true or false",
                "POST | {}/check-ins | {'redness':'no','warmth':false,'soreness':false,'bruise':false,'darker':false} | redness: want true or false: the skin is red, got \"no\"",
                "POST | {}/check-ins | {'redness':false,'warmth':false,'soreness':false,'bruise':false,'darker':false,'pain':11} | pain: want pain, 0 to 10, got 11",
                "POST | {}/check-ins | {'region':'calf','redness':false,'warmth':false,'soreness':false,'bruise':false,'darker':false} | region and side: want both or none, got only region calf",
                "POST | {}/overrides | {'region':'calf','side':'left','by':'b'} | reason: want the reason",
                "POST | {}/overrides | {'region':'moon','side':'left','by':'b','reason':'r'} | region: want one of",
                "PUT | {}/sessions/none/note | {'note':5} | note: want the note",
                "GET | {}/rest?region=calf | | region and side: want both or none, got only region calf",
                "GET | {}/rest?region=calf&side=up | | side: want left, right, both or none, got up",
                "GET | {}/rest?colour=red | | colour: want one of [region, side] after the ?",
                "GET | /api/audit?limit=0 | | limit: want 1 to 1000, got 0",
                "GET | /api/audit?limit=x | | limit: want 1 to 1000, got x",
                "GET | /api/access?person=Ada | | person: want a pseudonym"
            })
    void badInputIsSaidAndChangesNothing(String method, String path, String body, String error) throws Exception {
        String before = api.everything();
        ApiClient.Answer answer = api.ask(method, path.replace("{}", ada), json(body));
        assertEquals(400, answer.status(), answer.toString());
        assertTrue(answer.error().startsWith(error), answer.error());
        assertEquals(before, api.everything());
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        String before = api.everything();
        Map<String, String> bodies = bodies();
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.path().contains("{person}")) {
                for (String nobody : List.of("p-000000000000", "p-1", "..%2f..%2fetc", "Ada")) {
                    String path = endpoint.path().replace("{person}", nobody).replace("{session}", "s");
                    Form<?> form = endpoint.body();
                    HttpResponse<String> answer = api.raw(
                            endpoint.method().name(), path, form == null ? null : bodies.get(form.name), api.token());
                    assertTrue(
                            answer.statusCode() == 404 || nobody.contains("%") && answer.statusCode() == 400,
                            endpoint + " " + answer.statusCode());
                    assertFalse(answer.body().contains("Ada"), answer.body());
                }
            }
        }
        assertEquals(
                404,
                api.ask("PUT", ada + "/sessions/20260301t093000-7f3a9c01/note", "{\"note\":\"x\"}")
                        .status());
        HttpResponse<String> unknown = api.raw("GET", "/api/nothing", null, api.token());
        assertEquals(404, unknown.statusCode());
        assertTrue(unknown.body().startsWith("{\"ok\":false,"), unknown.body());
        assertEquals(before, api.everything());
    }

    /** Each good, by form. */
    private static Map<String, String> bodies() {
        return Map.of(
                "person-new", json("{'name':'Bob'}"),
                "person", json("{'name':'Bob','profile':'standard','zone':'UTC'}"),
                "factor", json("{'factor':1.1,'by':'b','reason':'r'}"),
                "screening", json("{'conditions':[]}"),
                "clearance", json("{'by':'b','note':'n'}"),
                "plan", json("{" + PLAN + "}"),
                "check-in", json("{" + CHECK_IN + "}"),
                "note", json("{'note':'n'}"),
                "override", json("{'region':'calf','side':'left','by':'b','reason':'r'}"));
    }

    @Test
    void withoutThePagesTokenNothingIsWritten() throws Exception {
        String before = api.everything();
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.writes()) {
                String path = ada.replaceFirst(".*/", "");
                Form<?> form = endpoint.body();
                HttpResponse<String> answer = api.raw(
                        endpoint.method().name(),
                        endpoint.path().replace("{person}", path).replace("{session}", "s"),
                        form == null ? null : bodies().get(form.name),
                        "0".repeat(32));
                assertEquals(403, answer.statusCode(), endpoint.toString());
                assertTrue(answer.body().startsWith("{\"ok\":false,"), answer.body());
            }
        }
        assertEquals(before, api.everything());
    }

    @Test
    void whatIsTooLongIsRefused() throws Exception {
        String before = api.everything();
        for (Endpoint endpoint : endpoints()) {
            if (endpoint.body() != null && !endpoint.path().contains("{session}")) {
                String person = ada.replaceFirst(".*/", "");
                assertEquals(
                        413,
                        api.ask(
                                        endpoint.method().name(),
                                        endpoint.path().replace("{person}", person),
                                        "{\"name\":\"" + "x".repeat(70_000) + "\"}")
                                .status(),
                        endpoint.toString());
            }
        }
        assertEquals(before, api.everything());
    }

    @Test
    void whatIsInTheWayIsAConflict() throws Exception {
        String id = ada.replaceFirst(".*/", "");
        String same = "{\"name\":\"Eve\",\"id\":\"" + id + "\"}";
        assertEquals(409, api.ask("POST", "/api/people", same).status());
        assertEquals("Ada Lovelace", api.get(ada).at("/name").asText());
        assertEquals(409, api.ask("DELETE", ada + "/plan", null).status());
        api.done("POST", ada + "/plan", json("{" + PLAN + "}"));
        ApiClient.Answer second = api.ask("POST", ada + "/plan", json("{" + PLAN + "}"));
        assertEquals(409, second.status());
        assertEquals("plan: want none that has not been ended, got one", second.error());
        String clearance = json("{'by':'b','note':'n'}");
        assertEquals(409, api.ask("PUT", ada + "/clearance", clearance).status());
        for (String conditions : List.of("[]", "['open-wound']", "['eczema','open-wound']")) {
            api.done("PUT", ada + "/screening", json("{'conditions':" + conditions + "}"));
            assertEquals(409, api.ask("PUT", ada + "/clearance", clearance).status(), conditions);
        }
        assertEquals(List.of(), api.get("/api/audit").body().findValuesAsText("action"));
    }

    @Test
    void theDocumentNamesEveryRouteAndNoOther() throws Exception {
        TreeSet<String> documented = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : api.document.get("paths").properties()) {
            path.getValue().fieldNames().forEachRemaining(method -> documented.add(method + " " + path.getKey()));
        }
        documented.add("get /api/openapi.json"); // it does not document itself
        assertEquals(new TreeSet<>(dashboard.routes("/api/")), documented);
        assertEquals("3.1.0", api.document.get("openapi").asText());
        List<String> references = api.document.findValuesAsText("$ref");
        assertFalse(references.isEmpty());
        for (String reference : references) {
            assertTrue(api.document.at(reference.substring(1)).isObject(), reference);
        }
    }

    @Test
    void withoutAHistoryTheArchiveSaysSo() throws Exception {
        Map<String, byte[]> files = PersonErasureTest.archive(dashboard, ada.substring(ada.lastIndexOf('/') + 1));
        assertTrue(new String(files.get("README.txt"), UTF_8).contains("No history was configured"));
        assertTrue(
                files.keySet().stream().noneMatch(name -> name.startsWith("sessions/")),
                files.keySet().toString());
        assertEquals("archive", api.get("/api/access?limit=1").at("/0/what").asText());
        assertEquals(
                404,
                api.raw("GET", "/api/people/p-0123456789ab/archive.zip", null, api.token())
                        .statusCode());
    }

    @Test
    void withoutABrokerNobodyIsErased() throws Exception {
        String id = ada.substring(ada.lastIndexOf('/') + 1);
        ApiClient.Answer wrong = api.ask("POST", ada + "/erase", json("{'by':'Dr. Who','confirm':'p-0123456789ab'}"));
        assertEquals(400, wrong.status());
        assertTrue(wrong.error().startsWith("confirm: want the pseudonym " + id), wrong.error());
        ApiClient.Answer named = api.ask("POST", ada + "/erase", json("{'by':'Ada Lovelace','confirm':'" + id + "'}"));
        assertEquals(400, named.status(), "who erased is kept");
        JsonNode proof = api.done("POST", ada + "/erase", json("{'by':'Dr. Who','confirm':'" + id + "'}"))
                .body();
        assertFalse(proof.get("complete").asBoolean());
        assertEquals(List.of("broker", "records"), proof.get("places").findValuesAsText("place"));
        assertEquals("Ada Lovelace", api.get(ada).at("/name").asText());
    }

    private List<Endpoint> endpoints() throws Exception {
        try (Records records = Records.inMemory()) {
            return new ArrayList<>(new RecordsApi(records, Guideline.builtIn()).endpoints());
        }
    }
}

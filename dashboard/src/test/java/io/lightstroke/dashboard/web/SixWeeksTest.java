package io.lightstroke.dashboard.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Six weeks of three people in virtual time, through the API as a page uses it and a real broker: each tries every day at 10:00
 * of their own day, and a session lasts 10 minutes.
 */
@Needs({Program.MOSQUITTO, Program.CHROMIUM})
class SixWeeksTest {
    private static final LocalDate DAY_0 = LocalDate.parse("2026-03-02");

    private @TempDir Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
    private Program.Running broker;
    private Journal journal;
    private VirtualGateway gateway;
    private Dashboard dashboard;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        int port = Program.freePort();
        broker = Program.MOSQUITTO.start(folder, "-p", String.valueOf(port)).awaitPort(port, Duration.ofSeconds(10));
        Path data = Files.createDirectory(folder.resolve("data"));
        journal = Journal.open(data);
        gateway = new VirtualGateway(
                port, now::get, journal, Map.of("tool-1", "calm", "tool-2", "heavy-handed", "tool-3", "bruise-prone"));
        dashboard = new Dashboard(
                DashboardConfig.local(0),
                new MqttServer("tcp://127.0.0.1:" + port),
                Records.open(folder.resolve("records.db"), now::get),
                SessionHistory.ofJournal(data, VirtualGateway.TOPICS.site(), VirtualGateway.TOPICS.gateway()));
        api = new ApiClient(dashboard);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> api.raw("POST", "/command/clinic/pi-1/tool-1/tare", "{}", api.token())
                                .statusCode()
                        == 200);
    }

    @AfterEach
    void stop() throws Exception {
        dashboard.close();
        gateway.close();
        journal.close();
        broker.close();
    }

    /** Somebody whom the test plays. */
    private abstract class Player {
        final String id;
        final String tool;
        final ZoneId zone;
        /** Day of the test: where a session was held. */
        final Map<Integer, String> held = new TreeMap<>();
        /** Day of the test: the limit from which it was too deep. */
        final Map<Integer, Double> tooDeepN = new TreeMap<>();
        /** Day of the test and area: why it was refused. */
        final Map<String, List<String>> refused = new LinkedHashMap<>();
        /** Those days on which the person was told that the pressure was too deep. */
        final List<Integer> told = new ArrayList<>();

        final Map<String, Instant> lastEnd = new TreeMap<>();

        Player(String name, String tool, String zone, String profile) throws Exception {
            this.tool = tool;
            this.zone = ZoneId.of(zone);
            id = api.done("POST", "/api/people", ApiClient.json(Map.of("name", name, "zone", zone, "profile", profile)))
                    .at("/id")
                    .asText();
            api.done("PUT", path("/screening"), "{\"conditions\":[]}");
        }

        String path(String more) {
            return "/api/people/" + id + more;
        }

        void plan(String... areas) throws Exception {
            List<String> json = new ArrayList<>();
            for (String area : areas) {
                String[] words = area.split(" ");
                json.add("{\"region\":\"%s\",\"side\":\"%s\"}".formatted(words[0], words[1]));
            }
            api.done(
                    "POST",
                    path("/plan"),
                    "{\"start\":\"%s\",\"weeks\":6,\"sessions_per_week\":3,\"areas\":%s}".formatted(DAY_0, json));
        }

        /** At 9:00. */
        abstract void morning(int day) throws Exception;

        /** In this order; the next only when one is refused. */
        abstract List<String> areas();

        void checkIn(String area, boolean sore, boolean bruise) throws Exception {
            String[] words = area.split(" ");
            api.done(
                    "POST",
                    path("/check-ins"),
                    "{\"region\":\"%s\",\"side\":\"%s\",\"redness\":false,\"warmth\":false,\"soreness\":%s,\"bruise\":%s,\"darker\":false}"
                            .formatted(words[0], words[1], sore, bruise));
        }

        Duration since(String area) {
            return Duration.between(lastEnd.get(area), now.get());
        }

        void attempt(int day) throws Exception {
            Instant start = now.get();
            for (String area : areas()) {
                String[] words = area.split(" ");
                JsonNode rest = api.get(path("/rest?region=" + words[0] + "&side=" + words[1]))
                        .at("/0");
                JsonNode answer = api.command(
                        tool,
                        "session-start",
                        "{\"person\":\"%s\",\"region\":\"%s\",\"side\":\"%s\",\"checklist\":{\"emollient\":true,\"screening\":true},\"phase\":\"treat\",\"pain_before\":4}"
                                .formatted(id, words[0], words[1]));
                assertEquals(rest.get("allowed").asBoolean(), answer.get("ok").asBoolean(), "as it was said before");
                if (!answer.get("ok").asBoolean()) {
                    refused.put(day + " " + area, ApiClient.codes(answer));
                    assertFalse(answer.get("error").asText().isEmpty());
                    assertTrue(answer.get("earliest") == null
                            || Instant.parse(answer.get("earliest").asText()).isAfter(start));
                    assertEquals(rest.path("earliest"), answer.path("earliest"));
                    continue;
                }
                assertEquals(rest.at("/limits"), answer.get("limits"));
                tooDeepN.put(day, answer.at("/limits/too_deep_N").asDouble());
                if (answer.at("/pressure/too_deep").asBoolean()) {
                    told.add(day);
                }
                now.set(start.plus(Duration.ofMinutes(10)));
                assertTrue(api.command(tool, "session-end", "{\"pain_after\":2}")
                        .get("ok")
                        .asBoolean());
                held.put(day, area);
                lastEnd.put(area, now.get());
                await().atMost(Duration.ofSeconds(20))
                        .until(() ->
                                api.get(path("/sessions")).at("/0/summarised").asBoolean()
                                        && api.get(path("/sessions")).body().size() == held.size());
                now.set(start);
                return;
            }
        }
    }

    /** Is sore for not two days after a session, never bruised; has two areas. */
    private final class Careful extends Player {
        Careful() throws Exception {
            super("Carla", "tool-1", "UTC", "standard");
            plan("calf left", "calf right");
        }

        @Override
        List<String> areas() {
            return List.of("calf left", "calf right");
        }

        @Override
        void morning(int day) throws Exception {
            for (String area : lastEnd.keySet()) {
                checkIn(area, since(area).toHours() < 40, false);
            }
        }
    }

    /** Bruises for five days whenever the limits allow to. */
    private final class HeavyHanded extends Player {
        HeavyHanded() throws Exception {
            super("Hector", "tool-2", "Europe/Berlin", "standard");
            plan("thigh left");
        }

        @Override
        List<String> areas() {
            return List.of("thigh left");
        }

        @Override
        void morning(int day) throws Exception {
            if (!held.isEmpty()) {
                double lastN = ((TreeMap<Integer, Double>) tooDeepN).lastEntry().getValue();
                boolean bruise = lastN > 5.5 && since("thigh left").toHours() < 108;
                checkIn("thigh left", since("thigh left").toHours() < 40, bruise);
            }
        }
    }

    /** Bruises for six days after the first, second and fifth session, and says how it is every other day only. */
    private final class BruiseProne extends Player {
        BruiseProne() throws Exception {
            super("Berta", "tool-3", "Europe/Berlin", "sensitive");
            plan("shoulder right");
        }

        @Override
        List<String> areas() {
            return List.of("shoulder right");
        }

        @Override
        void morning(int day) throws Exception {
            if (!held.isEmpty() && day % 2 == 0) {
                boolean bruise = Set.of(1, 2, 5).contains(held.size())
                        && since("shoulder right").toHours() < 132;
                checkIn("shoulder right", since("shoulder right").toHours() < 40, bruise);
            }
        }
    }

    @Test
    void thePlanRefusesAndAllowsOnExactlyTheRightDays() throws Exception {
        Careful careful = new Careful();
        HeavyHanded heavy = new HeavyHanded();
        BruiseProne prone = new BruiseProne();
        for (int day = 0; day < 42; day++) {
            for (Player player : List.of(heavy, prone, careful)) { // Berlin's morning comes first
                now.set(DAY_0.plusDays(day)
                        .atTime(LocalTime.of(9, 0))
                        .atZone(player.zone)
                        .toInstant());
                player.morning(day);
                now.set(DAY_0.plusDays(day)
                        .atTime(LocalTime.of(10, 0))
                        .atZone(player.zone)
                        .toInstant());
                player.attempt(day);
            }
        }

        Map<Integer, String> expected = new TreeMap<>();
        for (int week = 0; week < 6; week++) {
            expected.put(7 * week, "calf left");
            expected.put(7 * week + 1, "calf right");
            expected.put(7 * week + 3, "calf left");
        }
        assertEquals(expected, careful.held);
        assertEquals(Set.of(9.0), Set.copyOf(careful.tooDeepN.values()));
        assertEquals(List.of("rest", "not-clear"), careful.refused.get("1 calf left"));
        assertEquals(List.of("rest"), careful.refused.get("2 calf left"), "10 minutes too early");
        assertEquals(List.of("rest", "weekly", "not-clear"), careful.refused.get("4 calf left"));
        assertEquals(List.of("weekly"), careful.refused.get("4 calf right"));
        assertEquals(List.of("weekly"), careful.refused.get("6 calf left"));
        assertEquals(List.of("weekly"), careful.refused.get("41 calf right"));

        assertEquals(
                Map.of(0, 9.0, 5, 7.7, 10, 6.5, 15, 5.5, 18, 5.5, 21, 9.0, 26, 7.7, 31, 6.5, 36, 5.5, 39, 5.5),
                heavy.tooDeepN,
                "a bruise lowers, two sessions without one raise");
        assertEquals(List.of(10, 15, 18, 31, 36, 39), heavy.told);
        assertEquals(List.of("not-clear"), heavy.refused.get("4 thigh left"));
        assertEquals(List.of("rest"), heavy.refused.get("17 thigh left"));

        Map<Integer, Double> proneN = new TreeMap<>();
        proneN.putAll(Map.of(0, 5.0, 6, 4.3, 12, 3.6, 15, 3.6, 18, 5.0, 24, 4.3, 27, 4.3));
        proneN.putAll(Map.of(30, 5.0, 33, 5.0, 36, 5.0, 39, 5.0));
        assertEquals(proneN, prone.tooDeepN);
        assertEquals(List.of(12, 15), prone.told);
        assertEquals(List.of("not-clear"), prone.refused.get("5 shoulder right"));
        assertEquals(List.of("rest", "not-clear"), prone.refused.get("1 shoulder right"), "nothing was said yet");
        assertEquals(List.of("rest", "not-clear"), prone.refused.get("40 shoulder right"));

        now.set(DAY_0.plusDays(41).atTime(12, 0).atZone(ZoneId.of("UTC")).toInstant());
        JsonNode plan = api.get(careful.path("")).at("/plan");
        assertEquals(6, plan.at("/standing/week").asInt());
        assertEquals("running", plan.at("/standing/phase").asText());
        assertEquals(18, plan.at("/standing/done").asInt());
        assertEquals(18, plan.at("/standing/scheduled").asInt());
        assertTrue(plan.at("/standing/review").asBoolean());
        assertEquals(careful.refused.size(), plan.at("/starts_refused").asInt());
        JsonNode sessions = api.get(heavy.path("/sessions")).body();
        assertEquals(10, sessions.size());
        assertEquals(5.0, sessions.at("/9/days_until_clear").asDouble());
        assertTrue(sessions.at("/9/bruised").asBoolean());
        assertFalse(sessions.at("/6/bruised").asBoolean());
        now.set(now.get().plus(Duration.ofDays(1)));
        assertEquals(
                "over", api.get(careful.path("")).at("/plan/standing/phase").asText());
        assertEquals(0, dashboard.counts().refused());
        look(List.of(careful, heavy, prone));
    }

    /** The review of what they did, in target/look. */
    private void look(List<Player> players) throws Exception {
        try (Chromium chromium = new Chromium()) {
            Page page = chromium.browser.newPage();
            page.setDefaultTimeout(30_000);
            String time = "?from=" + DAY_0 + "&to=" + DAY_0.plusDays(41);
            Map<String, String> pages = new LinkedHashMap<>();
            pages.put("everybody", "sessions" + time);
            for (Player player : players) {
                pages.put(player.tool, "sessions" + time + "&person=" + player.id);
            }
            for (Map.Entry<String, String> each : pages.entrySet()) {
                page.navigate(dashboard.address().resolve(each.getValue()).toString());
                assertEquals(
                        players.stream()
                                .filter(player -> each.getKey().equals("everybody")
                                        || each.getKey().equals(player.tool))
                                .mapToInt(player -> player.held.size())
                                .sum(),
                        page.locator("[aria-labelledby=list] tbody a").count());
                Pictures.of(page, "six-weeks-" + each.getKey());
            }
        }
    }

    @Test
    void anOverrideLetsOneSessionStartAndIsAudited() throws Exception {
        Careful careful = new Careful();
        now.set(Instant.parse("2026-03-02T10:00:00Z"));
        careful.attempt(0);
        now.set(Instant.parse("2026-03-03T10:00:00Z"));
        String start =
                "{\"person\":\"%s\",\"region\":\"calf\",\"side\":\"left\",\"checklist\":{\"emollient\":true,\"screening\":true}}"
                        .formatted(careful.id);
        assertEquals(List.of("rest", "not-clear"), ApiClient.codes(api.command("tool-1", "session-start", start)));
        String override = "{\"region\":\"calf\",\"side\":\"%s\",\"by\":\"Dr. Who\",\"reason\":\"%s\"}";
        assertEquals(
                400,
                api.ask("POST", careful.path("/overrides"), override.formatted("left", "carla asked for it"))
                        .status(),
                "the audit knows no names");
        api.done("POST", careful.path("/overrides"), override.formatted("right", "another side"));
        assertFalse(api.command("tool-1", "session-start", start).get("ok").asBoolean());
        api.done("POST", careful.path("/overrides"), override.formatted("left", "skin looked at"));
        now.set(now.get().plus(Duration.ofHours(1)));
        assertFalse(api.command("tool-1", "session-start", start).get("ok").asBoolean(), "it was for an hour");
        api.done("POST", careful.path("/overrides"), override.formatted("left", "skin looked at again"));
        assertTrue(api.command("tool-1", "session-start", start).get("ok").asBoolean());
        String area = "{\"region\":\"calf\",\"side\":\"left\"}";
        assertTrue(api.command("tool-1", "area", area).get("ok").asBoolean(), "it is in this session");
        assertTrue(api.command("tool-1", "session-end", "{}").get("ok").asBoolean());
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        api.get(careful.path("/sessions")).at("/0/summarised").asBoolean());
        assertTrue(api.get(careful.path("/sessions")).at("/0/unplanned").asBoolean());
        assertEquals(
                List.of("override-used", "override", "override", "override"),
                api.get("/api/audit?person=" + careful.id).body().findValuesAsText("action"));
        assertFalse(api.command("tool-1", "session-start", start).get("ok").asBoolean(), "it was for one session");
    }

    @Test
    void anAreaThatRestsIsRefusedWithinASessionToo() throws Exception {
        Careful careful = new Careful();
        now.set(Instant.parse("2026-03-02T10:00:00Z"));
        careful.attempt(0);
        now.set(Instant.parse("2026-03-03T10:00:00Z"));
        JsonNode started = api.command(
                "tool-1",
                "session-start",
                "{\"person\":\"%s\",\"region\":\"calf\",\"side\":\"right\",\"checklist\":{\"emollient\":true,\"screening\":true}}"
                        .formatted(careful.id));
        assertTrue(started.get("ok").asBoolean(), started.toString());
        JsonNode refused = api.command("tool-1", "area", "{\"region\":\"calf\",\"side\":\"left\"}");
        assertEquals(List.of("rest", "not-clear"), ApiClient.codes(refused));
        assertEquals("2026-03-04T10:10:00.000000Z", refused.get("earliest").asText());
        assertTrue(api.command("tool-1", "area", "{\"region\":\"foot\",\"side\":\"left\"}")
                .get("ok")
                .asBoolean());
    }

    @Test
    void whatTheRecordsKnowOfAPersonCannotBeTalkedAway() throws Exception {
        BruiseProne prone = new BruiseProne();
        now.set(Instant.parse("2026-03-02T10:00:00Z"));
        String rest = ",\"checklist\":{\"emollient\":true,\"screening\":true}}";
        String who = "{\"person\":\"%s\",\"region\":\"calf\",\"side\":\"left\"".formatted(prone.id);
        String limits = ",\"limits\":{\"light_N\":3,\"moderate_N\":7,\"too_deep_N\":12,\"ceiling_N\":14}";
        assertTrue(api.command("tool-3", "session-start", who + limits + rest)
                .get("error")
                .asText()
                .startsWith("limits: want those of the person's"));
        assertTrue(api.command("tool-3", "session-start", who + ",\"person\":\"p-unknown\"" + rest)
                .get("error")
                .asText()
                .contains("each name in it once"));
        JsonNode started = api.command(
                "tool-3", "session-start", who + ",\"profile\":\"standard\",\"override\":1.3,\"bruises\":0" + rest);
        assertEquals(6.3, started.at("/limits/too_deep_N").asDouble(), "9.0 of a sensitive one");
    }

    @Test
    void whomTheRecordsDoNotKnowPassesAndIsTakenOverWithTheirPast() throws Exception {
        now.set(Instant.parse("2026-03-02T10:00:00Z"));
        String start =
                "{\"person\":\"p-browserkept1\",\"region\":\"calf\",\"side\":\"left\",\"checklist\":{\"emollient\":true,\"screening\":true}}";
        assertTrue(api.command("tool-1", "session-start", start).get("ok").asBoolean());
        now.set(Instant.parse("2026-03-02T10:10:00Z"));
        assertTrue(api.command("tool-1", "session-end", "{}").get("ok").asBoolean());
        assertEquals(404, api.get("/api/people/p-browserkept1").status());
        api.done("POST", "/api/people", "{\"id\":\"p-browserkept1\",\"name\":\"Paul\"}");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> api.get("/api/people/p-browserkept1/sessions")
                        .at("/0/summarised")
                        .asBoolean());
        assertEquals(
                List.of("rest", "not-clear", "screening"),
                ApiClient.codes(api.command("tool-1", "session-start", start)));
    }
}

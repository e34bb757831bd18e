package io.lightstroke.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.engine.Spot;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions as orders and findings make them; a sample every 10 ms, index 0 at 1 000 s UTC. */
class SessionRecorderTest {
    private static final long BOOT = 0x5eed0003L;
    private static final long OFFSET_US = 1_000_000_000L;
    private static final PressureLimits CONFIGURED = new PressureLimits("configured", 300, 650, 900, 1400);

    private final List<String> partlySeen = new ArrayList<>();
    private final Orders orders = new Orders(Guideline.builtIn(), new Random(1));
    private final SessionRecorder recorder =
            new SessionRecorder("tool-1", new Engine(CONFIGURED), CONFIGURED, null, partlySeen::add);
    private final List<JournalEntry.Finding> found = new ArrayList<>();

    SessionRecorderTest() {
        assertEquals(List.of(), recorder.boot(BOOT, BootClock.ofOffset(OFFSET_US)));
    }

    private static Moment at(long index) {
        return new Moment(BOOT, index, OFFSET_US + index * 10_000);
    }

    private Order.Start start(String json) throws Exception {
        Command.SessionStart command = (Command.SessionStart) Command.read("session-start", json.getBytes("UTF-8"));
        return orders.start(command, List.of("tool-1"), Instant.ofEpochSecond(1_000));
    }

    private Order.Start calf() throws Exception {
        return start("""
                {"person":"p-7","region":"calf","side":"left","pain_before":5,"phase":"treat",
                 "checklist":{"emollient":true,"screening":true}}""");
    }

    private void order(Order order, long index) {
        found.addAll(recorder.order(order, at(index)));
    }

    private void command(String name, String json, long index) throws Exception {
        order(orders.of(Command.read(name, json.getBytes("UTF-8")), recorder.state()), index);
    }

    private void stroke(
            long first, double peakN, long lightMs, long moderateMs, long firmMs, @Nullable Integer direction) {
        stroke(first, peakN, lightMs, moderateMs, firmMs, direction, Phase.TREAT, false);
    }

    private void stroke(
            long first,
            double peakN,
            long lightMs,
            long moderateMs,
            long firmMs,
            @Nullable Integer direction,
            Phase phase,
            boolean hold) {
        long durationUs = (lightMs + moderateMs + firmMs) * 1000;
        recorder.found(
                new EngineEvent.StrokeEnded(new Stroke(
                        BOOT,
                        first,
                        first + durationUs / 10_000,
                        first * 10_000,
                        durationUs,
                        peakN * 100,
                        2.0,
                        100_000,
                        new long[] {0, lightMs * 1000, moderateMs * 1000, firmMs * 1000, 0, 0},
                        0,
                        false,
                        hold,
                        false,
                        0,
                        phase,
                        null,
                        direction,
                        "limits")),
                found);
    }

    private void spot(long first, long dwellMs) {
        recorder.found(
                new EngineEvent.SpotEnded(new Spot(
                        BOOT,
                        first,
                        first + dwellMs / 10,
                        first * 10_000,
                        dwellMs * 1000,
                        dwellMs * 900,
                        3,
                        500,
                        Phase.TREAT,
                        false)),
                found);
    }

    private void overPressure(long first, long fromMs, long toMs) {
        recorder.found(
                new EngineEvent.OverPressureBegan(
                        BOOT, false, first, first + 15, fromMs * 1000 + 30_000, fromMs * 1000),
                found);
        recorder.found(
                new EngineEvent.OverPressureEnded(
                        BOOT, false, first, first + 50, toMs * 1000 + 30_000, toMs * 1000, false),
                found);
    }

    private SessionMessage summary() throws Exception {
        JournalEntry.Finding last = found.get(found.size() - 1);
        assertEquals("session", last.kind());
        return Json.MAPPER.readValue(last.json(), SessionMessage.class);
    }

    private List<JsonNode> found(String kind) throws Exception {
        List<JsonNode> messages = new ArrayList<>();
        for (JournalEntry.Finding finding : found) {
            if (finding.kind().equals(kind)) {
                messages.add(Json.MAPPER.readTree(finding.json()));
            }
        }
        return messages;
    }

    @Test
    void theFiguresOfTwoAreasAndTheirSession() throws Exception {
        order(calf(), 100);
        recorder.samples(BOOT, 100, 900, 12);
        // Calf: 3 strokes that start 2 s apart, a hold that is none, one over-pressure of 0.4 s.
        stroke(200, 4.0, 500, 500, 0, 1);
        stroke(400, 6.0, 500, 300, 200, 1);
        stroke(600, 8.0, 250, 250, 500, -1);
        stroke(800, 9.0, 0, 5500, 0, null, Phase.TREAT, true);
        overPressure(650, 6_500, 6_900);
        spot(200, 9_000);
        command("area", "{\"region\":\"forearm\",\"side\":\"right\"}", 1000);
        recorder.samples(BOOT, 1010, 390, 16);
        // Forearm, feeling: only light is in target.
        stroke(1100, 2.0, 600, 400, 0, null, Phase.ASSESS, false);
        spot(1100, 4_000);
        for (int ms = 1; ms <= 20; ms++) {
            recorder.cue().accept(ms);
        }
        command("session-end", "{\"pain_after\":3}", 1400);

        SessionMessage summary = summary();
        assertEquals("p-7", summary.person());
        assertEquals("command", summary.endedBy());
        assertEquals(5, summary.painBefore());
        assertEquals(3, summary.painAfter());
        assertEquals(true, summary.emollient());
        assertEquals(13.0, summary.wallS());
        assertEquals(13.0, summary.workedS());
        // strokes: 3 + 1; contact: 1 + 1 + 1 + 5.5 + 1 s; in target: 1 + 0.8 + 0.5 + 5.5 + 0.6 s = 8.4 of 9.5
        // peaks 4, 6, 8, 2: mean 5, squares of differences 1 + 1 + 9 + 9 = 20, / 3 = 6.667, root 2.582, 51.6 %
        // starts from 2 to 11 s: 60 * 3 / 9 = 20 a minute; impulses 5 * 2 Ns; directions 2 of 3
        assertEquals(new SessionMessage.Figures(4, 1, 9.5, 20.0, 5.0, 51.6, 10.0, 88.4, 1, 0.4, 66.7), summary.total());
        assertEquals(25.0, summary.overPressurePer100Strokes());
        // 1290 of 1300 samples; the tool counted 4 more after the first ones
        assertEquals(99.23, summary.completenessPercent());
        assertEquals(20, summary.cues());
        assertEquals(10.0, summary.cueLatencyP50Ms());
        assertEquals(19.0, summary.cueLatencyP95Ms());
        assertEquals(2, summary.areas().size());
        SessionMessage.Area calf = summary.areas().get(0);
        assertEquals("calf", calf.region());
        assertEquals("left", calf.side());
        // peaks 4, 6, 8: mean 6, deviation 2, 33.3 %; in target 7.8 of 8.5 s; starts 2 to 6 s
        assertEquals(new SessionMessage.Figures(3, 1, 8.5, 30.0, 6.0, 33.3, 8.0, 91.8, 1, 0.4, 66.7), calf.figures());
        assertEquals(List.of(new SessionMessage.Spot("tool-1-5eed0003-200", 9.0, null)), calf.spots());
        SessionMessage.Area forearm = summary.areas().get(1);
        assertEquals(2.1, forearm.limits().lightN());
        assertEquals(
                new SessionMessage.Figures(1, 0, 1.0, null, 2.0, null, 2.0, 60.0, 0, 0.0, null), forearm.figures());
        assertNull(recorder.state());
    }

    @Test
    void whatHasNoValueIsAbsentAndNeverZero() throws Exception {
        order(calf(), 100);
        command("session-end", "{}", 200);
        JsonNode message = Json.MAPPER.readTree(found.get(0).json());
        for (String absent : List.of(
                "over_pressure_per_100_strokes",
                "pain_after",
                "completeness_percent",
                "cue_latency_p50_ms",
                "cue_agreement_percent")) {
            assertFalse(message.has(absent), absent);
        }
        for (String absent : List.of(
                "cadence_per_min", "peak_mean_N", "peak_cv_percent", "in_target_percent", "unidirectional_percent")) {
            assertFalse(message.get("total").has(absent), absent);
        }
        assertEquals(0, message.get("total").get("strokes").asInt());
    }

    @Test
    void theStartSaysTheGuidelineAndItsLimits() throws Exception {
        Order.Start start = calf();
        assertEquals(Guideline.builtIn().version(), start.guidelineVersion());
        assertEquals(Guideline.builtIn().fingerprint(), start.guidelineFingerprint());
        assertEquals(900, start.limits().tooDeepCn());
        order(start, 100);
        assertEquals(900, recorder.limits().tooDeepCn());
        command("area", "{\"region\":\"forearm\"}", 200);
        assertEquals(630, recorder.limits().tooDeepCn());
        command("limits", "{\"light_N\":1,\"moderate_N\":2,\"too_deep_N\":3.33,\"ceiling_N\":4}", 300);
        assertEquals(333, recorder.limits().tooDeepCn());
        command("session-end", "{}", 400);
        assertEquals(CONFIGURED, recorder.limits());
    }

    @Test
    void limitsOfTheStartAreNotExceededInALaterArea() throws Exception {
        order(start("""
                        {"person":"p-7","region":"forearm","checklist":{"emollient":true,"screening":true},
                         "limits":{"light_N":2,"moderate_N":4,"too_deep_N":5,"ceiling_N":14}}"""), 100);
        command("area", "{\"region\":\"calf\"}", 200);
        PressureLimits limits = recorder.limits(); // by the guideline 3, 6.5, 9, 14 N
        assertEquals(
                List.of(200, 400, 500, 1400),
                List.of(limits.lightCn(), limits.moderateCn(), limits.tooDeepCn(), limits.ceilingCn()));
        command("area", "{\"region\":\"forearm\"}", 300);
        assertTrue(recorder.limits().version().contains("at most explicit 2.0/4.0/5.0/14.0 N"));
    }

    @Test
    void findingsBelongToTheAreaInWhichTheyBegan() throws Exception {
        order(calf(), 100);
        command("area", "{\"region\":\"forearm\",\"side\":\"right\"}", 300);
        stroke(280, 4, 1000, 0, 0, null); // known only now
        stroke(310, 4, 1000, 0, 0, null);
        stroke(90, 4, 1000, 0, 0, null);
        List<JsonNode> strokes = found("stroke");
        assertEquals("calf", strokes.get(0).get("region").asText());
        assertEquals("forearm", strokes.get(1).get("region").asText());
        assertEquals("p-7", strokes.get(1).get("person").asText());
        assertFalse(strokes.get(2).has("session"), "it began before");
    }

    @Test
    void aPauseBelongsToNoSession() throws Exception {
        order(calf(), 100);
        command("pause", "{}", 200);
        stroke(250, 4, 1000, 0, 0, null);
        spot(250, 2_000);
        overPressure(250, 2_500, 3_500);
        command("resume", "{}", 400);
        stroke(450, 4, 1000, 0, 0, null);
        command("session-end", "{}", 600);
        assertFalse(found("stroke").get(0).has("session"));
        assertFalse(found("alert").get(0).has("session"));
        assertTrue(found("stroke").get(1).has("session"));
        assertEquals(1, summary().total().strokes());
        assertEquals(0, summary().total().overPressureEvents());
        assertEquals(0.0, summary().workedS());
    }

    @Test
    void theLastSpotIsMarkedAfterwardsAsItsNextRevision() throws Exception {
        order(calf(), 100);
        Order mark = orders.of(Command.read("mark-spot", "{\"mark\":\"tender\"}".getBytes("UTF-8")), recorder.state());
        assertEquals("mark-spot: want a spot in this session, got none yet", recorder.refusal(mark));
        spot(200, 5_000);
        order(mark, 900);
        command("session-end", "{}", 1000);
        List<JsonNode> spots = found("spot");
        assertFalse(spots.get(0).has("mark"));
        assertEquals(1, spots.get(0).get("revision").asInt());
        assertEquals("tender", spots.get(1).get("mark").asText());
        assertEquals(2, spots.get(1).get("revision").asInt());
        assertEquals(spots.get(0).get("id"), spots.get(1).get("id"));
        assertEquals("tender", summary().areas().get(0).spots().get(0).mark());
    }

    @Test
    void aCapIsToldOnceWhenItIsPassed() throws Exception {
        order(calf(), 100);
        spot(200, 180_000);
        assertFalse(recorder.capPassed(), "3 min are allowed");
        spot(20_000, 10);
        assertTrue(recorder.capPassed());
        assertFalse(recorder.capPassed());
        assertEquals(List.of("area-cap"), state().hints());
        command("area", "{\"region\":\"thigh\",\"side\":\"left\"}", 30_000);
        assertEquals(List.of(), state().hints());
        assertEquals(
                List.of(true, false),
                state().areas().stream().map(SessionStateMessage.Area::pastCap).toList());
        command("area", "{\"region\":\"calf\",\"side\":\"left\"}", 40_000);
        assertTrue(recorder.capPassed(), "the same area again");
        for (int area = 0; area < 5; area++) {
            command(
                    "area",
                    "{\"region\":\"glute\",\"side\":\"%s\"}".formatted(area % 2 == 0 ? "left" : "right"),
                    50_000 + area);
            spot(60_000 + area * 20_000L, 80_000);
        }
        assertTrue(recorder.capPassed(), "the left glute, with 3 * 80 s");
        assertFalse(recorder.capPassed());
        command("area", "{\"region\":\"shoulder\"}", 200_000);
        spot(200_000, 179_000);
        command("area", "{\"region\":\"mid-back\"}", 300_000);
        spot(300_000, 179_000);
        assertTrue(recorder.capPassed(), "180.01 + 5 * 80 + 2 * 179 s are more than 15 min");
        assertEquals(List.of("session-cap"), state().hints());
        command("session-end", "{}", 400_000);
        assertTrue(summary().pastCap());
        assertEquals(3, summary().areasPastCap(), "the calf twice, the left glute with 240 s");
    }

    @Test
    void theSessionsGuidelineSaysHowLongASpotIs() throws Exception {
        Engine engine = new Engine(CONFIGURED);
        SessionRecorder other =
                new SessionRecorder("tool-1", engine, CONFIGURED, new Caps(12, 20, 180, 900), partlySeen::add);
        assertEquals(List.of(13L, 21L), cueSeconds(engine, BOOT), "nobody started one: the configured guideline");
        List<JournalEntry.Finding> unused = other.order(calf(), at(0));
        assertEquals(List.of(11L, 16L), cueSeconds(engine, BOOT + 1), "the session's guideline");
    }

    /** Whole seconds of tool time at which the hand is told of a spot, that is pressed from 1 s on with 2 N. */
    private static List<Long> cueSeconds(Engine engine, long boot) {
        List<Long> seconds = new ArrayList<>();
        for (long index = 0; index < 2_500; index += 5) {
            short[] forceCn = new short[5];
            Arrays.fill(forceCn, (short) (index < 100 ? 0 : 200));
            engine.accept(boot, index, index * 10_000, 10_000, false, forceCn).events().stream()
                    .filter(EngineEvent.CueDue.class::isInstance)
                    .forEach(cue -> seconds.add(((EngineEvent.CueDue) cue).timeUs() / 1_000_000));
        }
        return seconds;
    }

    @Test
    void whatIsTakenUpPastItsCapIsNotToldAgain() throws Exception {
        order(calf(), 100);
        spot(200, 200_000);
        recorder.resumed();
        assertFalse(recorder.capPassed());
        assertEquals(List.of("area-cap"), state().hints());
    }

    @Test
    void aLateSampleOfAnyOfItsBootsRevisesASession() throws Exception {
        order(calf(), 100);
        recorder.samples(BOOT, 100, 50, 0);
        recorder.samples(BOOT + 1, 0, 50, 0);
        recorder.samples(BOOT + 2, 0, 50, 0);
        found.addAll(recorder.order(
                new Order.End(state().session(), Order.By.COMMAND, null),
                new Moment(BOOT + 2, 50, OFFSET_US + 60_000_000)));
        recorder.late(BOOT, 99, 1);
        recorder.late(BOOT + 2, 50, 1);
        recorder.late(BOOT + 3, 20, 1);
        assertEquals(List.of(), partlySeen);
        recorder.late(BOOT + 1, 20, 1);
        assertEquals(List.of(summary().session()), partlySeen);
    }

    private SessionStateMessage state() {
        return Objects.requireNonNull(recorder.message(0));
    }

    @Test
    void whoeverDoesNotConfirmTheChecklistIsRefusedUnlessUnplanned() throws Exception {
        String json = "{\"person\":\"p\",\"region\":\"calf\",\"checklist\":{\"emollient\":true,\"screening\":false}%s}";
        String error = assertThrows(IllegalArgumentException.class, () -> start(json.formatted("")))
                .getMessage();
        assertEquals(
                "checklist: want emollient and screening confirmed, or unplanned on a practitioner's word,"
                        + " got emollient true, screening false",
                error);
        assertEquals(false, start(json.formatted(",\"unplanned\":true")).screening());
    }

    @Test
    void aRegionThatIsNotOfferedIsRefused() {
        String json = "{\"person\":\"p\",\"region\":\"abdomen\",\"checklist\":{\"emollient\":true,\"screening\":true}}";
        assertThrows(IllegalArgumentException.class, () -> start(json));
    }

    @Test
    void withoutASessionNothingCanBeOrdered() {
        assertThrows(IllegalArgumentException.class, () -> command("pause", "{}", 1));
        order(recorder.unassigned(BOOT, 5), 5);
        assertThrows(IllegalArgumentException.class, () -> command("pause", "{}", 6));
    }

    @Test
    void aSessionThatNobodyStartedHasAPlaceAndNoPerson() throws Exception {
        order(recorder.unassigned(BOOT, 5), 5);
        stroke(10, 4, 1000, 0, 0, null);
        assertEquals(
                "unassigned-tool-1-5eed0003-5",
                found("stroke").get(0).get("session").asText());
        assertFalse(found("stroke").get(0).has("person"));
        order(new Order.End("unassigned-tool-1-5eed0003-5", Order.By.SILENCE, null), 500);
        SessionMessage summary = summary();
        assertNull(summary.person());
        assertNull(summary.emollient());
        assertNull(summary.sessionCapS());
        assertEquals("silence", summary.endedBy());
        assertEquals(1, summary.total().strokes());
    }

    @Test
    void theToolsStrokesAreThoseOfTheSessionAlone() throws Exception {
        order(recorder.unassigned(BOOT, 5), 5);
        recorder.samples(BOOT, 5, 5, 300);
        recorder.samples(BOOT, 10, 5, 301);
        order(new Order.End("unassigned-tool-1-5eed0003-5", Order.By.SILENCE, null), 500);
        assertEquals(1, summary().toolStrokes(), "300 before the gateway was there");
        assertEquals(List.of(), recorder.boot(BOOT + 1, BootClock.ofOffset(OFFSET_US + 60_000_000)));
        found.addAll(recorder.order(recorder.unassigned(BOOT + 1, 0), new Moment(BOOT + 1, 0, OFFSET_US + 60_000_000)));
        recorder.samples(BOOT + 1, 0, 5, 0);
        recorder.samples(BOOT + 1, 5, 995, 4);
        order(new Order.End(Objects.requireNonNull(recorder.state()).id(), Order.By.SILENCE, null), 8_000);
        assertEquals(4, summary().toolStrokes(), "a power cycle began at 0");
    }

    @Test
    void anOrderReadsBackFromTheJournal() throws Exception {
        Order.Start start = calf();
        List<Order> all = List.of(
                start,
                new Order.Area("s", "calf", "left", CONFIGURED),
                new Order.ToPhase("s", Phase.ASSESS),
                new Order.NextSpot("s", null),
                new Order.MarkSpot("s", "tender"),
                new Order.Pause("s"),
                new Order.Resume("s"),
                new Order.Limits("s", CONFIGURED),
                new Order.End("s", Order.By.GATEWAY_END, 3));
        for (Order order : all) {
            assertEquals(order, Order.of(new JournalEntry.Order("tool-1", 1, 2, 3, order.json())));
        }
        assertNotNull(start.caps());
    }
}

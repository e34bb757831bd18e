package io.lightstroke.dashboard.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.dashboard.records.Rest.Verdict;
import io.lightstroke.dashboard.records.Rest.Why;
import io.lightstroke.gateway.guideline.Guideline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestTest {
    private static final Guideline GUIDELINE = Guideline.builtIn();
    private static final Instant DAY_0 = Instant.parse("2026-03-02T10:00:00Z");
    private static final Person PERSON = new Person("p-abcdefgh2345", "Ada", "standard", 1, "UTC", DAY_0);
    private static final Answers NOTHING_APPLIES = new Answers(DAY_0, List.of());
    private static final Area CALF_LEFT = new Area("calf", "left");

    private static final Set<String> WHOLE = Set.of("both", "none");

    private static Instant hours(double hours) {
        return DAY_0.plusSeconds(Math.round(hours * 3600));
    }

    /** Of half an hour. */
    private static HeldSession session(double startH, Area... areas) {
        return new HeldSession(
                "at " + startH, hours(startH), hours(startH + 0.5), true, false, Set.of(areas), null, null);
    }

    private static CheckIn clear(double atH, Area area) {
        return new CheckIn(hours(atH), area, false, false, false, false, false, 0, null);
    }

    private static CheckIn sore(double atH, Area area) {
        return new CheckIn(hours(atH), area, false, false, true, false, false, 3, null);
    }

    private static Facts facts(List<HeldSession> sessions, List<CheckIn> checkIns) {
        return new Facts(PERSON, sessions, checkIns, NOTHING_APPLIES, null);
    }

    private static Verdict judge(Facts facts, Area area, double atH) {
        return Rest.judge(GUIDELINE, facts, area, null, hours(atH));
    }

    private static List<Why> why(Verdict verdict) {
        return verdict.reasons().stream().map(Rest.Reason::why).toList();
    }

    @Test
    void theFirstSessionMayStart() {
        assertEquals(new Verdict(List.of(), null), judge(facts(List.of(), List.of()), CALF_LEFT, 0));
    }

    /** One session on the left calf, from hour 0 to 0.5. */
    @ParameterizedTest
    @CsvSource({
        "48.49, 40,  ,   REST",
        "48.5,  40,  ,   ''",
        "48.5,    ,  ,   NOT_CLEAR",
        "48.5,  0.4, ,   NOT_CLEAR", // said before it ended
        "48.5,  40,  41, NOT_CLEAR", // later it was sore
        "48.5,  41,  40, ''",
        "47,      ,  ,   REST NOT_CLEAR",
        "47,    40,  ,   REST"
    })
    void anAreaRestsAndMustBeClear(double atH, Double clearH, Double soreH, String expected) {
        List<CheckIn> checkIns = new ArrayList<>();
        if (clearH != null) {
            checkIns.add(clear(clearH, null));
        }
        if (soreH != null) {
            checkIns.add(sore(soreH, CALF_LEFT));
        }
        checkIns.sort(Comparator.comparing(CheckIn::at));
        Verdict verdict = judge(facts(List.of(session(0, CALF_LEFT)), checkIns), CALF_LEFT, atH);
        assertEquals(
                expected, String.join(" ", why(verdict).stream().map(Why::name).toList()));
        assertEquals(atH < 48.5 ? hours(48.5) : null, verdict.earliest());
    }

    @ParameterizedTest
    @CsvSource({
        "left, left, true", "left, right, false", "left, both, true", "left, none, true",
        "both, left, true", "both, right, true", "none, left, true", "none, none, true"
    })
    void aWholeRegionIsBothItsSides(String held, String asked, boolean rests) {
        Facts facts = facts(List.of(session(0, new Area("calf", held))), List.of(clear(1, null)));
        assertEquals(rests ? List.of(Why.REST) : List.of(), why(judge(facts, new Area("calf", asked), 20)));
        assertTrue(judge(facts, new Area("thigh", asked), 20).allowed());
    }

    @Test
    void aFourthSessionInSevenDaysIsRefusedOnWhateverArea() {
        Facts facts = facts(
                List.of(
                        session(0, CALF_LEFT),
                        session(24, new Area("thigh", "left")),
                        session(72, new Area("foot", "left"))),
                List.of());
        Verdict verdict = judge(facts, new Area("shoulder", "right"), 100);
        assertEquals(List.of(Why.WEEKLY), why(verdict));
        assertEquals(hours(168), verdict.earliest());
        assertFalse(judge(facts, new Area("shoulder", "right"), 167.99).allowed());
        assertTrue(judge(facts, new Area("shoulder", "right"), 168).allowed());
    }

    @Test
    void withinASessionTheWeekIsNoMatterAndItCountsForNothingItself() {
        Facts facts = facts(
                List.of(
                        session(0, CALF_LEFT),
                        session(24, new Area("thigh", "left")),
                        session(72, new Area("foot", "left"))),
                List.of(clear(71, null)));
        Verdict back = Rest.judge(GUIDELINE, facts, new Area("foot", "left"), "at 72.0", hours(72.2));
        assertTrue(back.allowed(), back.words());
        Facts again =
                facts(List.of(session(0, CALF_LEFT), session(24, CALF_LEFT)), List.of()); // let start before its time
        assertTrue(
                Rest.judge(GUIDELINE, again, CALF_LEFT, "at 24.0", hours(24.2)).allowed());
        assertFalse(Rest.judge(GUIDELINE, again, new Area("calf", "left"), null, hours(24.2))
                .allowed());
        Verdict on = Rest.judge(GUIDELINE, facts, new Area("shoulder", "left"), "at 72.0", hours(72.2));
        assertEquals(new Verdict(List.of(), null), on);
        Verdict tooEarly = Rest.judge(GUIDELINE, facts, new Area("thigh", "left"), "at 72.0", hours(72.2));
        assertEquals(List.of(Why.REST), why(tooEarly));
        assertEquals(hours(72.5), tooEarly.earliest());
    }

    @Test
    void eachOfWhatMayBeLeftKeepsItFromBeingClear() {
        for (int i = 0; i < 5; i++) {
            CheckIn one = new CheckIn(hours(60), null, i == 0, i == 1, i == 2, i == 3, i == 4, null, null);
            Verdict verdict = judge(facts(List.of(session(0, CALF_LEFT)), List.of(one)), CALF_LEFT, 61);
            assertEquals(List.of(Why.NOT_CLEAR), why(verdict), one.toString());
        }
        CheckIn pain = new CheckIn(hours(60), null, false, false, false, false, false, 7, null);
        assertTrue(judge(facts(List.of(session(0, CALF_LEFT)), List.of(pain)), CALF_LEFT, 61)
                .allowed());
    }

    @Test
    void aRefusalSaysSinceWhenAndWhatIsLeft() {
        Verdict verdict =
                judge(facts(List.of(session(0, CALF_LEFT)), List.of(sore(20, null))), new Area("calf", "both"), 24);
        assertEquals(
                "calf left: want 48 h of rest, 24 h 30 min to go; calf left: want a check-in after the session of"
                        + " 2026-03-02 10:00 that says nothing is left, got soreness",
                verdict.words());
        assertTrue(verdict.isOnlyTooEarly());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                   | ''                     | calf   | ''",
                "eczema               | ''                     | calf   | CLEARANCE",
                "eczema               | eczema                 | calf   | ''",
                "eczema cancer        | eczema                 | calf   | CLEARANCE",
                "eczema               | eczema cancer          | calf   | ''",
                "open-wound           | open-wound             | calf   | SCREENING",
                "eczema open-wound    | eczema                 | calf   | SCREENING",
                "pregnancy            | pregnancy              | calf   | ''",
                "pregnancy            | pregnancy              | lumbar | SCREENING",
                "no-more-asked-for    | ''                     | calf   | SCREENING"
            })
    void conditionsWantAClearanceOrForbid(String ticked, String cleared, String region, String expected) {
        Facts facts = new Facts(
                PERSON,
                List.of(),
                List.of(),
                new Answers(DAY_0, words(ticked)),
                cleared.isEmpty() ? null : new Clearance(DAY_0, "Dr. X", "fine", words(cleared)));
        Verdict verdict = judge(facts, new Area(region, "left"), 1);
        assertEquals(expected.isEmpty() ? List.of() : List.of(Why.valueOf(expected)), why(verdict));
        assertFalse(verdict.isOnlyTooEarly(), "no practitioner's word on time lifts it");
    }

    private static List<String> words(String words) {
        return words.isEmpty() ? List.of() : List.of(words.split(" "));
    }

    @Test
    void whoWasNeverScreenedMayNotStart() {
        assertEquals(
                List.of(Why.SCREENING), why(judge(new Facts(PERSON, List.of(), List.of(), null, null), CALF_LEFT, 0)));
    }

    @Provide
    static Arbitrary<List<HeldSession>> lives() {
        Arbitrary<Area> areas = Combinators.combine(
                        Arbitraries.of("calf", "thigh", "foot"), Arbitraries.of("left", "right", "both", "none"))
                .as(Area::new);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 400),
                        Arbitraries.integers().between(1, 3),
                        areas.set().ofMinSize(1).ofMaxSize(3))
                .as((start, length, on) -> new HeldSession(
                        start + " " + length + on, hours(start), hours(start + length), true, false, on, null, null))
                .list()
                .ofMaxSize(12)
                .uniqueElements(HeldSession::session)
                .map(all -> all.stream()
                        .sorted(Comparator.comparing(HeldSession::started))
                        .toList());
    }

    @Provide
    static Arbitrary<List<CheckIn>> said() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 500),
                        Arbitraries.of(CALF_LEFT, new Area("calf", "both"), new Area("thigh", "none"))
                                .injectNull(0.4),
                        Arbitraries.of(true, false))
                .as((at, area, clear) -> clear ? clear(at, area) : sore(at, area))
                .list()
                .ofMaxSize(12)
                .map(all ->
                        all.stream().sorted(Comparator.comparing(CheckIn::at)).toList());
    }

    private static boolean meet(String one, String other) {
        return one.equals(other) || WHOLE.contains(one) || WHOLE.contains(other);
    }

    /** By the rule's own words, not by its code: whatever was held and said. */
    @Property
    void itNeverAllowsTooEarly(
            @ForAll("lives") List<HeldSession> sessions, @ForAll("said") List<CheckIn> said, @ForAll int anyHour) {
        int at = Math.floorMod(anyHour, 600);
        List<HeldSession> past = sessions.stream()
                .filter(session -> !session.ended().isAfter(hours(at)))
                .toList();
        List<CheckIn> until =
                said.stream().filter(each -> !each.at().isAfter(hours(at))).toList();
        for (String side : List.of("left", "right", "both", "none")) {
            Area area = new Area("calf", side);
            Verdict verdict = judge(facts(past, until), area, at);
            if (verdict.allowed()) {
                Set<String> inAWeek = new HashSet<>();
                for (HeldSession session : past) {
                    boolean same = session.areas().stream()
                            .anyMatch(each -> each.region().equals("calf") && meet(each.side(), side));
                    Duration rested = Duration.between(session.ended(), hours(at));
                    assertTrue(!same || rested.toHours() >= 48, session + " at " + at);
                    if (same) {
                        assertTrue(
                                until.stream()
                                        .anyMatch(each ->
                                                each.isClear() && !each.at().isBefore(session.ended())),
                                "nobody has said that nothing is left of " + session);
                    }
                    if (Duration.between(session.started(), hours(at)).compareTo(Duration.ofDays(7)) < 0) {
                        inAWeek.add(session.session());
                    }
                }
                assertTrue(inAWeek.size() < 3, inAWeek.toString());
            } else if (verdict.earliest() != null) {
                assertTrue(verdict.earliest().isAfter(hours(at)));
                List<CheckIn> allClear =
                        List.of(new CheckIn(verdict.earliest(), null, false, false, false, false, false, null, null));
                Verdict then = Rest.judge(GUIDELINE, facts(past, allClear), area, null, verdict.earliest());
                assertTrue(then.allowed(), "it can be at the time that was said: " + then.words());
                Verdict before = Rest.judge(
                        GUIDELINE,
                        facts(past, allClear),
                        area,
                        null,
                        verdict.earliest().minusMillis(1));
                assertFalse(before.allowed(), "and no sooner");
            }
        }
    }
}

package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lightstroke.dashboard.history.KeptSessions;
import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.records.Facts;
import io.lightstroke.dashboard.records.HeldSession;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.messages.SessionMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class WeekTest {
    private static final LocalDate MONDAY = LocalDate.of(2026, 3, 2);

    private static SessionMessage.Figures figures(double... peaksN) {
        double meanN = DoubleStream.of(peaksN).average().orElseThrow();
        double deviationN = Math.sqrt(DoubleStream.of(peaksN)
                        .map(peak -> (peak - meanN) * (peak - meanN))
                        .sum()
                / (peaksN.length - 1));
        return new SessionMessage.Figures(
                peaksN.length,
                0,
                peaksN.length,
                null,
                meanN,
                peaksN.length < 2 ? null : 100 * deviationN / meanN,
                0,
                80.0,
                1,
                0,
                null);
    }

    @Test
    void partsTogetherAreAsOneSession() {
        Figures together = Figures.of(List.of(figures(4, 5, 6.5), figures(7), figures(3, 9)));
        SessionMessage.Figures whole = figures(4, 5, 6.5, 7, 3, 9);
        assertEquals(6, together.strokes());
        assertEquals(whole.peakMeanN(), together.peakMeanN(), 1e-9);
        assertEquals(whole.peakCvPercent(), together.peakCvPercent(), 1e-9);
        assertEquals(50, together.overPressurePer100Strokes(), 1e-9);
    }

    @Test
    void whatIsOfNothingIsNotKnown() {
        Figures none = Figures.of(List.of());
        assertNull(none.peakMeanN());
        assertNull(none.peakCvPercent());
        assertNull(none.inTargetPercent());
        assertNull(none.overPressurePer100Strokes());
        assertNull(Figures.of(List.of(figures(5))).peakCvPercent(), "one stroke does not vary");
    }

    @Test
    void aWeekWithoutSessionsStandsBetweenThoseThatHaveSome() {
        List<Week> weeks = Week.of(
                List.of(
                        KeptSessions.summary("a", 1, KeptSessions.PERSON, KeptSessions.START),
                        KeptSessions.summary(
                                "b", 1, KeptSessions.PERSON, KeptSessions.START.plus(Duration.ofDays(20)))),
                ZoneOffset.UTC,
                null,
                new Review.Days(MONDAY, MONDAY.plusMonths(2)));
        assertEquals(
                List.of(MONDAY.plusWeeks(2), MONDAY.plusWeeks(1), MONDAY),
                weeks.stream().map(Week::monday).toList());
        assertEquals(List.of(1, 0, 1), weeks.stream().map(Week::sessions).toList());
        assertNull(weeks.get(1).figures().peakMeanN());
        assertNull(weeks.get(1).painAfter());
        assertNull(weeks.get(1).adherence());
    }

    @Test
    void adherenceCountsWhatThePlanWantsInEachWeek() {
        Area calf = new Area("calf", "left");
        Plan plan = new Plan(MONDAY.plusDays(2), 4, 3, List.of(calf));
        Facts facts = new Facts(
                new Person(KeptSessions.PERSON, "Ada", "standard", 1, "UTC", KeptSessions.START),
                List.of(
                        held("before", MONDAY.plusDays(1), calf),
                        held("one", MONDAY.plusDays(3), calf),
                        held("elsewhere", MONDAY.plusDays(4), new Area("foot", "left")),
                        held("two", MONDAY.plusDays(7), calf)),
                List.of(),
                null,
                null);
        List<Week> weeks = Week.of(
                List.of(),
                ZoneOffset.UTC,
                new Week.Planned(plan, facts),
                new Review.Days(MONDAY.minusMonths(1), MONDAY.plusMonths(3)));
        assertEquals(
                List.of(
                        new Week.Adherence(0, 1),
                        new Week.Adherence(0, 3),
                        new Week.Adherence(0, 3),
                        new Week.Adherence(1, 3),
                        new Week.Adherence(2, 2)),
                weeks.stream().map(Week::adherence).toList());
        assertEquals(
                List.of(MONDAY.plusWeeks(1), MONDAY),
                Week.of(
                                List.of(),
                                ZoneOffset.UTC,
                                new Week.Planned(plan, facts),
                                new Review.Days(MONDAY, MONDAY.plusDays(8)))
                        .stream()
                        .map(Week::monday)
                        .toList(),
                "no further than asked");
    }

    private static HeldSession held(String id, LocalDate day, Area area) {
        Instant noon = day.atTime(12, 0).toInstant(ZoneOffset.UTC);
        return new HeldSession(id, noon, noon.plusSeconds(60), true, false, Set.of(area), null, null);
    }
}

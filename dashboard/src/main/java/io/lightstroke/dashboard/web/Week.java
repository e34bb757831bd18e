package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.records.Facts;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.messages.SessionMessage;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A week's sessions, from Monday on.
 *
 * @param painAfter mean
 * @param adherence null: no plan wants sessions in it
 */
public record Week(
        LocalDate monday,
        int sessions,
        Figures figures,
        @Nullable Double painAfter,
        @Nullable Adherence adherence) {
    /**
     * @param held on areas of the plan
     * @param planned by the plan; of a week of which it covers a part, in proportion
     */
    public record Adherence(int held, int planned) {}

    /** A person's plan, and what was held. */
    record Planned(Plan plan, Facts facts) {
        private @Nullable Adherence of(LocalDate monday) {
            LocalDate next = monday.plusWeeks(1);
            return monday.isBefore(plan.end()) && plan.start().isBefore(next)
                    ? new Adherence(plan.held(facts, monday, next), plan.dueBefore(next) - plan.dueBefore(monday))
                    : null;
        }
    }

    /**
     * Each week from the first to the last in which there was a session, or one was planned; the newest first.
     *
     * @param days in which a plan is looked at
     */
    static List<Week> of(List<SessionMessage> summaries, ZoneId zone, @Nullable Planned planned, Review.Days days) {
        TreeMap<LocalDate, List<SessionMessage>> byMonday = new TreeMap<>();
        for (SessionMessage summary : summaries) {
            byMonday.computeIfAbsent(monday(LocalDate.ofInstant(summary.started(), zone)), day -> new ArrayList<>())
                    .add(summary);
        }
        if (planned != null) {
            LocalDate first = latest(days.from(), planned.plan.start());
            LocalDate end = earliest(days.to().plusDays(1), planned.plan.end());
            if (first.isBefore(end)) {
                byMonday.putIfAbsent(monday(first), List.of());
                byMonday.putIfAbsent(monday(end.minusDays(1)), List.of());
            }
        }
        List<Week> weeks = new ArrayList<>();
        if (!byMonday.isEmpty()) {
            for (LocalDate monday = byMonday.lastKey();
                    !monday.isBefore(byMonday.firstKey());
                    monday = monday.minusWeeks(1)) {
                weeks.add(of(monday, byMonday.getOrDefault(monday, List.of()), planned));
            }
        }
        return weeks;
    }

    private static Week of(LocalDate monday, List<SessionMessage> summaries, @Nullable Planned planned) {
        return new Week(
                monday,
                Figures.sessions(summaries),
                Figures.of(summaries.stream().map(SessionMessage::total).toList()),
                Figures.painAfter(summaries),
                planned == null ? null : planned.of(monday));
    }

    static LocalDate monday(LocalDate day) {
        return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    private static LocalDate latest(LocalDate one, LocalDate other) {
        return one.isAfter(other) ? one : other;
    }

    private static LocalDate earliest(LocalDate one, LocalDate other) {
        return one.isBefore(other) ? one : other;
    }
}

package io.lightstroke.dashboard.records;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.lightstroke.gateway.guideline.RestRule;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * What somebody means to do.
 *
 * @param start in the person's time zone, as all days of the plan
 */
public record Plan(
        @JsonFormat(shape = JsonFormat.Shape.STRING) LocalDate start,
        int weeks,
        int sessionsPerWeek,
        List<Area> areas) {
    public Plan {
        areas = List.copyOf(areas);
    }

    /** How a plan stands on a day. */
    public enum Phase {
        NOT_BEGUN,
        RUNNING,
        /** Its weeks are over. */
        OVER;

        /** As it is written. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param week 1 to {@link #weeks}; 0 before the start
     * @param done sessions on an area of the plan, from the start to the end of its weeks
     * @param due that should have been held by the end of this week
     * @param scheduled in all its weeks
     * @param review it is in the week of the guideline in which a course is reviewed, or over
     */
    public record Standing(String phase, int week, int done, int due, int scheduled, boolean review) {}

    public Standing standing(RestRule rule, Facts facts, Instant now) {
        ZoneId zone = ZoneId.of(facts.person().zone());
        long days = ChronoUnit.DAYS.between(start, LocalDate.ofInstant(now, zone));
        int week = days < 0 ? 0 : (int) Math.min(weeks, days / 7 + 1);
        Phase phase = days < 0 ? Phase.NOT_BEGUN : days >= weeks * 7L ? Phase.OVER : Phase.RUNNING;
        int done = held(facts, start, end());
        return new Standing(
                phase.word(),
                week,
                done,
                week * sessionsPerWeek,
                weeks * sessionsPerWeek,
                phase == Phase.OVER || week >= rule.reviewWeek());
    }

    /** The day after its last. */
    public LocalDate end() {
        return start.plusWeeks(weeks);
    }

    /** Sessions on an area of the plan, from the one day until before the other. */
    public int held(Facts facts, LocalDate from, LocalDate to) {
        ZoneId zone = ZoneId.of(facts.person().zone());
        Instant begin = from.atStartOfDay(zone).toInstant();
        Instant end = to.atStartOfDay(zone).toInstant();
        return (int) facts.sessions().stream()
                .filter(session ->
                        !session.started().isBefore(begin) && session.started().isBefore(end))
                .filter(session -> areas.stream().anyMatch(session::isOn))
                .count();
    }

    /** Sessions that it wants held before that day; of a part of a week in proportion, rounded. */
    public int dueBefore(LocalDate day) {
        long days = Math.max(0, Math.min(weeks * 7L, ChronoUnit.DAYS.between(start, day)));
        return (int) Math.round(days * sessionsPerWeek / 7.0);
    }
}

package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.history.SessionHistory.Part;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A month of a calendar.
 *
 * @param weeks each of seven days from Monday on, of which the first and the last may be of another month
 */
public record Month(YearMonth month, List<List<Day>> weeks) {
    /** @param sessions that began on it; none of a day of another month */
    public record Day(LocalDate date, boolean inMonth, List<SessionParts> sessions) {}

    /** Each month from the first to the last session, the newest first. */
    static List<Month> of(List<Part> parts, ZoneId zone) {
        Map<LocalDate, List<SessionParts>> days = SessionParts.of(parts).stream()
                .collect(Collectors.groupingBy(session -> LocalDate.ofInstant(session.started(), zone)));
        List<Month> months = new ArrayList<>();
        if (!days.isEmpty()) {
            YearMonth first = YearMonth.from(
                    days.keySet().stream().min(Comparator.naturalOrder()).orElseThrow());
            YearMonth last = YearMonth.from(
                    days.keySet().stream().max(Comparator.naturalOrder()).orElseThrow());
            for (YearMonth month = last; !month.isBefore(first); month = month.minusMonths(1)) {
                months.add(of(month, days));
            }
        }
        return months;
    }

    private static Month of(YearMonth month, Map<LocalDate, List<SessionParts>> days) {
        return new Month(
                month,
                Stream.iterate(
                                Week.monday(month.atDay(1)),
                                monday -> !monday.isAfter(month.atEndOfMonth()),
                                monday -> monday.plusWeeks(1))
                        .map(monday -> Stream.iterate(monday, day -> day.plusDays(1))
                                .limit(7)
                                .map(day -> day(month, day, days))
                                .toList())
                        .toList());
    }

    private static Day day(YearMonth month, LocalDate day, Map<LocalDate, List<SessionParts>> days) {
        boolean inMonth = YearMonth.from(day).equals(month);
        return new Day(day, inMonth, inMonth ? days.getOrDefault(day, List.of()) : List.of());
    }
}

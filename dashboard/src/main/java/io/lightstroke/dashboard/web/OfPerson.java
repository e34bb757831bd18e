package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.records.Outcome;
import io.lightstroke.messages.SessionMessage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A person among others.
 *
 * @param told sessions of which a check-in has told whether there was a bruise
 * @param bruised of those
 * @param cleared sessions after which nothing was left at some time
 * @param daysUntilClear mean of those
 */
public record OfPerson(
        String person,
        int sessions,
        Figures figures,
        int told,
        int bruised,
        int cleared,
        @Nullable Double daysUntilClear) {
    /** With fewer sessions, figures say little of a person. */
    public static final int FEW_SESSIONS = 5;

    static OfPerson of(String person, List<SessionMessage> summaries, List<Outcome> outcomes) {
        List<Double> days = outcomes.stream()
                .map(Outcome::daysUntilClear)
                .filter(Objects::nonNull)
                .map(Double.class::cast)
                .toList();
        return new OfPerson(
                person,
                Figures.sessions(summaries),
                Figures.of(summaries.stream().map(SessionMessage::total).toList()),
                (int) outcomes.stream().filter(each -> each.bruised() != null).count(),
                (int) outcomes.stream()
                        .filter(each -> Boolean.TRUE.equals(each.bruised()))
                        .count(),
                days.size(),
                Figures.mean(days, each -> each, each -> 1));
    }

    public boolean isFew() {
        return sessions < FEW_SESSIONS;
    }
}

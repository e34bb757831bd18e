package io.lightstroke.dashboard.records;

import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.RestRule;
import io.lightstroke.gateway.guideline.Screening;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rest rule: whether an area of a person may be worked on at a time, by the guideline's values. Pure. */
public final class Rest {
    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

    /** Why not. */
    public enum Why {
        /** The area has not rested for long enough. */
        REST,
        /** As many sessions as a week may have were held within 7 days. */
        WEEKLY,
        /** Since the last session on the area nobody has said that nothing is left of it. */
        NOT_CLEAR,
        /** The screening was not answered, or its answers forbid it. */
        SCREENING,
        /** A condition wants a practitioner's clearance. */
        CLEARANCE;

        /** As it is written. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        boolean isTooEarly() {
            return this == REST || this == WEEKLY || this == NOT_CLEAR;
        }
    }

    /** @param words for people, in one line */
    public record Reason(Why why, String words) {}

    /**
     * @param reasons none when allowed
     * @param earliest that rest and week allow; null when they do already. Other reasons may still stand then
     */
    public record Verdict(List<Reason> reasons, @Nullable Instant earliest) {
        public Verdict {
            reasons = List.copyOf(reasons);
        }

        public boolean allowed() {
            return reasons.isEmpty();
        }

        /** Refused, and only time or a check-in is wanting: a practitioner may let it start. */
        public boolean isOnlyTooEarly() {
            return !allowed()
                    && reasons.stream().allMatch(reason -> reason.why().isTooEarly());
        }

        /** For people, in one line. */
        public String words() {
            return reasons.stream().map(Reason::words).collect(Collectors.joining("; "));
        }
    }

    private Rest() {}

    /**
     * @param running id of the session in which the area is gone on to: the week is no matter then, nor what it has begun
     *     itself; null: a session is to begin
     */
    public static Verdict judge(Guideline guideline, Facts facts, Area area, @Nullable String running, Instant now) {
        RestRule rule = guideline.rest();
        List<HeldSession> sessions = new ArrayList<>();
        List<String> parts = new ArrayList<>(area.parts());
        for (HeldSession session : facts.sessions()) {
            if (session.session().equals(running)) {
                session.areas().forEach(begun -> parts.removeAll(begun.parts()));
            } else {
                sessions.add(session);
            }
        }
        List<RestRule.Held> held = sessions.stream()
                .map(session -> new RestRule.Held(
                        session.started(),
                        session.ended(),
                        session.areas().stream()
                                .flatMap(each -> each.parts().stream())
                                .collect(Collectors.toSet())))
                .toList();
        Map<Why, Reason> times = new LinkedHashMap<>();
        List<Instant> free = new ArrayList<>();
        for (String part : parts) {
            for (RestRule.TooEarly early :
                    rule.tooEarly(now, part, held, rule.mustBeGone().keySet())) {
                Why why = early.why() == RestRule.Why.WEEK_FULL ? Why.WEEKLY : Why.REST;
                times.putIfAbsent(why, new Reason(why, early.words()));
            }
            earliest(rule, part, held, running).filter(now::isBefore).ifPresent(free::add);
        }
        if (running != null) {
            times.remove(Why.WEEKLY);
        }
        List<Reason> reasons = new ArrayList<>(times.values());
        parts.forEach(part -> notClear(facts, sessions, area.region(), part).ifPresent(reasons::add));
        screened(guideline.screening(), facts, area).ifPresent(reasons::add);
        return new Verdict(reasons, free.stream().max(Comparator.naturalOrder()).orElse(null));
    }

    /** Within a session that runs the week is no matter. */
    private static Optional<Instant> earliest(
            RestRule rule, String part, List<RestRule.Held> held, @Nullable String running) {
        return rule.earliest(
                part,
                running == null
                        ? held
                        : held.stream()
                                .filter(each -> each.areas().contains(part))
                                .max(Comparator.comparing(RestRule.Held::end))
                                .map(List::of)
                                .orElse(List.of()));
    }

    private static Optional<Reason> notClear(Facts facts, List<HeldSession> sessions, String region, String part) {
        Area area = new Area(region, part.substring(region.length() + 1));
        HeldSession last = sessions.stream()
                .filter(session -> session.isOn(area))
                .max(Comparator.comparing(HeldSession::ended))
                .orElse(null);
        if (last == null) {
            return Optional.empty();
        }
        CheckIn said = facts.checkIns().stream()
                .filter(checkIn -> checkIn.isAbout(area) && !checkIn.at().isBefore(last.ended()))
                .reduce((earlier, later) -> later)
                .orElse(null);
        if (said != null && said.isClear()) {
            return Optional.empty();
        }
        return Optional.of(new Reason(
                Why.NOT_CLEAR,
                "%s: want a check-in after the session of %s that says nothing is left, got %s"
                        .formatted(
                                part,
                                MINUTES.format(last.started()
                                        .atZone(ZoneId.of(facts.person().zone()))),
                                said == null ? "none" : String.join(", ", said.left()))));
    }

    private static Optional<Reason> screened(Screening screening, Facts facts, Area area) {
        Answers answers = facts.screening();
        if (answers == null) {
            return reason(Why.SCREENING, "want the screening answered, got no answers");
        }
        Screening.Outcome outcome;
        try {
            outcome = screening.outcome(answers.conditions(), area.region());
        } catch (IllegalArgumentException e) {
            return reason(
                    Why.SCREENING,
                    "want the screening answered again, for its questions have changed; " + e.getMessage());
        }
        String names = String.join(", ", outcome.conditions());
        return switch (outcome.verdict()) {
            case CLEAR -> Optional.empty();
            case BLOCKED -> reason(Why.SCREENING, "%s: never with %s".formatted(area.words(), names));
            case BLOCKED_AT_HOME -> reason(Why.SCREENING, "want no session with " + names);
            case NEEDS_CLEARANCE ->
                facts.isCleared()
                        ? Optional.empty()
                        : reason(Why.CLEARANCE, "want a practitioner's clearance for " + names);
        };
    }

    private static Optional<Reason> reason(Why why, String words) {
        return Optional.of(new Reason(why, words));
    }
}

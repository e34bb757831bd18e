package io.lightstroke.gateway.guideline;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rest between sessions of one person.
 *
 * @param areaH hours from the end of a session to the next on the same area
 * @param sessionsPerWeek at most so many in any 7 days, on whatever areas
 * @param courseWeeksMin a course takes at least so many weeks
 * @param reviewWeek the week of the course in which it is reviewed
 * @param mustBeGone what the person says is gone before the next session: id to name
 */
public record RestRule(
        int areaH,
        int sessionsPerWeek,
        int courseWeeksMin,
        int courseWeeksMax,
        int reviewWeek,
        Map<String, String> mustBeGone) {
    private static final Duration WEEK = Duration.ofDays(7);

    /** A session that was held on some areas, for example {@code calf left}. */
    public record Held(Instant start, Instant end, Set<String> areas) {
        public Held {
            areas = Set.copyOf(areas);
        }
    }

    /** Why a session may not start yet. */
    public enum Why {
        /** The area has not rested for long enough. */
        AREA_RESTS,
        /** As many sessions as a week may have were held within 7 days. */
        WEEK_FULL,
        /** The person has not said that what must be gone is gone. */
        NOT_GONE
    }

    /** @param words for people, in one line */
    public record TooEarly(Why why, String words) {}

    public RestRule {
        mustBeGone = InOrder.copy(mustBeGone);
    }

    /**
     * The earliest start on an area as far as times go; empty when nothing was held that it must wait for.
     *
     * @param held in any order
     */
    public Optional<Instant> earliest(String area, List<Held> held) {
        return Stream.concat(areaRested(area, held).stream(), weekFree(held).stream())
                .max(Comparator.naturalOrder());
    }

    /**
     * Why a session on an area would be too early at that time; empty when it may start.
     *
     * @param held in any order
     * @param gone ids of {@link #mustBeGone} that the person says are gone; not asked for before the first session
     */
    public List<TooEarly> tooEarly(Instant at, String area, List<Held> held, Set<String> gone) {
        List<TooEarly> reasons = new ArrayList<>();
        areaRested(area, held)
                .filter(at::isBefore)
                .ifPresent(rested -> reasons.add(new TooEarly(
                        Why.AREA_RESTS, "%s: want %d h of rest, %s to go".formatted(area, areaH, time(at, rested)))));
        weekFree(held)
                .filter(at::isBefore)
                .ifPresent(free -> reasons.add(new TooEarly(
                        Why.WEEK_FULL,
                        "want at most %d sessions in 7 days, %s until another"
                                .formatted(sessionsPerWeek, time(at, free)))));
        if (!held.isEmpty()) {
            mustBeGone.forEach((id, name) -> {
                if (!gone.contains(id)) {
                    reasons.add(new TooEarly(Why.NOT_GONE, "want it said that %s is gone".formatted(name)));
                }
            });
        }
        return List.copyOf(reasons);
    }

    private Optional<Instant> areaRested(String area, List<Held> held) {
        return held.stream()
                .filter(session -> session.areas().contains(area))
                .map(session -> session.end().plus(Duration.ofHours(areaH)))
                .max(Comparator.naturalOrder());
    }

    /** When the oldest of the newest {@link #sessionsPerWeek} sessions is a week ago. */
    private Optional<Instant> weekFree(List<Held> held) {
        return held.stream()
                .map(Held::start)
                .sorted(Comparator.reverseOrder())
                .skip(sessionsPerWeek - 1)
                .findFirst()
                .map(start -> start.plus(WEEK));
    }

    /** Rounded up to a minute, so that it is never too little. */
    private static String time(Instant from, Instant to) {
        long minutes = (Duration.between(from, to).toSeconds() + 59) / 60;
        return minutes < 60 ? minutes + " min" : "%d h %d min".formatted(minutes / 60, minutes % 60);
    }
}

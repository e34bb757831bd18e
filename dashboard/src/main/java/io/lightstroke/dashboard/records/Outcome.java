package io.lightstroke.dashboard.records;

import io.lightstroke.gateway.guideline.BruiseRule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of a session by the check-ins about it: those after it, and before the next on an area of which they tell.
 *
 * @param bruised null while no check-in was about it
 * @param clear since when nothing is left; null while something is, or nobody has said
 */
public record Outcome(
        HeldSession session,
        @Nullable Boolean bruised,
        @Nullable Instant clear) {
    private static final double DAY_S = Duration.ofDays(1).toSeconds();

    /** Of each session, in the same order. */
    public static List<Outcome> of(Facts facts) {
        List<Outcome> outcomes = new ArrayList<>();
        for (HeldSession session : facts.sessions()) {
            Boolean bruised = null;
            Instant clear = null;
            for (CheckIn checkIn : facts.checkIns()) {
                if (session.equals(about(checkIn, facts.sessions()))) {
                    bruised = Boolean.TRUE.equals(bruised) || checkIn.isBruised();
                    clear = checkIn.isClear() ? Objects.requireNonNullElse(clear, checkIn.at()) : null;
                }
            }
            outcomes.add(new Outcome(session, bruised, clear));
        }
        return outcomes;
    }

    /** The last session before it on an area of which it tells. */
    private static @Nullable HeldSession about(CheckIn checkIn, List<HeldSession> sessions) {
        HeldSession last = null;
        for (HeldSession session : sessions) {
            boolean before = !session.ended().isAfter(checkIn.at());
            if (before && session.areas().stream().anyMatch(checkIn::isAbout)) {
                last = last == null || !session.ended().isBefore(last.ended()) ? session : last;
            }
        }
        return last;
    }

    /** As {@link BruiseRule} takes it: of each session of which somebody has told, the newest last. */
    public static List<Boolean> bruises(Facts facts) {
        return of(facts).stream()
                .map(Outcome::bruised)
                .filter(Objects::nonNull)
                .map(Boolean.class::cast)
                .toList();
    }

    /** Days from its end until nothing was left, to 0.1. */
    public @Nullable Double daysUntilClear() {
        return clear == null
                ? null
                : Math.round(Duration.between(session.ended(), clear).toSeconds() / DAY_S * 10) / 10.0;
    }
}

package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lightstroke.gateway.guideline.RestRule.Held;
import io.lightstroke.gateway.guideline.RestRule.TooEarly;
import io.lightstroke.gateway.guideline.RestRule.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RestRuleTest {
    private static final RestRule RULE = Guideline.builtIn().rest();
    private static final Set<String> ALL_GONE = Set.of("redness", "soreness");

    /** A quarter of an hour on areas. */
    private static Held held(String start, String... areas) {
        Instant from = Instant.parse(start);
        return new Held(from, from.plus(Duration.ofMinutes(15)), Set.of(areas));
    }

    private static List<TooEarly> tooEarly(String at, List<Held> held, Set<String> gone) {
        return RULE.tooEarly(Instant.parse(at), "calf left", held, gone);
    }

    @Test
    void theFirstSessionMayStart() {
        assertEquals(List.of(), tooEarly("2026-03-02T10:00:00Z", List.of(), Set.of()));
        assertEquals(Optional.empty(), RULE.earliest("calf left", List.of()));
    }

    @Test
    void anAreaRestsFor48HoursFromTheEndOfItsSession() {
        List<Held> held = List.of(held("2026-03-02T10:00:00Z", "calf left", "thigh left"));

        assertEquals(Optional.of(Instant.parse("2026-03-04T10:15:00Z")), RULE.earliest("calf left", held));
        assertEquals(
                List.of(new TooEarly(Why.AREA_RESTS, "calf left: want 48 h of rest, 1 min to go")),
                tooEarly("2026-03-04T10:14:59Z", held, ALL_GONE));
        assertEquals(List.of(), tooEarly("2026-03-04T10:15:00Z", held, ALL_GONE));
        assertEquals(
                List.of(new TooEarly(Why.AREA_RESTS, "calf left: want 48 h of rest, 47 h 15 min to go")),
                tooEarly("2026-03-02T11:00:00Z", held, ALL_GONE));
    }

    @Test
    void anotherAreaDoesNotWait() {
        List<Held> held = List.of(held("2026-03-02T10:00:00Z", "calf right"));

        assertEquals(List.of(), tooEarly("2026-03-02T11:00:00Z", held, ALL_GONE));
        assertEquals(Optional.empty(), RULE.earliest("calf left", held));
    }

    @Test
    void aFourthSessionIn7DaysIsTooEarlyOnWhateverArea() {
        List<Held> held = List.of( // in no order
                held("2026-03-04T10:00:00Z", "calf right"),
                held("2026-03-02T10:00:00Z", "calf right"),
                held("2026-03-06T10:00:00Z", "thigh right"));

        assertEquals(Optional.of(Instant.parse("2026-03-09T10:00:00Z")), RULE.earliest("calf left", held));
        assertEquals(
                List.of(new TooEarly(Why.WEEK_FULL, "want at most 3 sessions in 7 days, 24 h 0 min until another")),
                tooEarly("2026-03-08T10:00:00Z", held, ALL_GONE));
        assertEquals(List.of(), tooEarly("2026-03-09T10:00:00Z", held, ALL_GONE));
    }

    @Test
    void theLaterOfBothCounts() {
        List<Held> held = List.of(
                held("2026-03-02T10:00:00Z", "calf left"),
                held("2026-03-04T11:00:00Z", "calf left"),
                held("2026-03-08T09:00:00Z", "calf left"));

        assertEquals(Optional.of(Instant.parse("2026-03-10T09:15:00Z")), RULE.earliest("calf left", held));
        assertEquals(
                List.of(Why.AREA_RESTS, Why.WEEK_FULL),
                tooEarly("2026-03-09T09:59:00Z", held, ALL_GONE).stream()
                        .map(TooEarly::why)
                        .toList());
    }

    @Test
    void rednessAndSorenessMustBothBeSaidToBeGone() {
        List<Held> held = List.of(held("2026-03-02T10:00:00Z", "calf left"));

        assertEquals(
                List.of(new TooEarly(Why.NOT_GONE, "want it said that soreness is gone")),
                tooEarly("2026-03-20T10:00:00Z", held, Set.of("redness")));
        assertEquals(
                List.of(
                        new TooEarly(Why.NOT_GONE, "want it said that redness is gone"),
                        new TooEarly(Why.NOT_GONE, "want it said that soreness is gone")),
                tooEarly("2026-03-20T10:00:00Z", held, Set.of()));
    }
}

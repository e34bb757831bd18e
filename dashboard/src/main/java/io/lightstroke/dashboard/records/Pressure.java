package io.lightstroke.dashboard.records;

import io.lightstroke.gateway.guideline.BruiseRule;
import io.lightstroke.gateway.guideline.Guideline;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * What a person's bruises do to the limits.
 *
 * @param bruises that count
 * @param factor on the limits for all of them
 * @param tooDeep the pressure of the last sessions was too deep, as the person is to be told
 * @param words for people; none while no bruise counts
 */
public record Pressure(int bruises, BigDecimal factor, boolean tooDeep, List<String> words) {
    public Pressure {
        words = List.copyOf(words);
    }

    public static Pressure of(Guideline guideline, Facts facts) {
        BruiseRule rule = guideline.bruises();
        List<Boolean> history = Outcome.bruises(facts);
        int bruises = rule.counted(history);
        BigDecimal factor = rule.factor(bruises);
        List<String> words = new ArrayList<>();
        if (bruises > 0) {
            words.add("the limits are ×%s for %d %s, until %d sessions without one"
                    .formatted(
                            factor.stripTrailingZeros().toPlainString(),
                            bruises,
                            bruises == 1 ? "bruise" : "bruises",
                            rule.cleanSessions()));
        }
        boolean tooDeep = rule.tooDeep(history);
        if (tooDeep) {
            words.add("bruises in %d or more of the last %d sessions: the pressure was too deep"
                    .formatted(rule.tooDeepBruised(), rule.tooDeepOfLast()));
        }
        return new Pressure(bruises, factor, tooDeep, words);
    }
}

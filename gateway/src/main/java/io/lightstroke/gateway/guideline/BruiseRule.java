package io.lightstroke.gateway.guideline;

import java.math.BigDecimal;
import java.util.List;

/**
 * What reported bruises do to the limits. A history has a value for each session whose outcome was reported, newest
 * last: bruised or not.
 *
 * @param factor of the limits, for each bruise that counts
 * @param smallestFactor for all of them together
 * @param cleanSessions so many in a row, and earlier bruises count no more
 * @param tooDeepBruised bruises in so many of the {@code tooDeepOfLast} newest sessions: the pressure was too deep
 */
public record BruiseRule(
        BigDecimal factor, BigDecimal smallestFactor, int cleanSessions, int tooDeepBruised, int tooDeepOfLast) {
    /** Bruises that still count. */
    public int counted(List<Boolean> history) {
        int bruises = 0;
        int clean = 0;
        for (boolean bruised : history) {
            if (bruised) {
                bruises++;
                clean = 0;
            } else if (++clean == cleanSessions) {
                bruises = 0;
            }
        }
        return bruises;
    }

    /** @param bruises that count, 0 or more */
    public BigDecimal factor(int bruises) {
        if (bruises < 0) {
            throw new IllegalArgumentException("bruises: want 0 or more, got " + bruises);
        }
        BigDecimal all = BigDecimal.ONE;
        for (int i = 0; i < bruises && all.compareTo(smallestFactor) > 0; i++) {
            all = all.multiply(factor);
        }
        return all.max(smallestFactor);
    }

    /** The person is to be told that the pressure was too deep. */
    public boolean tooDeep(List<Boolean> history) {
        return history.subList(Math.max(0, history.size() - tooDeepOfLast), history.size()).stream()
                        .filter(bruised -> bruised)
                        .count()
                >= tooDeepBruised;
    }
}

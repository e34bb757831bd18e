package io.lightstroke.gateway.conform;

import java.util.Locale;

/**
 * What came out for a rule.
 *
 * @param seen what the tool did; of one that is not applicable, why it could not be judged
 */
public record Verdict(Rule rule, Status status, String seen) {
    public Verdict {
        seen = seen.replaceAll("\\p{Cntrl}", "?"); // some of it are a tool's own words
    }

    public enum Status {
        FAIL,
        PASS,
        NOT_APPLICABLE;

        /** {@code fail}, {@code pass}, {@code not applicable}. */
        public String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}

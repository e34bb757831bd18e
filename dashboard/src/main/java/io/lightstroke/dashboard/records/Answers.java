package io.lightstroke.dashboard.records;

import java.time.Instant;
import java.util.List;

/**
 * A screening.
 *
 * @param conditions that apply: ids of the guideline
 */
public record Answers(Instant at, List<String> conditions) {
    public Answers {
        conditions = List.copyOf(conditions);
    }
}

package io.lightstroke.dashboard.records;

import java.time.Instant;
import java.util.List;

/** A practitioner's word that sessions may be held with these conditions: ids of the guideline. */
public record Clearance(Instant at, String by, String note, List<String> conditions) {
    public Clearance {
        conditions = List.copyOf(conditions);
    }
}

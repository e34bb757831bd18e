package io.lightstroke.gateway.journal;

import org.jspecify.annotations.Nullable;

/**
 * A time of a tool of which all was erased: {@code toUtcUs} is not included, microseconds since 1970.
 *
 * @param kind of the findings that were, alone; null: samples and all else
 */
public record ErasedTime(String tool, @Nullable String kind, long fromUtcUs, long toUtcUs) {
    /** Whether a finding, or one of the samples, is of it. */
    public boolean touches(JournalEntry entry) {
        if (entry instanceof JournalEntry.Samples row) {
            long endUtcUs = row.utcUs() + (long) row.forceCn().length * row.periodUs();
            return kind == null && tool.equals(row.tool()) && row.utcUs() < toUtcUs && endUtcUs > fromUtcUs;
        }
        return entry instanceof JournalEntry.Finding finding
                && (kind == null || kind.equals(finding.kind()))
                && holds(finding.tool(), finding.utcUs());
    }

    boolean holds(String ofTool, long utcUs) {
        return tool.equals(ofTool) && fromUtcUs <= utcUs && utcUs < toUtcUs;
    }
}

package io.lightstroke.gateway.journal;

/** The durable local record. */
public final class Journal {
    /** An entry and its place in the one sequence that orders all entries. */
    public record Numbered(long seq, JournalEntry entry) {}
}

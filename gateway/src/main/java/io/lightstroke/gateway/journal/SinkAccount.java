package io.lightstroke.gateway.journal;

/**
 * Where the samples went that were journaled since a sink was enabled. The law: {@code journaled = delivered + pending
 * + setAside + expired}. Each figure is counted by itself: journaled by a running total, pending from the rows behind
 * the cursor, the others as the cursor moves.
 */
public record SinkAccount(long journaled, long delivered, long pending, long setAside, long expired) {
    public boolean lawful() {
        return journaled == delivered + pending + setAside + expired;
    }
}

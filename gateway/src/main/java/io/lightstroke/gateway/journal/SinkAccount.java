package io.lightstroke.gateway.journal;

/**
 * Where the records of one kind went that were journaled since a sink was enabled. The law: {@code journaled = delivered +
 * pending + setAside + expired}. Each figure is counted by itself: journaled by a running total, pending from the rows
 * behind the cursor, the others as the cursor moves.
 *
 * @param expired deleted before the sink had them, for the disk forced it
 */
public record SinkAccount(long journaled, long delivered, long pending, long setAside, long expired) {
    public boolean lawful() {
        return journaled == delivered + pending + setAside + expired;
    }
}

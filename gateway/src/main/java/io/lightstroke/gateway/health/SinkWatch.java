package io.lightstroke.gateway.health;

import io.lightstroke.gateway.journal.SinkAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * How one sink keeps up with the journal, by looking now and then: it is behind while it has not even got what was there
 * at the look before. Not thread-safe.
 */
public final class SinkWatch {
    /** So long behind is no news. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String sink;
    private final Map<String, SinkAccount> atStart;
    private final Backlog backlog;
    private long keptUpNanos;
    private long seqBefore;

    /** @param atStart its account by kind of record when the gateway started */
    public SinkWatch(String sink, Map<String, SinkAccount> atStart, long nowNanos) {
        this.sink = sink;
        this.atStart = Map.copyOf(atStart);
        backlog = new Backlog(sink + " catches up");
        keptUpNanos = nowNanos;
    }

    /** What is read of the journal for one look. */
    public record Seen(long cursor, long lastSeq, Map<String, SinkAccount> accounts, Optional<Instant> oldestPending) {}

    /**
     * @param nowNanos of the clock of the constructor
     * @param problem why it does not deliver; empty while it does
     */
    public Health.Sink look(long nowNanos, Seen seen, Optional<String> problem) {
        if (seen.cursor >= seqBefore) {
            keptUpNanos = nowNanos;
        }
        seqBefore = seen.lastSeq;
        long behindNanos = nowNanos - keptUpNanos;
        long pending = sum(seen.accounts, SinkAccount::pending);
        boolean behind = behindNanos > PATIENCE.toNanos();
        return new Health.Sink(
                sink,
                problem.orElse(null),
                sum(seen.accounts, SinkAccount::delivered) > sum(atStart, SinkAccount::delivered),
                behindNanos / 1e9,
                pending == 0 ? null : seen.oldestPending.orElse(null),
                backlog.look(nowNanos, behind ? pending : 0).orElse(null),
                sum(seen.accounts, SinkAccount::setAside) - sum(atStart, SinkAccount::setAside),
                seen.accounts);
    }

    private static long sum(Map<String, SinkAccount> accounts, ToLongFunction<SinkAccount> part) {
        return accounts.values().stream().mapToLong(part).sum();
    }
}

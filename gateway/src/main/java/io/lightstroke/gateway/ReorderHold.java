package io.lightstroke.gateway;

import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Puts the frames of one boot in order and takes each sample once. A frame with a gap before it waits up to 20 ms for
 * what is missing and is then judged with the gap; what comes later than that is late. Knows time only from its caller.
 * Not thread-safe.
 */
final class ReorderHold {
    static final long WINDOW_NANOS = 20_000_000;
    /** More never wait: the oldest go on with their gap. */
    private static final int CAPACITY = 64;

    /**
     * When a frame arrived.
     *
     * @param atNanos monotonic
     * @param transportUs how long it was on its way beyond the fastest of its connection
     */
    record Arrival(long atNanos, long transportUs) {}

    /**
     * Samples that had not come before.
     *
     * @param late they come after some that were judged: to be kept, not to be judged
     */
    record Part(ForceFrame frame, Arrival arrival, boolean late) {}

    private final IndexLedger ledger;
    private final TreeMap<Long, Part> waiting = new TreeMap<>();
    private long next;
    private int taken;

    /** @param ledger what has come of the boot; its highest index has been judged */
    ReorderHold(IndexLedger ledger) {
        this.ledger = ledger;
        next = ledger.highest() + 1;
    }

    /** What of the frame is new and may go on now, and what waited for it; ascending but for what is late. */
    List<Part> take(ForceFrame frame, Arrival arrival) {
        List<Part> ready = expire(arrival.atNanos());
        taken = 0;
        for (IndexLedger.Range range : ledger.take(frame.first(), frame.lastIndex())) {
            ForceFrame fresh = frame.part(range.first(), range.last());
            taken += fresh.count();
            boolean late = fresh.first() < next || fresh.has(ForceFrame.HISTORICAL);
            Part part = new Part(fresh, arrival, late);
            if (late) {
                ready.add(part);
            } else {
                waiting.put(fresh.first(), part);
            }
        }
        if (waiting.size() > CAPACITY) {
            release(waiting.lastKey(), ready);
        }
        releaseWhatContinues(ready);
        return ready;
    }

    /** Samples of the last frame that had not come before. */
    int taken() {
        return taken;
    }

    /** What has waited long enough at {@code nowNanos}, and what can go on with it; ascending. */
    List<Part> expire(long nowNanos) {
        List<Part> ready = new ArrayList<>(1);
        for (Part part : List.copyOf(waiting.values())) {
            if (nowNanos - part.arrival.atNanos() >= WINDOW_NANOS) {
                release(part.frame.first(), ready);
            }
        }
        releaseWhatContinues(ready);
        return ready;
    }

    /** Everything that waits; ascending. */
    List<Part> releaseAll() {
        List<Part> ready = new ArrayList<>(waiting.size());
        if (!waiting.isEmpty()) {
            release(waiting.lastKey(), ready);
        }
        return ready;
    }

    /** When {@link #expire} next has something; empty while nothing waits. */
    OptionalLong deadlineNanos() {
        return waiting.values().stream()
                .mapToLong(part -> part.arrival.atNanos() + WINDOW_NANOS)
                .reduce((one, other) -> one - other < 0 ? one : other);
    }

    IndexLedger ledger() {
        return ledger;
    }

    private void release(long upToFirst, List<Part> ready) {
        while (!waiting.isEmpty() && waiting.firstKey() <= upToFirst) {
            Part part = waiting.pollFirstEntry().getValue();
            next = part.frame.lastIndex() + 1;
            ready.add(part);
        }
    }

    private void releaseWhatContinues(List<Part> ready) {
        while (!waiting.isEmpty() && waiting.firstKey() == next) {
            release(next, ready);
        }
    }
}

package io.lightstroke.gateway;

import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cues of one tool: numbers them, sends them down the lane of its connection, and keeps what became of each and how
 * late it was. Used by the thread of the pipeline; outcomes come on the lane's.
 */
final class CueGiver {
    private static final Duration FRESH = Duration.ofMillis(500);

    private final SessionRecorder recorder;
    private final Journal journal;
    private final CueLatency latency;
    private final LongSupplier nanoTime;

    private @Nullable CueLane lane;
    private int lastTxn;
    private final Cue.Pattern[] patternOfTxn = new Cue.Pattern[256];
    /** The lane could not write a cue of over-pressure; set by its thread. */
    private final AtomicBoolean failed = new AtomicBoolean();

    /** @param nanoTime as {@link System#nanoTime()} */
    CueGiver(SessionRecorder recorder, Journal journal, CueLatency latency, LongSupplier nanoTime) {
        this.recorder = recorder;
        this.journal = journal;
        this.latency = latency;
        this.nanoTime = nanoTime;
    }

    /** Cues go there from now on; nowhere with null. */
    void lane(@Nullable CueLane to) {
        lane = to;
    }

    /** Whether a cue of over-pressure could not be written since this was last asked. */
    boolean failed() {
        return failed.getAndSet(false);
    }

    /**
     * Gives the hand a cue that somebody asked for.
     *
     * @param nowUs tool time of the newest sample
     * @param outcome told once: when it had been written, or empty if it was not
     */
    void give(Cue.Pattern pattern, long nowUs, Consumer<OptionalLong> outcome) {
        CueLane to = lane;
        if (to == null) {
            outcome.accept(OptionalLong.empty());
            return;
        }
        long freshUs = FRESH.toNanos() / 1000;
        to.send(
                new Cue(pattern, nextTxn(pattern), nowUs + 2 * freshUs),
                nanoTime.getAsLong() + FRESH.toNanos(),
                outcome);
    }

    private int nextTxn(Cue.Pattern pattern) {
        lastTxn = lastTxn % 255 + 1;
        patternOfTxn[lastTxn] = pattern;
        return lastTxn;
    }

    static boolean overPressure(Cue.Pattern pattern) {
        return pattern == Cue.Pattern.TOO_DEEP || pattern == Cue.Pattern.CEILING;
    }

    /**
     * Gives the hand a cue of the engine's, and journals what became of it.
     *
     * @param began what this cue tells of, where it is the first that does
     */
    void give(
            EngineEvent.CueDue due,
            BootClock clock,
            ForceFrame frame,
            ReorderHold.Arrival arrival,
            EngineEvent.@Nullable OverPressureBegan began) {
        int txn = nextTxn(due.pattern());
        DoubleConsumer latencyMs = recorder.cue();
        Findings findings = recorder.at(frame.boot(), began == null ? due.index() : began.firstIndex());
        Long filterUs = began == null ? null : began.timeUs() - began.feltUs();
        long frameUs = frame.lastTimeUs() - due.timeUs();
        Consumer<OptionalLong> outcome = writtenNanos -> {
            CueLatency.@Nullable Split split = null;
            if (writtenNanos.isPresent()) {
                split = new CueLatency.Split(
                        frameUs, arrival.transportUs(), (writtenNanos.getAsLong() - arrival.atNanos()) / 1000);
                latency.record(split);
                latencyMs.accept(split.totalUs() / 1e3);
                if (filterUs != null) {
                    latency.recordFilter(filterUs);
                }
            } else if (overPressure(due.pattern())) {
                failed.set(true);
            }
            journal.append(List.of(findings.cue(new CueMessage(
                    1,
                    CueMessage.BY_GATEWAY,
                    due.pattern().word(),
                    txn,
                    frame.boot(),
                    due.index(),
                    Json.instantOfUs(clock.utcUs(due.timeUs())),
                    findings.session().id(),
                    split == null ? null : split.totalUs() / 1e3,
                    filterUs == null ? null : filterUs / 1e3,
                    frameUs / 1e3,
                    arrival.transportUs() / 1e3,
                    split == null ? null : split.gatewayUs() / 1e3))));
        };
        long deadlineNanos = arrival.atNanos() + FRESH.toNanos();
        CueLane to = lane;
        if (to == null || nanoTime.getAsLong() - deadlineNanos > 0) {
            outcome.accept(OptionalLong.empty());
            return;
        }
        to.send(new Cue(due.pattern(), txn, frame.lastTimeUs() + FRESH.toNanos() / 1000), deadlineNanos, outcome);
    }

    /** What the tool says of a cue that it began. */
    CueMessage ofTool(EventFrame event, BootClock clock) {
        Cue.@Nullable Pattern pattern = event.code() < patternOfTxn.length ? patternOfTxn[event.code()] : null;
        boolean own = event.code() == 0;
        return new CueMessage(
                1,
                own ? CueMessage.BY_TOOL : CueMessage.FELT,
                own || pattern == null ? null : pattern.word(),
                own ? null : event.code(),
                event.boot(),
                event.index(),
                Json.instantOfUs(clock.utcUs(event.timeUs())),
                recorder.at(event.boot(), event.index()).session().id(),
                null,
                null,
                null,
                null,
                null);
    }
}

package io.lightstroke.simulator;

import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordAnswer.Result;
import io.lightstroke.protocol.RecordRequest;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The Record Access Control Point over one link: one report at a time, at the pace of the tool's time. Not thread-safe. */
final class RecordAccess {
    static final long NEVER = Long.MAX_VALUE;

    private static final int FRAMES_AT_ONCE = 4;
    private static final long PACE_US = 10_000;

    private final RecordStore store;
    private final int mtu;
    private final BiConsumer<UUID, byte[]> notify;
    private @Nullable Iterator<byte[]> report;
    private long dueUs = NEVER;

    RecordAccess(RecordStore store, int mtu, BiConsumer<UUID, byte[]> notify) {
        this.store = store;
        this.mtu = mtu;
        this.notify = notify;
    }

    /** @throws MalformedFrameException if not even op and operator are there */
    void write(byte[] bytes, long nowUs) throws MalformedFrameException {
        RecordAnswer answer = answer(bytes, nowUs);
        if (answer != null) {
            notify.accept(Gatt.RECORD_ACCESS, answer.encode());
        }
    }

    /** Null: the report answers at its end. */
    private @Nullable RecordAnswer answer(byte[] bytes, long nowUs) throws MalformedFrameException {
        Optional<Result> refusal = RecordRequest.refusal(bytes);
        int op = bytes[0] & 0xFF;
        if (refusal.isPresent()) {
            return RecordAnswer.response(op, refusal.get());
        }
        RecordRequest request = RecordRequest.decode(bytes);
        if (op == RecordRequest.ABORT) {
            Result result = report == null ? Result.ABORT_UNSUCCESSFUL : Result.SUCCESS;
            end();
            return RecordAnswer.response(op, result);
        }
        if (report != null || mtu < Gatt.MIN_MTU) {
            return RecordAnswer.response(op, Result.PROCEDURE_NOT_COMPLETED);
        }
        Iterator<byte[]> frames = store.read(
                request,
                Math.min(ForceFrame.MAX_SAMPLES, (mtu - SimulatedTool.ATT_OVERHEAD - ForceFrame.OVERHEAD) / 2));
        if (op == RecordRequest.COUNT) {
            int count = 0;
            for (; frames.hasNext(); frames.next()) {
                count++;
            }
            return RecordAnswer.number(count);
        }
        if (!frames.hasNext()) {
            return RecordAnswer.response(op, Result.NO_RECORDS_FOUND);
        }
        report = frames;
        dueUs = nowUs + PACE_US;
        return null;
    }

    /** Tool time at which {@link #goOn} is to be called; {@link #NEVER}. */
    long dueUs() {
        return dueUs;
    }

    void goOn() {
        Iterator<byte[]> frames = Objects.requireNonNull(report);
        for (int i = 0; i < FRAMES_AT_ONCE && frames.hasNext(); i++) {
            notify.accept(Gatt.RECORD_DATA, frames.next());
        }
        if (frames.hasNext()) {
            dueUs += PACE_US;
        } else {
            end();
            notify.accept(
                    Gatt.RECORD_ACCESS,
                    RecordAnswer.response(RecordRequest.REPORT, Result.SUCCESS).encode());
        }
    }

    private void end() {
        report = null;
        dueUs = NEVER;
    }
}

package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets one tool stream over a link until told to stop, connecting again whenever the link is lost, and counts what comes.
 * Used by one thread.
 */
final class RecordedTool {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);
    private static final Duration SILENCE = Duration.ofMillis(2500);
    /** So long without a frame, the tool is asked for its time: a link that is gone refuses. */
    private static final Duration DOUBT = Duration.ofMillis(500);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);
    private static final Duration SYNC_EVERY = Duration.ofSeconds(10);
    /** The first exchanges of a connection follow each other sooner. */
    private static final int FIRST_SYNCS = 6;

    private static final Duration FIRST_SYNC_EVERY = Duration.ofSeconds(1);
    private static final Duration SAY_EVERY = Duration.ofSeconds(10);
    private static final int LOOK_EVERY_MS = 100;
    private static final int USUAL_HZ = 100;

    private final String address;
    private final GatewayConfig.Trust trust;
    private final Consumer<String> say;
    private final BlockingQueue<ControlAnswer> answers = new ArrayBlockingQueue<>(16);
    private final Map<Long, Long> nextIndices = new HashMap<>();
    private final long beganNanos = System.nanoTime();

    private @Nullable Integer rateHz;
    private @Nullable Boolean sampledBefore;
    private int txn;
    private int connections;
    private volatile long frameNanos;

    private long samples;
    private long gaps;
    private long missing;
    private long broken;

    /** @param rateHz null: the tool's own, if it samples */
    RecordedTool(String address, GatewayConfig.Trust trust, @Nullable Integer rateHz, Consumer<String> say) {
        this.address = address;
        this.trust = trust;
        this.rateHz = rateHz;
        this.say = say;
    }

    /**
     * Until told to stop.
     *
     * @param failed ends it too
     * @throws IOException the tool cannot be started so
     */
    void record(ToolLink link, Stop stop, @Nullable Duration time, BooleanSupplier failed)
            throws IOException, InterruptedException {
        BooleanSupplier over =
                () -> stop.requested() || failed.getAsBoolean() || (time != null && passed(beganNanos, time));
        String saidLast = "";
        try (Bar bar = new Bar("samples", Bar.ENDLESS)) {
            while (!over.getAsBoolean()) {
                String why;
                try (ToolConnection connection = link.connect(address, CONNECT_LIMIT)) {
                    connection.resolve(CONNECT_LIMIT);
                    serve(connection, over, bar);
                    return;
                } catch (LinkException | MalformedFrameException e) {
                    why = String.valueOf(e.getMessage());
                }
                if (!why.equals(saidLast)) {
                    saidLast = why;
                    say.accept("%s; trying again".formatted(why));
                }
                for (long lostNanos = System.nanoTime(); !passed(lostNanos, AGAIN_AFTER) && !over.getAsBoolean(); ) {
                    Thread.sleep(LOOK_EVERY_MS);
                }
            }
        }
    }

    private static boolean passed(long sinceNanos, Duration time) {
        return System.nanoTime() - sinceNanos >= time.toNanos();
    }

    private void serve(ToolConnection connection, BooleanSupplier over, Bar bar)
            throws IOException, LinkException, MalformedFrameException, InterruptedException {
        if (!trust.accepts(connection.bond())) {
            throw new LinkException("%s: want what --trust %s asks for, got %s; lightstroke pair %s pairs with it"
                    .formatted(
                            address,
                            trust,
                            connection.bond() == ToolConnection.Bond.NONE
                                    ? "no pairing"
                                    : "a pairing without a passkey",
                            address));
        }
        connections++;
        connection.subscribe(Gatt.CONTROL_POINT, (value, atNanos) -> answered(value));
        connection.subscribe(Gatt.FORCE_STREAM, (value, atNanos) -> count(value, atNanos));
        for (UUID characteristic : List.of(Gatt.TIME_SYNC, Gatt.EVENTS, Gatt.TOOL_INFO)) {
            connection.subscribe(characteristic, (value, atNanos) -> {});
        }
        try {
            byte[] unused = connection.read(Gatt.BATTERY_LEVEL);
            connection.subscribe(Gatt.BATTERY_LEVEL, (value, atNanos) -> {});
        } catch (LinkException e) {
            say.accept("%s: battery level unknown: %s".formatted(address, e.getMessage()));
        }
        ToolInfo info = ToolInfo.decode(connection.read(Gatt.TOOL_INFO));
        for (UUID characteristic :
                List.of(Gatt.MANUFACTURER_NAME, Gatt.MODEL_NUMBER, Gatt.SERIAL_NUMBER, Gatt.FIRMWARE_REVISION)) {
            byte[] unused = connection.read(characteristic);
        }
        boolean sampling = info.state() == ToolInfo.SAMPLING;
        sampledBefore = sampledBefore == null ? Boolean.valueOf(sampling) : sampledBefore;
        int hz = rateHz != null
                ? rateHz
                : sampling ? info.rateHz() : Math.max(info.minHz(), Math.min(info.maxHz(), USUAL_HZ));
        if (hz < info.minHz() || hz > info.maxHz()) {
            throw new IOException(
                    "--rate: want %d to %d Hz of %s, got %d".formatted(info.minHz(), info.maxHz(), address, hz));
        }
        rateHz = hz;
        syncTime(connection);
        ControlAnswer unused = ask(connection, ControlRequest.readLimits(nextTxn()));
        ControlAnswer started = ask(connection, ControlRequest.start(nextTxn(), hz));
        if (started.result() != ControlAnswer.Result.OK) {
            throw new LinkException("%s: start at %d Hz: want ok, got %s".formatted(address, hz, started.result()));
        }
        frameNanos = System.nanoTime();
        stream(connection, over, bar);
        if (!Boolean.TRUE.equals(sampledBefore)) {
            ControlAnswer unusedToo = ask(connection, ControlRequest.stop(nextTxn()));
        }
    }

    private void stream(ToolConnection connection, BooleanSupplier over, Bar bar)
            throws LinkException, InterruptedException {
        long syncedNanos = System.nanoTime();
        long saidNanos = System.nanoTime();
        int syncs = 1;
        while (!over.getAsBoolean()) {
            Thread.sleep(LOOK_EVERY_MS);
            if (passed(frameNanos, SILENCE)) {
                throw new LinkException("%s: no frame for %d ms".formatted(address, SILENCE.toMillis()));
            }
            if (passed(syncedNanos, syncs < FIRST_SYNCS || passed(frameNanos, DOUBT) ? FIRST_SYNC_EVERY : SYNC_EVERY)) {
                syncedNanos = System.nanoTime();
                syncs++;
                syncTime(connection);
            }
            bar.to(samples());
            bar.say(words());
            if (!Bar.shown() && passed(saidNanos, SAY_EVERY)) {
                saidNanos = System.nanoTime();
                say.accept(words());
            }
        }
    }

    private static void syncTime(ToolConnection connection) throws LinkException, InterruptedException {
        connection.write(
                Gatt.TIME_SYNC, TimeSync.request(ThreadLocalRandom.current().nextLong(1L << 32)));
    }

    private int nextTxn() {
        txn = txn % 255 + 1;
        return txn;
    }

    private ControlAnswer ask(ToolConnection connection, ControlRequest request)
            throws LinkException, InterruptedException {
        connection.write(Gatt.CONTROL_POINT, request.encode());
        long beganNanos = System.nanoTime();
        while (!passed(beganNanos, ANSWER_LIMIT)) {
            ControlAnswer answer = answers.poll(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
            if (answer != null && answer.op() == request.op() && answer.txn() == request.txn()) {
                return answer;
            }
        }
        throw new LinkException("%s: control point, op %d: want an answer within %d ms, got none"
                .formatted(address, request.op(), ANSWER_LIMIT.toMillis()));
    }

    private void answered(byte[] value) {
        try {
            boolean unused = answers.offer(ControlAnswer.decode(value));
        } catch (MalformedFrameException e) {
            // it is in the recording
        }
    }

    private synchronized void count(byte[] value, long atNanos) {
        try {
            ForceFrame frame = ForceFrame.decode(value);
            frameNanos = atNanos;
            samples += frame.count();
            Long next = nextIndices.get(frame.boot());
            if (next != null && frame.first() > next) {
                gaps++;
                missing += frame.first() - next;
            }
            nextIndices.merge(frame.boot(), frame.lastIndex() + 1, Math::max);
        } catch (MalformedFrameException e) {
            broken++;
        }
    }

    synchronized long samples() {
        return samples;
    }

    /** How it stands. */
    synchronized String words() {
        return String.format(
                Locale.ROOT,
                "%.0f s, %d samples, %s%s%s",
                (System.nanoTime() - beganNanos) / 1e9,
                samples,
                gaps == 0 ? "no gaps" : "%d gaps of %d samples".formatted(gaps, missing),
                broken == 0 ? "" : ", %d broken frames".formatted(broken),
                connections < 2
                        ? ""
                        : connections == 2 ? ", link lost once" : ", link lost %d times".formatted(connections - 1));
    }
}

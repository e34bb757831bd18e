package io.lightstroke.gateway;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tool that is allowed in, on one thread of its own: reach it, set it up, take what it sends, and begin anew when it
 * falls silent.
 *
 * <pre>
 *  absent ──► connecting ──► streaming
 *    ▲            │  ▲           │ silence, error
 *    └────────────┘  └── lost ◄──┘
 * </pre>
 */
public final class ToolSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ToolSession.class);
    /** Notifications waiting: 25 s of one tool at 100 Hz in frames of five. */
    private static final int QUEUE_CAPACITY = 512;

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(15);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration CONTROL_LOOK_EVERY = Duration.ofMillis(5);
    private static final Duration SILENCE = Duration.ofMillis(500);
    private static final Duration GIVE_UP = Duration.ofSeconds(3);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Duration TARE_REST = Duration.ofMillis(1200);
    private static final Duration TARE_EVERY = Duration.ofSeconds(1);

    private static final int ENTER_MS = 150;
    private static final int EXIT_MS = 200;
    private static final int EXIT_PERCENT = 90;
    private static final int REPEAT_MS = 2000;

    private record Arrival(UUID characteristic, byte[] value, long atNanos) {}

    private final GatewayConfig.Tool tool;
    private final int rateHz;
    private final PressureLimits limits;
    private final ToolLink link;
    private final LivePublisher live;
    private final Clock clock;
    private final ToolPipeline pipeline;

    private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final LongAdder received = new LongAdder();
    private final LongAdder overflowed = new LongAdder();
    private final ExecutorService controlWriter;
    private final Thread thread;

    private volatile ToolStatus.Link state = ToolStatus.Link.ABSENT;
    private volatile @Nullable Integer batteryPercent;
    private volatile boolean untared;
    private volatile boolean limitsDiffer;
    private volatile OptionalLong lastFrameNanos = OptionalLong.empty();
    private volatile OptionalLong streamingSinceNanos = OptionalLong.empty();
    private volatile boolean closing;
    private boolean silent = true;
    private long startedNanos;
    private long tareTriedNanos = System.nanoTime();
    private int txn;
    private @Nullable ControlAnswer answer;

    ToolSession(
            GatewayConfig.Tool tool,
            int rateHz,
            PressureLimits limits,
            ToolLink link,
            LivePublisher live,
            Clock clock,
            ToolPipeline pipeline) {
        this.tool = tool;
        this.rateHz = rateHz;
        this.limits = limits;
        this.link = link;
        this.live = live;
        this.clock = clock;
        this.pipeline = pipeline;
        controlWriter = Executors.newSingleThreadExecutor(task -> daemon(task, "control-" + tool.id()));
        thread = daemon(this::run, "tool-" + tool.id());
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        thread.start();
    }

    public String id() {
        return tool.id();
    }

    public ToolStatus.Link state() {
        return state;
    }

    /** Of {@link System#nanoTime()}: when the first frame of the present connection came. */
    public OptionalLong streamingSinceNanos() {
        return streamingSinceNanos;
    }

    public Accounting accounting() {
        return pipeline.accounting(received.sum(), overflowed.sum(), 0);
    }

    long strokes() {
        return pipeline.strokes();
    }

    long toolStrokes() {
        return pipeline.toolStrokes();
    }

    synchronized void publishStatus() {
        OptionalLong last = lastFrameNanos;
        live.status(
                tool.id(),
                new ToolStatus(
                        1,
                        clock.instant(),
                        state,
                        false,
                        alerts(),
                        batteryPercent,
                        last.isPresent() ? (System.nanoTime() - last.getAsLong()) / 1_000_000 : null,
                        accounting()));
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        try {
            while (!closing) {
                become(ToolStatus.Link.CONNECTING);
                serveOnce();
                if (streamingSinceNanos.isPresent()) {
                    pause = FIRST_PAUSE;
                }
                become(closing || lastFrameNanos.isEmpty() ? ToolStatus.Link.ABSENT : ToolStatus.Link.LOST);
                if (!closing) {
                    Thread.sleep(
                            pause.toMillis() / 2 + ThreadLocalRandom.current().nextLong(pause.toMillis()));
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            become(ToolStatus.Link.ABSENT);
        }
    }

    /** One connection, from begin to end. Whatever goes wrong in it ends it, and nothing else. */
    private void serveOnce() throws InterruptedException {
        try {
            try (ToolConnection connection = link.connect(tool.address(), CONNECT_LIMIT)) {
                serve(connection);
            } finally {
                for (Arrival left = arrivals.poll(); left != null; left = arrivals.poll()) {
                    take(left);
                }
                pipeline.silence();
            }
        } catch (LinkException | MalformedFrameException e) {
            LOG.warn("{}: {}", tool.id(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{}: unexpected", tool.id(), e);
        }
    }

    private void become(ToolStatus.Link next) {
        if (state != next) {
            LOG.info("{}: {}", tool.id(), next.word());
            state = next;
            if (next != ToolStatus.Link.STREAMING) {
                streamingSinceNanos = OptionalLong.empty();
            }
            publishStatus();
        }
    }

    private void serve(ToolConnection connection) throws LinkException, MalformedFrameException, InterruptedException {
        for (UUID characteristic : List.of(Gatt.CONTROL_POINT, Gatt.FORCE_STREAM, Gatt.EVENTS)) {
            subscribe(connection, characteristic);
        }
        watchBattery(connection);
        setUp(connection);
        try (CueLane cueLane = new CueLane(tool.id(), connection)) {
            pipeline.cueLane(cueLane);
            startedNanos = System.nanoTime();
            ask(connection, "start", ControlRequest.start(nextTxn(), rateHz));
            silent = false;
            while (!closing) {
                takeNext(LOOK_EVERY.toNanos());
                if (untared
                        && pipeline.restUs() > TARE_REST.toNanos() / 1000
                        && sinceTareTry() > TARE_EVERY.toNanos()) {
                    tare(connection);
                }
                if (quietNanos() > GIVE_UP.toNanos()) {
                    throw new LinkException("want a frame at least every %d ms, got none for %d ms"
                            .formatted(SILENCE.toMillis(), quietNanos() / 1_000_000));
                }
            }
            ask(connection, "stop", ControlRequest.stop(nextTxn()));
        } finally {
            pipeline.cueLane(null);
        }
    }

    private void subscribe(ToolConnection connection, UUID characteristic) throws LinkException, InterruptedException {
        connection.subscribe(characteristic, (value, atNanos) -> arrived(characteristic, value, atNanos));
    }

    /** Not every BlueZ shows the battery's characteristic to its clients: then its level stays unknown. */
    private void watchBattery(ToolConnection connection) throws InterruptedException {
        batteryPercent = null;
        try {
            batteryPercent =
                    BatteryLevel.decode(connection.read(Gatt.BATTERY_LEVEL)).percent();
            subscribe(connection, Gatt.BATTERY_LEVEL);
        } catch (LinkException | MalformedFrameException e) {
            LOG.info("{}: battery level unknown: {}", tool.id(), e.getMessage());
        }
    }

    private long sinceTareTry() {
        return System.nanoTime() - tareTriedNanos;
    }

    /** Only after a while without contact: a steady press must never become the zero. */
    private void tare(ToolConnection connection) throws LinkException, InterruptedException {
        tareTriedNanos = System.nanoTime();
        ControlAnswer answered = request(connection, ControlRequest.tare(nextTxn()));
        untared = answered.result() != ControlAnswer.Result.OK;
        LOG.info("{}: tare: {}", tool.id(), answered.result());
        publishStatus();
    }

    private List<String> alerts() {
        List<String> alerts = new ArrayList<>();
        if (untared) {
            alerts.add("untared");
        }
        if (limitsDiffer) {
            alerts.add("limits-differ");
        }
        return alerts;
    }

    /** Writes the limits and reads them back, so that the tool warns by itself when the link is gone. */
    private void setUp(ToolConnection connection) throws LinkException, MalformedFrameException, InterruptedException {
        ToolInfo info = ToolInfo.decode(connection.read(Gatt.TOOL_INFO));
        untared = info.tareAgeS() == ToolInfo.NEVER_TARED;
        ToolLimits wanted = new ToolLimits(
                limits.lightCn(),
                limits.moderateCn(),
                limits.tooDeepCn(),
                limits.ceilingCn(),
                ENTER_MS,
                EXIT_MS,
                EXIT_PERCENT,
                REPEAT_MS,
                0);
        ask(connection, "write limits", ControlRequest.writeLimits(nextTxn(), wanted));
        ToolLimits onTool = ToolLimits.decode(ask(connection, "read limits", ControlRequest.readLimits(nextTxn()))
                .data());
        if (!onTool.equals(wanted)) {
            LOG.warn("{}: limits on the tool: want {}, got {}", tool.id(), wanted, onTool);
        }
        limitsDiffer = !onTool.equals(wanted);
        live.info(
                tool.id(),
                new ToolInfoMessage(
                        1,
                        tool.address(),
                        text(connection, Gatt.MODEL_NUMBER) + " " + text(connection, Gatt.SERIAL_NUMBER),
                        link.name(),
                        text(connection, Gatt.MANUFACTURER_NAME),
                        text(connection, Gatt.MODEL_NUMBER),
                        text(connection, Gatt.SERIAL_NUMBER),
                        text(connection, Gatt.FIRMWARE_REVISION),
                        info.featureWords(),
                        rateHz,
                        info.calibration(),
                        info.boot(),
                        new ToolInfoMessage.Limits(
                                limits.version(),
                                limits.lightCn() / 100.0,
                                limits.moderateCn() / 100.0,
                                limits.tooDeepCn() / 100.0,
                                limits.ceilingCn() / 100.0),
                        new ToolInfoMessage.Limits(
                                null,
                                onTool.lightCn() / 100.0,
                                onTool.moderateCn() / 100.0,
                                onTool.tooDeepCn() / 100.0,
                                onTool.ceilingCn() / 100.0)));
    }

    private static String text(ToolConnection connection, UUID characteristic)
            throws LinkException, MalformedFrameException, InterruptedException {
        return DeviceInformation.decode("device information", connection.read(characteristic));
    }

    /** On the link's thread. */
    private void arrived(UUID characteristic, byte[] value, long atNanos) {
        boolean frame = isFrame(characteristic);
        if (frame) {
            received.increment();
        }
        if (!arrivals.offer(new Arrival(characteristic, value, atNanos)) && frame) {
            overflowed.increment();
        }
    }

    private static boolean isFrame(UUID characteristic) {
        return characteristic.equals(Gatt.FORCE_STREAM) || characteristic.equals(Gatt.EVENTS);
    }

    /** Takes the next arrival, if one comes in time; notices when none has come for too long. */
    private void takeNext(long waitNanos) throws InterruptedException {
        take(arrivals.poll(waitNanos, TimeUnit.NANOSECONDS));
        if (!silent && quietNanos() > SILENCE.toNanos()) {
            silent = true;
            pipeline.silence();
        }
    }

    private long quietNanos() {
        return System.nanoTime() - Math.max(startedNanos, lastFrameNanos.orElse(startedNanos));
    }

    private void take(@Nullable Arrival arrival) {
        if (arrival == null) {
            return;
        }
        try {
            UUID characteristic = arrival.characteristic();
            if (characteristic.equals(Gatt.FORCE_STREAM)) {
                if (pipeline.force(arrival.value(), arrival.atNanos())) {
                    frameCame(arrival.atNanos());
                }
            } else if (characteristic.equals(Gatt.EVENTS)) {
                pipeline.event(arrival.value());
            } else if (characteristic.equals(Gatt.CONTROL_POINT)) {
                answer = ControlAnswer.decode(arrival.value());
            } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
                batteryPercent = BatteryLevel.decode(arrival.value()).percent();
            }
        } catch (MalformedFrameException e) {
            LOG.warn("{}: {}", tool.id(), e.getMessage());
        }
    }

    private void frameCame(long atNanos) {
        lastFrameNanos = OptionalLong.of(atNanos);
        silent = false;
        if (streamingSinceNanos.isEmpty()) {
            streamingSinceNanos = OptionalLong.of(atNanos);
            become(ToolStatus.Link.STREAMING);
        }
    }

    private int nextTxn() {
        txn = txn % 255 + 1;
        return txn;
    }

    /** The answer, when it is ok. */
    private ControlAnswer ask(ToolConnection connection, String what, ControlRequest request)
            throws LinkException, InterruptedException {
        ControlAnswer answered = request(connection, request);
        if (answered.result() != ControlAnswer.Result.OK) {
            throw new LinkException("control point, %s: want ok, got %s".formatted(what, answered.result()));
        }
        return answered;
    }

    /** Writes to the control point, on a thread of its own, and goes on taking what arrives until the answer is there. */
    private ControlAnswer request(ToolConnection connection, ControlRequest request)
            throws LinkException, InterruptedException {
        answer = null;
        Future<?> written = controlWriter.submit(() -> {
            connection.write(Gatt.CONTROL_POINT, request.encode());
            return null;
        });
        long endNanos = System.nanoTime() + ANSWER_LIMIT.toNanos();
        while (System.nanoTime() - endNanos < 0) {
            ControlAnswer came = answer;
            if (came != null && came.op() == request.op() && came.txn() == request.txn()) {
                return came;
            }
            takeNext(CONTROL_LOOK_EVERY.toNanos());
            if (written.isDone()) {
                requireWritten(written);
            }
        }
        written.cancel(true);
        throw new LinkException("control point, op %d: want an answer within %d ms, got none"
                .formatted(request.op(), ANSWER_LIMIT.toMillis()));
    }

    private static void requireWritten(Future<?> written) throws LinkException, InterruptedException {
        try {
            written.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LinkException failed
                    ? failed
                    : new LinkException("control point: " + e.getCause(), e.getCause());
        }
    }

    /** Asks it to stop the stream, take what is still coming and end the connection; returns at once. */
    public void end() {
        closing = true;
        if (state != ToolStatus.Link.STREAMING) {
            thread.interrupt();
        }
    }

    /** Ends it and waits until it has ended. */
    @Override
    public void close() {
        end();
        try {
            thread.join(CLOSE_LIMIT.toMillis());
            if (thread.isAlive()) {
                LOG.warn("{}: did not stop within {} s", tool.id(), CLOSE_LIMIT.toSeconds());
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        controlWriter.shutdownNow();
    }
}

package io.lightstroke.gateway;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.CueAgreement;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final Duration RESOLVE_LIMIT = Duration.ofSeconds(10);
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

    private static final Duration LIMITS_EVERY = Duration.ofSeconds(3);

    private static final Duration TICK_EVERY = Duration.ofSeconds(1);
    private static final Duration TURN_LIMIT = Duration.ofSeconds(5);
    private static final Duration TURN_LOOK = Duration.ofMillis(20);
    private static final Duration CUE_LIMIT = Duration.ofSeconds(1);

    private static final int ENTER_MS = 150;
    private static final int EXIT_MS = 200;
    private static final int EXIT_PERCENT = 90;
    private static final int REPEAT_MS = 2000;

    private record Arrival(UUID characteristic, byte[] value, long atNanos) {}

    private final GatewayConfig.Tool tool;
    private final int rateHz;
    private final ToolLink link;
    private final LivePublisher live;
    private final Clock clock;
    private final ToolPipeline pipeline;

    private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final LongAdder received = new LongAdder();
    private final LongAdder overflowed = new LongAdder();
    private final ExecutorService controlWriter;
    private final Thread thread;

    /** Who holds it uses the pipeline: the session's thread while it serves the tool, else whoever has something for it. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Queue<Asked<?>> asked = new ConcurrentLinkedQueue<>();
    /** Guarded by turn. */
    private @Nullable ToolConnection served;

    private long tickedNanos = System.nanoTime();

    private volatile ToolStatus.Link state = ToolStatus.Link.ABSENT;
    private volatile @Nullable Integer batteryPercent;
    private volatile boolean untared;
    private volatile boolean limitsDiffer;
    private volatile OptionalLong lastFrameNanos = OptionalLong.empty();
    private volatile OptionalLong streamingSinceNanos = OptionalLong.empty();
    private volatile boolean closing;
    /** What the tool was last given; null before, in this connection, and after it did not take it. */
    private @Nullable PressureLimits limitsGiven;

    private boolean silent = true;
    private long startedNanos;
    private long limitsTriedNanos;
    private long tareTriedNanos = System.nanoTime();
    private int txn;
    private @Nullable ControlAnswer answer;

    ToolSession(
            GatewayConfig.Tool tool,
            int rateHz,
            ToolLink link,
            LivePublisher live,
            Clock clock,
            ToolPipeline pipeline) {
        this.tool = tool;
        this.rateHz = rateHz;
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
        return pipeline.accounting(received.sum(), overflowed.sum());
    }

    long strokes() {
        return pipeline.strokes();
    }

    long toolStrokes() {
        return pipeline.toolStrokes();
    }

    /** Of over-pressures, by the gateway and by the tool itself. */
    CueAgreement.Figures cueAgreement() {
        return pipeline.cueAgreement();
    }

    /** Samples that came too late to be judged, since the start. */
    long lateSamples() {
        return pipeline.lateSamples();
    }

    /** By which the gateway judges now; the tool gets them as soon as it can be reached. */
    PressureLimits limits() {
        return pipeline.keeper().limits();
    }

    /** The session that runs, if one does. */
    @Nullable
    SessionState session() {
        return pipeline.keeper().session();
    }

    /**
     * Executes an order between two frames.
     *
     * @return why it was not executed, in words for people; null when it was
     */
    @Nullable
    String order(Order order) throws LinkException, InterruptedException {
        return between(() -> Optional.ofNullable(pipeline.keeper().order(order)))
                .orElse(null);
    }

    /** The tool is tared when next it rests. */
    void wantTare() {
        untared = true;
    }

    /** @throws LinkException when it was not, and why */
    void tareNow() throws LinkException, InterruptedException {
        ControlAnswer.Result result = between(() -> tare(connected()));
        if (result != ControlAnswer.Result.OK) {
            throw new LinkException("tare of %s: want ok, got %s; the tool must lie still".formatted(id(), result));
        }
    }

    /** The tool shows which one it is. */
    void identify() throws LinkException, InterruptedException {
        ControlAnswer unused = between(() -> ask(connected(), "identify", ControlRequest.identify(nextTxn())));
    }

    /** Whether the cue was written. */
    boolean cue(Cue.Pattern pattern) throws LinkException, InterruptedException {
        CompletableFuture<OptionalLong> written = new CompletableFuture<>();
        between(() -> {
            pipeline.cue(pattern, written::complete);
            return true;
        });
        try {
            return written.get(CUE_LIMIT.toMillis(), TimeUnit.MILLISECONDS).isPresent();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private ToolConnection connected() throws LinkException {
        ToolConnection connection = served;
        if (connection == null) {
            throw new LinkException("tool %s: want it connected, got %s".formatted(id(), state.word()));
        }
        return connection;
    }

    /** What is due by time while the tool is away; while it is served its own thread sees to it. */
    void tick() {
        if (turn.tryLock()) {
            try {
                pipeline.keeper().tick(System.nanoTime());
            } finally {
                turn.unlock();
            }
        }
    }

    /** Takes up the session of the gateway's last run; before the start. */
    void takeUp(JournalReader journal) {
        pipeline.keeper().takeUp(journal);
    }

    private interface Work<T> {
        T run() throws LinkException, InterruptedException;
    }

    /** Work that waits for its turn, done once or given up. */
    private record Asked<T>(Work<T> work, AtomicBoolean taken, CompletableFuture<T> outcome) {
        void run() throws InterruptedException {
            if (taken.compareAndSet(false, true)) {
                try {
                    outcome.complete(work.run());
                } catch (LinkException | RuntimeException | InterruptedException e) {
                    outcome.completeExceptionally(e);
                    if (e instanceof InterruptedException interrupted) {
                        throw interrupted;
                    }
                }
            }
        }
    }

    /** Runs it between two frames on the thread that serves the tool, or on the caller's while nothing serves it. */
    private <T> T between(Work<T> work) throws LinkException, InterruptedException {
        Asked<T> mine = new Asked<>(work, new AtomicBoolean(), new CompletableFuture<>());
        asked.add(mine);
        long endNanos = System.nanoTime() + TURN_LIMIT.toNanos();
        while (!mine.outcome.isDone()) {
            if (turn.tryLock()) {
                try {
                    runAsked();
                } finally {
                    turn.unlock();
                }
            } else if (System.nanoTime() - endNanos > 0 && mine.taken.compareAndSet(false, true)) {
                throw new LinkException(
                        "tool %s: want a moment of it within %d ms, got none".formatted(id(), TURN_LIMIT.toMillis()));
            } else {
                try {
                    return mine.outcome.get(TURN_LOOK.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    // not yet
                } catch (ExecutionException e) {
                    break;
                }
            }
        }
        try {
            return mine.outcome.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LinkException failed
                    ? failed
                    : new LinkException(id() + ": " + e.getCause(), e);
        }
    }

    private void runAsked() throws InterruptedException {
        for (Asked<?> next = asked.poll(); next != null; next = asked.poll()) {
            next.run();
        }
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
                connection.resolve(RESOLVE_LIMIT);
                turn.lock();
                try {
                    served = connection;
                    serve(connection);
                } finally {
                    served = null;
                    turn.unlock();
                }
            } finally {
                turn.lock();
                try {
                    for (Arrival left = arrivals.poll(); left != null; left = arrivals.poll()) {
                        take(left);
                    }
                    pipeline.disconnected();
                } finally {
                    turn.unlock();
                }
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
        ToolInfoMessage info = readInfo(connection);
        giveLimits(connection, info);
        try (CueLane cueLane = new CueLane(tool.id(), connection)) {
            pipeline.cueLane(cueLane);
            startedNanos = System.nanoTime();
            ask(connection, "start", ControlRequest.start(nextTxn(), rateHz));
            silent = false;
            while (!closing) {
                takeNext(LOOK_EVERY.toNanos());
                runAsked();
                if (System.nanoTime() - tickedNanos > TICK_EVERY.toNanos()) {
                    tickedNanos = System.nanoTime();
                    pipeline.keeper().tick(System.nanoTime());
                }
                if (!pipeline.keeper().limits().equals(limitsGiven)
                        && (limitsGiven != null || System.nanoTime() - limitsTriedNanos > LIMITS_EVERY.toNanos())) {
                    giveOtherLimits(connection, info);
                }
                if (untared
                        && pipeline.restUs() > TARE_REST.toNanos() / 1000
                        && sinceTareTry() > TARE_EVERY.toNanos()) {
                    tare(connection);
                }
                if (quietFor(GIVE_UP)) {
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
    private ControlAnswer.Result tare(ToolConnection connection) throws LinkException, InterruptedException {
        tareTriedNanos = System.nanoTime();
        ControlAnswer answered = request(connection, ControlRequest.tare(nextTxn()));
        untared = answered.result() != ControlAnswer.Result.OK;
        LOG.info("{}: tare: {}", tool.id(), answered.result());
        publishStatus();
        return answered.result();
    }

    /** As in its status. */
    List<String> alerts() {
        List<String> alerts = new ArrayList<>();
        if (untared) {
            alerts.add("untared");
        }
        if (limitsDiffer) {
            alerts.add("limits-differ");
        }
        return alerts;
    }

    /** What stands in the tool, for {@link #giveLimits} to say with the limits. */
    private ToolInfoMessage readInfo(ToolConnection connection)
            throws LinkException, MalformedFrameException, InterruptedException {
        ToolInfo info = ToolInfo.decode(connection.read(Gatt.TOOL_INFO));
        untared = info.tareAgeS() == ToolInfo.NEVER_TARED;
        String model = text(connection, Gatt.MODEL_NUMBER);
        String serial = text(connection, Gatt.SERIAL_NUMBER);
        return new ToolInfoMessage(
                1,
                tool.address(),
                model + " " + serial,
                link.name(),
                text(connection, Gatt.MANUFACTURER_NAME),
                model,
                serial,
                text(connection, Gatt.FIRMWARE_REVISION),
                info.featureWords(),
                rateHz,
                info.calibration(),
                info.boot(),
                Findings.newtons(pipeline.keeper().limits()),
                null);
    }

    /** Writes the limits and reads them back, so that the tool warns by itself when the link is gone; says so. */
    private void giveLimits(ToolConnection connection, ToolInfoMessage info)
            throws LinkException, MalformedFrameException, InterruptedException {
        PressureLimits given = pipeline.keeper().limits();
        limitsGiven = given;
        ToolLimits wanted = toolLimits(given);
        ask(connection, "write limits", ControlRequest.writeLimits(nextTxn(), wanted));
        ToolLimits onTool = ToolLimits.decode(ask(connection, "read limits", ControlRequest.readLimits(nextTxn()))
                .data());
        if (!onTool.equals(wanted)) {
            LOG.warn("{}: limits on the tool: want {}, got {}", tool.id(), wanted, onTool);
        }
        limitsDiffer = !onTool.equals(wanted);
        live.info(tool.id(), info.withLimits(Findings.newtons(given), newtons(onTool)));
    }

    /** A tool that streams goes on being served when it does not take them. */
    private void giveOtherLimits(ToolConnection connection, ToolInfoMessage info)
            throws MalformedFrameException, InterruptedException {
        try {
            giveLimits(connection, info);
        } catch (LinkException e) {
            LOG.warn(
                    "{}: the limits on the tool are not known, tried again in {} s: {}",
                    tool.id(),
                    LIMITS_EVERY.toSeconds(),
                    e.getMessage());
            limitsDiffer = true;
            limitsGiven = null;
            limitsTriedNanos = System.nanoTime();
        }
        publishStatus();
    }

    private static ToolLimits toolLimits(PressureLimits limits) {
        return new ToolLimits(
                limits.lightCn(),
                limits.moderateCn(),
                limits.tooDeepCn(),
                limits.ceilingCn(),
                ENTER_MS,
                EXIT_MS,
                EXIT_PERCENT,
                REPEAT_MS,
                0);
    }

    private static ToolInfoMessage.Limits newtons(ToolLimits limits) {
        return new ToolInfoMessage.Limits(
                null,
                limits.lightCn() / 100.0,
                limits.moderateCn() / 100.0,
                limits.tooDeepCn() / 100.0,
                limits.ceilingCn() / 100.0);
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

    /** Takes the next arrival, if one comes in time; notices when what was waited for does not come, or nothing at all. */
    private void takeNext(long waitNanos) throws InterruptedException {
        OptionalLong deadline = pipeline.deadlineNanos();
        long untilDeadline = deadline.isPresent() ? Math.max(0, deadline.getAsLong() - System.nanoTime()) : waitNanos;
        Arrival next = arrivals.poll(Math.min(waitNanos, untilDeadline), TimeUnit.NANOSECONDS);
        // What has arrived was on time, however late it is looked at.
        pipeline.goOn(next == null ? System.nanoTime() : next.atNanos());
        take(next);
        if (!silent && quietFor(SILENCE)) {
            silent = true;
            pipeline.silence();
        }
    }

    /** No frame came for so long, not even one that has yet to be taken. */
    private boolean quietFor(Duration limit) {
        return arrivals.isEmpty() && quietNanos() > limit.toNanos();
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
                pipeline.event(arrival.value(), arrival.atNanos());
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
        if (turn.tryLock()) {
            try {
                pipeline.keeper().end();
            } finally {
                turn.unlock();
            }
        }
    }
}

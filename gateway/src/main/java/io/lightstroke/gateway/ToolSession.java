package io.lightstroke.gateway;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.NotHeardException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.CueAgreement;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One tool that is allowed in, on one thread of its own: reach it, serve it, and begin anew when it falls silent. Whether
 * it is there shows in the age of its last valid frame alone, never in what the host says of the connection.
 *
 * <pre>
 *  absent ──► connecting ──► resolving ──► streaming (and beside it: backfilling)
 *    ▲           │  ▲            │             │ 0.5 s without a frame: "no data"
 *    │ not heard │  │            │ fails       │ 1 s: resubscribe   2.5 s: give up
 *    └───────────┘  └── lost ◄───┴─────────────┘
 *                        │ again and again: see RecoveryLadder
 * </pre>
 */
public final class ToolSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ToolSession.class);

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(6);
    private static final Duration RESOLVE_LIMIT = Duration.ofSeconds(8);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(300);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Duration TURN_LIMIT = Duration.ofSeconds(5);
    private static final Duration TURN_LOOK = Duration.ofMillis(20);
    private static final Duration CUE_LIMIT = Duration.ofSeconds(1);
    private static final Duration STILL_LIMIT = Duration.ofSeconds(5);
    private static final Duration STILL_LOOK = Duration.ofMillis(500);
    /** For so long what a tool that is not trusted sends is counted. */
    private static final Duration UNTRUSTED_WATCH = Duration.ofSeconds(1);

    private static final int IDLE_S = 5;

    private final GatewayConfig.Tool tool;
    private final GatewayConfig.Trust trust;
    private final int rateHz;
    private final ToolLink link;
    private final AdapterPower power;
    private final LivePublisher live;
    private final Clock clock;
    private final ToolPipeline pipeline;
    private final Backfill backfill;

    private final Arrivals arrivals = new Arrivals();
    private final ToolHealth health;
    private final RecoveryLadder ladder;
    /** For what blocks; grows with it, an idle thread ends after 5 s. */
    private final ExecutorService blocking;

    private final Thread thread;

    /** Who holds it uses the pipeline: the session's thread while it serves the tool, else whoever has something for it. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Queue<Asked<?>> asked = new ConcurrentLinkedQueue<>();
    /** Guarded by turn. */
    private @Nullable ServedTool served;

    private volatile boolean closing;
    private volatile @Nullable String failure;

    ToolSession(
            GatewayConfig.Tool tool,
            GatewayConfig.Trust trust,
            int rateHz,
            ToolLink link,
            AdapterPower power,
            LivePublisher live,
            Clock clock,
            ToolPipeline pipeline,
            Backfill backfill) {
        this.tool = tool;
        this.trust = trust;
        this.rateHz = rateHz;
        this.link = link;
        this.power = power;
        this.live = live;
        this.clock = clock;
        this.pipeline = pipeline;
        this.backfill = backfill;
        health = new ToolHealth(tool.id(), this::publishStatus, System::nanoTime);
        ladder = new RecoveryLadder(tool.id());
        boolean overTheAir = !link.name().equals(GatewayConfig.Link.SIMULATED.word());
        health.set(ToolHealth.Alert.TRUST_JUST_WORKS, overTheAir && trust == GatewayConfig.Trust.JUST_WORKS);
        health.set(ToolHealth.Alert.TRUST_OPEN, overTheAir && trust == GatewayConfig.Trust.OPEN);
        blocking = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_S,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> daemon(task, "call-" + tool.id()));
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
        return health.link();
    }

    /** Of {@link System#nanoTime()}: when the first frame of the present connection came. */
    public OptionalLong streamingSinceNanos() {
        return health.streamingSinceNanos();
    }

    /** Of {@link System#nanoTime()}: when the newest valid frame came. */
    public OptionalLong lastFrameNanos() {
        return health.lastFrameNanos();
    }

    /** Stored records of the tool are being read. */
    public boolean backfilling() {
        return health.backfilling();
    }

    /** As in its status. */
    public List<String> alerts() {
        return health.alerts();
    }

    /** How often each step of recovery was taken. */
    public Map<String, Long> recovery() {
        return ladder.counts();
    }

    public Accounting accounting() {
        return pipeline.accounting(arrivals.received(), arrivals.overflowed(), arrivals.untrusted());
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
    public long lateSamples() {
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
        return between(() -> Optional.ofNullable(order instanceof Order.Start ? occupied() : null)
                        .or(() -> Optional.ofNullable(pipeline.keeper().order(order))))
                .orElse(null);
    }

    /** The tool is tared when next it rests. */
    void wantTare() {
        health.set(ToolHealth.Alert.UNTARED, true);
    }

    /** @throws LinkException when it was not, and why */
    void tareNow() throws LinkException, InterruptedException {
        ControlAnswer.Result result = between(() -> connected().tare());
        if (result != ControlAnswer.Result.OK) {
            throw new LinkException("tare of %s: want ok, got %s; the tool must lie still".formatted(id(), result));
        }
    }

    /** The tool shows which one it is. */
    void identify() throws LinkException, InterruptedException {
        between(() -> {
            connected().identify();
            return true;
        });
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

    /** Why no session can begin now, in words for people; null when one can. */
    @Nullable
    String occupied() {
        return health.calibrating()
                ? "tool %s: want it free, got a calibration that runs; send calibrate with step reference or cancel"
                        .formatted(id())
                : updating();
    }

    /** Why nothing can be asked of the tool now, in words for people; null when it can. */
    @Nullable
    String updating() {
        ToolStatus.Update update = health.update();
        return update == null
                ? null
                : "tool %s: want it free, got an update with %s that runs".formatted(id(), update.file());
    }

    /** Begins a calibration: nothing is on the tool. */
    void calibrateZero() throws LinkException, InterruptedException {
        ControlAnswer.Result result = whileItMoves(() -> idle().calibrateZero());
        if (result != ControlAnswer.Result.OK) {
            throw new LinkException(
                    "calibration of %s, zero: want ok, got %s; the tool must lie still, with nothing on it"
                            .formatted(id(), result));
        }
    }

    /**
     * Ends the calibration: the reference force is on the tool. When it fails the calibration is cancelled.
     *
     * @return number of the calibration in force from now on
     */
    long calibrateReference(int referenceMn) throws LinkException, InterruptedException {
        AtomicLong calibration = new AtomicLong();
        ControlAnswer.Result result = whileItMoves(() -> {
            ServedTool now = idle();
            if (!health.calibrating()) {
                throw new LinkException("calibration of %s: want step zero before, got reference".formatted(id()));
            }
            try {
                ControlAnswer answered = now.calibrateReference(referenceMn);
                if (answered.result() == ControlAnswer.Result.OK) {
                    calibration.set(answered.calibration());
                }
                return answered.result();
            } catch (MalformedFrameException e) {
                throw new LinkException(String.valueOf(e.getMessage()), e);
            }
        });
        if (result == ControlAnswer.Result.OK) {
            return calibration.get();
        }
        cancelCalibration();
        throw new LinkException("calibration of %s, reference of %.3f N: want ok, got %s%s; it is cancelled"
                .formatted(
                        id(),
                        referenceMn / 1000.0,
                        result,
                        switch (result) {
                            case BAD_PARAMETER -> ", for the tool measures less than half or more than twice of that";
                            case BUSY_OR_WRONG_STATE -> ", for the force moves";
                            default -> "";
                        }));
    }

    /** What it was calibrated by before stays in force. */
    void cancelCalibration() throws LinkException, InterruptedException {
        between(() -> {
            connected().cancelCalibration();
            return true;
        });
    }

    /** A weight swings: tried again for a while. */
    private ControlAnswer.Result whileItMoves(Work<ControlAnswer.Result> step)
            throws LinkException, InterruptedException {
        long endNanos = System.nanoTime() + STILL_LIMIT.toNanos();
        while (true) {
            ControlAnswer.Result result = between(step);
            if (result != ControlAnswer.Result.BUSY_OR_WRONG_STATE || System.nanoTime() - endNanos > 0) {
                return result;
            }
            Thread.sleep(STILL_LOOK.toMillis());
        }
    }

    /** Streaming, and in no session that somebody started. */
    private ServedTool idle() throws LinkException {
        SessionState running = session();
        if (running != null && running.assigned()) {
            throw new LinkException("session of %s: want none that runs, got %s".formatted(id(), running.id()));
        } else if (state() != ToolStatus.Link.STREAMING) {
            throw new LinkException("tool %s: want it streaming, got %s".formatted(id(), state().word()));
        }
        return connected();
    }

    /** @throws LinkException why the tool cannot be updated now; else no session begins until {@link #endUpdate} */
    void beginUpdate(ToolStatus.Update first) throws LinkException, InterruptedException {
        between(() -> {
            ServedTool now = idle();
            String occupied = occupied();
            if (occupied != null) {
                throw new LinkException(occupied);
            }
            now.requireUpdatable();
            health.update(first);
            return true;
        });
    }

    void updateIs(ToolStatus.Update now) {
        health.update(now);
    }

    void endUpdate() {
        health.update(null);
    }

    /** Asks the tool's SMP server; the stream rests meanwhile. */
    void overSmp(ServedTool.SmpWork work) throws LinkException, InterruptedException {
        between(() -> {
            connected().overSmp(work);
            return true;
        });
    }

    private ServedTool connected() throws LinkException {
        ServedTool now = served;
        if (now == null) {
            throw new LinkException("tool %s: want it connected, got %s".formatted(id(), state().word()));
        }
        return now;
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
        live.status(tool.id(), status());
    }

    /** As it is published. */
    ToolStatus status() {
        OptionalLong last = health.lastFrameNanos();
        return new ToolStatus(
                1,
                clock.instant(),
                health.link(),
                health.backfilling(),
                health.alerts(),
                health.batteryPercent(),
                last.isPresent() ? (System.nanoTime() - last.getAsLong()) / 1_000_000 : null,
                health.update(),
                ladder.counts(),
                accounting());
    }

    /** Why the last attempt to reach it failed; null while it streams, and when it was only not heard. */
    @Nullable
    String failure() {
        return state() == ToolStatus.Link.STREAMING ? null : failure;
    }

    private void run() {
        MDC.put("tool", tool.id());
        Duration pause = FIRST_PAUSE;
        try {
            while (!closing) {
                health.become(ToolStatus.Link.CONNECTING);
                String failure = serveOnce();
                this.failure = failure.isEmpty() ? null : failure;
                boolean streamed = health.streamingSinceNanos().isPresent();
                health.become(
                        closing || health.lastFrameNanos().isEmpty() ? ToolStatus.Link.ABSENT : ToolStatus.Link.LOST);
                if (closing) {
                    return;
                }
                if (streamed) {
                    pause = FIRST_PAUSE;
                    if (!failure.isEmpty()) {
                        ladder.taken(RecoveryLadder.Rung.RECONNECT, failure);
                    }
                } else if (!failure.isEmpty()) {
                    climb(ladder.failed(), failure);
                } else if (health.link() == ToolStatus.Link.LOST && !health.has(ToolHealth.Alert.NOT_BONDED)) {
                    climb(ladder.unheard(health.quiet(Long.MIN_VALUE / 2)), "not heard since it was lost");
                }
                Thread.sleep(pause.toMillis() / 2 + ThreadLocalRandom.current().nextLong(pause.toMillis()));
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        } catch (InterruptedException e) {
            health.become(ToolStatus.Link.ABSENT);
        }
    }

    /** One connection, from begin to end: why it ended, empty when the tool was not heard or there is no fault. */
    private String serveOnce() throws InterruptedException {
        try (ToolConnection connection = link.connect(tool.address(), CONNECT_LIMIT)) {
            health.become(ToolStatus.Link.RESOLVING);
            connection.resolve(RESOLVE_LIMIT);
            if (!trust.accepts(connection.bond())) {
                refuse(connection);
                return "";
            }
            health.set(ToolHealth.Alert.NOT_BONDED, false);
            serve(connection);
            return "";
        } catch (NotHeardException e) {
            LOG.debug("{}: {}", tool.id(), e.getMessage());
            return "";
        } catch (LinkException | MalformedFrameException e) {
            LOG.warn("{}: {}", tool.id(), e.getMessage());
            return String.valueOf(e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("{}: unexpected", tool.id(), e);
            return e.toString();
        }
    }

    private void serve(ToolConnection connection) throws LinkException, MalformedFrameException, InterruptedException {
        ServedTool now = new ServedTool(
                tool,
                trust,
                rateHz,
                link.name(),
                connection,
                arrivals,
                pipeline,
                health,
                ladder,
                live,
                backfill,
                blocking,
                new ServedTool.Asked() {
                    @Override
                    public void run() throws InterruptedException {
                        runAsked();
                    }

                    @Override
                    public boolean closing() {
                        return closing;
                    }
                },
                CueThread::new,
                System::nanoTime);
        turn.lock();
        try {
            served = now;
            now.serve();
        } finally {
            try {
                connection.close();
                now.takeAll();
                pipeline.disconnected();
            } finally {
                served = null;
                turn.unlock();
            }
        }
    }

    /** What it sends is counted and not looked at, and a person gets to know. */
    private void refuse(ToolConnection connection) throws InterruptedException {
        if (!health.has(ToolHealth.Alert.NOT_BONDED)) {
            LOG.warn(
                    "{}: {} does not show what trust: {} wants, so nothing of it is accepted. If it is yours:"
                            + " lightstroke pair {}",
                    tool.id(),
                    tool.address(),
                    trust.word(),
                    tool.address());
        }
        health.set(ToolHealth.Alert.NOT_BONDED, true);
        try {
            for (UUID characteristic : List.of(Gatt.FORCE_STREAM, Gatt.EVENTS)) {
                connection.subscribe(characteristic, (value, atNanos) -> arrivals.refuse());
            }
            Thread.sleep(UNTRUSTED_WATCH.toMillis());
        } catch (LinkException e) {
            LOG.debug("{}: it does not let itself be read without a bond: {}", tool.id(), e.getMessage());
        }
    }

    /** The tool may be there, and could not be reached. */
    private void climb(RecoveryLadder.Rung rung, String failure) throws InterruptedException {
        try {
            boolean taken = switch (rung) {
                case FORGET -> link.forget(tool.address());
                case POWER_CYCLE -> power.cycle();
                case ALARM -> true;
                default -> false;
            };
            if (taken) {
                ladder.taken(rung, failure);
            }
            if (rung == RecoveryLadder.Rung.ALARM) {
                health.set(ToolHealth.Alert.UNREACHABLE, true);
            }
        } catch (LinkException e) {
            LOG.warn("{}: recovery: {}", tool.id(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{}: recovery: unexpected", tool.id(), e);
        }
    }

    /** Asks it to stop the stream, take what is still coming and end the connection; returns at once. */
    public void end() {
        closing = true;
        if (health.link() != ToolStatus.Link.STREAMING) {
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
        blocking.shutdownNow();
        if (turn.tryLock()) {
            try {
                pipeline.keeper().end();
            } finally {
                turn.unlock();
            }
        }
    }
}

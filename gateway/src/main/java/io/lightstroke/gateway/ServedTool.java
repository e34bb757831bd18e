package io.lightstroke.gateway;

import io.lightstroke.firmware.SmpAssembly;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.gateway.update.ImageClient;
import io.lightstroke.gateway.update.SmpLink;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ControlRequest.CalibrationStep;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a tool, from its set-up to its end: limits, stream, clock, tare, records. Used by the tool's thread
 * alone, which goes on taking what arrives whatever it waits for.
 */
final class ServedTool {
    private static final Logger LOG = LoggerFactory.getLogger(ServedTool.class);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration ANSWER_LOOK_EVERY = Duration.ofMillis(5);
    /** The view turns to "no data". */
    private static final Duration SILENCE = Duration.ofMillis(500);

    private static final Duration RESUBSCRIBE_AFTER = Duration.ofSeconds(1);
    private static final Duration GIVE_UP = Duration.ofMillis(2500);

    private static final int ATT_OVERHEAD = 3;

    private static final Duration TARE_REST = Duration.ofMillis(1200);
    private static final Duration TARE_EVERY = Duration.ofSeconds(1);
    private static final Duration LIMITS_EVERY = Duration.ofSeconds(3);
    /** Between its steps; the tool forgets it after as long. */
    private static final Duration CALIBRATION_LIMIT = Duration.ofMinutes(5);

    private static final int LEAST_BATTERY_PERCENT = 30;
    /** Messages of the SMP server that wait; more are dropped. */
    private static final int MOST_SMP_ANSWERS = 16;

    private static final Duration TICK_EVERY = Duration.ofSeconds(1);
    private static final Duration SYNC_EVERY = Duration.ofSeconds(10);
    /** The first exchanges of a connection follow each other sooner. */
    private static final int FIRST_SYNCS = 6;

    private static final Duration FIRST_SYNC_EVERY = Duration.ofSeconds(1);
    /** Of stored records none for so long: the tool will send no more. */
    private static final Duration RECORD_LIMIT = Duration.ofSeconds(5);

    private static final int ENTER_MS = 150;
    private static final int EXIT_MS = 200;
    private static final int EXIT_PERCENT = 90;
    private static final int REPEAT_MS = 2000;

    private final String tool;
    private final String address;
    private final GatewayConfig.Trust trust;
    private final int rateHz;
    private final String linkName;
    private final ToolConnection connection;
    private final Arrivals arrivals;
    private final ToolPipeline pipeline;
    private final ToolHealth health;
    private final RecoveryLadder ladder;
    private final LiveView live;
    private final Backfill backfill;
    /** Runs what blocks. */
    private final Executor blocking;
    /** What others want done between two frames. */
    private final Asked asked;

    private final Lanes lanes;
    private final LongSupplier nanoTime;

    /** Ways for the cues of a connection. */
    interface Lanes {
        CueLane to(String tool, ToolConnection connection);
    }

    /** What others want done between two frames. */
    interface Asked {
        void run() throws InterruptedException;

        /** Whether the connection is to end. */
        boolean closing();
    }

    private boolean silent;
    private boolean resubscribed;
    private long startedNanos;
    private long tickedNanos;
    private long limitsTriedNanos;
    private long tareTriedNanos;
    /** What the tool was last given; null before, and after it did not take it. */
    private @Nullable PressureLimits limitsGiven;

    /** Null before it has been read. */
    private @Nullable ToolInfoMessage info;

    private long calibratedNanos;

    private int txn;
    private @Nullable ControlAnswer answer;
    private @Nullable RecordAnswer recordAnswer;
    private byte @Nullable [] lastRecord;
    /** The next record is looked at before it is taken. */
    private boolean holdRecord;

    private long recordNanos;

    private final SmpAssembly smpFragments = new SmpAssembly();
    private final Queue<SmpMessage> smpAnswers = new ArrayDeque<>();
    /** The tool starts anew by itself. */
    private boolean leaving;
    /** Why another connection is wanted. */
    private @Nullable LinkException broken;

    private long syncNonce = -1;
    private long syncSentNanos;
    private int syncs;

    /** @param nanoTime as {@link System#nanoTime()}, and of the same origin as the times of arrival */
    ServedTool(
            GatewayConfig.Tool tool,
            GatewayConfig.Trust trust,
            int rateHz,
            String linkName,
            ToolConnection connection,
            Arrivals arrivals,
            ToolPipeline pipeline,
            ToolHealth health,
            RecoveryLadder ladder,
            LiveView live,
            Backfill backfill,
            Executor blocking,
            Asked asked,
            Lanes lanes,
            LongSupplier nanoTime) {
        this.tool = tool.id();
        this.address = tool.address();
        this.trust = trust;
        this.rateHz = rateHz;
        this.linkName = linkName;
        this.connection = connection;
        this.arrivals = arrivals;
        this.pipeline = pipeline;
        this.health = health;
        this.ladder = ladder;
        this.live = live;
        this.backfill = backfill;
        this.blocking = blocking;
        this.asked = asked;
        this.lanes = lanes;
        this.nanoTime = nanoTime;
        startedNanos = nanoTime.getAsLong();
        tickedNanos = startedNanos;
        tareTriedNanos = startedNanos;
    }

    /** Until it is to end, or fails. */
    void serve() throws LinkException, MalformedFrameException, InterruptedException {
        OptionalInt mtu = connection.mtu();
        if (mtu.isPresent() && mtu.getAsInt() < Gatt.MIN_MTU) {
            throw new LinkException(
                    "%s: want an ATT MTU of %d or more, got %d".formatted(tool, Gatt.MIN_MTU, mtu.getAsInt()));
        }
        for (UUID characteristic : List.of(Gatt.CONTROL_POINT, Gatt.TIME_SYNC, Gatt.FORCE_STREAM, Gatt.EVENTS)) {
            subscribe(characteristic);
        }
        watchBattery();
        ToolInfo read = ToolInfo.decode(connection.read(Gatt.TOOL_INFO));
        info = describe(read);
        health.set(ToolHealth.Alert.UNTARED, read.tareAgeS() == ToolInfo.NEVER_TARED);
        exchangeTimes();
        giveLimits();
        boolean stores = read.has(ToolInfo.STORES_RECORDS);
        if (stores) {
            subscribe(Gatt.RECORD_ACCESS);
            subscribe(Gatt.RECORD_DATA);
        }
        try (CueLane cueLane = lanes.to(tool, connection)) {
            pipeline.cueLane(cueLane);
            startedNanos = nanoTime.getAsLong();
            ask("start", ControlRequest.start(nextTxn(), rateHz));
            backfill.connected(stores);
            while (!asked.closing() && !leaving) {
                step();
                if (health.streamingSinceNanos().isPresent() && backfill.due()) {
                    backfill();
                }
            }
            if (!leaving) {
                ask("stop", ControlRequest.stop(nextTxn()));
            }
        } finally {
            pipeline.cueLane(null);
            health.backfilling(false);
            health.calibrating(false);
        }
    }

    /** Takes what arrives next, and does what is due. */
    private void step() throws LinkException, MalformedFrameException, InterruptedException {
        takeNext(LOOK_EVERY.toNanos());
        asked.run();
        if (broken != null) {
            throw broken;
        } else if (leaving) {
            return;
        }
        if (passed(tickedNanos, TICK_EVERY)) {
            tickedNanos = nanoTime.getAsLong();
            pipeline.keeper().tick(nanoTime.getAsLong());
        }
        if (!pipeline.keeper().limits().equals(limitsGiven)
                && (limitsGiven != null || passed(limitsTriedNanos, LIMITS_EVERY))) {
            giveOtherLimits();
        }
        if (health.calibrating() && passed(calibratedNanos, CALIBRATION_LIMIT)) {
            LOG.info("{}: calibration given up after {} min", tool, CALIBRATION_LIMIT.toMinutes());
            cancelCalibration();
        }
        if (health.has(ToolHealth.Alert.UNTARED)
                && !health.calibrating()
                && pipeline.restUs() > TARE_REST.toNanos() / 1000
                && passed(tareTriedNanos, TARE_EVERY)) {
            tare();
        }
        if (passed(syncSentNanos, syncs < FIRST_SYNCS ? FIRST_SYNC_EVERY : SYNC_EVERY)) {
            askForTime();
        }
        recover();
    }

    private boolean passed(long sinceNanos, Duration time) {
        return nanoTime.getAsLong() - sinceNanos > time.toNanos();
    }

    /** The first rung of the ladder; and the second, which is to end the connection. */
    private void recover() throws LinkException, InterruptedException {
        if (quietFor(GIVE_UP)) {
            throw new LinkException("want a frame at least every %d ms, got none for %d ms"
                    .formatted(SILENCE.toMillis(), health.quiet(startedNanos).toMillis()));
        }
        if (!resubscribed && quietFor(RESUBSCRIBE_AFTER)) {
            resubscribed = true;
            ladder.taken(
                    RecoveryLadder.Rung.RESUBSCRIBE,
                    "no frame for %d ms".formatted(health.quiet(startedNanos).toMillis()));
            for (UUID characteristic : List.of(Gatt.FORCE_STREAM, Gatt.EVENTS)) {
                meanwhile("resubscribing", () -> {
                    connection.unsubscribe(characteristic);
                    subscribe(characteristic);
                    return true;
                });
            }
            ask("start", ControlRequest.start(nextTxn(), rateHz));
        }
    }

    /** No frame came for so long, not even one that has yet to be taken. */
    private boolean quietFor(Duration limit) {
        return arrivals.isEmpty() && health.quiet(startedNanos).compareTo(limit) > 0;
    }

    private void subscribe(UUID characteristic) throws LinkException, InterruptedException {
        connection.subscribe(characteristic, (value, atNanos) -> arrivals.add(characteristic, value, atNanos));
    }

    /** Not every BlueZ shows the battery's characteristic to its clients: then its level stays unknown. */
    private void watchBattery() throws InterruptedException {
        health.batteryPercent(null);
        try {
            health.batteryPercent(
                    BatteryLevel.decode(connection.read(Gatt.BATTERY_LEVEL)).percent());
            subscribe(Gatt.BATTERY_LEVEL);
        } catch (LinkException | MalformedFrameException e) {
            LOG.info("{}: battery level unknown: {}", tool, e.getMessage());
        }
    }

    // The clock.

    private void askForTime() throws LinkException, InterruptedException {
        syncNonce = ThreadLocalRandom.current().nextLong(1L << 32);
        syncs++;
        syncSentNanos = nanoTime.getAsLong();
        byte[] request = TimeSync.request(syncNonce);
        Future<?> unused = submit(() -> {
            connection.write(Gatt.TIME_SYNC, request);
            return null;
        });
    }

    private void timeCame(TimeSync came, long atNanos) {
        if (came.nonce() == syncNonce) {
            syncNonce = -1;
            pipeline.sync(came, syncSentNanos, atNanos);
            health.set(ToolHealth.Alert.HOST_CLOCK_STEPPED, pipeline.boots().hostClockStepped());
        }
    }

    /** The first exchange, so that the first frame already has its place in time; a tool that does not answer is served too. */
    private void exchangeTimes() throws LinkException, InterruptedException {
        askForTime();
        while (syncNonce >= 0 && !passed(syncSentNanos, FIRST_SYNC_EVERY)) {
            takeNext(ANSWER_LOOK_EVERY.toNanos());
        }
        if (syncNonce >= 0) {
            LOG.warn("{}: want an answer to time sync within {} ms, got none", tool, FIRST_SYNC_EVERY.toMillis());
        }
    }

    // Tare, limits, what the tool is.

    /** Only after a while without contact: a steady press must never become the zero. */
    ControlAnswer.Result tare() throws LinkException, InterruptedException {
        tareTriedNanos = nanoTime.getAsLong();
        ControlAnswer answered = request(ControlRequest.tare(nextTxn()));
        LOG.info("{}: tare: {}", tool, answered.result());
        health.set(ToolHealth.Alert.UNTARED, answered.result() != ControlAnswer.Result.OK);
        return answered.result();
    }

    void identify() throws LinkException, InterruptedException {
        ControlAnswer unused = ask("identify", ControlRequest.identify(nextTxn()));
    }

    // Calibration.

    /** Nothing is on the tool: a calibration begins. It is cancelled unless the answer is ok. */
    ControlAnswer.Result calibrateZero() throws LinkException, InterruptedException {
        ControlAnswer unused = ask("calibrate", ControlRequest.calibrate(nextTxn(), CalibrationStep.BEGIN, 0));
        ControlAnswer.Result result = calibrate(CalibrationStep.ZERO, 0, "").result();
        if (result == ControlAnswer.Result.OK) {
            calibratedNanos = nanoTime.getAsLong();
            health.calibrating(true);
        } else {
            cancelCalibration();
        }
        return result;
    }

    /** The reference force is on the tool. The answer is that of the commit, or of what went wrong before it. */
    ControlAnswer calibrateReference(int referenceMn)
            throws LinkException, MalformedFrameException, InterruptedException {
        ControlAnswer measured = calibrate(CalibrationStep.REFERENCE, referenceMn, "");
        if (measured.result() != ControlAnswer.Result.OK) {
            return measured;
        }
        ControlAnswer committed =
                calibrate(CalibrationStep.COMMIT, 0, "; the tool's info will say whether the calibration is in force");
        if (committed.result() == ControlAnswer.Result.OK) {
            health.calibrating(false);
            LOG.info("{}: calibration {} is in force", tool, committed.calibration());
            info = Objects.requireNonNull(info).withCalibration(committed.calibration());
            live.info(tool, info);
            health.set(ToolHealth.Alert.UNTARED, false);
        }
        return committed;
    }

    /** Without an answer the connection ends, with which the tool forgets what is not committed. */
    private ControlAnswer calibrate(CalibrationStep step, int referenceMn, String otherwise)
            throws LinkException, InterruptedException {
        try {
            return request(ControlRequest.calibrate(nextTxn(), step, referenceMn));
        } catch (LinkException e) {
            broken = new LinkException(e.getMessage() + otherwise, e);
            throw broken;
        }
    }

    void cancelCalibration() throws LinkException, InterruptedException {
        health.calibrating(false);
        ControlAnswer unused = ask("calibrate", ControlRequest.calibrate(nextTxn(), CalibrationStep.CANCEL, 0));
    }

    // Firmware.

    /** @throws LinkException why the tool cannot be updated over this connection */
    void requireUpdatable() throws LinkException, InterruptedException {
        List<String> features = Objects.requireNonNull(info).features();
        if (!features.contains("firmware-update")) {
            throw new LinkException("tool %s: want the feature firmware-update, got %s".formatted(tool, features));
        }
        ToolConnection.Bond bond = meanwhile("bond", connection::bond);
        if (bond != ToolConnection.Bond.PROVEN) {
            throw new LinkException(
                    "tool %s: want a bonded link for an update, got none; pair it by: lightstroke pair %s"
                            .formatted(tool, address));
        }
        Integer battery = health.batteryPercent();
        if (battery != null && battery < LEAST_BATTERY_PERCENT) {
            throw new LinkException("battery of %s: want %d %% or more for an update, got %d %%"
                    .formatted(tool, LEAST_BATTERY_PERCENT, battery));
        }
    }

    /** What is asked of the SMP server over one connection. */
    interface SmpWork {
        /** Whether the tool starts anew after it. */
        boolean run(ImageClient images) throws LinkException, InterruptedException;
    }

    /** The stream rests meanwhile. When it fails, the connection ends. */
    void overSmp(SmpWork work) throws LinkException, InterruptedException {
        try {
            ask("stop", ControlRequest.stop(nextTxn()));
            smpFragments.reset();
            smpAnswers.clear();
            meanwhile("subscribing", () -> {
                subscribe(Gatt.SMP);
                return true;
            });
            leaving = work.run(new ImageClient(new Smp()));
            if (!leaving) {
                meanwhile("unsubscribing", () -> {
                    connection.unsubscribe(Gatt.SMP);
                    return true;
                });
                startedNanos = nanoTime.getAsLong();
                ask("start", ControlRequest.start(nextTxn(), rateHz));
            }
        } catch (LinkException e) {
            broken = e;
            throw e;
        }
    }

    private final class Smp implements SmpLink {
        @Override
        public int room() throws LinkException, InterruptedException {
            return connection.mtu().orElse(Gatt.MIN_MTU) - ATT_OVERHEAD;
        }

        @Override
        public void send(SmpMessage request) throws LinkException, InterruptedException {
            for (byte[] fragment : request.fragments(room())) {
                meanwhile("firmware", () -> {
                    connection.writeWithoutResponse(Gatt.SMP, fragment);
                    return true;
                });
            }
        }

        @Override
        public Optional<SmpMessage> receive(Duration limit) throws LinkException, InterruptedException {
            long beganNanos = nanoTime.getAsLong();
            while (smpAnswers.isEmpty() && !passed(beganNanos, limit)) {
                if (asked.closing()) {
                    throw new LinkException("firmware of %s: want it sent, got the end of the gateway".formatted(tool));
                }
                takeNext(ANSWER_LOOK_EVERY.toNanos());
            }
            return Optional.ofNullable(smpAnswers.poll());
        }
    }

    /** What stands in the tool, for {@link #giveLimits} to say with the limits. */
    private ToolInfoMessage describe(ToolInfo info)
            throws LinkException, MalformedFrameException, InterruptedException {
        String model = text(Gatt.MODEL_NUMBER);
        String serial = text(Gatt.SERIAL_NUMBER);
        return new ToolInfoMessage(
                1,
                address,
                model + " " + serial,
                linkName,
                trust.word(),
                text(Gatt.MANUFACTURER_NAME),
                model,
                serial,
                text(Gatt.FIRMWARE_REVISION),
                info.featureWords(),
                rateHz,
                info.calibration(),
                info.boot(),
                Findings.newtons(pipeline.keeper().limits()),
                null);
    }

    private String text(UUID characteristic) throws LinkException, MalformedFrameException, InterruptedException {
        return DeviceInformation.decode("device information", connection.read(characteristic));
    }

    /** Writes the limits and reads them back, so that the tool warns by itself when the link is gone; says so. */
    private void giveLimits() throws LinkException, MalformedFrameException, InterruptedException {
        PressureLimits given = pipeline.keeper().limits();
        limitsGiven = given;
        ToolLimits wanted = toolLimits(given);
        ask("write limits", ControlRequest.writeLimits(nextTxn(), wanted));
        ToolLimits onTool = ToolLimits.decode(
                ask("read limits", ControlRequest.readLimits(nextTxn())).data());
        if (!onTool.equals(wanted)) {
            LOG.warn("{}: limits on the tool: want {}, got {}", tool, wanted, onTool);
        }
        health.set(ToolHealth.Alert.LIMITS_DIFFER, !onTool.equals(wanted));
        info = Objects.requireNonNull(info).withLimits(Findings.newtons(given), newtons(onTool));
        live.info(tool, info);
    }

    /** A tool that streams goes on being served when it does not take them. */
    private void giveOtherLimits() throws MalformedFrameException, InterruptedException {
        try {
            giveLimits();
        } catch (LinkException e) {
            LOG.warn(
                    "{}: the limits on the tool are not known, tried again in {} s: {}",
                    tool,
                    LIMITS_EVERY.toSeconds(),
                    e.getMessage());
            limitsGiven = null;
            limitsTriedNanos = nanoTime.getAsLong();
            health.set(ToolHealth.Alert.LIMITS_DIFFER, true);
        }
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

    // What arrives.

    /** Takes the next arrival, if one comes in time; notices when what was waited for does not come, or nothing at all. */
    private void takeNext(long waitNanos) throws InterruptedException {
        OptionalLong deadline = pipeline.deadlineNanos();
        long untilDeadline =
                deadline.isPresent() ? Math.max(0, deadline.getAsLong() - nanoTime.getAsLong()) : waitNanos;
        Arrivals.Arrival next = arrivals.poll(Math.min(waitNanos, untilDeadline));
        // What has arrived was on time, however late it is looked at.
        pipeline.goOn(next == null ? nanoTime.getAsLong() : next.atNanos());
        take(next);
        if (!silent && quietFor(SILENCE)) {
            silent = true;
            pipeline.silence();
        }
    }

    /** What is still there when the connection is over. */
    void takeAll() {
        for (Arrivals.Arrival left = arrivals.poll(); left != null; left = arrivals.poll()) {
            take(left);
        }
        refuseHeldRecord();
    }

    /** Of a boot that has no place in time yet: it comes again. */
    private void refuseHeldRecord() {
        if (lastRecord != null) {
            lastRecord = null;
            pipeline.refuse();
        }
    }

    private void take(Arrivals.@Nullable Arrival arrival) {
        if (arrival == null) {
            return;
        }
        try {
            UUID characteristic = arrival.characteristic();
            if (characteristic.equals(Gatt.FORCE_STREAM)) {
                if (pipeline.force(arrival.value(), arrival.atNanos())) {
                    silent = false;
                    resubscribed = false;
                    ladder.streams();
                    health.set(ToolHealth.Alert.UNREACHABLE, false);
                    health.frameCame(arrival.atNanos());
                }
            } else if (characteristic.equals(Gatt.EVENTS)) {
                pipeline.event(arrival.value(), arrival.atNanos());
            } else if (characteristic.equals(Gatt.RECORD_DATA)) {
                recordNanos = nanoTime.getAsLong();
                if (holdRecord) {
                    holdRecord = false;
                    lastRecord = arrival.value();
                } else {
                    pipeline.record(arrival.value(), arrival.atNanos());
                }
            } else if (characteristic.equals(Gatt.CONTROL_POINT)) {
                answer = ControlAnswer.decode(arrival.value());
            } else if (characteristic.equals(Gatt.RECORD_ACCESS)) {
                recordAnswer = RecordAnswer.decode(arrival.value());
            } else if (characteristic.equals(Gatt.TIME_SYNC)) {
                timeCame(TimeSync.decode(arrival.value()), arrival.atNanos());
            } else if (characteristic.equals(Gatt.SMP)) {
                smpFragments
                        .add(arrival.value())
                        .filter(complete -> smpAnswers.size() < MOST_SMP_ANSWERS)
                        .ifPresent(smpAnswers::add);
            } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
                health.batteryPercent(BatteryLevel.decode(arrival.value()).percent());
            }
        } catch (MalformedFrameException e) {
            LOG.warn("{}: {}", tool, e.getMessage());
        }
    }

    // The control point.

    private int nextTxn() {
        txn = txn % 255 + 1;
        return txn;
    }

    /** The answer, when it is ok. */
    private ControlAnswer ask(String what, ControlRequest request) throws LinkException, InterruptedException {
        ControlAnswer answered = request(request);
        if (answered.result() != ControlAnswer.Result.OK) {
            throw new LinkException("control point, %s: want ok, got %s".formatted(what, answered.result()));
        }
        return answered;
    }

    /** Writes to the control point and goes on taking what arrives until the answer is there. */
    private ControlAnswer request(ControlRequest request) throws LinkException, InterruptedException {
        answer = null;
        Future<?> written = submit(() -> {
            connection.write(Gatt.CONTROL_POINT, request.encode());
            return null;
        });
        long beganNanos = nanoTime.getAsLong();
        while (!passed(beganNanos, ANSWER_LIMIT)) {
            ControlAnswer came = answer;
            if (came != null && came.op() == request.op() && came.txn() == request.txn()) {
                return came;
            }
            takeNext(ANSWER_LOOK_EVERY.toNanos());
            if (written.isDone()) {
                outcome("control point", written);
            }
        }
        written.cancel(true);
        throw new LinkException("control point, op %d: want an answer within %d ms, got none"
                .formatted(request.op(), ANSWER_LIMIT.toMillis()));
    }

    /** Does what blocks on another thread, and goes on taking what arrives until it is done. */
    private <T> T meanwhile(String what, Callable<T> work) throws LinkException, InterruptedException {
        Future<T> done = submit(work);
        try {
            while (!done.isDone()) {
                takeNext(ANSWER_LOOK_EVERY.toNanos());
            }
        } catch (InterruptedException e) {
            done.cancel(true);
            throw e;
        }
        return outcome(what, done);
    }

    private <T> Future<T> submit(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        blocking.execute(task);
        return task;
    }

    private static <T> T outcome(String what, Future<T> done) throws LinkException, InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LinkException failed
                    ? failed
                    : new LinkException(what + ": " + e.getCause(), e.getCause());
        }
    }

    // Stored records.

    /** A tool that streams goes on being served when its records cannot be read. */
    private void backfill() throws MalformedFrameException, InterruptedException, LinkException {
        try {
            backfill.run(new StoredRecords());
        } catch (MalformedFrameException e) {
            LOG.warn("{}: stored records: {}", tool, e.getMessage());
        } catch (LinkException e) {
            if (quietFor(SILENCE)) {
                throw e;
            }
            LOG.warn("{}: stored records: {}", tool, e.getMessage());
        } finally {
            health.backfilling(false);
        }
    }

    /** What the tool has in its store. Each call goes on serving the tool. */
    final class StoredRecords {
        /** The oldest first. */
        List<StoredBoots.StoredBoot> boots() throws LinkException, MalformedFrameException, InterruptedException {
            List<StoredBoots.StoredBoot> boots = new ArrayList<>();
            StoredBoots page;
            int number = 0;
            do {
                page = StoredBoots.decode(ask("stored boots", ControlRequest.storedBoots(nextTxn(), number++))
                        .data());
                boots.addAll(page.boots());
            } while (page.more() && number <= 0xFF);
            return boots;
        }

        /** Lets the tool send these; they have been taken when it returns, but for those that the answer has overtaken. */
        RecordAnswer.Result report(RecordRequest request)
                throws LinkException, MalformedFrameException, InterruptedException {
            health.backfilling(true);
            recordAnswer = null;
            recordNanos = nanoTime.getAsLong();
            meanwhile("record access", () -> {
                connection.write(Gatt.RECORD_ACCESS, request.encode());
                return true;
            });
            while (true) {
                RecordAnswer came = recordAnswer;
                if (came != null && came.op() == RecordAnswer.RESPONSE && came.requestOp() == request.op()) {
                    return came.result();
                }
                if (passed(recordNanos, RECORD_LIMIT) || asked.closing()) {
                    abort();
                    throw new LinkException("record access: want records or an answer every %d s, got none"
                            .formatted(RECORD_LIMIT.toSeconds()));
                }
                step();
            }
        }

        private void abort() throws LinkException, InterruptedException {
            meanwhile("record access", () -> {
                connection.write(Gatt.RECORD_ACCESS, RecordRequest.abort().encode());
                return true;
            });
        }

        /** The newest stored record of the boot, not taken yet; null when there is none. */
        byte @Nullable [] last(long boot) throws LinkException, MalformedFrameException, InterruptedException {
            holdRecord = true;
            try {
                RecordAnswer.Result result = report(RecordRequest.reportLast(boot));
                if (result == RecordAnswer.Result.SUCCESS) {
                    await(() -> lastRecord != null);
                }
                byte[] record = lastRecord;
                lastRecord = null;
                return record;
            } finally {
                holdRecord = false;
                refuseHeldRecord();
            }
        }

        /** Goes on serving the tool until {@code reached}, which it tells, but for no more than a second. */
        boolean await(BooleanSupplier reached) throws LinkException, MalformedFrameException, InterruptedException {
            long sinceNanos = nanoTime.getAsLong();
            while (!reached.getAsBoolean() && !passed(sinceNanos, Duration.ofSeconds(1)) && !asked.closing()) {
                step();
            }
            return reached.getAsBoolean();
        }

        /** Does what blocks, and goes on serving the tool. */
        <T> T meanwhile(String what, Callable<T> work) throws LinkException, InterruptedException {
            return ServedTool.this.meanwhile(what, work);
        }

        void erase(long boot, long index) throws LinkException, InterruptedException {
            ControlAnswer unused = ask("erase stored", ControlRequest.eraseStored(nextTxn(), boot, index));
        }
    }
}

package io.lightstroke.simulator;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;

import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tool in software, seen through its GATT table: what any link adapter needs. Time is passed in, and how it is cut
 * into steps changes nothing. All methods may be called from any thread. Notifications come in order, from the thread
 * that calls, which holds the tool meanwhile: the receiver returns at once, and may write back.
 */
public final class SimulatedTool {
    private static final Logger log = LoggerFactory.getLogger(SimulatedTool.class);

    private static final long NEVER = -1;
    private static final int ATT_MIN_MTU = 23;
    private static final int ATT_OVERHEAD = 3;
    private static final int SAMPLES_PER_FRAME = 5;
    private static final int DEFAULT_HZ = 100;
    /** How often it looks at the sensor when nobody wants samples: for tare, and to cue also without a link. */
    private static final int IDLE_PERIOD_US = 20_000;

    private static final long CUE_US = 500_000;
    private static final long SMOOTHING_US = 10_000;
    private static final long TARE_US = 1_000_000;
    private static final double TARE_STILL_N = 0.3;
    /** The force of so long on average moves, or does not: noise alone is no movement. */
    private static final long TARE_PART_US = TARE_US / 4;
    /** Below this the tool lies still, and the zero that its own judgement uses follows at most so fast. */
    private static final double REST_N = 0.3;

    private static final double ZERO_N_PER_S = 0.02;
    private static final int FACTORY_CALIBRATION = 1;

    private final Identity identity;
    private final Scenario scenario;
    private final ForceSensor sensor;
    private final long boot;

    private final StrokeCounter strokes = new StrokeCounter();
    private final PressureGuard guard = new PressureGuard();
    /** Until others are written: the scenario's. */
    private ToolLimits limits;

    private long nowUs;
    private long nextReadingUs = IDLE_PERIOD_US;
    private int periodUs = IDLE_PERIOD_US;
    private boolean sampling;
    private boolean waking;
    private int rateHz;

    private final ArrayDeque<Reading> lastSecond = new ArrayDeque<>();
    private double tareN;
    private long taredUs = NEVER;
    private double smoothN;
    private double zeroN;

    /** Index of the next sample. */
    private long index;

    private long lastSampleUs;
    private long sequence;
    private final short[] frame = new short[SAMPLES_PER_FRAME];
    private int inFrame;
    private int samplesPerFrame = SAMPLES_PER_FRAME;
    private boolean frameSaturated;
    private final long[] cueEndsUs = new long[Cue.Pattern.values().length];
    private int batteryPercent;

    private @Nullable Central central;
    private final ArrayDeque<Value> outbox = new ArrayDeque<>();
    private boolean delivering;

    /** What the tool says of itself; the address is a Bluetooth device address, upper case with colons. */
    public record Identity(
            String address, String name, String manufacturer, String model, String serial, String firmware) {}

    private record Central(int mtu, Set<UUID> subscribed, BiConsumer<UUID, byte[]> notifications) {}

    private record Value(UUID characteristic, byte[] bytes) {}

    /** A smoothed force from the sensor's own zero. */
    private record Reading(long timeUs, double forceN) {}

    /** Switches it on, with a boot number that no other start has. */
    public SimulatedTool(Identity identity, Scenario scenario, long seed) {
        this(identity, scenario, seed, randomBoot());
    }

    /** @param boot u32, not 0 */
    SimulatedTool(Identity identity, Scenario scenario, long seed, long boot) {
        this.identity = identity;
        this.scenario = scenario;
        this.boot = boot;
        limits = scenario.limits().ofTool();
        sensor = new ForceSensor(scenario, seed);
        smoothN = sensor.readN(0);
        rateHz = Math.min(scenario.sensor().maxHz(), Math.max(scenario.sensor().minHz(), DEFAULT_HZ));
        batteryPercent = batteryPercentNow();
    }

    private static long randomBoot() {
        SecureRandom random = new SecureRandom();
        int boot;
        do {
            boot = random.nextInt();
        } while (boot == 0);
        return Integer.toUnsignedLong(boot);
    }

    public Identity identity() {
        return identity;
    }

    /** Tool time, microseconds since it was switched on. */
    public synchronized long nowUs() {
        return nowUs;
    }

    /**
     * Lives on until {@code sinceStartUs} after it was switched on; notifies meanwhile.
     *
     * @throws IllegalArgumentException if that would be back in time
     */
    public synchronized void advanceTo(long sinceStartUs) {
        if (sinceStartUs < nowUs) {
            throw new IllegalArgumentException("time of %s: want at least %d us since its start, got %d"
                    .formatted(identity.name(), nowUs, sinceStartUs));
        }
        while (nextReadingUs <= sinceStartUs) {
            nowUs = nextReadingUs;
            nextReadingUs += periodUs;
            look();
            deliver();
        }
        nowUs = sinceStartUs;
    }

    /**
     * The value of a readable characteristic.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    public synchronized byte[] read(UUID characteristic) {
        if (characteristic.equals(Gatt.TOOL_INFO)) {
            return info().encode();
        } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
            return new BatteryLevel(batteryPercent).encode();
        } else if (characteristic.equals(Gatt.MANUFACTURER_NAME)) {
            return DeviceInformation.encode(identity.manufacturer());
        } else if (characteristic.equals(Gatt.MODEL_NUMBER)) {
            return DeviceInformation.encode(identity.model());
        } else if (characteristic.equals(Gatt.SERIAL_NUMBER)) {
            return DeviceInformation.encode(identity.serial());
        } else if (characteristic.equals(Gatt.FIRMWARE_REVISION)) {
            return DeviceInformation.encode(identity.firmware());
        }
        throw refused("read", characteristic, Gatt.Property.READ);
    }

    /**
     * Writes, with or without response. What it answers comes as a notification.
     *
     * @throws IllegalArgumentException if the characteristic cannot be written, or the value has no request in it
     * @throws IllegalStateException if no central is connected
     */
    public synchronized void write(UUID characteristic, byte[] value) {
        if (central == null) {
            throw new IllegalStateException("write to %s: want a connection, got none".formatted(identity.name()));
        }
        if (characteristic.equals(Gatt.CONTROL_POINT)) {
            try {
                control(ControlRequest.decode(value));
            } catch (MalformedFrameException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        } else if (characteristic.equals(Gatt.CUE)) {
            cue(value);
        } else if (characteristic.equals(Gatt.TIME_SYNC)) {
            notify(Gatt.TIME_SYNC, timeSync(value).encode());
        } else if (characteristic.equals(Gatt.RECORD_ACCESS) && value.length > 0) {
            notify(
                    Gatt.RECORD_ACCESS,
                    RecordAnswer.response(value[0] & 0xFF, RecordAnswer.Result.OP_NOT_SUPPORTED)
                            .encode());
        } else {
            throw refused("write", characteristic, Gatt.Property.WRITE);
        }
        deliver();
    }

    /**
     * A central connects; it gets what the characteristics in {@code subscribed} (which may change meanwhile) notify.
     * A later connect takes the place of an earlier one.
     *
     * @param mtu ATT MTU, at least 23; frames fit mtu − 3 bytes, what cannot be cut to fit is not sent
     */
    public synchronized void connect(int mtu, Set<UUID> subscribed, BiConsumer<UUID, byte[]> notifications) {
        if (mtu < ATT_MIN_MTU) {
            throw new IllegalArgumentException("mtu: want at least %d, got %d".formatted(ATT_MIN_MTU, mtu));
        }
        disconnect();
        central = new Central(mtu, subscribed, notifications);
    }

    /** The central is gone; streaming stops, nothing is notified any more. */
    public synchronized void disconnect() {
        stop();
        central = null;
        outbox.clear();
    }

    private static IllegalArgumentException refused(String what, UUID characteristic, Gatt.Property property) {
        return new IllegalArgumentException(
                "%s: want a characteristic with property %s, got %s".formatted(what, property.word(), characteristic));
    }

    /** One look at the sensor. */
    private void look() {
        double readN = sensor.readN(nowUs);
        boolean saturated = sensor.saturated(readN);
        double forceN = readN - tareN;
        double share = periodUs / (double) (periodUs + SMOOTHING_US);
        smoothN += share * (forceN - smoothN);
        lastSecond.addLast(new Reading(nowUs, tareN + smoothN));
        while (lastSecond.getFirst().timeUs() <= nowUs - TARE_US) {
            lastSecond.removeFirst();
        }
        followZero();
        if (sampling) {
            sample(forceN, saturated);
        }
        watch(forceN, saturated);
        if (sampling && inFrame == samplesPerFrame) {
            sendFrame();
        }
        drainBattery();
    }

    private void followZero() {
        double fromZero = smoothN - zeroN;
        if (Math.abs(fromZero) < REST_N) {
            double most = ZERO_N_PER_S * periodUs / 1e6;
            zeroN += Math.min(most, Math.max(-most, fromZero));
        }
    }

    private void sample(double forceN, boolean saturated) {
        frame[inFrame++] = centinewtons(forceN);
        frameSaturated |= saturated;
        lastSampleUs = nowUs;
        long sampled = index++;
        if (waking) {
            waking = false;
            happened(EventFrame.Kind.AWAKE, 0);
        }
        strokeEnded(strokes.sample(sampled, nowUs, smoothN - zeroN, sensor.motion()));
    }

    private void watch(double forceN, boolean saturated) {
        PressureGuard.Verdict verdict = guard.sample(nowUs, smoothN - zeroN, forceN - zeroN, saturated, limits);
        if (verdict.began()) {
            happened(EventFrame.Kind.OVER_PRESSURE_BEGIN, 0);
        }
        if (verdict.ended()) {
            happened(EventFrame.Kind.OVER_PRESSURE_END, 0);
        }
        if (verdict.due() != null) {
            beginCue(verdict.due(), 0);
        }
    }

    private TimeSync timeSync(byte[] request) {
        try {
            return new TimeSync(TimeSync.nonceOfRequest(request), boot, nowUs, nowUs);
        } catch (MalformedFrameException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private void control(ControlRequest request) {
        ToolInfo before = info();
        notify(Gatt.CONTROL_POINT, answer(request).encode());
        ToolInfo after = info();
        if (!after.equals(before)) {
            notify(Gatt.TOOL_INFO, after.encode());
        }
    }

    private ControlAnswer answer(ControlRequest request) {
        try {
            return switch (request.op()) {
                case ControlRequest.START -> ControlAnswer.to(request, start(request.rateHz()));
                case ControlRequest.WRITE_LIMITS ->
                    ControlAnswer.to(request, writeLimits(ToolLimits.decode(request.params())));
                case ControlRequest.STOP, ControlRequest.TARE, ControlRequest.READ_LIMITS, ControlRequest.IDENTIFY ->
                    request.params().length == 0 ? answerBare(request) : ControlAnswer.to(request, Result.BAD_LENGTH);
                default -> ControlAnswer.to(request, Result.UNKNOWN_OP);
            };
        } catch (MalformedFrameException wrongLength) {
            return ControlAnswer.to(request, Result.BAD_LENGTH);
        }
    }

    private ControlAnswer answerBare(ControlRequest request) {
        return switch (request.op()) {
            case ControlRequest.TARE -> tare(request);
            case ControlRequest.READ_LIMITS -> ControlAnswer.limits(request, limits);
            case ControlRequest.STOP -> {
                stop();
                yield ControlAnswer.to(request, Result.OK);
            }
            default -> {
                log.info("{} blinks: here I am", identity.name());
                yield ControlAnswer.to(request, Result.OK);
            }
        };
    }

    private Result start(int hz) {
        if (hz < scenario.sensor().minHz() || hz > scenario.sensor().maxHz()) {
            return Result.BAD_PARAMETER;
        }
        int fits = central == null ? 0 : (central.mtu() - ATT_OVERHEAD - ForceFrame.OVERHEAD) / 2;
        if (fits < 1) {
            log.warn("{} cannot stream: no sample fits an MTU of less than 35", identity.name());
            return Result.FAILED;
        }
        sendFrame();
        waking |= !sampling;
        sampling = true;
        rateHz = hz;
        samplesPerFrame = Math.min(frame.length, fits);
        lookEvery(Math.round(1e6f / hz));
        return Result.OK;
    }

    private void stop() {
        if (!sampling) {
            return;
        }
        strokeEnded(strokes.stop());
        sendFrame();
        sampling = false;
        waking = false;
        lookEvery(IDLE_PERIOD_US);
    }

    private void lookEvery(int us) {
        periodUs = us;
        nextReadingUs = nowUs + us;
    }

    private ControlAnswer tare(ControlRequest request) {
        DoubleSummaryStatistics parts = lastSecond.stream()
                .collect(groupingBy(
                        reading -> (nowUs - reading.timeUs()) / TARE_PART_US, averagingDouble(Reading::forceN)))
                .values()
                .stream()
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        if (nowUs < TARE_US || parts.getMax() - parts.getMin() > TARE_STILL_N) {
            return ControlAnswer.to(request, Result.BUSY_OR_WRONG_STATE);
        }
        sendFrame();
        double offsetN =
                lastSecond.stream().mapToDouble(Reading::forceN).average().orElseThrow() - tareN;
        tareN += offsetN;
        smoothN -= offsetN;
        zeroN = 0;
        taredUs = nowUs;
        happened(EventFrame.Kind.TARED, 0);
        return ControlAnswer.tared(request, centinewtons(offsetN));
    }

    private Result writeLimits(ToolLimits wanted) {
        if (wanted.problem().isPresent()) {
            return Result.BAD_PARAMETER;
        }
        if (!wanted.equals(limits)) {
            limits = wanted;
            happened(EventFrame.Kind.LIMITS_CHANGED, 0);
        }
        return Result.OK;
    }

    /** A cue from the gateway. There is nobody to answer, so what makes no sense or is late is dropped. */
    private void cue(byte[] value) {
        try {
            Cue cue = Cue.decode(value);
            if (cue.pattern() != Cue.Pattern.UNKNOWN && Long.compareUnsigned(nowUs, cue.expiresUs()) <= 0) {
                beginCue(cue.pattern(), cue.txn());
            }
        } catch (MalformedFrameException e) {
            log.debug("{} drops a cue: {}", identity.name(), e.getMessage());
        }
    }

    /** Unless one of the same pattern is felt already. */
    private void beginCue(Cue.Pattern pattern, int txn) {
        if (cueEndsUs[pattern.code()] <= nowUs) {
            cueEndsUs[pattern.code()] = nowUs + CUE_US;
            happened(EventFrame.Kind.CUE_BEGAN, txn);
        }
    }

    private boolean cueActive() {
        return Arrays.stream(cueEndsUs).anyMatch(ends -> ends > nowUs);
    }

    private void drainBattery() {
        int percent = batteryPercentNow();
        if (percent != batteryPercent) {
            batteryPercent = percent;
            notify(Gatt.BATTERY_LEVEL, new BatteryLevel(percent).encode());
        }
    }

    private int batteryPercentNow() {
        Scenario.Battery battery = scenario.battery();
        return (int) Math.round(Math.max(0, battery.startPercent() - battery.drainPercentPerH() * (nowUs / 3.6e9)));
    }

    private ToolInfo info() {
        return new ToolInfo(
                ToolInfo.HAPTIC | ToolInfo.LED | (scenario.motionSensor() ? ToolInfo.MOTION_SENSOR : 0),
                rateHz,
                scenario.sensor().minHz(),
                scenario.sensor().maxHz(),
                FACTORY_CALIBRATION,
                boot,
                taredUs == NEVER ? ToolInfo.NEVER_TARED : (nowUs - taredUs) / 1_000_000,
                sampling ? ToolInfo.SAMPLING : ToolInfo.IDLE);
    }

    private void sendFrame() {
        if (inFrame > 0) {
            int flags = (frameSaturated ? ForceFrame.SATURATED : 0)
                    | (taredUs == NEVER ? ForceFrame.UNTARED : 0)
                    | (cueActive() ? ForceFrame.CUE_ACTIVE : 0);
            long firstUs = lastSampleUs - (inFrame - 1L) * periodUs;
            notify(
                    Gatt.FORCE_STREAM,
                    new ForceFrame(
                                    flags,
                                    boot,
                                    index - inFrame,
                                    firstUs,
                                    periodUs,
                                    strokes.count(),
                                    Arrays.copyOf(frame, inFrame))
                            .encode());
            inFrame = 0;
            frameSaturated = false;
        }
    }

    private void strokeEnded(StrokeCounter.@Nullable Counted stroke) {
        if (stroke != null) {
            event(
                    EventFrame.Kind.STROKE_END,
                    stroke.lastIndex(),
                    stroke.lastUs(),
                    centinewtons(stroke.peakN()),
                    stroke.durationUs() / 1000,
                    stroke.motion(),
                    0);
        }
    }

    /** At the last sample; while there are none, now. */
    private void happened(EventFrame.Kind kind, int code) {
        event(kind, Math.max(0, index - 1), sampling && !waking ? lastSampleUs : nowUs, (short) 0, 0, null, code);
    }

    private void event(
            EventFrame.Kind kind,
            long atIndex,
            long timeUs,
            short peakCn,
            long durationMs,
            PlannedStroke.@Nullable Motion motion,
            int code) {
        notify(
                Gatt.EVENTS,
                new EventFrame(
                                kind.code(),
                                0,
                                boot,
                                sequence++,
                                atIndex,
                                timeUs,
                                peakCn,
                                durationMs,
                                motion == null ? EventFrame.ANGLE_UNKNOWN : (byte) motion.angleDeg(),
                                (byte) (motion == null ? 0 : motion.direction()),
                                strokes.count(),
                                code)
                        .encode());
    }

    private static short centinewtons(double newtons) {
        return (short) Math.max(-Short.MAX_VALUE, Math.min(Short.MAX_VALUE, Math.round(newtons * 100)));
    }

    private void notify(UUID characteristic, byte[] bytes) {
        outbox.add(new Value(characteristic, bytes));
    }

    /** Hands out what has happened, once all of it has; what a receiver writes back meanwhile comes after it. */
    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            while (!outbox.isEmpty()) {
                Value value = outbox.remove();
                Central to = central;
                if (to == null || !to.subscribed().contains(value.characteristic())) {
                    continue;
                }
                if (value.bytes().length > to.mtu() - ATT_OVERHEAD) {
                    log.warn(
                            "{} does not send {} bytes of {} over an MTU of {}",
                            identity.name(),
                            value.bytes().length,
                            value.characteristic(),
                            to.mtu());
                    continue;
                }
                to.notifications().accept(value.characteristic(), value.bytes());
            }
        } finally {
            delivering = false;
        }
    }
}

package io.lightstroke.simulator;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import io.lightstroke.simulator.Fault.Kind;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a tool does from one start to the next: looks at its sensor, counts, cues, stores, and obeys its Control Point. All
 * times are microseconds since that start. Not thread-safe.
 */
final class Firmware {
    private static final Logger log = LoggerFactory.getLogger(Firmware.class);

    private static final long NEVER = -1;
    private static final int SAMPLES_PER_FRAME = 5;
    private static final int DEFAULT_HZ = 100;
    /** How often it looks at the sensor when nobody wants samples: for tare, and to cue also without a link. */
    private static final int IDLE_PERIOD_US = 20_000;

    /** Sampling ends after so long without a link and without contact. */
    private static final long SLEEP_AFTER_US = 300_000_000;

    private static final long CUE_US = 500_000;
    private static final long SMOOTHING_US = 10_000;
    private static final long TARE_US = 1_000_000;
    private static final double TARE_STILL_N = 0.3;
    /** The force of so long on average moves, or does not: noise alone is no movement. */
    private static final long TARE_PART_US = TARE_US / 4;
    /** Below this the tool lies still, and the zero that its own judgement uses follows at most so fast. */
    private static final double REST_N = 0.3;

    private static final double ZERO_N_PER_S = 0.02;

    private final String name;
    private final Scenario scenario;
    private final ForceSensor sensor;
    private final Ailments ailments;
    private final SampledRuns runs;
    /** Time of this start as the sensor counts it. */
    private final long bootedUs;

    private final long boot;
    private final RecordStore store;
    private final BiConsumer<UUID, byte[]> notify;

    private final StrokeCounter strokes = new StrokeCounter();
    private final PressureGuard guard = new PressureGuard();
    private ToolLimits limits;
    private ToolLimits keptLimits;

    private long nowUs;
    private long nextReadingUs = IDLE_PERIOD_US;
    private int periodUs = IDLE_PERIOD_US;
    private boolean sampling;
    private boolean waking;
    private boolean updating;
    private int rateHz;
    private long inUseUs;

    private final ArrayDeque<Reading> lastSecond = new ArrayDeque<>();
    private Calibration calibration;
    private final CalibrationSteps calibrating = new CalibrationSteps();
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
    /** ATT MTU of the link; 0 without one. */
    private int mtu;

    private int samplesPerFrame = SAMPLES_PER_FRAME;
    private boolean frameSaturated;
    private boolean frameUntared;
    private final long[] cueEndsUs = new long[Cue.Pattern.values().length];

    /** Smoothed, as the sensor reads it. */
    private record Reading(long timeUs, double readN) {}

    /**
     * @param bootedUs time of this start as the sensor counts it, µs
     * @param boot u32, not 0
     * @param limits until others are written
     * @param calibration until another one is committed
     * @param notify takes what is notified, at once
     */
    Firmware(
            String name,
            Scenario scenario,
            ForceSensor sensor,
            Ailments ailments,
            SampledRuns runs,
            long bootedUs,
            long boot,
            ToolLimits limits,
            Calibration calibration,
            RecordStore store,
            BiConsumer<UUID, byte[]> notify) {
        this.name = name;
        this.scenario = scenario;
        this.sensor = sensor;
        this.ailments = ailments;
        this.runs = runs;
        this.bootedUs = bootedUs;
        this.boot = boot;
        this.limits = limits;
        keptLimits = limits;
        this.calibration = calibration;
        this.store = store;
        this.notify = notify;
        store.begin(boot);
        smoothN = calibration.forceN(sensor.readN(bootedUs));
        rateHz = Math.min(scenario.sensor().maxHz(), Math.max(scenario.sensor().minHz(), DEFAULT_HZ));
    }

    /** Those that outlive the next start. */
    ToolLimits keptLimits() {
        return keptLimits;
    }

    /** The one in force, which outlives the next start. */
    Calibration calibration() {
        return calibration;
    }

    ToolLimits limits() {
        return limits;
    }

    double forceN() {
        return smoothN;
    }

    long strokes() {
        return strokes.count();
    }

    long nowUs() {
        return nowUs;
    }

    /** When it is to {@link #look} next. */
    long dueUs() {
        return nextReadingUs;
    }

    void passTo(long timeUs) {
        nowUs = timeUs;
    }

    /** A frame that was begun before goes to nobody: its samples are in the store. */
    void linked(int mtu) {
        sendFrame();
        this.mtu = mtu;
        samplesPerFrame = Math.min(frame.length, Math.max(1, samplesThatFit()));
    }

    void unlinked() {
        mtu = 0;
        calibrating.forget();
        updating = false;
    }

    private int samplesThatFit() {
        return (mtu - SimulatedTool.ATT_OVERHEAD - ForceFrame.OVERHEAD) / 2;
    }

    /** One look at the sensor. */
    void look() {
        nextReadingUs = nowUs + periodUs;
        double readN = readN();
        boolean saturated = sensor.saturated(readN);
        double forceN = calibration.forceN(readN) - tareN;
        double share = periodUs / (double) (periodUs + SMOOTHING_US);
        smoothN += share * (forceN - smoothN);
        lastSecond.addLast(new Reading(nowUs, calibration.readN(tareN + smoothN)));
        while (lastSecond.getFirst().timeUs() <= nowUs - TARE_US) {
            lastSecond.removeFirst();
        }
        followZero();
        if (sampling) {
            sample(forceN, saturated);
        }
        watch(forceN, saturated);
        if (sampling) {
            store.sample(
                    index - 1, clockUs(), periodUs, flags(saturated, untared()), strokes.count(), centinewtons(forceN));
            if (inFrame == samplesPerFrame) {
                sendFrame();
            }
        }
        if (mtu > 0 || Math.abs(smoothN - zeroN) >= REST_N) {
            inUseUs = nowUs;
        } else if (nowUs - inUseUs >= SLEEP_AFTER_US) {
            stop();
        }
    }

    private double readN() {
        double readN = sensor.readN(ageUs());
        return suffers(Kind.SATURATED) ? sensor.limitN() : readN;
    }

    private long ageUs() {
        return bootedUs + nowUs;
    }

    private boolean suffers(Kind kind) {
        return ailments.has(kind, ageUs());
    }

    private boolean untared() {
        return taredUs == NEVER || suffers(Kind.UNTARED);
    }

    /** Time as the tool tells it, 0 or more: what has passed, unless its clock has jumped. */
    private long clockUs() {
        return Math.max(0, nowUs + ailments.clockAheadUs(ageUs()));
    }

    private void followZero() {
        double fromZero = smoothN - zeroN;
        if (Math.abs(fromZero) < REST_N) {
            double most = ZERO_N_PER_S * periodUs / 1e6;
            zeroN += Math.min(most, Math.max(-most, fromZero));
        }
    }

    private void sample(double forceN, boolean saturated) {
        if (inFrame > 0 && (clockUs() != lastSampleUs + periodUs || untared() != frameUntared)) {
            sendFrame();
        }
        frame[inFrame++] = centinewtons(forceN);
        frameSaturated |= saturated;
        frameUntared = untared();
        ailments.sampled(ageUs());
        runs.sample(boot, bootedUs, index, ageUs(), periodUs);
        lastSampleUs = clockUs();
        long sampled = index++;
        if (waking) {
            waking = false;
            happened(EventFrame.Kind.AWAKE, 0);
        }
        strokeEnded(strokes.sample(sampled, clockUs(), smoothN - zeroN, sensor.motion()));
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

    TimeSync timeSync(byte[] request) throws MalformedFrameException {
        return new TimeSync(TimeSync.nonceOfRequest(request), boot, clockUs(), clockUs());
    }

    void control(ControlRequest request) {
        ToolInfo before = info();
        notify.accept(Gatt.CONTROL_POINT, answer(request).encode());
        tellChange(before);
    }

    private void tellChange(ToolInfo before) {
        ToolInfo after = info();
        if (!after.equals(before)) {
            notify.accept(Gatt.TOOL_INFO, after.encode());
        }
    }

    boolean sampling() {
        return sampling;
    }

    /** An image is being uploaded, or no more. */
    void updating(boolean now) {
        ToolInfo before = info();
        updating = now;
        tellChange(before);
    }

    private ControlAnswer answer(ControlRequest request) {
        try {
            return switch (request.op()) {
                case ControlRequest.START -> ControlAnswer.to(request, start(request.rateHz()));
                case ControlRequest.WRITE_LIMITS ->
                    ControlAnswer.to(request, writeLimits(ToolLimits.decode(request.params())));
                case ControlRequest.CALIBRATE -> calibrate(request);
                case ControlRequest.STORED_BOOTS -> ControlAnswer.storedBoots(request, store.page(request.page()));
                case ControlRequest.ERASE_STORED -> {
                    store.erase(request.erasedBoot(), request.erasedIndex());
                    yield ControlAnswer.to(request, Result.OK);
                }
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
                log.info("{} blinks: here I am", name);
                yield ControlAnswer.to(request, Result.OK);
            }
        };
    }

    private Result start(int hz) {
        if (hz < scenario.sensor().minHz() || hz > scenario.sensor().maxHz()) {
            return Result.BAD_PARAMETER;
        }
        if (samplesThatFit() < 1) {
            log.warn("{} cannot stream: no sample fits an MTU of less than 35", name);
            return Result.FAILED;
        }
        sendFrame();
        waking |= !sampling;
        sampling = true;
        updating = false;
        rateHz = hz;
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
        OptionalDouble restN = restReadN();
        if (restN.isEmpty() || calibrating.running(nowUs)) {
            return ControlAnswer.to(request, Result.BUSY_OR_WRONG_STATE);
        }
        double offsetN = calibration.forceN(restN.getAsDouble()) - tareN;
        if (!suffers(Kind.UNTARED)) {
            zero(calibration, tareN + offsetN);
        }
        return ControlAnswer.tared(request, centinewtons(offsetN));
    }

    /** What the sensor reads on average of the last second; empty while the force moves. */
    private OptionalDouble restReadN() {
        DoubleSummaryStatistics parts = lastSecond.stream()
                .collect(groupingBy(
                        reading -> (nowUs - reading.timeUs()) / TARE_PART_US,
                        averagingDouble(reading -> calibration.forceN(reading.readN()))))
                .values()
                .stream()
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        return nowUs < TARE_US || parts.getMax() - parts.getMin() > TARE_STILL_N
                ? OptionalDouble.empty()
                : lastSecond.stream().mapToDouble(Reading::readN).average();
    }

    /** From now on newtons are counted so; what was sampled before stays what it was. */
    private void zero(Calibration next, double tare) {
        sendFrame();
        store.closeFrame();
        smoothN = next.forceN(calibration.readN(tareN + smoothN)) - tare;
        calibration = next;
        tareN = tare;
        zeroN = 0;
        taredUs = nowUs;
        happened(EventFrame.Kind.TARED, 0);
    }

    private ControlAnswer calibrate(ControlRequest request) throws MalformedFrameException {
        int referenceMn = request.referenceMn();
        Optional<ControlRequest.CalibrationStep> known = request.calibrationStep();
        if (known.isEmpty()) {
            return ControlAnswer.to(request, Result.BAD_PARAMETER);
        }
        switch (known.get()) {
            case CANCEL -> {
                calibrating.forget();
                return ControlAnswer.to(request, Result.OK);
            }
            case COMMIT -> {
                if (!calibrating.complete(nowUs)) {
                    return ControlAnswer.to(request, Result.BUSY_OR_WRONG_STATE);
                }
                zero(calibrating.commit(calibration), 0);
                return ControlAnswer.calibrated(request, calibration.number());
            }
            default -> {
                OptionalDouble restN = restReadN();
                boolean saturated = restN.isPresent() && sensor.saturated(restN.getAsDouble());
                return ControlAnswer.to(request, calibrating.take(known.get(), referenceMn, restN, saturated, nowUs));
            }
        }
    }

    private Result writeLimits(ToolLimits wanted) {
        if (wanted.problem().isPresent()) {
            return Result.BAD_PARAMETER;
        }
        if (!wanted.equals(limits)) {
            limits = wanted;
            keptLimits = wanted.keep() == 1 ? wanted : keptLimits;
            happened(EventFrame.Kind.LIMITS_CHANGED, 0);
        }
        return Result.OK;
    }

    /** A cue from the gateway. There is nobody to answer, so what makes no sense or is late is dropped. */
    void cue(byte[] value) {
        try {
            Cue cue = Cue.decode(value);
            if (cue.pattern() != Cue.Pattern.UNKNOWN && Long.compareUnsigned(clockUs(), cue.expiresUs()) <= 0) {
                beginCue(cue.pattern(), cue.txn());
            }
        } catch (MalformedFrameException e) {
            log.debug("{} drops a cue: {}", name, e.getMessage());
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

    ToolInfo info() {
        return new ToolInfo(
                ToolInfo.HAPTIC
                        | ToolInfo.LED
                        | ToolInfo.STORES_RECORDS
                        | ToolInfo.FIRMWARE_UPDATE
                        | (scenario.motionSensor() ? ToolInfo.MOTION_SENSOR : 0),
                rateHz,
                scenario.sensor().minHz(),
                scenario.sensor().maxHz(),
                calibration.number(),
                boot,
                untared() ? ToolInfo.NEVER_TARED : (nowUs - taredUs) / 1_000_000,
                sampling ? ToolInfo.SAMPLING : updating ? ToolInfo.UPDATING : ToolInfo.IDLE);
    }

    private void sendFrame() {
        if (inFrame > 0) {
            long firstUs = lastSampleUs - (inFrame - 1L) * periodUs;
            notify.accept(
                    Gatt.FORCE_STREAM,
                    new ForceFrame(
                                    flags(frameSaturated, frameUntared),
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

    private int flags(boolean saturated, boolean untared) {
        return (saturated ? ForceFrame.SATURATED : 0)
                | (untared ? ForceFrame.UNTARED : 0)
                | (cueActive() ? ForceFrame.CUE_ACTIVE : 0);
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
        event(kind, Math.max(0, index - 1), sampling && !waking ? lastSampleUs : clockUs(), (short) 0, 0, null, code);
    }

    private void event(
            EventFrame.Kind kind,
            long atIndex,
            long timeUs,
            short peakCn,
            long durationMs,
            PlannedStroke.@Nullable Motion motion,
            int code) {
        EventFrame event = new EventFrame(
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
                code);
        store.event(event);
        notify.accept(Gatt.EVENTS, event.encode());
    }

    private static short centinewtons(double newtons) {
        return (short) Math.max(-Short.MAX_VALUE, Math.min(Short.MAX_VALUE, Math.round(newtons * 100)));
    }
}

package io.lightstroke.simulator;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A simulated tool's stream, made in virtual time, and what really happened in it: it is switched on, lies still for 2 s,
 * is tared, and streams for {@code length}. The same arguments give the same bytes.
 *
 * @param number of the tool in the fleet, from 1 on
 * @param boot drawn from scenario, seed and number
 * @param sampled when
 * @param notifications of Force Stream and Events, in order
 */
public record Recording(
        Scenario scenario,
        long seed,
        int number,
        int rateHz,
        long boot,
        GroundTruth.Sampled sampled,
        List<byte[]> notifications,
        GroundTruth truth) {
    private static final long STILL_US = 2_000_000;
    /** Much noise can look like movement; then it is tared a little later. */
    private static final long TARE_AGAIN_US = 100_000;

    private static final int MTU = 247;

    /** @throws IllegalArgumentException if the tool cannot sample so often, or is pressed before it is tared */
    public static Recording of(Scenario scenario, long seed, int number, int rateHz, Duration length) {
        Scenario.Sensor sensor = scenario.sensor();
        if (rateHz < sensor.minHz() || rateHz > sensor.maxHz()) {
            throw new IllegalArgumentException("rate in scenario %s: want %d to %d Hz, got %d"
                    .formatted(scenario.name(), sensor.minHz(), sensor.maxHz(), rateHz));
        }
        long toolSeed = SimulatedTools.seedOf(number, seed);
        long boot = boot(scenario, number, toolSeed);
        SimulatedTool tool = new SimulatedTool(
                SimulatedTools.identity(number, SimulatedTools.address(number)), scenario, toolSeed, boot);
        Set<UUID> subscribed = new HashSet<>(Set.of(Gatt.CONTROL_POINT));
        List<byte[]> notifications = new ArrayList<>();
        List<byte[]> answers = new ArrayList<>();
        tool.connect(
                MTU,
                subscribed,
                (from, bytes) -> (from.equals(Gatt.CONTROL_POINT) ? answers : notifications).add(bytes));

        long pressedUs = Math.round(scenario.person().firstStrokeS() * 1e6);
        do {
            tool.advanceTo(answers.isEmpty() ? STILL_US : tool.nowUs() + TARE_AGAIN_US);
            if (tool.nowUs() > pressedUs) {
                throw new IllegalArgumentException(
                        "scenario %s: want the tool still until it is tared, for 2 s or more, got first_stroke_s %s"
                                .formatted(scenario.name(), scenario.person().firstStrokeS()));
            }
            tool.write(Gatt.CONTROL_POINT, ControlRequest.tare(answers.size()).encode());
        } while (resultOf(answers.get(answers.size() - 1)) != Result.OK);
        subscribed.addAll(Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS));
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(0, rateHz).encode());
        tool.advanceTo(tool.nowUs() + us(length));
        tool.write(Gatt.CONTROL_POINT, ControlRequest.stop(0).encode());

        GroundTruth.Sampled sampled = sampled(notifications);
        GroundTruth truth = GroundTruth.of(
                scenario, toolSeed, List.of(sampled), scenario.limits().ofTool());
        return new Recording(scenario, seed, number, rateHz, boot, sampled, List.copyOf(notifications), truth);
    }

    /** From the beginning, for the force at any time. */
    public TrueForce trueForce() {
        return new TrueForce(scenario, SimulatedTools.seedOf(number, seed));
    }

    /** A length of {@code least} or more after which all steps have been done equally often: it ends between strokes. */
    public static Duration wholeRounds(Scenario scenario, long seed, int number, Duration least) {
        long endUs = ForceCurve.wholeRoundsUs(scenario, SimulatedTools.seedOf(number, seed), STILL_US + us(least));
        return Duration.ofNanos((endUs - STILL_US) * 1000);
    }

    private static Result resultOf(byte[] answer) {
        try {
            return ControlAnswer.decode(answer).result();
        } catch (MalformedFrameException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GroundTruth.Sampled sampled(List<byte[]> notifications) {
        List<ForceFrame> frames = new ArrayList<>();
        for (byte[] bytes : notifications) {
            try {
                if (bytes[0] == ForceFrame.TYPE) {
                    frames.add(ForceFrame.decode(bytes));
                }
            } catch (MalformedFrameException e) {
                throw new IllegalStateException(e);
            }
        }
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("length of a recording: want at least one sample, got none");
        }
        ForceFrame first = frames.get(0);
        long count = frames.get(frames.size() - 1).lastIndex() - first.first() + 1;
        return new GroundTruth.Sampled(first.first(), count, first.timeUs(), first.periodUs());
    }

    private static long boot(Scenario scenario, int number, long toolSeed) {
        long boot = Integer.toUnsignedLong(
                ForceCurve.randomOf(scenario, toolSeed + ((long) number << 40)).nextInt());
        return boot == 0 ? 1 : boot;
    }

    private static long us(Duration duration) {
        return duration.toNanos() / 1000;
    }
}

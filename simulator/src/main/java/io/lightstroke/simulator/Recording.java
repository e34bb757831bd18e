package io.lightstroke.simulator;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A simulated tool's stream, made in virtual time, and what really happened in it: it is switched on, lies still for 2 s,
 * is tared, and streams for {@code length}. A link that is lost is made again as soon as the tool answers, and the stream
 * started again where the tool had started anew. The same arguments give the same bytes.
 *
 * @param notifications of Force Stream and Events, in the order in which they arrived
 */
public record Recording(
        Scenario scenario, long seed, int number, int rateHz, List<byte[]> notifications, ToolTruth what) {
    private static final long STILL_US = 2_000_000;
    /** Much noise can look like movement; then it is tared a little later. */
    private static final long TARE_AGAIN_US = 100_000;

    private static final long STEP_US = 10_000;
    private static final int MTU = 247;

    public Recording {
        notifications = List.copyOf(notifications);
    }

    /** With the faults of the scenario only. */
    public static Recording of(Scenario scenario, long seed, int number, int rateHz, Duration length) {
        return of(scenario, List.of(), seed, number, rateHz, length);
    }

    /**
     * @param faults beside those of the scenario
     * @throws IllegalArgumentException if the tool cannot sample so often, or is pressed before it is tared
     */
    public static Recording of(
            Scenario scenario, List<Fault> faults, long seed, int number, int rateHz, Duration length) {
        Scenario.Sensor sensor = scenario.sensor();
        if (rateHz < sensor.minHz() || rateHz > sensor.maxHz()) {
            throw new IllegalArgumentException("rate in scenario %s: want %d to %d Hz, got %d"
                    .formatted(scenario.name(), sensor.minHz(), sensor.maxHz(), rateHz));
        }
        long toolSeed = SimulatedTools.seedOf(number, seed);
        Tool tool = SimulatedTools.faulty(
                new SimulatedTool(
                        SimulatedTools.identity(number, SimulatedTools.address(number)),
                        scenario,
                        toolSeed,
                        boot(scenario, number, toolSeed)),
                faults,
                toolSeed);
        Receiver receiver = new Receiver(tool, rateHz);
        receiver.tare(scenario);
        receiver.stream(us(length));
        ToolTruth what = ToolTruth.of(tool, seed, number).orElseThrow();
        if (what.sampled().isEmpty()) {
            throw new IllegalArgumentException("length of a recording: want at least one sample, got none");
        }
        return new Recording(scenario, seed, number, rateHz, receiver.notifications, what);
    }

    public GroundTruth truth() {
        return what.truth();
    }

    /** Of the first start. */
    public long boot() {
        return what.starts().get(0).boot();
    }

    /** Without faults all of it. */
    public GroundTruth.Sampled sampled() {
        return what.sampled().get(0);
    }

    /** The other end of the link. */
    private static final class Receiver implements Tool.Central {
        final List<byte[]> notifications = new ArrayList<>();
        private final Tool tool;
        private final int rateHz;
        private final Set<UUID> subscribed = new HashSet<>(Set.of(Gatt.CONTROL_POINT));
        private final List<byte[]> answers = new ArrayList<>();
        private boolean linked;

        Receiver(Tool tool, int rateHz) {
            this.tool = tool;
            this.rateHz = rateHz;
            reach();
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            (characteristic.equals(Gatt.CONTROL_POINT) ? answers : notifications).add(value);
        }

        @Override
        public void lost() {
            linked = false;
        }

        private void reach() {
            if (!linked && tool.reachable()) {
                tool.connect(tool.mtu(MTU), subscribed, this);
                linked = true;
            }
        }

        private void ask(byte[] request) {
            if (linked) {
                tool.write(Gatt.CONTROL_POINT, request);
            }
        }

        /** Once it lies still; where it refuses, it streams untared. */
        void tare(Scenario scenario) {
            long pressedUs = Math.round(scenario.person().firstStrokeS() * 1e6);
            tool.advanceTo(STILL_US);
            Result result;
            do {
                if (tool.ageUs() > pressedUs) {
                    throw new IllegalArgumentException(
                            "scenario %s: want the tool still until it is tared, for 2 s or more, got first_stroke_s %s"
                                    .formatted(
                                            scenario.name(), scenario.person().firstStrokeS()));
                }
                answers.clear();
                reach();
                ask(ControlRequest.tare(0).encode());
                for (long untilUs = tool.ageUs() + TARE_AGAIN_US; tool.ageUs() < untilUs && answers.isEmpty(); ) {
                    tool.advanceTo(tool.ageUs() + STEP_US);
                }
                result = answers.isEmpty() ? Result.BUSY_OR_WRONG_STATE : resultOf(answers.get(0));
                if (result == Result.BUSY_OR_WRONG_STATE) {
                    tool.advanceTo(tool.ageUs() + TARE_AGAIN_US);
                }
            } while (result == Result.BUSY_OR_WRONG_STATE);
        }

        void stream(long lengthUs) {
            subscribed.addAll(Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS));
            long endUs = tool.ageUs() + lengthUs;
            ask(ControlRequest.start(0, rateHz).encode());
            while (tool.ageUs() < endUs) {
                tool.advanceTo(Math.min(endUs, tool.ageUs() + STEP_US));
                if (!linked) {
                    reach();
                    startAgain();
                }
            }
            ask(ControlRequest.stop(0).encode());
        }

        private void startAgain() {
            try {
                if (linked && ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).state() != ToolInfo.SAMPLING) {
                    ask(ControlRequest.start(0, rateHz).encode());
                }
            } catch (MalformedFrameException e) {
                throw new IllegalStateException(e);
            }
        }

        private static Result resultOf(byte[] answer) {
            try {
                return ControlAnswer.decode(answer).result();
            } catch (MalformedFrameException e) {
                throw new IllegalStateException(e);
            }
        }
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

    private static long boot(Scenario scenario, int number, long toolSeed) {
        long boot = Integer.toUnsignedLong(
                ForceCurve.randomOf(scenario, toolSeed + ((long) number << 40)).nextInt());
        return boot == 0 ? 1 : boot;
    }

    private static long us(Duration duration) {
        return duration.toNanos() / 1000;
    }
}

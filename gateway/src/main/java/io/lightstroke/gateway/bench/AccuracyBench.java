package io.lightstroke.gateway.bench;

import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.replay.Notifications;
import io.lightstroke.gateway.replay.Replay;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolLimits;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.TrueForce;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws sessions by seed, lets simulated tools live through them, runs the engine on the notifications, and compares what
 * it finds with what really happened. The sessions are spread over all cores; the result does not depend on their order.
 */
public final class AccuracyBench {
    public static final Duration LENGTH = Duration.ofSeconds(60);
    /** Sensors up to this noise count as quiet, newtons. */
    public static final double QUIET_N = 0.05;

    private static final int MIN_HZ = 50;
    private static final int MAX_HZ = 200;

    /**
     * @param quiet of the sessions whose sensor has noise of at most {@link #QUIET_N}
     * @param noisy of the others
     * @param decision when the engine decided that the press is too deep; over all
     */
    public record Result(Accuracy all, Accuracy quiet, Accuracy noisy, Decision decision) {}

    /** Milliseconds from when the force reached the limit, and from when the rule was truly complete. */
    public record Decision(
            @Nullable Double afterOnsetP50Ms,
            @Nullable Double afterOnsetP95Ms,
            @Nullable Double afterRuleP50Ms,
            @Nullable Double afterRuleP95Ms) {}

    private AccuracyBench() {}

    /** @param done called once after each session, from any thread */
    public static Result run(int sessions, long seed, Runnable done) {
        List<Comparison> all = IntStream.range(0, sessions)
                .parallel()
                .mapToObj(number -> {
                    Comparison one = session(seed, number);
                    done.run();
                    return one;
                })
                .toList();
        List<Comparison.Latch> latches =
                all.stream().flatMap(session -> session.latches().stream()).toList();
        return new Result(
                Accuracy.of(all),
                Accuracy.of(all.stream()
                        .filter(session -> session.noiseN() <= QUIET_N)
                        .toList()),
                Accuracy.of(all.stream()
                        .filter(session -> session.noiseN() > QUIET_N)
                        .toList()),
                new Decision(
                        Accuracy.percentile(50, latches, Comparison.Latch::afterOnsetMs),
                        Accuracy.percentile(95, latches, Comparison.Latch::afterOnsetMs),
                        Accuracy.percentile(50, latches, Comparison.Latch::afterRuleMs),
                        Accuracy.percentile(95, latches, Comparison.Latch::afterRuleMs)));
    }

    private static Comparison session(long seed, int number) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L + number);
        boolean assess = random.nextInt(3) == 0;
        Scenario scenario = new RandomScenario(random).draw(assess ? Scenario.Phase.ASSESS : Scenario.Phase.TREAT);
        int rateHz = random.nextInt(MIN_HZ, MAX_HZ + 1);
        Recording recording = Recording.of(scenario, seed, 1, rateHz, LENGTH);
        return compare(recording, assess);
    }

    private static Comparison compare(Recording recording, boolean assess) {
        ToolLimits limits = recording.truth().limits();
        PressureLimits engineLimits = new PressureLimits(
                "of the truth", limits.lightCn(), limits.moderateCn(), limits.tooDeepCn(), limits.ceilingCn());
        Comparison.Findings findings = new Comparison.Findings();
        Replay replay = new Replay(engineLimits, findings);
        Notifications notifications = new Notifications();
        List<ForceFrame> frames = new ArrayList<>();
        try {
            for (byte[] value : recording.notifications()) {
                notifications.add(value);
                if (value[0] == ForceFrame.TYPE) {
                    frames.add(ForceFrame.decode(value));
                }
            }
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("the simulated tool sent a malformed frame", e);
        }
        replay.phase(assess ? Phase.ASSESS : Phase.TREAT);
        notifications.replay(replay);
        return Comparison.of(
                recording.scenario().sensor().noiseN(),
                trueSamples(recording, frames),
                recording.truth(),
                findings,
                engineLimits);
    }

    private static TrueSamples trueSamples(Recording recording, List<ForceFrame> frames) {
        TrueForce force = recording.trueForce();
        long[] timeUs = frames.stream()
                .flatMapToLong(frame ->
                        IntStream.range(0, frame.count()).mapToLong(i -> frame.timeUs() + (long) i * frame.periodUs()))
                .toArray();
        double[] forceN = new double[timeUs.length];
        for (int i = 0; i < timeUs.length; i++) {
            forceN[i] = force.forceN(timeUs[i]);
        }
        return new TrueSamples(timeUs, forceN);
    }
}

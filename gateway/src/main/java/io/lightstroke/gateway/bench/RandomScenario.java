package io.lightstroke.gateway.bench;

import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.Scenario.Phase;
import io.lightstroke.simulator.Scenario.Repeat;
import io.lightstroke.simulator.Scenario.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws what a simulated person does and how bad the sensor is: noise 0.02–0.2 N, drift to 0.5 N either way over the session, tremor
 * 0–0.4 N at 8–12 Hz, cadences of 10–90 a minute with pauses down to 160 ms, presses in all zones, taps and holds.
 */
final class RandomScenario {
    private static final int STEPS = 5;
    private static final double MOST_DRIFT_N = 0.5;
    /** The session, and what is before it. */
    private static final double DRIFT_S = 62;

    private static final double SHORTEST_PAUSE_S = 0.16;
    private static final double SHORTEST_STROKE_S = 0.3;
    private static final double LONGEST_STROKE_S = 4;
    private static final double MOST_TIMING_CV = 0.12;
    /** No draw is further than two standard deviations from its mean. */
    private static final double DEVIATIONS = 2;

    private final SplittableRandom random;

    RandomScenario(SplittableRandom random) {
        this.random = random;
    }

    Scenario draw(Phase phase) {
        double timingCv = random.nextDouble() * MOST_TIMING_CV;
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(step(phase, timingCv));
        }
        return new Scenario(
                "random",
                "drawn at random",
                random.nextLong(),
                new Scenario.Sensor(
                        16, 1000, 40, from(0.02, 0.2), 0, from(-1, 1), from(-MOST_DRIFT_N, MOST_DRIFT_N), DRIFT_S),
                new Scenario.Battery(100, 1),
                new Scenario.Person(from(3.5, 6), from(0, 0.4), from(8, 12), timingCv),
                steps);
    }

    private Step step(Phase phase, double timingCv) {
        int kind = random.nextInt(phase == Phase.ASSESS ? 10 : 20);
        if (kind == 0) {
            return step(phase, from(1, 6), from(0.08, 0.14), from(0.25, 0.8), from(3, 6));
        } else if (kind == 1) {
            return step(phase, from(1.5, 8), from(5.5, 7) / (1 - DEVIATIONS * timingCv), from(0.5, 2), 10);
        }
        double peakN = phase == Phase.ASSESS
                ? kind < 9 ? from(1.2, 2.9) : from(3.2, 6)
                : kind < 5
                        ? from(1.2, 3)
                        : kind < 11 ? from(3, 6.5) : kind < 15 ? from(6.5, 9) : kind < 19 ? from(9, 14) : from(14, 16);
        double strokeToStrokeS = 60 / Math.exp(from(Math.log(10), Math.log(90)));
        double shortestPauseS = SHORTEST_PAUSE_S / (1 - DEVIATIONS * timingCv);
        double shortestS = SHORTEST_STROKE_S / (1 - DEVIATIONS * timingCv);
        double strokeS = Math.min(
                from(shortestS, strokeToStrokeS - shortestPauseS), LONGEST_STROKE_S / (1 + DEVIATIONS * timingCv));
        return step(phase, peakN, strokeS, strokeToStrokeS - strokeS, from(8, 15));
    }

    private Step step(Phase phase, double peakN, double strokeS, double pauseS, double forS) {
        return new Step(
                "calf",
                phase,
                new Repeat(null, forS),
                peakN,
                from(0, 0.2),
                strokeS,
                from(0.1, 0.4),
                from(0.1, 0.4),
                pauseS,
                from(1, 5));
    }

    private double from(double least, double most) {
        return least + random.nextDouble() * (most - least);
    }
}

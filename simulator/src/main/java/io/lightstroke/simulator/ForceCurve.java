package io.lightstroke.simulator;

import java.util.Iterator;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The force on the skin over tool time, without anything the sensor adds: the same for the same scenario and seed, at
 * whatever times it is asked. Not thread-safe; asked with times that do not go back.
 */
public final class ForceCurve {
    private final Iterator<PlannedStroke> strokes;
    private PlannedStroke stroke;

    public ForceCurve(Scenario scenario, long seed) {
        strokes = strokes(scenario, seed);
        stroke = strokes.next();
    }

    /** Newtons, never negative. */
    public double forceN(long timeUs) {
        while (timeUs >= stroke.endUs()) {
            stroke = strokes.next();
        }
        return stroke.forceN(timeUs);
    }

    /** What a motion sensor sees at the last time that was asked for: of the stroke, or of the one that comes next. */
    PlannedStroke.@Nullable Motion motion() {
        return stroke.motion();
    }

    /** The strokes of which the curve consists, in order, without end. */
    public static Iterator<PlannedStroke> strokes(Scenario scenario, long seed) {
        return new Hand(scenario, seed);
    }

    /** The first tool time, from {@code leastUs} on, at which all steps have been done equally often. */
    static long wholeRoundsUs(Scenario scenario, long seed, long leastUs) {
        Hand hand = new Hand(scenario, seed);
        do {
            hand.next();
        } while (!hand.atFirstStroke() || hand.nextStartUs < leastUs);
        return hand.nextStartUs;
    }

    /** Walks through the steps and draws each stroke. */
    private static final class Hand implements Iterator<PlannedStroke> {
        private static final double MIN_TREMOR_HZ = 8;
        private static final double MAX_TREMOR_HZ = 12;

        private final Scenario scenario;
        private final Random random;
        /** Of its own, so that a motion sensor changes no stroke. */
        private final Random motionRandom;

        private int direction = 1;
        private long nextStartUs;
        private int step;
        private int strokesOfStep;
        private boolean againToCome;
        private long stepStartUs;

        Hand(Scenario scenario, long seed) {
            this.scenario = scenario;
            random = randomOf(scenario, seed);
            motionRandom = randomOf(scenario, seed ^ 0x4D0_7104L);
            nextStartUs = us(scenario.person().firstStrokeS());
            stepStartUs = nextStartUs;
        }

        boolean atFirstStroke() {
            return step == 0 && strokesOfStep == 0 && !againToCome;
        }

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public PlannedStroke next() {
            Scenario.Person person = scenario.person();
            Scenario.Step now = scenario.steps().get(step);
            double durationS = vary(now.strokeS(), person.timingCv());
            long riseUs = us(durationS * now.riseShare());
            long fallUs = us(durationS * now.fallShare());
            PlannedStroke stroke = new PlannedStroke(
                    now.area(),
                    now.phase(),
                    nextStartUs,
                    riseUs,
                    Math.max(1, us(durationS) - riseUs - fallUs),
                    fallUs,
                    vary(now.peakN(), now.peakCv()),
                    person.tremorN() * (0.5 + random.nextDouble()),
                    Math.min(MAX_TREMOR_HZ, Math.max(MIN_TREMOR_HZ, person.tremorHz() + random.nextGaussian() / 2)),
                    random.nextDouble() * 2 * Math.PI,
                    scenario.motionSensor() ? motion(now) : null);
            againToCome = now.doubleGapS() != null && !againToCome;
            if (now.doubleGapS() != null && againToCome) {
                nextStartUs = stroke.endUs() + us(vary(now.doubleGapS(), person.timingCv()));
                return stroke;
            }
            nextStartUs = stroke.endUs() + us(vary(now.pauseS(), person.timingCv()));
            strokesOfStep++;
            if (!now.repeat().wants(strokesOfStep, (nextStartUs - stepStartUs) / 1e6)) {
                nextStartUs += us(now.thenPauseS());
                step = (step + 1) % scenario.steps().size();
                strokesOfStep = 0;
                stepStartUs = nextStartUs;
            }
            return stroke;
        }

        /** Both halves of a double stroke go the same way. */
        private PlannedStroke.Motion motion(Scenario.Step now) {
            double deviations = Math.min(2, Math.max(-2, motionRandom.nextGaussian()));
            long angleDeg = Math.round(now.angleDeg() + now.angleSdDeg() * deviations);
            if (now.direction() == Scenario.Direction.FORTH) {
                direction = 1;
            } else if (!againToCome) {
                direction = -direction;
            }
            return new PlannedStroke.Motion((int) Math.min(90, Math.max(0, angleDeg)), direction);
        }

        /** Normally distributed, but never further than two standard deviations from the mean. */
        private double vary(double mean, double cv) {
            double deviations = Math.min(2, Math.max(-2, random.nextGaussian()));
            return mean * (1 + cv * deviations);
        }

        private static long us(double seconds) {
            return Math.round(seconds * 1e6);
        }
    }

    /** One stream of random numbers per scenario and seed. */
    static Random randomOf(Scenario scenario, long seed) {
        return new Random(scenario.seed() * 0x9E37_79B9_7F4A_7C15L + seed * 0xD1B5_4A32_D192_ED03L);
    }
}

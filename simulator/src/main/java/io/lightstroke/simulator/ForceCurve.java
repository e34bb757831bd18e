package io.lightstroke.simulator;

import java.util.Iterator;
import java.util.Random;

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

    /** The strokes of which the curve consists, in order, without end. */
    public static Iterator<PlannedStroke> strokes(Scenario scenario, long seed) {
        return new Hand(scenario, seed);
    }

    /** Walks through the steps and draws each stroke. */
    private static final class Hand implements Iterator<PlannedStroke> {
        private static final double MIN_TREMOR_HZ = 8;
        private static final double MAX_TREMOR_HZ = 12;

        private final Scenario scenario;
        private final Random random;
        private long nextStartUs;
        private int step;
        private int strokesOfStep;
        private long stepStartUs;

        Hand(Scenario scenario, long seed) {
            this.scenario = scenario;
            random = randomOf(scenario, seed);
            nextStartUs = us(scenario.person().firstStrokeS());
            stepStartUs = nextStartUs;
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
                    random.nextDouble() * 2 * Math.PI);
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

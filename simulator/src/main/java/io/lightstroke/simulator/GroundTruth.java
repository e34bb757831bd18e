package io.lightstroke.simulator;

import io.lightstroke.protocol.ToolLimits;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated person really did, by the rules of docs/protocol.md, found without any sample of the sensor: in the
 * {@link TrueForce} at the times at which the tool sampled. Times are tool time, microseconds since power-on.
 *
 * @param limits by which zones and over-pressures were found
 */
public record GroundTruth(ToolLimits limits, List<Stroke> strokes, List<OverPressure> overPressure, List<Spot> spots) {
    /** The zones' words, in order. */
    public static final List<String> ZONES = List.of("none", "light", "moderate", "firm", "too-deep", "ceiling");

    /**
     * @param lastIndex first sample below 0.3 N
     * @param peakN of the true force, like all that follows
     * @param impulseNs by trapezoids between the samples
     * @param meanN impulse over duration
     * @param riseTimeS from the last crossing of 10 % of the peak to the first of 90 %
     * @param timeInZoneS by the zone's word: none, light, moderate, firm, too-deep, ceiling; they sum to the duration
     * @param overTimeS in latched over-pressure
     * @param ceilingHit a sample at or above the ceiling
     * @param hold longer than 5 s: held, not stroked
     * @param interrupted sampling began or stopped in it
     * @param angleDeg from the skin; null without a motion sensor, like the direction
     * @param direction +1 or −1 along the tool's marked axis
     */
    public record Stroke(
            long firstIndex,
            long lastIndex,
            long startUs,
            long endUs,
            double peakN,
            double impulseNs,
            double meanN,
            double riseTimeS,
            Map<String, Double> timeInZoneS,
            double overTimeS,
            boolean ceilingHit,
            boolean hold,
            boolean interrupted,
            String area,
            Scenario.Phase phase,
            @Nullable Integer angleDeg,
            @Nullable Integer direction) {}

    /**
     * Latched: from the sample that completes the rule to the one that ends it.
     *
     * @param ceiling the ceiling was reached in it
     * @param endedUnknown sampling stopped in it, at {@code endUs}
     */
    public record OverPressure(long startUs, long endUs, boolean ceiling, boolean endedUnknown) {}

    /** From the first contact to the last; {@code interrupted} when sampling began or stopped in a contact of it. */
    public record Spot(long startUs, long endUs, double dwellS, boolean interrupted) {}

    /** When the tool sampled: {@code count} samples from {@code firstIndex} on, evenly spaced. */
    public record Sampled(long firstIndex, long count, long timeUs, int periodUs) {}

    public GroundTruth {
        strokes = List.copyOf(strokes);
        overPressure = List.copyOf(overPressure);
        spots = List.copyOf(spots);
    }

    /** @param seed of the tool, as in {@link ForceCurve}; {@link SimulatedTools#seedOf} has that of a fleet's tool */
    public static GroundTruth of(Scenario scenario, long seed, List<Sampled> sampled, ToolLimits limits) {
        return of(new TrueForce(scenario, seed)::forceN, ForceCurve.strokes(scenario, seed), sampled, limits);
    }

    /** @param plan tells area, phase and motion; asked for no stroke before it is needed */
    static GroundTruth of(
            LongToDoubleFunction forceN, Iterator<PlannedStroke> plan, List<Sampled> sampled, ToolLimits limits) {
        TruthFinder finder = new TruthFinder(plan, limits);
        for (Sampled run : sampled) {
            for (long i = 0; i < run.count(); i++) {
                long timeUs = run.timeUs() + i * run.periodUs();
                finder.sample(run.firstIndex() + i, timeUs, forceN.applyAsDouble(timeUs));
            }
        }
        return finder.end();
    }
}

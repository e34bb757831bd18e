package io.lightstroke.gateway.bench;

import io.lightstroke.gateway.bench.TrueSamples.Span;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.simulator.GroundTruth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the engine found in one session against what really happened, by the rules of docs/accuracy.md.
 *
 * @param strokes true ones that are judged
 * @param found strokes of the engine that are judged
 * @param matched true and found
 * @param overPressures true ones that are judged
 * @param missed of them without any of the engine's
 * @param falseAlarms of the engine where the force came nowhere near the limit
 * @param latches of the true over-pressures that the engine has too
 */
record Comparison(
        double noiseN,
        int strokes,
        int found,
        List<Match> matched,
        int overPressures,
        int missed,
        int falseAlarms,
        List<Latch> latches) {
    private static final double LEAST_OVERLAP = 0.5;
    private static final long AROUND_ALARM_US = 100_000;

    /** Absolute errors of one stroke; {@code zoneUs} beyond what the truth leaves open, {@code contactUs} of the truth. */
    record Match(
            double peakN,
            double peakPercent,
            double impulsePercent,
            double durationMs,
            double zoneUs,
            double contactUs) {}

    /** When the engine decided, after the force reached the limit and after the rule was truly complete. */
    record Latch(double afterOnsetMs, double afterRuleMs) {}

    /** Collects what is compared of an engine's findings. */
    static final class Findings implements Consumer<EngineEvent> {
        /** {@code decidedUs}: tool time of the sample with which the engine knew. */
        record OverPressure(Span felt, long decidedUs) {}

        final List<Stroke> strokes = new ArrayList<>();
        final List<OverPressure> overPressures = new ArrayList<>();
        private long feltUs;
        private long decidedUs;

        @Override
        public void accept(EngineEvent event) {
            if (event instanceof EngineEvent.StrokeEnded ended) {
                strokes.add(ended.stroke());
            } else if (event instanceof EngineEvent.OverPressureBegan began) {
                feltUs = began.feltUs();
                decidedUs = began.timeUs();
            } else if (event instanceof EngineEvent.OverPressureEnded ended) {
                overPressures.add(new OverPressure(new Span(feltUs, ended.feltUs()), decidedUs));
            }
        }
    }

    private record Pair(GroundTruth.Stroke truth, Stroke found, double overlap) {}

    static Comparison of(
            double noiseN, TrueSamples force, GroundTruth truth, Findings findings, PressureLimits limits) {
        List<Pair> pairs = pairs(truth.strokes(), findings.strokes);
        List<Match> matched = pairs.stream()
                .filter(pair -> !pair.truth.interrupted())
                .map(pair -> match(pair, force, limits))
                .toList();
        long judged =
                truth.strokes().stream().filter(stroke -> !stroke.interrupted()).count();
        long unpaired = findings.strokes.stream()
                .filter(found -> pairs.stream().noneMatch(pair -> pair.found.equals(found)))
                .filter(found -> truth.strokes().stream()
                        .noneMatch(
                                stroke -> stroke.interrupted() && span(stroke).overlaps(span(found))))
                .count();

        List<Span> overPressures = force.overPressures(limits);
        long missed = overPressures.stream()
                .filter(span -> findings.overPressures.stream()
                        .noneMatch(found -> found.felt().overlaps(span)))
                .count();
        double nearN = limits.tooDeepCn() / 100.0 - TrueSamples.BAND_N;
        long falseAlarms = findings.overPressures.stream()
                .filter(found -> force.highestN(found.felt(), AROUND_ALARM_US) < nearN)
                .count();
        return new Comparison(
                noiseN,
                (int) judged,
                (int) (matched.size() + unpaired),
                matched,
                overPressures.size(),
                (int) missed,
                (int) falseAlarms,
                latches(force, truth.overPressure(), findings.overPressures, limits));
    }

    /** One to one, the most alike first. */
    private static List<Pair> pairs(List<GroundTruth.Stroke> truths, List<Stroke> found) {
        List<Pair> all = new ArrayList<>();
        for (GroundTruth.Stroke truth : truths) {
            for (Stroke stroke : found) {
                double overlap = span(truth).overlapOfUnion(span(stroke));
                if (overlap > LEAST_OVERLAP) {
                    all.add(new Pair(truth, stroke, overlap));
                }
            }
        }
        all.sort(Comparator.comparingDouble(Pair::overlap).reversed());
        List<Pair> taken = new ArrayList<>();
        for (Pair pair : all) {
            if (taken.stream().noneMatch(other -> other.truth.equals(pair.truth) || other.found.equals(pair.found))) {
                taken.add(pair);
            }
        }
        return taken;
    }

    private static Match match(Pair pair, TrueSamples force, PressureLimits limits) {
        GroundTruth.Stroke truth = pair.truth;
        Stroke found = pair.found;
        double peakN = Math.abs(found.peakCn() / 100 - truth.peakN());
        double durationUs = truth.endUs() - truth.startUs();
        return new Match(
                peakN,
                100 * peakN / truth.peakN(),
                100 * Math.abs(found.impulseNs() - truth.impulseNs()) / truth.impulseNs(),
                Math.abs(found.durationUs() - durationUs) / 1000,
                force.zoneErrorUs(span(truth), found.zoneUs(), limits),
                durationUs);
    }

    private static List<Latch> latches(
            TrueSamples force,
            List<GroundTruth.OverPressure> truths,
            List<Findings.OverPressure> found,
            PressureLimits limits) {
        List<Latch> latches = new ArrayList<>();
        for (GroundTruth.OverPressure truth : truths) {
            Span span = new Span(truth.startUs(), truth.endUs());
            found.stream()
                    .filter(over -> over.felt().overlaps(span))
                    .findFirst()
                    .ifPresent(over -> latches.add(new Latch(
                            (over.decidedUs() - force.onsetUs(truth.startUs(), limits)) / 1e3,
                            (over.decidedUs() - truth.startUs()) / 1e3)));
        }
        return latches;
    }

    private static Span span(GroundTruth.Stroke stroke) {
        return new Span(stroke.startUs(), stroke.endUs());
    }

    private static Span span(Stroke stroke) {
        return new Span(stroke.startUs(), stroke.startUs() + stroke.durationUs());
    }
}

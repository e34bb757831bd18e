package io.lightstroke.gateway.bench;

import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.PressureLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The true force at the times of a tool's samples.
 *
 * @param timeUs ascending
 * @param forceN as many; neither array is changed
 */
record TrueSamples(long[] timeUs, double[] forceN) {
    /** How near a limit the truth itself is not judged. */
    static final double BAND_N = 0.1;

    private static final long JUDGED_US = 200_000;
    /** A ceiling reached later than this before the end of the recording is not judged: no engine hears enough of it. */
    private static final long END_US = 50_000;

    /** From one sample's time to another's, both included. */
    record Span(long startUs, long endUs) {
        boolean overlaps(Span other) {
            return startUs <= other.endUs && other.startUs <= endUs;
        }

        /** What both have over what either has. */
        double overlapOfUnion(Span other) {
            double both = Math.min(endUs, other.endUs) - Math.max(startUs, other.startUs);
            double either = Math.max(endUs, other.endUs) - Math.min(startUs, other.startUs);
            return both <= 0 ? 0 : both / either;
        }
    }

    /** Where the hand pressed too deep without doubt: clearly at the limit for 200 ms on end, or clearly at the ceiling. */
    List<Span> overPressures(PressureLimits limits) {
        double limitN = limits.tooDeepCn() / 100.0 + BAND_N;
        double ceilingN = limits.ceilingCn() / 100.0 + BAND_N;
        long lastJudgedUs = timeUs[timeUs.length - 1] - END_US;
        List<Span> spans = new ArrayList<>();
        int i = 0;
        while (i < forceN.length) {
            int first = i;
            boolean ceiling = false;
            for (; i < forceN.length && forceN[i] >= limitN; i++) {
                ceiling |= forceN[i] >= ceilingN && timeUs[i] <= lastJudgedUs;
            }
            if (i > first && (ceiling || timeUs[i - 1] - timeUs[first] >= JUDGED_US)) {
                spans.add(new Span(timeUs[first], timeUs[i - 1]));
            }
            i = i == first ? i + 1 : i;
        }
        return spans;
    }

    /** The highest within {@code aroundUs} of the span; negative infinity without any sample there. */
    double highestN(Span span, long aroundUs) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = at(span.startUs() - aroundUs); i < timeUs.length && timeUs[i] <= span.endUs() + aroundUs; i++) {
            highest = Math.max(highest, forceN[i]);
        }
        return highest;
    }

    /** When the force last rose to the limit, up to {@code us}; {@code us} itself when it was below it then. */
    long onsetUs(long us, PressureLimits limits) {
        int i = at(us);
        long onset = us;
        for (; i >= 0 && i < forceN.length && forceN[i] * 100 >= limits.tooDeepCn(); i--) {
            onset = timeUs[i];
        }
        return onset;
    }

    /**
     * By how many microseconds a stroke's times in the zones are beyond what the truth leaves open. A second given to the
     * wrong zone is one too much there and one too little elsewhere, and counts once.
     */
    double zoneErrorUs(Span stroke, long[] zoneUs, PressureLimits limits) {
        long[] certainUs = new long[zoneUs.length];
        long[] possibleUs = new long[zoneUs.length];
        for (int i = at(stroke.startUs()); i < timeUs.length - 1 && timeUs[i] < stroke.endUs(); i++) {
            long us = timeUs[i + 1] - timeUs[i];
            int lowest = Zone.of((forceN[i] - BAND_N) * 100, limits).ordinal();
            int highest = Zone.of((forceN[i] + BAND_N) * 100, limits).ordinal();
            for (int zone = lowest; zone <= highest; zone++) {
                possibleUs[zone] += us;
            }
            certainUs[lowest] += lowest == highest ? us : 0;
        }
        double outsideUs = 0;
        for (int zone = 0; zone < zoneUs.length; zone++) {
            outsideUs += Math.max(0, Math.max(certainUs[zone] - zoneUs[zone], zoneUs[zone] - possibleUs[zone]));
        }
        return outsideUs / 2;
    }

    /** Number of the first sample at or after {@code us}. */
    private int at(long us) {
        int found = Arrays.binarySearch(timeUs, us);
        return found < 0 ? -found - 1 : found;
    }
}

package io.lightstroke.gateway.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stroke, or a hold. Found in hindsight: forces are low-passed without phase, indices and times are those
 * at which the skin felt it.
 *
 * @param boot of the tool
 * @param firstIndex index of its first sample
 * @param lastIndex index of its last sample: the first one below 0.3 N
 * @param startUs tool time of the first sample, microseconds since boot
 * @param durationUs from the first sample at or above 0.5 N to the first below 0.3 N
 * @param peakCn highest force, 0.01 N
 * @param impulseNs newton seconds, of what was measured
 * @param riseTimeUs from 10 % to 90 % of the peak
 * @param zoneUs microseconds per zone, by {@link Zone#ordinal()}; they sum to the duration less the gaps; shared, never
 *     changed
 * @param overUs microseconds in latched over-pressure
 * @param hold longer than 5 s: held, not stroked, and not counted
 * @param interrupted its beginning or its end was not seen, because the samples began or stopped in it
 * @param gapPercent share of the duration whose samples are missing or invalid, 0–100
 * @param phase when it began
 * @param angleDeg from the skin; null without a motion sensor
 * @param direction +1 or -1 along the tool's marked axis; null without a motion sensor
 * @param limitsVersion of the limits in force when it began
 */
public record Stroke(
        long boot,
        long firstIndex,
        long lastIndex,
        long startUs,
        long durationUs,
        double peakCn,
        double impulseNs,
        long riseTimeUs,
        long[] zoneUs,
        long overUs,
        boolean ceilingHit,
        boolean hold,
        boolean interrupted,
        double gapPercent,
        Phase phase,
        @Nullable Integer angleDeg,
        @Nullable Integer direction,
        String limitsVersion) {
    /** Whether it is a valid stroke: neither a hold nor cut off before its end was seen. */
    public boolean counts() {
        return !hold && !interrupted;
    }

    /** Seconds from 10 % to 90 % of the peak; null when the beginning or the end was not seen, and so perhaps not the peak. */
    public @Nullable Double riseTimeS() {
        return interrupted ? null : riseTimeUs / 1e6;
    }

    /** Mean force, newtons: the impulse over the time that was measured, which without gaps is the duration. */
    public double meanN() {
        long measuredUs = 0;
        for (long us : zoneUs) {
            measuredUs += us;
        }
        return impulseNs / (measuredUs / 1e6);
    }

    /** Seconds by the zone's word, lightest first. */
    public Map<String, Double> timeInZoneS() {
        Map<String, Double> timeInZoneS = new LinkedHashMap<>();
        for (Zone zone : Zone.values()) {
            timeInZoneS.put(zone.word(), zoneUs[zone.ordinal()] / 1e6);
        }
        return timeInZoneS;
    }

    /** The same, with what only the tool knows. */
    Stroke with(ToolStroke ofTool) {
        return new Stroke(
                boot,
                firstIndex,
                lastIndex,
                startUs,
                durationUs,
                peakCn,
                impulseNs,
                riseTimeUs,
                zoneUs,
                overUs,
                ceilingHit,
                hold,
                interrupted,
                gapPercent,
                phase,
                ofTool.angleDeg(),
                ofTool.direction(),
                limitsVersion);
    }
}

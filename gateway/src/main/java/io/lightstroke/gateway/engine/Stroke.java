package io.lightstroke.gateway.engine;

/**
 * One stroke, or a hold. Forces are of the filtered signal, indices and times are corrected for the filter's delay.
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
        String limitsVersion) {
    /** Whether it is a valid stroke: neither a hold nor cut off before its end was seen. */
    public boolean counts() {
        return !hold && !interrupted;
    }

    /** Mean force, newtons: the impulse over the time that was measured, which without gaps is the duration. */
    public double meanN() {
        long measuredUs = 0;
        for (long us : zoneUs) {
            measuredUs += us;
        }
        return impulseNs / (measuredUs / 1e6);
    }
}

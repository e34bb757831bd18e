package io.lightstroke.gateway.engine;

/**
 * One stroke, or a hold. Forces are of the filtered signal.
 *
 * @param boot of the tool
 * @param firstIndex index of its first sample
 * @param lastIndex index of its last sample
 * @param startUs tool time of the first sample, microseconds since boot
 * @param durationUs from the first sample at or above 0.5 N to the first below 0.3 N
 * @param peakCn highest force, 0.01 N
 * @param impulseNs newton seconds
 * @param riseTimeUs from 10 % to 90 % of the peak
 * @param zoneUs microseconds per zone, by {@link Zone#ordinal()}; they sum to the duration; shared, never changed
 * @param overUs microseconds in latched over-pressure
 * @param gapPercent share of its samples that are missing or invalid, 0–100
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
        double gapPercent,
        String limitsVersion) {
    /** Mean force, newtons. */
    public double meanN() {
        return impulseNs / (durationUs / 1e6);
    }
}

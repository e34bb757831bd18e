package io.lightstroke.gateway.journal;

/**
 * UTC of one boot's tool time from {@code fromTimeUs} on, until another segment begins.
 *
 * @param fromTimeUs tool time, microseconds since boot
 * @param utcUs UTC at that time, microseconds since 1970
 * @param driftPpm by how much UTC passes faster than the tool's clock; −1e6 is excluded, for time goes on
 */
public record ClockSegment(long fromTimeUs, long utcUs, double driftPpm) {
    public ClockSegment {
        if (!(driftPpm > -1e6)) {
            throw new IllegalArgumentException("clock drift: want above -1e6 ppm, got " + driftPpm);
        }
    }

    public long utcUs(long timeUs) {
        long passedUs = timeUs - fromTimeUs;
        return utcUs + passedUs + Math.round(passedUs * driftPpm / 1e6);
    }
}

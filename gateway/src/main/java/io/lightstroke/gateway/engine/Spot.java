package io.lightstroke.gateway.engine;

/**
 * One spot that was worked on: contacts with no more than 3 s between them. Found in hindsight, times are tool time.
 *
 * @param firstIndex index of the first sample in contact
 * @param lastIndex index of the last sample in contact
 * @param dwellUs from the first contact to the last, pauses included
 * @param contactUs of it in contact
 * @param strokes valid strokes in it
 * @param peakCn highest force, 0.01 N
 * @param interrupted the samples stopped in it, so it may have gone on
 */
public record Spot(
        long boot,
        long firstIndex,
        long lastIndex,
        long startUs,
        long dwellUs,
        long contactUs,
        int strokes,
        double peakCn,
        Phase phase,
        boolean interrupted) {}

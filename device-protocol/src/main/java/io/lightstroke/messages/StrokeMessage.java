package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stroke, from the journal. QoS 1; the same {@code id} with a higher {@code revision} replaces it.
 *
 * @param id {@code tool-boot-first}, unique for ever
 * @param session in which it was made
 * @param person pseudonym; null when unassigned
 * @param region of the body; null when unassigned
 * @param phase {@code assess} or {@code treat}
 * @param valid false: an earlier revision named a stroke that is none
 * @param hold longer than 5 s: held, not stroked
 * @param interrupted the samples stopped before the force fell: its end is not known
 * @param riseTimeS from 10 to 90 % of the peak; null when interrupted
 * @param gapPercent share of the stroke's samples that are missing, 0–100
 * @param angleDeg degrees from the skin; null without a motion sensor
 * @param direction +1 or -1 along the tool's marked axis; null without a motion sensor
 */
public record StrokeMessage(
        @JsonProperty("v") int v,
        String id,
        int revision,
        boolean valid,
        @Nullable String session,
        @Nullable String person,
        @Nullable String region,
        @Nullable String side,
        String phase,
        long boot,
        long first,
        long last,
        Instant time,
        double durationS,
        @JsonProperty("peak_N") double peakN,
        @JsonProperty("mean_N") double meanN,
        @JsonProperty("impulse_Ns") double impulseNs,
        @Nullable Double riseTimeS,
        Map<String, Double> timeInZoneS,
        double overTimeS,
        boolean ceilingHit,
        boolean hold,
        boolean interrupted,
        double gapPercent,
        @Nullable Integer angleDeg,
        @Nullable Integer direction,
        String limitsVersion,
        int engineVersion) {}

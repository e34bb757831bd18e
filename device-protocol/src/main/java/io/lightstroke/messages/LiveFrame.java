package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One frame as it arrived, judged: for eyes, not for records. QoS 0, never retained, expires after 2 s.
 *
 * @param time UTC of the first sample
 * @param forceN raw force per sample, null where the sample is invalid
 * @param filteredN filtered force of the last sample; null when that is not known
 * @param zone of the last sample; null when not known (which is not the same as no contact)
 * @param overPressure {@code too-deep} or {@code ceiling} while latched, else null
 * @param strokes counted by the gateway since the tool's boot was first seen
 * @param toolStrokes the tool's own count since its boot
 * @param cadencePerMin of the last strokes; null with fewer than two in the last 10 s
 * @param strokeS seconds since the running stroke began; null between strokes
 */
public record LiveFrame(
        @JsonProperty("v") int v,
        long boot,
        long first,
        Instant time,
        int periodUs,
        @JsonProperty("force_N") @Nullable Double[] forceN,
        @JsonProperty("filtered_N") @Nullable Double filteredN,
        @Nullable String zone,
        @Nullable String overPressure,
        long strokes,
        long toolStrokes,
        @Nullable Double cadencePerMin,
        @JsonProperty("stroke_s") @Nullable Double strokeS) {}

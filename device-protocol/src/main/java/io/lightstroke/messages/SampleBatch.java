package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Evenly spaced samples of one boot, at most one second of them, from the journal. QoS 1: a batch may come twice, and
 * again after newer ones; {@code (tool, boot, index)} names a sample for ever.
 *
 * @param first index of the first sample since the tool's boot
 * @param last index of the last sample
 * @param time UTC of the first sample
 * @param flags as the tool sent them, see the force frame
 * @param forceN raw force per sample, null where the sample is invalid
 * @param zones zone per sample, null where not known
 */
public record SampleBatch(
        @JsonProperty("v") int v,
        long boot,
        long first,
        long last,
        Instant time,
        int periodUs,
        int flags,
        long toolStrokes,
        @JsonProperty("force_N") @Nullable Double[] forceN,
        @Nullable String[] zones) {}

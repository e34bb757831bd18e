package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A cue that was given, from the journal; QoS 1.
 *
 * @param by {@code gateway}: written by it; {@code tool}: begun by the tool's own limits; {@code felt}: the tool began
 *     the gateway's cue {@code txn}
 * @param pattern {@code tick}, {@code too-deep}, {@code move-on}, {@code ceiling}; null where the tool does not say
 * @param index sample that completed the rule; of the tool's the sample at which it happened
 * @param latencyMs of the gateway's: from that sample to the cue written, the sum of {@code frameMs}, {@code
 *     transportMs} and {@code gatewayMs}; null when it was not written, as
 *     {@code gatewayMs}
 * @param filterMs delay of the filter that showed it; not part of {@code latencyMs}; null where the rule does not hang on it
 * @param frameMs from the sample to the end of its frame
 * @param transportMs from there to its arrival, beyond the fastest frame of the connection
 * @param gatewayMs from its arrival to the cue written
 */
public record CueMessage(
        @JsonProperty("v") int v,
        String by,
        @Nullable String pattern,
        @Nullable Integer txn,
        long boot,
        long index,
        Instant time,
        @Nullable String session,
        @Nullable Double latencyMs,
        @Nullable Double filterMs,
        @Nullable Double frameMs,
        @Nullable Double transportMs,
        @Nullable Double gatewayMs) {
    public static final String BY_GATEWAY = "gateway";
    public static final String BY_TOOL = "tool";
    public static final String FELT = "felt";
}

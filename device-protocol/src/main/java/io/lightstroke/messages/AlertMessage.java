package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An over-pressure began or ended, from the journal. QoS 1; begin and end carry the same id.
 *
 * @param kind {@code too-deep} or {@code ceiling}
 * @param index sample that completed the rule
 * @param time UTC of that sample
 * @param endedUnknown an end that nobody saw: the samples stopped, so it is not known when the force fell
 * @param cueLatencyMs from the sample that completed the rule to the cue written to the tool; null when no cue was
 *     written by the time the record was made
 * @param cueGatewayMs the share of it inside the gateway: from the frame's arrival to the cue written
 */
public record AlertMessage(
        @JsonProperty("v") int v,
        String id,
        String kind,
        Phase phase,
        long boot,
        long index,
        Instant time,
        boolean endedUnknown,
        @Nullable Double cueLatencyMs,
        @Nullable Double cueGatewayMs) {
    public enum Phase {
        BEGIN,
        END;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public AlertMessage withCue(double latencyMs, double gatewayMs) {
        return new AlertMessage(v, id, kind, phase, boot, index, time, endedUnknown, latencyMs, gatewayMs);
    }
}

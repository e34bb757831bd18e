package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An over-pressure began or ended, from the journal. QoS 1; begin and end carry the same id. Its first cue is the {@link
 * CueMessage} with the boot and index of the begin.
 *
 * @param kind {@code too-deep} or {@code ceiling}
 * @param index sample that completed the rule
 * @param time UTC of that sample
 * @param session in which it happened
 * @param endedUnknown an end that nobody saw: the samples stopped, so it is not known when the force fell
 */
public record AlertMessage(
        @JsonProperty("v") int v,
        String id,
        String kind,
        Phase phase,
        long boot,
        long index,
        Instant time,
        @Nullable String session,
        boolean endedUnknown) {
    public enum Phase {
        BEGIN,
        END;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

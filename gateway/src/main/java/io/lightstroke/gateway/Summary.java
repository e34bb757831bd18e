package io.lightstroke.gateway;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Accounting;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's account of one run, all tools together.
 *
 * @param sinks by name, counted in samples
 * @param strokes the gateway's count
 * @param toolStrokes the tools' own count over the same time
 * @param cues written by the gateway
 * @param cueLatencyMs from the sample that completed the rule to the cue written
 * @param cueGatewayMs the gateway's share: from the frame's arrival to the cue written; not in the JSON
 */
public record Summary(
        Accounting.Frames frames,
        Accounting.Samples samples,
        Map<String, SinkAccount> sinks,
        long strokes,
        long toolStrokes,
        long cues,
        LatencyMs cueLatencyMs,
        @JsonIgnore LatencyMs cueGatewayMs) {
    /** camelCase names, all of them, also where there is no value. */
    private static final ObjectMapper JSON = new ObjectMapper();

    public String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether every frame and sample is accounted for; after the tools' sessions have ended and the journal was flushed. */
    public boolean lawful() {
        return frames.received() == frames.decoded() + frames.malformed() + frames.overflowed() + frames.refused()
                && samples.decoded() == samples.journaled() + samples.duplicate() + samples.notKept()
                && sinks.values().stream().allMatch(SinkAccount::lawful);
    }

    /** Milliseconds; all null when nothing was measured. */
    public record LatencyMs(
            @Nullable Double p50,
            @Nullable Double p99,
            @Nullable Double max) {
        static final LatencyMs NONE = new LatencyMs(null, null, null);
    }
}

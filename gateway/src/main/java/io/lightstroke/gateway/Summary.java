package io.lightstroke.gateway;

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
 * @param cueSplitMs where that time went
 * @param cueAgreementPercent over-pressures that gateway and tool both judged, of all that either did; null without any
 */
public record Summary(
        Accounting.Frames frames,
        Accounting.Samples samples,
        Map<String, SinkAccount> sinks,
        long strokes,
        long toolStrokes,
        long cues,
        LatencyMs cueLatencyMs,
        CueSplitMs cueSplitMs,
        @Nullable Double cueAgreementPercent) {
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
            @Nullable Double p95,
            @Nullable Double p99,
            @Nullable Double max) {
        static final LatencyMs NONE = new LatencyMs(null, null, null, null);
    }

    /**
     * The parts of a cue's latency, and beside them what the filter had taken before.
     *
     * @param filter from the press to the sample whose filtered force completed the rule; no part of the latency
     * @param frame from that sample to the last one of its frame
     * @param transport from there to the frame's arrival, beyond the fastest frame of the connection
     * @param gateway from there to the cue written
     */
    public record CueSplitMs(LatencyMs filter, LatencyMs frame, LatencyMs transport, LatencyMs gateway) {}
}

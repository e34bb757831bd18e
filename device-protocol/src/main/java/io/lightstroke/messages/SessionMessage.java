package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The summary of one tool's part of a session, from the journal. QoS 1; the same {@code session} of the same tool with a
 * higher {@code revision} replaces it. What has no sensor or no value is absent, never 0.
 *
 * @param tools of the session; each sends the summary of its own part
 * @param person pseudonym; null when unassigned, as are profile, override, bruises, guideline and checklist
 * @param endedBy {@code command}, {@code restart}, {@code silence}, {@code length}, {@code gateway-end}, {@code session-start}
 * @param override a practitioner's factor on the limits
 * @param wallS from start to end, pauses included
 * @param areasPastCap visits at whose end their region and side had been worked on for longer than the cap
 * @param painBefore 0–10
 * @param completenessPercent samples received of those expected
 * @param cues written by the gateway
 * @param cueLatencyP50Ms from the sample that completed the rule to the cue written
 * @param cueAgreementPercent of the over-pressures that tool or gateway judged to begin, those that both did within 0.3 s
 * @param toolStrokes the tool's own count over the session
 * @param guidelineFingerprint SHA-256 of its text
 */
public record SessionMessage(
        @JsonProperty("v") int v,
        String session,
        int revision,
        List<String> tools,
        @Nullable String person,
        Instant started,
        Instant ended,
        String endedBy,
        boolean unplanned,
        @Nullable String profile,
        @Nullable Double override,
        @Nullable Integer bruises,
        double wallS,
        double workedS,
        @Nullable Integer sessionCapS,
        boolean pastCap,
        int areasPastCap,
        Figures total,

        @JsonProperty("over_pressure_per_100_strokes") @Nullable
        Double overPressurePer100Strokes,

        @Nullable Integer painBefore,
        @Nullable Integer painAfter,
        @Nullable Boolean emollient,
        @Nullable Boolean screening,
        @Nullable Double completenessPercent,
        int cues,
        @Nullable Double cueLatencyP50Ms,
        @Nullable Double cueLatencyP95Ms,
        @Nullable Double cueAgreementPercent,
        long toolStrokes,
        @Nullable String guidelineVersion,
        @Nullable String guidelineFingerprint,
        int engineVersion,
        List<Area> areas) {
    /**
     * @param strokes valid ones
     * @param holds longer than 5 s
     * @param contactS measured time of strokes and holds
     * @param cadencePerMin 60·(n−1)/(last start − first start) of valid strokes; null with fewer than two
     * @param peakMeanN of valid strokes
     * @param peakCvPercent their standard deviation (n−1) by their mean; null with fewer than two
     * @param impulseNs of strokes and holds
     * @param inTargetPercent of the contact time: light and moderate, in the assess phase only light
     * @param overPressureS latched
     * @param unidirectionalPercent of the strokes whose direction is known, those in the majority's; null without a motion
     *     sensor
     */
    public record Figures(
            int strokes,
            int holds,
            double contactS,
            @Nullable Double cadencePerMin,
            @JsonProperty("peak_mean_N") @Nullable Double peakMeanN,
            @Nullable Double peakCvPercent,
            @JsonProperty("impulse_Ns") double impulseNs,
            @Nullable Double inTargetPercent,
            int overPressureEvents,
            double overPressureS,
            @Nullable Double unidirectionalPercent) {}

    /** One visit of one area. */
    public record Area(
            @Nullable String region,
            @Nullable String side,
            Instant started,
            ToolInfoMessage.Limits limits,
            double workedS,
            @Nullable Integer capS,
            boolean pastCap,
            Figures figures,
            List<Spot> spots) {}

    /** @param id of its {@link SpotMessage} */
    public record Spot(String id, double dwellS, @Nullable String mark) {}
}

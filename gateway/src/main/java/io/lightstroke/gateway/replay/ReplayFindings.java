package io.lightstroke.gateway.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Spot;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.messages.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a replay found, as {@code lightstroke replay --json} writes it: the same recording gives the same bytes. Times are
 * tool time in microseconds, those at which the skin felt it. Forces are rounded to 0.001 N, impulses to 0.0001 N·s, gaps
 * to 0.1 %.
 *
 * @param limits in force where the recording orders no others
 */
public record ReplayFindings(
        List<StrokeFound> strokes,
        List<OverPressureFound> overPressure,
        List<SpotFound> spots,
        int engineVersion,
        Limits limits) {
    private static final ObjectMapper MAPPER = Json.MAPPER
            .copy()
            .setPropertyNamingStrategy(PropertyNamingStrategies.LOWER_CAMEL_CASE)
            .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);

    /**
     * @param tool and {@code boot} only where the recording can hold several
     * @param lastIndex first sample below 0.3 N
     * @param timeInZoneS by the zone's word
     */
    public record StrokeFound(
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String tool,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long boot,

            long firstIndex,
            long lastIndex,
            long startUs,
            long endUs,
            double peakN,
            double impulseNs,
            double meanN,
            @Nullable Double riseTimeS,
            Map<String, Double> timeInZoneS,
            double overTimeS,
            boolean ceilingHit,
            double gapPercent,
            boolean hold,
            boolean interrupted,
            @Nullable Integer angleDeg,
            @Nullable Integer direction) {
        public double durationS() {
            return (endUs - startUs) / 1e6;
        }
    }

    /** Latched: from the sample that completes the rule to the one that ends it. */
    public record OverPressureFound(
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String tool,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long boot,

            long startUs,
            long endUs,
            boolean endedUnknown,
            boolean ceiling) {}

    public record SpotFound(
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String tool,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long boot,

            long startUs,
            long endUs,
            double dwellS,
            long firstIndex,
            long lastIndex,
            int strokes,
            boolean interrupted) {}

    public record Limits(String version, double lightN, double moderateN, double tooDeepN, double ceilingN) {}

    public String json() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e.getOriginalMessage(), e);
        }
    }

    /** Collects what engines find. One thread. */
    public static final class Collector {
        private final List<StrokeFound> strokes = new ArrayList<>();
        private final List<OverPressureFound> overPressure = new ArrayList<>();
        private final List<SpotFound> spots = new ArrayList<>();

        /**
         * For one tool's replay.
         *
         * @param tool named with each finding; null to name none
         * @param withBoot name the boot with each finding
         */
        public Consumer<EngineEvent> of(@Nullable String tool, boolean withBoot) {
            return new Consumer<>() {
                private long beganUs;

                @Override
                public void accept(EngineEvent event) {
                    if (event instanceof EngineEvent.StrokeEnded ended) {
                        strokes.add(stroke(tool, boot(ended.stroke().boot()), ended.stroke()));
                    } else if (event instanceof EngineEvent.OverPressureBegan began) {
                        beganUs = began.feltUs();
                    } else if (event instanceof EngineEvent.OverPressureEnded ended) {
                        overPressure.add(new OverPressureFound(
                                tool, boot(ended.boot()), beganUs, ended.feltUs(), ended.unknown(), ended.ceiling()));
                    } else if (event instanceof EngineEvent.SpotEnded ended) {
                        spots.add(spot(tool, boot(ended.spot().boot()), ended.spot()));
                    }
                }

                private @Nullable Long boot(long boot) {
                    return withBoot ? boot : null;
                }
            };
        }

        public ReplayFindings findings(PressureLimits limits) {
            return new ReplayFindings(
                    List.copyOf(strokes),
                    List.copyOf(overPressure),
                    List.copyOf(spots),
                    Engine.VERSION,
                    new Limits(
                            limits.version(),
                            limits.lightCn() / 100.0,
                            limits.moderateCn() / 100.0,
                            limits.tooDeepCn() / 100.0,
                            limits.ceilingCn() / 100.0));
        }
    }

    private static StrokeFound stroke(@Nullable String tool, @Nullable Long boot, Stroke stroke) {
        return new StrokeFound(
                tool,
                boot,
                stroke.firstIndex(),
                stroke.lastIndex(),
                stroke.startUs(),
                stroke.startUs() + stroke.durationUs(),
                Findings.rounded(stroke.peakCn() / 100, 1000),
                Findings.rounded(stroke.impulseNs(), 10_000),
                Findings.rounded(stroke.meanN(), 1000),
                stroke.riseTimeS(),
                stroke.timeInZoneS(),
                stroke.overUs() / 1e6,
                stroke.ceilingHit(),
                Findings.rounded(stroke.gapPercent(), 10),
                stroke.hold(),
                stroke.interrupted(),
                stroke.angleDeg(),
                stroke.direction());
    }

    private static SpotFound spot(@Nullable String tool, @Nullable Long boot, Spot spot) {
        return new SpotFound(
                tool,
                boot,
                spot.startUs(),
                spot.startUs() + spot.dwellUs(),
                spot.dwellUs() / 1e6,
                spot.firstIndex(),
                spot.lastIndex(),
                spot.strokes(),
                spot.interrupted());
    }
}

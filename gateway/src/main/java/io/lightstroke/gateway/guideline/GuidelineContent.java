package io.lightstroke.gateway.guideline;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** What a guideline says; {@code guideline.schema.json} states names and ranges. Mappings keep the document's order. */
public record GuidelineContent(
        String version,
        String title,
        String disclaimer,
        Map<String, String> sources,
        Group<BaseLimits> limits,
        Group<Regions> regions,
        Group<Map<String, Profile>> profiles,
        Group<OverrideRule> override,
        Group<BruiseRule> bruises,
        Group<Caps> caps,
        Group<RestRule> rest,
        Group<Screening> screening,
        Group<Map<String, String>> checklist) {

    /**
     * Values that belong together.
     *
     * @param source ids of {@link #sources}
     */
    public record Group<T>(T value, List<String> source, String uncertainty) {
        public Group {
            source = List.copyOf(source);
        }
    }

    /** Newtons, before any factor. */
    public record BaseLimits(
            @JsonProperty("light_N") BigDecimal lightN,
            @JsonProperty("moderate_N") BigDecimal moderateN,
            @JsonProperty("too_deep_N") BigDecimal tooDeepN,
            @JsonProperty("ceiling_N") BigDecimal ceilingN) {
        static final BigDecimal MAX_N = BigDecimal.valueOf(PressureLimits.ABSOLUTE_CEILING_CN, 2);

        /** Light, moderate, too deep, ceiling: pressed down to 14 N before the bruises' factor, not rounded. */
        List<BigDecimal> times(BigDecimal factor, BigDecimal bruises) {
            return List.of(lightN, moderateN, tooDeepN, ceilingN).stream()
                    .map(newtons -> newtons.multiply(factor).min(MAX_N).multiply(bruises))
                    .toList();
        }

        /** Half up to 0.1 N. */
        static BigDecimal rounded(BigDecimal newtons) {
            return newtons.setScale(1, RoundingMode.HALF_UP);
        }
    }

    public record Regions(List<Offered> offered, List<NotOffered> notOffered) {
        /** @param regions ids to names */
        public record Offered(BigDecimal factor, Map<String, String> regions) {
            public Offered {
                regions = InOrder.copy(regions);
            }
        }

        /** @param regions ids to names */
        public record NotOffered(String reason, Map<String, String> regions) {
            public NotOffered {
                regions = InOrder.copy(regions);
            }
        }

        public Regions {
            offered = List.copyOf(offered);
            notOffered = List.copyOf(notOffered);
        }
    }

    public record Profile(String name, BigDecimal factor) {}

    /** @param largestFactor that a practitioner may set */
    public record OverrideRule(BigDecimal largestFactor) {}

    public GuidelineContent {
        sources = InOrder.copy(sources);
        profiles = new Group<>(InOrder.copy(profiles.value()), profiles.source(), profiles.uncertainty());
        checklist = new Group<>(InOrder.copy(checklist.value()), checklist.source(), checklist.uncertainty());
    }
}

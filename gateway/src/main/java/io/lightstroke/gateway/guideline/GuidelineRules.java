package io.lightstroke.gateway.guideline;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.guideline.GuidelineContent.BaseLimits;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What no schema says of a guideline: values that must fit each other. The document may be wrong in any other way. */
final class GuidelineRules {
    private static final BigDecimal STEP_N = new BigDecimal("0.1");
    private static final BigDecimal CONTACT_N = BigDecimal.valueOf(PressureLimits.CONTACT_CN, 2);

    private final JsonNode document;
    private final Consumer<String> mistake;

    private GuidelineRules(JsonNode document, Consumer<String> mistake) {
        this.document = document;
        this.mistake = mistake;
    }

    static void check(JsonNode document, Consumer<String> mistake) {
        GuidelineRules rules = new GuidelineRules(document, mistake);
        rules.checkSources();
        Set<String> regions = rules.checkRegions();
        rules.checkScreening(regions);
        rules.checkLimits();
        rules.ascend("caps.value", List.of("spot_prompt_s", "spot_s"), true);
        rules.ascend("caps.value", List.of("spot_s", "area_s", "session_s"), false);
        rules.ascend("rest.value", List.of("course_weeks_min", "course_weeks_max"), false);
        rules.ascend("rest.value", List.of("review_week", "course_weeks_max"), false);
        rules.ascend("bruises.value", List.of("too_deep_bruised", "too_deep_of_last"), false);
    }

    /** Rounded, the lowest is above contact, and they ascend: each exact value is a step of 0.1 N or more above the one before. */
    static boolean fit(List<BigDecimal> newtons) {
        BigDecimal lowest = BaseLimits.rounded(newtons.get(0));
        for (int i = 1; i < newtons.size(); i++) {
            if (newtons.get(i).subtract(newtons.get(i - 1)).compareTo(STEP_N) < 0) {
                return false;
            }
        }
        return lowest.compareTo(CONTACT_N) > 0;
    }

    private void checkSources() {
        JsonNode sources = document.path("sources");
        document.properties().forEach(group -> {
            int i = 0;
            for (JsonNode source : group.getValue().path("source")) {
                if (source.isTextual() && !sources.has(source.textValue())) {
                    mistake.accept("%s.source[%d]: want one of sources (%s), got %s"
                            .formatted(group.getKey(), i, String.join(", ", names(sources)), source));
                }
                i++;
            }
        });
    }

    private Set<String> checkRegions() {
        Set<String> seen = new HashSet<>();
        for (String list : List.of("offered", "not_offered")) {
            int i = 0;
            for (JsonNode group : document.at("/regions/value/" + list)) {
                for (String region : names(group.path("regions"))) {
                    if (!seen.add(region)) {
                        mistake.accept("regions.value.%s[%d].regions.%s: want each region once, got it again"
                                .formatted(list, i, region));
                    }
                }
                i++;
            }
        }
        return seen;
    }

    private void checkScreening(Set<String> regions) {
        JsonNode screening = document.at("/screening/value");
        JsonNode absolute = screening.path("absolute");
        JsonNode relative = screening.path("relative");
        for (String condition : names(relative)) {
            if (absolute.has(condition)) {
                mistake.accept("screening.value.relative.%s: want each condition once, got it under absolute too"
                        .formatted(condition));
            }
        }
        screening.path("never_on").properties().forEach(entry -> {
            String path = "screening.value.never_on." + entry.getKey();
            if (!absolute.has(entry.getKey()) && !relative.has(entry.getKey())) {
                mistake.accept(path + ": want a condition of absolute or relative, got an unknown name");
            }
            int i = 0;
            for (JsonNode region : entry.getValue()) {
                if (region.isTextual() && !regions.contains(region.textValue())) {
                    mistake.accept("%s[%d]: want one of the regions, got %s".formatted(path, i, region));
                }
                i++;
            }
        });
    }

    /** Every region and profile, with the fewest and the most that factors can do; what lies between is then right too. */
    private void checkLimits() {
        Optional<BaseLimits> base = base();
        BigDecimal largest =
                number(document.at("/override/value/largest_factor")).orElse(BigDecimal.ONE);
        BigDecimal bruises =
                number(document.at("/bruises/value/smallest_factor")).orElse(BigDecimal.ONE);
        if (base.isEmpty() || !ascend("limits.value", BASE, true)) {
            return;
        }
        int i = 0;
        for (JsonNode group : document.at("/regions/value/offered")) {
            Optional<BigDecimal> region = number(group.path("factor"));
            String path = "regions.value.offered[%d].factor".formatted(i++);
            document.at("/profiles/value").properties().forEach(profile -> {
                Optional<BigDecimal> factor = number(profile.getValue().path("factor"));
                if (region.isPresent() && factor.isPresent()) {
                    checkLimits(
                            "%s with profile %s".formatted(path, profile.getKey()),
                            base.get(),
                            region.get().multiply(factor.get()),
                            largest,
                            bruises);
                }
            });
        }
    }

    private void checkLimits(
            String path, BaseLimits base, BigDecimal factor, BigDecimal largestOverride, BigDecimal smallestBruises) {
        BigDecimal ceiling = base.ceilingN().multiply(factor);
        if (ceiling.compareTo(BaseLimits.MAX_N) > 0) {
            mistake.accept("%s: want a ceiling of at most 14 N, got %s N".formatted(path, plain(ceiling)));
            return;
        }
        Map.of("no override", BigDecimal.ONE, "override " + largestOverride, largestOverride)
                .forEach((words, override) -> {
                    List<BigDecimal> newtons = base.times(factor.multiply(override), smallestBruises);
                    if (!fit(newtons)) {
                        mistake.accept("%s, %s and bruises %s: want limits above 0.5 N, 0.1 N or more apart, got %s N"
                                .formatted(path, words, smallestBruises, plain(newtons)));
                    }
                });
    }

    private static final List<String> BASE = List.of("light_N", "moderate_N", "too_deep_N", "ceiling_N");

    private Optional<BaseLimits> base() {
        List<BigDecimal> values = BASE.stream()
                .map(name -> number(document.at("/limits/value/" + name)))
                .flatMap(Optional::stream)
                .toList();
        return values.size() == BASE.size()
                ? Optional.of(new BaseLimits(values.get(0), values.get(1), values.get(2), values.get(3)))
                : Optional.empty();
    }

    /** Whether the values that are there ascend. */
    private boolean ascend(String path, List<String> names, boolean strictly) {
        JsonNode group = document.at("/" + path.replace('.', '/'));
        List<BigDecimal> values = names.stream()
                .map(name -> number(group.path(name)))
                .flatMap(Optional::stream)
                .toList();
        for (int i = 1; i < values.size(); i++) {
            int order = values.get(i - 1).compareTo(values.get(i));
            if (order > 0 || (strictly && order == 0)) {
                mistake.accept("%s: want %s, got %s"
                        .formatted(path, String.join(strictly ? " < " : " <= ", names), plain(values)));
                return false;
            }
        }
        return true;
    }

    static String plain(List<BigDecimal> numbers) {
        return String.join(", ", numbers.stream().map(GuidelineRules::plain).toList());
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    /** NaN and infinities are no numbers here; the schema names them. */
    private static Optional<BigDecimal> number(JsonNode node) {
        return node.isNumber() && Double.isFinite(node.doubleValue())
                ? Optional.of(node.decimalValue())
                : Optional.empty();
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}

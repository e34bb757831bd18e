package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.messages.InvalidDocumentException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Whatever a guideline says and whatever factors are asked for: limits stand above contact, ascend, and end at 14 N. */
class GuidelinePropertyTest {
    /** The built-in one with other numbers, right or wrong. */
    @Provide
    Arbitrary<String> guidelines() {
        Arbitrary<List<BigDecimal>> limits = decimals("0.4", "14.6", 2)
                .list()
                .ofSize(4)
                .map(values -> values.stream().sorted().toList());
        Arbitrary<BigDecimal> factors = Arbitraries.oneOf(
                decimals("0.05", "2.1", 3), decimals("0.5", "1.0", 1), Arbitraries.just(BigDecimal.ONE));
        return Combinators.combine(
                        limits,
                        factors.list().ofSize(4),
                        factors,
                        decimals("0.9", "2.1", 2),
                        decimals("0.05", "1.0", 2),
                        decimals("0.05", "1.0", 2))
                .as((base, regions, profile, override, bruise, smallest) -> Guideline.builtIn()
                        .text()
                        .replace("version: lightstroke-1", "version: any")
                        .replace("light_N: 3.0", "light_N: " + base.get(0))
                        .replace("moderate_N: 6.5", "moderate_N: " + base.get(1))
                        .replace("too_deep_N: 9.0", "too_deep_N: " + base.get(2))
                        .replace("ceiling_N: 14.0", "ceiling_N: " + base.get(3))
                        .replace("- factor: 1.0", "- factor: " + regions.get(0))
                        .replace("- factor: 0.8", "- factor: " + regions.get(1))
                        .replace("- factor: 0.7", "- factor: " + regions.get(2))
                        .replace("- factor: 0.6", "- factor: " + regions.get(3))
                        .replace("older\", factor: 0.7", "older\", factor: " + profile)
                        .replace("largest_factor: 1.3", "largest_factor: " + override)
                        .replace(" factor: 0.85", " factor: " + bruise)
                        .replace("smallest_factor: 0.5", "smallest_factor: " + smallest));
    }

    /** Those with numbers that a practitioner might choose, so that most are right. */
    @Provide
    Arbitrary<String> likelyGuidelines() {
        return Combinators.combine(
                        decimals("2.5", "4.5", 3),
                        decimals("1.0", "3.0", 3),
                        decimals("1.0", "2.0", 3),
                        decimals("1.0", "8.0", 3),
                        decimals("0.6", "1.0", 3),
                        decimals("0.7", "1.1", 3),
                        decimals("1.0", "1.6", 3),
                        decimals("0.4", "0.95", 3))
                .as((light, toModerate, toTooDeep, toCeiling, region, profile, override, smallest) -> {
                    BigDecimal moderate = light.add(toModerate);
                    BigDecimal tooDeep = moderate.add(toTooDeep);
                    BigDecimal ceiling = tooDeep.add(toCeiling).min(new BigDecimal("14"));
                    return Guideline.builtIn()
                            .text()
                            .replace("light_N: 3.0", "light_N: " + light)
                            .replace("moderate_N: 6.5", "moderate_N: " + moderate)
                            .replace("too_deep_N: 9.0", "too_deep_N: " + tooDeep)
                            .replace("ceiling_N: 14.0", "ceiling_N: " + ceiling)
                            .replace("- factor: 0.6", "- factor: " + region)
                            .replace("older\", factor: 0.7", "older\", factor: " + profile)
                            .replace("largest_factor: 1.3", "largest_factor: " + override)
                            .replace("smallest_factor: 0.5", "smallest_factor: " + smallest);
                });
    }

    private static Arbitrary<BigDecimal> decimals(String from, String to, int digits) {
        return Arbitraries.bigDecimals()
                .between(new BigDecimal(from), new BigDecimal(to))
                .ofScale(digits);
    }

    private static Optional<Guideline> parsed(String text) {
        try {
            return Optional.of(Guideline.parse("any", text));
        } catch (InvalidDocumentException refused) {
            return Optional.empty();
        }
    }

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void anyNumbersAreRefusedOrGiveLimitsUpTo14N(
            @ForAll("guidelines") String text,
            @ForAll @DoubleRange(min = 1, max = 2) double override,
            @ForAll @IntRange(max = 30) int bruises) {
        parsed(text).ifPresent(guideline -> checkEvery(guideline, override, bruises));
    }

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void aRightGuidelineGivesLimitsForAllItOffersUpTo14N(
            @ForAll("likelyGuidelines") String text,
            @ForAll @DoubleRange(min = 1, max = 2) double override,
            @ForAll @IntRange(max = 30) int bruises) {
        Optional<Guideline> guideline = parsed(text);
        Assume.that(guideline.isPresent());
        checkEvery(guideline.get(), override, bruises);
    }

    @Property(tries = 300)
    void anyOverrideAtAllIsRefusedOrKeepsTo14N(@ForAll double override, @ForAll @IntRange(max = 9) int bruises) {
        try {
            PressureLimits limits = Guideline.builtIn().limits("calf", "standard", override, bruises);
            assertTrue(override > 0 && override <= 1.3);
            assertTrue(limits.ceilingCn() <= 1400);
        } catch (IllegalArgumentException refused) {
            assertTrue(String.valueOf(refused.getMessage()).startsWith("override: want "), refused.getMessage());
        }
    }

    @Property(tries = 300)
    void brokenTextGivesTheOneException(@ForAll Random random) {
        StringBuilder text = new StringBuilder(Guideline.builtIn().text());
        for (int i = 0; i < 3; i++) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.setCharAt(at, (char) (' ' + random.nextInt(95)));
                default -> text.setLength(Math.max(1, at));
            }
        }
        parsed(text.toString()).ifPresent(guideline -> checkEvery(guideline, 1, 0));
    }

    /** An override above what the guideline allows is replaced by its largest. */
    private static void checkEvery(Guideline guideline, double wanted, int bruises) {
        double override = Math.min(
                wanted, guideline.content().override().value().largestFactor().doubleValue());
        for (String region : guideline.regions().keySet()) {
            for (String profile : guideline.profiles().keySet()) {
                PressureLimits limits = guideline.limits(region, profile, override, bruises);
                // The record itself refuses what does not ascend from 0.5 N to 14 N; see PressureLimitsTest.
                assertTrue(limits.ceilingCn() <= 1400, limits.toString());
                assertEquals(0, limits.lightCn() % 10 + limits.moderateCn() % 10 + limits.tooDeepCn() % 10);
                assertEquals(0, limits.ceilingCn() % 10);
                PressureLimits without = guideline.limits(region, profile, override, 0);
                assertTrue(limits.ceilingCn() <= without.ceilingCn(), limits + " above " + without);
                assertTrue(limits.tooDeepCn() <= without.tooDeepCn(), limits + " above " + without);
            }
        }
    }
}

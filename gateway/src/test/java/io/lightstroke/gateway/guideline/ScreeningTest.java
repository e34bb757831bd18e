package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lightstroke.gateway.guideline.Screening.Outcome;
import io.lightstroke.gateway.guideline.Screening.Verdict;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScreeningTest {
    private static final Screening SCREENING = Guideline.builtIn().screening();

    private static Verdict verdict(String condition, String region) {
        return SCREENING.outcome(Set.of(condition), region).verdict();
    }

    @Test
    void nothingTickedIsClear() {
        assertEquals(new Outcome(Verdict.CLEAR, List.of()), SCREENING.outcome(Set.of(), "calf"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open-wound",
                "unstable-fracture",
                "thrombosis",
                "hypertension",
                "infection",
                "osteomyelitis",
                "bleeding-disorder"
            })
    void absoluteConditionsBlockAtHome(String condition) {
        assertEquals(Verdict.BLOCKED_AT_HOME, verdict(condition, "calf"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anticoagulants",
                "cancer",
                "varicose-veins",
                "burn-scar",
                "pregnancy",
                "rheumatoid-arthritis",
                "osteoporosis",
                "crps",
                "neuropathy",
                "lymphoedema",
                "kidney-disease",
                "recent-surgery",
                "thin-skin",
                "eczema"
            })
    void relativeConditionsNeedClearance(String condition) {
        assertEquals(Verdict.NEEDS_CLEARANCE, verdict(condition, "calf"));
    }

    @Test
    void pregnancyForbidsTheLowBackAndTheAbdomen() {
        assertEquals(Verdict.BLOCKED, verdict("pregnancy", "lumbar"));
        assertEquals(Verdict.BLOCKED, verdict("pregnancy", "abdomen"));
    }

    @Test
    void theStrictestDecidesAndIsNamed() {
        assertEquals(
                new Outcome(Verdict.BLOCKED_AT_HOME, List.of("open wound", "infection")),
                SCREENING.outcome(List.of("eczema", "open-wound", "cancer", "infection", "open-wound"), "calf"));
        assertEquals(
                new Outcome(Verdict.NEEDS_CLEARANCE, List.of("eczema", "cancer")),
                SCREENING.outcome(List.of("eczema", "cancer"), "calf"));
    }

    @Test
    void anUnknownConditionIsNoClearance() {
        assertEquals(
                "got flu",
                assertThrows(IllegalArgumentException.class, () -> verdict("flu", "calf"))
                        .getMessage()
                        .replaceAll(".*, ", ""));
    }

    @Test
    void theSignsThatEndASession() {
        assertEquals(
                List.of("sharp or radiating pain", "numbness", "tingling", "spreading swelling or bruising"),
                List.copyOf(SCREENING.stopAtOnce().values()));
    }
}

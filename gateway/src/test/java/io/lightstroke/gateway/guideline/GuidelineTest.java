package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.messages.InvalidDocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuidelineTest {
    private static final Guideline BUILT_IN = Guideline.builtIn();

    private static List<Integer> cn(PressureLimits limits) {
        return List.of(limits.lightCn(), limits.moderateCn(), limits.tooDeepCn(), limits.ceilingCn());
    }

    @ParameterizedTest
    @CsvSource({
        "calf, 300, 650, 900, 1400",
        "thigh, 300, 650, 900, 1400",
        "glute, 300, 650, 900, 1400",
        "lumbar, 300, 650, 900, 1400",
        "shoulder, 240, 520, 720, 1120",
        "mid-back, 240, 520, 720, 1120",
        "upper-arm, 240, 520, 720, 1120",
        "forearm, 210, 460, 630, 980", // 6.5 × 0.7 = 4.55, half up
        "foot, 210, 460, 630, 980",
        "near-bone, 210, 460, 630, 980",
        "neck-back, 180, 390, 540, 840",
        "upper-trapezius, 180, 390, 540, 840"
    })
    void theTableOfTheRegions(String region, int light, int moderate, int tooDeep, int ceiling) {
        PressureLimits limits = BUILT_IN.limits(region, "standard");

        assertEquals(List.of(light, moderate, tooDeep, ceiling), cn(limits));
        assertEquals("lightstroke-1 " + region + " standard", limits.version());
    }

    @Test
    void theTableHasEveryRegionThatIsOffered() {
        assertEquals(
                Set.of(
                        "calf",
                        "thigh",
                        "glute",
                        "lumbar",
                        "shoulder",
                        "mid-back",
                        "upper-arm",
                        "forearm",
                        "foot",
                        "near-bone",
                        "neck-back",
                        "upper-trapezius"),
                BUILT_IN.regions().keySet());
    }

    /** By hand, exactly and then rounded half up once. */
    @ParameterizedTest
    @CsvSource({
        "calf, sensitive, 1, 0, 210, 460, 630, 980, lightstroke-1 calf sensitive",
        "neck-back, sensitive, 1, 0, 130, 270, 380, 590, lightstroke-1 neck-back sensitive", // 1.26 2.73 3.78 5.88
        "calf, standard, 1.3, 0, 390, 850, 1170, 1400, lightstroke-1 calf standard x1.3", // 8.45; 18.2 stops at 14
        "shoulder, standard, 1.3, 0, 310, 680, 940, 1400, lightstroke-1 shoulder standard x1.3", // 3.12 6.76 9.36 14.56
        "calf, standard, 0.9, 0, 270, 590, 810, 1260, lightstroke-1 calf standard x0.9", // 5.85
        "calf, standard, 1, 1, 260, 550, 770, 1190, lightstroke-1 calf standard bruises 1", // 2.55 5.525 7.65 11.9
        "calf, standard, 1, 2, 220, 470, 650, 1010, lightstroke-1 calf standard bruises 2", // ×0.7225
        "calf, standard, 1, 4, 160, 340, 470, 730, lightstroke-1 calf standard bruises 4", // ×0.52200625
        "calf, standard, 1, 5, 150, 330, 450, 700, lightstroke-1 calf standard bruises 5", // 0.4437 stops at 0.5
        "calf, standard, 1, 2000000000, 150, 330, 450, 700, lightstroke-1 calf standard bruises 2000000000",
        "calf, standard, 1.3, 1, 330, 720, 990, 1190, lightstroke-1 calf standard x1.3 bruises 1", // 14 × 0.85
        "upper-trapezius, sensitive, 1, 5, 60, 140, 190, 290, lightstroke-1 upper-trapezius sensitive bruises 5"
    })
    void factorsMultiply(
            String region,
            String profile,
            double override,
            int bruises,
            int light,
            int moderate,
            int tooDeep,
            int ceiling,
            String version) {
        PressureLimits limits = BUILT_IN.limits(region, profile, override, bruises);

        assertEquals(List.of(light, moderate, tooDeep, ceiling), cn(limits));
        assertEquals(version, limits.version());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "neck-front | standard | 1 | 0 | region: front of the neck is not offered: large vessels, the airway and nerves lie close under the skin",
                "spine | standard | 1 | 0 | region: over the spine is not offered: the tool would press on bone, with no muscle between",
                "bone | standard | 1 | 0 | region: over bone is not offered: the tool would press on bone, with no muscle between",
                "abdomen | standard | 1 | 0 | region: abdomen is not offered: organs lie below, with no bone before them",
                "groin | standard | 1 | 0 | region: groin is not offered: vessels, nerves and lymph nodes lie close under the skin",
                "breast | standard | 1 | 0 | region: breast is not offered: glandular tissue, not muscle",
                "knee-back | standard | 1 | 0 | region: behind the knee is not offered: vessels, nerves and lymph nodes lie close under the skin",
                "tail | standard | 1 | 0 | region: want one of calf, thigh, glute, lumbar, shoulder, mid-back, upper-arm, forearm, foot, near-bone, neck-back, upper-trapezius, got tail",
                "calf | strong | 1 | 0 | profile: want one of standard, sensitive, got strong",
                "calf | standard | 1.31 | 0 | override: want a factor above 0 and at most 1.3, got 1.31",
                "calf | standard | 0 | 0 | override: want a factor above 0 and at most 1.3, got 0.0",
                "calf | standard | -1 | 0 | override: want a factor above 0 and at most 1.3, got -1.0",
                "calf | standard | NaN | 0 | override: want a factor above 0 and at most 1.3, got NaN",
                "calf | standard | 0.1 | 0 | override: want limits above 0.5 N, 0.1 N or more apart, got 0.3, 0.7, 0.9, 1.4 N from 0.1",
                "calf | standard | 1 | -1 | bruises: want 0 or more, got -1"
            })
    void whatIsNotOfferedIsRefusedInWords(String region, String profile, double override, int bruises, String words) {
        assertEquals(
                words,
                assertThrows(IllegalArgumentException.class, () -> BUILT_IN.limits(region, profile, override, bruises))
                        .getMessage());
    }

    @Test
    void capsAndRestAreThoseOfTheTechnique() {
        assertEquals(new Caps(10, 15, 180, 900), BUILT_IN.caps());
        assertEquals(180, BUILT_IN.caps().areaS());
        assertEquals(48, BUILT_IN.rest().areaH());
        assertEquals(3, BUILT_IN.rest().sessionsPerWeek());
        assertEquals(4, BUILT_IN.rest().courseWeeksMin());
        assertEquals(6, BUILT_IN.rest().courseWeeksMax());
        assertEquals(6, BUILT_IN.rest().reviewWeek());
        assertEquals(Set.of("redness", "soreness"), BUILT_IN.rest().mustBeGone().keySet());
        assertEquals(Set.of("emollient", "screening"), BUILT_IN.checklist().keySet());
    }

    @Test
    void theTextIsKeptAndReadBack() throws Exception {
        Guideline again = Guideline.parse("kept", BUILT_IN.text());

        assertEquals(BUILT_IN.content(), again.content());
        assertEquals(BUILT_IN.text(), again.text());
        assertEquals(BUILT_IN.fingerprint(), again.fingerprint());
        assertTrue(again.fingerprint().matches("[0-9a-f]{64}"));
        assertNotEquals(
                again.fingerprint(),
                Guideline.parse("kept", BUILT_IN.text() + "# note\n").fingerprint());
    }

    @Test
    void anOwnFileMayNotBearTheBuiltInVersionForOtherValues(@TempDir Path folder) throws Exception {
        Path own = folder.resolve("own.yaml");
        Files.writeString(own, BUILT_IN.text().replace("light_N: 3.0", "light_N: 2.8"));
        assertEquals(
                List.of("version: want one of its own for other values than the built-in, got \"lightstroke-1\""),
                assertThrows(InvalidDocumentException.class, () -> Guideline.read(own))
                        .mistakes());

        Files.writeString(
                own,
                BUILT_IN.text()
                        .replace("light_N: 3.0", "light_N: 2.8")
                        .replace("version: lightstroke-1", "version: ours-1"));
        assertEquals(
                new PressureLimits("ours-1 calf standard", 280, 650, 900, 1400),
                Guideline.read(own).limits("calf", "standard"));

        Files.writeString(own, BUILT_IN.text() + "# a copy\n");
        assertEquals(BUILT_IN.content(), Guideline.read(own).content());
    }

    @Test
    void otherBytesThanTextAreAMistake(@TempDir Path folder) throws Exception {
        Path own = Files.write(folder.resolve("own.yaml"), new byte[] {(byte) 0xC3, 0x28});
        assertEquals(
                List.of("want text in UTF-8, got other bytes"),
                assertThrows(InvalidDocumentException.class, () -> Guideline.read(own))
                        .mistakes());
    }
}

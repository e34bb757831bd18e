package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.messages.InvalidDocumentException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built-in guideline, spoilt in one place or several. */
class GuidelineMistakesTest {
    private static List<String> mistakes(String text) {
        return assertThrows(InvalidDocumentException.class, () -> Guideline.parse("own.yaml", text))
                .mistakes();
    }

    private static String spoilt(String right, String wrong) {
        String text = Guideline.builtIn().text();
        assertTrue(text.contains(right), right);
        return text.replace(right, wrong);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "version: lightstroke-1 | version: Ours | version: want a name for these values, 1–64 of a-z, 0-9 and inner hyphens, got \"Ours\"",
                "ceiling_N: 14.0 | ceiling: 14.0 | limits.value.ceiling: want one of light_N, moderate_N, too_deep_N, ceiling_N, got an unknown name;"
                        + "limits.value.ceiling_N: want newtons above 0.5 and at most 14, got nothing",
                "light_N: 3.0 | light_N: 6.5 | limits.value: want light_N < moderate_N < too_deep_N < ceiling_N, got 6.5, 6.5, 9, 14",
                "light_N: 3.0 | light_N: 0.5 | limits.value.light_N: want newtons above 0.5 and at most 14, got 0.5;"
                        + "regions.value.offered[3].factor with profile sensitive, no override and bruises 0.5: want limits above 0.5 N, 0.1 N or more apart, got 0.105, 1.365, 1.89, 2.94 N;"
                        + "regions.value.offered[3].factor with profile sensitive, override 1.3 and bruises 0.5: want limits above 0.5 N, 0.1 N or more apart, got 0.1365, 1.7745, 2.457, 3.822 N;*",
                "factor: 1.0} | factor: 1.01} | regions.value.offered[0].factor with profile standard: want a ceiling of at most 14 N, got 14.14 N",
                "factor: 0.6 | factor: 0.5 | regions.value.offered[3].factor with profile sensitive, no override and bruises 0.5: want limits above 0.5 N, 0.1 N or more apart, got 0.525, 1.1375, 1.575, 2.45 N",
                "largest_factor: 1.3 | largest_factor: 1.55 | regions.value.offered[0].factor with profile standard, override 1.55 and bruises 0.5: want limits above 0.5 N, 0.1 N or more apart, got 2.325, 5.0375, 6.975, 7 N",
                "foot: foot | calf: calf | regions.value.offered[2].regions.calf: want each region once, got it again",
                "breast: breast | thigh: breast | regions.value.not_offered[4].regions.thigh: want each region once, got it again",
                "spot_prompt_s: 10 | spot_prompt_s: 15 | caps.value: want spot_prompt_s < spot_s, got 15, 15",
                "area_s: 180 | area_s: 14 | caps.value: want spot_s <= area_s <= session_s, got 15, 14, 900",
                "session_s: 900 | session_s: 100 | caps.value: want spot_s <= area_s <= session_s, got 15, 180, 100",
                "course_weeks_min: 4 | course_weeks_min: 7 | rest.value: want course_weeks_min <= course_weeks_max, got 7, 6",
                "review_week: 6 | review_week: 7 | rest.value: want review_week <= course_weeks_max, got 7, 6",
                "{redness: redness, soreness: soreness} | {redness: redness} | rest.value.must_be_gone.soreness: want a name in one line, got nothing",
                "too_deep_bruised: 2 | too_deep_bruised: 4 | bruises.value: want too_deep_bruised <= too_deep_of_last, got 4, 3",
                "factor: 0.85 | factor: 1.0 | bruises.value.factor: want the factor for each bruise reported, 0.1 to 0.95, got 1.0",
                "cancer: cancer | infection: infection | screening.value.relative.infection: want each condition once, got it under absolute too",
                "pregnancy: [abdomen, lumbar] | pregnancy: [belly] | screening.value.never_on.pregnancy[0]: want one of the regions, got \"belly\"",
                "pregnancy: [abdomen, lumbar] | age: [lumbar] | screening.value.never_on.age: want a condition of absolute or relative, got an unknown name",
                "source: [technique, judgement] | source: [rumour] | caps.source[0]: want one of sources (martonick-2022, two-hands-2023, baker-2024, cheatham-2021, technique, teaching-texts, judgement), got \"rumour\"",
                "uncertainty: 10–15 | sure: 10–15 | caps.sure: want one of value, source, uncertainty, got an unknown name;"
                        + "caps.uncertainty: want how sure these values are, in one line, got nothing"
            })
    void eachIsNamedWithItsPathWhatWasWantedAndWhatCame(String right, String wrong, String mistakes) {
        List<String> found = mistakes(spoilt(right, wrong));
        List<String> wanted = List.of(mistakes.split(";"));

        if (wanted.get(wanted.size() - 1).equals("*")) {
            assertTrue(found.containsAll(wanted.subList(0, wanted.size() - 1)), found.toString());
        } else {
            assertEquals(wanted, found);
        }
    }

    @Test
    void allAreListedTogether() {
        String text = Guideline.builtIn()
                .text()
                .replace("ceiling_N: 14.0", "ceiling_N: 20")
                .replace("spot_s: 15", "spot_s: long")
                .replace("area_h: 48", "area_h: 4");
        assertEquals(
                List.of(
                        "caps.value.spot_s: want seconds on a spot, a whole number of 2 to 120, got \"long\"",
                        "limits.value.ceiling_N: want newtons above 0.5 and at most 14, got 20",
                        "regions.value.offered[0].factor with profile standard: want a ceiling of at most 14 N, got 20 N",
                        "regions.value.offered[1].factor with profile standard: want a ceiling of at most 14 N, got 16 N",
                        "rest.value.area_h: want hours of rest of an area, a whole number of 24 to 336, got 4"),
                mistakes(text));
    }

    @Test
    void anEmptyFileWantsEveryGroup() {
        assertEquals(13, mistakes("").size());
    }

    @ParameterizedTest
    @CsvSource({".nan, line 29", ".inf, line 29", "1e999, limits.value.light_N"})
    void whatIsNoNumberIsAMistake(String value, String begin) {
        String mistake = mistakes(spoilt("light_N: 3.0", "light_N: " + value)).get(0);
        assertTrue(mistake.startsWith(begin), mistake);
    }
}

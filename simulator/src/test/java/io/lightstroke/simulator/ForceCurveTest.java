package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The person presses as the scenario says, whoever looks and how often. */
class ForceCurveTest {
    private static final long SECOND_US = 1_000_000;
    private static final long TEN_MINUTES_US = 600 * SECOND_US;
    private static final Scenario HOME = Scenario.builtIn("home");

    @Property(tries = 50)
    void theCurveIsTheSameAtAnyRate(
            @ForAll @IntRange(min = 16, max = 1000) int rateHz, @ForAll @IntRange(min = -9, max = 9) int seed) {
        ForceCurve often = new ForceCurve(HOME, seed);
        ForceCurve seldom = new ForceCurve(HOME, seed);
        long periodUs = SECOND_US / rateHz;
        for (long timeUs = 0; timeUs < 20 * SECOND_US; timeUs += periodUs) {
            often.forceN(timeUs + periodUs / 3);
            if (timeUs / periodUs % 3 == 0) {
                assertEquals(often.forceN(timeUs + periodUs / 2), seldom.forceN(timeUs + periodUs / 2));
            }
        }
    }

    @Test
    void theSeedOfTheToolAndTheSeedOfTheScenarioBothMatter() {
        assertEquals(strokes(HOME, 1), strokes(HOME, 1));
        assertNotEquals(strokes(HOME, 1), strokes(HOME, 2));
        Scenario other = new Scenario(
                HOME.name(), HOME.description(), 99, HOME.sensor(), HOME.battery(), HOME.person(), HOME.steps());
        assertNotEquals(strokes(HOME, 1), strokes(other, 1));
    }

    @Test
    void strokesRiseSmoothlyStayTremblingAndFallBackToNothing() {
        for (PlannedStroke stroke : strokes(HOME, 1)) {
            assertEquals(0, stroke.forceN(stroke.startUs() - 1));
            assertEquals(0, stroke.forceN(stroke.endUs()));
            double before = 0;
            double most = 0;
            for (long timeUs = stroke.startUs(); timeUs < stroke.endUs(); timeUs += 1000) {
                double force = stroke.forceN(timeUs);
                assertTrue(force >= 0);
                // half a cosine of at least 0.15 s up to 16.5 N climbs at most 0.18 N in 1 ms
                assertEquals(before, force, 0.2, "from one millisecond to the next");
                before = force;
                most = Math.max(most, force);
            }
            assertEquals(stroke.peakN(), most, stroke.tremorN());
            assertTrue(stroke.tremorHz() >= 8 && stroke.tremorHz() <= 12, stroke.tremorHz() + " Hz");
        }
    }

    @Test
    void theTremorHasItsFrequency() {
        PlannedStroke stroke =
                new PlannedStroke("calf", Scenario.Phase.TREAT, 0, 0, 10 * SECOND_US, 0, 5, 0.3, 9, 0.1, null);
        int upward = 0;
        for (long timeUs = 1000; timeUs < 10 * SECOND_US; timeUs += 1000) {
            upward += stroke.forceN(timeUs - 1000) < 5 && stroke.forceN(timeUs) >= 5 ? 1 : 0;
        }
        assertEquals(90, upward, 1);
    }

    @Test
    void aStepEndsAfterItsStrokesOrItsSecondsAndTheScriptBeginsAnew() {
        Scenario scenario = new Scenario(
                "steps",
                "exact timing",
                1,
                HOME.sensor(),
                HOME.battery(),
                new Scenario.Person(2, 0, 10, 0),
                List.of(
                        step("a", new Scenario.Repeat(2, null), 3), // 2 x (1.0 + 0.5) + 3
                        step("b", new Scenario.Repeat(null, 3.1), 0))); // begin at 0, 1.5, 3.0: three strokes
        List<String> begun = strokes(scenario, 5).stream()
                .limit(7)
                .map(stroke -> stroke.area() + " " + stroke.startUs() / 1e6)
                .toList();
        assertEquals(List.of("a 2.0", "a 3.5", "b 8.0", "b 9.5", "b 11.0", "a 12.5", "a 14.0"), begun);
    }

    private static Scenario.Step step(String area, Scenario.Repeat repeat, double thenPauseS) {
        return new Scenario.Step(area, Scenario.Phase.TREAT, repeat, 5, 0, 1, 0.2, 0.2, 0.5, thenPauseS);
    }

    static LongStream demoSeeds() {
        return LongStream.rangeClosed(1, 20);
    }

    /** The limits are those of the calf: light up to 3.0, moderate up to 6.5, too deep from 9.0 N. */
    @ParameterizedTest
    @MethodSource("demoSeeds")
    void anyHalfMinuteAtHomeIsLightAndModerateAndTooDeep(long seed) {
        List<PlannedStroke> strokes = strokes(HOME, seed);
        for (long fromUs = 0; fromUs + 30 * SECOND_US <= TEN_MINUTES_US; fromUs += SECOND_US / 4) {
            long from = fromUs;
            List<PlannedStroke> within = strokes.stream()
                    .filter(stroke -> stroke.startUs() >= from && stroke.endUs() <= from + 30 * SECOND_US)
                    .toList();
            String when = "from " + fromUs / 1e6 + " s";
            assertTrue(within.stream().anyMatch(stroke -> stroke.peakN() > 1 && stroke.peakN() < 2.8), when);
            assertTrue(within.stream().anyMatch(stroke -> stroke.peakN() > 3.2 && stroke.peakN() < 6.3), when);
            assertTrue(within.stream().anyMatch(stroke -> longestAboveUs(stroke, 9.5) > 300_000), when);
        }
        assertTrue(strokes.stream().anyMatch(stroke -> longestAboveUs(stroke, 14) > 100_000), "a ceiling hit");
        Set<String> areas = strokes.stream().map(PlannedStroke::area).collect(Collectors.toSet());
        assertTrue(areas.size() >= 3, areas.toString());
        assertTrue(strokes.stream().anyMatch(stroke -> stroke.phase() == Scenario.Phase.ASSESS));
    }

    @ParameterizedTest
    @MethodSource("demoSeeds")
    void calmNeverLeavesModerateAndTooDeepMostlyIs(long seed) {
        for (PlannedStroke stroke : strokes(Scenario.builtIn("calm"), seed)) {
            assertEquals(0, longestAboveUs(stroke, 6.5));
        }
        List<PlannedStroke> deep = strokes(Scenario.builtIn("too-deep"), seed);
        long tooDeep = deep.stream()
                .filter(stroke -> longestAboveUs(stroke, 9) > 300_000)
                .count();
        assertTrue(tooDeep > deep.size() / 2, tooDeep + " of " + deep.size());
    }

    private static long longestAboveUs(PlannedStroke stroke, double limitN) {
        long longest = 0;
        long run = 0;
        for (long timeUs = stroke.startUs(); timeUs < stroke.endUs(); timeUs += 5000) {
            run = stroke.forceN(timeUs) >= limitN ? run + 5000 : 0;
            longest = Math.max(longest, run);
        }
        return longest;
    }

    /** Those of the first ten minutes. */
    private static List<PlannedStroke> strokes(Scenario scenario, long seed) {
        List<PlannedStroke> strokes = new ArrayList<>();
        Iterator<PlannedStroke> all = ForceCurve.strokes(scenario, seed);
        for (PlannedStroke stroke = all.next(); stroke.endUs() < TEN_MINUTES_US; stroke = all.next()) {
            strokes.add(stroke);
        }
        return strokes;
    }
}

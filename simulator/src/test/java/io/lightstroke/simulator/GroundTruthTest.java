package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.simulator.GroundTruth.OverPressure;
import io.lightstroke.simulator.GroundTruth.Sampled;
import io.lightstroke.simulator.GroundTruth.Spot;
import io.lightstroke.simulator.GroundTruth.Stroke;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forces made by hand, every 10 ms from index 0 at 0 s on; expected by the rules of docs/protocol.md. */
class GroundTruthTest {
    private static final int PERIOD_US = 10_000;

    private final List<Double> forceN = new ArrayList<>();

    private GroundTruthTest press(double newtons, int samples) {
        for (int i = 0; i < samples; i++) {
            forceN.add(newtons);
        }
        return this;
    }

    private GroundTruth truth() {
        return truth(List.of(new Sampled(0, forceN.size(), 0, PERIOD_US)));
    }

    private GroundTruth truth(List<Sampled> sampled) {
        return GroundTruth.of(
                timeUs -> forceN.get((int) (timeUs / PERIOD_US)),
                ForceCurve.strokes(Scenarios.pressing(1, 5, 0.5, 60), 1),
                sampled,
                Scenario.DEFAULT_LIMITS.ofTool());
    }

    private Stroke onlyStroke() {
        List<Stroke> strokes = truth().strokes();
        assertEquals(1, strokes.size());
        return strokes.get(0);
    }

    @Test
    void aPlateauHasTheAreaBelowIt() {
        Stroke stroke = press(0, 100).press(5, 50).press(0, 50).onlyStroke();
        assertEquals(100, stroke.firstIndex());
        assertEquals(150, stroke.lastIndex());
        assertEquals(1_000_000, stroke.startUs());
        assertEquals(1_500_000, stroke.endUs());
        assertEquals(5, stroke.peakN());
        // 49 steps of 10 ms at 5 N and one from 5 N to nothing
        assertEquals(2.475, stroke.impulseNs(), 1e-12);
        assertEquals(4.95, stroke.meanN(), 1e-12);
        // 10 % and 90 % on the straight line from 0 N at 990 ms to 5 N at 1000 ms
        assertEquals(0.008, stroke.riseTimeS(), 1e-9);
        assertEquals(0.5, stroke.timeInZoneS().get("moderate"));
        assertEquals(0, stroke.overTimeS());
        assertFalse(stroke.hold() || stroke.interrupted() || stroke.ceilingHit());
        assertEquals("calf", stroke.area());
        assertEquals(Scenario.Phase.TREAT, stroke.phase());
        assertNull(stroke.direction());
    }

    @Test
    void eachSampleOwnsTheTimeUpToTheNextInItsZone() {
        press(0, 10)
                .press(0.5, 10)
                .press(3.0, 10)
                .press(3.01, 10)
                .press(6.5, 10)
                .press(8.99, 10)
                .press(9.0, 10);
        Stroke stroke = press(14.0, 10).press(0.4, 10).press(0, 20).onlyStroke();
        assertEquals(
                Map.of("none", 0.1, "light", 0.2, "moderate", 0.2, "firm", 0.1, "too-deep", 0.1, "ceiling", 0.1),
                stroke.timeInZoneS());
        assertEquals(0.8, (stroke.endUs() - stroke.startUs()) / 1e6);
        assertTrue(stroke.ceilingHit());
    }

    @Test
    void theZonesOfABuiltInScenarioAddUpToTheDurations() {
        for (String name : Scenario.BUILT_IN) {
            Scenario scenario = Scenario.builtIn(name);
            GroundTruth truth = GroundTruth.of(
                    scenario,
                    3,
                    List.of(new Sampled(0, 9000, 2_007_000, 7_003)),
                    scenario.limits().ofTool());
            for (Stroke stroke : truth.strokes()) {
                double sumS = stroke.timeInZoneS().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
                assertEquals((stroke.endUs() - stroke.startUs()) / 1e6, sumS, 1e-9, name);
                assertEquals(stroke.meanN() * sumS, stroke.impulseNs(), 1e-9, name);
                assertTrue(stroke.meanN() <= stroke.peakN(), name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"11, 1", "12, 2"})
    void gapsUnder120MsAreBridged(int gap, int strokes) {
        press(0, 10).press(4, 30).press(0, gap).press(4, 30).press(0, 20);
        assertEquals(strokes, truth().strokes().size());
        assertEquals(10, truth().strokes().get(0).firstIndex());
    }

    @ParameterizedTest
    @CsvSource({"19, 0, false", "20, 1, false", "500, 1, false", "501, 1, true"})
    void aStrokeTakes200MsAndMoreThan5SIsAHold(int samples, int strokes, boolean hold) {
        press(0, 10).press(4, samples).press(0, 20);
        assertEquals(strokes, truth().strokes().size());
        assertEquals(hold, truth().strokes().stream().anyMatch(Stroke::hold));
    }

    @Test
    void contactBeginsAtHalfANewtonAndEndsBelowThreeTenths() {
        Stroke stroke =
                press(0.49, 10).press(0.5, 10).press(0.3, 20).press(0.29, 20).onlyStroke();
        assertEquals(10, stroke.firstIndex());
        assertEquals(40, stroke.lastIndex());
    }

    @Test
    void theRiseIsFromTheLastTenthToTheFirstNineTenths() {
        press(0, 10);
        for (int i = 1; i <= 100; i++) {
            forceN.add(i / 10.0); // to 10 N in 1 s
        }
        assertEquals(0.8, press(10, 20).press(0, 20).onlyStroke().riseTimeS(), 1e-9);
    }

    @Test
    void anOverPressureTakes150MsToBeginAnd200MsBelowNineTenthsToEnd() {
        press(0, 100).press(9.0, 15); // 1.00 to 1.14 s: 140 ms
        press(8.9, 10).press(9.0, 60); // from 1.25 s: complete at 1.40 s
        press(8.1, 30).press(8.09, 19); // 180 ms are not enough
        press(8.2, 10).press(8.0, 100); // from 2.44 s: ends at 2.64 s
        assertEquals(List.of(new OverPressure(1_400_000, 2_640_000, false, false)), truth().overPressure());
        assertEquals(1.24, press(0, 20).onlyStroke().overTimeS(), 1e-9);
    }

    @Test
    void theCeilingIsAtOnceAndTheEndOfTheSamplesIsNoEnd() {
        press(0, 100).press(14.0, 1).press(0, 100).press(13.99, 10).press(14.5, 10);
        assertEquals(
                List.of(
                        new OverPressure(1_000_000, 1_210_000, true, false),
                        new OverPressure(2_110_000, 2_200_000, true, true)),
                truth().overPressure());
    }

    @Test
    void aSpotEndsAfterMoreThan3SWithoutContact() {
        press(0, 100)
                .press(4, 100)
                .press(0, 300)
                .press(4, 5)
                .press(0, 301)
                .press(4, 50)
                .press(0, 10);
        assertEquals(
                List.of(new Spot(1_000_000, 5_050_000, 4.05, false), new Spot(8_060_000, 8_560_000, 0.5, false)),
                truth().spots());
    }

    @Test
    void whatSamplingCutsIsMarkedAndASpotGoesOnOverAPause() {
        press(4, 50).press(0, 50).press(4, 50);
        press(0, 100).press(9.5, 50).press(0, 50);
        // nothing is sampled from 1.5 to 2.75 s; then contact is there at once
        GroundTruth truth =
                truth(List.of(new Sampled(0, 150, 0, PERIOD_US), new Sampled(150, 75, 2_750_000, PERIOD_US)));
        assertEquals(
                List.of("0 to 50 true", "100 to 149 true", "150 to 175 true"),
                truth.strokes().stream()
                        .map(stroke -> stroke.firstIndex() + " to " + stroke.lastIndex() + " " + stroke.interrupted())
                        .toList());
        assertEquals(List.of(new OverPressure(2_900_000, 3_200_000, false, false)), truth.overPressure());
        assertEquals(List.of(new Spot(0, 3_000_000, 3, true)), truth.spots());
    }

    @Test
    void aStrokeHasTheMotionThatWasMeant() {
        Scenario.Step toAndFro = new Scenario.Step(
                "calf",
                Scenario.Phase.TREAT,
                new Scenario.Repeat(1, null),
                4,
                0,
                0.5,
                0,
                0,
                0.5,
                0,
                null,
                Scenario.Direction.BACK_AND_FORTH,
                35,
                0);
        Scenario scenario = new Scenario(
                "moving",
                "to and fro",
                1,
                1,
                Scenario.DEFAULT_LIMITS,
                true,
                Scenarios.SENSOR,
                Scenarios.BATTERY,
                Scenario.Clock.TRUE,
                new Scenario.Person(2, 0, 10, 0),
                List.of(toAndFro),
                List.of());
        GroundTruth truth = GroundTruth.of(
                scenario,
                1,
                List.of(new Sampled(0, 600, 0, PERIOD_US)),
                scenario.limits().ofTool());
        assertEquals(
                List.of("35 -1", "35 1", "35 -1", "35 1"),
                truth.strokes().stream()
                        .map(stroke -> stroke.angleDeg() + " " + stroke.direction())
                        .toList());
    }
}

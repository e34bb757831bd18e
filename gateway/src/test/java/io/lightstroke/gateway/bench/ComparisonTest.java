package io.lightstroke.gateway.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.simulator.GroundTruth;
import io.lightstroke.simulator.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The rules of docs/accuracy.md, on findings and truths made by hand. Times in milliseconds, a sample every 10 ms. */
class ComparisonTest {
    private static final PressureLimits LIMITS = new PressureLimits("calf", 300, 650, 900, 1400);

    private final List<GroundTruth.Stroke> truths = new ArrayList<>();
    private final Comparison.Findings findings = new Comparison.Findings();
    private LongToDoubleFunction forceN = ms -> 5;

    private void truth(long startMs, long endMs, double peakN, boolean interrupted) {
        truths.add(new GroundTruth.Stroke(
                startMs / 10,
                endMs / 10,
                startMs * 1000,
                endMs * 1000,
                peakN,
                10,
                4,
                0.1,
                Map.of(),
                0,
                false,
                false,
                interrupted,
                "calf",
                Scenario.Phase.TREAT,
                null,
                null));
    }

    /** All of it in moderate. */
    private void found(long startMs, long endMs, double peakN, double impulseNs) {
        long[] zoneUs = new long[Zone.values().length];
        zoneUs[Zone.MODERATE.ordinal()] = (endMs - startMs) * 1000;
        findings.accept(new EngineEvent.StrokeEnded(new Stroke(
                1,
                startMs / 10,
                endMs / 10,
                startMs * 1000,
                (endMs - startMs) * 1000,
                peakN * 100,
                impulseNs,
                100_000,
                zoneUs,
                0,
                false,
                false,
                false,
                0,
                Phase.TREAT,
                null,
                null,
                "calf")));
    }

    private void foundOverPressure(long feltMs, long endMs) {
        findings.accept(new EngineEvent.OverPressureBegan(1, false, 0, 0, (feltMs + 30) * 1000, feltMs * 1000));
        findings.accept(new EngineEvent.OverPressureEnded(1, false, 0, 0, (endMs + 30) * 1000, endMs * 1000, false));
    }

    private Comparison compared(GroundTruth.OverPressure... latched) {
        long[] timeUs = new long[1000];
        double[] newtons = new double[1000];
        for (int i = 0; i < 1000; i++) {
            timeUs[i] = i * 10_000L;
            newtons[i] = forceN.applyAsDouble(i * 10L);
        }
        GroundTruth truth =
                new GroundTruth(new Scenario.Limits(3.0, 6.5, 9.0, 14.0).ofTool(), truths, List.of(latched), List.of());
        return Comparison.of(0.1, new TrueSamples(timeUs, newtons), truth, findings, LIMITS);
    }

    @Test
    void aStrokeThatOverlapsByMoreThanHalfOfTheUnionIsMatched() {
        truth(1000, 2000, 5, false);
        found(1100, 2050, 5.2, 10.3);
        Comparison compared = compared();

        assertEquals(1, compared.matched().size());
        Comparison.Match match = compared.matched().get(0);
        assertEquals(0.2, match.peakN(), 1e-9);
        assertEquals(4, match.peakPercent(), 1e-9);
        assertEquals(3, match.impulsePercent(), 1e-9);
        assertEquals(50, match.durationMs(), 1e-9);
    }

    @Test
    void halfOfTheUnionIsTooLittle() {
        truth(1000, 2000, 5, false);
        found(1500, 2000, 5, 5);
        Accuracy accuracy = Accuracy.of(List.of(compared()));

        assertEquals(0.0, accuracy.strokePrecision());
        assertEquals(0.0, accuracy.strokeRecall());
        assertNull(accuracy.peakErrorP95N());
    }

    @Test
    void aMissedStrokeLowersTheRecallAndAnInventedOneThePrecision() {
        truth(1000, 2000, 5, false);
        truth(3000, 4000, 5, false);
        truth(5000, 6000, 5, false);
        found(1000, 2000, 5, 10);
        found(3000, 4000, 5, 10);
        found(6500, 7000, 5, 10);
        found(7500, 8000, 5, 10);
        Accuracy accuracy = Accuracy.of(List.of(compared()));

        assertEquals(3, accuracy.strokes());
        assertEquals(0.5, accuracy.strokePrecision());
        assertEquals(0.6667, accuracy.strokeRecall());
    }

    @Test
    void oneStrokeMatchesOneAndTheMoreAlike() {
        truth(1000, 2000, 5, false);
        found(1000, 1600, 5, 10);
        found(990, 2000, 5, 10);
        Comparison compared = compared();

        assertEquals(1, compared.matched().size());
        assertEquals(10, compared.matched().get(0).durationMs(), 1e-9);
        assertEquals(2, compared.found());
    }

    @Test
    void whatTheRecordingCutsIsNotJudged() {
        truth(9500, 9990, 5, true);
        found(9500, 9800, 5, 10);
        Comparison compared = compared();

        assertEquals(0, compared.strokes());
        assertEquals(0, compared.found());
    }

    @Test
    void aClearOverPressureOf200MsMustBeFound() {
        forceN = ms -> ms >= 1000 && ms <= 1200 ? 9.1 : 5;

        assertEquals(1, compared().overPressures());
        assertEquals(1, compared().missed());
        foundOverPressure(1190, 1400);
        assertEquals(0, compared().missed());
    }

    @Test
    void anOverPressureWithinTheBandOrShorterIsNotJudged() {
        forceN = ms -> ms >= 1000 && ms <= 2000 ? 9.09 : ms >= 3000 && ms <= 3190 ? 10 : 5;

        assertEquals(0, compared().overPressures());
    }

    @Test
    void theCeilingMustBeFoundHoweverShort() {
        forceN = ms -> ms == 1000 ? 14.1 : ms == 3000 ? 14.09 : 5;

        assertEquals(1, compared().overPressures());
    }

    @Test
    void anAlarmIsFalseWhereTheForceNeverCameNearTheLimit() {
        forceN = ms -> ms == 1000 ? 8.9 : 5;
        foundOverPressure(500, 890);
        foundOverPressure(600, 900);
        foundOverPressure(1100, 1300);
        foundOverPressure(1110, 1300);

        assertEquals(2, compared().falseAlarms());
    }

    @Test
    void theTimeInAZoneIsJudgedOutsideOfTheBandOnly() {
        // Half a second surely moderate, half a second that may be moderate or firm.
        forceN = ms -> ms < 1500 ? 5 : 6.55;
        truth(1000, 2000, 6.6, false);
        found(1000, 2000, 6.6, 10);
        found(5000, 6000, 6.6, 10);

        assertEquals(0, compared().matched().get(0).zoneUs());

        // Half a second surely firm, of which the engine says moderate: counted once.
        forceN = ms -> ms < 1500 ? 5 : 6.61;
        assertEquals(500_000, compared().matched().get(0).zoneUs());
        assertEquals(50.0, Accuracy.of(List.of(compared())).zoneTimeErrorPercent());
    }

    @Test
    void theDecisionIsTimedFromTheLimitAndFromTheRule() {
        forceN = ms -> ms >= 1000 && ms <= 2000 ? 10 : 5;
        foundOverPressure(1160, 2200);
        Comparison compared = compared(new GroundTruth.OverPressure(1_150_000, 2_210_000, false, false));

        assertEquals(List.of(new Comparison.Latch(190, 40)), compared.latches());
    }

    @Test
    void theP95IsWhat95OfAHundredDoNotExceed() {
        for (int i = 0; i < 5; i++) {
            truth(1000 * i, 1000 * i + 900, 5, false);
            found(1000 * i, 1000 * i + 900, 5 + i * 0.1, 10);
        }

        // 95 % of 5 is 4.75: the fifth.
        assertEquals(0.4, Accuracy.of(List.of(compared())).peakErrorP95N());
        assertEquals(0.0, Accuracy.of(List.of(compared())).durationErrorMedianMs());
    }
}

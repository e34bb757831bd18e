package io.lightstroke.gateway.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AccuracyBenchTest {
    @Test
    void theEngineFindsTheStrokesOfTwentySessions() {
        AtomicInteger done = new AtomicInteger();
        AccuracyBench.Result result = AccuracyBench.run(20, 7, done::incrementAndGet);

        assertEquals(20, done.get());
        assertEquals(20, result.all().sessions());
        assertEquals(20, result.quiet().sessions() + result.noisy().sessions());
        assertTrue(result.all().strokes() > 200, result.toString());
        assertTrue(result.all().overPressureIntervals() > 20, result.toString());
        Double precision = result.all().strokePrecision();
        Double recall = result.all().strokeRecall();
        assertTrue(precision != null && precision >= 0.98, result.toString());
        assertTrue(recall != null && recall >= 0.98, result.toString());
    }

    @Test
    void theSameSeedGivesTheSameResultAndAnotherAnother() {
        AccuracyBench.Result result = AccuracyBench.run(4, 1, () -> {});

        assertEquals(result, AccuracyBench.run(4, 1, () -> {}));
        assertNotEquals(result, AccuracyBench.run(4, 2, () -> {}));
    }

    @Test
    void theJsonHasTheseFieldsAndNoOther() {
        assertEquals(
                "{\"sessions\":2,\"strokes\":3,\"strokePrecision\":1.0,\"strokeRecall\":0.75,\"peakErrorP95N\":0.1,"
                        + "\"peakErrorP95Percent\":2.5,\"impulseErrorP95Percent\":1.5,\"durationErrorMedianMs\":10.0,"
                        + "\"zoneTimeErrorPercent\":0.5,\"overPressureIntervals\":4,\"overPressureMissed\":0,"
                        + "\"falseAlarmsPer1000Strokes\":null}",
                new Accuracy(2, 3, 1.0, 0.75, 0.1, 2.5, 1.5, 10.0, 0.5, 4, 0, null).json());
    }
}

package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The firmware counts what the person does. */
class StrokeCountTest {
    private static final long TEN_MINUTES_US = 600_000_000;

    @ParameterizedTest
    @CsvSource({"home, 100", "calm, 100", "too-deep, 100", "home, 50", "home, 1000"})
    void agreesWithTheScriptWithinOnePercent(String name, int rateHz) {
        Scenario scenario = Scenario.builtIn(name);
        Central central = new Central(scenario, 7);
        central.goOn(1.2);
        assertEquals(Result.OK, central.ask(ControlRequest.start(1, rateHz)).result());
        assertEquals(Result.OK, central.ask(ControlRequest.tare(2)).result());
        central.tool.advanceTo(TEN_MINUTES_US);

        long scripted = 0;
        Iterator<PlannedStroke> strokes = ForceCurve.strokes(scenario, 7);
        while (strokes.next().endUs() < TEN_MINUTES_US) {
            scripted++;
        }
        long counted = central.frames.get(central.frames.size() - 1).strokes();
        assertTrue(scripted > 300, "a script of " + scripted + " strokes in ten minutes");
        assertEquals(scripted, counted, scripted * 0.01);
        assertEquals(counted, central.events(EventFrame.Kind.STROKE_END).size());
    }

    /** Counts 0.2 to 5 s; merges what is less than 120 ms apart. */
    @ParameterizedTest
    @CsvSource({
        "0.10, 1.0, 0",
        "0.15, 1.0, 0",
        "0.30, 1.0, 1",
        "4.80, 1.0, 1",
        "5.20, 1.0, 0",
    })
    void whatIsTooShortIsNoStrokeAndWhatIsTooLongIsAHold(double strokeS, double pauseS, int counted) {
        Central central = new Central(Scenarios.pressing(1, 4, strokeS, pauseS), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(1 + strokeS + 0.5);
        assertEquals(counted, central.events(EventFrame.Kind.STROKE_END).size());
    }

    @Test
    void aShortGapIsPartOfTheStrokeAndALongerOneEndsIt() {
        StrokeCounter counter = new StrokeCounter();
        // 4 N for 300 ms, a gap, 5 N for 300 ms, nothing; every 10 ms
        assertEquals(List.of("700 ms, 5.0 N, last 69"), strokes(counter, 10));
        assertEquals(List.of("300 ms, 4.0 N, last 29", "300 ms, 5.0 N, last 71"), strokes(new StrokeCounter(), 12));
        assertEquals(1, counter.count());
    }

    @Test
    void aStrokeStartsAtHalfANewtonAndEndsBelowThreeTenths() {
        StrokeCounter counter = new StrokeCounter();
        double[] forceN = {0.49, 0.50, 0.31, 0.49, 0.30, 0.29, 0.49, 0.49, 0.49, 0.49};
        StrokeCounter.@Nullable Counted counted = null;
        for (int i = 0; i < forceN.length && counted == null; i++) {
            counted = counter.sample(i, i * 50_000L, forceN[i], null);
        }
        assertEquals(new StrokeCounter.Counted(4, 200_000, 200_000, 0.50, null), counted);
    }

    @Test
    void stoppingCountsTheStrokeThatHasEndedAndForgetsTheOneThatHasNot() {
        for (boolean ended : List.of(true, false)) {
            Central central = new Central(Scenarios.pressing(1, 4, 1, 100), 1);
            central.ask(ControlRequest.start(1, 100));
            central.goOn(ended ? 2.12 : 1.92);
            central.ask(ControlRequest.stop(2));
            int strokes = ended ? 1 : 0;
            assertEquals(strokes, central.events(EventFrame.Kind.STROKE_END).size());
            assertEquals(strokes, central.frames.get(central.frames.size() - 1).strokes());
            central.ask(ControlRequest.start(3, 100));
            central.goOn(3);
            assertEquals(strokes, central.events(EventFrame.Kind.STROKE_END).size());
        }
    }

    @Test
    void theEventSaysPeakDurationAndTheLastSample() {
        Central central = new Central(Scenarios.pressing(2, 4, 1, 100), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(4);
        EventFrame stroke = central.events(EventFrame.Kind.STROKE_END).get(0);
        assertEquals(400, stroke.peakCn(), 1);
        assertEquals(1000, stroke.durationMs(), 50);
        assertEquals(3_000_000, stroke.timeUs(), 50_000);
        assertEquals(stroke.timeUs() / 10_000 - 1, stroke.index());
        assertEquals(1, stroke.strokes());
        assertEquals(EventFrame.ANGLE_UNKNOWN, stroke.angleDeg());
        assertEquals(0, stroke.direction());
        assertEquals(0, stroke.code());
    }

    @Test
    void countingSurvivesAZeroThatDriftsFarForAnHour() {
        Scenario home = Scenario.builtIn("home");
        Scenario.Sensor drifting = new Scenario.Sensor(16, 1000, 30, 0.03, 0.5, 0.2);
        Scenario scenario =
                new Scenario(home.name(), home.description(), 1, drifting, home.battery(), home.person(), home.steps());
        Central central = new Central(scenario, 1).goOn(2);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(3600);
        long scripted = 0;
        Iterator<PlannedStroke> strokes = ForceCurve.strokes(scenario, 1);
        while (strokes.next().endUs() < central.tool.nowUs()) {
            scripted++;
        }
        assertEquals(scripted, central.events(EventFrame.Kind.STROKE_END).size(), scripted * 0.01);
    }

    private static List<String> strokes(StrokeCounter counter, int gapSamples) {
        List<String> counted = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            double forceN = i < 30 ? 4 : i < 30 + gapSamples ? 0 : i < 60 + gapSamples ? 5 : 0;
            StrokeCounter.Counted stroke = counter.sample(i, i * 10_000L, forceN, null);
            if (stroke != null) {
                counted.add("%d ms, %.1f N, last %d"
                        .formatted(stroke.durationUs() / 1000, stroke.peakN(), stroke.lastIndex()));
            }
        }
        return counted;
    }
}

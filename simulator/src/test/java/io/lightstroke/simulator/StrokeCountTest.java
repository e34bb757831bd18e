package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import java.util.Iterator;
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
}

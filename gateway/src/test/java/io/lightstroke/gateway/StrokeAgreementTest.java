package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tool counts its strokes by its own firmware, the gateway by its engine: over ten minutes they must agree. */
class StrokeAgreementTest {
    private static final long WARM_UP_US = 2_000_000;
    private static final long TEN_MINUTES_US = 600_000_000;

    @ParameterizedTest
    @CsvSource({"home, 1", "home, 2", "home, 3", "calm, 1", "too-deep, 1"})
    void theToolsCountAndTheGatewaysAgreeWithinOnePercent(String scenario, long seed) throws Exception {
        SimulatedTool tool =
                SimulatedTools.fleet(1, Scenario.builtIn(scenario), seed).get(0);
        List<byte[]> notifications = new ArrayList<>();
        tool.advanceTo(WARM_UP_US);
        tool.connect(247, Set.of(Gatt.FORCE_STREAM), (characteristic, value) -> notifications.add(value));
        tool.write(Gatt.CONTROL_POINT, ControlRequest.tare(1).encode());
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(2, 100).encode());
        tool.advanceTo(WARM_UP_US + TEN_MINUTES_US);

        Engine engine = new Engine(new PressureLimits("test", 300, 650, 900, 1400));
        long samples = 0;
        long toolStrokes = 0;
        for (byte[] notification : notifications) {
            ForceFrame frame = ForceFrame.decode(notification);
            engine.accept(
                    frame.boot(),
                    frame.first(),
                    frame.timeUs(),
                    frame.periodUs(),
                    frame.has(ForceFrame.SATURATED),
                    frame.forceCn());
            samples += frame.count();
            toolStrokes = frame.strokes();
        }
        assertEquals(60_000, samples, 5);
        assertTrue(toolStrokes > 200, "strokes counted by the tool: " + toolStrokes);
        assertEquals(toolStrokes, engine.strokes(), toolStrokes * 0.01);
    }
}

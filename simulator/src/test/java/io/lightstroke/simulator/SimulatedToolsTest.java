package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedToolsTest {
    @Test
    void eachToolHasAnAddressAndANameOfItsOwn() {
        List<SimulatedTool> fleet = SimulatedTools.fleet(300, Scenario.builtIn("home"), 1);
        assertEquals("02:4C:53:00:00:01", fleet.get(0).identity().address());
        assertEquals("02:4C:53:00:01:2C", fleet.get(299).identity().address());
        assertEquals("Lightstroke 300", fleet.get(299).identity().name());
    }

    @Test
    void anAddressHasANumberOf16Bits() {
        String message = assertThrows(IllegalArgumentException.class, () -> SimulatedTools.address(65_536))
                .getMessage();
        assertEquals("number of a simulated tool: want 1..65535, got 65536", message);
    }
}

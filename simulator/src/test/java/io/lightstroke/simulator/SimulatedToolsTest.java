package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulatedToolsTest {
    @Test
    void theFleetIsNumberedFromOne() {
        Map<String, SimulatedTool> fleet = SimulatedTools.fleet(300, Scenario.builtIn("home"));
        List<String> ids = new ArrayList<>(fleet.keySet());
        assertEquals(300, ids.size());
        assertEquals(List.of("tool-1", "tool-2", "tool-3"), ids.subList(0, 3));
        List<SimulatedTool.Identity> identities =
                fleet.values().stream().map(SimulatedTool::identity).toList();
        assertEquals("02:4C:53:00:00:01", identities.get(0).address());
        assertEquals("Lightstroke 1", identities.get(0).name());
        assertEquals("02:4C:53:00:01:2C", identities.get(299).address());
        assertEquals(300, new HashSet<>(identities).size());
    }

    @Test
    void aFleetOfNoneIsRefused() {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> SimulatedTools.fleet(0, Scenario.builtIn("home")));
        assertEquals("simulated tools: want 1..65535, got 0", thrown.getMessage());
    }
}

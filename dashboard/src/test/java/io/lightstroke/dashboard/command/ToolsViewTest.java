package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class ToolsViewTest {
    private static List<Tool> fleet(int count, String faults) {
        return SimulatedTools.faultyFleet(count, Scenario.builtIn("too-deep"), Fault.parse(faults), 1);
    }

    private static void stream(Tool tool) {
        tool.connect(tool.mtu(247), Set.of(Gatt.FORCE_STREAM), (characteristic, value) -> {});
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
    }

    /** In virtual time; the one streams, the other has streamed until its link was lost. */
    @Test
    void theTableSaysOfEachToolHowItStands() {
        List<Tool> tools = fleet(3, "duplicate=100%@12s, link-loss@2s+1s, low-battery=7%@12s+8s");
        tools.forEach(tool -> tool.advanceTo(4_000_000));
        stream(tools.get(0));
        tools.get(0).advanceTo(14_500_000);
        stream(tools.get(1));
        tools.get(1).disconnect();
        tools.get(1).advanceTo(6_400_000);
        Tool away = tools.get(2);
        Tool lost = SimulatedTools.faulty(
                3, SimulatedTools.address(3), Scenario.builtIn("too-deep"), Fault.parse("link-loss@0s+60s"), 1);
        lost.advanceTo(away.ageUs());
        assertEquals(
                """
                tool            link    force                  zone     strokes battery  stored
                Lightstroke 1   streams FORCE       7     7 %    1050
                  ! low-battery=7% (1) 6 s more, duplicate=100% (50)
                Lightstroke 2   stores  FORCE       1    55 %     240
                Lightstroke 3   away    FORCE       0    55 %       0
                  ! link-loss 56 s more""",
                String.join(
                        "\n",
                        ToolsView.table(List.of(tools.get(0), tools.get(1), lost), Ansi.OFF).stream()
                                .map(line -> {
                                    assertTrue(line.length() <= 79, line);
                                    return line.contains("[")
                                            ? line.substring(0, 24) + "FORCE" + line.substring(55)
                                            : line;
                                })
                                .toList()));
    }

    @Test
    void theForceIsDrawnToItsLimitWithTheZoneInItsColour() {
        Tool tool = fleet(1, "saturated@0s").get(0);
        tool.advanceTo(2_000_000);
        assertEquals(
                "Lightstroke 1   free    [############] 30.00 N ceiling        0    55 %       0",
                ToolsView.table(List.of(tool), Ansi.OFF).get(1));
        String coloured = ToolsView.table(List.of(tool), Ansi.ON).get(1);
        assertTrue(coloured.contains("\u001b[31m\u001b[1mceiling"), coloured);
        Tool resting = fleet(1, "drop@60s").get(0);
        resting.advanceTo(1_000_000);
        String line = ToolsView.table(List.of(resting), Ansi.OFF).get(1);
        assertTrue(line.matches("Lightstroke 1   free    \\[\\.{7}\\|\\.{4}\\]  0\\.[0-9]{2} N none .*"), line);
    }

    @Test
    void ofManyToolsTheFirstAreShownAndTheOthersCounted() {
        List<Tool> tools = fleet(20, "drop@60s");
        stream(tools.get(19));
        List<String> table = ToolsView.table(tools, Ansi.OFF);
        assertEquals(14, table.size());
        assertEquals("and 8 more: 7 free, 1 streams", table.get(13));
    }

    /** Where it is no terminal. */
    @Test
    void aChangeIsALine() {
        StringWriter said = new StringWriter();
        List<Tool> tools = fleet(1, "drop=20%@1s+1s");
        try (ToolsView view = ToolsView.show(tools, new PrintWriter(said), Ansi.OFF)) {
            Awaitility.await().until(() -> said.toString().contains("free"));
            view.say("a word");
            stream(tools.get(0));
            tools.get(0).advanceTo(1_500_000);
        }
        assertEquals(
                List.of(
                        "     0.0 s  Lightstroke 1: free",
                        "a word",
                        "     1.5 s  Lightstroke 1: streams, faults: drop=20%"),
                said.toString().lines().toList());
    }

    /** On a terminal. */
    @Test
    void theTableIsDrawnOverItself() {
        StringWriter said = new StringWriter();
        try (ToolsView view = ToolsView.show(fleet(2, "drop@60s"), new PrintWriter(said), Ansi.ON)) {
            Awaitility.await().until(() -> said.toString().contains("\u001b[3A\u001b[J"));
            view.say("a word");
        }
        String drawn = said.toString();
        assertTrue(drawn.startsWith("tool  "), drawn);
        assertTrue(drawn.contains("\u001b[3A\u001b[Ja word" + System.lineSeparator() + "tool  "), drawn);
    }
}

package io.lightstroke.gateway.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lightstroke.gateway.conform.Verdict.Status;
import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.PrivateBus;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** In real time, through the link in Java and the stand-in for BlueZ. */
@Needs(Program.DBUS_DAEMON)
class ConformOverBlueZTest {
    @Test
    void aSoundToolBreaksNoRuleButThatNobodyHasPairedWithIt() throws Exception {
        EnumSet<Rule> rules = EnumSet.allOf(Rule.class);
        Set<Procedure> done = EnumSet.of(Procedure.LOOK, Procedure.CONTROL, Procedure.CUES);
        rules.removeIf(rule -> !done.contains(rule.procedure()));
        List<Tool> tools = List.of(ConformanceTest.tool("calm"));
        try (PrivateBus bus = PrivateBus.start();
                BlueZStandIn bluez = new BlueZStandIn(bus.address(), tools);
                RealTime time = new RealTime(tools);
                ToolLink link = new BlueZLink(bus.address(), null, BlueZLink.Notify.BEST)) {
            Conformance conformance = Conformance.of(
                    new LinkSubject(link, SimulatedTools.address(1)),
                    new Options(Duration.ofSeconds(10), false, false, false, rules),
                    ConformanceTest.QUIET);
            assertEquals(
                    Set.of(Rule.BONDED.id()), ConformanceTest.broken(conformance), ConformanceTest.words(conformance));
            assertEquals(
                    List.of(),
                    conformance.of(Status.NOT_APPLICABLE).stream()
                            .map(each -> each.rule().id())
                            .collect(Collectors.toList()));
            assertEquals("02:4C:53:00:00:01 over bluez", conformance.tool());
        }
    }
}

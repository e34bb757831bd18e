package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.Accounting;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.FaultyTool;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.ToolTruth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway survives each kind of fault of a tool, and then has, or knows as lost, every sample that the tool took. */
class FaultyToolsTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final long FAULTS_END_US = 6_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** From 2 s to 6 s of each tool's life. */
    private static String words(Fault.Kind kind) {
        return kind
                + switch (kind) {
                    case REBOOT -> "@3s";
                    case LINK_LOSS, SILENCE -> "@2s+3s";
                    case REFUSED_OP -> "=1@0s+6s";
                    case SHORT_MTU -> "=64@0s+6s";
                    case STORE_OVERFLOW -> "=300@0s+6s, link-loss@2s+4s";
                    default -> "@2s+4s";
                };
    }

    @Test
    void noSampleIsLostUnknownWhateverGoesWrong() throws Exception {
        List<Tool> tools = new ArrayList<>();
        StringBuilder allowed = new StringBuilder("mqtt: {port: 0}\ntools:\n");
        for (Fault.Kind kind : Fault.Kind.values()) {
            int number = tools.size() + 1;
            Tool tool = SimulatedTools.faulty(
                    number, SimulatedTools.address(number), Scenario.builtIn("too-deep"), Fault.parse(words(kind)), 1);
            tools.add(tool);
            allowed.append("  - {id: %s, address: \"%s\"}%n"
                    .formatted(kind, tool.identity().address()));
        }
        try (Gateway gateway = Gateway.start(
                        GatewayConfig.parse("test", allowed.toString()), folder, new SimulatedLink(tools));
                RealTime time = new RealTime()) {
            // A tool lives from its first link on, so that its faults meet a gateway.
            Set<Tool> waiting = new HashSet<>(tools);
            Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> {
                for (Tool tool : List.copyOf(waiting)) {
                    if (tool.state().orElseThrow().linked()) {
                        time.add(tool);
                        waiting.remove(tool);
                    }
                }
                return waiting.isEmpty();
            });
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> tools.stream().allMatch(tool -> tool.ageUs() > FAULTS_END_US + 2_000_000)
                            && gateway.sessions().stream().allMatch(FaultyToolsTest::isWhole));
            gateway.stopTools();
            Summary summary = gateway.summary();
            assertTrue(summary.lawful(), summary.toString());
            time.close();
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < tools.size(); i++) {
                FaultyTool tool = (FaultyTool) tools.get(i);
                ToolSession session = gateway.sessions().get(i);
                assertTrue(
                        tool.happened().stream().anyMatch(each -> each.changed() > 0),
                        session.id() + ": " + tool.happened());
                Map<Long, Long> known = session.accounting().boots().stream()
                        .collect(Collectors.toMap(
                                Accounting.Boot::boot,
                                boot -> boot.received()
                                        + boot.lost().values().stream()
                                                .mapToLong(Long::longValue)
                                                .sum()));
                Map<Long, Long> taken = ToolTruth.of(tool, 1, i + 1).orElseThrow().starts().stream()
                        .collect(Collectors.toMap(ToolTruth.Start::boot, ToolTruth.Start::samples));
                if (!known.equals(taken)) {
                    wrong.add(
                            "%s: took %s, known %s, of %s".formatted(session.id(), taken, known, session.accounting()));
                }
            }
            assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
        }
    }

    private static boolean isWhole(ToolSession session) {
        return session.streamingSinceNanos().isPresent()
                && !session.backfilling()
                && session.accounting().samples().pending() == 0;
    }
}

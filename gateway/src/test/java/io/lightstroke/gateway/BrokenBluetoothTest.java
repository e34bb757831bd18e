package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.health.Http;
import io.lightstroke.gateway.link.AwaitedLink;
import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.PasskeyPrompt;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.Pairing;
import io.lightstroke.simulator.bluez.PrivateBus;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole gateway while Bluetooth breaks under it: it streams again within 30 s without being restarted, and in the end
 * every sample is there.
 */
@Needs(Program.DBUS_DAEMON)
abstract class BrokenBluetoothTest {
    private static final Duration STREAMS_AGAIN = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("too-deep"), 1);
    private String name = "";

    @SuppressWarnings("NullAway.Init")
    private PrivateBus bus;

    @SuppressWarnings("NullAway.Init")
    private BlueZStandIn bluez;

    @SuppressWarnings("NullAway.Init")
    private RealTime time;

    abstract ToolLink link(String busAddress) throws LinkException, InterruptedException;

    /** Knows the passkey of the tool. */
    private static final class KnownPasskey implements PasskeyPrompt {
        @Override
        public OptionalInt enter(String tool) {
            return OptionalInt.of(123456);
        }

        @Override
        public boolean compare(String tool, int passkey) {
            return true;
        }

        @Override
        public void show(String tool, int passkey) {}
    }

    interface Fault {
        void happen() throws Exception;
    }

    @BeforeEach
    void startBlueZ(TestInfo test) throws Exception {
        name = getClass().getSimpleName() + ", " + test.getDisplayName();
        bus = PrivateBus.start();
        bluez = new BlueZStandIn(bus.address(), tools);
        time = new RealTime(tools);
    }

    @AfterEach
    void stopBlueZ() {
        time.close();
        bluez.close();
        bus.close();
    }

    private Gateway start(String trust) throws Exception {
        return start(trust, link(bus.address()));
    }

    private Gateway start(String trust, ToolLink link) throws Exception {
        String yaml = "mqtt: {port: 0}\ntrust: %s\ntools:\n".formatted(trust)
                + "  - {id: tool-1, address: \"%s\"}%n  - {id: tool-2, address: \"%s\"}%n"
                        .formatted(SimulatedTools.address(1), SimulatedTools.address(2));
        return Gateway.start(GatewayConfig.parse("test", yaml), folder, link);
    }

    private static void awaitStreaming(Gateway gateway, long sinceNanos, Duration limit) {
        Awaitility.await()
                .atMost(limit)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> gateway.sessions().stream()
                        .allMatch(session -> session.streamingSinceNanos().isPresent()
                                && session.streamingSinceNanos().getAsLong() - sinceNanos > 0));
    }

    private void survives(Fault fault) throws Exception {
        try (Gateway gateway = start("open")) {
            awaitStreaming(gateway, System.nanoTime(), LONG);
            long brokenNanos = System.nanoTime();
            fault.happen();
            awaitStreaming(gateway, brokenNanos, STREAMS_AGAIN);
            System.out.printf("%s: streams again after %.1f s%n", name, (System.nanoTime() - brokenNanos) / 1e9);
            nothingIsLost(gateway);
        }
    }

    private static void nothingIsLost(Gateway gateway) throws InterruptedException {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> gateway.sessions().stream()
                        .allMatch(session -> !session.backfilling()
                                && session.accounting().samples().pending() == 0));
        gateway.stopTools();
        Summary summary = gateway.summary();
        assertTrue(summary.lawful(), summary.toString());
        assertEquals(0, summary.samples().lost(), summary.toString());
        assertEquals(0, summary.frames().malformed(), summary.toString());
    }

    @Test
    void aLinkIsLost() throws Exception {
        survives(() -> tools.forEach(tool -> bluez.drop(tool.identity().address())));
    }

    @Test
    void aToolFallsSilentThoughItStaysConnected() throws Exception {
        String address = SimulatedTools.address(1);
        try (Gateway gateway = start("open")) {
            awaitStreaming(gateway, System.nanoTime(), LONG);
            ToolSession session = gateway.sessions().get(0);
            // The last that it is asked at the beginning: an answer that does not come ends the connection at once.
            Awaitility.await().atMost(LONG).until(() -> !session.alerts().contains("untared"));
            bluez.silence(address, true);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> session.recovery().containsKey("resubscribe")
                            && session.recovery().containsKey("reconnect"));
            long backNanos = System.nanoTime();
            bluez.silence(address, false);
            Awaitility.await()
                    .atMost(STREAMS_AGAIN)
                    .until(() -> session.lastFrameNanos().orElse(backNanos) - backNanos > 0);
            nothingIsLost(gateway);
        }
    }

    @Test
    void theDeviceIsRemoved() throws Exception {
        survives(() -> tools.forEach(tool -> bluez.removeDevice(tool.identity().address())));
    }

    @Test
    void theAdapterIsPulledOutAndPutBack() throws Exception {
        survives(() -> {
            bluez.removeAdapter();
            Thread.sleep(3000);
            bluez.addAdapter();
        });
    }

    @Test
    void anAdapterThatIsNotThereAtTheStartIsTakenWhenItComes() throws Exception {
        bluez.removeAdapter();
        try (Gateway gateway = start("open", AwaitedLink.of("auto", () -> link(bus.address())))) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> Http.of(folder).health().at("/status").asText().equals("degraded"));
            JsonNode health = Http.of(folder).health();
            assertEquals("auto", health.at("/link/link").asText());
            assertTrue(health.at("/link/problem").asText().contains("adapter"), health.toString());
            assertTrue(health.get("reasons").toString().contains("link-down"), health.toString());
            assertEquals(Map.of(), gateway.sessions().get(0).recovery(), "nothing to recover from");
            long pluggedInNanos = System.nanoTime();
            bluez.addAdapter();
            awaitStreaming(gateway, pluggedInNanos, STREAMS_AGAIN);
            assertTrue(Http.of(folder).health().at("/link/problem").isMissingNode());
            nothingIsLost(gateway);
        }
    }

    @Test
    void bluetoothdRestarts() throws Exception {
        survives(bluez::restart);
    }

    @Test
    void theBusRestarts() throws Exception {
        survives(() -> {
            bus.kill();
            bus.startAgain();
            bluez.restart();
        });
    }

    @Test
    void everythingIsInProgressUntilTheAdapterIsSwitched() throws Exception {
        survives(() -> {
            bluez.stuckInProgress(true);
            tools.forEach(tool -> bluez.drop(tool.identity().address()));
        });
    }

    @Test
    void framesAreSwapped() throws Exception {
        bluez.reorder(3);
        try (Gateway gateway = start("open")) {
            awaitStreaming(gateway, System.nanoTime(), LONG);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.summary().samples().journaled() > 1000);
            nothingIsLost(gateway);
        } finally {
            bluez.reorder(1);
        }
    }

    @Test
    void notificationsAreLost() throws Exception {
        tools.forEach(tool -> bluez.loseNotifications(tool.identity().address(), 0.05));
        try (Gateway gateway = start("open")) {
            awaitStreaming(gateway, System.nanoTime(), LONG);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.sessions().stream().allMatch(each -> each.lateSamples() > 50));
            tools.forEach(tool -> bluez.loseNotifications(tool.identity().address(), 0));
            nothingIsLost(gateway);
        }
    }

    @Test
    void aNeighbourThatHangsWhileConnectingDelaysNoCue() throws Exception {
        String hanging = SimulatedTools.address(2);
        bluez.hangConnect(hanging, true);
        try (Gateway gateway = start("open")) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> session.streamingSinceNanos().isPresent());
            long before = gateway.summary().cues();
            Awaitility.await().atMost(LONG).until(() -> gateway.summary().cues() >= before + 3);
            Double maxMs = gateway.summary().cueSplitMs().gateway().max();
            assertTrue(maxMs != null && maxMs < 500, "gateway's part of a cue: " + maxMs + " ms");
            bluez.hangConnect(hanging, false);
            awaitStreaming(gateway, Long.MIN_VALUE / 2, STREAMS_AGAIN);
            nothingIsLost(gateway);
        } finally {
            bluez.hangConnect(hanging, false);
        }
    }

    @Test
    void aBondWithoutAPasskeyIsAcceptedOnlyWhereTheConfigurationSaysSo() throws Exception {
        String address = SimulatedTools.address(1);
        bluez.demandBond(address, new Pairing(Pairing.Way.JUST_WORKS, 0));
        try (BlueZ host = new BlueZ(bus.address())) {
            assertFalse(host.pair(host.adapter(null), address, new KnownPasskey(), LONG));
        }
        try (Gateway gateway = start("bonded")) {
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> gateway.sessions().get(0).alerts().contains("not-bonded"));
        }
        try (Gateway gateway = start("just-works")) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> session.streamingSinceNanos().isPresent());
            assertTrue(
                    session.alerts().contains("trust-just-works"),
                    session.alerts().toString());
        }
    }

    @Test
    void aBondByPasskeyIsAccepted() throws Exception {
        String address = SimulatedTools.address(1);
        bluez.demandBond(address, new Pairing(Pairing.Way.ENTER, 123456));
        try (BlueZ host = new BlueZ(bus.address())) {
            assertTrue(host.pair(host.adapter(null), address, new KnownPasskey(), LONG));
        }
        try (Gateway gateway = start("bonded")) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> session.streamingSinceNanos().isPresent());
            assertFalse(
                    session.alerts().contains("not-bonded"), session.alerts().toString());
        }
    }

    /** At the address of a tool that is allowed, without a bond: a spoofed tool, or one that was never paired. */
    @Test
    void whoIsNotBondedGetsNothingAccepted() throws Exception {
        try (Gateway gateway = start("bonded")) {
            ToolSession session = gateway.sessions().get(0);
            Awaitility.await().atMost(LONG).until(() -> session.alerts().contains("not-bonded"));
            Awaitility.await()
                    .atMost(LONG)
                    .ignoreException(IllegalStateException.class) // not connected just now
                    .until(() -> {
                        tools.get(0)
                                .write(
                                        Gatt.CONTROL_POINT,
                                        ControlRequest.start(1, 100).encode());
                        return session.accounting().frames().refused() > 5;
                    });
            assertFalse(session.streamingSinceNanos().isPresent());
            gateway.stopTools();
            Summary summary = gateway.summary();
            assertTrue(summary.lawful(), summary.toString());
            assertEquals(0, summary.samples().decoded(), summary.toString());
            assertEquals(summary.frames().received(), summary.frames().refused(), summary.toString());
        }
    }
}

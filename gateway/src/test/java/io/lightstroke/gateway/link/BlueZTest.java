package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Locale;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the stand-in over a real dbus-daemon. */
@Needs(Program.DBUS_DAEMON)
class BlueZTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("calm"), 1);
    private final String address = tools.get(0).identity().address();
    private PrivateBus bus;
    private BlueZStandIn standIn;
    private BlueZ bluez;

    @BeforeEach
    void start() throws Exception {
        bus = PrivateBus.start("unix:path=" + folder.resolve("bus"));
        standIn = new BlueZStandIn(bus.address(), tools);
        bluez = new BlueZ(bus.address());
    }

    @AfterEach
    void stop() {
        bluez.close();
        standIn.close();
        bus.close();
    }

    @Test
    void knowsAdaptersByNameAndByAddress() throws Exception {
        BlueZ.Adapter adapter = bluez.adapter(null);
        assertEquals("hci0", adapter.name());
        assertTrue(adapter.powered());
        assertEquals(adapter, bluez.adapter("hci0"));
        assertEquals(adapter, bluez.adapter(adapter.address().toLowerCase(Locale.ROOT)));
        LinkException failure = assertThrows(LinkException.class, () -> bluez.adapter("hci7"));
        assertEquals(
                "Bluetooth adapter: want hci7, there is hci0 (%s)".formatted(adapter.address()), failure.getMessage());
    }

    @Test
    void forgetsADeviceThatIsNotPaired() throws Exception {
        BlueZ.Adapter adapter = bluez.adapter(null);
        assertFalse(bluez.forget(adapter, address), "not known yet");
        hear(adapter);
        bluez.stopDiscovery(adapter);
        assertFalse(bluez.paired(adapter, address));
        assertTrue(bluez.forget(adapter, address));
        assertTrue(bluez.device(adapter, address).isEmpty());
    }

    @Test
    void switchesTheAdapterOffAndOn() throws Exception {
        BlueZ.Adapter adapter = bluez.adapter(null);
        hear(adapter);
        bluez.connect(bluez.device(adapter, address).orElseThrow(), LIMIT);
        bluez.powerCycle(adapter);
        assertTrue(bluez.adapter(null).powered());
        assertFalse(bluez.device(adapter, address).orElseThrow().connected());
    }

    @Test
    void findsAllAnewWhenBluetoothdHasRestarted() throws Exception {
        hear(bluez.adapter(null));
        Object before = bluez.run();
        standIn.close();
        await().atMost(LIMIT).until(() -> bluez.run() == null);
        LinkException failure = assertThrows(LinkException.class, () -> bluez.adapter(null));
        assertTrue(failure.getMessage().contains("want bluetoothd running"), failure.getMessage());
        standIn = new BlueZStandIn(bus.address(), tools);
        hear(bluez.adapter(null));
        assertFalse(before.equals(bluez.run()));
    }

    @Test
    void findsAllAnewWhenTheBusHasRestarted() throws Exception {
        hear(bluez.adapter(null));
        standIn.close();
        bus.close();
        await().atMost(LIMIT).until(() -> bluez.run() == null);
        LinkException failure = assertThrows(LinkException.class, () -> bluez.adapter(null));
        assertTrue(failure.getMessage().startsWith("reaching the bus at " + bus.address()), failure.getMessage());
        assertFalse(failure.getMessage().contains("no answer"), failure.getMessage());
        bus = PrivateBus.start(bus.address());
        standIn = new BlueZStandIn(bus.address(), tools);
        hear(bluez.adapter(null));
    }

    @ParameterizedTest
    @EnumSource
    void pairsInEachWayThatAToolMayHave(Pairing.Way way) throws Exception {
        standIn.demandBond(address, new Pairing(way, 4217));
        BlueZ.Adapter adapter = bluez.adapter(null);
        assertEquals(way != Pairing.Way.JUST_WORKS, bluez.pair(adapter, address, new Person(4217), LIMIT));
        assertTrue(bluez.paired(adapter, address));
        assertFalse(bluez.device(adapter, address).orElseThrow().connected());
        assertFalse(bluez.forget(adapter, address), "its keys would go too");
        assertTrue(bluez.removeBond(adapter, address));
        assertFalse(bluez.removeBond(adapter, address));
    }

    @ParameterizedTest
    @EnumSource(names = {"ENTER", "COMPARE"})
    void pairsNotWithAnotherPasskey(Pairing.Way way) throws Exception {
        standIn.demandBond(address, new Pairing(way, 4217));
        BlueZ.Adapter adapter = bluez.adapter(null);
        for (int wrong = 0; wrong < 2; wrong++) {
            LinkException failure =
                    assertThrows(LinkException.class, () -> bluez.pair(adapter, address, new Person(4218), LIMIT));
            assertEquals(
                    "pairing with %s: org.bluez.Error.AuthenticationFailed (Authentication Failed)".formatted(address),
                    failure.getMessage());
            assertFalse(bluez.paired(adapter, address));
        }
        bluez.pair(adapter, address, new Person(4217), LIMIT);
        assertTrue(bluez.paired(adapter, address));
    }

    @Test
    void pairsNotWithWhatIsNotThere() {
        NotHeardException failure = assertThrows(
                NotHeardException.class,
                () -> bluez.pair(bluez.adapter(null), "02:00:00:00:00:99", new Person(0), LIMIT));
        assertEquals("pairing with 02:00:00:00:00:99: not heard", failure.getMessage());
    }

    /** Has the tool's passkey, or thinks so. */
    private record Person(int passkey) implements PasskeyPrompt {
        @Override
        public OptionalInt enter(String tool) {
            return OptionalInt.of(passkey);
        }

        @Override
        public boolean compare(String tool, int shown) {
            return shown == passkey;
        }

        @Override
        public void show(String tool, int shown) {
            assertEquals(passkey, shown);
        }
    }

    @Test
    void failsOnceClosed() {
        bluez.close();
        assertThrows(LinkException.class, () -> bluez.adapter(null));
    }

    private void hear(BlueZ.Adapter adapter) throws LinkException, InterruptedException {
        bluez.startDiscovery(adapter);
        bluez.startDiscovery(adapter);
        assertTrue(bluez.hear(adapter, address, LIMIT));
        BlueZ.Device device = bluez.device(adapter, address).orElseThrow();
        assertEquals(tools.get(0).identity().name(), device.name());
        assertTrue(device.tool());
    }
}

package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.PrivateBus;
import java.io.IOException;
import java.time.Duration;
import org.bluez.Device1;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What every link through BlueZ does besides, against the stand-in for BlueZ; needs dbus-daemon. */
abstract class BlueZContractTest extends ToolLinkContractTest {
    private static final Duration BACK_LIMIT = Duration.ofSeconds(30);

    final PrivateBus bus;
    final BlueZStandIn bluez;

    BlueZContractTest() {
        try {
            bus = PrivateBus.start();
            bluez = new BlueZStandIn(bus.address(), tools);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterAll
    void stopBlueZ() {
        bluez.close();
        bus.close();
    }

    @Override
    void showStranger() {
        bluez.showStranger("02:00:00:00:00:07", "headphones");
    }

    @Override
    void drop(String address) {
        bluez.drop(address);
    }

    @Override
    void silence(String address, boolean silent) {
        bluez.silence(address, silent);
    }

    @Override
    void remove(String address) {
        bluez.removeDevice(address);
    }

    @Override
    void hangConnect(String address, boolean hang) {
        bluez.hangConnect(address, hang);
    }

    @Override
    void leaveConnected(String address) throws Exception {
        connect(address).close(); // so that BlueZ knows it
        try (DBusConnection someone = DBusConnectionBuilder.forAddress(bus.address())
                .withShared(false)
                .build()) {
            String path = "/org/bluez/hci0/dev_" + address.replace(':', '_');
            someone.getRemoteObject("org.bluez", path, Device1.class).Connect();
        }
    }

    @Test
    void streamsAgainWhenBlueZHasRestarted() throws Exception {
        ToolConnection before = connect(address);
        bluez.restart();
        assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER));
        before.close();
        awaitStreaming();
    }

    @Test
    void streamsAgainWhenTheAdapterIsBack() throws Exception {
        ToolConnection before = connect(address);
        bluez.removeAdapter();
        try {
            assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER));
            before.close();
            LinkException none = assertThrows(LinkException.class, () -> link.connect(address, Duration.ofSeconds(2)));
            assertTrue(none.getMessage().contains("adapter"), none.getMessage());
        } finally {
            bluez.addAdapter();
        }
        awaitStreaming();
    }

    @Test
    void streamsAgainWhenTheBusIsBack() throws Exception {
        ToolConnection before = connect(address);
        bus.kill();
        assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER));
        before.close();
        assertThrows(LinkException.class, () -> link.connect(address, Duration.ofSeconds(2)));
        bus.startAgain();
        bluez.restart();
        awaitStreaming();
    }

    @Test
    void streamsAgainWhenThePowerCycleHasFreedAStuckAdapter() throws Exception {
        bluez.stuckInProgress(true);
        LinkException stuck = assertThrows(LinkException.class, () -> link.connect(address, Duration.ofSeconds(5)));
        assertTrue(stuck.getMessage().contains("already in progress"), stuck.getMessage());
        link.powerCycle();
        awaitStreaming();
    }

    /** Without another link, by connecting again and again. */
    void awaitStreaming() {
        await().atMost(BACK_LIMIT).ignoreException(LinkException.class).untilAsserted(this::streamsAgain);
    }
}

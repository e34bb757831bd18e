package io.lightstroke.simulator.bluez;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.bluez.Adapter1;
import org.bluez.Agent1;
import org.bluez.AgentManager1;
import org.bluez.Device1;
import org.bluez.Error;
import org.bluez.GattCharacteristic1;
import org.bluez.GattManager1;
import org.bluez.LEAdvertisement1;
import org.bluez.LEAdvertisingManager1;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.interfaces.Properties.PropertiesChanged;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** BlueZ is played by the test, by the words of its documentation for peripherals. */
@Needs(Program.DBUS_DAEMON)
class PeripheralTest {
    private static final String ADAPTER_PATH = "/org/bluez/hci1";
    private static final String CENTRAL_PATH = ADAPTER_PATH + "/dev_00_AA_01_00_00_00";
    private static final String ADDRESS = "00:AA:01:01:00:01";

    private final List<String> told = new CopyOnWriteArrayList<>();
    private PrivateBus bus;
    private PlayedBlueZ bluez;

    @BeforeEach
    void start() throws Exception {
        bus = PrivateBus.start();
        bluez = new PlayedBlueZ(bus.address());
    }

    @AfterEach
    void stop() {
        bluez.close();
        bus.close();
    }

    private Peripheral peripheral(String adapter, Peripheral.Trust trust) throws IOException {
        return new Peripheral(
                bus.address(),
                adapter,
                trust,
                address -> SimulatedTools.tool(1, address, Scenario.builtIn("too-deep"), 1),
                told::add);
    }

    @Test
    void theWholeTableAndTheAdvertisementAreRegistered() throws Exception {
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.OPEN)) {
            assertEquals(ADDRESS, peripheral.tool().identity().address());
            assertEquals(
                    Gatt.TABLE.stream().map(Gatt.Characteristic::uuid).collect(Collectors.toSet()),
                    bluez.characteristics().keySet());
            for (Gatt.Characteristic row : Gatt.TABLE) {
                Map<String, Variant<?>> properties = bluez.properties(row.uuid());
                assertEquals(
                        row.properties().stream().map(Property::word).toList(),
                        properties.get("Flags").getValue());
            }
            Map<String, Variant<?>> advertised =
                    bluez.peer("/advertisement", Properties.class).GetAll(LEAdvertisement1.class.getName());
            assertEquals("peripheral", advertised.get("Type").getValue());
            assertEquals("Lightstroke 1", advertised.get("LocalName").getValue());
            assertEquals(
                    List.of("e7c90001-a63a-4263-9c72-1d8589a5f02d"),
                    advertised.get("ServiceUUIDs").getValue());
            assertEquals(true, bluez.set.get("Powered"));
            assertEquals(false, bluez.set.get("Pairable"));
        }
    }

    @Test
    void trustIsInTheFlags() {
        List<Property> all = List.of(Property.READ, Property.WRITE, Property.NOTIFY);
        assertArrayEquals(new String[] {"read", "write", "notify"}, Peripheral.Trust.OPEN.flags(all));
        assertArrayEquals(
                new String[] {"encrypt-read", "encrypt-write", "notify", "encrypt-notify"},
                Peripheral.Trust.JUST_WORKS.flags(all));
        assertArrayEquals(
                new String[] {
                    "encrypt-authenticated-read",
                    "encrypt-authenticated-write",
                    "notify",
                    "encrypt-authenticated-notify"
                },
                Peripheral.Trust.BONDED.flags(all));
        assertArrayEquals(
                new String[] {"write-without-response", "encrypt-authenticated-write"},
                Peripheral.Trust.BONDED.flags(List.of(Property.WRITE_WITHOUT_RESPONSE)));
    }

    @Test
    void aCentralReadsWritesAndIsNotified() throws Exception {
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.OPEN);
                RealTime running = new RealTime(List.of(peripheral.tool()))) {
            assertEquals(
                    "Simulated tool",
                    new String(bluez.characteristic(Gatt.MODEL_NUMBER).ReadValue(options(247))));
            assertEquals(
                    "tool",
                    new String(
                            bluez.characteristic(Gatt.MODEL_NUMBER).ReadValue(options(247, "offset", new UInt16(10)))));
            bluez.characteristic(Gatt.FORCE_STREAM).StartNotify();
            bluez.characteristic(Gatt.CONTROL_POINT).StartNotify();
            bluez.start();
            await().until(() -> bluez.values(Gatt.FORCE_STREAM).size() > 5);

            ControlAnswer answer =
                    ControlAnswer.decode(bluez.values(Gatt.CONTROL_POINT).get(0));
            assertEquals(9, answer.txn());
            long next =
                    ForceFrame.decode(bluez.values(Gatt.FORCE_STREAM).get(0)).first();
            for (byte[] value : List.copyOf(bluez.values(Gatt.FORCE_STREAM))) {
                ForceFrame frame = ForceFrame.decode(value);
                assertEquals(next, frame.first(), "in order, none missing, none twice");
                next += frame.count();
            }
            assertThrows(
                    Error.Failed.class,
                    () -> bluez.characteristic(Gatt.CONTROL_POINT).WriteValue(new byte[0], options(247)));
        }
    }

    @Test
    void aLostCentralGetsNothingUntilItIsBack() throws Exception {
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.OPEN);
                RealTime running = new RealTime(List.of(peripheral.tool()))) {
            bluez.connected(true);
            bluez.characteristic(Gatt.FORCE_STREAM).StartNotify();
            bluez.start();
            await().until(() -> !bluez.values(Gatt.FORCE_STREAM).isEmpty());
            bluez.connected(false);
            await().until(() -> told.contains("00:AA:01:00:00:00 disconnected"));
            int before = bluez.values(Gatt.FORCE_STREAM).size();
            // BlueZ knows what a bonded central has subscribed to, and does not tell it a second time.
            bluez.connected(true);
            bluez.start();
            await().until(() -> bluez.values(Gatt.FORCE_STREAM).size() > before);
            assertEquals("00:AA:01:00:00:00 connected", told.get(0));
        }
    }

    @Test
    void aToolThatEndsTheLinkDisconnectsTheCentral() throws Exception {
        Peripheral.ToolAt rebooting =
                address -> SimulatedTools.faulty(1, address, Scenario.builtIn("calm"), Fault.parse("reboot@1h"), 1);
        try (Peripheral peripheral =
                new Peripheral(bus.address(), "hci1", Peripheral.Trust.OPEN, rebooting, told::add)) {
            bluez.connected(true);
            bluez.start();
            assertTrue(peripheral.tool().state().orElseThrow().linked());
            peripheral.tool().advanceTo(3_600_000_000L);
            await().until(() -> told.contains("00:AA:01:00:00:00 disconnected"));
            assertFalse(peripheral.tool().state().orElseThrow().linked());
        }
    }

    @Test
    void itIsTheToolAgainAfterBlueZWasRestarted() throws Exception {
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.BONDED);
                RealTime running = new RealTime(List.of(peripheral.tool()))) {
            bluez.close();
            bluez = new PlayedBlueZ(bus.address());
            await().until(() -> told.contains("the tool is there again"));
            assertEquals(Gatt.TABLE.size(), bluez.characteristics().size());
            bluez.characteristic(Gatt.FORCE_STREAM).StartNotify();
            bluez.start();
            await().until(() -> !bluez.values(Gatt.FORCE_STREAM).isEmpty());
        }
    }

    @Test
    void thePasskeyIsShownAndAPairingWithoutIsRefused() throws Exception {
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.BONDED)) {
            assertEquals("DisplayOnly", bluez.capability);
            assertEquals(true, bluez.set.get("Pairable"));
            Agent1 agent = bluez.peer("/agent", Agent1.class);
            agent.DisplayPasskey(new DBusPath(CENTRAL_PATH), new UInt32(4711), new UInt16(0));
            assertEquals(List.of("passkey for 00:AA:01:00:00:00: 004711"), told);
            assertThrows(Error.Rejected.class, () -> agent.RequestAuthorization(new DBusPath(CENTRAL_PATH)));
            assertThrows(
                    Error.Rejected.class,
                    () -> agent.DisplayPasskey(
                            new DBusPath("/org/bluez/hci0/dev_00_AA_01_00_00_00"), new UInt32(1), new UInt16(0)));
        }
        bluez.close();
        bluez = new PlayedBlueZ(bus.address());
        try (Peripheral peripheral = peripheral("hci1", Peripheral.Trust.JUST_WORKS)) {
            assertEquals("NoInputNoOutput", bluez.capability);
            bluez.peer("/agent", Agent1.class).RequestAuthorization(new DBusPath(CENTRAL_PATH));
        }
    }

    @Test
    void whatCannotBeIsSaid() throws Exception {
        IOException adapter = assertThrows(IOException.class, () -> peripheral("hci7", Peripheral.Trust.OPEN));
        assertEquals("peripheral: want an adapter that is there, one of [hci1], got hci7", adapter.getMessage());

        bluez.adapter.put(
                Adapter1.class.getName(),
                "UUIDs",
                new Variant<>(new String[] {Gatt.LIGHTSTROKE_SERVICE.toString()}, "as"));
        IOException twice = assertThrows(IOException.class, () -> peripheral("hci1", Peripheral.Trust.OPEN));
        assertEquals("peripheral: hci1 is a tool already, by another program", twice.getMessage());

        bluez.close();
        IOException bluetoothd = assertThrows(IOException.class, () -> peripheral("hci1", Peripheral.Trust.OPEN));
        assertTrue(bluetoothd.getMessage().contains("BlueZ is not on the bus"), bluetoothd.getMessage());
    }

    private static Map<String, Variant<?>> options(int mtu, Object... more) {
        Map<String, Variant<?>> options = new HashMap<>();
        options.put("device", new Variant<>(new DBusPath(CENTRAL_PATH)));
        options.put("mtu", new Variant<>(new UInt16(mtu)));
        for (int i = 0; i < more.length; i += 2) {
            options.put((String) more[i], new Variant<>(more[i + 1]));
        }
        return options;
    }

    /** An adapter for peripherals, and what one of them has registered. */
    private static final class PlayedBlueZ implements AutoCloseable {
        private final DBusConnection bus;
        private final Adapter adapter;
        private final Central central;
        private final Map<String, Object> set = new HashMap<>();
        private final Map<String, List<byte[]>> values = new HashMap<>();
        private volatile String peer = "";
        private volatile String capability = "";

        PlayedBlueZ(String address) throws DBusException {
            bus = DBusConnectionBuilder.forAddress(address).withShared(false).build();
            adapter = new Adapter();
            central = new Central();
            bus.exportObject("/", new Root());
            bus.exportObject("/org/bluez", new Agents());
            bus.addSigHandler(PropertiesChanged.class, this::changed);
            bus.requestBusName("org.bluez");
            adapter.export();
        }

        private void changed(PropertiesChanged change) {
            Variant<?> value = change.getPropertiesChanged().get("Value");
            if (value != null) {
                values(change.getPath()).add(bytes((List<?>) value.getValue()));
            }
        }

        private static byte[] bytes(List<?> numbers) {
            byte[] bytes = new byte[numbers.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = ((Number) numbers.get(i)).byteValue();
            }
            return bytes;
        }

        private synchronized List<byte[]> values(String path) {
            return values.computeIfAbsent(path, key -> new CopyOnWriteArrayList<>());
        }

        List<byte[]> values(UUID characteristic) {
            return values(characteristics().get(characteristic));
        }

        <T extends DBusInterface> T peer(String path, Class<T> type) throws DBusException {
            return bus.getRemoteObject(peer, path, type);
        }

        private Map<DBusPath, Map<String, Map<String, Variant<?>>>> registered() {
            try {
                return peer("/", ObjectManager.class).GetManagedObjects();
            } catch (DBusException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Their paths, by UUID. */
        Map<UUID, String> characteristics() {
            Map<UUID, String> paths = new HashMap<>();
            registered().forEach((path, interfaces) -> {
                Map<String, Variant<?>> properties = interfaces.get(GattCharacteristic1.class.getName());
                if (properties != null) {
                    paths.put(UUID.fromString((String) properties.get("UUID").getValue()), path.getPath());
                }
            });
            return paths;
        }

        Map<String, Variant<?>> properties(UUID characteristic) {
            String path = characteristics().get(characteristic);
            return registered().get(new DBusPath(path)).get(GattCharacteristic1.class.getName());
        }

        GattCharacteristic1 characteristic(UUID uuid) throws DBusException {
            return peer(characteristics().get(uuid), GattCharacteristic1.class);
        }

        void start() throws DBusException {
            characteristic(Gatt.CONTROL_POINT)
                    .WriteValue(ControlRequest.start(9, 100).encode(), options(247));
        }

        void connected(boolean on) {
            if (on && !central.isExported()) {
                central.put(Device1.class.getName(), "Connected", new Variant<>(true));
                central.export();
            } else {
                central.put(Device1.class.getName(), "Connected", new Variant<>(on));
            }
        }

        @Override
        public void close() {
            bus.disconnect();
        }

        private final class Central extends BusObject implements Device1 {
            Central() {
                super(() -> bus, CENTRAL_PATH);
            }

            @Override
            public void Disconnect() {
                connected(false);
            }

            @Override
            public void Connect() {}

            @Override
            public void ConnectProfile(String uuid) {}

            @Override
            public void DisconnectProfile(String uuid) {}

            @Override
            public void Pair() {}

            @Override
            public void CancelPairing() {}
        }

        private final class Root implements ObjectManager {
            @Override
            public String getObjectPath() {
                return "/";
            }

            @Override
            public Map<DBusPath, Map<String, Map<String, Variant<?>>>> GetManagedObjects() {
                return Map.of(new DBusPath(ADAPTER_PATH), adapter.snapshot());
            }
        }

        private final class Adapter extends BusObject implements GattManager1, LEAdvertisingManager1 {
            Adapter() {
                super(() -> bus, ADAPTER_PATH);
                put(Adapter1.class.getName(), "Address", new Variant<>(ADDRESS));
                put(Adapter1.class.getName(), "UUIDs", new Variant<>(new String[0], "as"));
                put(LEAdvertisingManager1.class.getName(), "ActiveInstances", new Variant<>((byte) 0));
            }

            @Override
            public <A> void Set(String interfaceName, String property, A value) {
                set.put(property, value instanceof Variant<?> variant ? variant.getValue() : value);
            }

            @Override
            public void RegisterApplication(DBusPath application, Map<String, Variant<?>> options) {
                peer = AbstractConnection.getCallInfo().getSource();
            }

            @Override
            public void UnregisterApplication(DBusPath application) {}

            @Override
            public void RegisterAdvertisement(DBusPath advertisement, Map<String, Variant<?>> options) {}

            @Override
            public void UnregisterAdvertisement(DBusPath advertisement) {}
        }

        private final class Agents implements AgentManager1 {
            @Override
            public String getObjectPath() {
                return "/org/bluez";
            }

            @Override
            public void RegisterAgent(DBusPath agent, String wanted) {
                capability = wanted;
            }

            @Override
            public void UnregisterAgent(DBusPath agent) {}

            @Override
            public void RequestDefaultAgent(DBusPath agent) {}
        }
    }
}

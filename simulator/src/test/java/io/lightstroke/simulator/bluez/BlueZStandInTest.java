package io.lightstroke.simulator.bluez;

import static io.lightstroke.simulator.bluez.BlueZInterfaces.ADAPTER;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.BATTERY;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.CHARACTERISTIC;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.DEVICE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bluez.Error;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.interfaces.Properties.PropertiesChanged;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected values are those of BlueZ's documentation of its D-Bus interfaces. */
@Needs(Program.DBUS_DAEMON)
class BlueZStandInTest {
    private static final String ADAPTER_PATH = "/org/bluez/hci0";
    private static final String DEVICE_PATH = ADAPTER_PATH + "/dev_02_4C_53_00_00_01";
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final SimulatedTool tool = SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.builtIn("calm"), 1);
    private PrivateBus bus;
    private BlueZStandIn bluez;
    private DBusConnection client;

    @BeforeEach
    void start() throws Exception {
        bus = PrivateBus.start();
        bluez = new BlueZStandIn(bus.address(), List.of(tool));
        client = connect();
    }

    @AfterEach
    void stop() {
        client.disconnect();
        bluez.close();
        bus.close();
    }

    @Test
    void showsADeviceOnlyOnceItWasDiscovered() throws Exception {
        assertTrue(objects().containsKey(ADAPTER_PATH));
        assertFalse(objects().containsKey(DEVICE_PATH));
        BlueZInterfaces.Adapter1 adapter = remote(ADAPTER_PATH, BlueZInterfaces.Adapter1.class);
        adapter.StartDiscovery();
        assertEquals(true, property(ADAPTER_PATH, ADAPTER, "Discovering").orElseThrow());
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
        assertEquals(
                "02:4C:53:00:00:01", property(DEVICE_PATH, DEVICE, "Address").orElseThrow());
        assertTrue(property(DEVICE_PATH, DEVICE, "RSSI").isPresent());
        adapter.StopDiscovery();
        assertEquals(false, property(ADAPTER_PATH, ADAPTER, "Discovering").orElseThrow());
        assertTrue(property(DEVICE_PATH, DEVICE, "RSSI").isEmpty());
    }

    @Test
    void hearsOnlyWhatTheFilterAsksFor() throws Exception {
        BlueZInterfaces.Adapter1 adapter = remote(ADAPTER_PATH, BlueZInterfaces.Adapter1.class);
        adapter.SetDiscoveryFilter(Map.of(
                "UUIDs",
                new Variant<>(new String[] {new UUID(1, 2).toString()}, "as"),
                "Transport",
                new Variant<>("le")));
        adapter.StartDiscovery();
        await().during(Duration.ofMillis(500))
                .atMost(LIMIT)
                .until(() -> !objects().containsKey(DEVICE_PATH));
        adapter.SetDiscoveryFilter(Map.of(
                "UUIDs", new Variant<>(new String[] {Gatt.LIGHTSTROKE_SERVICE.toString()}, "as")));
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
    }

    @Test
    void refusesInBlueZsWords() throws Exception {
        BlueZInterfaces.Adapter1 adapter = remote(ADAPTER_PATH, BlueZInterfaces.Adapter1.class);
        assertThrows(Error.Failed.class, adapter::StopDiscovery);
        adapter.StartDiscovery();
        assertThrows(Error.InProgress.class, adapter::StartDiscovery);
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
        BlueZInterfaces.Device1 device = remote(DEVICE_PATH, BlueZInterfaces.Device1.class);
        assertThrows(Error.NotConnected.class, device::Disconnect);
        device.Connect();
        await().atMost(LIMIT).until(this::resolved);
        BlueZInterfaces.GattCharacteristic1 force = characteristic(Gatt.FORCE_STREAM);
        assertThrows(Error.NotPermitted.class, () -> force.ReadValue(Map.of()));
        assertThrows(Error.NotSupported.class, () -> force.WriteValue(new byte[1], Map.of()));
        assertThrows(Error.Failed.class, force::StopNotify);
        force.StartNotify();
        assertThrows(Error.Failed.class, force::StartNotify);
        assertThrows(Error.NotSupported.class, () -> characteristic(Gatt.CUE).StartNotify());
    }

    @Test
    void showsTheGattTableWhileConnected() throws Exception {
        BlueZInterfaces.Device1 device = connectDevice();
        assertEquals(
                Gatt.TABLE.stream().map(row -> row.uuid().toString()).sorted().toList(),
                objects().values().stream()
                        .filter(interfaces -> interfaces.containsKey(CHARACTERISTIC))
                        .map(interfaces -> interfaces
                                .get(CHARACTERISTIC)
                                .get("UUID")
                                .getValue()
                                .toString())
                        .sorted()
                        .toList());
        assertEquals(
                tool.read(Gatt.BATTERY_LEVEL)[0],
                property(DEVICE_PATH, BATTERY, "Percentage").orElseThrow());
        assertArrayEquals(
                tool.read(Gatt.MODEL_NUMBER), characteristic(Gatt.MODEL_NUMBER).ReadValue(Map.of()));
        device.Disconnect();
        assertFalse(resolved());
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
        assertTrue(objects().values().stream().noneMatch(interfaces -> interfaces.containsKey(CHARACTERISTIC)));
    }

    @Test
    void tellsNotifiedValuesUntilTheLinkIsLost() throws Exception {
        connectDevice();
        List<List<?>> answers = new CopyOnWriteArrayList<>();
        client.addSigHandler(PropertiesChanged.class, signal -> {
            Variant<?> value = signal.getPropertiesChanged().get("Value");
            if (value != null && value.getValue() instanceof List<?> bytes) {
                answers.add(bytes);
            }
        });
        BlueZInterfaces.GattCharacteristic1 controlPoint = characteristic(Gatt.CONTROL_POINT);
        controlPoint.StartNotify();
        byte[] request = ControlRequest.readLimits(9).encode();
        controlPoint.WriteValue(request, Map.of());
        controlPoint.WriteValue(request, Map.of());
        await().atMost(LIMIT).until(() -> answers.size() == 2);
        assertEquals(
                List.of((byte) 0x80, (byte) 5, (byte) 9, (byte) 1),
                answers.get(0).subList(0, 4));
        bluez.silence(tool.identity().address(), true);
        controlPoint.WriteValue(request, Map.of());
        bluez.silence(tool.identity().address(), false);
        controlPoint.WriteValue(request, Map.of());
        await().atMost(LIMIT).until(() -> answers.size() == 3);
        bluez.drop(tool.identity().address());
        assertThrows(DBusExecutionException.class, () -> controlPoint.WriteValue(request, Map.of()));
        assertFalse(resolved());
    }

    @Test
    void aToolThatStartsAnewLosesItsLinkAndCanBeConnectedAgain() throws Exception {
        BlueZInterfaces.Device1 device = connectDevice();
        long boot = ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).boot();
        bluez.reboot(tool.identity().address());
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
        assertNotEquals(boot, ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).boot());
        device.Connect();
        await().atMost(LIMIT).until(this::resolved);
    }

    @Test
    void endsTheDiscoveryOfAClientThatLeaves() throws Exception {
        DBusConnection other = connect();
        other.getRemoteObject("org.bluez", ADAPTER_PATH, BlueZInterfaces.Adapter1.class)
                .StartDiscovery();
        assertEquals(true, property(ADAPTER_PATH, ADAPTER, "Discovering").orElseThrow());
        other.disconnect();
        await().atMost(LIMIT)
                .until(() -> property(ADAPTER_PATH, ADAPTER, "Discovering").equals(Optional.of(false)));
    }

    @Test
    void doesNothingWhilePoweredOff() throws Exception {
        connectDevice();
        client.getRemoteObject("org.bluez", ADAPTER_PATH, Properties.class).Set(ADAPTER, "Powered", false);
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
        BlueZInterfaces.Adapter1 adapter = remote(ADAPTER_PATH, BlueZInterfaces.Adapter1.class);
        assertThrows(Error.NotReady.class, adapter::StartDiscovery);
        client.getRemoteObject("org.bluez", ADAPTER_PATH, Properties.class).Set(ADAPTER, "Powered", true);
        adapter.StartDiscovery();
    }

    private DBusConnection connect() throws DBusException {
        return DBusConnectionBuilder.forAddress(bus.address()).withShared(false).build();
    }

    private BlueZInterfaces.Device1 connectDevice() throws DBusException {
        remote(ADAPTER_PATH, BlueZInterfaces.Adapter1.class).StartDiscovery();
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
        BlueZInterfaces.Device1 device = remote(DEVICE_PATH, BlueZInterfaces.Device1.class);
        device.Connect();
        await().atMost(LIMIT).until(this::resolved);
        return device;
    }

    private boolean resolved() throws DBusException {
        return property(DEVICE_PATH, DEVICE, "ServicesResolved").equals(Optional.of(true));
    }

    private <T extends DBusInterface> T remote(String path, Class<T> type) throws DBusException {
        return client.getRemoteObject("org.bluez", path, type);
    }

    private BlueZInterfaces.GattCharacteristic1 characteristic(UUID uuid) throws DBusException {
        String path = objects().entrySet().stream()
                .filter(object -> object.getValue().containsKey(CHARACTERISTIC)
                        && object.getValue()
                                .get(CHARACTERISTIC)
                                .get("UUID")
                                .getValue()
                                .equals(uuid.toString()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        return remote(path, BlueZInterfaces.GattCharacteristic1.class);
    }

    private Map<String, Map<String, Map<String, Variant<?>>>> objects() throws DBusException {
        Map<String, Map<String, Map<String, Variant<?>>>> byPath = new TreeMap<>();
        Map<DBusPath, Map<String, Map<String, Variant<?>>>> managed =
                client.getRemoteObject("org.bluez", "/", ObjectManager.class).GetManagedObjects();
        managed.forEach((path, interfaces) -> byPath.put(path.getPath(), interfaces));
        return byPath;
    }

    private Optional<Object> property(String path, String interfaceName, String property) throws DBusException {
        Map<String, Variant<?>> all =
                client.getRemoteObject("org.bluez", path, Properties.class).GetAll(interfaceName);
        return Optional.ofNullable(all.get(property)).map(Variant::getValue);
    }
}

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
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.FileOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.bluez.Adapter1;
import org.bluez.Device1;
import org.bluez.Error;
import org.bluez.GattCharacteristic1;
import org.bluez.datatypes.TwoTuple;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus.NameOwnerChanged;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.interfaces.Properties.PropertiesChanged;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected values are those of BlueZ's documentation of its D-Bus interfaces. */
@Needs(Program.DBUS_DAEMON)
class BlueZStandInTest {
    private static final String ADAPTER_PATH = "/org/bluez/hci0";
    private static final String DEVICE_PATH = ADAPTER_PATH + "/dev_02_4C_53_00_00_01";
    private static final String AGENTS_PATH = "/org/bluez";
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
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
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
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
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
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
        assertThrows(Error.Failed.class, adapter::StopDiscovery);
        adapter.StartDiscovery();
        assertThrows(Error.InProgress.class, adapter::StartDiscovery);
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
        Device1 device = remote(DEVICE_PATH, Device1.class);
        assertThrows(Error.NotConnected.class, device::Disconnect);
        device.Connect();
        await().atMost(LIMIT).until(this::resolved);
        GattCharacteristic1 force = characteristic(Gatt.FORCE_STREAM);
        assertThrows(Error.NotPermitted.class, () -> force.ReadValue(Map.of()));
        assertThrows(Error.NotSupported.class, () -> force.WriteValue(new byte[1], Map.of()));
        assertThrows(Error.Failed.class, force::StopNotify);
        force.StartNotify();
        assertThrows(Error.Failed.class, force::StartNotify);
        assertThrows(Error.NotSupported.class, () -> characteristic(Gatt.CUE).StartNotify());
    }

    @Test
    void showsTheGattTableWhileConnected() throws Exception {
        Device1 device = connectDevice();
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
        GattCharacteristic1 controlPoint = characteristic(Gatt.CONTROL_POINT);
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
    void handsOutASocketForNotifications() throws Exception {
        connectDevice();
        GattCharacteristic1 events = characteristic(Gatt.EVENTS);
        TwoTuple<org.freedesktop.dbus.FileDescriptor, UInt16> acquired = events.AcquireNotify(Map.of());
        assertEquals(BlueZStandIn.MTU, acquired.getSecondValue().intValue());
        assertThrows(Error.NotPermitted.class, () -> events.AcquireNotify(Map.of()));
        assertThrows(Error.NotPermitted.class, events::StartNotify);
        new FileOutputStream(PassedDescriptors.take(acquired.getFirstValue())).close();
        await().atMost(LIMIT).ignoreException(Error.NotPermitted.class).until(() -> {
            events.StartNotify();
            return true;
        });
        assertThrows(Error.InProgress.class, () -> events.AcquireNotify(Map.of()));
        assertThrows(
                Error.NotSupported.class,
                () -> characteristic(Gatt.CONTROL_POINT).AcquireNotify(Map.of()));
    }

    @Test
    void keepsTheToolsServiceFromWhoHasNoBond() throws Exception {
        bluez.demandBond(tool.identity().address(), new Pairing(Pairing.Way.JUST_WORKS, 0));
        Device1 device = connectDevice();
        GattCharacteristic1 info = characteristic(Gatt.TOOL_INFO);
        assertEquals(
                "Not paired",
                assertThrows(Error.NotPermitted.class, () -> info.ReadValue(Map.of()))
                        .getMessage());
        assertThrows(Error.NotPermitted.class, () -> characteristic(Gatt.EVENTS).StartNotify());
        characteristic(Gatt.MODEL_NUMBER).ReadValue(Map.of());
        device.Pair();
        assertEquals(true, property(DEVICE_PATH, DEVICE, "Paired").orElseThrow());
        info.ReadValue(Map.of());
        assertThrows(Error.AlreadyExists.class, device::Pair);
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
        adapter.RemoveDevice(new DBusPath(DEVICE_PATH));
        adapter.StopDiscovery();
        connectDevice();
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Paired").orElseThrow());
        bluez.demandBond(tool.identity().address(), new Pairing(Pairing.Way.ENTER, 123456));
        assertThrows(
                Error.AuthenticationFailed.class,
                remote(DEVICE_PATH, Device1.class)::Pair,
                "nobody is there to enter the passkey");
    }

    @Test
    void aToolThatIsAwayIsNotHeardAndConnectsWhenItIsBackAndATwinHasNoBond() throws Exception {
        Tool faulty = SimulatedTools.faulty(
                1,
                SimulatedTools.address(1),
                Scenario.builtIn("calm"),
                Fault.parse("link-loss@1s+1s, link-loss@3s+1s, spoofed-twin@5s+1s"),
                1);
        bluez.close();
        bluez = new BlueZStandIn(bus.address(), List.of(faulty));
        bluez.demandBond(SimulatedTools.address(1), new Pairing(Pairing.Way.JUST_WORKS, 0));
        faulty.advanceTo(1_500_000);
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
        adapter.StartDiscovery();
        await().during(Duration.ofMillis(300))
                .atMost(LIMIT)
                .until(() -> !objects().containsKey(DEVICE_PATH));
        adapter.StopDiscovery();
        faulty.advanceTo(2_500_000);
        Device1 device = connectDevice();
        device.Pair();
        faulty.advanceTo(3_500_000);
        await().atMost(LIMIT).until(this::disconnected);
        FutureTask<Void> connect = new FutureTask<>(() -> {
            device.Connect();
            return null;
        });
        new Thread(connect).start();
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> !connect.isDone());
        faulty.advanceTo(4_500_000);
        connect.get();
        assertEquals(true, property(DEVICE_PATH, DEVICE, "Paired").orElseThrow());
        faulty.advanceTo(5_500_000);
        await().atMost(LIMIT).until(this::disconnected);
        device.Connect();
        await().atMost(LIMIT).until(this::resolved);
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Paired").orElseThrow());
        GattCharacteristic1 info = characteristic(Gatt.TOOL_INFO);
        assertThrows(Error.NotPermitted.class, () -> info.ReadValue(Map.of()));
    }

    private boolean disconnected() throws DBusException {
        return property(DEVICE_PATH, DEVICE, "Connected").equals(Optional.of(false));
    }

    @Test
    void aToolThatStartsAnewLosesItsLinkAndCanBeConnectedAgain() throws Exception {
        Device1 device = connectDevice();
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
        other.getRemoteObject("org.bluez", ADAPTER_PATH, Adapter1.class).StartDiscovery();
        assertEquals(true, property(ADAPTER_PATH, ADAPTER, "Discovering").orElseThrow());
        other.disconnect();
        await().atMost(LIMIT)
                .until(() -> property(ADAPTER_PATH, ADAPTER, "Discovering").equals(Optional.of(false)));
    }

    @Test
    void doesNothingWhilePoweredOff() throws Exception {
        connectDevice();
        power(false);
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
        assertThrows(Error.NotReady.class, adapter::StartDiscovery);
        power(true);
        adapter.StartDiscovery();
    }

    @Test
    void forgetsARemovedDeviceUntilItIsDiscoveredAgain() throws Exception {
        connectDevice();
        bluez.removeDevice(tool.identity().address());
        assertTrue(objects().keySet().stream().noneMatch(path -> path.startsWith(DEVICE_PATH)));
        assertFalse(linked());
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
    }

    @Test
    void showsNothingWithoutItsAdapter() throws Exception {
        connectDevice();
        bluez.removeAdapter();
        assertEquals(Set.of(AGENTS_PATH), objects().keySet());
        assertFalse(linked());
        bluez.addAdapter();
        assertEquals(Set.of(AGENTS_PATH, ADAPTER_PATH), objects().keySet());
        assertEquals(false, property(ADAPTER_PATH, ADAPTER, "Discovering").orElseThrow());
        connectDevice();
    }

    @Test
    void hasForgottenAllAfterARestart() throws Exception {
        connectDevice();
        List<String> owners = new CopyOnWriteArrayList<>();
        client.addSigHandler(NameOwnerChanged.class, change -> {
            if (change.name.equals("org.bluez")) {
                owners.add(change.newOwner);
            }
        });
        bluez.restart();
        assertEquals(Set.of(AGENTS_PATH, ADAPTER_PATH), objects().keySet());
        assertFalse(linked());
        await().atMost(LIMIT).until(() -> owners.size() == 2);
        assertEquals("", owners.get(0));
        connectDevice();
    }

    @Test
    void comesBackAfterTheBusHas() throws Exception {
        connectDevice();
        bus.kill();
        bus.startAgain();
        bluez.restart();
        client.disconnect();
        client = connect();
        connectDevice();
    }

    @Test
    void staysInProgressUntilThePowerIsCycled() throws Exception {
        connectDevice().Disconnect();
        Adapter1 adapter = remote(ADAPTER_PATH, Adapter1.class);
        adapter.StopDiscovery();
        bluez.stuckInProgress(true);
        Device1 device = remote(DEVICE_PATH, Device1.class);
        assertThrows(Error.InProgress.class, device::Connect);
        assertThrows(Error.InProgress.class, adapter::StartDiscovery);
        power(false);
        power(true);
        adapter.StartDiscovery();
        device.Connect();
    }

    @Test
    void hangsOnlyTheConnectThatIsToHang() throws Exception {
        connectDevice().Disconnect();
        Device1 device = remote(DEVICE_PATH, Device1.class);
        bluez.hangConnect(tool.identity().address(), true);
        FutureTask<Void> connect = new FutureTask<>(() -> {
            device.Connect();
            return null;
        });
        new Thread(connect).start();
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> !connect.isDone());
        assertEquals(false, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
        device.Disconnect();
        Exception aborted = assertThrows(ExecutionException.class, connect::get);
        assertTrue(aborted.getCause() instanceof Error.Failed, aborted.toString());
        bluez.hangConnect(tool.identity().address(), false);
        device.Connect();
        assertEquals(true, property(DEVICE_PATH, DEVICE, "Connected").orElseThrow());
    }

    @Test
    void reordersForceFramesWithinTheWindowAndLosesNone() throws Exception {
        connectDevice();
        bluez.reorder(3);
        List<Long> firsts = forceFrames(40);
        await().atMost(LIMIT).until(() -> firsts.size() == 40);
        List<Long> ascending = firsts.stream().sorted().toList();
        assertNotEquals(ascending, firsts);
        for (int i = 0; i < firsts.size(); i++) {
            assertTrue(Math.abs(ascending.indexOf(firsts.get(i)) - i) < 3, firsts.toString());
            assertEquals(ascending.get(0) + 5L * i, ascending.get(i), ascending.toString());
        }
    }

    @Test
    void losesTheShareOfNotificationsThatItIsTold() throws Exception {
        connectDevice();
        bluez.loseNotifications(tool.identity().address(), 0.25);
        List<Long> firsts = forceFrames(200);
        bluez.loseNotifications(tool.identity().address(), 0);
        long us = tool.nowUs() + 50_000;
        tool.advanceTo(us);
        await().atMost(LIMIT).until(() -> firsts.contains(200L * 5));
        assertEquals(150, firsts.size(), 30);
    }

    /** Index of the first sample of each force frame, in order of arrival; so many are sent, of five samples each. */
    private List<Long> forceFrames(int sent) throws DBusException {
        List<Long> firsts = new CopyOnWriteArrayList<>();
        GattCharacteristic1 force = characteristic(Gatt.FORCE_STREAM);
        String path = force.getObjectPath();
        client.addSigHandler(PropertiesChanged.class, signal -> {
            Variant<?> value = signal.getPropertiesChanged().get("Value");
            if (signal.getPath().equals(path) && value != null && value.getValue() instanceof List<?> bytes) {
                firsts.add(first(bytes));
            }
        });
        force.StartNotify();
        characteristic(Gatt.CONTROL_POINT)
                .WriteValue(ControlRequest.start(1, 100).encode(), Map.of());
        tool.advanceTo(tool.nowUs() + sent * 50_000L);
        return firsts;
    }

    private static long first(List<?> bytes) {
        byte[] frame = new byte[bytes.size()];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (Byte) bytes.get(i);
        }
        try {
            return ForceFrame.decode(frame).first();
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    private boolean linked() {
        try {
            tool.write(Gatt.CONTROL_POINT, ControlRequest.readLimits(1).encode());
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private void power(boolean on) throws DBusException {
        client.getRemoteObject("org.bluez", ADAPTER_PATH, Properties.class).Set(ADAPTER, "Powered", on);
    }

    private DBusConnection connect() throws DBusException {
        return DBusConnectionBuilder.forAddress(bus.address()).withShared(false).build();
    }

    private Device1 connectDevice() throws DBusException {
        remote(ADAPTER_PATH, Adapter1.class).StartDiscovery();
        await().atMost(LIMIT).until(() -> objects().containsKey(DEVICE_PATH));
        Device1 device = remote(DEVICE_PATH, Device1.class);
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

    private GattCharacteristic1 characteristic(UUID uuid) throws DBusException {
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
        return remote(path, GattCharacteristic1.class);
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

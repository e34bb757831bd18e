package io.lightstroke.simulator.bluez;

import static io.lightstroke.simulator.bluez.BlueZInterfaces.ADAPTER;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.BATTERY;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.CHARACTERISTIC;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.DEVICE;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.SERVICE;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.SimulatedTool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.bluez.Error;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBus.NameOwnerChanged;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns {@code org.bluez} on a bus and shows simulated tools there as BlueZ shows real ones: one adapter, devices that
 * appear while a client discovers and are forgotten 30 s after they were last heard, GATT objects while connected.
 * All methods may be called from any thread. It does not drive the tools' time.
 */
public final class BlueZStandIn implements AutoCloseable {
    /** ATT MTU of its links. */
    public static final int MTU = 247;

    private static final Logger log = LoggerFactory.getLogger(BlueZStandIn.class);
    private static final String NAME = "org.bluez";
    private static final String ADAPTER_NAME = "hci0";
    private static final String ADAPTER_PATH = "/org/bluez/" + ADAPTER_NAME;
    private static final String ADAPTER_ADDRESS = "00:00:00:51:B0:0C";
    private static final short RSSI_DBM = -50;
    private static final int ADVERTISING_MS = 100;
    private static final int DISCOVERED_AFTER_MS = 30;
    private static final int RESOLVED_AFTER_MS = 60;
    private static final int FORGOTTEN_AFTER_S = 30;
    private static final int MAX_VALUE_BYTES = 512;

    private final DBusConnection bus;
    private final ScheduledThreadPoolExecutor radio = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "bluez-stand-in");
        thread.setDaemon(true);
        return thread;
    });
    private final Adapter adapter;
    private final Map<String, Device> devices = new LinkedHashMap<>();
    /** Guards links, discovery and who is exported. Never taken by what a tool calls. */
    private final Object lock = new Object();

    private boolean closed;

    /**
     * @param busAddress as D-Bus writes it, see {@link PrivateBus#address()}
     * @throws IOException the bus cannot be reached, or someone owns {@code org.bluez} there
     */
    public BlueZStandIn(String busAddress, Collection<SimulatedTool> tools) throws IOException {
        radio.setRemoveOnCancelPolicy(true);
        try {
            bus = connect(busAddress);
        } catch (DBusException e) {
            throw new IOException("stand-in for BlueZ: cannot reach the bus at " + busAddress, e);
        }
        adapter = new Adapter();
        for (SimulatedTool tool : tools) {
            devices.put(tool.identity().address(), new Device(tool));
        }
        try {
            bus.exportObject(BusObject.ROOT, new Root());
            adapter.export();
            bus.addSigHandler(NameOwnerChanged.class, this::ownerChanged);
            bus.requestBusName(NAME);
        } catch (DBusException e) {
            close();
            throw new IOException("stand-in for BlueZ: cannot own %s on %s".formatted(NAME, busAddress), e);
        }
    }

    private static DBusConnection connect(String address) throws DBusException {
        return DBusConnectionBuilder.forAddress(address)
                .withShared(false)
                .receivingThreadConfig()
                .withMethodCallThreadCount(1)
                .withSignalThreadCount(1)
                .connectionConfig()
                .build();
    }

    /** The link to a tool is lost, as by distance. It can be connected again at once. */
    public void drop(String address) {
        synchronized (lock) {
            device(address).unlink();
        }
    }

    /** The tool starts anew, and so its link is lost. It can be connected again at once. */
    public void reboot(String address) {
        synchronized (lock) {
            Device device = device(address);
            device.unlink();
            device.tool.reboot();
        }
    }

    /** While silent, what the tool notifies does not arrive, though it stays connected. */
    public void silence(String address, boolean silent) {
        device(address).silent = silent;
    }

    private Device device(String address) {
        Device device = devices.get(address);
        if (device == null) {
            throw new IllegalArgumentException(
                    "no simulated tool %s; there are %s".formatted(address, devices.keySet()));
        }
        return device;
    }

    /** Ends all links and leaves the bus. */
    @Override
    public void close() {
        synchronized (lock) {
            devices.values().forEach(Device::unlink);
            closed = true;
        }
        radio.shutdownNow();
        bus.disconnect();
    }

    /** A client that leaves the bus leaves nothing running, as with BlueZ. */
    private void ownerChanged(NameOwnerChanged change) {
        if (change.name.startsWith(":") && change.newOwner.isEmpty()) {
            locked(() -> {
                        adapter.left(change.name);
                        devices.values().forEach(device -> device.left(change.name));
                    })
                    .run();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failure is logged
    private void later(int ms, Runnable task) {
        radio.schedule(locked(task), ms, TimeUnit.MILLISECONDS);
    }

    private Runnable locked(Runnable task) {
        return () -> {
            synchronized (lock) {
                try {
                    if (!closed) {
                        task.run();
                    }
                } catch (RuntimeException e) {
                    log.error("stand-in for BlueZ", e);
                }
            }
        };
    }

    private static String caller() {
        return AbstractConnection.getCallInfo().getSource();
    }

    private static Variant<String[]> strings(Collection<String> values) {
        return new Variant<>(values.toArray(String[]::new), "as");
    }

    private static Variant<String[]> uuids(Collection<UUID> values) {
        return strings(values.stream().map(UUID::toString).toList());
    }

    private final class Root implements ObjectManager {
        @Override
        public String getObjectPath() {
            return BusObject.ROOT;
        }

        @Override
        public Map<DBusPath, Map<String, Map<String, Variant<?>>>> GetManagedObjects() {
            Map<DBusPath, Map<String, Map<String, Variant<?>>>> objects = new LinkedHashMap<>();
            synchronized (lock) {
                objects.put(new DBusPath(adapter.getObjectPath()), adapter.snapshot());
                for (Device device : devices.values()) {
                    for (BusObject object : device.exported()) {
                        objects.put(new DBusPath(object.getObjectPath()), object.snapshot());
                    }
                }
            }
            return objects;
        }
    }

    private final class Adapter extends BusObject implements BlueZInterfaces.Adapter1 {
        private final Set<String> discoverers = new HashSet<>();
        private final Map<String, Set<String>> filters = new HashMap<>();
        private @Nullable Future<?> advertising;
        private boolean powered = true;

        Adapter() {
            super(bus, ADAPTER_PATH);
            put(ADAPTER, "Address", new Variant<>(ADAPTER_ADDRESS));
            put(ADAPTER, "AddressType", new Variant<>("public"));
            put(ADAPTER, "Name", new Variant<>("lightstroke"));
            put(ADAPTER, "Alias", new Variant<>("lightstroke"));
            put(ADAPTER, "Class", new Variant<>(new UInt32(0)));
            put(ADAPTER, "Powered", new Variant<>(true));
            put(ADAPTER, "Discoverable", new Variant<>(false));
            put(ADAPTER, "DiscoverableTimeout", new Variant<>(new UInt32(180)));
            put(ADAPTER, "Pairable", new Variant<>(false));
            put(ADAPTER, "PairableTimeout", new Variant<>(new UInt32(0)));
            put(ADAPTER, "Discovering", new Variant<>(false));
            put(ADAPTER, "UUIDs", strings(List.of()));
        }

        void requirePowered() {
            if (!powered) {
                throw new Error.NotReady("Resource Not Ready");
            }
        }

        @Override
        public <A> void Set(String interfaceName, String property, A value) {
            Object plain = value instanceof Variant<?> variant ? variant.getValue() : value;
            synchronized (lock) {
                if (property.equals("Powered") && plain instanceof Boolean on) {
                    power(on);
                } else if (property.equals("Alias") && plain instanceof String alias) {
                    put(ADAPTER, property, new Variant<>(alias));
                } else {
                    super.Set(interfaceName, property, value);
                }
            }
        }

        private void power(boolean on) {
            if (!on) {
                List.copyOf(discoverers).forEach(this::left);
                devices.values().forEach(Device::unlink);
            }
            powered = on;
            put(ADAPTER, "Powered", new Variant<>(on));
        }

        @Override
        public void SetDiscoveryFilter(Map<String, Variant<?>> filter) {
            Variant<?> wanted = filter.get("UUIDs");
            Set<String> uuids = new HashSet<>();
            if (wanted != null) {
                for (Object uuid : wanted.getValue() instanceof Collection<?> list
                        ? list
                        : Arrays.asList((Object[]) wanted.getValue())) {
                    uuids.add(uuid.toString().toLowerCase(Locale.ROOT));
                }
            }
            synchronized (lock) {
                filters.put(caller(), uuids);
            }
        }

        @Override
        public String[] GetDiscoveryFilters() {
            return new String[] {"UUIDs", "RSSI", "Pathloss", "Transport", "DuplicateData"};
        }

        @Override
        public void StartDiscovery() {
            synchronized (lock) {
                requirePowered();
                if (!discoverers.add(caller())) {
                    throw new Error.InProgress("Operation already in progress");
                }
                if (advertising == null) {
                    advertising = radio.scheduleWithFixedDelay(
                            locked(this::hear), ADVERTISING_MS, ADVERTISING_MS, TimeUnit.MILLISECONDS);
                    put(ADAPTER, "Discovering", new Variant<>(true));
                }
            }
        }

        @Override
        public void StopDiscovery() {
            synchronized (lock) {
                requirePowered();
                if (!discoverers.contains(caller())) {
                    throw new Error.Failed("No discovery started");
                }
                left(caller());
            }
        }

        /** Ends what this client had running here. */
        void left(String client) {
            filters.remove(client);
            if (discoverers.remove(client) && discoverers.isEmpty() && advertising != null) {
                advertising.cancel(false);
                advertising = null;
                put(ADAPTER, "Discovering", new Variant<>(false));
                devices.values().forEach(device -> device.drop(DEVICE, "RSSI"));
            }
        }

        private void hear() {
            for (Device device : devices.values()) {
                if (!device.linked && discoverers.stream().anyMatch(this::wantsTools)) {
                    device.heard();
                }
            }
        }

        private boolean wantsTools(String client) {
            Set<String> uuids = filters.getOrDefault(client, Set.of());
            return uuids.isEmpty() || uuids.contains(Gatt.LIGHTSTROKE_SERVICE.toString());
        }

        @Override
        public void RemoveDevice(DBusPath path) {
            synchronized (lock) {
                Device device = devices.values().stream()
                        .filter(each ->
                                each.isExported() && each.getObjectPath().equals(path.getPath()))
                        .findFirst()
                        .orElseThrow(() -> new Error.DoesNotExist("Does Not Exist"));
                device.unlink();
                device.forget();
            }
        }
    }

    private final class Device extends BusObject implements BlueZInterfaces.Device1 {
        private final SimulatedTool tool;
        private final Set<UUID> subscribed = ConcurrentHashMap.newKeySet();
        private final List<BusObject> gatt = new ArrayList<>();
        private final Map<UUID, Characteristic> characteristics = new ConcurrentHashMap<>();
        private @Nullable Future<?> forgetting;
        private boolean linked;
        private int links;
        private volatile boolean silent;

        Device(SimulatedTool tool) {
            super(bus, ADAPTER_PATH + "/dev_" + tool.identity().address().replace(':', '_'));
            this.tool = tool;
            put(DEVICE, "Address", new Variant<>(tool.identity().address()));
            put(DEVICE, "AddressType", new Variant<>("public"));
            put(DEVICE, "Name", new Variant<>(tool.identity().name()));
            put(DEVICE, "Alias", new Variant<>(tool.identity().name()));
            put(DEVICE, "Paired", new Variant<>(false));
            put(DEVICE, "Trusted", new Variant<>(false));
            put(DEVICE, "Blocked", new Variant<>(false));
            put(DEVICE, "LegacyPairing", new Variant<>(false));
            put(DEVICE, "Connected", new Variant<>(false));
            put(DEVICE, "UUIDs", uuids(List.of(Gatt.LIGHTSTROKE_SERVICE)));
            put(DEVICE, "Adapter", new Variant<>(new DBusPath(ADAPTER_PATH)));
            put(DEVICE, "ServicesResolved", new Variant<>(false));
            // BlueZ adds this once connected, at which TinyB complains on standard error; it uses it in no case.
            battery(tool.read(Gatt.BATTERY_LEVEL));
            buildGatt();
        }

        private void buildGatt() {
            Service service = null;
            int handle = 0;
            for (Gatt.Characteristic each : Gatt.TABLE) {
                if (service == null || !service.uuid.equals(each.service())) {
                    service = new Service(this, each.service(), ++handle);
                    gatt.add(service);
                }
                Characteristic characteristic = new Characteristic(this, service, each, ++handle);
                gatt.add(characteristic);
                characteristics.put(each.uuid(), characteristic);
            }
        }

        List<BusObject> exported() {
            List<BusObject> objects = new ArrayList<>();
            if (isExported()) {
                objects.add(this);
                gatt.stream().filter(BusObject::isExported).forEach(objects::add);
            }
            return objects;
        }

        void heard() {
            if (!isExported()) {
                put(DEVICE, "RSSI", new Variant<>(RSSI_DBM));
                export();
            } else if (!snapshot().getOrDefault(DEVICE, Map.of()).containsKey("RSSI")) {
                put(DEVICE, "RSSI", new Variant<>(RSSI_DBM));
            }
            forgetLater();
        }

        private void forgetLater() {
            keep();
            forgetting = radio.schedule(locked(this::forgetUnlessLinked), FORGOTTEN_AFTER_S, TimeUnit.SECONDS);
        }

        private void forgetUnlessLinked() {
            if (!linked) {
                forget();
            }
        }

        private void keep() {
            if (forgetting != null) {
                forgetting.cancel(false);
            }
        }

        void forget() {
            keep();
            if (isExported()) {
                unexport();
            }
        }

        @Override
        public void Connect() {
            synchronized (lock) {
                adapter.requirePowered();
                if (linked) {
                    return;
                }
                keep();
                linked = true;
                int link = ++links;
                subscribed.clear();
                subscribed.add(Gatt.BATTERY_LEVEL);
                tool.connect(MTU, subscribed, this::notified);
                put(DEVICE, "Connected", new Variant<>(true));
                later(DISCOVERED_AFTER_MS, () -> discover(link));
                later(RESOLVED_AFTER_MS, () -> resolved(link));
            }
        }

        private void discover(int link) {
            if (linked && link == links) {
                gatt.forEach(BusObject::export);
                put(
                        DEVICE,
                        "UUIDs",
                        uuids(Gatt.TABLE.stream()
                                .map(Gatt.Characteristic::service)
                                .distinct()
                                .toList()));
                battery(tool.read(Gatt.BATTERY_LEVEL));
            }
        }

        private void resolved(int link) {
            if (linked && link == links) {
                put(DEVICE, "ServicesResolved", new Variant<>(true));
            }
        }

        private void battery(byte[] level) {
            put(BATTERY, "Percentage", new Variant<>(level[0]));
        }

        @Override
        public void Disconnect() {
            synchronized (lock) {
                if (!linked) {
                    throw new Error.NotConnected("Not Connected");
                }
                unlink();
            }
        }

        void unlink() {
            if (!linked) {
                return;
            }
            linked = false;
            tool.disconnect();
            subscribed.clear();
            put(DEVICE, "ServicesResolved", new Variant<>(false));
            for (int i = gatt.size() - 1; i >= 0; i--) {
                if (gatt.get(i).isExported()) {
                    gatt.get(i).unexport();
                }
            }
            characteristics.values().forEach(Characteristic::unlinked);
            put(DEVICE, "Connected", new Variant<>(false));
            forgetLater();
        }

        /** From the tool, on whatever thread and under whatever lock of its own. */
        private void notified(UUID uuid, byte[] value) {
            if (silent) {
                return;
            }
            if (uuid.equals(Gatt.BATTERY_LEVEL)) {
                battery(value);
            }
            Characteristic characteristic = characteristics.get(uuid);
            if (characteristic != null && !characteristic.clients.isEmpty()) {
                characteristic.put(CHARACTERISTIC, "Value", new Variant<>(value, "ay"));
            }
        }

        void left(String client) {
            characteristics.values().forEach(characteristic -> characteristic.left(client));
        }

        @Override
        public <A> void Set(String interfaceName, String property, A value) {
            Object plain = value instanceof Variant<?> variant ? variant.getValue() : value;
            if (property.equals("Trusted") && plain instanceof Boolean trusted) {
                put(DEVICE, property, new Variant<>(trusted));
            } else if (property.equals("Alias") && plain instanceof String alias) {
                put(DEVICE, property, new Variant<>(alias));
            } else {
                super.Set(interfaceName, property, value);
            }
        }

        @Override
        public void ConnectProfile(String uuid) {
            throw new Error.NotAvailable("Operation currently not available");
        }

        @Override
        public void DisconnectProfile(String uuid) {
            throw new Error.NotSupported("Operation is not supported");
        }

        @Override
        public void Pair() {
            throw new Error.AuthenticationFailed("Authentication Failed");
        }

        @Override
        public void CancelPairing() {
            throw new Error.DoesNotExist("Does Not Exist");
        }
    }

    private final class Service extends BusObject implements BlueZInterfaces.GattService1 {
        private final UUID uuid;

        Service(Device device, UUID uuid, int handle) {
            super(bus, "%s/service%04x".formatted(device.getObjectPath(), handle));
            this.uuid = uuid;
            put(SERVICE, "UUID", new Variant<>(uuid.toString()));
            put(SERVICE, "Device", new Variant<>(new DBusPath(device.getObjectPath())));
            put(SERVICE, "Primary", new Variant<>(true));
            put(SERVICE, "Includes", new Variant<>(new DBusPath[0], "ao"));
        }
    }

    private final class Characteristic extends BusObject implements BlueZInterfaces.GattCharacteristic1 {
        private final Device device;
        private final UUID uuid;
        private final List<Property> properties;
        private final Set<String> clients = ConcurrentHashMap.newKeySet();

        Characteristic(Device device, Service service, Gatt.Characteristic row, int handle) {
            super(bus, "%s/char%04x".formatted(service.getObjectPath(), handle));
            this.device = device;
            uuid = row.uuid();
            properties = row.properties();
            put(CHARACTERISTIC, "UUID", new Variant<>(uuid.toString()));
            put(CHARACTERISTIC, "Service", new Variant<>(new DBusPath(service.getObjectPath())));
            put(
                    CHARACTERISTIC,
                    "Flags",
                    strings(properties.stream().map(Property::word).toList()));
            put(CHARACTERISTIC, "MTU", new Variant<>(new UInt16(MTU)));
            if (canNotify()) {
                put(CHARACTERISTIC, "Notifying", new Variant<>(false));
            }
        }

        private boolean canNotify() {
            return properties.contains(Property.NOTIFY) || properties.contains(Property.INDICATE);
        }

        private void requireLinked() {
            if (!device.linked) {
                throw new Error.NotConnected("Not Connected");
            }
        }

        @Override
        public byte[] ReadValue(Map<String, Variant<?>> options) {
            synchronized (lock) {
                requireLinked();
            }
            if (!properties.contains(Property.READ)) {
                throw new Error.NotPermitted("Read not permitted");
            }
            byte[] value = device.tool.read(uuid);
            int offset = number(options.get("offset"));
            if (offset > value.length) {
                throw new Error.InvalidOffset("Invalid offset");
            }
            put(CHARACTERISTIC, "Value", new Variant<>(value, "ay"));
            return Arrays.copyOfRange(value, offset, value.length);
        }

        @Override
        public void WriteValue(byte[] value, Map<String, Variant<?>> options) {
            synchronized (lock) {
                requireLinked();
            }
            if (value.length > MAX_VALUE_BYTES) {
                throw new Error.InvalidValueLength("Invalid value length");
            }
            if (number(options.get("offset")) != 0) {
                throw new Error.InvalidOffset("Invalid offset");
            }
            Variant<?> type = options.get("type");
            String way = type == null ? "" : type.getValue().toString();
            boolean request = properties.contains(Property.WRITE) && !way.equals("command");
            boolean command = properties.contains(Property.WRITE_WITHOUT_RESPONSE) && !way.equals("request");
            if (!request && !command) {
                throw new Error.NotSupported("Operation is not supported");
            }
            device.tool.write(uuid, value);
        }

        private static int number(@Nullable Variant<?> value) {
            return value != null && value.getValue() instanceof Number number ? number.intValue() : 0;
        }

        @Override
        public void StartNotify() {
            synchronized (lock) {
                requireLinked();
                if (!canNotify()) {
                    throw new Error.NotSupported("Operation is not supported");
                }
                if (!clients.add(caller())) {
                    throw new Error.Failed("Already notifying");
                }
                put(CHARACTERISTIC, "Notifying", new Variant<>(true));
                device.subscribed.add(uuid);
            }
        }

        @Override
        public void StopNotify() {
            synchronized (lock) {
                if (!clients.contains(caller())) {
                    throw new Error.Failed("No notify session started");
                }
                left(caller());
            }
        }

        void left(String client) {
            if (clients.remove(client) && clients.isEmpty()) {
                if (!uuid.equals(Gatt.BATTERY_LEVEL)) {
                    device.subscribed.remove(uuid);
                }
                put(CHARACTERISTIC, "Notifying", new Variant<>(false));
            }
        }

        /** The link is gone: nobody is subscribed, and no value is known. */
        void unlinked() {
            clients.clear();
            drop(CHARACTERISTIC, "Value");
            if (canNotify()) {
                put(CHARACTERISTIC, "Notifying", new Variant<>(false));
            }
        }
    }
}

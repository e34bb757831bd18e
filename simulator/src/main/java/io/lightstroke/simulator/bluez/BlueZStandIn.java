package io.lightstroke.simulator.bluez;

import static io.lightstroke.simulator.bluez.BlueZInterfaces.ADAPTER;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.AGENT_MANAGER;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.BATTERY;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.CHARACTERISTIC;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.DEVICE;
import static io.lightstroke.simulator.bluez.BlueZInterfaces.SERVICE;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.Tool;
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
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.bluez.Adapter1;
import org.bluez.Agent1;
import org.bluez.AgentManager1;
import org.bluez.Device1;
import org.bluez.Error;
import org.bluez.GattCharacteristic1;
import org.bluez.GattService1;
import org.bluez.datatypes.TwoTuple;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
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
    /** ATT MTU that it offers. */
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
    /** How often it tries a tool that does not answer. */
    private static final int TRY_MS = 20;

    private static final int MAX_VALUE_BYTES = 512;
    private static final int HANDED_OVER_AFTER_MS = 1000;
    /** More than the calls that can hang at a time. */
    private static final int CALL_THREADS = 16;

    private static final int LONGEST_HOLD_MS = 200;

    private final String busAddress;
    private volatile DBusConnection bus;
    private final ScheduledThreadPoolExecutor radio = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "bluez-stand-in");
        thread.setDaemon(true);
        return thread;
    });
    private final NotifyPipes pipes;
    private final Agents agents;
    private final Adapter adapter;
    private final Map<String, Device> devices = new LinkedHashMap<>();
    private @Nullable Stranger stranger;
    /** Guards links, discovery and who is exported. Never taken by what a tool calls. */
    private final Object lock = new Object();

    private boolean closed;
    private boolean stuckInProgress;
    private volatile int reorderWindow = 1;
    private volatile BiConsumer<String, byte[]> notified = (address, value) -> {};

    /**
     * @param busAddress as D-Bus writes it, see {@link PrivateBus#address()}
     * @throws IOException the bus cannot be reached, or someone owns {@code org.bluez} there
     */
    public BlueZStandIn(String busAddress, Collection<? extends Tool> tools) throws IOException {
        radio.setRemoveOnCancelPolicy(true);
        this.busAddress = busAddress;
        bus = connect(busAddress);
        pipes = new NotifyPipes();
        agents = new Agents();
        adapter = new Adapter();
        for (Tool tool : tools) {
            devices.put(tool.identity().address(), new Device(tool));
        }
        try {
            show();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void show() throws IOException {
        try {
            bus.exportObject(BusObject.ROOT, new Root());
            agents.export();
            adapter.export();
            bus.addSigHandler(NameOwnerChanged.class, this::ownerChanged);
            bus.requestBusName(NAME);
        } catch (DBusException e) {
            throw new IOException("stand-in for BlueZ: cannot own %s on %s".formatted(NAME, busAddress), e);
        }
    }

    private static DBusConnection connect(String address) throws IOException {
        try {
            return DBusConnectionBuilder.forAddress(address)
                    .withShared(false)
                    .receivingThreadConfig()
                    .withMethodCallThreadCount(CALL_THREADS)
                    .withSignalThreadCount(1)
                    .connectionConfig()
                    .build();
        } catch (DBusException e) {
            throw new IOException("stand-in for BlueZ: cannot reach the bus at " + address, e);
        }
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

    /** From the next link on BlueZ keeps the battery service for itself, as it does where its battery plugin runs. */
    public void keepBattery(String address) {
        synchronized (lock) {
            device(address).keepsBattery = true;
        }
    }

    /** From now on the tool gives the attributes of its own services only to who has paired with it in this way. */
    public void demandBond(String address, Pairing pairing) {
        synchronized (lock) {
            device(address).pairing = pairing;
        }
    }

    /** Another device is in range that BlueZ knows, as long as the adapter is there; no tool. */
    public void showStranger(String address, String name) {
        synchronized (lock) {
            stranger = new Stranger(address, name);
            stranger.export();
        }
    }

    /** The device is removed, as by bluetoothctl: link and objects are gone until it is discovered again. */
    public void removeDevice(String address) {
        synchronized (lock) {
            device(address).bond(false);
            device(address).remove();
        }
    }

    /** The adapter is unplugged: all objects are gone, the name on the bus stays. */
    public void removeAdapter() {
        synchronized (lock) {
            adapter.stopAll();
            devices.values().forEach(Device::remove);
            if (stranger != null) {
                stranger.unexport();
                stranger = null;
            }
            adapter.unexport();
        }
    }

    /** The adapter is plugged in again, powered; devices are to be discovered anew. */
    public void addAdapter() {
        synchronized (lock) {
            stuckInProgress = false;
            adapter.power(true);
            adapter.export();
        }
    }

    /**
     * BlueZ dies and is started again: links, objects and the name are gone without a word, then the adapter is there
     * anew. Also after the bus itself was restarted.
     *
     * @throws IOException the bus cannot be reached, or someone owns {@code org.bluez} there
     */
    public void restart() throws IOException {
        DBusConnection before = bus;
        synchronized (lock) {
            adapter.lose();
            agents.lose();
            agents.paths.clear();
            devices.values().forEach(Device::loseAll);
            stranger = null;
            adapter.stopAll();
            devices.values().forEach(Device::remove);
            stuckInProgress = false;
        }
        before.disconnect();
        synchronized (lock) {
            bus = connect(busAddress);
            adapter.power(true);
            show();
        }
    }

    /** Connecting and discovery answer "in progress", until the adapter is powered off. */
    public void stuckInProgress(boolean stuck) {
        synchronized (lock) {
            stuckInProgress = stuck;
        }
    }

    /** While it hangs, connecting to the tool is not answered, unless it is disconnected meanwhile. */
    public void hangConnect(String address, boolean hang) {
        synchronized (lock) {
            device(address).hanging = hang;
            lock.notifyAll();
        }
    }

    /**
     * Force frames change places, as with several ATT channels.
     *
     * @param window how many that follow each other; 1: none
     */
    public void reorder(int window) {
        if (window < 1) {
            throw new IllegalArgumentException("reorder window: want 1 or more, got " + window);
        }
        reorderWindow = window;
    }

    /**
     * Notifications of the tool get lost; indications do not, for the tool waits for their receipt.
     *
     * @param share of all, 0 to 1; which ones is the same at each run
     */
    public void loseNotifications(String address, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share of notifications lost: want 0 to 1, got " + share);
        }
        device(address).lose(share);
    }

    /** Told of what each tool notifies, by its address, before it goes to clients; on the tool's thread. */
    public void onNotified(BiConsumer<String, byte[]> listener) {
        notified = listener;
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
            lock.notifyAll();
        }
        radio.shutdownNow();
        bus.disconnect();
        try {
            pipes.close();
        } catch (IOException e) {
            log.debug("stand-in for BlueZ: {}", e.getMessage());
        }
    }

    /** A client that leaves the bus leaves nothing running, as with BlueZ. */
    private void ownerChanged(NameOwnerChanged change) {
        if (change.name.startsWith(":") && change.newOwner.isEmpty()) {
            locked(() -> {
                        agents.left(change.name);
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
                objects.put(new DBusPath(agents.getObjectPath()), agents.snapshot());
                if (adapter.isExported()) {
                    objects.put(new DBusPath(adapter.getObjectPath()), adapter.snapshot());
                }
                if (stranger != null) {
                    objects.put(new DBusPath(stranger.getObjectPath()), stranger.snapshot());
                }
                for (Device device : devices.values()) {
                    for (BusObject object : device.exported()) {
                        objects.put(new DBusPath(object.getObjectPath()), object.snapshot());
                    }
                }
            }
            return objects;
        }
    }

    /** Who answers for a person when a tool asks for a passkey: each client for what it pairs itself. */
    private final class Agents extends BusObject implements AgentManager1 {
        private final Map<String, String> paths = new HashMap<>();

        Agents() {
            super(() -> bus, "/org/bluez");
            put(AGENT_MANAGER);
        }

        @Override
        public void RegisterAgent(DBusPath path, String capability) {
            synchronized (lock) {
                if (paths.putIfAbsent(caller(), path.getPath()) != null) {
                    throw new Error.AlreadyExists("Already Exists");
                }
            }
        }

        @Override
        public void UnregisterAgent(DBusPath path) {
            synchronized (lock) {
                if (!paths.remove(caller(), path.getPath())) {
                    throw new Error.DoesNotExist("Does Not Exist");
                }
            }
        }

        @Override
        public void RequestDefaultAgent(DBusPath path) {
            synchronized (lock) {
                if (!path.getPath().equals(paths.get(caller()))) {
                    throw new Error.DoesNotExist("Does Not Exist");
                }
            }
        }

        void left(String client) {
            paths.remove(client);
        }

        /** Whether the client's agent, without one nobody, has done what the tool wants. */
        boolean agree(String client, DBusPath device, Pairing pairing) {
            String path;
            synchronized (lock) {
                path = paths.get(client);
            }
            if (path == null) {
                return pairing.way() == Pairing.Way.JUST_WORKS;
            }
            try {
                Agent1 agent = bus.getRemoteObject(client, path, Agent1.class);
                UInt32 passkey = new UInt32(pairing.passkey());
                switch (pairing.way()) {
                    case ENTER -> {
                        return agent.RequestPasskey(device).intValue() == pairing.passkey();
                    }
                    case COMPARE -> agent.RequestConfirmation(device, passkey);
                    case SHOW -> agent.DisplayPasskey(device, passkey, new UInt16(0));
                    case JUST_WORKS -> agent.RequestAuthorization(device);
                }
                return true;
            } catch (DBusException | DBusExecutionException e) {
                log.debug("the agent of {}: {}", client, e.getMessage());
                return false;
            }
        }
    }

    private final class Adapter extends BusObject implements Adapter1 {
        private final Set<String> discoverers = new HashSet<>();
        private final Map<String, Set<String>> filters = new HashMap<>();
        private @Nullable Future<?> advertising;
        private boolean powered = true;

        Adapter() {
            super(() -> bus, ADAPTER_PATH);
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
                stopAll();
                devices.values().forEach(Device::unlink);
                stuckInProgress = false;
                lock.notifyAll();
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
                if (stuckInProgress || !discoverers.add(caller())) {
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

        void stopAll() {
            List.copyOf(discoverers).forEach(this::left);
            filters.clear();
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
                if (!device.linked
                        && device.tool.reachable()
                        && discoverers.stream().anyMatch(this::wantsTools)) {
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
                device.bond(false);
                device.remove();
            }
        }

        @Override
        public DBusPath ConnectDevice(Map<String, Variant<?>> properties) {
            throw new Error.NotSupported("Operation is not supported");
        }
    }

    private final class Device extends BusObject implements Device1 {
        private final Tool tool;
        private final Set<UUID> subscribed = ConcurrentHashMap.newKeySet();
        private final List<BusObject> gatt = new ArrayList<>();
        private final Map<UUID, Characteristic> characteristics = new ConcurrentHashMap<>();
        private @Nullable Future<?> forgetting;
        private @Nullable Pairing pairing;
        private boolean bonded;
        private boolean keepsBattery;
        private boolean linked;
        private int links;
        private boolean hanging;
        private int aborted;
        private volatile boolean silent;
        private final Shuffle shuffle = new Shuffle();
        private volatile double lostShare;
        private Random loss = new Random(0);

        Device(Tool tool) {
            super(() -> bus, ADAPTER_PATH + "/dev_" + tool.identity().address().replace(':', '_'));
            this.tool = tool;
            put(DEVICE, "Address", new Variant<>(tool.identity().address()));
            put(DEVICE, "AddressType", new Variant<>("public"));
            put(DEVICE, "Name", new Variant<>(tool.identity().name()));
            put(DEVICE, "Alias", new Variant<>(tool.identity().name()));
            bond(false);
            put(DEVICE, "Trusted", new Variant<>(false));
            put(DEVICE, "Blocked", new Variant<>(false));
            put(DEVICE, "LegacyPairing", new Variant<>(false));
            put(DEVICE, "Connected", new Variant<>(false));
            put(DEVICE, "UUIDs", uuids(List.of(Gatt.LIGHTSTROKE_SERVICE)));
            put(DEVICE, "Adapter", new Variant<>(new DBusPath(ADAPTER_PATH)));
            put(DEVICE, "ServicesResolved", new Variant<>(false));
            // BlueZ adds this once connected, at which TinyB complains on standard error; it uses it in no case.
            battery();
            buildGatt();
        }

        private void buildGatt() {
            Service service = null;
            int handle = 0;
            for (Gatt.Characteristic each : tool.characteristics()) {
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
            if (!linked && !bonded) {
                forget();
            }
        }

        private void keep() {
            if (forgetting != null) {
                forgetting.cancel(false);
            }
        }

        void remove() {
            unlink();
            forget();
        }

        void loseAll() {
            lose();
            gatt.forEach(BusObject::lose);
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
                if (stuckInProgress) {
                    throw new Error.InProgress("Operation already in progress");
                }
                waitWhileHanging();
                if (linked) {
                    return;
                }
                keep();
                linked = true;
                int link = ++links;
                subscribed.clear();
                subscribed.add(Gatt.BATTERY_LEVEL);
                showBond();
                int mtu = tool.mtu(MTU);
                characteristics.values().forEach(characteristic -> characteristic.mtu(mtu));
                tool.connect(mtu, subscribed, central(link));
                put(DEVICE, "Connected", new Variant<>(true));
                later(DISCOVERED_AFTER_MS, () -> discover(link));
                later(RESOLVED_AFTER_MS, () -> resolved(link));
            }
        }

        private boolean answers() {
            return !hanging && tool.reachable();
        }

        private void waitWhileHanging() {
            int attempt = aborted;
            while (!answers()) {
                try {
                    lock.wait(TRY_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new Error.Failed("Operation aborted");
                }
                if (aborted != attempt || closed || !isExported() || !adapter.powered) {
                    throw new Error.Failed("le-connection-abort-by-local");
                }
            }
        }

        private void discover(int link) {
            if (linked && link == links) {
                gatt.stream()
                        .filter(object -> !keepsBattery || !isBattery(object))
                        .forEach(BusObject::export);
                put(
                        DEVICE,
                        "UUIDs",
                        uuids(tool.characteristics().stream()
                                .map(Gatt.Characteristic::service)
                                .distinct()
                                .toList()));
                battery();
            }
        }

        private void battery() {
            if (tool.has(Gatt.BATTERY_LEVEL, Property.READ)) {
                battery(tool.read(Gatt.BATTERY_LEVEL));
            }
        }

        private static boolean isBattery(BusObject object) {
            return object instanceof Service service
                    ? service.uuid.equals(Gatt.BATTERY_SERVICE)
                    : object instanceof Characteristic characteristic && characteristic.uuid.equals(Gatt.BATTERY_LEVEL);
        }

        private void resolved(int link) {
            if (linked && link == links) {
                put(DEVICE, "ServicesResolved", new Variant<>(true));
            }
        }

        private void battery(byte[] level) {
            if (level.length == 0) {
                return;
            }
            put(BATTERY, "Percentage", new Variant<>(level[0]));
        }

        @Override
        public void Disconnect() {
            synchronized (lock) {
                if (!linked && !answers()) {
                    aborted++;
                    lock.notifyAll();
                    return;
                }
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
            shuffle.clear();
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

        /** Of one link; when the tool ends it, no lock of the tool may be held. */
        private Tool.Central central(int link) {
            return new Tool.Central() {
                @Override
                public void notified(UUID characteristic, byte[] value) {
                    Device.this.notified(characteristic, value);
                }

                @Override
                public void lost() {
                    later(0, () -> {
                        if (link == links) {
                            unlink();
                        }
                    });
                }
            };
        }

        /** From the tool, on whatever thread and under whatever lock of its own. */
        private void notified(UUID uuid, byte[] value) {
            Characteristic characteristic = characteristics.get(uuid);
            if (silent || characteristic == null || isLost(characteristic)) {
                return;
            }
            if (uuid.equals(Gatt.BATTERY_LEVEL)) {
                battery(value);
            }
            notified.accept(tool.identity().address(), value);
            if (uuid.equals(Gatt.FORCE_STREAM) && shuffle.pass(value, reorderWindow, characteristic::notified)) {
                later(LONGEST_HOLD_MS, () -> shuffle.flush(characteristic::notified));
            } else if (!uuid.equals(Gatt.FORCE_STREAM)) {
                characteristic.notified(value);
            }
        }

        private void lose(double share) {
            synchronized (tool) {
                loss = new Random(0);
                lostShare = share;
            }
        }

        private boolean isLost(Characteristic characteristic) {
            return lostShare > 0
                    && !characteristic.properties.contains(Property.INDICATE)
                    && loss.nextDouble() < lostShare;
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
            Pairing wanted;
            synchronized (lock) {
                if (bonded) {
                    throw new Error.AlreadyExists("Already Exists");
                }
                wanted = pairing;
            }
            Connect();
            // Outside of the lock, as a person may take long.
            boolean agreed = wanted != null && agents.agree(caller(), new DBusPath(getObjectPath()), wanted);
            synchronized (lock) {
                if (!agreed || !linked) {
                    unlink();
                    throw new Error.AuthenticationFailed("Authentication Failed");
                }
                bond(true);
            }
        }

        private void bond(boolean now) {
            bonded = now;
            showBond();
        }

        /** One that passes for the tool has no key. */
        private boolean isBonded() {
            return bonded && tool.genuine();
        }

        private void showBond() {
            put(DEVICE, "Paired", new Variant<>(isBonded()));
            put(DEVICE, "Bonded", new Variant<>(isBonded()));
        }

        /** What ATT answers when the tool wants an authenticated link. */
        void requireBond(Gatt.Characteristic row) {
            boolean wantsIt = row.service().equals(Gatt.LIGHTSTROKE_SERVICE)
                    || row.service().equals(Gatt.SMP_SERVICE);
            if (pairing != null && !isBonded() && wantsIt) {
                throw new Error.NotPermitted("Not paired");
            }
        }

        @Override
        public void CancelPairing() {
            throw new Error.DoesNotExist("Does Not Exist");
        }
    }

    /** A device without the tools' service, to be seen only. */
    private final class Stranger extends BusObject {
        Stranger(String address, String name) {
            super(() -> bus, ADAPTER_PATH + "/dev_" + address.replace(':', '_'));
            put(DEVICE, "Address", new Variant<>(address));
            put(DEVICE, "Name", new Variant<>(name));
            put(DEVICE, "Alias", new Variant<>(name));
            put(DEVICE, "Paired", new Variant<>(false));
            put(DEVICE, "Connected", new Variant<>(false));
            put(DEVICE, "RSSI", new Variant<>(RSSI_DBM));
            put(DEVICE, "UUIDs", uuids(List.of(Gatt.BATTERY_SERVICE)));
            put(DEVICE, "Adapter", new Variant<>(new DBusPath(ADAPTER_PATH)));
        }
    }

    private final class Service extends BusObject implements GattService1 {
        private final UUID uuid;

        Service(Device device, UUID uuid, int handle) {
            super(() -> bus, "%s/service%04x".formatted(device.getObjectPath(), handle));
            this.uuid = uuid;
            put(SERVICE, "UUID", new Variant<>(uuid.toString()));
            put(SERVICE, "Device", new Variant<>(new DBusPath(device.getObjectPath())));
            put(SERVICE, "Primary", new Variant<>(true));
            put(SERVICE, "Includes", new Variant<>(new DBusPath[0], "ao"));
        }
    }

    private final class Characteristic extends BusObject implements GattCharacteristic1 {
        private final Device device;
        private final Gatt.Characteristic row;
        private final UUID uuid;
        private final List<Property> properties;
        private final Set<String> clients = ConcurrentHashMap.newKeySet();
        private volatile NotifyPipes.@Nullable Pipe pipe;
        private int mtu;

        Characteristic(Device device, Service service, Gatt.Characteristic row, int handle) {
            super(() -> bus, "%s/char%04x".formatted(service.getObjectPath(), handle));
            this.device = device;
            this.row = row;
            uuid = row.uuid();
            properties = row.properties();
            put(CHARACTERISTIC, "UUID", new Variant<>(uuid.toString()));
            put(CHARACTERISTIC, "Service", new Variant<>(new DBusPath(service.getObjectPath())));
            put(
                    CHARACTERISTIC,
                    "Flags",
                    strings(properties.stream().map(Property::word).toList()));
            mtu(MTU);
            if (canNotify()) {
                put(CHARACTERISTIC, "Notifying", new Variant<>(false));
            }
        }

        /** Of the link that begins. */
        void mtu(int now) {
            mtu = now;
            put(CHARACTERISTIC, "MTU", new Variant<>(new UInt16(now)));
        }

        private boolean canNotify() {
            return properties.contains(Property.NOTIFY) || properties.contains(Property.INDICATE);
        }

        private void requireLinked() {
            if (!device.linked) {
                throw new Error.NotConnected("Not Connected");
            }
            device.requireBond(row);
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
                requireNotAcquired();
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
                if (pipe != null) {
                    release();
                    return;
                }
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

        private void requireNotAcquired() {
            if (pipe != null) {
                throw new Error.NotPermitted("Notify acquired");
            }
        }

        @Override
        public TwoTuple<FileDescriptor, UInt16> AcquireNotify(Map<String, Variant<?>> options) {
            synchronized (lock) {
                requireLinked();
                requireNotAcquired();
                if (!clients.isEmpty()) {
                    throw new Error.InProgress("In Progress");
                }
                if (!properties.contains(Property.NOTIFY)) { // BlueZ has it for notifications only
                    throw new Error.NotSupported("Operation is not supported");
                }
                try {
                    NotifyPipes.Pipe opened = pipes.open(this::hungUp);
                    pipe = opened;
                    put(CHARACTERISTIC, "NotifyAcquired", new Variant<>(true));
                    device.subscribed.add(uuid);
                    // Once the answer has surely left, only the client holds its end open.
                    Future<?> unused = radio.schedule(opened::handedOver, HANDED_OVER_AFTER_MS, TimeUnit.MILLISECONDS);
                    return new TwoTuple<>(opened.clientEnd(), new UInt16(mtu));
                } catch (IOException e) {
                    throw new Error.Failed(String.valueOf(e.getMessage()));
                }
            }
        }

        @Override
        public TwoTuple<FileDescriptor, UInt16> AcquireWrite(Map<String, Variant<?>> options) {
            throw new Error.NotSupported("Operation is not supported");
        }

        @Override
        public void Confirm() {
            throw new Error.NotSupported("Operation is not supported");
        }

        void notified(byte[] value) {
            NotifyPipes.Pipe acquired = pipe;
            if (acquired != null) {
                acquired.send(value);
            } else if (!clients.isEmpty()) {
                put(CHARACTERISTIC, "Value", new Variant<>(value, "ay"));
            }
        }

        /** One that was opened since stays. */
        private void hungUp(NotifyPipes.Pipe left) {
            synchronized (lock) {
                if (pipe == left) {
                    release();
                }
            }
        }

        private void release() {
            NotifyPipes.Pipe acquired = pipe;
            if (acquired != null) {
                pipe = null;
                acquired.close();
                if (!uuid.equals(Gatt.BATTERY_LEVEL)) {
                    device.subscribed.remove(uuid);
                }
                put(CHARACTERISTIC, "NotifyAcquired", new Variant<>(false));
            }
        }

        /** The link is gone: nobody is subscribed, and no value is known. */
        void unlinked() {
            release();
            clients.clear();
            drop(CHARACTERISTIC, "Value");
            if (canNotify()) {
                put(CHARACTERISTIC, "Notifying", new Variant<>(false));
            }
        }
    }
}

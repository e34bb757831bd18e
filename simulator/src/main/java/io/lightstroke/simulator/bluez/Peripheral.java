package io.lightstroke.simulator.bluez;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bluez.Adapter1;
import org.bluez.Agent1;
import org.bluez.AgentManager1;
import org.bluez.Device1;
import org.bluez.Error;
import org.bluez.GattCharacteristic1;
import org.bluez.GattManager1;
import org.bluez.GattService1;
import org.bluez.LEAdvertisement1;
import org.bluez.LEAdvertisingManager1;
import org.bluez.datatypes.TwoTuple;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus.NameOwnerChanged;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesAdded;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesRemoved;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.interfaces.Properties.PropertiesChanged;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a Bluetooth adapter of this machine a tool over the air: its GATT table and its advertisement, through BlueZ. It
 * is so again after BlueZ was restarted or the adapter replugged. All methods may be called from any thread. It does not
 * drive the tool's time.
 */
public final class Peripheral implements AutoCloseable {
    /** What a central must have done before the characteristics let it in. */
    public enum Trust {
        /** Paired with a passkey. */
        BONDED("encrypt-authenticated-"),
        /** Paired in any way. */
        JUST_WORKS("encrypt-"),
        /** Nothing. */
        OPEN("");

        /** BlueZ has a flag with it for each property but write without response. */
        private final String prefix;

        Trust(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        String[] flags(List<Property> properties) {
            Set<String> flags = new LinkedHashSet<>();
            for (Property property : properties) {
                switch (property) {
                    case READ, WRITE -> flags.add(prefix + property.word());
                    case NOTIFY, INDICATE -> flags.addAll(List.of(property.word(), prefix + property.word()));
                    case WRITE_WITHOUT_RESPONSE -> {
                        flags.add(property.word());
                        if (this != OPEN) {
                            flags.add(prefix + Property.WRITE.word());
                        }
                    }
                }
            }
            return flags.toArray(String[]::new);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Peripheral.class);
    private static final String BLUEZ = "org.bluez";
    private static final DBusPath APPLICATION = new DBusPath(BusObject.ROOT);
    private static final DBusPath ADVERTISEMENT = new DBusPath("/advertisement");
    private static final DBusPath AGENT = new DBusPath("/agent");
    private static final int ADVERTISING_MIN_MS = 100;
    private static final int ADVERTISING_MAX_MS = 150;
    private static final int RETRY_S = 1;

    private final DBusConnection bus;
    private final String adapterPath;
    private final Trust trust;
    private final Tool tool;
    private final Consumer<String> told;
    private final Map<UUID, Characteristic> characteristics = new LinkedHashMap<>();
    /** By BlueZ's word alone: it keeps what a bonded central subscribed to over lost links, and does not tell it again. */
    private final Set<UUID> subscribed = ConcurrentHashMap.newKeySet();

    private final ScheduledThreadPoolExecutor registering = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "peripheral");
        thread.setDaemon(true);
        return thread;
    });
    private boolean registered;
    /** Path of the central that the tool is connected to, as far as BlueZ tells it. */
    private @Nullable String central;
    /** 0 while the tool is connected to none. */
    private int mtu;

    /** Makes the tool for an adapter's address. */
    public interface ToolAt {
        Tool at(String address) throws IOException;
    }

    /**
     * Reaches BlueZ, switches the adapter on and makes it the tool.
     *
     * @param busAddress as D-Bus writes it
     * @param adapter for example {@code hci0}
     * @param told gets a line of words for each connect and disconnect, and the passkey of each pairing, which BlueZ
     *     draws and the central's side enters; on a thread of D-Bus
     * @throws IOException the bus, BlueZ or the adapter is not there, or BlueZ refuses
     */
    public Peripheral(String busAddress, String adapter, Trust trust, ToolAt toolAt, Consumer<String> told)
            throws IOException {
        this.trust = trust;
        this.told = told;
        adapterPath = "/org/bluez/" + adapter;
        try {
            bus = DBusConnectionBuilder.forAddress(busAddress)
                    .withShared(false)
                    .receivingThreadConfig()
                    .withMethodCallThreadCount(1)
                    .withSignalThreadCount(1)
                    .connectionConfig()
                    .build();
        } catch (DBusException e) {
            throw new IOException(
                    "peripheral: cannot reach the bus at %s: %s".formatted(busAddress, e.getMessage()), e);
        }
        try {
            tool = toolAt.at(adapterAddress(adapter));
            export();
            bus.addSigHandler(PropertiesChanged.class, this::changed);
            bus.addSigHandler(InterfacesAdded.class, this::added);
            bus.addSigHandler(InterfacesRemoved.class, this::removed);
            bus.addSigHandler(NameOwnerChanged.class, this::ownerChanged);
            register();
        } catch (DBusException | DBusExecutionException e) {
            bus.disconnect();
            throw new IOException("peripheral on %s: BlueZ says: %s".formatted(adapter, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            bus.disconnect();
            throw e;
        }
    }

    public Tool tool() {
        return tool;
    }

    private String adapterAddress(String name) throws IOException, DBusException {
        Map<String, Map<String, Map<String, Variant<?>>>> adapters = new TreeMap<>();
        try {
            remote(BusObject.ROOT, ObjectManager.class).GetManagedObjects().forEach((path, interfaces) -> {
                if (interfaces.containsKey(Adapter1.class.getName())) {
                    adapters.put(path.getPath().substring(path.getPath().lastIndexOf('/') + 1), interfaces);
                }
            });
        } catch (DBusExecutionException e) {
            throw new IOException(
                    "peripheral: BlueZ is not on the bus; does bluetoothd run? (%s)".formatted(e.getMessage()), e);
        }
        Map<String, Map<String, Variant<?>>> interfaces = adapters.get(name);
        if (interfaces == null) {
            throw new IOException(
                    "peripheral: want an adapter that is there, one of %s, got %s".formatted(adapters.keySet(), name));
        }
        if (!interfaces.containsKey(LEAdvertisingManager1.class.getName())) {
            throw new IOException("peripheral: want an adapter that can advertise over Bluetooth LE, got " + name);
        }
        Map<String, Variant<?>> adapter = Objects.requireNonNull(interfaces.get(Adapter1.class.getName()));
        Variant<?> uuids = adapter.get("UUIDs");
        if (uuids != null && words(uuids).contains(Gatt.LIGHTSTROKE_SERVICE.toString())) {
            throw new IOException("peripheral: %s is a tool already, by another program".formatted(name));
        }
        return Objects.requireNonNull(adapter.get("Address")).getValue().toString();
    }

    private static List<?> words(Variant<?> list) {
        return list.getValue() instanceof Object[] array ? Arrays.asList(array) : (List<?>) list.getValue();
    }

    private <T extends DBusInterface> T remote(String path, Class<T> type) throws DBusException {
        return bus.getRemoteObject(BLUEZ, path, type);
    }

    private void export() throws DBusException {
        bus.exportObject(BusObject.ROOT, new Root());
        bus.exportObject(ADVERTISEMENT.getPath(), new Advertisement());
        bus.exportObject(AGENT.getPath(), new Agent());
        Service service = null;
        for (Gatt.Characteristic row : tool.characteristics()) {
            if (service == null || !service.uuid.equals(row.service())) {
                service = new Service(row.service());
                service.export();
            }
            Characteristic characteristic = new Characteristic(service, row);
            characteristic.export();
            characteristics.put(row.uuid(), characteristic);
        }
    }

    /** Tells BlueZ all there is, as often as it takes. */
    private void register() throws DBusException {
        Properties adapter = remote(adapterPath, Properties.class);
        adapter.Set(Adapter1.class.getName(), "Powered", true);
        adapter.Set(Adapter1.class.getName(), "Pairable", trust != Trust.OPEN);
        if (trust != Trust.OPEN) {
            AgentManager1 agents = remote("/org/bluez", AgentManager1.class);
            unlessThere(() -> agents.RegisterAgent(AGENT, trust == Trust.BONDED ? "DisplayOnly" : "NoInputNoOutput"));
            agents.RequestDefaultAgent(AGENT);
        }
        GattManager1 gatt = remote(adapterPath, GattManager1.class);
        unlessThere(() -> gatt.RegisterApplication(APPLICATION, Map.of()));
        LEAdvertisingManager1 advertising = remote(adapterPath, LEAdvertisingManager1.class);
        unlessThere(() -> advertising.RegisterAdvertisement(ADVERTISEMENT, Map.of()));
        synchronized (this) {
            registered = true;
        }
    }

    private interface Registration {
        void run() throws DBusException;
    }

    private static void unlessThere(Registration registration) throws DBusException {
        try {
            registration.run();
        } catch (Error.AlreadyExists e) {
            log.debug("{}", e.getMessage());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failure is logged
    private void registerAgain(int afterS) {
        registering.schedule(
                () -> {
                    synchronized (this) {
                        if (registered) {
                            return;
                        }
                    }
                    try {
                        register();
                        told.accept("the tool is there again");
                    } catch (DBusException | DBusExecutionException e) {
                        log.warn("becoming the tool again: {}; trying on", e.getMessage());
                        registerAgain(RETRY_S);
                    }
                },
                afterS,
                TimeUnit.SECONDS);
    }

    private void added(InterfacesAdded signal) {
        String path = signal.getSignalSource().getPath();
        if (path.equals(adapterPath)) {
            registerAgain(0);
        } else if (path.startsWith(adapterPath + "/")) { // a central that BlueZ has not known before
            deviceIs(path, signal.getInterfaces().getOrDefault(Device1.class.getName(), Map.of()));
        }
    }

    private void removed(InterfacesRemoved signal) {
        if (signal.getSignalSource().getPath().equals(adapterPath)) {
            gone();
        }
    }

    private void ownerChanged(NameOwnerChanged change) {
        if (change.name.equals(BLUEZ) && change.newOwner.isEmpty()) {
            gone();
        }
    }

    /** The adapter, or BlueZ itself. */
    private synchronized void gone() {
        registered = false;
        subscribed.clear();
        disconnected(null);
    }

    private void changed(PropertiesChanged signal) {
        if (signal.getInterfaceName().equals(Device1.class.getName())
                && signal.getPath().startsWith(adapterPath + "/")) {
            deviceIs(signal.getPath(), signal.getPropertiesChanged());
        }
    }

    private void deviceIs(String path, Map<String, Variant<?>> properties) {
        Variant<?> connected = properties.get("Connected");
        if (connected == null) {
            return;
        }
        boolean on = Boolean.TRUE.equals(connected.getValue());
        if (!on) {
            disconnected(path);
        }
        told.accept(addressOf(path) + (on ? " connected" : " disconnected"));
    }

    private static String addressOf(String devicePath) {
        return devicePath.substring(devicePath.lastIndexOf("dev_") + 4).replace('_', ':');
    }

    /** By any use of a characteristic. BlueZ says who and how at reads and writes only. */
    private synchronized void connected(@Nullable String newCentral, int newMtu) {
        if (newCentral != null) {
            central = newCentral;
        }
        if (newMtu > mtu) {
            mtu = newMtu;
            tool.connect(tool.mtu(mtu), subscribed, link);
        }
    }

    /** @param path null: whoever it was */
    private synchronized void disconnected(@Nullable String path) {
        if (path == null || central == null || path.equals(central)) {
            central = null;
            mtu = 0;
            tool.disconnect();
        }
    }

    /** Told by the tool, on whatever thread and under its lock. */
    private final Tool.Central link = new Tool.Central() {
        @Override
        public void notified(UUID uuid, byte[] value) {
            Objects.requireNonNull(characteristics.get(uuid))
                    .put(GattCharacteristic1.class.getName(), "Value", new Variant<>(value, "ay"));
        }

        @Override
        public void lost() {
            registering.execute(Peripheral.this::hangUp);
        }
    };

    private void hangUp() {
        String last;
        synchronized (this) {
            last = central;
            disconnected(null);
        }
        try {
            if (last != null) {
                remote(last, Device1.class).Disconnect();
            }
        } catch (DBusException | DBusExecutionException e) {
            log.debug("ending the link to {}: {}", last, e.getMessage());
        }
    }

    /** Ends the central's link and leaves the bus, with which BlueZ takes the tool away. */
    @Override
    public void close() {
        registering.shutdownNow();
        hangUp();
        bus.disconnect();
    }

    /** What BlueZ reads once, when the application is registered. */
    private final class Root implements ObjectManager {
        @Override
        public String getObjectPath() {
            return BusObject.ROOT;
        }

        @Override
        public Map<DBusPath, Map<String, Map<String, Variant<?>>>> GetManagedObjects() {
            Map<DBusPath, Map<String, Map<String, Variant<?>>>> objects = new LinkedHashMap<>();
            for (Characteristic characteristic : characteristics.values()) {
                for (BusObject object : List.of(characteristic.service, characteristic)) {
                    objects.put(new DBusPath(object.getObjectPath()), object.snapshot());
                }
            }
            return objects;
        }
    }

    private final class Advertisement extends BusObject implements LEAdvertisement1 {
        Advertisement() {
            super(() -> bus, ADVERTISEMENT.getPath());
            String name = LEAdvertisement1.class.getName();
            put(name, "Type", new Variant<>("peripheral"));
            put(name, "ServiceUUIDs", new Variant<>(new String[] {Gatt.LIGHTSTROKE_SERVICE.toString()}, "as"));
            put(name, "LocalName", new Variant<>(tool.identity().name()));
            put(name, "Discoverable", new Variant<>(true));
            put(name, "MinInterval", new Variant<>(new UInt32(ADVERTISING_MIN_MS)));
            put(name, "MaxInterval", new Variant<>(new UInt32(ADVERTISING_MAX_MS)));
        }

        @Override
        public void Release() {}
    }

    private final class Service extends BusObject implements GattService1 {
        private final UUID uuid;

        Service(UUID uuid) {
            super(() -> bus, "/" + name(uuid));
            this.uuid = uuid;
            put(GattService1.class.getName(), "UUID", new Variant<>(uuid.toString()));
            put(GattService1.class.getName(), "Primary", new Variant<>(true));
        }
    }

    private static String name(UUID uuid) {
        return "u" + uuid.toString().replace('-', '_');
    }

    private final class Characteristic extends BusObject implements GattCharacteristic1 {
        private final Service service;
        private final UUID uuid;

        Characteristic(Service service, Gatt.Characteristic row) {
            super(() -> bus, service.getObjectPath() + "/" + name(row.uuid()));
            this.service = service;
            uuid = row.uuid();
            String name = GattCharacteristic1.class.getName();
            put(name, "UUID", new Variant<>(uuid.toString()));
            put(name, "Service", new Variant<>(new DBusPath(service.getObjectPath())));
            put(name, "Flags", new Variant<>(trust.flags(row.properties()), "as"));
        }

        @Override
        public byte[] ReadValue(Map<String, Variant<?>> options) {
            connectedBy(options);
            byte[] value = tool.read(uuid);
            int offset = number(options.get("offset"));
            if (offset > value.length) {
                throw new Error.InvalidOffset("Invalid offset");
            }
            return Arrays.copyOfRange(value, offset, value.length);
        }

        @Override
        public void WriteValue(byte[] value, Map<String, Variant<?>> options) {
            connectedBy(options);
            try {
                tool.write(uuid, value);
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new Error.Failed(String.valueOf(e.getMessage()));
            }
        }

        private void connectedBy(Map<String, Variant<?>> options) {
            Variant<?> device = options.get("device");
            connected(
                    device == null ? null : device.getValue().toString(),
                    Math.max(Gatt.MIN_MTU, number(options.get("mtu"))));
        }

        private static int number(@Nullable Variant<?> value) {
            return value != null && value.getValue() instanceof Number number ? number.intValue() : 0;
        }

        @Override
        public void StartNotify() {
            connected(null, Gatt.MIN_MTU);
            subscribed.add(uuid);
        }

        @Override
        public void StopNotify() {
            subscribed.remove(uuid);
        }

        /** Of an indication. */
        @Override
        public void Confirm() {}

        @Override
        public TwoTuple<FileDescriptor, UInt16> AcquireWrite(Map<String, Variant<?>> options) {
            throw new Error.NotSupported("Operation is not supported");
        }

        @Override
        public TwoTuple<FileDescriptor, UInt16> AcquireNotify(Map<String, Variant<?>> options) {
            throw new Error.NotSupported("Operation is not supported");
        }
    }

    /** Answers for pairings with this adapter; as the machine's default agent it is asked for those of others too. */
    private final class Agent implements Agent1 {
        @Override
        public String getObjectPath() {
            return AGENT.getPath();
        }

        @Override
        public UInt32 RequestPasskey(DBusPath device) {
            throw new Error.Rejected("this tool shows a passkey, it takes none");
        }

        @Override
        public void DisplayPasskey(DBusPath device, UInt32 shown, UInt16 entered) {
            requireOwn(device);
            if (entered.intValue() == 0) {
                told.accept("passkey for %s: %06d".formatted(addressOf(device.getPath()), shown.intValue()));
            }
        }

        /** Asked only without a passkey. */
        @Override
        public void RequestAuthorization(DBusPath device) {
            requireOwn(device);
            if (trust != Trust.JUST_WORKS) {
                throw new Error.Rejected("this tool pairs with a passkey only");
            }
        }

        @Override
        public void RequestConfirmation(DBusPath device, UInt32 shown) {
            throw new Error.Rejected("this tool has no button to confirm with");
        }

        @Override
        public String RequestPinCode(DBusPath device) {
            throw new Error.Rejected("this tool pairs over Bluetooth LE only");
        }

        @Override
        public void DisplayPinCode(DBusPath device, String pin) {
            throw new Error.Rejected("this tool pairs over Bluetooth LE only");
        }

        @Override
        public void AuthorizeService(DBusPath device, String service) {
            requireOwn(device);
        }

        private void requireOwn(DBusPath device) {
            if (!device.getPath().startsWith(adapterPath + "/")) {
                throw new Error.Rejected("not with this adapter");
            }
        }

        @Override
        public void Cancel() {}

        @Override
        public void Release() {}
    }
}

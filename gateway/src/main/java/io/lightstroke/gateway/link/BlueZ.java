package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bluez.Adapter1;
import org.bluez.Agent1;
import org.bluez.AgentManager1;
import org.bluez.Battery1;
import org.bluez.Device1;
import org.bluez.GattCharacteristic1;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus.NameOwnerChanged;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.DBusSigHandler;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesAdded;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesRemoved;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.interfaces.Properties.PropertiesChanged;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BlueZ over D-Bus: a picture of its objects, kept by its signals, and its methods. All methods may be called from any
 * thread; each has a time limit. When bluetoothd or the bus has gone, what is under way fails, and the next call finds
 * all anew. One thread passes on signals, in order.
 */
public final class BlueZ implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BlueZ.class);

    private static final String NAME = "org.bluez";
    static final String ADAPTER = busName(Adapter1.class);
    static final String DEVICE = busName(Device1.class);
    static final String BATTERY = busName(Battery1.class);
    static final String CHARACTERISTIC = busName(GattCharacteristic1.class);
    private static final String PROPERTIES = busName(Properties.class);

    private static final Duration STEP_LIMIT = Duration.ofSeconds(5);
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(3);
    private static final Duration HEAR_LIMIT = Duration.ofSeconds(5);
    /** dbus-java tries again for so long. */
    private static final int RETRY_MS = 1000;

    private static final long LOOK_NANOS = 300_000_000;

    private final String busAddress;
    /** Guards the picture. Held while it is taken, so that no signal after it is lost; what is notified passes beside. */
    private final Object lock = new Object();
    /** Path, interface, property. */
    private final Map<String, Map<String, Map<String, Object>>> objects = new TreeMap<>();

    private final Map<String, Consumer<byte[]>> receivers = new ConcurrentHashMap<>();
    private final List<AutoCloseable> handlers = new ArrayList<>();
    private volatile @Nullable DBusConnection bus;
    /** Whose picture it is; null while it is nobody's. */
    private volatile @Nullable Owner owner;

    private volatile boolean closed;

    /**
     * An adapter as it was when asked for.
     *
     * @param name for example {@code hci0}; another after replugging
     */
    public record Adapter(String path, String name, String address, boolean powered) {}

    /**
     * A device as it was when asked for.
     *
     * @param rssiDbm null while it is not heard
     * @param tool whether it offers a tool's service
     */
    public record Device(
            String path,
            String address,
            String name,
            @Nullable Integer rssiDbm,
            boolean tool,
            boolean connected,
            boolean resolved,
            boolean paired) {}

    /** One run of bluetoothd on one connection to the bus, by its unique name there. Another run is another object. */
    private static final class Owner {
        private final DBusConnection bus;
        private final String name;

        Owner(DBusConnection bus, String name) {
            this.bus = bus;
            this.name = name;
        }
    }

    /** What was answered: either an error's name and words, or values. */
    private record Answer(@Nullable String error, String words, Object[] values) {}

    /** @param busAddress as D-Bus writes it; the bus is reached at the first use */
    public BlueZ(String busAddress) {
        this.busAddress = busAddress;
    }

    /** The address of the system bus, which the environment may name. */
    public static String systemBus() {
        String address = System.getenv("DBUS_SYSTEM_BUS_ADDRESS");
        return address == null || address.isEmpty() ? "unix:path=/run/dbus/system_bus_socket" : address;
    }

    private static String busName(Class<? extends DBusInterface> type) {
        DBusInterfaceName name = type.getAnnotation(DBusInterfaceName.class);
        return name == null ? type.getName() : name.value();
    }

    /** All adapters, {@code hci0} before {@code hci1}. */
    public List<Adapter> adapters() throws LinkException, InterruptedException {
        synchronized (lock) {
            refresh();
            return objects.entrySet().stream()
                    .filter(object -> object.getValue().containsKey(ADAPTER))
                    .map(object -> adapter(object.getKey(), object.getValue().get(ADAPTER)))
                    .sorted(Comparator.comparing(
                                    (Adapter adapter) -> adapter.name().length())
                            .thenComparing(Adapter::name))
                    .toList();
        }
    }

    private static Adapter adapter(String path, Map<String, Object> properties) {
        return new Adapter(
                path,
                path.substring(path.lastIndexOf('/') + 1),
                text(properties.get("Address")),
                Boolean.TRUE.equals(properties.get("Powered")));
    }

    /**
     * The wanted adapter.
     *
     * @param wanted its name or address; null takes the first that is powered, or the first
     */
    public Adapter adapter(@Nullable String wanted) throws LinkException, InterruptedException {
        List<Adapter> adapters = adapters();
        return adapters.stream()
                .filter(each -> wanted == null
                        ? each.powered()
                        : each.name().equals(wanted) || each.address().equalsIgnoreCase(wanted))
                .findFirst()
                .or(() -> wanted == null ? adapters.stream().findFirst() : Optional.empty())
                .orElseThrow(() -> new LinkException("Bluetooth adapter: want %s, there is %s"
                        .formatted(
                                wanted == null ? "any" : wanted,
                                adapters.isEmpty()
                                        ? "none"
                                        : adapters.stream()
                                                .map(each -> "%s (%s)".formatted(each.name(), each.address()))
                                                .collect(Collectors.joining(", ")))));
    }

    /** The wanted adapter, switched on if it was not. */
    public Adapter poweredAdapter(@Nullable String wanted) throws LinkException, InterruptedException {
        Adapter adapter = adapter(wanted);
        if (!adapter.powered()) {
            power(adapter, true);
        }
        return adapter;
    }

    /** Switches it off and on again; every connection over it ends. */
    public void powerCycle(Adapter adapter) throws LinkException, InterruptedException {
        power(adapter, false);
        power(adapter, true);
    }

    private void power(Adapter adapter, boolean on) throws LinkException, InterruptedException {
        String step = "switching the adapter %s %s".formatted(adapter.name(), on ? "on" : "off");
        set(step, adapter.path(), ADAPTER, "Powered", on);
        await(SETTLE_LIMIT, step, () -> Boolean.valueOf(on).equals(property(adapter.path(), ADAPTER, "Powered")));
    }

    /** Listens for tools until stopped; other clients of BlueZ may listen for other things at the same time. */
    void startDiscovery(Adapter adapter) throws LinkException, InterruptedException {
        String step = "starting discovery on the adapter " + adapter.name();
        Map<String, Variant<?>> filter = Map.of(
                "UUIDs",
                new Variant<>(new String[] {Gatt.LIGHTSTROKE_SERVICE.toString()}, "as"),
                "Transport",
                new Variant<>("le"));
        call(step, STEP_LIMIT, adapter.path(), ADAPTER, "SetDiscoveryFilter", "a{sv}", filter);
        Answer answer = ask(step, STEP_LIMIT, adapter.path(), ADAPTER, "StartDiscovery", "");
        boolean runs = "org.bluez.Error.InProgress".equals(answer.error())
                && awaitUntil(
                        System.nanoTime() + SETTLE_LIMIT.toNanos(),
                        () -> Boolean.TRUE.equals(property(adapter.path(), ADAPTER, "Discovering")));
        if (!runs) { // else it is ours, not ended before
            values(step, answer);
        }
    }

    /** Ends what {@link #startDiscovery} began, if anything; a failure shows in what comes next. */
    void stopDiscovery(Adapter adapter) throws InterruptedException {
        String step = "stopping discovery on the adapter " + adapter.name();
        try {
            call(step, STEP_LIMIT, adapter.path(), ADAPTER, "StopDiscovery", "");
        } catch (LinkException e) {
            log.debug("{}", e.getMessage());
        }
    }

    /** Listens for {@code time}; the tools that were heard, or are connected. Nobody else may listen by this object. */
    public List<Device> scan(Adapter adapter, Duration time) throws LinkException, InterruptedException {
        startDiscovery(adapter);
        try {
            Thread.sleep(time.toMillis());
            return devices(adapter).stream()
                    .filter(device -> device.tool() && (device.rssiDbm() != null || device.connected()))
                    .toList();
        } finally {
            stopDiscovery(adapter);
        }
    }

    /** What the adapter knows, in range or not. */
    public List<Device> devices(Adapter adapter) throws LinkException, InterruptedException {
        synchronized (lock) {
            refresh();
            return objects.entrySet().stream()
                    .filter(object -> object.getKey().startsWith(adapter.path() + "/")
                            && object.getValue().containsKey(DEVICE))
                    .map(object -> device(object.getKey(), object.getValue().get(DEVICE)))
                    .toList();
        }
    }

    private static Device device(String path, Map<String, Object> properties) {
        return new Device(
                path,
                text(properties.get("Address")),
                text(properties.getOrDefault("Name", properties.get("Alias"))),
                properties.get("RSSI") instanceof Number rssi ? rssi.intValue() : null,
                properties.get("UUIDs") instanceof Collection<?> uuids
                        && uuids.stream()
                                .anyMatch(uuid -> text(uuid).equalsIgnoreCase(Gatt.LIGHTSTROKE_SERVICE.toString())),
                Boolean.TRUE.equals(properties.get("Connected")),
                Boolean.TRUE.equals(properties.get("ServicesResolved")),
                Boolean.TRUE.equals(properties.get("Paired")));
    }

    /**
     * The device that the adapter knows by this address.
     *
     * @param address of the device, in capitals or not
     */
    public Optional<Device> device(Adapter adapter, String address) throws LinkException, InterruptedException {
        return devices(adapter).stream()
                .filter(device -> device.address().equalsIgnoreCase(address))
                .findFirst();
    }

    /** Whether the host has keys from a pairing with it. */
    public boolean paired(Adapter adapter, String address) throws LinkException, InterruptedException {
        return device(adapter, address).map(Device::paired).orElse(false);
    }

    /**
     * Makes BlueZ forget a device with all it has cached of it, unless it is paired: its keys would go too.
     *
     * @return whether it was forgotten
     */
    public boolean forget(Adapter adapter, String address) throws LinkException, InterruptedException {
        Optional<Device> device = device(adapter, address);
        if (device.isEmpty() || device.get().paired()) {
            return false;
        }
        remove(adapter, device.get());
        return true;
    }

    /**
     * Ends a pairing: the keys go, on this side.
     *
     * @return whether there was one
     */
    public boolean removeBond(Adapter adapter, String address) throws LinkException, InterruptedException {
        Optional<Device> device = device(adapter, address).filter(Device::paired);
        if (device.isPresent()) {
            remove(adapter, device.get());
        }
        return device.isPresent();
    }

    /**
     * Pairs with a device that is heard within a few seconds; one that a passkey has shown to be it is trusted from then on. What the tool wants of the person is asked by
     * {@code prompt}. When it fails, nothing stays behind.
     *
     * @param limit for the person too
     * @return whether a passkey was entered or compared; without, anyone near may be the other side
     */
    public boolean pair(Adapter adapter, String address, PasskeyPrompt prompt, Duration limit)
            throws LinkException, InterruptedException {
        String step = "pairing with " + address;
        startDiscovery(adapter);
        boolean heard;
        try {
            heard = hear(adapter, address, HEAR_LIMIT);
        } finally {
            stopDiscovery(adapter);
        }
        Device device = device(adapter, address)
                .filter(known -> heard || known.connected())
                .orElseThrow(() -> new NotHeardException(step + ": not heard"));
        Owner now = Objects.requireNonNull(owner);
        Agent agent = new Agent(now.name, device, prompt);
        DBusPath agentPath = new DBusPath(agent.getObjectPath());
        try {
            now.bus.exportObject(agent.getObjectPath(), agent);
        } catch (DBusException e) {
            throw new LinkException("%s: %s".formatted(step, e.getMessage()), e);
        }
        try {
            String manager = busName(AgentManager1.class);
            call(step, STEP_LIMIT, "/org/bluez", manager, "RegisterAgent", "os", agentPath, "KeyboardDisplay");
            try {
                call(step, limit, device.path(), DEVICE, "Pair", "");
            } catch (LinkException | InterruptedException | RuntimeException e) {
                cancelConnecting(device); // and with it the pairing
                throw e;
            } finally {
                call(step, STEP_LIMIT, "/org/bluez", manager, "UnregisterAgent", "o", agentPath);
            }
            await(SETTLE_LIMIT, step, () -> Boolean.TRUE.equals(property(device.path(), DEVICE, "Paired")));
            if (agent.compared) {
                set(step, device.path(), DEVICE, "Trusted", true);
            }
            disconnect(device.path(), STEP_LIMIT);
        } finally {
            now.bus.unExportObject(agent.getObjectPath());
        }
        return agent.compared;
    }

    /** Answers bluetoothd alone, and only for the one device. */
    private static final class Agent implements Agent1 {
        private final String bluetoothd;
        private final Device device;
        private final PasskeyPrompt prompt;
        private volatile boolean compared;

        Agent(String bluetoothd, Device device, PasskeyPrompt prompt) {
            this.bluetoothd = bluetoothd;
            this.device = device;
            this.prompt = prompt;
        }

        @Override
        public String getObjectPath() {
            return "/io/lightstroke/agent";
        }

        private void require(DBusPath path) {
            if (!bluetoothd.equals(AbstractConnection.getCallInfo().getSource())
                    || !device.path().equals(path.getPath())) {
                throw new org.bluez.Error.Rejected("not what is being paired");
            }
        }

        @Override
        public UInt32 RequestPasskey(DBusPath path) {
            require(path);
            OptionalInt passkey = prompt.enter(device.name());
            compared = true;
            return new UInt32(passkey.orElseThrow(() -> new org.bluez.Error.Rejected("no passkey was entered")));
        }

        @Override
        public void RequestConfirmation(DBusPath path, UInt32 passkey) {
            require(path);
            if (!prompt.compare(device.name(), passkey.intValue())) {
                throw new org.bluez.Error.Rejected("the passkeys differ");
            }
            compared = true;
        }

        @Override
        public void DisplayPasskey(DBusPath path, UInt32 passkey, UInt16 entered) {
            require(path);
            if (!compared) { // told again with each digit
                prompt.show(device.name(), passkey.intValue());
            }
            compared = true;
        }

        /** Nothing can be compared: whether that is enough is decided afterwards. */
        @Override
        public void RequestAuthorization(DBusPath path) {
            require(path);
        }

        @Override
        public String RequestPinCode(DBusPath path) {
            throw new org.bluez.Error.Rejected("no pairing of Bluetooth before 4.0");
        }

        @Override
        public void DisplayPinCode(DBusPath path, String pinCode) {
            throw new org.bluez.Error.Rejected("no pairing of Bluetooth before 4.0");
        }

        @Override
        public void AuthorizeService(DBusPath path, String uuid) {
            throw new org.bluez.Error.Rejected("only pairing is answered for");
        }

        @Override
        public void Cancel() {
            log.debug("bluetoothd has ended the asking");
        }

        @Override
        public void Release() {
            log.debug("bluetoothd has let the agent go");
        }
    }

    private void remove(Adapter adapter, Device device) throws LinkException, InterruptedException {
        String step = "forgetting " + device.address();
        call(step, STEP_LIMIT, adapter.path(), ADAPTER, "RemoveDevice", "o", new DBusPath(device.path()));
        await(SETTLE_LIMIT, step, () -> property(device.path(), DEVICE, "Address") == null);
    }

    /**
     * Waits, while discovery runs, until the device is heard.
     *
     * @return whether it was, within the limit
     */
    boolean hear(Adapter adapter, String address, Duration limit) throws LinkException, InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        String prefix = adapter.path() + "/";
        return awaitUntil(
                endNanos,
                () -> objects.entrySet().stream()
                        .filter(object -> object.getKey().startsWith(prefix))
                        .map(object -> object.getValue().getOrDefault(DEVICE, Map.of()))
                        .anyMatch(device -> device.containsKey("RSSI")
                                && text(device.get("Address")).equalsIgnoreCase(address)));
    }

    /** Connects; when it fails or its time is over, nothing stays behind. */
    void connect(Device device, Duration limit) throws LinkException, InterruptedException {
        String step = "connecting to " + device.address();
        try {
            call(step, limit, device.path(), DEVICE, "Connect", "");
        } catch (LinkException | InterruptedException | RuntimeException e) {
            cancelConnecting(device);
            throw e;
        }
    }

    /** BlueZ goes on connecting until it is told to stop, also when nobody waits for it. */
    void cancelConnecting(Device device) {
        boolean interrupted = Thread.interrupted();
        try {
            ask("ending a failed connection", SETTLE_LIMIT, device.path(), DEVICE, "Disconnect", "");
        } catch (LinkException e) {
            log.debug("{}", e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Disconnects and waits until it is; nothing happens where it is not connected. */
    void disconnect(String device, Duration limit) throws LinkException, InterruptedException {
        String step = "disconnecting " + device.substring(device.lastIndexOf('/') + 1);
        long endNanos = System.nanoTime() + limit.toNanos();
        Answer answer = ask(step, limit, device, DEVICE, "Disconnect", "");
        if (!"org.bluez.Error.NotConnected".equals(answer.error())) {
            values(step, answer);
        }
        await(left(endNanos), step, () -> !isLinked(device));
    }

    /** Whether there is such an object. */
    boolean knows(String path) {
        synchronized (lock) {
            return objects.containsKey(path);
        }
    }

    boolean isLinked(String device) {
        return Boolean.TRUE.equals(property(device, DEVICE, "Connected"));
    }

    boolean isResolved(String device) {
        return Boolean.TRUE.equals(property(device, DEVICE, "ServicesResolved"));
    }

    /** The paths of what BlueZ shows below the device. */
    Map<UUID, String> characteristics(String device) {
        Map<UUID, String> found = new HashMap<>();
        synchronized (lock) {
            objects.forEach((path, interfaces) -> {
                Map<String, Object> characteristic = interfaces.get(CHARACTERISTIC);
                if (characteristic != null && path.startsWith(device + "/")) {
                    found.put(UUID.fromString(text(characteristic.get("UUID"))), path);
                }
            });
        }
        return found;
    }

    /** BlueZ has it for notifications only, and the bus must pass file descriptors. */
    boolean canAcquireNotify(String characteristic) {
        Owner now = owner;
        return now != null
                && now.bus.isFileDescriptorSupported()
                && property(characteristic, CHARACTERISTIC, "Flags") instanceof Collection<?> flags
                && flags.contains(Gatt.Property.NOTIFY.word());
    }

    /** A socket for what the characteristic notifies; one that somebody left behind is taken away first. */
    org.freedesktop.dbus.FileDescriptor acquireNotify(String step, String characteristic)
            throws LinkException, InterruptedException {
        Answer answer = ask(step, STEP_LIMIT, characteristic, CHARACTERISTIC, "AcquireNotify", "a{sv}", Map.of());
        if (answer.words().contains("Notify acquired")) {
            stopNotify(step, characteristic);
            answer = ask(step, STEP_LIMIT, characteristic, CHARACTERISTIC, "AcquireNotify", "a{sv}", Map.of());
        }
        return (org.freedesktop.dbus.FileDescriptor) values(step, answer)[0];
    }

    /** BlueZ keeps a session over the end of the link, where it has the services cached. */
    void startNotify(String step, String characteristic) throws LinkException, InterruptedException {
        Answer answer = ask(step, STEP_LIMIT, characteristic, CHARACTERISTIC, "StartNotify", "");
        if (!answer.words().contains("Already notifying")) {
            values(step, answer);
        }
    }

    /** Ends either way of being notified. */
    void stopNotify(String step, String characteristic) throws LinkException, InterruptedException {
        call(step, STEP_LIMIT, characteristic, CHARACTERISTIC, "StopNotify", "");
    }

    /** As it is known now; null where BlueZ does not say. */
    @Nullable
    Object property(String path, String interfaceName, String property) {
        synchronized (lock) {
            return objects.getOrDefault(path, Map.of())
                    .getOrDefault(interfaceName, Map.of())
                    .get(property);
        }
    }

    /**
     * Where values go, on the thread for signals.
     *
     * @param path of a characteristic, or of a device, whose battery level is meant then
     * @param receiver null ends it
     */
    void receive(String path, @Nullable Consumer<byte[]> receiver) {
        if (receiver == null) {
            receivers.remove(path);
        } else {
            receivers.put(path, receiver);
        }
    }

    /** Which run of bluetoothd this is: what was found at one is not there at the next. Null when there is none now. */
    @Nullable
    Object run() {
        Owner now = owner;
        return now != null && now.bus.isConnected() ? now : null;
    }

    /** Waits until BlueZ has told that it is so. */
    void await(Duration limit, String what, BooleanSupplier reached) throws LinkException, InterruptedException {
        if (!awaitUntil(System.nanoTime() + limit.toNanos(), reached)) {
            throw new LinkException("%s: not within %d ms".formatted(what, limit.toMillis()));
        }
    }

    private boolean awaitUntil(long endNanos, BooleanSupplier reached) throws LinkException, InterruptedException {
        synchronized (lock) {
            while (true) {
                refresh();
                if (reached.getAsBoolean()) {
                    return true;
                }
                long leftNanos = endNanos - System.nanoTime();
                if (leftNanos <= 0) {
                    return false;
                }
                // The bus's end is not told.
                TimeUnit.NANOSECONDS.timedWait(lock, Math.min(leftNanos, LOOK_NANOS));
            }
        }
    }

    void set(String step, String path, String interfaceName, String property, Object value)
            throws LinkException, InterruptedException {
        call(step, STEP_LIMIT, path, PROPERTIES, "Set", "ssv", interfaceName, property, new Variant<>(value));
    }

    /** What the method returns. */
    Object[] call(
            String step,
            Duration limit,
            String path,
            String interfaceName,
            String method,
            String signature,
            Object... arguments)
            throws LinkException, InterruptedException {
        return values(step, ask(step, limit, path, interfaceName, method, signature, arguments));
    }

    private static Object[] values(String step, Answer answer) throws LinkException {
        if (answer.error() != null) {
            throw new LinkException("%s: %s".formatted(step, answer.words()));
        }
        return answer.values();
    }

    private Answer ask(
            String step,
            Duration limit,
            String path,
            String interfaceName,
            String method,
            String signature,
            Object... arguments)
            throws LinkException, InterruptedException {
        Owner now = owner;
        if (now == null || !now.bus.isConnected()) {
            synchronized (lock) {
                refresh();
                now = Objects.requireNonNull(owner);
            }
        }
        return ask(now.bus, now.name, step, limit, path, interfaceName, method, signature, arguments);
    }

    private static Answer ask(
            DBusConnection connection,
            String name,
            String step,
            Duration limit,
            String path,
            String interfaceName,
            String method,
            String signature,
            Object... arguments)
            throws LinkException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException(step);
        }
        try {
            MethodCall call = connection
                    .getMessageFactory()
                    .createMethodCall(name, path, interfaceName, method, (byte) 0, signature, arguments);
            connection.sendMessage(call);
            long endNanos = System.nanoTime() + limit.toNanos();
            Message reply = null;
            for (long leftMs = limit.toMillis();
                    reply == null && leftMs > 0;
                    leftMs = left(endNanos).toMillis()) {
                reply = call.getReply(leftMs);
                if (reply == null && Thread.interrupted()) {
                    throw new InterruptedException(step);
                }
            }
            if (reply == null) {
                throw new LinkException("%s: no answer within %d ms".formatted(step, limit.toMillis()));
            }
            Object[] values = reply.getParameters();
            if (reply instanceof org.freedesktop.dbus.messages.Error) {
                String words = values == null || values.length == 0 ? "" : " (%s)".formatted(values[0]);
                return new Answer(reply.getName(), reply.getName() + words, new Object[0]);
            }
            return new Answer(null, "", values == null ? new Object[0] : values);
        } catch (DBusException | DBusExecutionException e) {
            throw new LinkException("%s: %s".formatted(step, e.getMessage()), e);
        }
    }

    /** Takes the picture, where there is none of the BlueZ that is on the bus now. The caller holds the lock. */
    private void refresh() throws LinkException, InterruptedException {
        if (closed) {
            throw new LinkException("the link is closed");
        }
        if (run() != null) {
            return;
        }
        DBusConnection connection = bus;
        if (connection == null || !connection.isConnected()) {
            forgetAll();
            connection = reach();
            bus = connection;
        }
        String step = "looking for bluetoothd on " + busAddress;
        Answer found = ask(
                connection,
                "org.freedesktop.DBus",
                step,
                STEP_LIMIT,
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus",
                "GetNameOwner",
                "s",
                NAME);
        if (found.error() != null) {
            throw new LinkException(
                    "BlueZ on %s: want bluetoothd running, got %s".formatted(busAddress, found.words()));
        }
        String name = (String) found.values()[0];
        forgetAll();
        try {
            handlers.add(connection.addSigHandler(
                    PropertiesChanged.class, name, from(name, PropertiesChanged.class, this::changed)));
            handlers.add(connection.addSigHandler(
                    InterfacesAdded.class, name, from(name, InterfacesAdded.class, this::added)));
            handlers.add(connection.addSigHandler(
                    InterfacesRemoved.class, name, from(name, InterfacesRemoved.class, this::removed)));
        } catch (DBusException | DBusExecutionException e) {
            throw new LinkException("listening to BlueZ: " + e.getMessage(), e);
        }
        Object[] all = values(
                "asking BlueZ for its objects",
                ask(
                        connection,
                        name,
                        "asking BlueZ for its objects",
                        STEP_LIMIT,
                        "/",
                        busName(ObjectManager.class),
                        "GetManagedObjects",
                        ""));
        ((Map<?, ?>) all[0]).forEach((path, interfaces) -> add(String.valueOf(path), (Map<?, ?>) interfaces));
        owner = new Owner(connection, name);
        lock.notifyAll();
    }

    /** Connects to the bus; a daemon that does not answer is left behind. */
    private DBusConnection reach() throws LinkException, InterruptedException {
        CompletableFuture<DBusConnection> reached = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        DBusConnection connection = DBusConnectionBuilder.forAddress(busAddress)
                                .withShared(false)
                                .receivingThreadConfig()
                                .withSignalThreadCount(1)
                                .connectionConfig()
                                .transportConfig()
                                .withTimeout(RETRY_MS)
                                .back()
                                .build();
                        connection.addSigHandler(NameOwnerChanged.class, this::ownerChanged);
                        if (!reached.complete(connection)) {
                            connection.disconnect();
                        }
                    } catch (DBusException | RuntimeException e) {
                        reached.completeExceptionally(e);
                    }
                },
                "bluez-reach-bus");
        thread.setDaemon(true);
        thread.start();
        String step = "reaching the bus at " + busAddress;
        try {
            return reached.get(STEP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw new LinkException("%s: %s".formatted(step, cause.getMessage()), cause);
        } catch (TimeoutException e) {
            reached.cancel(false);
            throw new LinkException("%s: no answer within %d ms".formatted(step, STEP_LIMIT.toMillis()), e);
        }
    }

    private void forgetAll() {
        owner = null;
        objects.clear();
        for (AutoCloseable handler : handlers) {
            try {
                handler.close();
            } catch (Exception e) { // the bus has gone, and the handler with it
                log.debug("no longer listening to BlueZ: {}", e.getMessage());
            }
        }
        handlers.clear();
    }

    private void ownerChanged(NameOwnerChanged change) {
        if (change.name.equals(NAME)) {
            log.info("bluetoothd {}", change.newOwner.isEmpty() ? "has left the bus" : "is on the bus");
            synchronized (lock) {
                Owner now = owner; // the next one's picture may be there before this is told
                if (now != null && now.name.equals(change.oldOwner)) {
                    owner = null;
                    objects.clear();
                }
                lock.notifyAll();
            }
        }
    }

    /** An exception would be lost in dbus-java; a signal of a BlueZ that has gone is no news. */
    private <S extends DBusSignal> DBusSigHandler<S> from(String sender, Class<S> type, Consumer<S> handler) {
        return signal -> {
            try {
                if (sender.equals(signal.getSource())) {
                    handler.accept(signal);
                }
            } catch (RuntimeException e) {
                log.error("a {} of BlueZ", type.getSimpleName(), e);
            }
        };
    }

    private void changed(PropertiesChanged signal) {
        Variant<?> value = signal.getPropertiesChanged().get("Value");
        if (value != null && signal.getInterfaceName().equals(CHARACTERISTIC)) {
            Consumer<byte[]> receiver = receivers.get(signal.getPath());
            if (receiver != null) {
                receiver.accept(bytes(value.getValue()));
            }
            return;
        }
        Variant<?> percent = signal.getPropertiesChanged().get("Percentage");
        Consumer<byte[]> battery = receivers.get(signal.getPath());
        if (percent != null && battery != null && signal.getInterfaceName().equals(BATTERY)) {
            battery.accept(new byte[] {((Number) percent.getValue()).byteValue()});
        }
        synchronized (lock) {
            Map<String, Map<String, Object>> object = objects.get(signal.getPath());
            if (object == null) {
                return;
            }
            Map<String, Object> properties = object.computeIfAbsent(signal.getInterfaceName(), name -> new HashMap<>());
            properties.keySet().removeAll(signal.getPropertiesRemoved());
            properties.putAll(plain(signal.getPropertiesChanged()));
            lock.notifyAll();
        }
    }

    private void added(InterfacesAdded signal) {
        synchronized (lock) {
            add(signal.getSignalSource().getPath(), signal.getInterfaces());
            lock.notifyAll();
        }
    }

    private void add(String path, Map<?, ?> interfaces) {
        Map<String, Map<String, Object>> object = objects.computeIfAbsent(path, name -> new HashMap<>());
        interfaces.forEach((name, properties) -> object.put(String.valueOf(name), plain((Map<?, ?>) properties)));
    }

    private void removed(InterfacesRemoved signal) {
        String path = signal.getSignalSource().getPath();
        synchronized (lock) {
            Map<String, Map<String, Object>> object = objects.get(path);
            if (object != null) {
                object.keySet().removeAll(signal.getInterfaces());
                if (object.isEmpty()) {
                    objects.remove(path);
                }
            }
            lock.notifyAll();
        }
    }

    /** Without variants and arrays. */
    private static Map<String, Object> plain(Map<?, ?> properties) {
        Map<String, Object> plain = new HashMap<>();
        properties.forEach((name, value) -> {
            Object inner = value instanceof Variant<?> variant ? variant.getValue() : value;
            plain.put(String.valueOf(name), inner instanceof Object[] array ? List.of(array) : inner);
        });
        return plain;
    }

    /** An array of bytes, as dbus-java gives it: one or a list. */
    static byte[] bytes(Object value) {
        if (value instanceof byte[] array) {
            return array;
        }
        List<?> list = (List<?>) value;
        byte[] bytes = new byte[list.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = ((Number) list.get(i)).byteValue();
        }
        return bytes;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    static Duration left(long endNanos) {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    /** Leaves the bus; BlueZ ends what this client had running. */
    @Override
    public void close() {
        closed = true;
        DBusConnection connection = bus;
        if (connection != null) {
            connection.disconnect();
        }
        synchronized (lock) {
            lock.notifyAll();
        }
    }
}

package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tinyb.BluetoothAdapter;
import tinyb.BluetoothDevice;
import tinyb.BluetoothGattCharacteristic;
import tinyb.BluetoothGattService;
import tinyb.BluetoothManager;
import tinyb.BluetoothObject;
import tinyb.TransportType;

/**
 * Tools through BlueZ by TinyB, in this process, which TinyB or GLib may end at any time: see {@link TinyBLink}. The bus
 * is the system's, or the one in the environment variable {@code DBUS_SYSTEM_BUS_ADDRESS}. Notifications of all tools
 * come on TinyB's one thread. Each call into TinyB blocks on D-Bus, so it runs on a thread of its own and is abandoned
 * when its time is over.
 */
final class TinyB implements ToolLink {
    private static final Duration BUS_LIMIT = Duration.ofSeconds(10);
    /** How long one tool that is not there may keep the radio from the others. */
    private static final Duration HEAR_LIMIT = Duration.ofSeconds(3);

    static final Duration STEP_LIMIT = Duration.ofSeconds(5);
    /** How long a scan waits while others use the radio. */
    static final Duration TURN_LIMIT = Duration.ofSeconds(30);

    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(4);
    private static final int POLL_MS = 20;
    private static final int IDLE_S = 5;

    private final @Nullable String adapterName;
    /** Grows with what blocks; an idle thread ends after 5 s. */
    private final ExecutorService calls;

    private final BluetoothManager manager;
    private final ReentrantLock radio = new ReentrantLock(true);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Loads TinyB and reaches BlueZ.
     *
     * @param adapterName for example {@code hci0}, or its address; null takes the first that is powered, or the first
     * @throws LinkException TinyB has nothing for this machine, or BlueZ with an adapter is not on the bus
     */
    TinyB(@Nullable String adapterName) throws LinkException, InterruptedException {
        this.adapterName = adapterName;
        TinyBNatives.load();
        AtomicInteger number = new AtomicInteger();
        calls = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_S, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "tinyb-call-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        manager = within(BUS_LIMIT, "BlueZ on " + bus(), BluetoothManager::getBluetoothManager);
        adapter().close();
    }

    private static String bus() {
        String address = System.getenv("DBUS_SYSTEM_BUS_ADDRESS");
        return address == null ? "the system bus" : "the bus at " + address;
    }

    @Override
    public String name() {
        return "tinyb";
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        requireOpen();
        takeTurn(TURN_LIMIT);
        try (BluetoothAdapter adapter = adapter()) {
            startDiscovery(adapter);
            try {
                Thread.sleep(time.toMillis());
                return within(STEP_LIMIT, "listing what was heard", () -> heard(adapter));
            } finally {
                stopDiscovery(adapter);
            }
        } finally {
            radio.unlock();
        }
    }

    private List<HeardTool> heard(BluetoothAdapter adapter) {
        List<HeardTool> heard = new ArrayList<>();
        for (BluetoothDevice device : manager.getDevices()) {
            try (device) {
                int rssiDbm = device.getRSSI();
                boolean inRange = rssiDbm != 0 || device.getConnected();
                if (inRange && isBelow(device, adapter) && isTool(device)) {
                    heard.add(new HeardTool(device.getAddress(), device.getName(), rssiDbm == 0 ? null : rssiDbm));
                }
            }
        }
        return heard;
    }

    private static boolean isTool(BluetoothDevice device) {
        for (String uuid : device.getUUIDs()) {
            if (uuid.equalsIgnoreCase(Gatt.LIGHTSTROKE_SERVICE.toString())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        requireOpen();
        takeTurn(limit);
        long endNanos = System.nanoTime() + limit.toNanos();
        try (BluetoothAdapter adapter = adapter()) {
            BluetoothDevice device =
                    device(adapter, address, Math.min(endNanos, System.nanoTime() + HEAR_LIMIT.toNanos()));
            try {
                Connection connection = connect(device, address, endNanos);
                connections.add(connection);
                requireOpen();
                return connection;
            } catch (LinkException | InterruptedException | RuntimeException e) {
                abandon(device);
                throw e;
            }
        } finally {
            radio.unlock();
        }
    }

    private void takeTurn(Duration limit) throws LinkException, InterruptedException {
        if (!radio.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new LinkException("the adapter was busy for %d ms".formatted(limit.toMillis()));
        }
    }

    private Connection connect(BluetoothDevice device, String address, long endNanos)
            throws LinkException, InterruptedException {
        // A link that someone left behind: its objects in TinyB's cache must be gone before ours can be told from them.
        if (device.getConnected()) {
            disconnect(device, left(endNanos));
            await(left(endNanos), "the end of the old link to " + address, () -> !device.getConnected());
        }
        // BlueZ's answer counts: at times it answers, and never tells that the device's Connected has changed (seen in
        // 5.66).
        within(left(endNanos), "connecting to " + address, device::connect);
        return new Connection(device, address);
    }

    /** The known device, else the one that a discovery hears; no discovery runs afterwards. */
    private BluetoothDevice device(BluetoothAdapter adapter, String address, long endNanos)
            throws LinkException, InterruptedException {
        if (adapter.getDiscovering()) {
            stopDiscovery(adapter);
        }
        BluetoothDevice device = known(adapter, address);
        if (device != null) {
            return device;
        }
        startDiscovery(adapter);
        try {
            while (device == null) {
                if (left(endNanos).isZero()) {
                    throw new NotHeardException("connecting to %s: not heard".formatted(address));
                }
                Thread.sleep(POLL_MS);
                device = known(adapter, address);
            }
            return device;
        } finally {
            stopDiscovery(adapter);
        }
    }

    private @Nullable BluetoothDevice known(BluetoothAdapter adapter, String address) {
        BluetoothDevice found = null;
        for (BluetoothDevice device : manager.getDevices()) {
            if (found == null && isBelow(device, adapter) && device.getAddress().equalsIgnoreCase(address)) {
                found = device;
            } else {
                device.close();
            }
        }
        return found;
    }

    private Map<UUID, BluetoothGattCharacteristic> characteristics(BluetoothDevice device) {
        Map<UUID, BluetoothGattCharacteristic> found = new HashMap<>();
        for (BluetoothGattService service : manager.getServices()) {
            try (service) {
                if (isBelow(service, device)) {
                    service.getCharacteristics().forEach(each -> found.put(UUID.fromString(each.getUUID()), each));
                }
            }
        }
        return found;
    }

    /** Adapters come in any order: by name, so that the choice is always the same. */
    private BluetoothAdapter adapter() throws LinkException, InterruptedException {
        Map<String, BluetoothAdapter> adapters = new TreeMap<>();
        within(STEP_LIMIT, "listing adapters", manager::getAdapters)
                .forEach(adapter -> adapters.put(adapter.getInterfaceName(), adapter));
        String there = adapters.isEmpty() ? "none" : String.join(", ", adapters.keySet());
        BluetoothAdapter chosen = choose(adapters.values());
        if (chosen != null) {
            adapters.remove(chosen.getInterfaceName());
        }
        adapters.values().forEach(BluetoothObject::close);
        if (chosen == null) {
            throw new LinkException("Bluetooth adapter: want %s, there is %s"
                    .formatted(adapterName == null ? "any" : adapterName, there));
        }
        if (!chosen.getPowered()) {
            power(chosen, true);
        }
        return chosen;
    }

    private @Nullable BluetoothAdapter choose(Collection<BluetoothAdapter> adapters) {
        return adapters.stream()
                .filter(adapter -> adapterName == null
                        || adapterName.equals(adapter.getInterfaceName())
                        || adapterName.equalsIgnoreCase(adapter.getAddress()))
                .min(Comparator.comparing(adapter -> !adapter.getPowered()))
                .orElse(null);
    }

    private void power(BluetoothAdapter adapter, boolean on) throws LinkException, InterruptedException {
        String step = "switching the adapter " + (on ? "on" : "off");
        within(STEP_LIMIT, step, () -> {
            adapter.setPowered(on);
            return true;
        });
        await(SETTLE_LIMIT, step, () -> adapter.getPowered() == on);
    }

    private void startDiscovery(BluetoothAdapter adapter) throws LinkException, InterruptedException {
        within(STEP_LIMIT, "starting discovery", () -> {
            adapter.setDiscoveryFilter(List.of(Gatt.LIGHTSTROKE_SERVICE), 0, 0, TransportType.LE);
            return adapter.startDiscovery();
        });
        // Until TinyB has seen that it runs, its stopDiscovery does nothing.
        await(SETTLE_LIMIT, "starting discovery", adapter::getDiscovering);
    }

    /** By the adapter: the manager's stopDiscovery starts one. Another client's discovery may go on. */
    private void stopDiscovery(BluetoothAdapter adapter) throws InterruptedException {
        try {
            within(STEP_LIMIT, "stopping discovery", adapter::stopDiscovery);
        } catch (LinkException e) {
            // the next step shows whether it matters
        }
    }

    /** TinyB's object stays: a call that was left behind may still use it. */
    private void abandon(BluetoothDevice device) {
        try {
            disconnect(device, SETTLE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** That it was connected no more, as a failure says, is as well. */
    private void disconnect(BluetoothDevice device, Duration limit) throws InterruptedException {
        try {
            within(limit, "disconnecting", device::disconnect);
        } catch (LinkException e) {
            // whether it is connected shows afterwards
        }
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        requireOpen();
        takeTurn(TURN_LIMIT);
        try (BluetoothAdapter adapter = adapter()) {
            BluetoothDevice device = known(adapter, address);
            if (device == null || device.getPaired()) {
                return false;
            }
            return within(STEP_LIMIT, "forgetting " + address, device::remove);
        } finally {
            radio.unlock();
        }
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        requireOpen();
        takeTurn(TURN_LIMIT);
        try (BluetoothAdapter adapter = adapter()) {
            power(adapter, false);
            power(adapter, true);
        } finally {
            radio.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(connections).forEach(Connection::close);
    }

    private void requireOpen() throws LinkException {
        if (closed) {
            throw new LinkException("the link is closed");
        }
    }

    private static Duration left(long endNanos) {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    /** Runs a call that may block for ever. */
    private <T> T within(Duration limit, String step, Callable<T> call) throws LinkException, InterruptedException {
        Future<T> future = calls.submit(call);
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw new LinkException(step + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new LinkException("%s: no answer within %d ms".formatted(step, limit.toMillis()), e);
        }
    }

    /** Until TinyB has been told. */
    private static void await(Duration limit, String what, BooleanSupplier reached)
            throws LinkException, InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > endNanos) {
                throw new LinkException("%s: not within %d ms".formatted(what, limit.toMillis()));
            }
            Thread.sleep(POLL_MS);
        }
    }

    private static boolean isBelow(BluetoothObject object, BluetoothObject parent) {
        return path(object).startsWith(path(parent) + "/");
    }

    /** The object's path on the bus, which TinyB knows and does not show. */
    private static String path(BluetoothObject object) {
        try {
            return (String) OBJECT_PATH.invoke(object);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("TinyB gives no object path", e);
        }
    }

    private static final Method OBJECT_PATH = objectPath();

    private static Method objectPath() {
        try {
            Method method = BluetoothObject.class.getDeclaredMethod("getObjectPath");
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("this is not the TinyB that was built against", e);
        }
    }

    /** Holds on to TinyB's objects, as their garbage collection would end the notifications. */
    private final class Connection implements ToolConnection {
        private final BluetoothDevice device;
        private final String address;
        private volatile Map<UUID, BluetoothGattCharacteristic> characteristics = Map.of();
        /** Held while a notification is passed on, so that none is after closing. */
        private final Object gate = new Object();
        /** Calls under way, also those left behind: TinyB's objects stay while there are any. */
        private final AtomicInteger running = new AtomicInteger();

        private boolean closed;

        Connection(BluetoothDevice device, String address) {
            this.device = device;
            this.address = address;
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            long endNanos = System.nanoTime() + limit.toNanos();
            await(limit, "the services of " + address, device::getServicesResolved);
            while (true) {
                Map<UUID, BluetoothGattCharacteristic> found = within(
                        left(endNanos),
                        "listing the characteristics of " + address,
                        () -> TinyB.this.characteristics(device));
                if (found.keySet().containsAll(Gatt.REQUIRED)) {
                    characteristics = Map.copyOf(found);
                    return;
                }
                found.values().forEach(BluetoothObject::close);
                if (left(endNanos).isZero()) {
                    throw new LinkException("connecting to %s: want the characteristics %s, got %s"
                            .formatted(address, Gatt.REQUIRED, found.keySet()));
                }
                Thread.sleep(POLL_MS);
            }
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException, InterruptedException {
            return call("asking for the characteristics of " + address, () -> {
                Map<UUID, Set<Gatt.Property>> found = new HashMap<>();
                characteristics.forEach(
                        (uuid, each) -> found.put(uuid, Gatt.Property.named(Arrays.asList(each.getFlags()))));
                return found;
            });
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.empty();
        }

        @Override
        public Bond bond() throws LinkException, InterruptedException {
            return call(
                    "asking for the bond of " + address,
                    () -> !device.getPaired() ? Bond.NONE : device.getTrusted() ? Bond.PROVEN : Bond.UNPROVEN);
        }

        @Override
        public byte[] read(UUID uuid) throws LinkException, InterruptedException {
            BluetoothGattCharacteristic characteristic = characteristic(uuid);
            return call(step("reading", uuid), characteristic::readValue);
        }

        @Override
        public void write(UUID uuid, byte[] value) throws LinkException, InterruptedException {
            BluetoothGattCharacteristic characteristic = characteristic(uuid);
            call(step("writing", uuid), () -> characteristic.writeValue(value));
        }

        /** TinyB knows no kinds of write; BlueZ takes the kind that the characteristic offers. */
        @Override
        public void writeWithoutResponse(UUID uuid, byte[] value) throws LinkException, InterruptedException {
            write(uuid, value);
        }

        @Override
        public void subscribe(UUID uuid, Notifications notifications) throws LinkException, InterruptedException {
            BluetoothGattCharacteristic characteristic = characteristic(uuid);
            call(step("subscribing to", uuid), () -> {
                characteristic.enableValueNotifications(value -> pass(value, notifications));
                return true;
            });
        }

        @Override
        public void unsubscribe(UUID uuid) throws LinkException, InterruptedException {
            BluetoothGattCharacteristic characteristic = characteristic(uuid);
            call(step("unsubscribing from", uuid), () -> {
                characteristic.disableValueNotifications();
                return true;
            });
        }

        private void pass(byte[] value, Notifications notifications) {
            long arrivedNanos = System.nanoTime();
            try {
                synchronized (gate) {
                    if (!closed) {
                        notifications.arrived(value, arrivedNanos);
                    }
                }
            } catch (Throwable e) { // would stay pending in JNI
                System.err.println("a receiver of notifications of " + address + " failed: " + e);
            }
        }

        private BluetoothGattCharacteristic characteristic(UUID uuid) throws LinkException {
            synchronized (gate) {
                if (closed) {
                    throw new LinkException("the connection to %s is closed".formatted(address));
                }
            }
            BluetoothGattCharacteristic characteristic = characteristics.get(uuid);
            if (characteristic == null) {
                throw new LinkException("%s: BlueZ does not offer the characteristic %s".formatted(address, uuid));
            }
            return characteristic;
        }

        private <T> T call(String step, Callable<T> call) throws LinkException, InterruptedException {
            running.incrementAndGet();
            return within(STEP_LIMIT, step, () -> {
                try {
                    return call.call();
                } finally {
                    running.decrementAndGet();
                }
            });
        }

        private String step(String verb, UUID uuid) {
            return "%s %s of %s".formatted(verb, uuid, address);
        }

        @Override
        public void close() {
            synchronized (gate) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            connections.remove(this);
            try {
                call("disconnecting " + address, device::disconnect);
                // Then TinyB has passed on all that was notified before, and its objects can go.
                await(SETTLE_LIMIT, "the end of the link to " + address, () -> !device.getConnected());
            } catch (LinkException e) {
                // it was connected no more
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (running.get() == 0) {
                characteristics.values().forEach(BluetoothObject::close);
                device.close();
            }
        }
    }
}

package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.bluez.PassedDescriptors;
import java.io.FileDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tools through BlueZ over D-Bus, in Java alone. Each connection has a thread of its own that passes on what is
 * notified; calls block the caller, none for ever. A write without response waits for no other call.
 */
public final class BlueZLink implements ToolLink {
    private static final Logger log = LoggerFactory.getLogger(BlueZLink.class);

    /** How long one tool that is not there may keep the radio from the others. */
    private static final Duration HEAR_LIMIT = Duration.ofSeconds(3);

    private static final Duration STEP_LIMIT = Duration.ofSeconds(5);

    private final @Nullable String adapterName;
    private final Notify notify;
    private final BlueZ bluez;
    private final ReentrantLock radio = new ReentrantLock(true);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile BlueZ.@Nullable Device connecting;
    private volatile boolean closed;

    /** How notifications come from BlueZ. Indications come by signal in any case. */
    public enum Notify {
        /** By socket, else by signal. */
        BEST,
        /** By D-Bus signal. */
        SIGNAL,
        /** By a socket for each characteristic, past the bus. */
        SOCKET
    }

    /**
     * Reaches BlueZ.
     *
     * @param busAddress as D-Bus writes it, see {@link BlueZ#systemBus()}
     * @param adapter for example {@code hci0}, or its address; null takes the first that is powered, or the first
     * @throws LinkException BlueZ with this adapter is not on the bus
     */
    public BlueZLink(String busAddress, @Nullable String adapter, Notify notify)
            throws LinkException, InterruptedException {
        adapterName = adapter;
        this.notify = notify;
        bluez = new BlueZ(busAddress);
        try {
            bluez.poweredAdapter(adapter);
        } catch (LinkException | InterruptedException | RuntimeException e) {
            bluez.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "bluez";
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        requireOpen();
        radio.lockInterruptibly();
        try {
            return bluez.scan(bluez.poweredAdapter(adapterName), time).stream()
                    .map(device -> new HeardTool(device.address(), device.name(), device.rssiDbm()))
                    .toList();
        } finally {
            radio.unlock();
        }
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        requireOpen();
        long endNanos = System.nanoTime() + limit.toNanos();
        if (!radio.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new LinkException(
                    "connecting to %s: the adapter was busy for %d ms".formatted(address, limit.toMillis()));
        }
        try {
            BlueZ.Adapter adapter = bluez.poweredAdapter(adapterName);
            bluez.stopDiscovery(adapter);
            Optional<BlueZ.Device> linked = bluez.device(adapter, address).filter(BlueZ.Device::connected);
            if (linked.isPresent()) { // left behind by someone
                bluez.disconnect(linked.get().path(), BlueZ.left(endNanos));
            }
            BlueZ.Device device = inRange(adapter, address, endNanos);
            connecting = device;
            try {
                requireOpen();
                bluez.connect(device, BlueZ.left(endNanos));
            } finally {
                connecting = null;
            }
            return connection(device);
        } finally {
            radio.unlock();
        }
    }

    private Connection connection(BlueZ.Device device) throws LinkException {
        for (Connection earlier : connections) {
            if (earlier.path.equals(device.path())) {
                earlier.lost = true;
            }
        }
        Connection connection = new Connection(device);
        connections.add(connection);
        if (closed) {
            connection.close();
            requireOpen();
        }
        return connection;
    }

    /**
     * The device that BlueZ has heard within half a minute, for so long it keeps one that is not paired; else the one
     * that is heard now. No discovery runs afterwards.
     */
    private BlueZ.Device inRange(BlueZ.Adapter adapter, String address, long endNanos)
            throws LinkException, InterruptedException {
        Optional<BlueZ.Device> known = bluez.device(adapter, address);
        if (known.isPresent() && !known.get().paired()) {
            return known.get();
        }
        Duration limit = BlueZ.left(Math.min(endNanos, System.nanoTime() + HEAR_LIMIT.toNanos()));
        bluez.startDiscovery(adapter);
        try {
            if (!bluez.hear(adapter, address, limit)) {
                throw new NotHeardException("connecting to %s: not heard".formatted(address));
            }
        } finally {
            bluez.stopDiscovery(adapter);
        }
        return bluez.device(adapter, address)
                .orElseThrow(() -> new LinkException("connecting to %s: BlueZ has forgotten it".formatted(address)));
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        requireOpen();
        radio.lockInterruptibly();
        try {
            return bluez.forget(bluez.adapter(adapterName), address);
        } finally {
            radio.unlock();
        }
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        requireOpen();
        radio.lockInterruptibly();
        try {
            bluez.powerCycle(bluez.adapter(adapterName));
        } finally {
            radio.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        BlueZ.Device device = connecting;
        if (device != null) {
            bluez.cancelConnecting(device);
        }
        List.copyOf(connections).forEach(Connection::close);
        bluez.close();
    }

    private void requireOpen() throws LinkException {
        if (closed) {
            throw new LinkException("the link is closed");
        }
    }

    private final class Connection implements ToolConnection {
        private final String address;
        private final String path;
        /** What was found at one run of bluetoothd is not there at the next. */
        private final @Nullable Object run;

        private final ReentrantLock operation = new ReentrantLock(true);
        private final Set<String> receiving = ConcurrentHashMap.newKeySet();
        private volatile Map<UUID, String> characteristics = Map.of();
        /** There is another connection to the tool now. */
        private volatile boolean lost;
        /** BlueZ has told of the link. */
        private volatile boolean seenLinked;
        /** Held while a notification is passed on, so that none is after closing. */
        private final Object gate = new Object();

        private @Nullable Arrivals arrivals;
        private boolean closed;

        Connection(BlueZ.Device device) {
            address = device.address();
            path = device.path();
            run = bluez.run();
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            requireLinked();
            Map<UUID, String> found = new HashMap<>();
            try {
                bluez.await(limit, "the services of " + address, () -> {
                    found.clear();
                    found.putAll(bluez.characteristics(path));
                    return !isLinked()
                            || (bluez.isResolved(path) && found.keySet().containsAll(Gatt.REQUIRED));
                });
            } catch (LinkException e) {
                characteristics = Map.copyOf(found);
                Set<UUID> missing = new HashSet<>(Gatt.REQUIRED);
                missing.removeAll(found.keySet());
                throw new LinkException("%s; missing are the characteristics %s".formatted(e.getMessage(), missing), e);
            }
            requireLinked();
            characteristics = Map.copyOf(found);
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException {
            requireLinked();
            Map<UUID, Set<Gatt.Property>> found = new HashMap<>();
            characteristics.forEach((uuid, characteristic) -> found.put(
                    uuid,
                    bluez.property(characteristic, BlueZ.CHARACTERISTIC, "Flags") instanceof Collection<?> flags
                            ? Gatt.Property.named(flags)
                            : Set.of()));
            return found;
        }

        @Override
        public OptionalInt mtu() throws LinkException {
            requireLinked();
            for (String characteristic : characteristics.values()) {
                if (bluez.property(characteristic, BlueZ.CHARACTERISTIC, "MTU") instanceof Number mtu) {
                    return OptionalInt.of(mtu.intValue());
                }
            }
            return OptionalInt.empty();
        }

        @Override
        public Bond bond() throws LinkException {
            requireLinked();
            Object bonded = bluez.property(path, BlueZ.DEVICE, "Bonded");
            if (!Boolean.TRUE.equals(bonded != null ? bonded : bluez.property(path, BlueZ.DEVICE, "Paired"))) {
                return Bond.NONE;
            }
            return Boolean.TRUE.equals(bluez.property(path, BlueZ.DEVICE, "Trusted")) ? Bond.PROVEN : Bond.UNPROVEN;
        }

        @Override
        public byte[] read(UUID uuid) throws LinkException, InterruptedException {
            if (isHiddenBattery(uuid) && bluez.property(path, BlueZ.BATTERY, "Percentage") instanceof Number percent) {
                return new byte[] {percent.byteValue()};
            }
            return BlueZ.bytes(operate(step("reading", uuid), uuid, "ReadValue", "a{sv}", Map.of())[0]);
        }

        /** BlueZ reads the battery itself, and shows only its level. */
        private boolean isHiddenBattery(UUID uuid) throws LinkException {
            requireLinked();
            return uuid.equals(Gatt.BATTERY_LEVEL) && !characteristics.containsKey(uuid);
        }

        @Override
        public void write(UUID uuid, byte[] value) throws LinkException, InterruptedException {
            operate(
                    step("writing", uuid),
                    uuid,
                    "WriteValue",
                    "aya{sv}",
                    value,
                    Map.of("type", new Variant<>("request")));
        }

        @Override
        public void writeWithoutResponse(UUID uuid, byte[] value) throws LinkException, InterruptedException {
            bluez.call(
                    step("writing", uuid),
                    STEP_LIMIT,
                    characteristic(uuid),
                    BlueZ.CHARACTERISTIC,
                    "WriteValue",
                    "aya{sv}",
                    value,
                    Map.of("type", new Variant<>("command")));
        }

        /** One after another: BlueZ refuses a second operation on a characteristic. */
        private Object[] operate(String step, UUID uuid, String method, String signature, Object... arguments)
                throws LinkException, InterruptedException {
            String characteristic = characteristic(uuid);
            lock(step);
            try {
                return bluez.call(step, STEP_LIMIT, characteristic, BlueZ.CHARACTERISTIC, method, signature, arguments);
            } finally {
                operation.unlock();
            }
        }

        private void lock(String step) throws LinkException, InterruptedException {
            if (!operation.tryLock(STEP_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new LinkException("%s: the connection was busy for %d ms".formatted(step, STEP_LIMIT.toMillis()));
            }
        }

        @Override
        public void subscribe(UUID uuid, Notifications notifications) throws LinkException, InterruptedException {
            String step = step("subscribing to", uuid);
            if (isHiddenBattery(uuid)) {
                receive(path, notifications);
                return;
            }
            String characteristic = characteristic(uuid);
            lock(step);
            try {
                if (notify == Notify.SIGNAL || !acquire(step, characteristic, notifications)) {
                    receive(characteristic, notifications);
                    try {
                        bluez.startNotify(step, characteristic);
                    } catch (LinkException | InterruptedException | RuntimeException e) {
                        stopReceiving(characteristic);
                        throw e;
                    }
                }
            } finally {
                operation.unlock();
            }
        }

        private boolean acquire(String step, String characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            if (!bluez.canAcquireNotify(characteristic)) {
                return false;
            }
            try {
                FileDescriptor socket = PassedDescriptors.take(bluez.acquireNotify(step, characteristic));
                arrivals().add(socket, (value, arrivedNanos) -> pass(value, arrivedNanos, notifications));
                return true;
            } catch (LinkException e) {
                requireLinked();
                if (notify == Notify.SOCKET) {
                    throw e;
                }
                log.debug("{}; by signal then", e.getMessage());
            } catch (IOException e) {
                if (notify == Notify.SOCKET) {
                    throw new LinkException("%s: %s".formatted(step, e.getMessage()), e);
                }
                log.warn("{}: {}; by signal then", step, e.getMessage());
                bluez.stopNotify(step, characteristic);
            }
            return false;
        }

        private void receive(String of, Notifications notifications) throws LinkException {
            Arrivals passing = arrivals();
            receiving.add(of);
            bluez.receive(
                    of,
                    value -> passing.add(
                            value,
                            System.nanoTime(),
                            (arrived, arrivedNanos) -> pass(arrived, arrivedNanos, notifications)));
        }

        private void stopReceiving(String of) {
            receiving.remove(of);
            bluez.receive(of, null);
        }

        private Arrivals arrivals() throws LinkException {
            synchronized (gate) {
                requireNotClosed();
                Arrivals now = arrivals;
                if (now == null) {
                    try {
                        now = new Arrivals(address);
                    } catch (IOException e) {
                        throw new LinkException("notifications of %s: %s".formatted(address, e.getMessage()), e);
                    }
                    arrivals = now;
                }
                return now;
            }
        }

        private void pass(byte[] value, long arrivedNanos, Notifications notifications) {
            synchronized (gate) {
                if (!closed && !lost) {
                    notifications.arrived(value, arrivedNanos);
                }
            }
        }

        @Override
        public void unsubscribe(UUID uuid) throws LinkException, InterruptedException {
            if (isHiddenBattery(uuid)) {
                stopReceiving(path);
                return;
            }
            String characteristic = characteristic(uuid);
            String step = step("unsubscribing from", uuid);
            lock(step);
            try {
                bluez.stopNotify(step, characteristic); // closes BlueZ's end of a socket, whose reading ends then
                stopReceiving(characteristic);
            } finally {
                operation.unlock();
            }
        }

        private String characteristic(UUID uuid) throws LinkException {
            requireLinked();
            String characteristic = characteristics.get(uuid);
            if (characteristic == null) {
                throw new LinkException("%s: BlueZ does not offer the characteristic %s".formatted(address, uuid));
            }
            return characteristic;
        }

        private String step(String verb, UUID uuid) {
            return "%s %s of %s".formatted(verb, uuid, address);
        }

        /** BlueZ's answer to connecting counts: at times it never tells that Connected has changed (seen in 5.66). */
        private boolean isLinked() {
            boolean linked = bluez.isLinked(path);
            seenLinked |= linked;
            return !lost && run != null && run.equals(bluez.run()) && (linked || (!seenLinked && bluez.knows(path)));
        }

        private void requireLinked() throws LinkException {
            synchronized (gate) {
                requireNotClosed();
            }
            if (!isLinked()) {
                throw new LinkException("the link to %s is lost".formatted(address));
            }
        }

        private void requireNotClosed() throws LinkException {
            if (closed) {
                throw new LinkException("the connection to %s is closed".formatted(address));
            }
        }

        @Override
        public void close() {
            Arrivals passing;
            synchronized (gate) {
                if (closed) {
                    return;
                }
                closed = true;
                passing = arrivals;
            }
            connections.remove(this);
            if (!lost) {
                receiving.forEach(of -> bluez.receive(of, null));
            }
            boolean interrupted = Thread.interrupted();
            try {
                if (isLinked()) {
                    bluez.disconnect(path, STEP_LIMIT);
                }
            } catch (LinkException e) {
                log.debug("{}", e.getMessage());
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (passing != null) {
                passing.close();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

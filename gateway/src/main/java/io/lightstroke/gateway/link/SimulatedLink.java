package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.SimulatedTool;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Tools in software, in this process, on any operating system. Notifications of all tools come on one thread of the
 * link. It does not drive the tools' time.
 */
public final class SimulatedLink implements ToolLink {
    private static final int MTU = 247;

    private final Map<String, SimulatedTool> tools = new LinkedHashMap<>();
    private final Map<String, Connection> connections = new ConcurrentHashMap<>();
    /** Guards who is connected to which tool. */
    private final Object lock = new Object();

    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final ExecutorService radio = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "simulated-link");
        thread.setDaemon(true);
        return thread;
    });

    public SimulatedLink(Collection<SimulatedTool> tools) {
        tools.forEach(tool -> this.tools.put(tool.identity().address(), tool));
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public List<HeardTool> scan(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
        return tools.values().stream()
                .map(SimulatedTool::identity)
                .map(identity -> new HeardTool(identity.address(), identity.name(), null))
                .toList();
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        SimulatedTool tool = tools.get(address);
        if (tool == null) {
            Thread.sleep(limit.toMillis());
            throw new NotHeardException(
                    "connecting to %s: not heard within %d ms".formatted(address, limit.toMillis()));
        }
        synchronized (lock) {
            if (radio.isShutdown()) {
                throw new LinkException("the link is closed");
            }
            drop(address);
            Connection connection = new Connection(tool);
            connections.put(address, connection);
            tool.connect(MTU, connection.subscriptions.keySet(), connection::notified);
            return connection;
        }
    }

    /** There is nothing to forget. */
    @Override
    public boolean forget(String address) {
        return false;
    }

    @Override
    public void powerCycle() {
        List.copyOf(connections.keySet()).forEach(this::drop);
    }

    /** The link to a tool is lost, as by distance; it can be connected again at once. */
    public void drop(String address) {
        Connection connection = connections.get(address);
        if (connection != null) {
            connection.end("the link to %s is lost".formatted(address));
        }
    }

    /** The tool starts anew, and so its link is lost; it can be connected again at once. */
    public void reboot(String address) {
        SimulatedTool tool = tools.get(address);
        if (tool == null) {
            throw new IllegalArgumentException("no simulated tool %s; there are %s".formatted(address, tools.keySet()));
        }
        synchronized (lock) {
            drop(address);
            tool.reboot();
        }
    }

    /** While silent, what the tool notifies does not arrive, though it stays connected. */
    public void silence(String address, boolean silent) {
        if (silent) {
            this.silent.add(address);
        } else {
            this.silent.remove(address);
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            connections.values().forEach(Connection::close);
            radio.shutdown();
        }
    }

    private final class Connection implements ToolConnection {
        private final SimulatedTool tool;
        private final String address;
        private final Map<UUID, Notifications> subscriptions = new ConcurrentHashMap<>();
        /** Held while a notification is passed on, so that none is after the end. */
        private final Object gate = new Object();

        /** Why nothing goes over it any more; empty while it lives. */
        private String ended = "";

        Connection(SimulatedTool tool) {
            this.tool = tool;
            address = tool.identity().address();
        }

        /** All of it is known from the beginning. */
        @Override
        public void resolve(Duration limit) throws LinkException {
            requireLinked();
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.of(MTU);
        }

        /** Nobody else is in this process. */
        @Override
        public boolean bonded() {
            return true;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException {
            require("read", characteristic, Property.READ);
            return tool.read(characteristic);
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException {
            require("write", characteristic, Property.WRITE);
            tool.write(characteristic, value.clone());
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException {
            require("write", characteristic, Property.WRITE_WITHOUT_RESPONSE);
            tool.write(characteristic, value.clone());
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications) throws LinkException {
            require("subscribe to", characteristic, Property.NOTIFY, Property.INDICATE);
            if (subscriptions.putIfAbsent(characteristic, notifications) != null) {
                throw new LinkException("%s: already subscribed to %s".formatted(address, characteristic));
            }
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException {
            requireLinked();
            subscriptions.remove(characteristic);
        }

        private void requireLinked() throws LinkException {
            synchronized (gate) {
                if (!ended.isEmpty()) {
                    throw new LinkException(ended);
                }
            }
        }

        private void require(String verb, UUID uuid, Property... oneOf) throws LinkException {
            requireLinked();
            if (Gatt.TABLE.stream()
                    .filter(row -> row.uuid().equals(uuid))
                    .noneMatch(row -> Arrays.stream(oneOf).anyMatch(row.properties()::contains))) {
                throw new LinkException("%s: cannot %s %s".formatted(address, verb, uuid));
            }
        }

        /** On the thread that advances or writes to the tool, which holds the tool meanwhile. */
        private void notified(UUID characteristic, byte[] value) {
            Notifications notifications = subscriptions.get(characteristic);
            if (notifications != null && !silent.contains(address)) {
                long arrivedNanos = System.nanoTime();
                radio.execute(() -> pass(notifications, value, arrivedNanos));
            }
        }

        private void pass(Notifications notifications, byte[] value, long arrivedNanos) {
            synchronized (gate) {
                if (ended.isEmpty()) {
                    notifications.arrived(value, arrivedNanos);
                }
            }
        }

        @Override
        public void close() {
            end("the connection to %s is closed".formatted(address));
        }

        private void end(String why) {
            synchronized (gate) {
                if (!ended.isEmpty()) {
                    return;
                }
                ended = why;
            }
            synchronized (lock) {
                if (connections.remove(address, this)) {
                    tool.disconnect();
                }
            }
        }
    }
}

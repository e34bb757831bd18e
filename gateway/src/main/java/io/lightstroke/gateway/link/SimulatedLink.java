package io.lightstroke.gateway.link;

import static java.util.stream.Collectors.toMap;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Gatt.Property;
import io.lightstroke.simulator.Tool;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tools in software, in this process, on any operating system. Notifications come on one thread a connection. It does not
 * drive the tools' time.
 */
public final class SimulatedLink implements ToolLink {
    private static final int MTU = 247;
    /** How often it tries a tool that is not there. */
    private static final long TRY_MS = 20;

    private final Map<String, Tool> tools = new LinkedHashMap<>();
    private final int mtu;
    private final Map<String, Connection> connections = new ConcurrentHashMap<>();
    /** Guards who is connected to which tool, and what follows. */
    private final Object lock = new Object();

    private final Set<String> hanging = new HashSet<>();
    private boolean closed;

    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    public SimulatedLink(Collection<? extends Tool> tools) {
        this(tools, MTU);
    }

    /** @param mtu ATT MTU that is offered to each tool */
    public SimulatedLink(Collection<? extends Tool> tools, int mtu) {
        this.mtu = mtu;
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
                .filter(Tool::reachable)
                .map(Tool::identity)
                .map(identity -> new HeardTool(identity.address(), identity.name(), null))
                .toList();
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        Tool tool = tools.get(address);
        long endNanos = System.nanoTime() + limit.toNanos();
        Connection before;
        Connection connection;
        synchronized (lock) {
            while (!closed && (tool == null || hanging.contains(address) || !tool.reachable())) {
                long leftMs = (endNanos - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw tool == null
                            ? new NotHeardException("connecting to %s: not heard".formatted(address))
                            : new LinkException(
                                    "connecting to %s: no answer within %d ms".formatted(address, limit.toMillis()));
                }
                lock.wait(Math.min(leftMs, TRY_MS));
            }
            if (closed || tool == null) {
                throw new LinkException("the link is closed");
            }
            connection = new Connection(tool);
            try {
                tool.connect(connection.mtu, connection.subscriptions.keySet(), connection);
            } catch (IllegalStateException e) { // it is behind a pipe that is broken
                throw new LinkException("connecting to %s: %s".formatted(address, e.getMessage()), e);
            }
            before = connections.put(address, connection);
        }
        if (before != null) {
            before.end("another connection to %s has taken its place".formatted(address));
        }
        return connection;
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
        Tool tool = tools.get(address);
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

    /** While it hangs, connecting to the tool gets no answer. */
    public void hangConnect(String address, boolean hang) {
        synchronized (lock) {
            if (hang) {
                hanging.add(address);
            } else {
                hanging.remove(address);
            }
            lock.notifyAll();
        }
    }

    @Override
    public void close() {
        List<Connection> open;
        synchronized (lock) {
            closed = true;
            open = List.copyOf(connections.values());
            lock.notifyAll();
        }
        open.forEach(Connection::close);
    }

    private final class Connection implements ToolConnection, Tool.Central {
        private final Tool tool;
        private final String address;
        private final int mtu;
        private final Map<UUID, Notifications> subscriptions = new ConcurrentHashMap<>();
        private final Delivery delivery;
        /** Why nothing goes over it any more; null while it lives. */
        private final AtomicReference<@Nullable String> ended = new AtomicReference<>();

        Connection(Tool tool) {
            this.tool = tool;
            address = tool.identity().address();
            mtu = tool.mtu(SimulatedLink.this.mtu);
            delivery = new Delivery(address);
        }

        /** All of it is known from the beginning. */
        @Override
        public void resolve(Duration limit) throws LinkException {
            requireLinked();
        }

        @Override
        public Map<UUID, Set<Property>> characteristics() {
            return tool.characteristics().stream()
                    .collect(toMap(Gatt.Characteristic::uuid, row -> Set.copyOf(row.properties())));
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.of(mtu);
        }

        /** Nobody else is in this process but a tool that passes for another. */
        @Override
        public Bond bond() {
            return tool.genuine() ? Bond.PROVEN : Bond.NONE;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException {
            require("read", characteristic, Property.READ);
            try {
                return tool.read(characteristic);
            } catch (IllegalStateException e) { // it is behind a pipe that is broken
                throw new LinkException("%s: %s".formatted(address, e.getMessage()), e);
            }
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException {
            require("write", characteristic, Property.WRITE);
            send(characteristic, value);
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException {
            require("write", characteristic, Property.WRITE_WITHOUT_RESPONSE);
            send(characteristic, value);
        }

        private void send(UUID characteristic, byte[] value) throws LinkException {
            try {
                tool.write(characteristic, value.clone());
            } catch (IllegalStateException e) { // it has started anew
                throw new LinkException("the link to %s is lost: %s".formatted(address, e.getMessage()), e);
            } catch (IllegalArgumentException e) {
                throw new LinkException("%s refuses: %s".formatted(address, e.getMessage()), e);
            }
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
            String why = ended.get();
            if (why != null) {
                throw new LinkException(why);
            }
        }

        private void require(String verb, UUID uuid, Property... oneOf) throws LinkException {
            requireLinked();
            if (!tool.has(uuid, oneOf)) {
                throw new LinkException("%s: cannot %s %s".formatted(address, verb, uuid));
            }
        }

        /** On the thread that advances or writes to the tool, which holds the tool meanwhile. */
        @Override
        public void notified(UUID characteristic, byte[] value) {
            Notifications notifications = subscriptions.get(characteristic);
            if (notifications != null && !silent.contains(address)) {
                delivery.deliver(
                        (bytes, atNanos) -> {
                            if (subscriptions.get(characteristic) == notifications) {
                                notifications.arrived(bytes, atNanos);
                            }
                        },
                        value,
                        System.nanoTime());
            }
        }

        /** Elsewhere, for the tool is held here. */
        @Override
        public void lost() {
            CompletableFuture<Void> unused =
                    CompletableFuture.runAsync(() -> end("%s has ended the link".formatted(address)));
        }

        @Override
        public void close() {
            end("the connection to %s is closed".formatted(address));
        }

        private void end(String why) {
            if (!ended.compareAndSet(null, why)) {
                return;
            }
            synchronized (lock) {
                if (connections.remove(address, this)) {
                    tool.disconnect();
                }
            }
            delivery.close();
        }
    }
}

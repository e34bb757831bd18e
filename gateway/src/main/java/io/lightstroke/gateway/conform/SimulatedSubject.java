package io.lightstroke.gateway.conform;

import static java.util.stream.Collectors.toMap;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Tool;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/** A tool in software, in virtual time: it lives on when the one who holds it against the rules waits. */
public final class SimulatedSubject implements Subject {
    private static final int MTU = 247;
    /** What arrives is stamped so finely. */
    private static final long TICK_NANOS = 10_000_000;

    private static final long ALONE_NANOS = 1_000_000_000;

    private final Tool tool;
    private final long beganUs;
    private final double usPerNano;
    private long nowNanos;
    private boolean linked;

    /** @param tool whose time nobody else advances */
    public SimulatedSubject(Tool tool) {
        this.tool = tool;
        beganUs = tool.ageUs();
        usPerNano = (1 + tool.clockDriftPpm() / 1e6) / 1000;
    }

    @Override
    public String name() {
        return "%s, %s, in virtual time"
                .formatted(tool.identity().name(), tool.identity().model());
    }

    @Override
    public boolean simulated() {
        return true;
    }

    @Override
    public Optional<Boolean> heard() {
        return Optional.empty();
    }

    @Override
    public ToolConnection connect(int mtu) throws LinkException, InterruptedException {
        pass(Duration.ofMillis(100));
        if (!tool.reachable()) {
            throw new LinkException(
                    "connecting to %s: no answer".formatted(tool.identity().name()));
        }
        return new Connection(tool.mtu(mtu == ANY_MTU ? MTU : mtu));
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public void pass(Duration time) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long endNanos = nowNanos + time.toNanos();
        while (nowNanos < endNanos) {
            nowNanos = Math.min(endNanos, nowNanos + (linked ? TICK_NANOS : ALONE_NANOS));
            tool.advanceTo(Math.max(tool.ageUs(), beganUs + (long) (nowNanos * usPerNano)));
        }
    }

    @Override
    public void restart() {
        tool.reboot();
    }

    private final class Connection implements ToolConnection, Tool.Central {
        private final int mtu;
        private final Map<UUID, Notifications> subscriptions = new HashMap<>();
        private boolean over;

        Connection(int mtu) {
            this.mtu = mtu;
            tool.connect(mtu, subscriptions.keySet(), this);
            linked = true;
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            Notifications to = subscriptions.get(characteristic);
            if (to != null && !over) {
                to.arrived(value, nowNanos);
            }
        }

        @Override
        public void lost() {
            over = true;
            linked = false;
        }

        @Override
        public void resolve(Duration limit) throws LinkException {
            requireLinked();
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() {
            return tool.characteristics().stream()
                    .collect(toMap(Gatt.Characteristic::uuid, row -> Set.copyOf(row.properties())));
        }

        @Override
        public OptionalInt mtu() throws LinkException {
            requireLinked();
            return OptionalInt.of(mtu);
        }

        @Override
        public Bond bond() {
            return tool.genuine() ? Bond.PROVEN : Bond.NONE;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException {
            requireLinked();
            try {
                return tool.read(characteristic);
            } catch (IllegalArgumentException e) {
                throw new LinkException("reading: " + e.getMessage(), e);
            }
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException {
            requireLinked();
            try {
                tool.write(characteristic, value.clone());
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new LinkException("writing: " + e.getMessage(), e);
            }
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException {
            write(characteristic, value);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications) throws LinkException {
            requireLinked();
            subscriptions.put(characteristic, notifications);
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException {
            requireLinked();
            subscriptions.remove(characteristic);
        }

        private void requireLinked() throws LinkException {
            if (over) {
                throw new LinkException(
                        "the link to %s is lost".formatted(tool.identity().name()));
            }
        }

        @Override
        public void close() {
            if (!over) {
                over = true;
                linked = false;
                tool.disconnect();
            }
        }
    }
}

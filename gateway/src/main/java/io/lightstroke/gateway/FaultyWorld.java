package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One simulated tool and the radio to it, in virtual time and with faults by seed. Time passes when the gateway waits, all
 * on its thread: {@link Air#poll}, reads and writes. What the tool really sent is noted before the radio spoils it.
 */
final class FaultyWorld {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final long BEGIN_UTC_US = 1_800_000_000_000_000L;
    private static final int MTU = 247;
    private static final Set<UUID> FRAMES = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.RECORD_DATA);

    private final Random random;
    private final Tool tool;
    private final double driftPpm;
    private final long intervalNanos;
    private final double lost;
    private final double doubled;
    private final double late;
    private final double spoilt;
    private final long beganNanos = 7_000 * SECOND;
    private long nowNanos = beganNanos;
    private long hostSetUs;
    private boolean hostClockSet;
    private long order;
    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));
    private @Nullable Radio radio;
    private boolean calm;
    private boolean notes = true;

    /** Every sample that the tool has sent, by boot and index. */
    private final Map<Long, NavigableMap<Long, Short>> sent = new HashMap<>();
    /** The sequences of all its events. */
    private final Map<Long, Set<Long>> events = new HashMap<>();

    private record Due(long atNanos, long order, Runnable what) {}

    FaultyWorld(long seed) {
        this(seed, SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.builtIn("too-deep"), seed));
    }

    private FaultyWorld(long seed, Tool tool) {
        random = new Random(seed);
        this.tool = tool;
        driftPpm = random.nextDouble(-100, 100);
        intervalNanos = random.nextLong(8, 50) * MS;
        lost = some(0.05);
        doubled = some(0.03);
        late = some(0.05);
        spoilt = some(0.02);
    }

    /** A tool at a radio that changes nothing. */
    FaultyWorld(Tool tool, long seed) {
        random = new Random(seed);
        this.tool = tool;
        driftPpm = 0;
        intervalNanos = MS;
        lost = 0;
        doubled = 0;
        late = 0;
        spoilt = 0;
        calm = true;
        notes = false;
    }

    /** Of half the seeds none. */
    private double some(double most) {
        return random.nextBoolean() ? 0 : random.nextDouble(most);
    }

    Random random() {
        return random;
    }

    String address() {
        return tool.identity().address();
    }

    long nanoTime() {
        return nowNanos;
    }

    Clock hostClock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return Instant.ofEpochSecond(0, (BEGIN_UTC_US + nowNanos / 1000 + hostSetUs) * 1000);
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    void setHostClock(long byUs) {
        hostSetUs += byUs;
        hostClockSet = true;
    }

    /** Whether it ever was. */
    boolean hostClockSet() {
        return hostClockSet;
    }

    /** No more faults. */
    void calm() {
        calm = true;
    }

    /** What is sent from now on may be on its way in the end. */
    void noteNoMore() {
        notes = false;
    }

    Map<Long, NavigableMap<Long, Short>> sent() {
        return sent;
    }

    Map<Long, Set<Long>> events() {
        return events;
    }

    private boolean happens(double share) {
        return !calm && random.nextDouble() < share;
    }

    /** Does it when so much time has passed. */
    void in(long nanos, Runnable what) {
        due.add(new Due(nowNanos + nanos, order++, what));
    }

    /** Time passes, for the tool too. */
    void pass(long nanos) {
        long endNanos = nowNanos + nanos;
        while (nowNanos < endNanos) {
            Due next = due.peek();
            nowNanos = next == null || next.atNanos > endNanos ? endNanos : Math.max(nowNanos, next.atNanos);
            tool.advanceTo(Math.max(tool.ageUs(), Math.round((nowNanos - beganNanos) / 1000.0 * (1 + driftPpm / 1e6))));
            while (!due.isEmpty() && due.peek().atNanos <= nowNanos) {
                due.remove().what.run();
            }
        }
    }

    private long untilEventNanos() {
        return intervalNanos - Math.floorMod(nowNanos, intervalNanos);
    }

    /** The link is lost, as by distance. */
    void drop() {
        if (radio != null) {
            radio.lose();
        }
    }

    void reboot() {
        drop();
        tool.reboot();
    }

    /** What arrives, for a gateway whose waiting is what lets time pass. */
    final class Air extends Arrivals {
        @Override
        @Nullable
        Arrival poll(long waitNanos) {
            Arrival next = poll();
            long endNanos = nowNanos + waitNanos;
            while (next == null && nowNanos < endNanos) {
                pass(Math.min(endNanos - nowNanos, untilEventNanos()));
                next = poll();
            }
            return next;
        }
    }

    /** @throws LinkException now and then */
    Radio connect() throws LinkException {
        pass(random.nextLong(50, 900) * MS);
        if (!tool.reachable() || happens(0.1)) {
            throw new LinkException("not heard");
        }
        radio = new Radio();
        return radio;
    }

    /** A connection; beside it the lane of its cues. */
    final class Radio implements ToolConnection, Tool.Central {
        private final Map<UUID, Notifications> subscriptions = new HashMap<>();
        private boolean alive = true;

        private Radio() {
            tool.connect(MTU, subscriptions.keySet(), this);
        }

        @Override
        public void lost() {
            alive = false;
        }

        private void lose() {
            if (alive) {
                alive = false;
                tool.disconnect();
            }
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            note(characteristic, value);
            if (happens(lost)) {
                return;
            }
            int times = happens(doubled) ? 2 : 1;
            for (int i = 0; i < times; i++) {
                byte[] arrived = happens(spoilt) ? spoil(characteristic, value) : value.clone();
                long events = happens(late) ? random.nextInt(1, 12) : 0;
                in(untilEventNanos() + events * intervalNanos, () -> arrive(characteristic, arrived));
            }
        }

        private void arrive(UUID characteristic, byte[] value) {
            Notifications to = subscriptions.get(characteristic);
            if (alive && to != null) {
                to.arrived(value, nowNanos);
            }
        }

        private void exchange(String what) throws LinkException {
            pass(untilEventNanos());
            if (!alive) {
                throw new LinkException(what + ": the link is lost");
            }
            if (happens(lost / 5)) {
                throw new LinkException(what + ": no answer");
            }
        }

        @Override
        public void resolve(Duration limit) {
            pass(random.nextLong(20, 600) * MS);
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() {
            throw new IllegalStateException("the gateway goes by the protocol's table");
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.of(MTU);
        }

        @Override
        public Bond bond() {
            return Bond.PROVEN;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException {
            exchange("read");
            return tool.read(characteristic);
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException {
            exchange("write");
            tool.write(characteristic, value);
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException {
            if (!alive || happens(lost)) {
                throw new LinkException("write without response: failed");
            }
            tool.write(characteristic, value);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications) throws LinkException {
            exchange("subscribe");
            subscriptions.put(characteristic, notifications);
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException {
            exchange("unsubscribe");
            subscriptions.remove(characteristic);
        }

        @Override
        public void close() {
            lose();
        }
    }

    /** Cues wait there for no more than some milliseconds. */
    final class Lane implements CueLane {
        private record Waiting(Cue cue, long deadlineNanos, Consumer<OptionalLong> outcome) {}

        private final ToolConnection connection;
        private final Consumer<Cue> sends;
        private final List<Waiting> waiting = new ArrayList<>();

        /** @param sends told of each cue that is to be written */
        Lane(ToolConnection connection, Consumer<Cue> sends) {
            this.connection = connection;
            this.sends = sends;
        }

        @Override
        public void send(Cue cue, long deadlineNanos, Consumer<OptionalLong> outcome) {
            sends.accept(cue);
            Waiting mine = new Waiting(cue, deadlineNanos, outcome);
            waiting.add(mine);
            in(random.nextLong(happens(0.05) ? 700 : 20) * MS, () -> write(mine));
        }

        private void write(Waiting next) {
            if (!waiting.remove(next)) {
                return;
            }
            OptionalLong written = OptionalLong.empty();
            try {
                if (nowNanos <= next.deadlineNanos) {
                    connection.writeWithoutResponse(Gatt.CUE, next.cue.encode());
                    written = OptionalLong.of(nowNanos);
                }
            } catch (LinkException | InterruptedException e) {
                // not written
            }
            next.outcome.accept(written);
        }

        @Override
        public void close() {
            List<Waiting> left = List.copyOf(waiting);
            waiting.clear();
            left.forEach(each -> each.outcome.accept(OptionalLong.empty()));
        }
    }

    private void note(UUID characteristic, byte[] value) {
        if (!notes) {
            return;
        }
        try {
            if (characteristic.equals(Gatt.EVENTS) || (value.length > 0 && value[0] == EventFrame.TYPE)) {
                if (FRAMES.contains(characteristic)) {
                    EventFrame event = EventFrame.decode(value);
                    events.computeIfAbsent(event.boot(), boot -> new HashSet<>())
                            .add(event.sequence());
                }
            } else if (FRAMES.contains(characteristic)) {
                ForceFrame frame = ForceFrame.decode(value);
                NavigableMap<Long, Short> samples = sent.computeIfAbsent(frame.boot(), boot -> new TreeMap<>());
                short[] forceCn = frame.forceCn();
                for (int i = 0; i < forceCn.length; i++) {
                    samples.put(frame.first() + i, forceCn[i]);
                }
            }
        } catch (MalformedFrameException e) {
            throw new IllegalStateException("the simulated tool sends " + e.getMessage(), e);
        }
    }

    private byte[] spoil(UUID characteristic, byte[] value) {
        byte[] spoilt = value.clone();
        if (!FRAMES.contains(characteristic) || random.nextInt(3) == 0) {
            return Arrays.copyOf(spoilt, random.nextInt(spoilt.length));
        }
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            spoilt[random.nextInt(spoilt.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return spoilt;
    }
}

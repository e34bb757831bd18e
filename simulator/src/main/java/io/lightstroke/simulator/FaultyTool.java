package io.lightstroke.simulator;

import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Crc16;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.Fault.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A tool with whom, and on the way to whom, things go wrong. The same tool, faults, seed and times give the same bytes.
 * Nothing on the way changes what is indicated, but {@link Kind#SLOW_ANSWERS}.
 */
public final class FaultyTool implements Tool {
    /** Those that end with a CRC. */
    private static final Set<UUID> FRAMES = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.RECORD_DATA);

    private static final Set<UUID> INDICATED = Gatt.TABLE.stream()
            .filter(row -> row.properties().contains(Gatt.Property.INDICATE))
            .map(Gatt.Characteristic::uuid)
            .collect(Collectors.toSet());
    private static final int COUNT_AT = 22;
    private static final int LATE_AT_LEAST_US = 60_000;
    private static final int LATE_AT_MOST_US = 200_000;

    private final Tool own;
    private final List<Fault> faults;
    private final Random random;

    private long ageUs;
    private @Nullable LongSupplier clock;
    private boolean passing;

    /** Answers in place of {@code own}; null: nobody does. */
    private @Nullable SimulatedTool twin;

    private long twinBeganUs;
    private @Nullable Link link;
    private final PriorityQueue<Late> late =
            new PriorityQueue<>(Comparator.comparingLong(Late::dueUs).thenComparingLong(Late::order));
    private long order;
    private long lastIndicationUs;

    private final List<Effect> effects = new ArrayList<>();
    /** Those that are not over. */
    private final List<Effect> inForce = new ArrayList<>();

    private record Link(Set<UUID> subscribed, Central central) {}

    private record Late(long dueUs, long order, UUID characteristic, byte[] value) {}

    /**
     * What a fault did.
     *
     * @param fromUs age of the tool
     * @param toUs age of the tool; now, if it is still in force
     * @param changed how many values it changed, held or took away, links it ended or made poor, or samples of which the
     *     tool says what is not so
     */
    public record Happened(Fault fault, long fromUs, long toUs, long changed, boolean inForce) {}

    private static final class Effect {
        private final Fault fault;
        private final long fromUs;
        private long toUs = Fault.EVER;
        private long changed;

        Effect(Fault fault, long fromUs) {
            this.fault = fault;
            this.fromUs = fromUs;
        }
    }

    /** @throws IllegalArgumentException if {@code own} is no {@link SimulatedTool}, and a fault is none that can be had outside of it */
    public FaultyTool(Tool own, List<Fault> faults, long seed) {
        this.own = own;
        this.faults = faults.stream().distinct().toList();
        random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + 0xFA17);
        ageUs = own.ageUs();
        if (own instanceof SimulatedTool simulated) {
            simulated.suffer(faults);
        } else {
            faults.stream()
                    .filter(fault -> Kind.INNER.contains(fault.kind()))
                    .findFirst()
                    .ifPresent(fault -> {
                        throw new IllegalArgumentException("fault %s: want it of a simulated tool, got it of %s"
                                .formatted(fault.kind(), own.identity().model()));
                    });
        }
        change();
    }

    /** Whose faults these are. */
    Tool own() {
        return own;
    }

    private Tool answering() {
        return twin == null ? own : twin;
    }

    @Override
    public synchronized Identity identity() {
        return answering().identity();
    }

    @Override
    public List<Gatt.Characteristic> characteristics() {
        return own.characteristics();
    }

    @Override
    public synchronized int mtu(int offered) {
        return atMost(own.mtu(offered));
    }

    private int atMost(int mtu) {
        Effect shortMtu = inForce(Kind.SHORT_MTU);
        return shortMtu == null ? mtu : Math.min(mtu, (int) shortMtu.fault.value());
    }

    @Override
    public synchronized boolean reachable() {
        return own.reachable() && inForce(Kind.LINK_LOSS) == null;
    }

    @Override
    public synchronized boolean genuine() {
        return own.genuine() && twin == null;
    }

    @Override
    public double clockDriftPpm() {
        return own.clockDriftPpm();
    }

    @Override
    public synchronized long ageUs() {
        return passing ? instantUs() : ageUs;
    }

    @Override
    public synchronized void liveBy(@Nullable LongSupplier ageUs) {
        clock = ageUs;
    }

    @Override
    public synchronized void catchUp() {
        if (clock != null && !passing) {
            advanceTo(Math.max(ageUs, clock.getAsLong()));
        }
    }

    @Override
    public synchronized void advanceTo(long untilUs) {
        if (untilUs < ageUs()) {
            throw new IllegalArgumentException("time of %s: want at least %d us since its start, got %d"
                    .formatted(identity().name(), ageUs, untilUs));
        }
        atOneInstant(() -> {
            do {
                long changesUs = changesUs();
                long dueUs = late.isEmpty() ? Fault.EVER : late.element().dueUs();
                // In steps in which nothing that comes late is due before the step's end.
                long stepUs = Math.min(Math.min(untilUs, changesUs), Math.min(dueUs, ageUs + LATE_AT_LEAST_US));
                passTo(Math.max(ageUs, stepUs));
                while (!late.isEmpty() && late.element().dueUs() <= ageUs) {
                    Late each = late.remove();
                    arrive(each.characteristic(), each.value());
                }
                if (ageUs == changesUs) {
                    change();
                }
            } while (ageUs < untilUs);
        });
    }

    /** What receivers do meanwhile happens at the same time. */
    private void atOneInstant(Runnable what) {
        boolean outermost = !passing;
        passing = true;
        try {
            what.run();
        } finally {
            passing = !outermost;
        }
    }

    private long changesUs() {
        long nextUs = Fault.EVER;
        for (Fault fault : faults) {
            nextUs = Math.min(nextUs, fault.changesUs(ageUs));
        }
        return nextUs;
    }

    private void passTo(long untilUs) {
        ageUs = untilUs;
        own.advanceTo(Math.max(own.ageUs(), untilUs + driftUs(untilUs)));
        if (twin != null) {
            twin.advanceTo(untilUs - twinBeganUs);
        }
    }

    /** By how much the tool's clock has run ahead until this age. */
    private long driftUs(long untilUs) {
        double us = 0;
        for (Fault fault : faults) {
            if (fault.kind() == Kind.CLOCK_DRIFT) {
                us += fault.value() / 1e6 * fault.inForceUs(untilUs);
            }
        }
        return Math.round(us);
    }

    /** At which the tool that answers now notifies. */
    private long instantUs() {
        return twin == null ? own.ageUs() - driftUs(own.ageUs()) : twin.ageUs() + twinBeganUs;
    }

    /** Some fault begins or ends now. */
    private void change() {
        for (Fault fault : faults) {
            Effect running = inForce.stream()
                    .filter(effect -> effect.fault.equals(fault))
                    .findFirst()
                    .orElse(null);
            if (fault.happens(ageUs)) {
                Effect instant = new Effect(fault, ageUs);
                instant.toUs = ageUs;
                effects.add(instant);
                lose(instant);
                answering().reboot();
            } else if (running == null && fault.inForce(ageUs)) {
                Effect begun = new Effect(fault, ageUs);
                begun.changed = -counted(fault);
                effects.add(begun);
                inForce.add(begun);
                turn(begun, true);
            } else if (running != null && !fault.inForce(ageUs)) {
                running.toUs = ageUs;
                inForce.remove(running);
                running.changed += told(fault);
                turn(running, false);
            }
        }
    }

    private void turn(Effect effect, boolean begins) {
        switch (effect.fault.kind()) {
            case LINK_LOSS -> {
                if (begins) {
                    lose(effect);
                }
            }
            case SPOOFED_TWIN -> {
                lose(effect);
                twin = begins && own instanceof SimulatedTool simulated ? simulated.twin() : null;
                twinBeganUs = ageUs;
            }
            case LOW_BATTERY -> {
                if (has(Gatt.BATTERY_LEVEL, Gatt.Property.READ)) {
                    passes(Gatt.BATTERY_LEVEL, read(Gatt.BATTERY_LEVEL));
                }
            }
            default -> {}
        }
    }

    /** By the tool, of those that it has in itself. */
    private long told(Fault fault) {
        return own instanceof SimulatedTool simulated ? simulated.changedBy(fault) : 0;
    }

    /** Of that, what went into earlier effects. */
    private long counted(Fault fault) {
        return told(fault) == 0
                ? 0
                : effects.stream()
                        .filter(effect -> effect.fault.equals(fault))
                        .mapToLong(effect -> effect.changed)
                        .sum();
    }

    private @Nullable Effect inForce(Kind kind) {
        for (int i = inForce.size() - 1; i >= 0; i--) {
            if (inForce.get(i).fault.kind() == kind) {
                return inForce.get(i);
            }
        }
        return null;
    }

    /** What went wrong until now, in the order in which it began. */
    public synchronized List<Happened> happened() {
        return effects.stream()
                .map(effect -> new Happened(
                        effect.fault,
                        effect.fromUs,
                        Math.min(ageUs, effect.toUs),
                        effect.changed + (effect.toUs == Fault.EVER ? told(effect.fault) : 0),
                        effect.toUs == Fault.EVER))
                .toList();
    }

    @Override
    public synchronized Optional<State> state() {
        Effect low = inForce(Kind.LOW_BATTERY);
        return answering()
                .state()
                .map(state -> new State(
                        state.linked(),
                        state.sampling(),
                        state.forceN(),
                        state.strokes(),
                        low == null
                                ? state.batteryPercent()
                                : Math.min(state.batteryPercent(), (int) low.fault.value()),
                        state.stored(),
                        state.limits()));
    }

    @Override
    public synchronized void reboot() {
        catchUp();
        unlink();
        answering().reboot();
    }

    @Override
    public synchronized byte[] read(UUID characteristic) {
        catchUp();
        return seen(characteristic, answering().read(characteristic));
    }

    private byte[] seen(UUID characteristic, byte[] value) {
        Effect low = characteristic.equals(Gatt.BATTERY_LEVEL) ? inForce(Kind.LOW_BATTERY) : null;
        if (low == null || value.length == 0 || value[0] <= low.fault.value()) {
            return value;
        }
        low.changed++;
        return new BatteryLevel((int) low.fault.value()).encode();
    }

    @Override
    public synchronized void write(UUID characteristic, byte[] value) {
        catchUp();
        atOneInstant(() -> {
            Effect refused = characteristic.equals(Gatt.CONTROL_POINT) ? inForce(Kind.REFUSED_OP) : null;
            if (refused == null || link == null || value.length < 2 || (value[0] & 0xFF) != refused.fault.value()) {
                answering().write(characteristic, value);
                return;
            }
            try {
                refused.changed++;
                passes(
                        characteristic,
                        ControlAnswer.to(ControlRequest.decode(value), Result.FAILED)
                                .encode());
            } catch (MalformedFrameException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        });
    }

    @Override
    public synchronized void connect(int mtu, Set<UUID> subscribed, Central central) {
        catchUp();
        unlink();
        int held = atMost(mtu);
        Effect shortMtu = inForce(Kind.SHORT_MTU);
        if (shortMtu != null && held == (int) shortMtu.fault.value()) {
            shortMtu.changed++;
        }
        answering().connect(held, subscribed, new Central() {
            @Override
            public void notified(UUID characteristic, byte[] value) {
                passes(characteristic, value);
            }

            @Override
            public void lost() {
                unlink();
                central.lost();
            }
        });
        link = new Link(subscribed, central);
    }

    @Override
    public synchronized void disconnect() {
        unlink();
        answering().disconnect();
    }

    private void unlink() {
        link = null;
        late.clear();
        lastIndicationUs = 0;
    }

    private void lose(Effect by) {
        Link before = link;
        if (before != null) {
            by.changed++;
            disconnect();
            before.central().lost();
        }
    }

    private void passes(UUID characteristic, byte[] value) {
        if (link == null || !link.subscribed().contains(characteristic)) {
            return;
        }
        if (INDICATED.contains(characteristic)) {
            answer(characteristic, value);
            return;
        }
        boolean frame = FRAMES.contains(characteristic) && value.length >= ForceFrame.OVERHEAD;
        byte[] sent = frame ? miscomputed(value) : seen(characteristic, value);
        count(Kind.CLOCK_DRIFT);
        count(Kind.SPOOFED_TWIN);
        if (inForce(Kind.SILENCE) != null) {
            count(Kind.SILENCE);
        } else if (!happens(Kind.DROP)) {
            for (int times = frame && happens(Kind.DUPLICATE) ? 2 : 1; times > 0; times--) {
                byte[] arriving = frame && happens(Kind.CORRUPT) ? flipped(sent) : sent;
                if (frame && happens(Kind.REORDER)) {
                    comesLate(
                            instantUs() + random.nextLong(LATE_AT_LEAST_US, LATE_AT_MOST_US), characteristic, arriving);
                } else {
                    arrive(characteristic, arriving);
                }
            }
        }
    }

    /** Answers stay in order. */
    private void answer(UUID characteristic, byte[] value) {
        Effect slow = inForce(Kind.SLOW_ANSWERS);
        long instantUs = instantUs();
        if (slow != null) {
            slow.changed++;
            lastIndicationUs = Math.max(lastIndicationUs, instantUs + Math.round(slow.fault.value() * 1e6));
        }
        if (lastIndicationUs > instantUs) {
            comesLate(lastIndicationUs, characteristic, value);
        } else {
            arrive(characteristic, value);
        }
    }

    private void comesLate(long dueUs, UUID characteristic, byte[] value) {
        late.add(new Late(dueUs, order++, characteristic, value));
    }

    private void arrive(UUID characteristic, byte[] value) {
        if (link != null && link.subscribed().contains(characteristic)) {
            link.central().notified(characteristic, value);
        }
    }

    private boolean happens(Kind kind) {
        Effect effect = inForce(kind);
        if (effect == null || random.nextDouble() >= effect.fault.value()) {
            return false;
        }
        effect.changed++;
        return true;
    }

    private void count(Kind kind) {
        Effect effect = inForce(kind);
        if (effect != null) {
            effect.changed++;
        }
    }

    /** As the tool's own mistakes make it. */
    private byte[] miscomputed(byte[] frame) {
        byte[] made = frame;
        if (frame[0] == ForceFrame.TYPE && happens(Kind.WRONG_COUNT)) {
            made = made.clone();
            made[COUNT_AT] += (byte) (made[COUNT_AT] < ForceFrame.MAX_SAMPLES ? 1 : -1);
            putCrc(made, Crc16.of(made, 0, made.length - 2));
        }
        if (happens(Kind.WRONG_CRC)) {
            made = made.clone();
            putCrc(made, Crc16.of(made, 0, made.length - 2) ^ random.nextInt(1, 0x1_0000));
        }
        return made;
    }

    private static void putCrc(byte[] frame, int crc) {
        frame[frame.length - 2] = (byte) crc;
        frame[frame.length - 1] = (byte) (crc >> 8);
    }

    /** 1 to 3 bits, which a CRC-16 always shows. */
    private byte[] flipped(byte[] frame) {
        byte[] changed = frame.clone();
        random.ints(0, frame.length * 8)
                .distinct()
                .limit(random.nextInt(1, 4))
                .forEach(bit -> changed[bit / 8] ^= (byte) (1 << bit % 8));
        return changed;
    }
}

package io.lightstroke.simulator;

import io.lightstroke.firmware.SmpAssembly;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolLimits;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tool of the protocol, used by a person as a scenario says. It outlives its reboots, and so does what it stored. */
public final class SimulatedTool implements Tool {
    private static final Logger log = LoggerFactory.getLogger(SimulatedTool.class);

    private static final long NEVER = Long.MAX_VALUE;
    /** Between the answer to a reset and the restart. */
    private static final long RESTART_AFTER_US = 250_000;

    static final int ATT_OVERHEAD = 3;
    private static final int ATT_MIN_MTU = 23;

    private final Identity identity;
    private final Scenario scenario;
    private final ForceSensor sensor;
    private final Ailments ailments = new Ailments();
    private final SampledRuns runs = new SampledRuns();
    private final RecordStore store;
    private final ImageSlots images;
    private final long seed;
    private final Random boots;
    private Firmware firmware;
    /** Age at the last start. */
    private long bootedUs;

    /** Tool time of the restart that was asked for. */
    private long restartUs = NEVER;

    private int batteryPercent;
    private @Nullable LongSupplier clock;

    private @Nullable Link link;
    private final Outbox outbox;

    /** What goes wrong in an update. */
    public enum UpdateFault {
        /** The tool takes no image. */
        REFUSED,
        /** What is stored is not what was sent. */
        CORRUPTED,
        /** The new image does not run, and the bootloader puts the old one back. */
        DOES_NOT_START
    }

    private record Link(int mtu, Central central, RecordAccess records, SmpAssembly requests) {}

    /** Switches it on, with a boot number that no other start has. */
    public SimulatedTool(Identity identity, Scenario scenario, long seed) {
        this(identity, scenario, seed, new SecureRandom());
    }

    /** @param boot u32, not 0; those of further starts follow from it */
    SimulatedTool(Identity identity, Scenario scenario, long seed, long boot) {
        this(identity, scenario, seed, new Random(boot), boot);
    }

    private SimulatedTool(Identity identity, Scenario scenario, long seed, Random boots) {
        this(identity, scenario, seed, boots, draw(boots));
    }

    private SimulatedTool(Identity identity, Scenario scenario, long seed, Random boots, long boot) {
        this.identity = identity;
        outbox = new Outbox(identity.name());
        this.scenario = scenario;
        this.seed = seed;
        this.boots = boots;
        sensor = new ForceSensor(scenario, seed);
        store = new RecordStore(
                () -> ailments.storeSamples(ageUs()), samples -> ailments.overwritten(samples, ageUs()));
        images = new ImageSlots(identity.firmware());
        firmware = started(boot, scenario.limits().ofTool(), Calibration.FACTORY);
        batteryPercent = batteryPercentNow();
    }

    /** Another one that passes for it: of the same name, with a person of its own. */
    SimulatedTool twin() {
        Identity twin = new Identity(
                identity.address(),
                identity.name(),
                identity.manufacturer(),
                identity.model(),
                identity.serial() + "-T",
                identity.firmware());
        return new SimulatedTool(twin, scenario, ~seed, draw(boots));
    }

    /** From now on it has these faults in itself, of those that it can have. */
    synchronized void suffer(List<Fault> faults) {
        ailments.suffer(faults);
    }

    Scenario scenario() {
        return scenario;
    }

    long seed() {
        return seed;
    }

    synchronized List<SampledRuns.Run> runs() {
        return runs.all();
    }

    /** How many samples, answers or stored samples a fault in itself has changed. */
    synchronized long changedBy(Fault fault) {
        return ailments.changedBy(fault);
    }

    private Firmware started(long boot, ToolLimits limits, Calibration calibration) {
        return new Firmware(
                identity.name(),
                scenario,
                sensor,
                ailments,
                runs,
                bootedUs,
                boot,
                limits,
                calibration,
                store,
                this::notify);
    }

    private static long draw(Random boots) {
        int boot;
        do {
            boot = boots.nextInt();
        } while (boot == 0);
        return Integer.toUnsignedLong(boot);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public double clockDriftPpm() {
        return scenario.clock().driftPpm();
    }

    /** Tool time, microseconds since its last start. */
    public synchronized long nowUs() {
        return firmware.nowUs();
    }

    @Override
    public synchronized long ageUs() {
        return bootedUs + firmware.nowUs();
    }

    @Override
    public synchronized void advanceTo(long ageUs) {
        if (ageUs < ageUs()) {
            throw new IllegalArgumentException("time of %s: want at least %d us since its start, got %d"
                    .formatted(identity.name(), ageUs(), ageUs));
        }
        while (bootedUs + dueUs() <= ageUs) {
            firmware.passTo(dueUs());
            if (firmware.nowUs() == firmware.dueUs()) {
                firmware.look();
                drainBattery();
            }
            if (link != null && firmware.nowUs() == link.records().dueUs()) {
                link.records().goOn();
            }
            outbox.deliver();
            if (firmware.nowUs() == restartUs) {
                Link before = link;
                restart();
                if (before != null) {
                    before.central().lost();
                }
            }
        }
        firmware.passTo(ageUs - bootedUs);
    }

    private long dueUs() {
        long ownUs = Math.min(firmware.dueUs(), restartUs);
        return link == null ? ownUs : Math.min(ownUs, link.records().dueUs());
    }

    @Override
    public synchronized void liveBy(@Nullable LongSupplier ageUs) {
        clock = ageUs;
    }

    @Override
    public synchronized void catchUp() {
        if (clock != null && !outbox.delivering()) {
            advanceTo(Math.max(ageUs(), clock.getAsLong()));
        }
    }

    /** Under another boot number, with all from 0 but what is kept in its flash. */
    @Override
    public synchronized void reboot() {
        catchUp();
        restart();
    }

    private void restart() {
        disconnect();
        bootedUs = ageUs();
        restartUs = NEVER;
        images.start();
        firmware = started(draw(boots), firmware.keptLimits(), firmware.calibration());
    }

    @Override
    public synchronized Optional<State> state() {
        return Optional.of(new State(
                link != null,
                firmware.sampling(),
                firmware.forceN(),
                firmware.strokes(),
                batteryPercent,
                store.samples(),
                firmware.limits()));
    }

    /** From now on updates go wrong so; null: they go well. */
    public synchronized void failUpdates(@Nullable UpdateFault fault) {
        images.fault(fault);
    }

    @Override
    public synchronized byte[] read(UUID characteristic) {
        catchUp();
        if (characteristic.equals(Gatt.TOOL_INFO)) {
            return firmware.info().encode();
        } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
            return new BatteryLevel(batteryPercent).encode();
        } else if (characteristic.equals(Gatt.MANUFACTURER_NAME)) {
            return DeviceInformation.encode(identity.manufacturer());
        } else if (characteristic.equals(Gatt.MODEL_NUMBER)) {
            return DeviceInformation.encode(identity.model());
        } else if (characteristic.equals(Gatt.SERIAL_NUMBER)) {
            return DeviceInformation.encode(identity.serial());
        } else if (characteristic.equals(Gatt.FIRMWARE_REVISION)) {
            return DeviceInformation.encode(images.version());
        }
        throw refused("read", characteristic, Gatt.Property.READ);
    }

    @Override
    public synchronized void write(UUID characteristic, byte[] value) {
        if (link == null) {
            throw new IllegalStateException("write to %s: want a connection, got none".formatted(identity.name()));
        }
        catchUp();
        try {
            if (characteristic.equals(Gatt.CONTROL_POINT)) {
                firmware.control(ControlRequest.decode(value));
            } else if (characteristic.equals(Gatt.CUE)) {
                firmware.cue(value);
            } else if (characteristic.equals(Gatt.TIME_SYNC)) {
                notify(Gatt.TIME_SYNC, firmware.timeSync(value).encode());
            } else if (characteristic.equals(Gatt.RECORD_ACCESS)) {
                link.records().write(value, firmware.nowUs());
            } else if (characteristic.equals(Gatt.SMP)) {
                manage(link, value);
            } else {
                throw refused("write", characteristic, Gatt.Property.WRITE);
            }
        } catch (MalformedFrameException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        outbox.deliver();
    }

    /** There is nobody to answer what is no request, so it is dropped. */
    private void manage(Link by, byte[] fragment) {
        try {
            Optional<SmpMessage> request = by.requests().add(fragment);
            if (request.isPresent()) {
                SmpMessage answer = images.answer(request.get(), firmware.sampling());
                answer.fragments(by.mtu() - ATT_OVERHEAD).forEach(value -> notify(Gatt.SMP, value));
                if (request.get().command() == SmpMessage.UPLOAD) {
                    firmware.updating(images.uploading());
                }
                if (images.restarting() && restartUs == NEVER) {
                    restartUs = firmware.nowUs() + RESTART_AFTER_US;
                }
            }
        } catch (MalformedFrameException e) {
            log.debug("{} drops what is no SMP request: {}", identity.name(), e.getMessage());
        }
    }

    @Override
    public synchronized void connect(int mtu, Set<UUID> subscribed, Central central) {
        if (mtu < ATT_MIN_MTU) {
            throw new IllegalArgumentException("mtu: want at least %d, got %d".formatted(ATT_MIN_MTU, mtu));
        }
        disconnect();
        firmware.linked(mtu);
        outbox.connect(mtu, subscribed, central);
        link = new Link(mtu, central, new RecordAccess(store, mtu, this::notify), new SmpAssembly());
    }

    @Override
    public synchronized void disconnect() {
        firmware.unlinked();
        link = null;
        outbox.disconnect();
    }

    private static IllegalArgumentException refused(String what, UUID characteristic, Gatt.Property property) {
        return new IllegalArgumentException(
                "%s: want a characteristic with property %s, got %s".formatted(what, property.word(), characteristic));
    }

    private void drainBattery() {
        int percent = batteryPercentNow();
        if (percent != batteryPercent) {
            batteryPercent = percent;
            notify(Gatt.BATTERY_LEVEL, new BatteryLevel(percent).encode());
        }
    }

    private int batteryPercentNow() {
        Scenario.Battery battery = scenario.battery();
        return (int) Math.round(Math.max(0, battery.startPercent() - battery.drainPercentPerH() * (ageUs() / 3.6e9)));
    }

    private void notify(UUID characteristic, byte[] bytes) {
        outbox.add(characteristic, bytes);
    }
}

package io.lightstroke.simulator;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A tool that exists only in software, seen through its GATT table: what any link adapter needs. Time is passed in, and
 * how it is cut into steps changes nothing. All methods may be called from any thread. Notifications come in order, from the
 * thread that calls, which holds the tool meanwhile: the receiver returns at once, and may write back.
 */
public interface Tool {
    /** What the tool says of itself; the address is a Bluetooth device address, upper case with colons. */
    record Identity(String address, String name, String manufacturer, String model, String serial, String firmware) {}

    Identity identity();

    /** The characteristics that it has, services in order. */
    default List<Gatt.Characteristic> characteristics() {
        return Gatt.TABLE;
    }

    /** Whether it has this one, with one of these properties. */
    default boolean has(UUID characteristic, Gatt.Property... oneOf) {
        return characteristics().stream()
                .filter(row -> row.uuid().equals(characteristic))
                .anyMatch(row -> Arrays.stream(oneOf).anyMatch(row.properties()::contains));
    }

    /** The ATT MTU that it agrees to when a central offers this one. */
    default int mtu(int offered) {
        return offered;
    }

    /** Whether a central that connects gets an answer. */
    default boolean reachable() {
        return true;
    }

    /** Whether it is the tool that a central has paired with, if any has; another one shares no key with it. */
    default boolean genuine() {
        return true;
    }

    /** How fast its clock runs, against a true one. */
    default double clockDriftPpm() {
        return 0;
    }

    /** Microseconds since it was first switched on, by its own clock. */
    long ageUs();

    /**
     * Lives on until it is so old; notifies meanwhile.
     *
     * @param ageUs as {@link #ageUs()} counts
     * @throws IllegalArgumentException if that would be back in time
     */
    void advanceTo(long ageUs);

    /** From now on it is as old as this clock says at each {@link #catchUp}, read and write; null: as it is told. */
    void liveBy(@Nullable LongSupplier ageUs);

    /** Lives on until now, if it lives by a clock. What is done from within a notification is done at its instant. */
    void catchUp();

    /** It starts anew, as after an empty battery or a crash. The central is gone, and is not told. */
    void reboot();

    /** How it is now, for people to look at; empty where nobody knows. */
    default Optional<State> state() {
        return Optional.empty();
    }

    /**
     * The value of a readable characteristic.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    byte[] read(UUID characteristic);

    /**
     * Writes, with or without response. What it answers comes as a notification.
     *
     * @throws IllegalArgumentException if the characteristic cannot be written, or the value has no request in it
     * @throws IllegalStateException if no central is connected
     */
    void write(UUID characteristic, byte[] value);

    /**
     * A central connects; it gets what the characteristics in {@code subscribed} (which may change meanwhile) notify.
     * A later connect takes the place of an earlier one.
     *
     * @param mtu ATT MTU, at least 23; frames fit mtu − 3 bytes, what cannot be cut to fit is not sent
     */
    void connect(int mtu, Set<UUID> subscribed, Central central);

    /** The central is gone, nothing is notified any more. The tool goes on sampling, if it does, into its store. */
    void disconnect();

    /**
     * @param linked a central is connected
     * @param forceN as it counts it, smoothed
     * @param strokes since its last start
     * @param stored samples in its store
     * @param limits by which it cues
     */
    record State(
            boolean linked,
            boolean sampling,
            double forceN,
            long strokes,
            int batteryPercent,
            long stored,
            ToolLimits limits) {}

    /** Who is connected. */
    @FunctionalInterface
    interface Central {
        /** A value is notified or indicated. */
        void notified(UUID characteristic, byte[] value);

        /** The tool has ended the link by itself. Called once, on a thread that holds the tool: returns at once, without the tool. */
        default void lost() {}
    }
}

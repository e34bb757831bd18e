package io.lightstroke.simulator;

import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * A tool in software, seen through its GATT table: what any link adapter needs. Time is passed in; all methods may be
 * called from any thread.
 */
public final class SimulatedTool {
    /** What the tool says of itself; the address is a Bluetooth device address, upper case with colons. */
    public record Identity(
            String address, String name, String manufacturer, String model, String serial, String firmware) {}

    public SimulatedTool(Identity identity, Scenario scenario, long seed) {
        throw new UnsupportedOperationException();
    }

    public Identity identity() {
        throw new UnsupportedOperationException();
    }

    /** Lives on until {@code sinceStartUs} after it was switched on; notifies meanwhile. Never goes back. */
    public void advanceTo(long sinceStartUs) {
        throw new UnsupportedOperationException();
    }

    /** The value of a readable characteristic. */
    public byte[] read(UUID characteristic) {
        throw new UnsupportedOperationException();
    }

    /** Writes, with or without response. What it answers comes as a notification. */
    public void write(UUID characteristic, byte[] value) {
        throw new UnsupportedOperationException();
    }

    /**
     * A central connects; it gets what the characteristics in {@code subscribed} (which may change meanwhile) notify.
     * A later connect takes the place of an earlier one.
     *
     * @param mtu ATT MTU; frames fit mtu − 3 bytes
     */
    public void connect(int mtu, Set<UUID> subscribed, BiConsumer<UUID, byte[]> notifications) {
        throw new UnsupportedOperationException();
    }

    /** The central is gone; streaming stops. */
    public void disconnect() {
        throw new UnsupportedOperationException();
    }
}

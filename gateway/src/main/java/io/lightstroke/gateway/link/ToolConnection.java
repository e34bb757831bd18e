package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * One connection to one tool; characteristics by UUID, see {@code Gatt}. Calls block until the other side has answered
 * or a time limit has passed, and may come from several threads at once. Whether the tool is still there shows only in
 * what arrives.
 */
public interface ToolConnection extends AutoCloseable {
    /** Waits until every characteristic of the protocol's GATT table is known. Once, before what follows. */
    void resolve(Duration limit) throws LinkException, InterruptedException;

    /** The characteristics that were found, also those that the protocol does not know, and what may be done with each. */
    Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException, InterruptedException;

    /** The ATT MTU in bytes; empty where the host does not tell. */
    OptionalInt mtu() throws LinkException, InterruptedException;

    /** What shows that this is the tool. */
    Bond bond() throws LinkException, InterruptedException;

    /** Keys from a pairing, without which the host lets nobody be connected. */
    enum Bond {
        NONE,
        /** There are keys; who it was that got them, nobody vouches for. */
        UNPROVEN,
        /** And the host's owner vouches for it: BlueZ has the device as trusted. */
        PROVEN
    }

    byte[] read(UUID characteristic) throws LinkException, InterruptedException;

    /** With response: returns when the tool has accepted it. */
    void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException;

    /** Returns when the value has been handed to the radio stack. */
    void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException;

    /** Notifications or indications, as the characteristic has them. */
    void subscribe(UUID characteristic, Notifications notifications) throws LinkException, InterruptedException;

    /** Ends the subscription, which may be made again; what has arrived may still be handed over. */
    void unsubscribe(UUID characteristic) throws LinkException, InterruptedException;

    /** Ends the connection; no notification arrives after it has returned. */
    @Override
    void close();

    /** Called in order of arrival, on the link's thread: must return at once and never throw. */
    @FunctionalInterface
    interface Notifications {
        /**
         * A value has come.
         *
         * @param value not changed by anyone afterwards
         * @param arrivedNanos of {@link System#nanoTime()}
         */
        void arrived(byte[] value, long arrivedNanos);
    }
}

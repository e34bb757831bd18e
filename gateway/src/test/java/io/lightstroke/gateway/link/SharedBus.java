package io.lightstroke.gateway.link;

import io.lightstroke.simulator.bluez.PrivateBus;
import java.io.IOException;

/**
 * The private bus of all tests of one JVM that use TinyB: TinyB stays with the first bus it has met, whose address is
 * in the environment, and ends the process when that goes away.
 */
public final class SharedBus {
    private static boolean started;

    private SharedBus() {}

    /** Its address; starts it at the first call, to last as long as the JVM. */
    public static synchronized String address() throws IOException {
        String address = System.getenv("DBUS_SYSTEM_BUS_ADDRESS");
        if (address == null) {
            throw new IllegalStateException("DBUS_SYSTEM_BUS_ADDRESS: want the address of a private bus, got nothing");
        }
        if (!started) {
            PrivateBus.start(address); // ends with the JVM
            started = true;
        }
        return address;
    }
}

package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.TinyBLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.PrivateBus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Simulated tools that live in real time, and how a gateway reaches them: in this process, or through the stand-in for
 * BlueZ on a private bus.
 */
final class SimulatedWorld implements AutoCloseable {
    /** How the tools are reached. */
    enum Via {
        SIMULATED,
        TINYB,
        BLUEZ,
        BLUEZ_SIGNAL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Via via;
    private final List<? extends Tool> fleet;
    private final RealTime time;
    private final @Nullable PrivateBus bus;
    private final @Nullable BlueZStandIn bluez;
    private @Nullable ToolLink link;

    SimulatedWorld(Via via, List<? extends Tool> fleet) throws IOException {
        this.via = via;
        this.fleet = fleet;
        bus = via == Via.SIMULATED ? null : PrivateBus.start();
        bluez = bus == null ? null : new BlueZStandIn(bus.address(), fleet);
        time = new RealTime(fleet);
    }

    /** Whoever gets it closes it. */
    ToolLink link() throws LinkException, InterruptedException {
        link = bus == null ? new SimulatedLink(fleet) : link(via, bus.address());
        return link;
    }

    /** Over the bus at this address. */
    static ToolLink link(Via via, String bus) throws LinkException, InterruptedException {
        return switch (via) {
            case SIMULATED -> throw new IllegalArgumentException("link: want one over a bus, got " + via);
            case TINYB -> new TinyBLink(null, bus);
            case BLUEZ -> new BlueZLink(bus, null, BlueZLink.Notify.BEST);
            case BLUEZ_SIGNAL -> new BlueZLink(bus, null, BlueZLink.Notify.SIGNAL);
        };
    }

    /** Of D-Bus; null where none is needed. */
    @Nullable
    String bus() {
        return bus == null ? null : bus.address();
    }

    /** The stand-in for BlueZ; null where none is needed. */
    @Nullable
    BlueZStandIn bluez() {
        return bluez;
    }

    /** The link to a tool is lost, as by distance. */
    void drop(String address) {
        if (bluez != null) {
            bluez.drop(address);
        } else if (link instanceof SimulatedLink simulated) {
            simulated.drop(address);
        }
    }

    /** Ends of a process that the link has started, but for those it wanted. */
    int crashes() {
        return link instanceof TinyBLink tinyb ? tinyb.crashes() : 0;
    }

    @Override
    public void close() {
        time.close();
        if (bluez != null) {
            bluez.close();
        }
        if (bus != null) {
            bus.close();
        }
    }
}

package io.lightstroke.dashboard.web;

import io.lightstroke.gateway.guideline.Guideline;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where the pages are served.
 *
 * @param host address or name to listen on; the pages have no users yet, so one that other machines reach needs {@code
 *     open}
 * @param port 0 takes a free one
 * @param open whether other machines may see the pages and send commands
 * @param guideline for what the pages offer; should be the gateways'
 */
public record DashboardConfig(String host, int port, boolean open, Guideline guideline) {
    /** Only this machine, at {@code http://127.0.0.1:8600/}. */
    public static final DashboardConfig LOCAL = new DashboardConfig("127.0.0.1", 8600, false);

    public static DashboardConfig local(int port) {
        return new DashboardConfig(LOCAL.host, port, false);
    }

    /** With the built-in guideline. */
    public DashboardConfig(String host, int port, boolean open) {
        this(host, port, open, Guideline.builtIn());
    }

    public DashboardConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("dashboard port: want 0–65535 (0 takes a free one), got " + port);
        }
        if (!open && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    ("dashboard host: want an address of this machine alone (127.0.0.1, ::1, localhost), got \"%s\"."
                                    + " Everybody in its network could watch and use the tools; if that is wanted, open the dashboard explicitly")
                            .formatted(host));
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

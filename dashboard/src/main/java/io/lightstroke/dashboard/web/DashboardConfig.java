package io.lightstroke.dashboard.web;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where the pages are served.
 *
 * @param host address or name to listen on; the pages have no users yet, so one that other machines reach needs {@code
 *     open}
 * @param port 0 takes a free one
 * @param open whether other machines may see the pages
 */
public record DashboardConfig(String host, int port, boolean open) {
    /** Only this machine, at {@code http://127.0.0.1:8600/}. */
    public static final DashboardConfig LOCAL = new DashboardConfig("127.0.0.1", 8600, false);

    public static DashboardConfig local(int port) {
        return new DashboardConfig(LOCAL.host, port, false);
    }

    public DashboardConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("dashboard port: want 0–65535 (0 takes a free one), got " + port);
        }
        if (!open && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    ("dashboard host: want an address of this machine alone (127.0.0.1, ::1, localhost), got \"%s\"."
                                    + " Everybody in its network could watch; if that is wanted, open the dashboard explicitly")
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

package io.lightstroke.gateway.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A way to reach tools. All methods may be called from any thread; scanning and connecting wait their turn. */
public interface ToolLink extends AutoCloseable {
    /** The word for it in the configuration, for example {@code tinyb}. */
    String name();

    /** Listens for {@code time}; the tools (by service UUID) heard since, or known to be in range, by address. */
    List<HeardTool> scan(Duration time) throws LinkException, InterruptedException;

    /**
     * Connects to the tool and resolves every characteristic of the protocol's GATT table.
     *
     * @param address Bluetooth device address, upper case with colons
     * @param limit after this it fails, and nothing stays behind
     */
    ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException;

    /** Ends all connections. */
    @Override
    void close();

    /**
     * A tool in range.
     *
     * @param rssiDbm received signal strength; null when unknown
     */
    record HeardTool(String address, String name, @Nullable Integer rssiDbm) {}
}

package io.lightstroke.gateway.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way to reach tools. All methods may be called from any thread; scanning and connecting wait their turn, each for its
 * adapter.
 */
public interface ToolLink extends AutoCloseable {
    /** The word for it in the configuration, for example {@code tinyb}. */
    String name();

    /** Listens for {@code time}; the tools (by service UUID) heard since, or known to be in range, by address. */
    List<HeardTool> scan(Duration time) throws LinkException, InterruptedException;

    /**
     * Connects to the tool; its characteristics are still to be resolved. A connection that someone left behind is ended
     * first.
     *
     * @param address Bluetooth device address, upper case with colons
     * @param limit after this it fails, and nothing stays behind
     * @throws NotHeardException when the tool is neither known nor heard
     */
    ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException;

    /**
     * Makes the host forget the tool with all it has cached of it, so that the next connect begins anew. A bonded tool is
     * kept, for its keys would go too.
     *
     * @return whether it was forgotten
     */
    boolean forget(String address) throws LinkException, InterruptedException;

    /** Switches the adapter off and on again; every connection over it ends. */
    void powerCycle() throws LinkException, InterruptedException;

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

package io.lightstroke.gateway;

import io.lightstroke.protocol.Cue;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The way of a cue to one connected tool: it waits for no disk, no network and no other operation. A cue that is no
 * longer fresh when its turn comes is dropped, never written late.
 */
interface CueLane extends AutoCloseable {
    /**
     * Never blocks.
     *
     * @param deadlineNanos monotonic: not written after it
     * @param outcome told once, on the lane's thread or at once: when it had been written, or empty if it was not
     */
    void send(Cue cue, long deadlineNanos, Consumer<OptionalLong> outcome);

    /** What still waits is not written. */
    @Override
    void close();
}

package io.lightstroke.messages;

/**
 * Where every frame and every sample of a tool went since the gateway started. The laws: {@code received = decoded +
 * malformed + overflowed + refused} (+ queued at this instant) and {@code samples decoded = journaled + duplicate +
 * notKept} (+ in flight).
 */
public record Accounting(Frames frames, Samples samples) {
    /**
     * @param overflowed arrived while the tool's queue was full
     * @param refused came from a tool that is not trusted
     */
    public record Frames(long received, long decoded, long malformed, long overflowed, long refused) {}

    /**
     * @param journaled committed and synced to disk
     * @param duplicate had come before, by (tool, boot, index)
     * @param notKept the disk did not take them
     * @param lost indices of a boot that never came
     */
    public record Samples(long decoded, long journaled, long duplicate, long notKept, long lost) {}
}

package io.lightstroke.messages;

import java.util.List;
import java.util.Map;

/**
 * Where every frame and every sample of a tool went since the gateway started. The laws: {@code received = decoded +
 * malformed + overflowed + refused} (+ queued at this instant) and {@code samples decoded = journaled + duplicate +
 * notKept} (+ in flight).
 *
 * @param boots the newest ones, in the order in which they were first seen
 */
public record Accounting(Frames frames, Samples samples, List<Boot> boots) {
    /**
     * @param overflowed arrived while the tool's queue was full
     * @param refused nonsense, or from a tool that is not trusted
     */
    public record Frames(long received, long decoded, long malformed, long overflowed, long refused) {}

    /**
     * @param journaled committed and synced to disk
     * @param duplicate had come before, by (tool, boot, index)
     * @param notKept the disk did not take them
     * @param pending indices of a boot that have not come, and may still come from the tool's store
     * @param lost indices of a boot that will not come
     */
    public record Samples(long decoded, long journaled, long duplicate, long notKept, long pending, long lost) {}

    /**
     * What became of the samples of one boot; also of those that came before the gateway started. Each index from the
     * first that is known of to the highest is one of the three.
     *
     * @param pending may still come from the tool's store
     * @param lost will not come; by reason
     */
    public record Boot(long boot, long received, long pending, Map<String, Long> lost) {}
}

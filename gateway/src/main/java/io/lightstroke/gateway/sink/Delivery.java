package io.lightstroke.gateway.sink;

import java.util.List;

/** What became of a batch: everything was accepted but {@code setAside}, which the other side refuses for good. */
public record Delivery(List<SetAside> setAside) {
    public static final Delivery COMPLETE = new Delivery(List.of());

    /**
     * @param seq of the entry
     * @param samples how many of its samples were refused
     * @param reason the other side's words
     */
    public record SetAside(long seq, int samples, String reason) {}
}

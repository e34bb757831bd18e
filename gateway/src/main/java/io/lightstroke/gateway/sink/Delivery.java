package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.SetAside;
import java.util.List;

/** What became of a batch: everything was accepted but {@code setAside}, which the other side refuses for good. */
public record Delivery(List<SetAside> setAside) {
    public static final Delivery COMPLETE = new Delivery(List.of());
}

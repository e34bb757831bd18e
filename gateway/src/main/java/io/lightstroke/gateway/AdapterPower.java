package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolLink;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The switch of the adapter that all tools share: not while one of them streams, and not twice within 20 s. Safe for any
 * thread.
 */
final class AdapterPower {
    private static final Duration BETWEEN = Duration.ofSeconds(20);

    private final ToolLink link;
    private final BooleanSupplier inUse;
    private long lastNanos = System.nanoTime() - BETWEEN.toNanos();

    /** @param inUse whether some tool streams */
    AdapterPower(ToolLink link, BooleanSupplier inUse) {
        this.link = link;
        this.inUse = inUse;
    }

    /** Switches it off and on; false when it must not be now. */
    synchronized boolean cycle() throws LinkException, InterruptedException {
        if (inUse.getAsBoolean() || System.nanoTime() - lastNanos < BETWEEN.toNanos()) {
            return false;
        }
        lastNanos = System.nanoTime();
        link.powerCycle();
        return true;
    }
}

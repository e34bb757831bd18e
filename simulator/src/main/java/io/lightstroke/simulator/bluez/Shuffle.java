package io.lightstroke.simulator.bluez;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Lets values that follow each other change places now and then, in the same way at each run: it holds a few back and
 * passes them on together. All methods may be called from any thread.
 */
final class Shuffle {
    private static final double SHARE_OF_GROUPS = 0.25;

    private final Random random = new Random(0);
    private final List<byte[]> held = new ArrayList<>();

    /**
     * Passes the value on, now or later.
     *
     * @param window how many may change places
     * @return whether some are held, so that {@link #flush} is wanted should nothing follow
     */
    synchronized boolean pass(byte[] value, int window, Consumer<byte[]> next) {
        boolean holds = !held.isEmpty() || (window > 1 && random.nextDouble() < SHARE_OF_GROUPS);
        if (!holds) {
            next.accept(value);
            return false;
        }
        held.add(value);
        if (held.size() >= window) {
            Collections.rotate(held, 1 + random.nextInt(Math.max(1, held.size() - 1)));
            flush(next);
        }
        return !held.isEmpty();
    }

    synchronized void flush(Consumer<byte[]> next) {
        held.forEach(next);
        held.clear();
    }

    synchronized void clear() {
        held.clear();
    }
}

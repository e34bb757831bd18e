package io.lightstroke.gateway;

import io.lightstroke.protocol.Gatt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What one tool has notified, in order of arrival, until its thread takes it. The link's threads put in and never wait:
 * what does not fit is counted. The counts may be read by any thread.
 */
class Arrivals {
    /** 25 s of one tool at 100 Hz in frames of five. */
    private static final int CAPACITY = 512;

    private static final Set<UUID> WITH_FRAMES = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.RECORD_DATA);

    /** @param atNanos of {@link System#nanoTime()} */
    record Arrival(UUID characteristic, byte[] value, long atNanos) {}

    private final BlockingQueue<Arrival> waiting = new ArrayBlockingQueue<>(CAPACITY);
    private final LongAdder received = new LongAdder();
    private final LongAdder overflowed = new LongAdder();
    private final LongAdder untrusted = new LongAdder();

    void add(UUID characteristic, byte[] value, long atNanos) {
        boolean frame = WITH_FRAMES.contains(characteristic);
        if (frame) {
            received.increment();
        }
        if (!waiting.offer(new Arrival(characteristic, value, atNanos)) && frame) {
            overflowed.increment();
        }
    }

    /** A frame of a tool that is not trusted: counted, and not looked at. */
    void refuse() {
        received.increment();
        untrusted.increment();
    }

    @Nullable
    Arrival poll(long waitNanos) throws InterruptedException {
        return waiting.poll(waitNanos, TimeUnit.NANOSECONDS);
    }

    @Nullable
    Arrival poll() {
        return waiting.poll();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Frames. */
    long received() {
        return received.sum();
    }

    /** Frames that did not fit. */
    long overflowed() {
        return overflowed.sum();
    }

    /** Frames of a tool that is not trusted. */
    long untrusted() {
        return untrusted.sum();
    }
}

package io.lightstroke.gateway.link;

import io.lightstroke.gateway.link.ToolConnection.Notifications;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the notifications of one connection to their receivers: in order, on a thread of its own, so that a slow
 * receiver holds up no other connection, and one that throws stops nothing. None is handed over once it is closed.
 */
public final class Delivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    /** Some minutes of one tool. */
    private static final int CAPACITY = 4096;

    private final String address;
    private final ThreadPoolExecutor lane;
    /** Held while one is handed over, so that none is after closing. */
    private final Object gate = new Object();

    private boolean closed;

    /** @param address of the tool */
    public Delivery(String address) {
        this.address = address;
        lane = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(CAPACITY),
                task -> {
                    Thread thread = new Thread(task, "notifications-" + address);
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> {
                    if (!full.isShutdown()) {
                        LOG.error("{}: a notification is lost, for {} wait for a slow receiver", address, CAPACITY);
                    }
                });
    }

    /** Returns at once. */
    public void deliver(Notifications receiver, byte[] value, long arrivedNanos) {
        lane.execute(() -> {
            synchronized (gate) {
                if (!closed) {
                    hand(receiver, value, arrivedNanos);
                }
            }
        });
    }

    private void hand(Notifications receiver, byte[] value, long arrivedNanos) {
        try {
            receiver.arrived(value, arrivedNanos);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a receiver of notifications failed", address, e);
        }
    }

    @Override
    public void close() {
        synchronized (gate) {
            closed = true;
        }
        lane.getQueue().clear();
        lane.shutdown();
    }
}

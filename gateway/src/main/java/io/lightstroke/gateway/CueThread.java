package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.Gatt;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link CueLane} on a thread of its own. */
final class CueThread implements CueLane {
    private static final Logger LOG = LoggerFactory.getLogger(CueThread.class);
    private static final int CAPACITY = 16;

    /** @param outcome told once: the {@link System#nanoTime()} at which it had been written, or empty if it was not */
    private record Waiting(Cue cue, long deadlineNanos, Consumer<OptionalLong> outcome) {}

    private final ToolConnection connection;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final Thread thread;

    CueThread(String tool, ToolConnection connection) {
        this.connection = connection;
        thread = new Thread(this::run, "cue-" + tool);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void send(Cue cue, long deadlineNanos, Consumer<OptionalLong> outcome) {
        if (!queue.offer(new Waiting(cue, deadlineNanos, outcome))) {
            outcome.accept(OptionalLong.empty());
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Waiting next = queue.take();
                tell(next, write(next));
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            for (Waiting left = queue.poll(); left != null; left = queue.poll()) {
                tell(left, OptionalLong.empty());
            }
        }
    }

    /** Whatever goes wrong there, the next cue is given. */
    private static void tell(Waiting waiting, OptionalLong writtenNanos) {
        try {
            waiting.outcome().accept(writtenNanos);
        } catch (RuntimeException e) {
            LOG.error("what became of a cue is not kept", e);
        }
    }

    private OptionalLong write(Waiting next) {
        if (System.nanoTime() - next.deadlineNanos() > 0) {
            return OptionalLong.empty();
        }
        try {
            connection.writeWithoutResponse(Gatt.CUE, next.cue().encode());
            return OptionalLong.of(System.nanoTime());
        } catch (LinkException | RuntimeException e) {
            LOG.warn("cue not written: {}", e.getMessage());
            return OptionalLong.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

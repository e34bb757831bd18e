package io.lightstroke.gateway.bench;

import io.lightstroke.gateway.link.Delivery;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another link, slowed down as Bluetooth is: what tool and gateway say to each other passes only at the connection's
 * events, which come at a fixed interval. A write without response returns at once and passes with the next event.
 */
public final class IntervalLink implements ToolLink {
    private static final Logger LOG = LoggerFactory.getLogger(IntervalLink.class);

    private final ToolLink link;
    private final long intervalNanos;
    private final Queue<Double> waitedMs = new ConcurrentLinkedQueue<>();

    /** Closes {@code link} with itself. */
    public IntervalLink(ToolLink link, Duration interval) {
        this.link = link;
        this.intervalNanos = interval.toNanos();
    }

    /** How long each write without response waited for its event, milliseconds. */
    public List<Double> waitedMs() {
        return List.copyOf(waitedMs);
    }

    @Override
    public String name() {
        return link.name();
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        return link.scan(time);
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        return new Connection(link.connect(address, limit), address);
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return link.forget(address);
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        link.powerCycle();
    }

    @Override
    public void close() {
        link.close();
    }

    private final class Connection implements ToolConnection {
        private final ToolConnection connection;
        private final ScheduledExecutorService events = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "connection-events");
            thread.setDaemon(true);
            return thread;
        });
        private final Queue<Runnable> toTool = new ConcurrentLinkedQueue<>();
        private final Queue<Runnable> fromTool = new ConcurrentLinkedQueue<>();
        /** So that a slow receiver holds up no event. */
        private final Delivery delivery;

        private volatile boolean closed;

        Connection(ToolConnection connection, String address) {
            this.connection = connection;
            delivery = new Delivery(address);
            ScheduledFuture<?> unused = events.scheduleAtFixedRate(
                    this::event,
                    ThreadLocalRandom.current().nextLong(intervalNanos),
                    intervalNanos,
                    TimeUnit.NANOSECONDS);
        }

        private void event() {
            pass(fromTool);
            pass(toTool);
        }

        /** What waits by now; what is said in answer to it waits for the next event. */
        private void pass(Queue<Runnable> queue) {
            for (int left = queue.size(); left > 0; left--) {
                Runnable next = queue.poll();
                if (next != null) {
                    next.run();
                }
            }
        }

        private <T> T atNextEvent(Passing<T> passing) throws LinkException, InterruptedException {
            CompletableFuture<T> passed = new CompletableFuture<>();
            toTool.add(() -> {
                try {
                    passed.complete(passing.pass());
                } catch (LinkException | InterruptedException | RuntimeException e) {
                    passed.completeExceptionally(e);
                }
            });
            if (closed) {
                event(); // there is none any more that would
            }
            try {
                return passed.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof LinkException failed
                        ? failed
                        : new LinkException(String.valueOf(e.getCause()), e.getCause());
            }
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            connection.resolve(limit);
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException, InterruptedException {
            return connection.characteristics();
        }

        @Override
        public OptionalInt mtu() throws LinkException, InterruptedException {
            return connection.mtu();
        }

        @Override
        public Bond bond() throws LinkException, InterruptedException {
            return connection.bond();
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
            return atNextEvent(() -> connection.read(characteristic));
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            atNextEvent(() -> {
                connection.write(characteristic, value);
                return value;
            });
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) {
            byte[] copy = value.clone();
            long handedOverNanos = System.nanoTime();
            toTool.add(() -> {
                try {
                    connection.writeWithoutResponse(characteristic, copy);
                    waitedMs.add((System.nanoTime() - handedOverNanos) / 1e6);
                } catch (LinkException | RuntimeException e) {
                    LOG.info("a write without response did not pass: {}", e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            connection.subscribe(
                    characteristic,
                    (value, arrivedNanos) ->
                            fromTool.add(() -> delivery.deliver(notifications, value, System.nanoTime())));
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException, InterruptedException {
            atNextEvent(() -> {
                connection.unsubscribe(characteristic);
                return characteristic;
            });
        }

        @Override
        public void close() {
            closed = true;
            delivery.close();
            events.shutdown();
            connection.close();
            event(); // who waits for an answer gets to know
        }
    }

    private interface Passing<T> {
        T pass() throws LinkException, InterruptedException;
    }
}

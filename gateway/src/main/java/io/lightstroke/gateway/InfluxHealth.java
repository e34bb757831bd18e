package io.lightstroke.gateway;

import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.gateway.sink.SinkException;
import io.lightstroke.messages.Json;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the gateway stands, as a point of the measurement {@code gateway} every 10 s, on a thread of its own. Points are
 * only of now: while the database does not take them or what the journal has, there are none, and none later.
 */
final class InfluxHealth implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InfluxHealth.class);
    static final Duration EVERY = Duration.ofSeconds(10);

    private final InfluxSink influx;
    private final Pump pump;
    private final Supplier<Map<String, Long>> figures;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "influx-health");
        thread.setDaemon(true);
        return thread;
    });

    private boolean refused;
    private long notBeforeNanos = System.nanoTime();

    /** @param pump of the same sink */
    InfluxHealth(InfluxSink influx, Pump pump, Supplier<Map<String, Long>> figures, Clock clock, Duration every) {
        this.influx = influx;
        this.pump = pump;
        this.figures = figures;
        this.clock = clock;
        Future<?> unused =
                thread.scheduleWithFixedDelay(this::write, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void write() {
        if (pump.problem().isPresent() || System.nanoTime() - notBeforeNanos < 0) {
            return;
        }
        try {
            influx.point("gateway", Json.usOf(clock.instant()), figures.get());
            refused = false;
        } catch (SinkException e) {
            if (!refused) {
                LOG.warn("how the gateway stands is not written: {}", e.getMessage());
                refused = true;
            }
            notBeforeNanos = System.nanoTime() + e.retryAfter().toNanos();
        } catch (RuntimeException e) { // the journal, when it cannot be read, among others
            if (!refused) {
                LOG.error("how the gateway stands is not written", e);
                refused = true;
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

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
 * only of now: while the database does not take what the journal has, there are none, and none later.
 */
final class InfluxHealth implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InfluxHealth.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final InfluxSink influx;
    private final Pump pump;
    private final Supplier<Map<String, Long>> figures;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "influx-health");
        thread.setDaemon(true);
        return thread;
    });

    /** @param pump of the same sink */
    InfluxHealth(InfluxSink influx, Pump pump, Supplier<Map<String, Long>> figures, Clock clock) {
        this.influx = influx;
        this.pump = pump;
        this.figures = figures;
        this.clock = clock;
        Future<?> unused =
                thread.scheduleWithFixedDelay(this::write, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void write() {
        if (pump.problem().isPresent()) {
            return;
        }
        try {
            influx.point("gateway", Json.usOf(clock.instant()), figures.get());
        } catch (SinkException | RuntimeException e) {
            LOG.debug("a point of the gateway's health is not kept: {}", e.toString());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

package io.lightstroke.simulator;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets simulated tools live in real time: one daemon thread advances all of them by the monotonic clock every 5 ms.
 * All methods may be called from any thread.
 */
public final class RealTime implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RealTime.class);
    private static final long TICK_NANOS = 5_000_000;

    private final LongSupplier nanoTime;
    private final double speed;
    private final Map<Tool, Life> lives = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "simulated-time");
    private volatile boolean closed;

    public RealTime() {
        this(System::nanoTime, 1);
    }

    /** @param speed how many seconds tools live in one */
    public RealTime(Collection<? extends Tool> tools, double speed) {
        this(System::nanoTime, speed);
        tools.forEach(this::add);
    }

    RealTime(LongSupplier nanoTime) {
        this(nanoTime, 1);
    }

    /** @param nanoTime the clock by which the tools live */
    RealTime(LongSupplier nanoTime, double speed) {
        this.nanoTime = nanoTime;
        this.speed = speed;
        thread.setDaemon(true);
        thread.start();
    }

    /** Time begins to pass for these tools. */
    public RealTime(Collection<? extends Tool> tools) {
        this(tools, 1);
    }

    /**
     * From now on time passes for the tool, as fast as its clock runs; it goes on where it stood, and who reads or writes
     * it finds it at its present time. Once added, nobody else advances it.
     */
    public void add(Tool tool) {
        Life life = new Life(tool);
        if (lives.putIfAbsent(tool, life) == null) {
            tool.liveBy(life::ageUs);
        }
    }

    /** Time stands still for the tool. */
    public void remove(Tool tool) {
        if (lives.remove(tool) != null) {
            tool.liveBy(null);
        }
    }

    /** Time stands still for all; returns when the thread has ended, unless called by it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lives.keySet().forEach(this::remove);
    }

    private void run() {
        while (!closed) {
            long tickNanos = System.nanoTime();
            for (Life life : lives.values()) {
                life.goOn();
            }
            LockSupport.parkNanos(this, tickNanos + TICK_NANOS - System.nanoTime());
        }
    }

    /** One tool's time: counted from the moment it was added, so that late ticks do not add up. */
    private final class Life {
        private final Tool tool;
        private final long addedNanos = nanoTime.getAsLong();
        private final long addedUs;
        private final double usPerS;
        private boolean failing;

        Life(Tool tool) {
            this.tool = tool;
            addedUs = tool.ageUs();
            usPerS = speed * (1e6 + tool.clockDriftPpm());
        }

        long ageUs() {
            return addedUs + (long) ((nanoTime.getAsLong() - addedNanos) * usPerS / 1e9);
        }

        void goOn() {
            try {
                tool.catchUp();
                failing = false;
            } catch (RuntimeException | Error e) {
                if (!failing) {
                    log.error("{} failed; trying on", tool.identity().name(), e);
                }
                failing = true;
            }
        }
    }
}

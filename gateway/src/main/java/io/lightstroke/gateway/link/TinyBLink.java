package io.lightstroke.gateway.link;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tools through BlueZ by TinyB. Linux only. TinyB's natives may crash, and GLib ends the process whose bus goes away, so
 * they run in a process of their own ({@link TinyBProcess}); when that ends its connections fail, and the next connect
 * or scan starts another one. As TinyB leaks, it gets a new process now and then, while nothing is connected.
 */
public final class TinyBLink implements ToolLink {
    private static final Logger LOG = LoggerFactory.getLogger(TinyBLink.class);
    /** What failed in starting fails again for so long without another try. */
    private static final Duration START_AGAIN_AFTER = Duration.ofSeconds(2);
    /** After so many, with no connection in between and none open, TinyB may know what is no more. */
    private static final int FAILED_CONNECTS = 3;

    private final @Nullable String adapter;
    private final @Nullable String bus;
    private final ReentrantLock starting = new ReentrantLock(true);
    private final AtomicInteger crashes = new AtomicInteger();
    private final AtomicInteger failedConnects = new AtomicInteger();
    private volatile TinyBProcess process;
    private volatile boolean closed;
    private @Nullable String startFailure;
    private long startFailedNanos;

    /**
     * Starts TinyB's process, which reaches BlueZ.
     *
     * @param adapter for example {@code hci0}, or its address; null takes the first that is powered, or the first
     * @param bus address of the D-Bus that BlueZ is on; null takes the system's, or the one in the environment variable
     *     {@code DBUS_SYSTEM_BUS_ADDRESS}
     * @throws LinkException TinyB has nothing for this machine, or BlueZ with an adapter is not on the bus
     */
    public TinyBLink(@Nullable String adapter, @Nullable String bus) throws LinkException, InterruptedException {
        this.adapter = adapter;
        this.bus = bus;
        requireMachine();
        process = TinyBProcess.start(adapter, bus);
    }

    /** @throws LinkException TinyB has nothing for this machine, and never will */
    public static void requireMachine() throws LinkException {
        TinyBNatives.requireMachine();
    }

    /** How often TinyB's process has crashed, or had to be killed because it hung. */
    public int crashes() {
        return crashes.get() + (process.hasCrashed() ? 1 : 0);
    }

    private TinyBProcess process() throws LinkException, InterruptedException {
        TinyBProcess present = process;
        if (present.isAlive() && !present.isSpent()) {
            return present;
        }
        starting.lockInterruptibly();
        try {
            if (!closed && process.isSpent()) {
                process.end("another one takes its place");
            }
            if (!closed && !process.isAlive()) {
                restart();
            }
            if (closed) {
                process.close();
                throw new LinkException("the link is closed");
            }
            return process;
        } finally {
            starting.unlock();
        }
    }

    private void restart() throws LinkException, InterruptedException {
        if (startFailure != null && System.nanoTime() - startFailedNanos < START_AGAIN_AFTER.toNanos()) {
            throw new LinkException(startFailure);
        }
        try {
            TinyBProcess next = TinyBProcess.start(adapter, bus);
            if (process.hasCrashed()) {
                crashes.incrementAndGet();
            }
            process = next;
            startFailure = null;
            LOG.info("TinyB's process was started again; it has crashed {} times", crashes);
        } catch (LinkException e) {
            startFailure = e.getMessage();
            startFailedNanos = System.nanoTime();
            throw e;
        }
    }

    @Override
    public String name() {
        return "tinyb";
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        return process().scan(time);
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        TinyBProcess present = process();
        try {
            ToolConnection connection = present.connect(address, limit);
            failedConnects.set(0);
            return connection;
        } catch (NotHeardException e) {
            throw e;
        } catch (LinkException e) {
            if (failedConnects.incrementAndGet() >= FAILED_CONNECTS && present.isIdle()) {
                failedConnects.set(0);
                present.end("nobody could be connected");
            }
            throw e;
        }
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return process().forget(address);
    }

    /** With a new process afterwards: whatever was stuck is not taken along. */
    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        TinyBProcess present = process();
        try {
            present.powerCycle();
        } finally {
            present.end("the adapter was switched off and on");
        }
    }

    @Override
    public void close() {
        closed = true;
        process.close();
    }
}

package io.lightstroke.dashboard.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets a command run until its time is over, Ctrl-C or SIGTERM, and then end in its own words with its own exit code:
 * the process goes only after {@link #close()}, or, 30 s unless said otherwise, after it was told to stop.
 */
final class Stop implements AutoCloseable {
    private static final Duration LONGEST_END = Duration.ofSeconds(30);

    private final Duration longestEnd;
    private final Runnable told;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode = Lightstroke.OK;
    private final Thread hook = new Thread(this::shutdown, "stop");

    Stop() {
        this(LONGEST_END);
    }

    /** @param longestEnd from when it was told to stop to {@link #close()} */
    Stop(Duration longestEnd) {
        this(longestEnd, () -> {});
    }

    /** @param told run when it is told to stop */
    Stop(Runnable told) {
        this(LONGEST_END, told);
    }

    private Stop(Duration longestEnd, Runnable told) {
        this.longestEnd = longestEnd;
        this.told = told;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void shutdown() {
        requested.countDown();
        told.run();
        try {
            boolean clean = finished.await(longestEnd.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(clean ? exitCode : Lightstroke.FAILED);
        } catch (InterruptedException e) {
            Runtime.getRuntime().halt(Lightstroke.FAILED);
        }
    }

    /** What the process ends with when it was told to stop. */
    int exitCode(int code) {
        exitCode = code;
        return code;
    }

    boolean requested() {
        return requested.getCount() == 0;
    }

    /** Waits until told to stop; at most {@code limit}, without end when it is null. */
    void await(@Nullable Duration limit) throws InterruptedException {
        if (limit == null) {
            requested.await();
        } else {
            requested.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** The command has ended. */
    @Override
    public void close() {
        if (!requested()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // told to stop just now: the hook waits for the next line
                finished.countDown();
                return;
            }
        }
        System.out.flush();
        finished.countDown();
    }
}

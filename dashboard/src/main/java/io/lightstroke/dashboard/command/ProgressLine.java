package io.lightstroke.dashboard.command;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Help.Ansi;

/** One line on standard error that is written over again and again; none where that is no terminal. Any thread. */
final class ProgressLine implements AutoCloseable {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final String WIPE = "\r\u001b[K";

    private final boolean terminal = Ansi.AUTO.enabled();
    private long shownNanos = System.nanoTime();
    private boolean shown;

    synchronized void show(Supplier<String> text) {
        if (terminal && System.nanoTime() - shownNanos >= EVERY_NANOS) {
            shownNanos = System.nanoTime();
            shown = true;
            System.err.print(WIPE + text.get());
            System.err.flush();
        }
    }

    @Override
    public synchronized void close() {
        if (shown) {
            System.err.print(WIPE);
            System.err.flush();
            shown = false;
        }
    }
}

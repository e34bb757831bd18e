package io.lightstroke.dashboard.command;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** A progress bar on standard error while it is open; none where that is no terminal. Any thread. */
final class Bar implements AutoCloseable {
    /** Its end is not known. */
    static final long ENDLESS = -1;

    private static final int COLUMNS = 79;
    private static final int EVERY_MS = 200;

    private final @Nullable ProgressBar bar;

    /** @param most how much there is to do, or {@link #ENDLESS} */
    Bar(String what, long most) {
        bar = shown()
                ? new ProgressBarBuilder()
                        .setTaskName(what)
                        .setInitialMax(most)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(EVERY_MS)
                        .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                        .clearDisplayOnFinish()
                        .build()
                : null;
    }

    /** Whether there is a terminal to show one on. */
    static boolean shown() {
        return Ansi.AUTO.enabled();
    }

    void to(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    void by(long more) {
        if (bar != null) {
            bar.stepBy(more);
        }
    }

    /** Behind the bar, what is done now. */
    void say(String what) {
        if (bar != null) {
            bar.setExtraMessage(what);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}

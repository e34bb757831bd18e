package io.lightstroke.dashboard.command;

import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** A bar of long work on standard error; none where that is no terminal. Any thread. */
final class ProgressGauge implements AutoCloseable {
    private final @Nullable ProgressBar bar;
    private final AtomicLong done = new AtomicLong();

    /** @param total negative where it is unknown */
    ProgressGauge(String task, String unit, long total) {
        bar = Ansi.AUTO.enabled()
                ? new ProgressBarBuilder()
                        .setTaskName(task)
                        .setUnit(" " + unit, 1)
                        .setInitialMax(total)
                        .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                        .setUpdateIntervalMillis(200)
                        .showSpeed()
                        .clearDisplayOnFinish()
                        .build()
                : null;
    }

    void add(long more) {
        to(done.addAndGet(more));
    }

    void to(long reached) {
        if (bar != null) {
            bar.stepTo(reached);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}

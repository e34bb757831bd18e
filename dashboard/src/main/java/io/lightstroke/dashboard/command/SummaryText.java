package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.Summary;
import io.lightstroke.messages.Accounting;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a run, and its account for people. */
final class SummaryText {
    private static final Logger LOG = LoggerFactory.getLogger(SummaryText.class);
    private static final Duration SAY_EVERY = Duration.ofSeconds(2);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private SummaryText() {}

    /**
     * Ends a run: stops the tools, delivers what is left for at most {@code drainLimit}, and prints the account on
     * standard output.
     */
    static Summary end(Gateway gateway, Duration drainLimit, boolean json) throws InterruptedException {
        gateway.stopTools();
        drain(gateway, drainLimit);
        Summary summary = gateway.summary();
        if (json) {
            System.out.println(summary.json());
        } else {
            print(System.out, summary);
        }
        return summary;
    }

    /** Says how much is left: a bar on a terminal, else a line in the log now and then. */
    private static void drain(Gateway gateway, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        long saidNanos = System.nanoTime() - SAY_EVERY.toNanos();
        Map<String, Long> left = gateway.pending();
        long most = sum(left);
        try (Bar bar = new Bar("delivering what is left", most)) {
            while (sum(left) > 0 && System.nanoTime() < endNanos) {
                bar.to(most - sum(left));
                if (!Bar.shown() && System.nanoTime() - saidNanos >= SAY_EVERY.toNanos()) {
                    saidNanos = System.nanoTime();
                    LOG.info("stopped, waiting for {}", words(left));
                }
                gateway.drain(LOOK_EVERY);
                left = gateway.pending();
            }
        }
        gateway.drain(Duration.ofNanos(Math.max(0, endNanos - System.nanoTime())));
        if (sum(left) > 0) {
            LOG.warn("not delivered within {} s, kept in the journal: {}", limit.toSeconds(), words(left));
        }
    }

    private static String words(Map<String, Long> left) {
        return left.entrySet().stream()
                .filter(sink -> sink.getValue() > 0)
                .map(sink -> "%s: %d left".formatted(sink.getKey(), sink.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static long sum(Map<String, Long> left) {
        return left.values().stream().mapToLong(each -> each).sum();
    }

    private static void print(PrintStream out, Summary summary) {
        Accounting.Frames frames = summary.frames();
        Accounting.Samples samples = summary.samples();
        line(
                out,
                "Frames",
                "%d received = %d decoded + %d malformed + %d overflowed + %d refused"
                        .formatted(
                                frames.received(),
                                frames.decoded(),
                                frames.malformed(),
                                frames.overflowed(),
                                frames.refused()));
        line(
                out,
                "Samples",
                "%d decoded = %d journaled + %d duplicate + %d not kept; %d lost on the way"
                        .formatted(
                                samples.decoded(),
                                samples.journaled(),
                                samples.duplicate(),
                                samples.notKept(),
                                samples.lost()));
        summary.sinks()
                .forEach((name, sink) -> line(
                        out,
                        name,
                        "%d journaled = %d delivered + %d pending + %d set aside + %d expired"
                                .formatted(
                                        sink.journaled(),
                                        sink.delivered(),
                                        sink.pending(),
                                        sink.setAside(),
                                        sink.expired())));
        line(out, "Strokes", "%d; the tools counted %d".formatted(summary.strokes(), summary.toolStrokes()));
        line(out, "Cues", "%d".formatted(summary.cues()));
        if (summary.cues() > 0) {
            line(
                    out,
                    "Cue latency",
                    "%s from the sample to the cue written".formatted(latency(summary.cueLatencyMs())));
            Summary.CueSplitMs split = summary.cueSplitMs();
            line(out, "", "%s waiting for the frame's end".formatted(latency(split.frame())));
            line(out, "", "%s on the way".formatted(latency(split.transport())));
            line(out, "", "%s inside the gateway".formatted(latency(split.gateway())));
            if (split.filter().max() != null) {
                line(out, "", "%s before that in the filter".formatted(latency(split.filter())));
            }
        }
        if (summary.cueAgreementPercent() != null) {
            line(
                    out,
                    "Agreement",
                    String.format(
                            Locale.ROOT,
                            "%.1f %% of the over-pressures were judged by gateway and tool alike",
                            summary.cueAgreementPercent()));
        }
        if (summary.sinks().values().stream().anyMatch(sink -> sink.pending() > 0)) {
            line(out, "Pending", "kept in the journal, delivered by the next run");
        }
        line(out, "Accounts", summary.lawful() ? "every frame and sample is accounted for" : "DO NOT ADD UP");
    }

    private static void line(PrintStream out, String what, String text) {
        out.printf("  %-11s %s%n", what, text);
    }

    private static String latency(Summary.LatencyMs ms) {
        return String.format(
                Locale.ROOT, "p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms", ms.p50(), ms.p95(), ms.p99(), ms.max());
    }
}

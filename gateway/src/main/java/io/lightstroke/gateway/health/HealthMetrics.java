package io.lightstroke.gateway.health;

import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolStatus;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * A gateway's health in numbers for Prometheus, and the Java VM's. Each scrape is one look at the gateway, so the laws of
 * its accounts hold within it. Any thread.
 */
public final class HealthMetrics implements AutoCloseable {
    /** Upper bounds, microseconds; 100 ms and 250 ms are the goals of a cue. */
    private static final long[] BOUNDS_US = {
        500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000, 250_000, 500_000, 1_000_000, 10_000_000
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbage = new JvmGcMetrics();

    /**
     * Times that are measured elsewhere.
     *
     * @param name of the metric, in seconds
     * @param us in microseconds; may go on being recorded to
     */
    public record Times(String name, String help, Histogram us) {}

    /** @param health one look at the gateway */
    public HealthMetrics(Supplier<Health> health, List<Times> times) {
        new JvmMemoryMetrics().bindTo(registry);
        garbage.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new JvmInfoMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        MultiCollector collector = () -> {
            List<MetricSnapshot> all = new ArrayList<>(ofHealth(health.get()));
            times.forEach(each -> all.add(histogram(each.name, each.help, each.us.copy())));
            return new MetricSnapshots(all);
        };
        registry.getPrometheusRegistry().register(collector);
    }

    /** In Prometheus' text format 0.0.4. */
    public String scrape() {
        return registry.scrape();
    }

    private static List<MetricSnapshot> ofHealth(Health health) {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(InfoSnapshot.builder()
                .name("lightstroke_build")
                .help("This software.")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", health.software()))
                        .build())
                .build());
        all.add(gauge(
                "lightstroke_ready",
                "1: ready; 0: starting or degraded.",
                flag(health.status() == Health.Status.READY)));
        all.add(gauge(
                "lightstroke_reasons",
                "Why it is not ready: how many reasons.",
                health.reasons().size()));
        all.add(gauge(
                "lightstroke_link_up",
                "There is a way to tools: an adapter, and BlueZ.",
                flag(health.link().problem() == null)));
        ofTools(health.tools(), all);
        ofSinks(health.sinks(), all);
        all.add(gauge(
                "lightstroke_journal_takes_nothing_seconds",
                "For how long nothing was committed although samples wait.",
                health.journal().takesNothingS()));
        all.add(gauge("lightstroke_journal_file_bytes", "With its write-ahead log.", (double)
                health.journal().fileBytes()));
        if (health.journal().diskFreeBytes() != null) {
            all.add(gauge(
                    "lightstroke_disk_free_bytes",
                    "Where the journal is.",
                    health.journal().diskFreeBytes()));
        }
        all.add(gauge(
                "lightstroke_live_up",
                "Live data is published.",
                flag(health.live().problem() == null)));
        all.add(counter(
                "lightstroke_live_frames_dropped",
                "Live frames that too many others waited before; samples are not lost by it.",
                List.of(health.live()),
                live -> Labels.EMPTY,
                Health.Live::droppedFrames));
        all.add(gauge("lightstroke_commands_heard", "Commands over MQTT are heard.", flag(health.commandsHeard())));
        if (health.clockSynchronised() != null) {
            all.add(gauge(
                    "lightstroke_clock_synchronised",
                    "A time server keeps the host's clock.",
                    flag(health.clockSynchronised())));
        }
        return all;
    }

    private static void ofTools(List<Health.Tool> tools, List<MetricSnapshot> all) {
        all.add(toolGauge(
                "tool_up", "It streams.", tools, tool -> flag(tool.status().link() == ToolStatus.Link.STREAMING)));
        all.add(toolGauge("tool_last_frame_age_seconds", "Of the newest valid frame.", tools, tool -> {
            Long ageMs = tool.status().lastFrameAgeMs();
            return ageMs == null ? Double.NaN : ageMs / 1e3;
        }));
        all.add(toolGauge("tool_battery_percent", "Not a number where unknown.", tools, tool -> {
            Integer percent = tool.status().batteryPercent();
            return percent == null ? Double.NaN : percent;
        }));
        all.add(toolGauge(
                "tool_alerts",
                "What a person should know.",
                tools,
                tool -> tool.status().alerts().size()));
        all.add(toolGauge(
                "tool_backfilling",
                "Stored records are being read.",
                tools,
                tool -> flag(tool.status().backfilling())));

        all.add(frames("received", "All that came.", tools, Accounting.Frames::received));
        all.add(frames("decoded", "Taken.", tools, Accounting.Frames::decoded));
        all.add(frames("malformed", "Not of the protocol.", tools, Accounting.Frames::malformed));
        all.add(frames("overflowed", "Came while the tool's queue was full.", tools, Accounting.Frames::overflowed));
        all.add(frames("refused", "Nonsense, or of a tool that is not trusted.", tools, Accounting.Frames::refused));

        all.add(samples("decoded", "All in frames that were taken.", tools, Accounting.Samples::decoded));
        all.add(samples("journaled", "Committed and synced to disk.", tools, Accounting.Samples::journaled));
        all.add(samples("duplicate", "Had come before.", tools, Accounting.Samples::duplicate));
        all.add(samples("not_kept", "The disk did not take them.", tools, Accounting.Samples::notKept));
        all.add(toolGauge(
                "samples_awaited",
                "Have not come, and may still come from the tool's store.",
                tools,
                tool -> tool.status().accounting().samples().pending()));
        // A gauge: it goes down when a boot that is lost in part is read once more.
        all.add(toolGauge(
                "samples_lost",
                "Will not come.",
                tools,
                tool -> tool.status().accounting().samples().lost()));

        List<Step> steps = tools.stream()
                .flatMap(tool -> tool.status().recovery().entrySet().stream()
                        .map(each -> new Step(tool.tool(), each.getKey(), each.getValue())))
                .toList();
        all.add(counter(
                "lightstroke_recovery_steps",
                "Steps taken to reach a tool again, by kind.",
                steps,
                step -> Labels.of("tool", step.tool, "kind", step.kind),
                Step::count));
    }

    private record Step(String tool, String kind, long count) {}

    private record Booked(String sink, String kind, SinkAccount account) {
        Labels labels() {
            return Labels.of("sink", sink, "kind", kind);
        }
    }

    private static void ofSinks(List<Health.Sink> sinks, List<MetricSnapshot> all) {
        Function<Health.Sink, Labels> ofSink = sink -> Labels.of("sink", sink.sink());
        all.add(gauge(
                "lightstroke_sink_up",
                "It delivers, and has delivered since the start.",
                sinks,
                ofSink,
                sink -> flag(sink.problem() == null && sink.proven())));
        all.add(gauge(
                "lightstroke_sink_behind_seconds",
                "For how long it has not kept up with the journal.",
                sinks,
                ofSink,
                Health.Sink::behindS));
        List<Booked> booked = sinks.stream()
                .flatMap(sink -> sink.accounts().entrySet().stream()
                        .map(each -> new Booked(sink.sink(), each.getKey(), each.getValue())))
                .toList();
        all.add(counter(
                "lightstroke_sink_records_journaled",
                "To be delivered, since the sink was first configured; a sample is a record.",
                booked,
                Booked::labels,
                each -> each.account.journaled()));
        all.add(counter(
                "lightstroke_sink_records_delivered",
                "The other side has accepted them.",
                booked,
                Booked::labels,
                each -> each.account.delivered()));
        all.add(gauge(
                "lightstroke_sink_records_pending",
                "Still to be delivered.",
                booked,
                Booked::labels,
                each -> each.account.pending()));
        all.add(counter(
                "lightstroke_sink_records_set_aside",
                "The other side has refused them for good.",
                booked,
                Booked::labels,
                each -> each.account.setAside()));
        all.add(counter(
                "lightstroke_sink_records_expired",
                "Removed from the journal before they were delivered.",
                booked,
                Booked::labels,
                each -> each.account.expired()));
    }

    private static MetricSnapshot frames(
            String what, String help, List<Health.Tool> tools, ToDoubleFunction<Accounting.Frames> count) {
        return counter(
                "lightstroke_frames_" + what,
                help,
                tools,
                HealthMetrics::ofTool,
                tool -> count.applyAsDouble(tool.status().accounting().frames()));
    }

    private static MetricSnapshot samples(
            String what, String help, List<Health.Tool> tools, ToDoubleFunction<Accounting.Samples> count) {
        return counter(
                "lightstroke_samples_" + what,
                help,
                tools,
                HealthMetrics::ofTool,
                tool -> count.applyAsDouble(tool.status().accounting().samples()));
    }

    private static MetricSnapshot toolGauge(
            String what, String help, List<Health.Tool> tools, ToDoubleFunction<Health.Tool> value) {
        return gauge("lightstroke_" + what, help, tools, HealthMetrics::ofTool, value);
    }

    private static Labels ofTool(Health.Tool tool) {
        return Labels.of("tool", tool.tool());
    }

    private static <T> MetricSnapshot counter(
            String name, String help, List<T> of, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        return new CounterSnapshot(
                new MetricMetadata(name, help),
                of.stream()
                        .map(each -> CounterDataPointSnapshot.builder()
                                .labels(labels.apply(each))
                                .value(value.applyAsDouble(each))
                                .build())
                        .toList());
    }

    private static <T> MetricSnapshot gauge(
            String name, String help, List<T> of, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        return new GaugeSnapshot(
                new MetricMetadata(name, help),
                of.stream()
                        .map(each -> GaugeDataPointSnapshot.builder()
                                .labels(labels.apply(each))
                                .value(value.applyAsDouble(each))
                                .build())
                        .toList());
    }

    private static MetricSnapshot gauge(String name, String help, double value) {
        return gauge(name, help, List.of(value), each -> Labels.EMPTY, each -> each);
    }

    private static double flag(boolean on) {
        return on ? 1 : 0;
    }

    private static MetricSnapshot histogram(String name, String help, Histogram us) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long counted = 0;
        for (long boundUs : BOUNDS_US) {
            long upTo = us.getCountBetweenValues(0, boundUs);
            buckets.bucket(boundUs / 1e6, upTo - counted);
            counted = upTo;
        }
        buckets.bucket(Double.POSITIVE_INFINITY, us.getTotalCount() - counted);
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets.build())
                        .sum(us.getTotalCount() == 0 ? 0 : us.getMean() * us.getTotalCount() / 1e6)
                        .build())
                .build();
    }

    @Override
    public void close() {
        garbage.close();
        registry.close();
    }
}

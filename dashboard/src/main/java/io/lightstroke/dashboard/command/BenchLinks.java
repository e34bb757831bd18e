package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench links}: the ways to a tool through BlueZ, side by side. */
@Command(
        name = "links",
        description = {
            "Compares the links through BlueZ, against a stand-in for it on a private dbus-daemon (Linux): notifications lost"
                    + " and out of order, latency, CPU time and memory at 50, 200 and 1000 notifications a second.",
            "Latency runs from when the stand-in sends a notification to when the link hands it over. The stand-in runs in"
                    + " this process, each link in one of its own. Takes about three minutes."
        })
final class BenchLinks implements Callable<Integer> {
    /** Notifications a second, and with how many tools at how many samples a second: five of them are a frame. */
    private record Load(int perSecond, int tools, int rateHz) {}

    private static final List<Load> LOADS =
            List.of(new Load(50, 1, 250), new Load(200, 1, 1000), new Load(1000, 5, 1000));

    private static final List<SimulatedWorld.Via> LINKS =
            List.of(SimulatedWorld.Via.TINYB, SimulatedWorld.Via.BLUEZ_SIGNAL, SimulatedWorld.Via.BLUEZ);

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long each is measured, after a warm-up of 4 s. Default: 15s.")
    private Duration time = Duration.ofSeconds(15);

    @Option(names = "--json", description = "One JSON object a line, fields as in docs/bluetooth.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** A line of the table. Of the frames between the first and the last that arrived of each tool. */
    private record Row(
            String link,
            int perSecond,
            long received,
            long lost,
            long outOfOrder,
            double latencyP50Ms,
            double latencyP99Ms,
            double latencyMaxMs,
            double cpuPercent,
            long rssMb) {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.printf(
                    "%-13s %6s %9s %6s %9s %8s %8s %8s %6s %7s%n",
                    "link", "per s", "received", "lost", "disorder", "p50 ms", "p99 ms", "max ms", "CPU %", "RSS MB");
        }
        for (Load load : LOADS) {
            for (SimulatedWorld.Via via : LINKS) {
                Row row = measure(via, load);
                out.println(json ? new ObjectMapper().writeValueAsString(row) : text(row));
                out.flush();
            }
        }
        if (!json) {
            out.printf(
                    "%n./lightstroke bench links --for %ds%n%d cores, Java %s%n",
                    time.toSeconds(), Runtime.getRuntime().availableProcessors(), Runtime.version());
        }
        return Lightstroke.OK;
    }

    private static String text(Row row) {
        return String.format(
                Locale.ROOT,
                "%-13s %6d %9d %6d %9d %8.2f %8.2f %8.2f %6.1f %7d",
                row.link,
                row.perSecond,
                row.received,
                row.lost,
                row.outOfOrder,
                row.latencyP50Ms,
                row.latencyP99Ms,
                row.latencyMaxMs,
                row.cpuPercent,
                row.rssMb);
    }

    private Row measure(SimulatedWorld.Via via, Load load) throws Exception {
        Map<String, Long> sentNanos = new ConcurrentHashMap<>();
        try (SimulatedWorld world =
                new SimulatedWorld(via, SimulatedTools.fleet(load.tools, Scenario.builtIn("calm"), 1))) {
            BlueZStandIn bluez = Objects.requireNonNull(world.bluez());
            bluez.onNotified((address, value) -> {
                long nowNanos = System.nanoTime();
                if (value.length > ForceFrame.OVERHEAD && value[0] == ForceFrame.TYPE) {
                    try {
                        sentNanos.put(key(address, ForceFrame.decode(value).first()), nowNanos);
                    } catch (MalformedFrameException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            Process receiver = receiver(via, Objects.requireNonNull(world.bus()), load);
            try {
                return row(via, load, sentNanos, receiver);
            } finally {
                receiver.destroy();
                receiver.waitFor();
            }
        }
    }

    private static String key(String tool, long first) {
        return tool + " " + first;
    }

    private Process receiver(SimulatedWorld.Via via, String bus, Load load) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Lightstroke.class.getName(),
                        "bench",
                        "links-receive",
                        "--link",
                        via.toString(),
                        "--bus",
                        bus,
                        "--tools",
                        Integer.toString(load.tools),
                        "--rate",
                        Integer.toString(load.rateHz),
                        "--for",
                        time.toMillis() + "ms")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private Row row(SimulatedWorld.Via via, Load load, Map<String, Long> sentNanos, Process receiver)
            throws IOException, InterruptedException {
        List<Double> latencyMs = new ArrayList<>();
        Map<String, List<Long>> firsts = new HashMap<>();
        long cpuMs = 0;
        long rssKb = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(receiver.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("used")) {
                    cpuMs = Long.parseLong(words[1]);
                    rssKb = Long.parseLong(words[2]);
                } else if (words[0].equals("frame")) {
                    String tool = words[1];
                    long first = Long.parseLong(words[2]);
                    firsts.computeIfAbsent(tool, each -> new ArrayList<>()).add(first);
                    Long sent = sentNanos.get(key(tool, first));
                    if (sent != null) {
                        latencyMs.add((Long.parseLong(words[3]) - sent) / 1e6);
                    }
                }
            }
        }
        if (receiver.waitFor() != 0 || latencyMs.isEmpty()) {
            throw new IOException("%s at %d notifications a second: want frames, got none; its words are above"
                    .formatted(via, load.perSecond));
        }
        long lost = 0;
        long outOfOrder = 0;
        for (Map.Entry<String, List<Long>> of : firsts.entrySet()) {
            List<Long> came = of.getValue();
            long lowest = came.stream().mapToLong(each -> each).min().orElseThrow();
            long highest = came.stream().mapToLong(each -> each).max().orElseThrow();
            lost += sentNanos.keySet().stream()
                            .map(each -> each.split(" ", -1))
                            .filter(each -> each[0].equals(of.getKey()))
                            .mapToLong(each -> Long.parseLong(each[1]))
                            .filter(each -> each >= lowest && each <= highest)
                            .count()
                    - came.stream().distinct().count();
            for (int i = 1; i < came.size(); i++) {
                outOfOrder += came.get(i) < came.get(i - 1) ? 1 : 0;
            }
        }
        double[] sorted = latencyMs.stream().mapToDouble(each -> each).sorted().toArray();
        return new Row(
                via.toString(),
                load.perSecond,
                firsts.values().stream().mapToLong(List::size).sum(),
                lost,
                outOfOrder,
                percentile(sorted, 50),
                percentile(sorted, 99),
                Arrays.stream(sorted).max().orElseThrow(),
                cpuMs * 100.0 / time.toMillis(),
                rssKb / 1024);
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[(int) Math.ceil(sorted.length * percent / 100.0) - 1];
    }
}

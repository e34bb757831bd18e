package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The receiving side of {@link BenchLinks}, in a process of its own, so that its CPU time and memory are the link's alone.
 * Prints {@code frame TOOL FIRST NANOS} for each frame that arrived, and {@code used CPU_MS RSS_KB}.
 */
@Command(name = "links-receive", hidden = true)
final class BenchLinksReceive implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration WARM_UP = Duration.ofSeconds(4);

    @Option(names = "--link", required = true)
    private SimulatedWorld.Via via = SimulatedWorld.Via.TINYB;

    @Option(names = "--bus", required = true)
    private String bus = "";

    @Option(names = "--tools", required = true)
    private int tools;

    @Option(names = "--rate", required = true)
    private int rateHz;

    @Option(names = "--for", required = true, converter = DurationConverter.class)
    private Duration time = Duration.ZERO;

    private record Came(String tool, byte[] value, long atNanos) {}

    @Override
    public Integer call() throws Exception {
        Queue<Came> came = new ConcurrentLinkedQueue<>();
        List<ToolConnection> connections = new ArrayList<>();
        long usedMs;
        long rssKb;
        try (ToolLink link = SimulatedWorld.link(via, bus)) {
            for (int number = 1; number <= tools; number++) {
                String tool = SimulatedTools.address(number);
                ToolConnection connection = link.connect(tool, LIMIT);
                connections.add(connection);
                connection.resolve(LIMIT);
                connection.subscribe(Gatt.FORCE_STREAM, (value, atNanos) -> came.add(new Came(tool, value, atNanos)));
                connection.write(
                        Gatt.CONTROL_POINT, ControlRequest.start(1, rateHz).encode());
            }
            Thread.sleep(WARM_UP.toMillis());
            came.clear();
            long beforeMs = cpuMs();
            Thread.sleep(time.toMillis());
            usedMs = cpuMs() - beforeMs;
            rssKb = rssKb();
            print(came, usedMs, rssKb);
            connections.forEach(ToolConnection::close);
        }
        return Lightstroke.OK;
    }

    private static void print(Queue<Came> came, long usedMs, long rssKb) throws MalformedFrameException {
        PrintStream out = System.out;
        for (Came each : came) {
            out.printf(
                    "frame %s %d %d%n",
                    each.tool(), ForceFrame.decode(each.value()).first(), each.atNanos());
        }
        out.printf("used %d %d%n", usedMs, rssKb);
        out.flush();
    }

    private static Stream<ProcessHandle> family() {
        return Stream.concat(
                Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants());
    }

    private static long cpuMs() {
        return family().mapToLong(each ->
                        each.info().totalCpuDuration().orElse(Duration.ZERO).toMillis())
                .sum();
    }

    private static long rssKb() throws IOException {
        long sum = 0;
        for (ProcessHandle each : family().toList()) {
            sum += Files.readAllLines(Path.of("/proc", Long.toString(each.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
        return sum;
    }
}

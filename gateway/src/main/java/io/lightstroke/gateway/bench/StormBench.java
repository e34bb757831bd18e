package io.lightstroke.gateway.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.ToolSession;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A whole gateway while the links to its tools are lost again and again, at random: how soon each tool streams again. */
public final class StormBench {
    private static final Duration STREAMING_LIMIT = Duration.ofSeconds(60);
    private static final Duration BACKFILL_LIMIT = Duration.ofSeconds(60);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);
    private static final int LOOK_MS = 2;
    /** A tool streams for so long, at random, before its link is lost. */
    private static final int LEAST_STREAMING_MS = 200;

    private static final int MOST_STREAMING_MS = 1200;

    /**
     * What was measured. Two figures are before and after the storm, each while all tools stream.
     *
     * @param drops links lost
     * @param reconnectMs from the loss of a link to the next frame
     * @param neverBack tools that did not stream again within a minute after a loss
     * @param crashes ends of a process that a link runs its natives in
     * @param lost samples that were not journaled in the end
     * @param backfilled samples that came from the tools' stores
     * @param recovery steps of recovery, all tools together
     * @param lawful every frame and sample is accounted for
     */
    public record Result(
            String link,
            int tools,
            int drops,
            double seconds,
            ReconnectMs reconnectMs,
            long neverBack,
            long crashes,
            long lost,
            long backfilled,
            Map<String, Long> recovery,
            List<Long> rssMb,
            List<Long> threads,
            List<Long> fds,
            boolean lawful) {
        public String json() {
            try {
                return Accuracy.MAPPER.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    /** Null when there was nothing. */
    public record ReconnectMs(
            @Nullable Double p50,
            @Nullable Double p99,
            @Nullable Double max) {}

    private StormBench() {}

    /**
     * @param link to the simulated tools 1 to {@code tools}, which live in real time; closed in the end
     * @param drop loses the link to the tool at this address
     * @param crashes of processes that the link has started, so far
     * @param folder empty; the gateway's data
     * @param progress told how many links have been lost
     */
    public static Result run(
            ToolLink link,
            int tools,
            int drops,
            long seed,
            Consumer<String> drop,
            LongSupplier crashes,
            Path folder,
            IntConsumer progress)
            throws IOException, JournalException, InterruptedException {
        Random random = new Random(seed);
        List<Double> reconnectMs = new ArrayList<>();
        long neverBack = 0;
        List<Long> rssMb = new ArrayList<>();
        List<Long> threads = new ArrayList<>();
        List<Long> fds = new ArrayList<>();
        try (Gateway gateway = Gateway.start(CueBench.config(tools, "calm", seed), folder, link)) {
            List<ToolSession> sessions = gateway.sessions();
            awaitStreaming(sessions, STREAMING_LIMIT);
            measure(rssMb, threads, fds);
            long beganNanos = System.nanoTime();
            Map<ToolSession, Long> lostNanos = new HashMap<>();
            Map<ToolSession, Long> dropNanos = new HashMap<>();
            int done = 0;
            while (done < drops || !lostNanos.isEmpty()) {
                long now = System.nanoTime();
                for (int i = 0; i < tools; i++) {
                    ToolSession session = sessions.get(i);
                    Long lost = lostNanos.get(session);
                    OptionalLong since = session.streamingSinceNanos();
                    if (lost != null) {
                        if (since.isPresent() && since.getAsLong() - lost > 0) {
                            reconnectMs.add((since.getAsLong() - lost) / 1e6);
                            lostNanos.remove(session);
                        } else if (now - lost > STREAMING_LIMIT.toNanos()) {
                            neverBack++;
                            lostNanos.remove(session);
                        }
                    } else if (done < drops && since.isPresent()) {
                        long due = dropNanos.computeIfAbsent(
                                session,
                                each -> now
                                        + 1_000_000L
                                                * (LEAST_STREAMING_MS
                                                        + random.nextInt(MOST_STREAMING_MS - LEAST_STREAMING_MS)));
                        if (now - due >= 0) {
                            dropNanos.remove(session);
                            lostNanos.put(session, System.nanoTime());
                            drop.accept(SimulatedTools.address(i + 1));
                            progress.accept(++done);
                        }
                    }
                }
                Thread.sleep(LOOK_MS);
            }
            double seconds = (System.nanoTime() - beganNanos) / 1e9;
            awaitStreaming(sessions, STREAMING_LIMIT);
            awaitBackfill(sessions);
            measure(rssMb, threads, fds);
            Map<String, Long> recovery = new HashMap<>();
            long backfilled = 0;
            for (ToolSession session : sessions) {
                session.recovery().forEach((rung, count) -> recovery.merge(rung, count, Long::sum));
                backfilled += session.lateSamples();
            }
            gateway.stopTools();
            gateway.drain(DRAIN_LIMIT);
            Summary summary = gateway.summary();
            return new Result(
                    link.name(),
                    tools,
                    done,
                    seconds,
                    new ReconnectMs(
                            Accuracy.percentile(50, reconnectMs, value -> value),
                            Accuracy.percentile(99, reconnectMs, value -> value),
                            Accuracy.percentile(100, reconnectMs, value -> value)),
                    neverBack,
                    crashes.getAsLong(),
                    summary.samples().lost() + summary.samples().pending(),
                    backfilled,
                    recovery,
                    rssMb,
                    threads,
                    fds,
                    summary.lawful());
        }
    }

    private static void awaitStreaming(List<ToolSession> sessions, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        while (sessions.stream().anyMatch(each -> each.streamingSinceNanos().isEmpty())
                && System.nanoTime() - endNanos < 0) {
            Thread.sleep(LOOK_MS);
        }
    }

    private static void awaitBackfill(List<ToolSession> sessions) throws InterruptedException {
        long endNanos = System.nanoTime() + BACKFILL_LIMIT.toNanos();
        while (sessions.stream()
                        .anyMatch(each -> each.backfilling()
                                || each.accounting().samples().pending() > 0)
                && System.nanoTime() - endNanos < 0) {
            Thread.sleep(100);
        }
    }

    /** Of this process, after a collection; by Linux's own account, 0 elsewhere. */
    private static void measure(List<Long> rssMb, List<Long> threads, List<Long> fds)
            throws IOException, InterruptedException {
        System.gc();
        Thread.sleep(500);
        threads.add((long) Thread.getAllStackTraces().size());
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            rssMb.add(0L);
            fds.add(0L);
            return;
        }
        rssMb.add(Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum());
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            fds.add(open.count());
        }
    }
}

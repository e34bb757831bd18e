package io.lightstroke.gateway.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.ClockSegment;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/**
 * What simulated people do with their tools for some minutes, judged and journaled as a gateway does: how fast, and how many
 * bytes of disk a sample takes before it is compacted and after.
 */
public final class JournalBench {
    private static final int RATE_HZ = 100;
    /** Of 5 samples: 200 ms. */
    private static final int FRAMES_A_COMMIT = 4;

    private static final int COMMITS_TIMED = 1000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String SINK = "bench";
    /** Of crystals. */
    private static final double DRIFT_PPM = 20;

    private static final long BEGIN_UTC_US = 1_780_000_000_000_000L;

    /**
     * What was measured.
     *
     * @param findings strokes, spots, alerts, sessions
     * @param samplesPerS appended and synced to disk, all at once
     * @param commitMs from the append of a frame of each tool until they are synced to disk
     * @param bytesPerSample of a file with the samples alone
     * @param withFindings of a file with the findings too
     */
    public record Result(
            int tools,
            int minutes,
            long samples,
            long findings,
            long samplesPerS,
            CommitMs commitMs,
            BytesPerSample bytesPerSample,
            BytesPerSample withFindings) {
        public String json() {
            try {
                return Accuracy.MAPPER.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    /** Milliseconds. */
    public record CommitMs(double p50, double p99, double max) {}

    /** The whole file, with its indices, its log written back. */
    public record BytesPerSample(double before, double after) {}

    private JournalBench() {}

    /**
     * @param folder empty
     * @param progress told the count of samples journaled, of three times as many as there are
     */
    public static Result run(int tools, int minutes, long seed, Path folder, LongConsumer progress)
            throws IOException, JournalException, InterruptedException {
        List<List<JournalEntry>> groups = session(tools, Duration.ofMinutes(minutes), seed);
        long samples = groups.stream().mapToLong(JournalBench::samples).sum();
        long findings = groups.stream()
                .flatMap(List::stream)
                .filter(JournalEntry.Finding.class::isInstance)
                .count();
        long[] done = {0};
        LongConsumer journaled = more -> progress.accept(done[0] += more);
        BytesPerSample whole = size(groups, samples, folder.resolve("whole"), journaled);
        List<List<JournalEntry>> alone = groups.stream()
                .map(group -> group.stream()
                        .filter(entry -> !(entry instanceof JournalEntry.Finding))
                        .toList())
                .toList();
        BytesPerSample ofSamples = size(alone, samples, folder.resolve("samples"), journaled);
        CommitMs commitMs = commit(alone, folder.resolve("commits"));
        long samplesPerS = throughput(alone, samples, folder.resolve("throughput"), journaled);
        return new Result(tools, minutes, samples, findings, samplesPerS, commitMs, ofSamples, whole);
    }

    private static long samples(List<JournalEntry> group) {
        return group.stream()
                .mapToLong(entry -> entry instanceof JournalEntry.Samples row ? row.forceCn().length : 0)
                .sum();
    }

    /** What is committed together, in order of time. */
    private static List<List<JournalEntry>> session(int tools, Duration length, long seed) {
        List<List<JournalEntry>> groups = new ArrayList<>();
        for (int tool = 1; tool <= tools; tool++) {
            List<List<JournalEntry>> frames = frames(tool, length, seed);
            for (int i = 0; i < frames.size(); i++) {
                int group = i / FRAMES_A_COMMIT;
                if (group == groups.size()) {
                    groups.add(new ArrayList<>());
                }
                groups.get(group).addAll(frames.get(i));
            }
        }
        return groups;
    }

    private static List<List<JournalEntry>> frames(int number, Duration length, long seed) {
        return Journaled.frames(
                "tool-" + number,
                Recording.of(Scenario.builtIn("home"), seed, number, RATE_HZ, length),
                new BootClock(List.of(new ClockSegment(0, BEGIN_UTC_US, DRIFT_PPM))),
                null,
                null);
    }

    private static BytesPerSample size(
            List<List<JournalEntry>> groups, long samples, Path folder, LongConsumer journaled)
            throws IOException, JournalException, InterruptedException {
        try (Journal journal = Journal.open(folder)) {
            journal.enable(SINK);
            for (List<JournalEntry> group : groups) {
                append(journal, group);
                journaled.accept(samples(group));
            }
        }
        double before = (double) Files.size(folder.resolve("journal.db")) / samples;
        try (Journal journal = Journal.open(folder)) {
            journal.advance(SINK, journal.lastSeq(), List.of());
        }
        try (Journal journal = Journal.open(folder)) {
            await(() -> journal.read(0, Integer.MAX_VALUE).stream()
                    .noneMatch(each -> each.entry() instanceof JournalEntry.Samples));
            long[] last = {Long.MAX_VALUE};
            await(() -> {
                long now = Files.size(folder.resolve("journal.db"));
                boolean still = now == last[0];
                last[0] = now;
                return still;
            });
        }
        return new BytesPerSample(
                rounded(before), rounded((double) Files.size(folder.resolve("journal.db")) / samples));
    }

    private static CommitMs commit(List<List<JournalEntry>> groups, Path folder) throws JournalException {
        Histogram nanos = new Histogram(3);
        try (Journal journal = Journal.open(folder)) {
            for (List<JournalEntry> group : groups.subList(0, Math.min(COMMITS_TIMED, groups.size()))) {
                long begin = System.nanoTime();
                append(journal, group);
                nanos.recordValue(System.nanoTime() - begin);
            }
        }
        return new CommitMs(
                rounded(nanos.getValueAtPercentile(50) / 1e6),
                rounded(nanos.getValueAtPercentile(99) / 1e6),
                rounded(nanos.getMaxValue() / 1e6));
    }

    private static long throughput(List<List<JournalEntry>> groups, long samples, Path folder, LongConsumer journaled)
            throws JournalException, InterruptedException {
        try (Journal journal = Journal.open(folder)) {
            long begin = System.nanoTime();
            for (List<JournalEntry> group : groups) {
                while (journal.samplesWaiting() > Journal.MAX_WAITING_SAMPLES / 2) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                require(journal.append(group));
                journaled.accept(samples(group));
            }
            require(journal.flush(LIMIT));
            return Math.round(samples / ((System.nanoTime() - begin) / 1e9));
        }
    }

    private static void append(Journal journal, List<JournalEntry> group) {
        require(journal.append(group));
        require(journal.flush(LIMIT));
    }

    private static void require(boolean kept) {
        if (!kept) {
            throw new IllegalStateException("the journal did not take the samples");
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            require(System.nanoTime() < end);
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}

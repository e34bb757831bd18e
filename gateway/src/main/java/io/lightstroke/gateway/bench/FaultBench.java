package io.lightstroke.gateway.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.FaultRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** Many a {@link FaultRun}, several at a time: they wait for disks and sinks more than they reckon. */
public final class FaultBench {
    private static final int AT_A_TIME = 12 * Runtime.getRuntime().availableProcessors();

    /**
     * All seeds together; the figures as in {@link FaultRun.Outcome}.
     *
     * @param failed seeds in which something did not hold, and what
     */
    public record Result(
            int seeds,
            long firstSeed,
            long lives,
            long samples,
            long journaled,
            long duplicate,
            long notKept,
            long malformed,
            long overflowed,
            long refused,
            long setAside,
            long cues,
            double seconds,
            List<Failed> failed) {
        public String json() {
            try {
                return Accuracy.MAPPER.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    /** @param violations the first of them */
    public record Failed(long seed, List<String> violations) {}

    private static final int SHOWN = 5;

    private FaultBench() {}

    /**
     * @param folder for journals, each of which goes when its seed is done
     * @param progress told how many seeds are done
     */
    public static Result run(int seeds, long firstSeed, Path folder, IntConsumer progress)
            throws IOException, InterruptedException {
        long beganNanos = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        List<FaultRun.Outcome> outcomes = new ArrayList<>();
        try {
            ExecutorCompletionService<FaultRun.Outcome> running = new ExecutorCompletionService<>(threads);
            for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
                long mine = seed;
                running.submit(() -> one(mine, folder));
            }
            for (int done = 1; done <= seeds; done++) {
                outcomes.add(running.take().get());
                progress.accept(done);
            }
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } finally {
            threads.shutdownNow();
        }
        outcomes.sort(Comparator.comparingLong(FaultRun.Outcome::seed));
        return new Result(
                seeds,
                firstSeed,
                outcomes.stream().mapToLong(FaultRun.Outcome::lives).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::samples).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::journaled).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::duplicate).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::notKept).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::malformed).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::overflowed).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::refused).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::setAside).sum(),
                outcomes.stream().mapToLong(FaultRun.Outcome::cues).sum(),
                (System.nanoTime() - beganNanos) / 1e9,
                outcomes.stream()
                        .filter(each -> !each.violations().isEmpty())
                        .map(each -> new Failed(
                                each.seed(),
                                each.violations()
                                        .subList(
                                                0,
                                                Math.min(
                                                        SHOWN, each.violations().size()))))
                        .toList());
    }

    /** A run that breaks off has failed like one in which something does not hold. */
    private static FaultRun.Outcome one(long seed, Path folder) throws IOException {
        Path own = Files.createTempDirectory(folder, "seed");
        try {
            return FaultRun.of(seed, own);
        } catch (Exception e) {
            return new FaultRun.Outcome(seed, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of("breaks off: " + e));
        } finally {
            try (Stream<Path> files = Files.walk(own)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}

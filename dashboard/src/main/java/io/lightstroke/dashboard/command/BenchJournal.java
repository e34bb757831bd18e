package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.bench.JournalBench;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke bench journal}: how fast the journal is, and how small. */
@Command(
        name = "journal",
        description =
                "Journals what simulated people do with their tools, and says how fast that goes and how many bytes of disk"
                        + " a sample takes. A missed goal is a result: the exit code is 0.")
final class BenchJournal implements Callable<Integer> {
    private static final double GOAL_BEFORE = 6;
    private static final double GOAL_AFTER = 4;

    @Option(names = "--tools", paramLabel = "N", description = "Tools, 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int tools = 4;

    @Option(names = "--minutes", paramLabel = "N", description = "Of each, 1 to 240. Default: ${DEFAULT-VALUE}.")
    private int minutes = 20;

    @Option(names = "--seed", paramLabel = "S", description = "Other strokes. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--in", paramLabel = "FOLDER", description = "On this disk. Default: where temporary files are.")
    private @Nullable Path in;

    @Option(names = "--json", description = "One JSON object, fields as in docs/journal.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.require(spec, "--tools", tools, 64);
        Bench.require(spec, "--minutes", minutes, 240);
        JournalBench.Result result;
        try (TemporaryFolder folder = in == null
                        ? new TemporaryFolder()
                        : new TemporaryFolder(Files.createTempDirectory(in, "lightstroke-bench"));
                Bar bar = new Bar("samples", 3L * tools * minutes * 6000)) {
            result = JournalBench.run(tools, minutes, seed, folder.path(), bar::to);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result.json());
        } else {
            print(out, result);
        }
        return Lightstroke.OK;
    }

    private void print(PrintWriter out, JournalBench.Result result) {
        JournalBench.CommitMs ms = result.commitMs();
        out.printf("samples, findings              %d, %d%n", result.samples(), result.findings());
        out.printf("samples a second to disk       %d%n", result.samplesPerS());
        out.printf("append to disk, ms             p50 %s   p99 %s   max %s%n", ms.p50(), ms.p99(), ms.max());
        bytes(out, "bytes a sample", result.bytesPerSample());
        out.printf(
                "  with all findings            %s before, %s compacted%n",
                result.withFindings().before(), result.withFindings().after());
        out.printf(
                "%n./lightstroke bench journal --tools %d --minutes %d --seed %d%n%d cores, Java %s%n",
                tools, minutes, seed, Runtime.getRuntime().availableProcessors(), Runtime.version());
    }

    private static void bytes(PrintWriter out, String what, JournalBench.BytesPerSample bytes) {
        boolean met = bytes.before() <= GOAL_BEFORE && bytes.after() <= GOAL_AFTER;
        out.printf(
                "%-30s %s before, %s compacted   goal ≤ 6, ≤ 4 %s%n",
                what, bytes.before(), bytes.after(), met ? "met" : "MISSED");
    }
}

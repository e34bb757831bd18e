package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A process of its own that appends without end, and prints the index of the last sample known to be on disk. Asked to tidy,
 * it also delivers what it has, ends a session now and then, and keeps but little.
 */
final class AppendingProcess {
    /** What it keeps when it tidies. */
    static final long KEPT_BYTES = 400_000;

    private AppendingProcess() {}

    static Process start(Path folder) throws IOException {
        return start(folder, "append");
    }

    static Process startTidying(Path folder) throws IOException {
        return start(folder, "tidy");
    }

    private static Process start(Path folder, String what) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        AppendingProcess.class.getName(),
                        folder.toString(),
                        what)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        try (Journal journal = Journal.open(Path.of(arguments[0]))) {
            journal.enable("mqtt");
            boolean tidies = arguments[1].equals("tidy");
            if (tidies) {
                journal.retain(new Retention(0, KEPT_BYTES, () -> Long.MAX_VALUE));
            }
            long begin = journal.boot("left", 1).map(BootState::lastIndex).orElse(-1L) + 1;
            for (long first = begin; ; first += 5) {
                journal.append(List.of(JournalTest.samples("left", 1, first, 5)));
                if (first % 50 == 0 && journal.flush(Duration.ofSeconds(30))) {
                    System.out.println(first + 4);
                    if (tidies) {
                        journal.advance("mqtt", journal.lastSeq(), List.of());
                        journal.append(
                                List.of(new JournalEntry.Finding("left", "session", 1, first, JournalTest.UTC, "{}")));
                    }
                }
            }
        } catch (JournalException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}

package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A process of its own that appends without end, and prints the index of the last sample known to be on disk. */
final class AppendingProcess {
    private AppendingProcess() {}

    static Process start(Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        AppendingProcess.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) {
        try (Journal journal = Journal.open(Path.of(arguments[0]))) {
            journal.enable("mqtt");
            for (long first = 0; ; first += 5) {
                journal.append(List.of(JournalTest.samples("left", 1, first, 5)));
                if (first % 50 == 0 && journal.flush(Duration.ofSeconds(30))) {
                    System.out.println(first + 4);
                }
            }
        } catch (JournalException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}

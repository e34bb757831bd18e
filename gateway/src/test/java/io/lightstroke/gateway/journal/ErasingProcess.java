package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that says {@code o} once its journal is open, and erases a person. */
final class ErasingProcess {
    private ErasingProcess() {}

    static Process start(Path folder, String person) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ErasingProcess.class.getName(),
                        folder.toString(),
                        person)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws JournalException, InterruptedException {
        try (Journal journal = Journal.open(Path.of(arguments[0]))) {
            System.out.print('o');
            System.out.flush();
            Journal.Erased unused = journal.erase(arguments[1]);
            journal.rewrite();
            Thread.sleep(60_000);
        }
    }
}

package io.lightstroke.gateway.replay;

import io.lightstroke.recording.ToolRecording;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** How a recording is written, told by what is in it, not by its name. */
public enum RecordingKind {
    /** Notifications in hex, see {@link Notifications}. */
    FRAMES,
    /** All that passed between a tool and its client, see {@link ToolRecording}. */
    PASSED,
    /** Times and forces, see {@link ForceCsv}. */
    CSV,
    /** A gateway's journal, or the folder in which it lies. */
    JOURNAL;

    private static final int BEGINNING = 64 * 1024;
    private static final String SQLITE = "SQLite format 3\0";
    private static final Pattern HEX = Pattern.compile("[0-9A-Fa-fxX\\s:-]+");

    /** @throws BadRecordingException when it is none of these */
    public static RecordingKind of(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "want a recording, there is no such file");
        }
        if (Files.isDirectory(file)) {
            return JOURNAL;
        }
        if (!Files.isRegularFile(file)) {
            throw new BadRecordingException("%s: want a file that can be read twice, got another".formatted(file));
        }
        byte[] beginning;
        try (InputStream in = Files.newInputStream(file)) {
            beginning = in.readNBytes(BEGINNING);
        }
        String text = new String(beginning, StandardCharsets.UTF_8);
        if (text.startsWith(SQLITE)) {
            return JOURNAL;
        }
        if (passed(file)) {
            return PASSED;
        }
        String first = null;
        BufferedReader lines = new BufferedReader(new StringReader(text));
        long number = 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String content = ForceCsv.content(line, number++);
            if (content.isEmpty()) {
                continue;
            }
            first = first == null ? content : first;
            if (content.indexOf(',') >= 0) {
                return CSV;
            } else if (HEX.matcher(content).matches()) {
                return FRAMES;
            }
        }
        throw new BadRecordingException(
                "%s: want notifications in hex, one a line, a CSV of %s, a recorded link, or a journal; got %s"
                        .formatted(
                                file,
                                ForceCsv.HEADER,
                                first == null
                                        ? "nothing"
                                        : "'%s'".formatted(first.substring(0, Math.min(40, first.length())))));
    }

    private static boolean passed(Path file) throws IOException {
        try (BufferedReader lines = ToolRecording.open(file)) {
            String line = lines.readLine();
            return line != null && ToolRecording.begins(line);
        }
    }
}

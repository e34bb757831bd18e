package io.lightstroke.recording;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** All that passed between one tool and its client, in the order of the file. */
public record ToolRecording(Header header, List<Passed> passed) {
    private static final String VERSION = "lightstroke_recording";
    private static final int GZIP_MAGIC = 0x1F8B;

    /**
     * The first line.
     *
     * @param address of the tool, upper case with colons
     * @param name in its advertising data, null when it is not known
     * @param link over which it was recorded
     */
    public record Header(String address, @Nullable String name, String link, Instant began) {
        public static final int FORMAT = 1;

        private static final DateTimeFormatter IN_NAMES =
                DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

        /** A name for its file, packed: of the tool's address and the time. */
        public String fileName() {
            return "%s-%s.jsonl.gz".formatted(address.replace(':', '-'), IN_NAMES.format(began));
        }

        /** The line, without its end. */
        public String json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put(VERSION, FORMAT)
                    .put("address", address)
                    .put("name", name)
                    .put("link", link)
                    .put("began", Json.timeText(began));
            ObjectNode characteristics = json.putObject("characteristics");
            Gatt.TABLE.forEach(row -> characteristics.put(row.name(), row.uuid().toString()));
            return json.toString();
        }

        /** @throws MalformedFrameException what is wrong with the line */
        public static Header parse(String line) throws MalformedFrameException {
            JsonNode json = Passed.object(line);
            if (json.path(VERSION).asInt() != FORMAT) {
                throw new MalformedFrameException("%s: want %d, got %s".formatted(VERSION, FORMAT, json.path(VERSION)));
            }
            String address = json.path("address").asText();
            if (!address.matches("(?:[0-9A-F]{2}:){5}[0-9A-F]{2}")) {
                throw new MalformedFrameException(
                        "address: want one like 02:4C:53:00:00:01, got '%s'".formatted(address));
            }
            try {
                return new Header(
                        address,
                        json.path("name").textValue(),
                        json.path("link").asText(),
                        Instant.parse(json.path("began").asText()));
            } catch (DateTimeParseException e) {
                throw new MalformedFrameException("began: want a time like 2026-03-01T09:30:00Z, got '%s'"
                        .formatted(json.path("began").asText()));
            }
        }
    }

    public ToolRecording {
        passed = List.copyOf(passed);
    }

    /** Whether a recording begins with this line. */
    public static boolean begins(String line) {
        return line.startsWith("{") && line.contains('"' + VERSION + '"');
    }

    /**
     * Of a file, packed or not; a last line that was cut off is left out.
     *
     * @throws FileSystemException saying which line is wrong and why
     */
    public static ToolRecording read(Path file) throws IOException {
        List<Passed> passed = new ArrayList<>();
        try (BufferedReader lines = open(file)) {
            String line = lines.readLine();
            long number = 1;
            Header header;
            String mistake = null;
            try {
                header = Header.parse(line == null ? "" : line);
                for (line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    if (mistake != null) {
                        throw new MalformedFrameException(mistake);
                    }
                    try {
                        passed.add(Passed.parse(line));
                    } catch (MalformedFrameException e) {
                        mistake = "line %d: %s".formatted(number, e.getMessage());
                    }
                }
            } catch (MalformedFrameException e) {
                throw new FileSystemException(file.toString(), null, e.getMessage());
            }
            return new ToolRecording(header, passed);
        }
    }

    /** The lines of a text that may be packed with gzip, and the packing cut off. */
    public static BufferedReader open(Path file) throws IOException {
        return text(Files.newInputStream(file));
    }

    /** The lines of a text that may be packed with gzip, and the packing cut off. */
    public static BufferedReader text(InputStream in) throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(in);
        bytes.mark(2);
        boolean packed = (bytes.read() << 8 | bytes.read()) == GZIP_MAGIC;
        bytes.reset();
        return new BufferedReader(
                new InputStreamReader(packed ? new Cut(new GZIPInputStream(bytes)) : bytes, StandardCharsets.UTF_8));
    }

    /** Ends where it was cut off. */
    private static final class Cut extends FilterInputStream {
        Cut(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            try {
                return super.read(into, from, length);
            } catch (EOFException e) {
                return -1;
            }
        }
    }
}

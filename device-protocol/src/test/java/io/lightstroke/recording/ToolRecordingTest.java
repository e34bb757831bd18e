package io.lightstroke.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines are those of docs/protocol.md. */
class ToolRecordingTest {
    private static final String HEADER = "{\"lightstroke_recording\":1,\"address\":\"02:4C:53:00:00:01\","
            + "\"name\":\"Lightstroke 1\",\"link\":\"bluez\",\"began\":\"2026-03-01T09:30:00.000000Z\",\"characteristics\":{";
    private static final List<String> LINES = List.of(
            "{\"us\":412345,\"linked\":true,\"mtu\":247}",
            "{\"us\":431002,\"read\":\"battery-level\",\"hex\":\"5a\"}",
            "{\"us\":440000,\"written\":\"control-point\",\"hex\":\"01096400\"}",
            "{\"us\":452117,\"indicated\":\"control-point\",\"hex\":\"80010901\"}",
            "{\"us\":503988,\"notified\":\"tool-info\",\"hex\":\"01\"}",
            "{\"us\":9000000,\"failed\":\"write of time-sync: the link is lost\"}",
            "{\"us\":9000001,\"unlinked\":true}");
    private static final List<Passed> PASSED = List.of(
            Passed.linked(412_345, 247),
            Passed.read(
                    431_002,
                    Gatt.named("battery-level").orElseThrow(),
                    HexFormat.of().parseHex("5a")),
            Passed.written(
                    440_000,
                    Gatt.named("control-point").orElseThrow(),
                    HexFormat.of().parseHex("01096400")),
            Passed.told(
                    452_117,
                    Gatt.named("control-point").orElseThrow(),
                    HexFormat.of().parseHex("80010901")),
            Passed.told(503_988, Gatt.named("tool-info").orElseThrow(), new byte[] {1}),
            Passed.failed(9_000_000, "write of time-sync: the link is lost"),
            Passed.unlinked(9_000_001));

    private static final ToolRecording.Header BEGAN = new ToolRecording.Header(
            "02:4C:53:00:00:01", "Lightstroke 1", "bluez", Instant.parse("2026-03-01T09:30:00Z"));

    @TempDir
    private Path folder;

    private Path written(String name) throws IOException {
        Path file = folder.resolve(name);
        try (RecordingWriter writer = new RecordingWriter(file, BEGAN)) {
            PASSED.forEach(writer::add);
        }
        return file;
    }

    @Test
    void theLinesAreThoseOfTheDocument() throws Exception {
        List<String> lines = Files.readAllLines(written("a.jsonl"));

        assertTrue(lines.get(0).startsWith(HEADER), lines.get(0));
        assertTrue(lines.get(0).contains("\"force-stream\":\"e7c90002-a63a-4263-9c72-1d8589a5f02d\""), lines.get(0));
        assertEquals(LINES, lines.subList(1, lines.size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
    void whatWasWrittenIsRead(String name) throws Exception {
        assertEquals(new ToolRecording(BEGAN, PASSED), ToolRecording.read(written(name)));
    }

    @Test
    void aPackedOneIsPacked() throws Exception {
        byte[] bytes = Files.readAllBytes(written("a.jsonl.gz"));

        assertEquals("1f8b", HexFormat.of().formatHex(bytes, 0, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
    void whereverItIsCutWhatCameBeforeIsRead(String name) throws Exception {
        byte[] whole = Files.readAllBytes(written(name));
        int before = PASSED.size();
        for (int length = whole.length; length > 0; length--) {
            Path cut = Files.write(folder.resolve("cut-" + name), Arrays.copyOf(whole, length));
            List<Passed> read;
            try {
                read = ToolRecording.read(cut).passed();
            } catch (IOException noHeader) {
                assertEquals(0, before);
                return;
            }
            assertEquals(PASSED.subList(0, read.size()), read);
            assertTrue(read.size() <= before && before - read.size() <= PASSED.size(), "more than was there");
            before = read.size();
        }
    }

    @Test
    void aBrokenLineInItsMidstIsNamed() throws Exception {
        List<String> lines = Files.readAllLines(written("a.jsonl"));
        lines.set(2, "{\"us\":1,\"read\":\"batery\",\"hex\":\"5a\"}");
        Path broken = Files.write(folder.resolve("broken.jsonl"), lines);

        FileSystemException e = assertThrows(FileSystemException.class, () -> ToolRecording.read(broken));

        assertTrue(String.valueOf(e.getReason()).startsWith("line 3: read: want one of force-stream, "), e.getReason());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|us: want microseconds, 0 or more, got nothing",
                "{'us':-1,'linked':true}|us: want microseconds, 0 or more, got -1",
                "{'us':1}|line: want one of the members linked, read, written, notified, indicated, failed, unlinked, got none",
                "{'us':1,'linked':true,'mtu':22}|mtu: want 23..65535, got 22",
                "{'us':1,'notified':'events','hex':'123'}|hex: want two digits a byte, of 4096 bytes or less, got \"123\"",
                "{'us':1,'notified':'events'}|hex: want two digits a byte, of 4096 bytes or less, got nothing",
                "[1]|line: want a JSON object, got [1]"
            })
    void whatIsWrongWithALineIsSaid(String line, String message) {
        assertEquals(
                message,
                assertThrows(MalformedFrameException.class, () -> Passed.parse(line.replace('\'', '"')))
                        .getMessage());
    }

    @Test
    void aFileThatIsThereStaysAsItIs() throws Exception {
        Path there = Files.writeString(folder.resolve("there.jsonl"), "mine");

        assertThrows(FileAlreadyExistsException.class, () -> new RecordingWriter(there, BEGAN));
        assertEquals("mine", Files.readString(there));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
    void whatPassedIsInTheFileSoonAfterwards(String name) throws Exception {
        Path file = folder.resolve(name);
        try (RecordingWriter writer = new RecordingWriter(file, BEGAN)) {
            PASSED.forEach(writer::add);

            Awaitility.await()
                    .ignoreExceptionsInstanceOf(FileSystemException.class)
                    .until(() -> ToolRecording.read(file).passed().equals(PASSED));
            assertEquals(0, writer.missed());
        }
    }

    @Test
    void aHeaderOfAnotherFormatIsRefused() throws Exception {
        Path other = Files.writeString(folder.resolve("x"), "{\"lightstroke_recording\":2}\n", StandardCharsets.UTF_8);

        assertEquals(
                "lightstroke_recording: want 1, got 2",
                assertThrows(FileSystemException.class, () -> ToolRecording.read(other))
                        .getReason());
    }
}

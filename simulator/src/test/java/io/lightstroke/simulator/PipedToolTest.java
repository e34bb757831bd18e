package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.RecordRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipedToolTest {
    private static final String ADDRESS = "02:4C:53:00:00:01";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String HELLO =
            "echo 'name Small tool'; echo 'characteristic battery-level read,notify'; echo ok";

    @TempDir
    private Path folder;

    private static final class Received implements Tool.Central {
        final Set<UUID> subscribed = Gatt.TABLE.stream()
                .map(Gatt.Characteristic::uuid)
                .collect(Collectors.toCollection(ConcurrentHashMap::newKeySet));
        final List<String> values = new ArrayList<>();
        final AtomicBoolean lost = new AtomicBoolean();

        @Override
        public void notified(UUID characteristic, byte[] value) {
            values.add(Gatt.of(characteristic).orElseThrow().name() + " "
                    + HexFormat.of().formatHex(value));
        }

        @Override
        public void lost() {
            lost.set(true);
        }
    }

    private static List<String> life(Tool tool) {
        Received received = new Received();
        tool.advanceTo(1_500_000);
        tool.connect(185, received.subscribed, received);
        tool.write(Gatt.CONTROL_POINT, ControlRequest.tare(1).encode());
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(2, 100).encode());
        tool.advanceTo(12_345_678);
        tool.write(Gatt.TIME_SYNC, HexFormat.of().parseHex("01eeffc0"));
        tool.write(Gatt.RECORD_ACCESS, RecordRequest.reportAll(Central.BOOT).encode());
        tool.advanceTo(14_000_000);
        tool.disconnect();
        tool.advanceTo(20_000_000);
        tool.connect(247, received.subscribed, received);
        tool.advanceTo(21_000_000);
        received.values.add("tool-info " + HexFormat.of().formatHex(tool.read(Gatt.TOOL_INFO)));
        tool.write(Gatt.SMP, HexFormat.of().parseHex("0a000001000005" + "05" + "a0"));
        tool.advanceTo(23_000_000);
        received.values.add(received.lost.get() ? "lost" : "linked");
        return received.values;
    }

    private PipedTool ofJava(String scenario, long seed) throws IOException {
        return PipedTool.start(
                "exec '%s' -cp '%s' %s %s %d"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                System.getProperty("java.class.path"),
                                ToolBehindPipe.class.getName(),
                                scenario,
                                seed),
                ADDRESS,
                LIMIT);
    }

    @Test
    void isTheSameBehindAPipe() throws IOException {
        List<String> direct = life(new SimulatedTool(Central.IDENTITY, Scenario.builtIn("too-deep"), 3, Central.BOOT));
        try (PipedTool tool = ofJava("too-deep", 3)) {
            assertEquals(Central.IDENTITY, tool.identity());
            assertEquals(Gatt.TABLE, tool.characteristics());
            assertEquals(direct, life(tool));
        }
        assertEquals("lost", direct.get(direct.size() - 1));
        assertTrue(direct.stream().anyMatch(value -> value.startsWith("force-stream ")));
        assertTrue(direct.stream().anyMatch(value -> value.startsWith("record-data ")));
    }

    private PipedTool ofShell(String answers) throws IOException {
        Path script = Files.writeString(folder.resolve("tool.sh"), "while read -r line; do\n" + answers + "\ndone\n");
        return PipedTool.start("exec sh " + script, ADDRESS, Duration.ofMillis(500));
    }

    /** With answers to hello, connect and time; {@code toTime} before the last one's ok. */
    private PipedTool small(String toTime) throws IOException {
        return ofShell("""
                case $line in
                hello*) %s;;
                time*) %s; echo ok;;
                read*) echo ok 55;;
                write*) echo refused 'nothing is taken';;
                *) echo ok;;
                esac""".formatted(HELLO, toTime));
    }

    @Test
    void hasWhatItDeclares() throws IOException {
        try (PipedTool tool = small(":")) {
            assertEquals("Small tool", tool.identity().name());
            assertEquals("", tool.identity().serial());
            assertEquals(
                    List.of(Gatt.BATTERY_LEVEL),
                    tool.characteristics().stream()
                            .map(Gatt.Characteristic::uuid)
                            .toList());
            assertArrayEquals(new byte[] {0x55}, tool.read(Gatt.BATTERY_LEVEL));
            String refused = assertThrows(IllegalArgumentException.class, () -> tool.read(Gatt.TOOL_INFO))
                    .getMessage();
            assertEquals("read: want a characteristic of the tool with property read, got " + Gatt.TOOL_INFO, refused);
        }
    }

    @Test
    void cutsWhatDoesNotFitTheMtuAndSendsOnlyWhatIsSubscribed() throws IOException {
        try (PipedTool tool = small("echo notify battery-level $(printf '%040d' 0); echo notify events 01")) {
            Received received = new Received();
            received.subscribed.remove(Gatt.EVENTS);
            tool.connect(23, received.subscribed, received);
            tool.advanceTo(5_000);
            assertEquals(List.of("battery-level " + "00".repeat(20)), received.values);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo what | to 'time 5000': want ok, refused, notify or lost, got 'what'",
                "echo notify forces 01 | to 'time 5000': want 'notify NAME HEX', got 'notify forces 01'",
                "echo notify events 0g | to 'time 5000': hex: want digits 0-9, a-f, got 'g' at column 2",
                "exit 3 | to 'time 5000': want an answer, but the process has ended with exit code 3",
                "sleep 9 | to 'time 5000': want an answer within 500 ms, got none",
            })
    void namesWhatIsWrongAndEndsTheLink(String does, String message) throws IOException {
        try (PipedTool tool = small(does)) {
            Received received = new Received();
            tool.connect(247, received.subscribed, received);
            String named = assertThrows(IllegalStateException.class, () -> tool.advanceTo(5_000))
                    .getMessage();
            assertEquals("the tool behind `exec sh %s`: %s".formatted(folder.resolve("tool.sh"), message), named);
            assertTrue(received.lost.get());
            assertEquals(
                    named,
                    assertThrows(IllegalStateException.class, () -> tool.connect(247, received.subscribed, received))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo characteristic force notify; echo ok | want 'characteristic NAME PROPERTY,…' with a name out of",
                "echo characteristic events notify,shout; echo ok | want 'characteristic NAME PROPERTY,…' with a name out of",
                "echo hello | to 'hello 1': want ok, refused, notify or lost, got 'hello'",
                "exit 127 | to 'hello 1': want an answer, but the process has ended with exit code 127",
            })
    void doesNotStartWithAWrongHello(String does, String message) {
        String named =
                assertThrows(IOException.class, () -> ofShell(does).close()).getMessage();
        assertTrue(named.contains(message), named);
    }

    @Test
    void aRefusedWriteChangesNothing() throws IOException {
        try (PipedTool tool = ofShell("""
                case $line in
                hello*) echo 'characteristic cue write-without-response'; echo ok;;
                write*) echo refused 'nothing is taken';;
                *) echo ok;;
                esac""")) {
            Received received = new Received();
            tool.connect(247, received.subscribed, received);
            assertThrows(IllegalArgumentException.class, () -> tool.write(Gatt.CUE, new byte[0]));
            tool.advanceTo(10_000);
            assertFalse(received.lost.get());
        }
    }
}

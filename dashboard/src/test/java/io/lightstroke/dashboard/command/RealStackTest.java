package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole command over the real Bluetooth stack: a virtual machine with Linux, BlueZ and two controllers, one of which
 * is the tool. What happens in it is in {@code src/test/vm/guest}; the machine runs once, and the tests look at what it
 * left behind.
 */
@Needs(
        value = {Program.QEMU, Program.DEBOOTSTRAP, Program.MKFS_EXT4},
        property = "lightstroke.vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealStackTest {
    private static final Path SCRIPTS = Path.of("src", "test", "vm").toAbsolutePath();
    private static final Path PACKAGED = Path.of(System.getProperty("lightstroke.packaged", "target"));
    private static final Duration IMAGE_LIMIT = Duration.ofMinutes(15);
    private static final Duration RUN_LIMIT = Duration.ofMinutes(12);

    private final Path shared = PACKAGED.resolve("vm").toAbsolutePath();
    private final Path console = PACKAGED.resolve("vm-console.log").toAbsolutePath();

    @BeforeAll
    void runTheMachine() throws Exception {
        Path image = image();
        clear();
        Files.copy(SCRIPTS.resolve("guest"), shared.resolve("guest"));
        Process machine = new ProcessBuilder(
                        Program.QEMU.path().orElseThrow().toString(),
                        // No KVM: it is missing, or hangs, where tests run in a virtual machine themselves.
                        "-accel",
                        "tcg",
                        "-cpu",
                        "qemu64",
                        "-smp",
                        "2",
                        "-m",
                        "1024",
                        "-nodefaults",
                        "-no-reboot",
                        "-display",
                        "none",
                        "-serial",
                        "stdio",
                        "-kernel",
                        image.resolve("vmlinuz").toString(),
                        "-initrd",
                        image.resolve("initrd.img").toString(),
                        "-append",
                        "console=ttyS0 quiet panic=-1 root=/dev/vda rw init=/sbin/guest-init",
                        "-drive",
                        "file=%s,format=raw,if=virtio,snapshot=on".formatted(image.resolve("disk.img")),
                        "-virtfs",
                        "local,path=%s,mount_tag=packaged,security_model=none,readonly=on"
                                .formatted(PACKAGED.toAbsolutePath()),
                        "-virtfs",
                        "local,path=%s,mount_tag=guest,security_model=none".formatted(shared))
                .redirectErrorStream(true)
                .redirectOutput(console.toFile())
                .start();
        try {
            boolean over = machine.waitFor(RUN_LIMIT.toSeconds(), TimeUnit.SECONDS);
            String said = Files.readString(console);
            said.lines().filter(line -> line.startsWith("guest ")).forEach(System.out::println);
            assertTrue(over, () -> "still running after %s; it said:%n%s".formatted(RUN_LIMIT, end(said)));
            assertTrue(Files.exists(shared.resolve("finished")), () -> "it said:%n%s".formatted(end(said)));
        } finally {
            machine.destroyForcibly();
        }
    }

    private static Path image() throws IOException, InterruptedException {
        Process making = new ProcessBuilder(SCRIPTS.resolve("make-image").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertTrue(making.waitFor(IMAGE_LIMIT.toSeconds(), TimeUnit.SECONDS), "the machine's disk is not made yet");
            String said = new String(making.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, making.exitValue(), "making the machine's disk failed; its words are above");
            return Path.of(said.strip());
        } finally {
            making.destroyForcibly();
        }
    }

    /** What an earlier run left. */
    private void clear() throws IOException {
        Files.createDirectories(shared);
        try (var files = Files.list(shared)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static String end(String said) {
        List<String> lines = said.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 150), lines.size()));
    }

    private JsonNode summary(String link) throws IOException {
        return Json.MAPPER.readTree(shared.resolve(link + ".json").toFile());
    }

    @Test
    void ofAToolThatIsNotPairedNothingIsAccepted() throws IOException {
        JsonNode summary = summary("unpaired");
        assertEquals(summary.at("/frames/received"), summary.at("/frames/refused"), summary.toString());
        assertEquals(0, summary.at("/samples/decoded").asLong(), summary.toString());
    }

    @Test
    void anotherPasskeyThanTheToolShowsMakesNoBond() throws IOException {
        String said = Files.readString(shared.resolve("wrong.log"));
        assertTrue(said.contains("org.bluez.Error.AuthenticationFailed"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tinyb", "bluez"})
    void everySampleIsThereThoughTheLinkAndBluetoothdWereLost(String link) throws IOException {
        JsonNode summary = summary(link);
        JsonNode frames = summary.get("frames");
        assertEquals(
                frames.get("received").asLong(),
                frames.get("decoded").asLong(),
                "nothing malformed, overflowed or refused: " + summary);
        JsonNode samples = summary.get("samples");
        assertEquals(
                samples.get("decoded").asLong(),
                samples.get("journaled").asLong() + samples.get("duplicate").asLong(),
                "everything kept: " + summary);
        assertTrue(samples.get("journaled").asLong() > 1500, summary.toString());
        assertEquals(0, samples.get("pending").asLong(), summary.toString());
        assertEquals(0, samples.get("lost").asLong(), summary.toString());
        JsonNode mqtt = summary.at("/sinks/mqtt");
        assertEquals(mqtt.get("journaled").asLong(), mqtt.get("delivered").asLong(), summary.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tinyb", "bluez"})
    void theGatewayFillsTheGapsFromTheStoreAndCues(String link) throws IOException {
        String log = Files.readString(shared.resolve("gateway-%s.log".formatted(link)));
        assertTrue(log.contains("samples from the tool's store"), log);
        assertTrue(summary(link).get("cues").asLong() > 0, summary(link).toString());
    }
}

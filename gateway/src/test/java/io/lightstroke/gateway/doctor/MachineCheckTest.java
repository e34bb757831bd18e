package io.lightstroke.gateway.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineCheckTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatIsYetToBeMadeIsFine() throws IOException {
        Finding finding = find(folder.resolve("a/b"), Program.freePort(), "data folder");

        assertTrue(finding.seen().contains("(not there yet): writable"), finding.seen());
        assertTrue(finding.level() != Finding.Level.FIX, finding.seen());
    }

    @Test
    void aFileInItsPlaceMustGo() throws IOException {
        Path file = Files.createFile(folder.resolve("data"));
        Finding finding = find(file.resolve("deeper"), Program.freePort(), "data folder");

        assertEquals(Finding.Level.FIX, finding.level());
        assertTrue(finding.seen().contains("want a folder, " + file + " is a file"), finding.seen());
    }

    @Test
    void theDiskOfTheFolderCounts() throws IOException {
        // On Linux a file system without room, on which nothing can be made.
        Path proc = Path.of("/proc");
        if (Files.isDirectory(proc)) {
            assertEquals(
                    Finding.Level.FIX,
                    find(proc.resolve("data"), Program.freePort(), "data folder")
                            .level());
        }
    }

    @Test
    void aPortInUseIsSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            Finding finding = find(folder, port, "port " + port);

            assertEquals(Finding.Level.WARN, finding.level());
            assertEquals("ss -ltnp 'sport = :%d'".formatted(port), finding.run());
        }
        int free = Program.freePort();
        assertEquals(Finding.Level.OK, find(folder, free, "port " + free).level());
    }

    @ParameterizedTest
    @CsvSource({"yes, OK", "no, WARN", "'', WARN", "nonsense, WARN"})
    void aClockThatNobodyKeepsIsSaid(String synchronised, Finding.Level level) {
        Finding finding = MachineCheck.clock(synchronised);

        assertEquals(level, finding.level());
        assertEquals(
                synchronised.equals("no"), String.valueOf(finding.run()).startsWith("sudo timedatectl set-ntp true"));
    }

    private static Finding find(Path data, int port, String what) {
        return new MachineCheck(data, port)
                .run().stream()
                        .filter(finding -> finding.what().equals(what))
                        .findFirst()
                        .orElseThrow();
    }
}

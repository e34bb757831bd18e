package io.lightstroke.gateway.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What everything needs, simulated tools included: Java, a place for the data, a free port, the right
 * time.
 *
 * @param dataFolder where the journal is or will be
 * @param port of the page, on loopback
 */
public record MachineCheck(Path dataFolder, int port) {
    private static final int OLDEST_JAVA = 17;
    private static final long MIB = 1L << 20;
    private static final long FREE_AT_LEAST = 100 * MIB;
    private static final long FREE_COMFORTABLY = 1024 * MIB;

    public List<Finding> run() {
        return List.of(java(), data(), port(port), clock(clockSynchronised()));
    }

    private static Finding java() {
        Runtime.Version version = Runtime.version();
        String seen = "%s, %s".formatted(version, System.getProperty("java.vendor"));
        return version.feature() >= OLDEST_JAVA
                ? Finding.ok("Java", seen)
                : Finding.fix(
                        "Java",
                        seen + "; want %d or newer".formatted(OLDEST_JAVA),
                        "sudo apt-get install openjdk-17-jdk");
    }

    /**
     * Each sample is kept and sent with this machine's time.
     *
     * @param synchronised what timedatectl says; empty when it says nothing
     */
    static Finding clock(String synchronised) {
        String what = "clock";
        return switch (synchronised) {
            case "yes" -> Finding.ok(what, "kept by a time server");
            case "no" ->
                Finding.warn(
                        what,
                        "not kept by a time server, so times may be wrong or jump",
                        "sudo timedatectl set-ntp true   # and apt-get install systemd-timesyncd where it is missing");
            default -> Finding.warn(what, "not known whether a time server keeps it", "date -u   # compare it");
        };
    }

    /** Whether a time server keeps the clock: {@code yes}, {@code no}, or empty when the machine does not say. */
    public static String clockSynchronised() {
        try {
            Process process = new ProcessBuilder("timedatectl", "show", "-p", "NTPSynchronized", "--value")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private Finding data() {
        String what = "data folder";
        Path folder = dataFolder.toAbsolutePath();
        Path existing = folder;
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        String name = existing.equals(folder) ? folder.toString() : folder + " (not there yet)";
        if (!Files.isDirectory(existing)) {
            return Finding.fix(what, "%s: want a folder, %s is a file".formatted(name, existing), "ls -ld " + existing);
        }
        if (!Files.isWritable(existing)) {
            return Finding.fix(
                    what,
                    "%s: %s may not write in %s".formatted(name, System.getProperty("user.name"), existing),
                    "sudo install -d -o \"$USER\" " + folder);
        }
        long free;
        try {
            free = Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            return Finding.warn(
                    what, "%s: free space is not known: %s".formatted(name, e.getMessage()), "df -h " + existing);
        }
        String seen = "%s: writable, %d MiB free".formatted(name, free / MIB);
        if (free < FREE_AT_LEAST) {
            return Finding.fix(what, seen + ", want %d".formatted(FREE_AT_LEAST / MIB), "df -h " + existing);
        }
        return free < FREE_COMFORTABLY
                ? Finding.warn(what, seen + ", better %d".formatted(FREE_COMFORTABLY / MIB), "df -h " + existing)
                : Finding.ok(what, seen);
    }

    private static Finding port(int port) {
        String what = "port " + port;
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return Finding.ok(what, "free on " + socket.getInetAddress().getHostAddress());
        } catch (IOException e) {
            return Finding.warn(
                    what,
                    "not free, the page may be running already: " + e.getMessage(),
                    "ss -ltnp 'sport = :%d'".formatted(port));
        }
    }
}

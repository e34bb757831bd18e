package io.lightstroke.simulator.bluez;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A {@code dbus-daemon} of our own, on which anyone may own and call anything. It ends with this process, however that
 * ends. Clients through GLib end their process (SIGTERM) when their bus goes away.
 */
public final class PrivateBus implements AutoCloseable {
    /** Runs the daemon until its standard input ends, then removes the folder, which is {@code $0}. */
    private static final String SCRIPT = """
            trap '' INT
            dbus-daemon --config-file="$0/bus.conf" --nofork --nopidfile --print-address &
            exec >&-
            read -r end
            kill $!
            wait
            rm -r "$0"
            """;

    private final Path folder;
    private final String address;
    private Process shell;

    private PrivateBus(Path folder, String address) throws IOException {
        this.folder = folder;
        this.address = address;
        shell = listen();
    }

    /** Starts one at a socket in its own temporary folder. */
    public static PrivateBus start() throws IOException {
        Path folder = Files.createTempDirectory("lightstroke-bus");
        return new PrivateBus(folder, "unix:path=" + folder.resolve("socket"));
    }

    /**
     * Starts one at a given address.
     *
     * @param address as D-Bus writes it, for example {@code unix:path=/tmp/a.bus}
     */
    public static PrivateBus start(String address) throws IOException {
        return new PrivateBus(Files.createTempDirectory("lightstroke-bus"), address);
    }

    private Process listen() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("bus.conf"), configuration(address));
        Path said = folder.resolve("said");
        Process started = new ProcessBuilder("sh", "-c", SCRIPT, folder.toString())
                .redirectError(said.toFile())
                .start();
        // The daemon says its address when it listens, and nothing when it cannot.
        String listening =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (listening == null) {
            String error = Files.readString(said).strip();
            end(started);
            throw new IOException(
                    "dbus-daemon (on Debian and Ubuntu in the package dbus-daemon, before 2022 in dbus) does not start on %s; it said: %s"
                            .formatted(address, error));
        }
        return started;
    }

    private static String configuration(String address) {
        return """
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig>
                  <listen>%s</listen>
                  <auth>EXTERNAL</auth>
                  <policy context="default">
                    <allow user="*"/>
                    <allow own="*"/>
                    <allow send_destination="*" eavesdrop="true"/>
                    <allow eavesdrop="true"/>
                  </policy>
                </busconfig>
                """.formatted(address.replace("&", "&amp;").replace("<", "&lt;"));
    }

    /** For {@code DBUS_SYSTEM_BUS_ADDRESS}. */
    public String address() {
        return address;
    }

    /** The daemon dies at once, as by SIGKILL; every client loses the bus. */
    public void kill() {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        end(shell);
    }

    /** After {@link #kill()}: a new daemon at the same address. */
    public void startAgain() throws IOException {
        shell = listen();
    }

    @Override
    public void close() {
        end(shell);
    }

    private static void end(Process shell) {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(5, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (IOException e) {
            shell.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

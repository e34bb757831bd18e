package io.lightstroke.testing;

import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Real programs that tests start themselves; each is a package of Debian and Ubuntu. */
public enum Program {
    MOSQUITTO("mosquitto"),
    MOSQUITTO_PASSWD("mosquitto_passwd"),
    MOSQUITTO_SUB("mosquitto_sub"),
    INFLUXD("influxd"),
    INFLUX("influx"),
    VICTORIA_METRICS("victoria-metrics"),
    DBUS_DAEMON("dbus-daemon"),
    CHROMIUM("chromium"),
    QEMU("qemu-system-x86_64"),
    DEBOOTSTRAP("debootstrap"),
    MKFS_EXT4("mkfs.ext4"),
    NODE("node"),
    NPM("npm"),
    PYTHON3("python3"),
    MVN("mvn");

    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/bin", "/sbin");

    private final String file;

    Program(String file) {
        this.file = file;
    }

    /** Where Debian puts it, or else on the path. */
    public Optional<Path> path() {
        return Stream.concat(
                        FOLDERS.stream(), Arrays.stream(System.getenv("PATH").split(File.pathSeparator)))
                .map(folder -> Path.of(folder, file))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts it with its output in {@code folder}; the test closes what it started. */
    public Running start(Path folder, String... arguments) throws IOException {
        return start(folder, Map.of(), arguments);
    }

    /** @param environment beside that of the test */
    public Running start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(path().orElseThrow(() -> new IllegalStateException(file + " is not installed"))
                .toString());
        command.addAll(Arrays.asList(arguments));
        Path output = folder.resolve(file + ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        return new Running(builder.start(), output);
    }

    /** Below those that a system gives to connections: one that is free between two starts of a server stays so. */
    public static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // taken
            }
        }
    }

    @Override
    public String toString() {
        return file;
    }

    /** A started program. */
    public record Running(Process process, Path output) implements AutoCloseable {
        /** Waits until something listens on the loopback port. */
        public Running awaitPort(int port, Duration limit) throws IOException, InterruptedException {
            long end = System.nanoTime() + limit.toNanos();
            while (true) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                    return this;
                } catch (IOException e) {
                    if (!process.isAlive() || System.nanoTime() > end) {
                        String said = Files.readString(output);
                        close();
                        throw new IOException("nothing listens on port " + port + "; it said:\n" + said, e);
                    }
                    Thread.sleep(20);
                }
            }
        }

        /** SIGKILL. */
        public void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** SIGTERM, and SIGKILL after 10 s. */
        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}

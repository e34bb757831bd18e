package io.lightstroke.dashboard.command;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that a bench starts for itself, on a free loopback port and with a folder of its own. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin");

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** @throws IOException with what to install, when one is missing */
    static void require(String... programs) throws IOException {
        for (String program : programs) {
            find(program);
        }
    }

    private static Path find(String program) throws IOException {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), FOLDERS.stream())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() ->
                        new IOException("want the program %s, found none. On Debian or Ubuntu: sudo apt-get install %s"
                                .formatted(program, program.equals("influxd") ? "influxdb" : program)));
    }

    /** Without a password; what it has it keeps in memory. */
    static ServerProcess mosquitto(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        int port = freePort();
        Path config = Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                max_queued_messages 0
                """.formatted(port));
        return start(folder, port, "mosquitto", "-c", config.toString());
    }

    /** InfluxDB 1.x. */
    static ServerProcess influxd(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        int port = freePort();
        Path config = Files.writeString(folder.resolve("influxdb.conf"), """
                reporting-disabled = true
                bind-address = "127.0.0.1:%d"
                [meta]
                  dir = "%s"
                [data]
                  dir = "%s"
                  wal-dir = "%s"
                [http]
                  bind-address = "127.0.0.1:%d"
                  log-enabled = false
                """.formatted(
                        freePort(), folder.resolve("meta"), folder.resolve("data"), folder.resolve("wal"), port));
        return start(folder, port, "influxd", "-config", config.toString());
    }

    private static ServerProcess start(Path folder, int port, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(find(program).toString()));
        command.addAll(List.of(arguments));
        Path said = folder.resolve(program + ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        ServerProcess server = new ServerProcess(process, port);
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (!server.listens()) {
            if (!process.isAlive() || System.nanoTime() - endNanos > 0) {
                server.close();
                throw new IOException("%s does not start; it said: %s"
                        .formatted(program, Files.readString(said).strip()));
            }
            Thread.sleep(20);
        }
        return server;
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    /** User and system time so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** SIGTERM, and SIGKILL after 10 s. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

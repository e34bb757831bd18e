package io.lightstroke.gateway.sink;

import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A mosquitto on a port of its own. */
public final class Mosquitto {
    static {
        // Paho's receiving thread may end with a NullPointerException once its client is closed.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    private final Path folder;
    private final int port;

    /** @param lines of its configuration beside the listener */
    public Mosquitto(Path folder, String... lines) throws IOException {
        this.folder = folder;
        this.port = Program.freePort();
        String own = "listener %d 127.0.0.1\nuser %s\n".formatted(port, System.getProperty("user.name"));
        Files.writeString(folder.resolve("mosquitto.conf"), own + String.join("\n", lines) + "\n");
    }

    public Program.Running start() throws IOException, InterruptedException {
        return Program.MOSQUITTO
                .start(folder, "-c", folder.resolve("mosquitto.conf").toString())
                .awaitPort(port, Duration.ofSeconds(20));
    }

    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    MqttServer server() {
        return new MqttServer(url(), null, null, null);
    }
}

package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way with real parts: stand-in for BlueZ, dbus-daemon, TinyB, mosquitto, influxd. */
@Needs({Program.DBUS_DAEMON, Program.MOSQUITTO, Program.MOSQUITTO_SUB, Program.INFLUXD})
class DemoOverBluetoothTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void everySampleArrivesInInfluxAndEveryTopicAtASubscriber() throws Exception {
        int port = Program.freePort();
        try (Program.Running mosquitto = Program.MOSQUITTO
                        .start(folder, "-p", Integer.toString(port))
                        .awaitPort(port, Duration.ofSeconds(10));
                Influx influx = new Influx(folder.resolve("influx"));
                Program.Running subscriber = Program.MOSQUITTO_SUB.start(
                        folder,
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-V",
                        "5",
                        "-t",
                        "lightstroke/#",
                        "-F",
                        "%t");
                MqttSubscriber world = new MqttSubscriber("tcp://127.0.0.1:" + port, null, null, "lightstroke/v1/#");
                CommandProcess demo = new CommandProcess(
                        folder,
                        "demo",
                        "--via",
                        "tinyb",
                        "--scenario",
                        "too-deep",
                        "--mqtt",
                        "tcp://127.0.0.1:" + port,
                        "--influx",
                        influx.url(),
                        "--for",
                        "15s",
                        "--json",
                        "--port",
                        "0",
                        "--data",
                        "data")) {
            assertEquals(0, demo.awaitExit(120), demo.err());
            JsonNode summary = DemoTest.lawfulSummary(demo);
            long journaled = summary.at("/samples/journaled").asLong();
            assertEquals(3000, summary.at("/samples/decoded").asLong(), 60, summary.toString());
            assertEquals(0, summary.at("/samples/duplicate").asLong(), summary.toString());
            assertEquals(2, summary.get("sinks").size(), summary.toString());
            assertEquals(
                    journaled,
                    influx.rows("select count(\"index\") from force")
                            .path(0)
                            .path(1)
                            .asLong());

            List<String> topics = Files.readAllLines(subscriber.output());
            String root = "lightstroke/v1/home/demo/";
            assertTrue(topics.contains(root + "status"), topics.toString());
            for (String leaf : List.of("status", "info", "live", "samples", "stroke", "alert")) {
                assertTrue(
                        Stream.of("tool-1", "tool-2")
                                .anyMatch(tool -> topics.contains(root + "tool/" + tool + "/" + leaf)),
                        leaf + " in " + topics.stream().distinct().toList());
            }
        }
    }
}

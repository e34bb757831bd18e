package io.lightstroke.gateway.junit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.testing.LeftOut;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.NpmPackage;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/clients, each as a reader starts it, beside a gateway with two tools. */
@Needs({Program.NODE, Program.NPM, Program.PYTHON3})
@LightstrokeGateway(tools = 2, scenario = "too-deep")
class ClientsTest {
    private static final NpmPackage MQTT = new NpmPackage("mqtt", "5.16.0");
    private static final Path CLIENTS = Path.of("..", "docs", "clients").toAbsolutePath();
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final Map<String, String> environment;
    private final Messages published;

    ClientsTest(RunningGateway gateway) {
        URI broker = URI.create(gateway.brokerUrl());
        environment = Map.of(
                "LIGHTSTROKE_HOST", broker.getHost(),
                "LIGHTSTROKE_PORT", Integer.toString(broker.getPort()),
                "LIGHTSTROKE_USER", gateway.user(),
                "LIGHTSTROKE_PASSWORD", gateway.password(),
                "LIGHTSTROKE_TOOL", gateway.topics().root() + "/tool/tool-2");
        published = gateway.messages("tool/+/+");
    }

    @BeforeEach
    void toolsStream(RunningGateway gateway) throws InterruptedException {
        gateway.awaitStreaming();
    }

    @Test
    void inPython() throws Exception {
        String python = Program.PYTHON3.path().orElseThrow().toString();
        try (Program.Running paho = start("paho", python, "-c", "import paho.mqtt.client")) {
            if (paho.process().waitFor() != 0) {
                LeftOut.because("python3 has no paho-mqtt", Files.readString(paho.output()));
            }
        }
        watchesAndAsks(List.of(python, "watch.py"), List.of(python, "ask.py"));
    }

    @Test
    void inJavaScript() throws Exception {
        Path modules = MQTT.installed(folder).getParent();
        Path link = Files.createSymbolicLink(folder.resolve("node_modules"), modules);
        String node = Program.NODE.path().orElseThrow().toString();
        try {
            watchesAndAsks(List.of(node, "watch.mjs"), List.of(node, "ask.mjs"));
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void inJava() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String libraries = System.getProperty("java.class.path");
        watchesAndAsks(List.of(java, "-cp", libraries, "Watch.java"), List.of(java, "-cp", libraries, "Ask.java"));
    }

    private void watchesAndAsks(List<String> watch, List<String> ask) throws Exception {
        for (String file : List.of(watch.get(watch.size() - 1), ask.get(ask.size() - 1))) {
            Files.copy(CLIENTS.resolve(file), folder.resolve(file)); // node looks for its modules beside the file
        }
        saysThatItIsRefused("watch", watch);
        saysThatItIsRefused("ask", ask);
        try (Program.Running watching = start("watch", watch.toArray(String[]::new));
                Program.Running asking = start("ask", ask.toArray(String[]::new))) {
            assertTrue(asking.process().waitFor(LONG.toSeconds(), TimeUnit.SECONDS), "it waits for the answer still");
            assertEquals(
                    "{\"v\":1,\"ok\":true}", Files.readString(asking.output()).strip());
            await("a stroke and an alert of each tool").atMost(LONG).until(() -> {
                List<String> lines = lines(watching);
                return lines.stream().anyMatch(line -> line.contains(" tool-1 stroke "))
                        && lines.stream().anyMatch(line -> line.contains(" tool-2 stroke "))
                        && lines.stream().anyMatch(line -> line.contains(" tool-1 alert "))
                        && lines.stream().anyMatch(line -> line.contains(" tool-2 alert "));
            });
            for (String line : lines(watching)) {
                published.await(message -> plain(line).equals(plain(asLine(message))));
            }
        }
    }

    private void saysThatItIsRefused(String name, List<String> command) throws Exception {
        String[] env = {"env", "LIGHTSTROKE_PASSWORD=wrong"};
        String[] wrong = Stream.concat(Arrays.stream(env), command.stream()).toArray(String[]::new);
        try (Program.Running refused = start(name + "-refused", wrong)) {
            await(name + " says that it is refused")
                    .atMost(LONG)
                    .until(() -> Files.readString(refused.output())
                            .toLowerCase(Locale.ROOT)
                            .matches("(?s).*(not authori[sz]ed|bad user name or password).*"));
        }
    }

    /** JavaScript writes 7 where others write 7.0. */
    private static String plain(String line) {
        return line.replaceAll("\\.0(?= [Ns])", "");
    }

    private static List<String> lines(Program.Running program) throws IOException {
        String text = Files.readString(program.output());
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static String asLine(Messages.Message message) {
        String[] levels = message.topic().split("/");
        JsonNode json = message.json();
        return "%s %s %s %s"
                .formatted(
                        json.path("time").asText(),
                        levels[5],
                        levels[6],
                        levels[6].equals("stroke")
                                ? "%s N, %s s".formatted(json.get("peak_N"), json.get("duration_s"))
                                : json.path("kind").asText() + " "
                                        + json.path("phase").asText());
    }

    private Program.Running start(String name, String... command) throws IOException {
        Path output = folder.resolve(name + ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return new Program.Running(builder.start(), output);
    }
}

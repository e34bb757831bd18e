package io.lightstroke.gateway.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.sink.MqttConnection.Message;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access list that docs/mqtt.md gives, in a real mosquitto with TLS and passwords. */
@Needs({Program.MOSQUITTO, Program.MOSQUITTO_PASSWD})
class MosquittoAccessListTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "gateway-1");
    private static final String ROOT = "lightstroke/v1/home/gateway-1/";
    private static final String TARE = ROOT + "tool/left/cmd/tare";

    @TempDir
    Path folder;

    private Program.Running broker;
    private String url;
    private Path authority;
    private final List<MqttConnection> connections = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        String docs = Files.readString(Path.of("..", "docs", "mqtt.md"));
        Matcher block = Pattern.compile("```acl\\n(.*?)```", Pattern.DOTALL).matcher(docs);
        assertTrue(block.find(), "docs/mqtt.md has the list");
        Path acl = Files.writeString(folder.resolve("acl"), block.group(1));
        Path passwords = folder.resolve("passwords");
        Files.createFile(passwords);
        for (String user : List.of("gateway-1", "eva", "grafana", "homeassistant", "nobody")) {
            try (Program.Running made =
                    Program.MOSQUITTO_PASSWD.start(folder, "-b", passwords.toString(), user, password(user))) {
                assertEquals(0, made.process().waitFor());
            }
        }
        Certificates certificates = new Certificates(folder, "authority");
        authority = certificates.authority();
        Path own = certificates.issue("broker", "-ext", "san=IP:127.0.0.1");
        Mosquitto mosquitto = new Mosquitto(
                folder,
                "allow_anonymous false",
                "password_file " + passwords,
                "acl_file " + acl,
                "certfile " + own,
                "keyfile " + Certificates.key(own));
        url = mosquitto.url().replace("tcp:", "ssl:");
        broker = mosquitto.start();
    }

    @AfterEach
    void stop() {
        connections.forEach(MqttConnection::close);
        broker.close();
    }

    private static String password(String user) {
        return "password-of-" + user;
    }

    private MqttServer server(String user) {
        return new MqttServer(url, user, password(user), authority);
    }

    @Test
    void theGatewayAndWhoTreatsGetAlong() throws Exception {
        HomeAssistant homeAssistant = new HomeAssistant("homeassistant", TOPICS, "1.2.3", List.of("left"));
        List<String> heard = new CopyOnWriteArrayList<>();
        try (CommandListener listener = new CommandListener(
                        server("gateway-1"), TOPICS, (tool, name, payload) -> CommandAnswer.done(null, null));
                LivePublisher live = new LivePublisher(server("gateway-1"), TOPICS, "1.2.3", homeAssistant);
                MqttSink sink = new MqttSink(server("gateway-1"), TOPICS)) {
            await().atMost(LIMIT).until(listener::listening);
            MqttConnection eva = connect("eva");
            assertEquals(null, eva.subscribe("lightstroke/v1/home/#", (topic, message) -> heard.add(topic)));
            assertEquals(Delivery.COMPLETE, sink.deliver(List.of(new Numbered(1, Entries.row("left", 0)))));
            try (MqttCommander commander = new MqttCommander(server("eva"), "answers/eva/1")) {
                assertTrue(commander.ask(TARE, "{}").get("ok").booleanValue());
            }
            await().atMost(LIMIT)
                    .until(() -> heard.containsAll(List.of(ROOT + "status", ROOT + "tool/left/samples", TARE)));
            await().atMost(LIMIT).until(() -> live.problem().isEmpty());
            // Home Assistant hears of the tool, and once more when it has started.
            List<String> announced = new CopyOnWriteArrayList<>();
            MqttConnection home = connect("homeassistant");
            assertEquals(
                    null, home.subscribe("homeassistant/device/+/config", (topic, message) -> announced.add(topic)));
            await().atMost(LIMIT).until(() -> announced.size() == 1);
            home.publish(new Message("homeassistant/status", "online".getBytes(UTF_8), 1, false, 0), refusal -> {});
            await().atMost(LIMIT).until(() -> announced.size() == 2);
        }
    }

    @Test
    void whoMayNotSendCommandsGetsNowhere() throws Exception {
        List<String> done = new CopyOnWriteArrayList<>();
        try (CommandListener listener = new CommandListener(server("gateway-1"), TOPICS, (tool, name, payload) -> {
            done.add(name);
            return CommandAnswer.done(null, null);
        })) {
            await().atMost(LIMIT).until(listener::listening);
            for (String user : List.of("grafana", "nobody", "gateway-1")) {
                MqttConnection connection = connect(user);
                assertEquals(user.equals("gateway-1"), publish(connection, TARE).isEmpty(), user);
            }
            // The gateway may publish below its own root, so it may command itself.
            await().atMost(LIMIT).until(() -> !done.isEmpty());
            assertEquals(List.of("tare"), done);
        }
        SinkException wrong = assertThrows(
                SinkException.class,
                () -> MqttConnection.open(
                        new MqttServer(url, "eva", "guessed", authority), "guest", null, Patience.USUAL));
        assertTrue(
                wrong.getMessage().contains("password is wrong")
                        || wrong.getMessage().contains("not authorised"),
                wrong.getMessage());
        assertThrows(
                SinkException.class,
                () -> MqttConnection.open(new MqttServer(url, null, null, authority), "guest", null, Patience.USUAL));
    }

    @Test
    void nobodyPublishesWhatIsNotTheirs() throws Exception {
        MqttConnection gateway = connect("gateway-1");
        MqttConnection eva = connect("eva");
        MqttConnection grafana = connect("grafana");
        for (String topic : List.of(
                "lightstroke/v1/home/gateway-2/status",
                "lightstroke/v1/away/gateway-1/status",
                "homeassistant/status",
                "anything")) {
            assertRefused(gateway, topic);
        }
        for (String topic : List.of(
                ROOT + "status",
                ROOT + "tool/left/samples",
                "answers/eva/1",
                "answers/grafana/1",
                "lightstroke/v1/away/gateway-1/tool/left/cmd/tare",
                "homeassistant/device/x/config")) {
            assertRefused(eva, topic);
        }
        for (String topic : List.of(ROOT + "status", TARE, "answers/grafana/1")) {
            assertRefused(grafana, topic);
        }
    }

    @Test
    void nobodyReadsWhatIsNotTheirs() throws Exception {
        MqttConnection eva = connect("eva");
        List<String> byGrafana = new CopyOnWriteArrayList<>();
        List<String> byGateway = new CopyOnWriteArrayList<>();
        MqttConnection grafana = connect("grafana");
        // mosquitto accepts the subscription, and passes on only what the list allows.
        var unused = grafana.subscribe("#", (topic, message) -> byGrafana.add(topic));
        MqttConnection gateway = connect("gateway-1");
        var unusedToo = gateway.subscribe("#", (topic, message) -> byGateway.add(topic));

        assertEquals(Optional.empty(), publish(eva, TARE));
        assertEquals(Optional.empty(), publish(gateway, "answers/eva/1"));
        assertEquals(Optional.empty(), publish(gateway, ROOT + "tool/left/alert"));
        await().atMost(LIMIT).until(() -> !byGrafana.isEmpty() && !byGateway.isEmpty());
        assertEquals(List.of(ROOT + "tool/left/alert"), byGrafana);
        assertEquals(List.of(TARE), byGateway);
    }

    private MqttConnection connect(String user) throws Exception {
        MqttConnection connection =
                MqttConnection.open(server(user), "test-" + user + connections.size(), null, Patience.USUAL);
        connections.add(connection);
        return connection;
    }

    private static void assertRefused(MqttConnection connection, String topic) throws Exception {
        String words = publish(connection, topic).orElse("accepted");
        assertTrue(words.contains("not authorised"), topic + ": " + words);
    }

    /** Why it was refused; empty: accepted. */
    private static Optional<String> publish(MqttConnection connection, String topic) throws Exception {
        AtomicReference<Optional<String>> words = new AtomicReference<>();
        Message message = new Message(topic, "{}".getBytes(UTF_8), 1, false, 0);
        connection.publish(
                message, refusal -> words.set(Optional.ofNullable(refusal).map(MqttConnection.Refusal::words)));
        connection.awaitAll();
        assertNotNull(words.get());
        return words.get();
    }
}

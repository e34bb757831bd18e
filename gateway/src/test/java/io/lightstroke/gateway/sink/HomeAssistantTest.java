package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.sink.MqttSubscriber.Received;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.MOSQUITTO)
class HomeAssistantTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String ROOT = "lightstroke/v1/home/room/";
    private static final String LEFT = "homeassistant/device/lightstroke_home_room_left/config";
    private static final HomeAssistant BOTH =
            new HomeAssistant("homeassistant", TOPICS, "1.2.3", List.of("left", "right"));

    // What Home Assistant's documentation names, of what is used here: it refuses a device with any other key at its
    // top.
    private static final Set<String> OF_CONFIG =
            Set.of("device", "origin", "components", "availability", "availability_mode", "state_topic", "qos");
    private static final Set<String> OF_DEVICE = Set.of(
            "identifiers", "name", "manufacturer", "model", "serial_number", "sw_version", "hw_version", "via_device");
    private static final Set<String> OF_ENTITY = Set.of(
            "platform",
            "unique_id",
            "name",
            "state_topic",
            "value_template",
            "device_class",
            "entity_category",
            "expire_after",
            "enabled_by_default",
            "availability");
    private static final Set<String> OF_SENSOR =
            Set.of("unit_of_measurement", "state_class", "options", "suggested_display_precision");

    @TempDir
    Path folder;

    private Mosquitto mosquitto;
    private Program.Running broker;
    private MqttSubscriber subscriber;

    @BeforeEach
    void start() throws Exception {
        mosquitto = new Mosquitto(folder, "allow_anonymous true");
        broker = mosquitto.start();
        subscriber = new MqttSubscriber(mosquitto.url(), null, null, "homeassistant/#");
    }

    @AfterEach
    void stop() {
        subscriber.close();
        broker.close();
    }

    @Test
    void eachToolIsAnnouncedAsADeviceWithItsEntities() throws Exception {
        try (LivePublisher publisher = publisher(BOTH)) {
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 2);
            Received message = subscriber.received(LEFT).get(0);
            assertTrue(message.retained());
            JsonNode config = Json.MAPPER.readTree(message.text());
            assertTrue(OF_CONFIG.containsAll(names(config)), names(config).toString());
            assertTrue(OF_DEVICE.containsAll(names(config.get("device"))));
            assertEquals(
                    "lightstroke_home_room_left",
                    config.at("/device/identifiers/0").textValue());
            assertEquals("Lightstroke", config.at("/origin/name").textValue());
            assertEquals("all", config.get("availability_mode").textValue());
            assertEquals(ROOT + "status", config.at("/availability/0/topic").textValue());
            assertEquals(
                    ROOT + "tool/left/status",
                    config.at("/availability/1/topic").textValue());

            JsonNode components = config.get("components");
            assertEquals(
                    Set.of("link", "battery", "zone", "force", "peak", "over-pressure", "session", "strokes"),
                    names(components));
            Set<String> ids = new HashSet<>();
            for (JsonNode entity : components) {
                Set<String> allowed = new TreeSet<>(OF_ENTITY);
                if (entity.get("platform").textValue().equals("sensor")) {
                    allowed.addAll(OF_SENSOR);
                } else {
                    assertEquals("binary_sensor", entity.get("platform").textValue());
                }
                assertTrue(allowed.containsAll(names(entity)), entity.toString());
                assertTrue(ids.add(entity.get("unique_id").textValue()));
                // An enumeration has neither unit nor statistics.
                assertTrue(!entity.has("options") || !entity.has("state_class"), entity.toString());
            }
            assertEquals(
                    Json.MAPPER.readTree("[\"none\",\"light\",\"moderate\",\"firm\",\"too-deep\",\"ceiling\"]"),
                    components.at("/zone/options"));
            assertEquals(
                    Json.MAPPER.readTree("[\"absent\",\"connecting\",\"resolving\",\"streaming\",\"lost\"]"),
                    components.at("/link/options"));
            assertEquals(
                    ROOT + "tool/left/live", components.at("/zone/state_topic").textValue());
            assertEquals(
                    ROOT + "tool/left/stroke",
                    components.at("/peak/state_topic").textValue());
            assertEquals(
                    ROOT + "tool/left/session-state",
                    components.at("/session/state_topic").textValue());
            assertEquals(1, components.at("/link/availability").size());
        }
    }

    @Test
    void itIsToldAgainWhatIsKnownByThenWhenItHasStarted() throws Exception {
        try (LivePublisher publisher = publisher(BOTH);
                MqttConnection homeAssistant = connect()) {
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 2);
            ToolInfoMessage.Limits limits = new ToolInfoMessage.Limits("1", 3, 6.5, 9, 14);
            publisher.info(
                    "left",
                    new ToolInfoMessage(
                            1, "AA:BB", "Left", "bluez", "bonded", "Maker", "LS-1", "0001", "0.9", List.of(), 100, 1, 7,
                            limits, null));
            await().atMost(LIMIT).until(() -> subscriber.received(LEFT).size() == 2);

            say(homeAssistant, "homeassistant/status", "offline");
            say(homeAssistant, "homeassistant/status", "online");
            await().atMost(LIMIT).until(() -> subscriber.received(LEFT).size() == 3);
            JsonNode device = Json.MAPPER
                    .readTree(subscriber.received(LEFT).get(2).text())
                    .get("device");
            assertEquals("Maker", device.get("manufacturer").textValue());
            assertEquals("LS-1", device.get("model").textValue());
            assertEquals("0001", device.get("serial_number").textValue());
            assertEquals("0.9", device.get("sw_version").textValue());
        }
    }

    @Test
    void aToolThatIsNoLongerConfiguredIsRemovedAndOthersDevicesStay() throws Exception {
        String another = "homeassistant/device/lightstroke_home_hall_left/config";
        try (MqttConnection anybody = connect();
                LivePublisher before = publisher(BOTH)) {
            anybody.publish(message(another, "{}"), refusal -> {});
            await().atMost(LIMIT).until(() -> subscriber.received().size() == 3);
        }
        try (LivePublisher after = publisher(new HomeAssistant("homeassistant", TOPICS, "1.2.3", List.of("right")))) {
            await().atMost(LIMIT)
                    .until(() -> subscriber
                            .received(LEFT)
                            .get(subscriber.received(LEFT).size() - 1)
                            .text()
                            .isEmpty());
            try (MqttSubscriber later = new MqttSubscriber(mosquitto.url(), null, null, "homeassistant/#")) {
                await().atMost(LIMIT).until(() -> later.received().size() == 2);
                assertEquals(1, later.received(another).size());
                assertEquals(List.of(), later.received(LEFT));
            }
        }
    }

    private LivePublisher publisher(HomeAssistant homeAssistant) {
        return new LivePublisher(mosquitto.server(), TOPICS, "1.2.3", homeAssistant);
    }

    private MqttConnection connect() throws Exception {
        return MqttConnection.open(mosquitto.server(), "anybody", null, MqttConnection.Patience.USUAL);
    }

    private static void say(MqttConnection connection, String topic, String text) throws Exception {
        connection.publish(message(topic, text), refusal -> {});
        connection.awaitAll();
    }

    private static MqttConnection.Message message(String topic, String text) {
        return new MqttConnection.Message(topic, text.getBytes(StandardCharsets.UTF_8), 1, true, 0);
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}

package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Home Assistant is told about the tools, so that it shows them of itself: one retained message a tool, by its MQTT
 * discovery of devices. The entities read the topics of the protocol.
 *
 * @param prefix of its discovery topics, {@code homeassistant} unless it was changed there
 * @param software version of the gateway
 * @param tools all that are configured
 */
public record HomeAssistant(String prefix, Topics topics, String software, List<String> tools) {
    /** Without a live frame for so long, what comes by them is unknown. */
    private static final int LIVE_EXPIRES_S = 5;

    private static final String ONLINE_IF = "{{ 'online' if %s else 'offline' }}";
    private static final String OR_UNKNOWN = "{{ value_json.%s | default('None') }}";

    public HomeAssistant {
        tools = List.copyOf(tools);
    }

    /** Where it says {@code online} when it has started, and wants to be told again. */
    String birthTopic() {
        return prefix + "/status";
    }

    /** Where all devices are announced, not only ours. */
    String configTopics() {
        return prefix + "/device/+/config";
    }

    String configTopic(String tool) {
        return prefix + "/device/" + id(tool) + "/config";
    }

    /** Whether this gateway once announced a tool there that it does not have any more. */
    boolean isOfFormerTool(String topic) {
        return topic.startsWith(prefix + "/device/" + id(""))
                && tools.stream().noneMatch(tool -> configTopic(tool).equals(topic));
    }

    /** Slugs have no underscore. */
    private String id(String tool) {
        return "lightstroke_" + topics.site() + "_" + topics.gateway() + "_" + tool;
    }

    /** @param info null while the tool has not been seen */
    Map<String, Object> config(String tool, @Nullable ToolInfoMessage info) {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("identifiers", List.of(id(tool)));
        device.put("name", "Lightstroke " + tool);
        if (info != null) {
            device.put("manufacturer", info.manufacturer());
            device.put("model", info.model());
            device.put("serial_number", info.serial());
            device.put("sw_version", info.firmware());
        }
        Map<String, Object> gatewayReady =
                Map.of("topic", topics.status(), "value_template", ONLINE_IF.formatted("value_json.state == 'ready'"));
        Map<String, Object> toolStreams = Map.of(
                "topic",
                topics.toolStatus(tool),
                "value_template",
                ONLINE_IF.formatted("value_json.link == 'streaming'"));

        Map<String, Object> components = new LinkedHashMap<>();
        Map<String, Object> link = sensor(tool, "link", "Link", topics.toolStatus(tool), OR_UNKNOWN.formatted("link"));
        link.put("device_class", "enum");
        link.put("options", words(ToolStatus.Link.values()));
        link.put("entity_category", "diagnostic");
        link.put("availability", List.of(gatewayReady));
        components.put("link", link);

        Map<String, Object> battery =
                sensor(tool, "battery", "Battery", topics.toolStatus(tool), OR_UNKNOWN.formatted("battery_percent"));
        battery.put("device_class", "battery");
        battery.put("unit_of_measurement", "%");
        battery.put("state_class", "measurement");
        battery.put("entity_category", "diagnostic");
        components.put("battery", battery);

        Map<String, Object> zone = sensor(tool, "zone", "Zone", topics.live(tool), OR_UNKNOWN.formatted("zone"));
        zone.put("device_class", "enum");
        zone.put("options", Arrays.stream(Zone.values()).map(Zone::word).toList());
        zone.put("expire_after", LIVE_EXPIRES_S);
        components.put("zone", zone);

        Map<String, Object> force =
                sensor(tool, "force", "Force", topics.live(tool), OR_UNKNOWN.formatted("filtered_N"));
        force.put("unit_of_measurement", "N");
        force.put("state_class", "measurement");
        force.put("suggested_display_precision", 1);
        force.put("expire_after", LIVE_EXPIRES_S);
        force.put("enabled_by_default", false);
        components.put("force", force);

        Map<String, Object> peak =
                sensor(tool, "peak", "Peak of the last stroke", topics.stroke(tool), OR_UNKNOWN.formatted("peak_N"));
        peak.put("unit_of_measurement", "N");
        peak.put("state_class", "measurement");
        peak.put("suggested_display_precision", 1);
        components.put("peak", peak);

        Map<String, Object> overPressure = entity(
                "binary_sensor",
                tool,
                "over-pressure",
                "Over-pressure",
                topics.live(tool),
                "{{ 'ON' if value_json.over_pressure is defined else 'OFF' }}");
        overPressure.put("device_class", "problem");
        overPressure.put("expire_after", LIVE_EXPIRES_S);
        components.put("over-pressure", overPressure);

        // The end of a session clears its topic: an empty payload, so there is no value_json.
        components.put(
                "session",
                entity(
                        "binary_sensor",
                        tool,
                        "session",
                        "Session",
                        topics.sessionState(tool),
                        "{{ 'ON' if value_json is defined and value_json.person is defined else 'OFF' }}"));
        Map<String, Object> strokes = sensor(
                tool,
                "strokes",
                "Strokes of the session",
                topics.sessionState(tool),
                "{{ value_json.strokes if value_json is defined else 'None' }}");
        strokes.put("state_class", "total_increasing");
        components.put("strokes", strokes);

        Map<String, Object> config = new LinkedHashMap<>();
        config.put("device", device);
        config.put("origin", Map.of("name", "Lightstroke", "sw_version", software));
        config.put("availability", List.of(gatewayReady, toolStreams));
        config.put("availability_mode", "all");
        config.put("components", components);
        return config;
    }

    private static List<String> words(ToolStatus.Link... links) {
        return Arrays.stream(links).map(ToolStatus.Link::word).toList();
    }

    private Map<String, Object> sensor(String tool, String entity, String name, String topic, String template) {
        return entity("sensor", tool, entity, name, topic, template);
    }

    private Map<String, Object> entity(
            String platform, String tool, String entity, String name, String topic, String template) {
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("platform", platform);
        component.put("unique_id", id(tool) + "_" + entity);
        component.put("name", name);
        component.put("state_topic", topic);
        component.put("value_template", template);
        return component;
    }
}

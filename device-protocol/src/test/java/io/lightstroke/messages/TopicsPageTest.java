package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.testing.MessageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/topics.md, and the examples in it. */
class TopicsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "topics.md");

    @Test
    void itIsAsTheDocumentSays() throws IOException {
        String page = TopicsPage.render();
        if (Boolean.getBoolean("lightstroke.rewrite")) {
            Files.writeString(PAGE, page);
        }
        assertEquals(
                page,
                Files.readString(PAGE),
                "docs/topics.md is older than asyncapi.yaml or a schema; this writes it anew:"
                        + " mvn -q -pl device-protocol test -Dtest=TopicsPageTest -Dlightstroke.rewrite=true");
    }

    @Test
    void everyFieldOfAMessageSaysWhatItMeans() {
        for (String part : TopicsPage.render().split("\n## ")) {
            if (part.contains("\nFrom the gateway,")) {
                part.lines()
                        .filter(line -> line.startsWith("| `"))
                        .forEach(line -> assertFalse(line.endsWith("|  |"), line));
            }
        }
    }

    @Test
    void itsExamplesAreAsTheSchemasSay() {
        MessageContract contract = MessageContract.PUBLISHED;
        for (JsonNode operation : contract.document().get("operations")) {
            JsonNode channel = contract.at(operation.get("channel"));
            JsonNode mqtt = contract.at(operation.get("bindings")).get("mqtt");
            for (Map.Entry<String, JsonNode> each : channel.get("messages").properties()) {
                JsonNode payload = contract.at(each.getValue()).path("payload");
                if (payload.isMissingNode()) {
                    continue;
                }
                JsonNode examples =
                        TopicsPage.read(payload.get("$ref").asText()).path("examples");
                assertFalse(examples.isEmpty(), each.getKey());
                for (JsonNode example : examples) {
                    MessageContract.Message message = new MessageContract.Message(
                            channel.get("address").asText().replaceAll("\\{[a-z]+}", "x"),
                            Json.bytes(example),
                            mqtt.get("qos").asInt(),
                            false,
                            "application/json",
                            mqtt.has("messageExpiryInterval")
                                    ? mqtt.get("messageExpiryInterval").asLong()
                                    : null);
                    assertEquals(
                            List.of(),
                            operation.get("action").asText().equals("receive")
                                    ? contract.commandMistakes(each.getKey(), message.payload())
                                    : channel.get("address").isTextual()
                                            ? contract.mistakes(message)
                                            : contract.answerMistakes(message),
                            each.getKey());
                }
            }
        }
    }
}

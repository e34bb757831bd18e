package io.lightstroke.dashboard.history;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SpotMessage;
import io.lightstroke.messages.StrokeMessage;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * One session for other programs, as {@code session-export.schema.json} says: the messages that were published of it, each in its
 * last revision.
 *
 * @param v version of this form
 */
public record SessionExport(int v, String session, List<Part> parts) {
    private static final List<String> MESSAGES = List.of("common", "session", "stroke", "spot", "alert");

    /** A tool's part of it. */
    public record Part(
            String site,
            String gateway,
            String tool,
            SessionMessage summary,
            List<StrokeMessage> strokes,
            List<SpotMessage> spots,
            List<AlertMessage> alerts) {}

    /** @param parts of one session, at least one */
    public static SessionExport of(List<WholePart> parts) {
        return new SessionExport(
                1,
                parts.get(0).summary().session(),
                parts.stream()
                        .map(part -> new Part(
                                part.tool().site(),
                                part.tool().gateway(),
                                part.tool().tool(),
                                part.summary(),
                                part.strokes(),
                                part.spots(),
                                part.alerts()))
                        .toList());
    }

    /** The JSON Schema, with those of the messages in it. */
    public static byte[] schema() {
        ObjectNode schema = schema(SessionExport.class, "session-export.schema.json");
        for (String message : MESSAGES) {
            String file = message + ".schema.json";
            ObjectNode part = schema(Topics.class, "message/" + file);
            part.remove("$schema");
            part.put("$id", file);
            schema.withObjectProperty("$defs").set(message, part);
        }
        return Json.bytes(schema);
    }

    private static ObjectNode schema(Class<?> beside, String resource) {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(resource), resource)) {
            return (ObjectNode) Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }
}

package io.lightstroke.dashboard.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.lightstroke.messages.CheckedYaml;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** A body that an endpoint takes: {@code api/{name}.schema.json} says what may be in it. */
final class Form<T> {
    final String name;
    final JsonNode schema;
    private final CheckedYaml<T> checked;

    Form(String name, Class<T> type) {
        this.name = name;
        String resource = "api/" + name + ".schema.json";
        this.checked = new CheckedYaml<>(type, resource);
        try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(resource), resource)) {
            schema = Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    /** @throws BadRequestResponse with every mistake in it */
    T read(Context request) {
        try {
            return checked.check(name, Json.object(name, request.bodyAsBytes()));
        } catch (InvalidDocumentException e) {
            throw new BadRequestResponse(String.join("; ", e.mistakes()));
        }
    }
}

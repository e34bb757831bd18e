package io.lightstroke.dashboard.decode;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A field of a value.
 *
 * @param bytes what is there of it: fewer than it has, or none, where the value was cut
 * @param value raw, by the names and in the units of docs/protocol.md; null where it cannot be read
 * @param words for people; empty where it cannot be read
 * @param mistake what was wanted, and what came; null when it is right
 */
public record Field(
        String name,
        int offset,
        byte[] bytes,
        @Nullable JsonNode value,
        String words,
        @Nullable String mistake) {
    Field wrong(String mistake) {
        return new Field(
                name, offset, bytes, value, words, this.mistake == null ? mistake : this.mistake + "; " + mistake);
    }
}

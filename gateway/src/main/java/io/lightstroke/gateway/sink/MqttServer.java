package io.lightstroke.gateway.sink;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A broker and how to reach it.
 *
 * @param url {@code tcp://host:port}, or {@code ssl://host:port} for TLS
 * @param user null: none is sent
 * @param password null: none is sent
 * @param caFile PEM certificates that are trusted in place of the platform's; null: the platform's
 */
public record MqttServer(
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path caFile) {
    @Override
    public String toString() {
        return user == null ? url : user + " at " + url;
    }
}

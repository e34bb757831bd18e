package io.lightstroke.dashboard.live;

import org.jspecify.annotations.Nullable;

/**
 * Where the message broker is and how to be let in. Never prints the password.
 *
 * @param url {@code tcp://host:port}, {@code ssl://…}, {@code ws://…} or {@code wss://…}
 */
public record MqttAccess(
        String url, @Nullable String user, @Nullable String password) {
    public MqttAccess {
        if (!url.matches("(tcp|ssl|ws|wss)://(\\[[0-9a-fA-F:.]+]|[^/\\s@:\\[\\]]+)(:\\d{1,5})?(/\\S*)?")) {
            throw new IllegalArgumentException(
                    "message broker: want tcp://host:port, ssl://…, ws://… or wss://… without a password in it, got \"%s\""
                            .formatted(url.replaceAll("//[^/]*@", "//…@")));
        }
    }

    @Override
    public String toString() {
        return user == null ? url : url + " as " + user;
    }
}

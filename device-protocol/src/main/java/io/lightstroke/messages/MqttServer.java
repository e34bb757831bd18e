package io.lightstroke.messages;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT broker, and how to be let in. Never prints the password.
 *
 * @param url {@code tcp://host:port}, or {@code ssl://host:port} for TLS; without a port the usual one
 * @param user null: none is sent
 * @param password null: none is sent
 * @param caFile PEM certificates that are trusted in place of the platform's; null: the platform's
 * @param client shown over TLS; null: none
 */
public record MqttServer(
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path caFile,
        @Nullable ClientCertificate client) {
    private static final Pattern URL =
            Pattern.compile("(tcp|ssl)://(\\[[0-9a-fA-F:.]+]|[^/\\s@:\\[\\]]+)(:\\d{1,5})?/?");

    public MqttServer {
        if (!URL.matcher(url).matches()) {
            throw new IllegalArgumentException(
                    "message broker: want tcp://host:port or ssl://host:port without a password in it, got \"%s\""
                            .formatted(url.replaceAll("//[^/]*@", "//…@")));
        }
    }

    /** A broker that lets everybody in. */
    public MqttServer(String url) {
        this(url, null, null, null);
    }

    /** A broker that asks for no certificate. */
    public MqttServer(String url, @Nullable String user, @Nullable String password, @Nullable Path caFile) {
        this(url, user, password, caFile, null);
    }

    /**
     * Who we are, for brokers that ask for it.
     *
     * @param certificateFile PEM: the certificate, and those between it and the authority, if any
     * @param keyFile PEM, PKCS#8
     * @param keyPassword null: the key is not encrypted
     */
    public record ClientCertificate(
            Path certificateFile, Path keyFile, @Nullable String keyPassword) {
        @Override
        public String toString() {
            return certificateFile.toString();
        }
    }

    /**
     * What connects to it. Small messages are sent at once: otherwise they wait for tens of milliseconds.
     *
     * @throws IOException when a file of certificates or keys cannot be used, in words for people
     */
    public SocketFactory sockets() throws IOException {
        return url.startsWith("ssl:") ? PromptSockets.tls(caFile, client) : PromptSockets.tcp();
    }

    @Override
    public String toString() {
        return user == null ? url : user + " at " + url;
    }
}

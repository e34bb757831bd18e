package io.lightstroke.gateway.broker;

import java.io.IOException;
import java.nio.file.Path;

/** An MQTT 5 broker in this process, on loopback only, its state kept in a folder. */
public final class EmbeddedBroker implements AutoCloseable {
    /** A user name and its password. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /**
     * @param folder its messages and {@code credentials}, created when missing
     * @param port 0: any free one
     */
    public static EmbeddedBroker start(Path folder, int port) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** {@code tcp://127.0.0.1:port}. */
    public String url() {
        throw new UnsupportedOperationException();
    }

    /** May publish and subscribe to everything. */
    public Login gateway() {
        throw new UnsupportedOperationException();
    }

    /** May subscribe to everything, and publish commands only. */
    public Login dashboard() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}

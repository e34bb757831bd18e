package io.lightstroke.gateway.sink;

import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import java.util.Optional;

/**
 * Publishes what is true now: live frames (QoS 0), and the retained status and info of the gateway and its tools
 * (QoS 1). All methods may be called from any thread and none blocks. Of live frames the oldest are dropped when too
 * many wait; of each retained topic the newest is kept, and sent again after each reconnect.
 */
public final class LivePublisher implements AutoCloseable {
    /** Connects by itself, for ever. */
    public LivePublisher(MqttServer server, Topics topics, String software) {
        throw new UnsupportedOperationException();
    }

    /** The gateway's state goes from {@code init} to {@code ready}. */
    public void ready() {
        throw new UnsupportedOperationException();
    }

    public void live(String tool, LiveFrame frame) {
        throw new UnsupportedOperationException();
    }

    public void status(String tool, ToolStatus status) {
        throw new UnsupportedOperationException();
    }

    public void info(String tool, ToolInfoMessage info) {
        throw new UnsupportedOperationException();
    }

    /** Live frames dropped since the start. */
    public long dropped() {
        throw new UnsupportedOperationException();
    }

    /** Why nothing is published at present; empty while connected. */
    public Optional<String> problem() {
        throw new UnsupportedOperationException();
    }

    /** Says {@code disconnected} and ends. */
    @Override
    public void close() {}
}

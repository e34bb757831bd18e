package io.lightstroke.simulator;

import java.util.ArrayDeque;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a tool has to tell its central: handed out once all of it has happened; what the central writes back meanwhile comes
 * after it. Not thread-safe.
 */
final class Outbox {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    private final String name;
    private final ArrayDeque<Value> values = new ArrayDeque<>();
    private @Nullable To to;
    private boolean delivering;

    private record To(int mtu, Set<UUID> subscribed, Tool.Central central) {}

    private record Value(UUID characteristic, byte[] bytes) {}

    /** @param name of the tool */
    Outbox(String name) {
        this.name = name;
    }

    /** From now on it is told to this central. */
    void connect(int mtu, Set<UUID> subscribed, Tool.Central central) {
        to = new To(mtu, subscribed, central);
    }

    /** What was not handed out is forgotten. */
    void disconnect() {
        to = null;
        values.clear();
    }

    /** Forgotten while there is no central. */
    void add(UUID characteristic, byte[] bytes) {
        if (to != null) {
            values.add(new Value(characteristic, bytes));
        }
    }

    boolean delivering() {
        return delivering;
    }

    void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            while (!values.isEmpty()) {
                Value value = values.remove();
                To now = to;
                if (now == null || !now.subscribed().contains(value.characteristic())) {
                    continue;
                }
                if (value.bytes().length > now.mtu() - SimulatedTool.ATT_OVERHEAD) {
                    log.warn(
                            "{} does not send {} bytes of {} over an MTU of {}",
                            name,
                            value.bytes().length,
                            value.characteristic(),
                            now.mtu());
                    continue;
                }
                now.central().notified(value.characteristic(), value.bytes());
            }
        } finally {
            delivering = false;
        }
    }
}

package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A radio that brings every eighth force frame only after the four that follow it. */
record LateLink(ToolLink link) implements ToolLink {
    @Override
    public String name() {
        return link.name();
    }

    @Override
    public List<HeardTool> scan(Duration howLong) throws LinkException, InterruptedException {
        return link.scan(howLong);
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        return new LateConnection(link.connect(address, limit));
    }

    @Override
    public void close() {
        link.close();
    }

    private static final class LateConnection implements ToolConnection {
        private final ToolConnection connection;
        private int frames;
        private byte[] held = {};

        LateConnection(ToolConnection connection) {
            this.connection = connection;
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
            return connection.read(characteristic);
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            connection.write(characteristic, value);
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            connection.writeWithoutResponse(characteristic, value);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            connection.subscribe(
                    characteristic,
                    characteristic.equals(Gatt.FORCE_STREAM)
                            ? (value, atNanos) -> delay(value, atNanos, notifications)
                            : notifications);
        }

        private void delay(byte[] value, long atNanos, Notifications notifications) {
            int turn = frames++ % 8;
            if (turn == 2) {
                held = value;
                return;
            }
            notifications.arrived(value, atNanos);
            if (turn == 6) {
                notifications.arrived(held, atNanos);
            }
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}

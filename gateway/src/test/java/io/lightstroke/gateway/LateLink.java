package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.Gatt;
import java.util.UUID;

/** A radio that brings every eighth force frame only after the four that follow it. */
final class LateLink {
    private LateLink() {}

    static ToolLink of(ToolLink link) {
        return new ChangedLink(link, LateConnection::new);
    }

    private static final class LateConnection extends ChangedLink.Connection {
        private int frames;
        private byte[] held = {};

        LateConnection(ToolConnection connection) {
            super(connection);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            super.subscribe(
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
    }
}

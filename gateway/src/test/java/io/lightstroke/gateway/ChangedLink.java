package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A radio whose connections are what {@code change} makes of another's. */
record ChangedLink(ToolLink link, UnaryOperator<ToolConnection> change) implements ToolLink {
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
        return change.apply(link.connect(address, limit));
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return link.forget(address);
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        link.powerCycle();
    }

    @Override
    public void close() {
        link.close();
    }

    /** As the other one, but for what is overridden. */
    static class Connection implements ToolConnection {
        private final ToolConnection connection;

        Connection(ToolConnection connection) {
            this.connection = connection;
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            connection.resolve(limit);
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException, InterruptedException {
            return connection.characteristics();
        }

        @Override
        public OptionalInt mtu() throws LinkException, InterruptedException {
            return connection.mtu();
        }

        @Override
        public Bond bond() throws LinkException, InterruptedException {
            return connection.bond();
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
            connection.subscribe(characteristic, notifications);
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException, InterruptedException {
            connection.unsubscribe(characteristic);
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}

package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.RecordingWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A link of which everything that passes is written down, each tool's in a recording of its own. */
public final class RecordingLink implements ToolLink {
    private static final Logger LOG = LoggerFactory.getLogger(RecordingLink.class);

    private final ToolLink link;
    private final Recordings recordings;
    private final LongSupplier nanoTime;
    private final Map<String, Track> tracks = new ConcurrentHashMap<>();

    /** Where recordings are written. */
    @FunctionalInterface
    public interface Recordings {
        /** Begins the recording of a tool; asked once for each, and again after it could not be begun. */
        RecordingWriter of(String address, String link) throws IOException;
    }

    public RecordingLink(ToolLink link, Recordings recordings) {
        this(link, recordings, System::nanoTime);
    }

    /** @param nanoTime of the same origin as the times of arrival */
    public RecordingLink(ToolLink link, Recordings recordings, LongSupplier nanoTime) {
        this.link = link;
        this.recordings = recordings;
        this.nanoTime = nanoTime;
    }

    /** One tool's recording, and when it began. */
    private record Track(RecordingWriter writer, long beganNanos) {
        long us(long nanos) {
            return Math.max(0, (nanos - beganNanos) / 1000);
        }
    }

    /** Null when it cannot be written, which holds up nobody. */
    private synchronized @Nullable Track track(String address) {
        Track track = tracks.get(address);
        if (track == null) {
            try {
                track = new Track(recordings.of(address, link.name()), nanoTime.getAsLong());
                tracks.put(address, track);
            } catch (IOException e) {
                LOG.error("{} is not recorded: {}", address, e.toString());
            }
        }
        return track;
    }

    @Override
    public String name() {
        return link.name();
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        return link.scan(time);
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        Track track = track(address);
        try {
            ToolConnection connection = link.connect(address, limit);
            return track == null ? connection : new Connection(connection, track);
        } catch (LinkException e) {
            if (track != null) {
                track.writer.add(Passed.failed(track.us(nanoTime.getAsLong()), "connecting: " + e.getMessage()));
            }
            throw e;
        }
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return link.forget(address);
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        link.powerCycle();
    }

    /** The recordings are complete afterwards. */
    @Override
    public void close() {
        link.close();
        tracks.forEach((address, track) -> {
            track.writer.close();
            if (track.writer.missed() > 0) {
                LOG.warn("recording of {}: {} lines are missing in it", address, track.writer.missed());
            }
        });
    }

    private final class Connection implements ToolConnection {
        private final ToolConnection connection;
        private final Track track;
        private final AtomicBoolean linked = new AtomicBoolean();

        Connection(ToolConnection connection, Track track) {
            this.connection = connection;
            this.track = track;
        }

        private long nowUs() {
            return track.us(nanoTime.getAsLong());
        }

        private <T> T tried(String what, Try<T> call) throws LinkException, InterruptedException {
            try {
                return call.now();
            } catch (LinkException e) {
                track.writer.add(Passed.failed(nowUs(), what + ": " + e.getMessage()));
                throw e;
            }
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            tried("resolving", () -> {
                connection.resolve(limit);
                return true;
            });
            OptionalInt mtu = connection.mtu();
            linked.set(true);
            track.writer.add(Passed.linked(nowUs(), mtu.isPresent() ? mtu.getAsInt() : null));
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
            Gatt.Characteristic of = Gatt.of(characteristic).orElseThrow();
            byte[] value = tried("read of " + of.name(), () -> connection.read(characteristic));
            track.writer.add(Passed.read(nowUs(), of, value));
            return value;
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            Gatt.Characteristic to = Gatt.of(characteristic).orElseThrow();
            track.writer.add(Passed.written(nowUs(), to, value));
            tried("write of " + to.name(), () -> {
                connection.write(characteristic, value);
                return true;
            });
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            Gatt.Characteristic to = Gatt.of(characteristic).orElseThrow();
            track.writer.add(Passed.written(nowUs(), to, value));
            tried("write of " + to.name(), () -> {
                connection.writeWithoutResponse(characteristic, value);
                return true;
            });
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            Gatt.Characteristic by = Gatt.of(characteristic).orElseThrow();
            tried("subscription to " + by.name(), () -> {
                connection.subscribe(characteristic, (value, atNanos) -> {
                    track.writer.add(Passed.told(track.us(atNanos), by, value));
                    notifications.arrived(value, atNanos);
                });
                return true;
            });
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException, InterruptedException {
            connection.unsubscribe(characteristic);
        }

        @Override
        public void close() {
            connection.close();
            if (linked.getAndSet(false)) {
                track.writer.add(Passed.unlinked(nowUs()));
            }
        }
    }

    private interface Try<T> {
        T now() throws LinkException, InterruptedException;
    }
}

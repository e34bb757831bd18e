package io.lightstroke.gateway.link;

import io.lightstroke.protocol.Gatt;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@link TinyBProcess} and {@link TinyBHost} say to each other. Big-endian, each after its length (u32):
 *
 * <pre>
 *  Request  id u32, op u8, connection u32, limit_ms u64, characteristic 16 bytes, value
 *  Answer   id u32, kind u8, at_ns i64, value
 * </pre>
 */
final class TinyBMessage {
    private static final UUID NONE = new UUID(0, 0);
    private static final byte[] EMPTY = {};

    private TinyBMessage() {}

    /** What is asked; in brackets what the value is, and what that of the answer. */
    enum Op {
        /** First of all [adapter or nothing]. */
        OPEN,
        PING,
        /** [Answer: tools]. */
        SCAN,
        /** The id names the connection from then on [address]. */
        CONNECT,
        /** [Address. Answer: 1 if it was forgotten, else 0]. */
        FORGET,
        POWER_CYCLE,
        RESOLVE,
        /** [Answer: characteristics]. */
        CHARACTERISTICS,
        /** [Answer: 0 or 1]. */
        BOND,
        /** [Answer: what was read]. */
        READ,
        WRITE,
        WRITE_WITHOUT_RESPONSE,
        /** Notifications bear the id of the request. */
        SUBSCRIBE,
        UNSUBSCRIBE,
        /** Ends a connection, or the connecting. */
        CLOSE
    }

    record Request(int id, Op op, int connection, long limitMs, UUID characteristic, byte[] value) {
        Request(int id, Op op, long limitMs, byte[] value) {
            this(id, op, 0, limitMs, NONE, value);
        }

        Request(int id, Op op, int connection, long limitMs) {
            this(id, op, connection, limitMs, NONE, EMPTY);
        }

        byte[] encode() {
            return framed(33 + value.length)
                    .putInt(id)
                    .put((byte) op.ordinal())
                    .putInt(connection)
                    .putLong(limitMs)
                    .putLong(characteristic.getMostSignificantBits())
                    .putLong(characteristic.getLeastSignificantBits())
                    .put(value)
                    .array();
        }

        /** The next one; null at the end. */
        static @Nullable Request read(DataInputStream in) throws IOException {
            ByteBuffer body = next(in);
            return body == null
                    ? null
                    : new Request(
                            body.getInt(),
                            Op.values()[body.get()],
                            body.getInt(),
                            body.getLong(),
                            new UUID(body.getLong(), body.getLong()),
                            rest(body));
        }
    }

    enum Kind {
        OK,
        /** [Why]. */
        FAILED,
        /** [Why], as {@link NotHeardException}. */
        NOT_HEARD,
        /** At a time of {@link System#nanoTime()}, which on Linux is the same in all processes. */
        NOTIFIED
    }

    record Answer(int id, Kind kind, long atNanos, byte[] value) {
        Answer(int id, Kind kind, byte[] value) {
            this(id, kind, 0, value);
        }

        byte[] encode() {
            return framed(13 + value.length)
                    .putInt(id)
                    .put((byte) kind.ordinal())
                    .putLong(atNanos)
                    .put(value)
                    .array();
        }

        /** The next one; null at the end. */
        static @Nullable Answer read(DataInputStream in) throws IOException {
            ByteBuffer body = next(in);
            return body == null
                    ? null
                    : new Answer(body.getInt(), Kind.values()[body.get()], body.getLong(), rest(body));
        }
    }

    /** Tools as the value of an answer: {@code count u32}, each {@code address, name, hasRssi u8, rssi_dbm i32}. */
    static byte[] encode(List<ToolLink.HeardTool> tools) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(tools.size());
        for (ToolLink.HeardTool tool : tools) {
            out.writeUTF(tool.address());
            out.writeUTF(tool.name());
            out.writeBoolean(tool.rssiDbm() != null);
            out.writeInt(tool.rssiDbm() == null ? 0 : tool.rssiDbm());
        }
        return bytes.toByteArray();
    }

    static List<ToolLink.HeardTool> decodeTools(byte[] value) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(value));
        List<ToolLink.HeardTool> tools = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String address = in.readUTF();
            String name = in.readUTF();
            boolean hasRssi = in.readBoolean();
            int rssiDbm = in.readInt();
            tools.add(new ToolLink.HeardTool(address, name, hasRssi ? rssiDbm : null));
        }
        return tools;
    }

    /** As the value of an answer: {@code count u32}, each {@code uuid 16 bytes, properties u8}, a bit each. */
    static byte[] encode(Map<UUID, Set<Gatt.Property>> characteristics) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 17 * characteristics.size()).putInt(characteristics.size());
        characteristics.forEach((uuid, properties) -> bytes.putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .put((byte) properties.stream()
                        .mapToInt(each -> 1 << each.ordinal())
                        .sum()));
        return bytes.array();
    }

    static Map<UUID, Set<Gatt.Property>> decodeCharacteristics(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        Map<UUID, Set<Gatt.Property>> found = new HashMap<>();
        for (int left = bytes.getInt(); left > 0; left--) {
            UUID uuid = new UUID(bytes.getLong(), bytes.getLong());
            byte bits = bytes.get();
            found.put(
                    uuid,
                    Arrays.stream(Gatt.Property.values())
                            .filter(each -> (bits & 1 << each.ordinal()) != 0)
                            .collect(Collectors.toUnmodifiableSet()));
        }
        return found;
    }

    private static ByteBuffer framed(int length) {
        return ByteBuffer.allocate(4 + length).putInt(length);
    }

    private static @Nullable ByteBuffer next(DataInputStream in) throws IOException {
        try {
            return ByteBuffer.wrap(in.readNBytes(in.readInt()));
        } catch (EOFException e) {
            return null;
        }
    }

    private static byte[] rest(ByteBuffer body) {
        byte[] rest = new byte[body.remaining()];
        body.get(rest);
        return rest;
    }
}

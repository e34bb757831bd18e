package io.lightstroke.firmware;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One request to a tool's SMP server, or its answer: 8 bytes of header, big-endian, and a CBOR map.
 *
 * <pre>
 *  0                 1        2         4        6           7
 *  +-----------------+--------+---------+--------+-----------+--------+------------
 *  | version 1 &lt;&lt; 3, op| flags 0| length  | group  | sequence  | command| CBOR map
 *  | u8              | u8     | u16     | u16    | u8        | u8     |
 *  +-----------------+--------+---------+--------+-----------+--------+------------
 * </pre>
 *
 * @param op one of the constants here; an unknown op stays as it came
 * @param group {@link #OS}, {@link #IMAGES}
 * @param sequence of the request, 0–255; brought back
 * @param body shared, never changed
 */
public record SmpMessage(int op, int group, int sequence, int command, ObjectNode body) {
    public static final int READ = 0;
    public static final int WRITE = 2;

    public static final int OS = 0;
    /** Of the group {@link #OS}: {@code d} comes back as {@code r}. */
    public static final int ECHO = 0;
    /** Of the group {@link #OS}. */
    public static final int RESET = 5;

    public static final int IMAGES = 1;
    /** Of the group {@link #IMAGES}: {@link ImageState}. */
    public static final int STATE = 0;
    /** Of the group {@link #IMAGES}: {@code off}, {@code data}, and at offset 0 {@code len} and {@code sha}. */
    public static final int UPLOAD = 1;

    public static final int HEADER = 8;
    /** Longer messages are refused, bytes. */
    public static final int MAX_LENGTH = 4096;

    private static final int VERSION = 1;
    private static final int MAX_DEPTH = 16;

    private static final CBORMapper CBOR = CBORMapper.builder(CBORFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public SmpMessage {
        require("smp op", op, 7);
        require("smp group", group, 0xFFFF);
        require("smp sequence", sequence, 0xFF);
        require("smp command", command, 0xFF);
    }

    private static void require(String field, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("%s: want 0..%d, got %d".formatted(field, max, value));
        }
    }

    /** An empty body to be filled. */
    public static ObjectNode newBody() {
        return CBOR.createObjectNode();
    }

    /** What answers this request. */
    public SmpMessage answer(ObjectNode answer) {
        return new SmpMessage(op | 1, group, sequence, command, answer);
    }

    public boolean answers(SmpMessage request) {
        return op == (request.op | 1)
                && group == request.group
                && sequence == request.sequence
                && command == request.command;
    }

    /** How long the message is that begins with these bytes; they hold a {@link #HEADER} or more. */
    static int lengthOf(byte[] bytes) throws MalformedFrameException {
        int length = HEADER + (ByteBuffer.wrap(bytes).getShort(2) & 0xFFFF);
        if (length > MAX_LENGTH) {
            throw new MalformedFrameException(
                    "smp message: want at most %d bytes, got %d".formatted(MAX_LENGTH, length));
        }
        return length;
    }

    public static SmpMessage decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < HEADER) {
            throw new MalformedFrameException(
                    "smp message: want at least %d bytes, got %d".formatted(HEADER, bytes.length));
        }
        if (lengthOf(bytes) != bytes.length) {
            throw new MalformedFrameException(
                    "smp message: want %d bytes by its header, got %d".formatted(lengthOf(bytes), bytes.length));
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        return new SmpMessage(
                bytes[0] & 7,
                header.getShort(4) & 0xFFFF,
                bytes[6] & 0xFF,
                bytes[7] & 0xFF,
                map(Arrays.copyOfRange(bytes, HEADER, bytes.length)));
    }

    private static ObjectNode map(byte[] cbor) throws MalformedFrameException {
        JsonNode body;
        try {
            body = CBOR.readTree(cbor);
            byte[] unused = CBOR.writeValueAsBytes(body); // fails for text that is no UTF-8, which reading takes
        } catch (JsonProcessingException e) {
            throw new MalformedFrameException("smp body: want a CBOR map, got " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new MalformedFrameException("smp body: want a CBOR map, got " + e.getMessage());
        }
        if (!(body instanceof ObjectNode map)) {
            throw new MalformedFrameException("smp body: want a CBOR map, got " + body.getNodeType());
        }
        return map;
    }

    public byte[] encode() {
        byte[] cbor;
        try {
            cbor = CBOR.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("smp body: " + e.getOriginalMessage(), e);
        }
        return ByteBuffer.allocate(HEADER + cbor.length)
                .put((byte) (VERSION << 3 | op))
                .put((byte) 0)
                .putShort((short) cbor.length)
                .putShort((short) group)
                .put((byte) sequence)
                .put((byte) command)
                .put(cbor)
                .array();
    }

    /** The values by which it is written or notified, each of {@code most} bytes or less. */
    public List<byte[]> fragments(int most) {
        byte[] bytes = encode();
        List<byte[]> fragments = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += most) {
            fragments.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + most)));
        }
        return fragments;
    }
}

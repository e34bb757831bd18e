package io.lightstroke.gateway.conform;

import io.lightstroke.protocol.Crc16;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Judges a frame by itself. What is wrong with it in one place is mended, so that the rest can be judged; one that cannot be
 * trusted, for its CRC is wrong, or cannot be read says nothing.
 */
final class Frames {
    private static final int DEFINED_FLAGS =
            ForceFrame.HISTORICAL | ForceFrame.SATURATED | ForceFrame.UNTARED | ForceFrame.CUE_ACTIVE;
    private static final int SHORTEST = ForceFrame.OVERHEAD + 2;

    private final Findings findings;
    /** Stored ones have one rule for all of this. */
    private final boolean stored;

    Frames(Findings findings, boolean stored) {
        this.findings = findings;
        this.stored = stored;
    }

    private boolean check(Rule live, boolean kept, byte[] bytes, Supplier<String> what) {
        return findings.check(stored ? Rule.REC_FRAMES : live, kept, () -> "%s: %s".formatted(what.get(), hex(bytes)));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static boolean crcIsRight(byte[] bytes) {
        return bytes.length > 2 && u16(bytes, bytes.length - 2) == Crc16.of(bytes, 0, bytes.length - 2);
    }

    private boolean crc(Rule live, byte[] bytes, String of) {
        return check(
                live,
                crcIsRight(bytes),
                bytes,
                () -> bytes.length <= 2
                        ? "%s of %d bytes".formatted(of, bytes.length)
                        : "%s with a wrong CRC, 0x%04x in place of 0x%04x"
                                .formatted(of, u16(bytes, bytes.length - 2), Crc16.of(bytes, 0, bytes.length - 2)));
    }

    private static int u16(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(at) & 0xFFFF;
    }

    private static byte[] sealed(byte[] bytes) {
        int at = bytes.length - 2;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putShort(at, (short) Crc16.of(bytes, 0, at));
        return bytes;
    }

    Optional<ForceFrame> force(byte[] bytes) {
        if (!crc(Rule.FORCE_CRC, bytes, "a force frame")) {
            return Optional.empty();
        }
        boolean readable = bytes.length >= SHORTEST && bytes.length % 2 == 0;
        int count = (bytes.length - ForceFrame.OVERHEAD) / 2;
        check(
                Rule.FORCE_COUNT,
                readable && count <= ForceFrame.MAX_SAMPLES && (bytes[22] & 0xFF) == count,
                bytes,
                () -> "a force frame of %d bytes with count %d"
                        .formatted(bytes.length, bytes.length > 22 ? bytes[22] & 0xFF : -1));
        if (!readable || count > ForceFrame.MAX_SAMPLES) {
            return Optional.empty();
        }
        check(
                Rule.FORCE_TYPE,
                bytes[0] == ForceFrame.TYPE && bytes[1] == ForceFrame.VERSION,
                bytes,
                () -> "type %d, version %d".formatted(bytes[0], bytes[1]));
        int flags = u16(bytes, 2);
        check(
                Rule.FORCE_RESERVED,
                bytes[23] == 0 && (flags & ~DEFINED_FLAGS) == 0,
                bytes,
                () -> "reserved byte %d, flags 0x%04x".formatted(bytes[23], flags));
        boolean historical = (flags & ForceFrame.HISTORICAL) != 0;
        findings.check(
                stored ? Rule.REC_HISTORICAL : Rule.FORCE_LIVE,
                historical == stored,
                () -> "flags 0x%04x: %s".formatted(flags, hex(bytes)));
        byte[] mended = bytes.clone();
        mended[0] = ForceFrame.TYPE;
        mended[1] = ForceFrame.VERSION;
        mended[22] = (byte) count;
        if (!check(Rule.FORCE_PERIOD, u16(bytes, 20) != 0, bytes, () -> "period_us 0")) {
            return Optional.empty();
        }
        try {
            return Optional.of(ForceFrame.decode(sealed(mended)));
        } catch (MalformedFrameException e) {
            throw new IllegalStateException(e);
        }
    }

    Optional<EventFrame> event(byte[] bytes) {
        if (!crc(Rule.EVENT_CRC, bytes, "an event frame")) {
            return Optional.empty();
        }
        boolean whole = bytes.length == EventFrame.LENGTH;
        check(
                Rule.EVENT_TYPE,
                whole
                        && bytes[0] == EventFrame.TYPE
                        && bytes[1] == EventFrame.VERSION
                        && bytes[2] > 0
                        && bytes[2] < EventFrame.Kind.values().length,
                bytes,
                () -> "%d bytes, type %d, version %d, kind %d".formatted(bytes.length, bytes[0], bytes[1], bytes[2]));
        if (!whole) {
            return Optional.empty();
        }
        findings.check(
                stored ? Rule.REC_HISTORICAL : Rule.EVENT_LIVE,
                bytes[3] == (stored ? ForceFrame.HISTORICAL : 0),
                () -> "an event with flags 0x%02x: %s".formatted(bytes[3], hex(bytes)));
        byte[] mended = bytes.clone();
        mended[0] = EventFrame.TYPE;
        mended[1] = EventFrame.VERSION;
        try {
            return Optional.of(EventFrame.decode(sealed(mended)));
        } catch (MalformedFrameException e) {
            throw new IllegalStateException(e);
        }
    }
}

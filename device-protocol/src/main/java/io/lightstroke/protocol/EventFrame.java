package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U16_MAX;
import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.i16;
import static io.lightstroke.protocol.LittleEndian.put16;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.put64;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u16;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u64;
import static io.lightstroke.protocol.LittleEndian.u8;

/**
 * Something that happened at a tool: a notification of the Events characteristic. 40 bytes, little-endian:
 *
 * <pre>
 *  0      1        2     3      4     8         12     16       24    26        30     31         32       36    38
 *  +------+--------+-----+------+-----+---------+------+--------+-----+---------+------+----------+--------+-----+----+
 *  | type | version| kind| flags| boot| sequence| index| time_us| peak| duration| angle| direction| strokes| code| crc|
 *  | u8=2 | u8=1   | u8  | u8   | u32 | u32     | u32  | u64    | i16 | u32 ms  | i8   | i8       | u32    | u16 | u16|
 *  +------+--------+-----+------+-----+---------+------+--------+-----+---------+------+----------+--------+-----+----+
 * </pre>
 *
 * Fields that a kind does not use are 0 or unknown.
 *
 * @param kindCode see {@link Kind}; an unknown code stays as it came
 * @param flags bit 0: {@link ForceFrame#HISTORICAL}; unknown bits are kept and ignored
 * @param boot random number of the tool's start, u32
 * @param sequence number of this event since boot, u32
 * @param index sample at which it happened, of a stroke the last, u32
 * @param timeUs tool time of that sample, microseconds since boot, u64 (unsigned)
 * @param peakCn a stroke's highest force, 0.01 N
 * @param durationMs milliseconds, u32
 * @param angleDeg degrees from the skin, {@link #ANGLE_UNKNOWN} without a motion sensor
 * @param direction +1 or -1 along the tool's marked axis, 0 unknown
 * @param strokes the tool's own count since boot, u32
 * @param code meaning depends on the kind, u16
 */
public record EventFrame(
        int kindCode,
        int flags,
        long boot,
        long sequence,
        long index,
        long timeUs,
        short peakCn,
        long durationMs,
        byte angleDeg,
        byte direction,
        long strokes,
        int code) {
    public static final int TYPE = 2;
    public static final int VERSION = 1;
    public static final int LENGTH = 40;
    public static final byte ANGLE_UNKNOWN = 127;
    /** Code of {@link Kind#BUTTON}. */
    public static final int BUTTON_SHORT = 1;

    /** What happened. The comment says what {@code code} means, where it means anything. */
    public enum Kind {
        UNKNOWN,
        STROKE_END,
        OVER_PRESSURE_BEGIN,
        OVER_PRESSURE_END,
        TARED,
        /** Code: the fault. */
        FAULT,
        /** Code: 0 for the tool's own limits, else the transaction of the cue written to it. */
        CUE_BEGAN,
        /** Code: 1 short, 2 long. */
        BUTTON,
        LIMITS_CHANGED,
        AWAKE;

        private static final Kind[] BY_CODE = values();

        public int code() {
            return ordinal();
        }
    }

    public EventFrame {
        require("event kind", kindCode, 0, U8_MAX);
        require("event flags", flags, 0, U8_MAX);
        require("event boot", boot, 0, U32_MAX);
        require("event sequence", sequence, 0, U32_MAX);
        require("event index", index, 0, U32_MAX);
        require("event duration", durationMs, 0, U32_MAX);
        require("event strokes", strokes, 0, U32_MAX);
        require("event code", code, 0, U16_MAX);
    }

    public Kind kind() {
        return kindCode < Kind.BY_CODE.length ? Kind.BY_CODE[kindCode] : Kind.UNKNOWN;
    }

    /** The same with the flag {@link ForceFrame#HISTORICAL}. */
    public EventFrame historical() {
        return new EventFrame(
                kindCode,
                flags | ForceFrame.HISTORICAL,
                boot,
                sequence,
                index,
                timeUs,
                peakCn,
                durationMs,
                angleDeg,
                direction,
                strokes,
                code);
    }

    public static EventFrame decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("event frame", bytes, LENGTH);
        LittleEndian.requireByte("event frame type", bytes, 0, TYPE);
        LittleEndian.requireByte("event frame version", bytes, 1, VERSION);
        LittleEndian.requireCrc("event frame", bytes);
        return new EventFrame(
                u8(bytes, 2),
                u8(bytes, 3),
                u32(bytes, 4),
                u32(bytes, 8),
                u32(bytes, 12),
                u64(bytes, 16),
                i16(bytes, 24),
                u32(bytes, 26),
                bytes[30],
                bytes[31],
                u32(bytes, 32),
                u16(bytes, 36));
    }

    public byte[] encode() {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = TYPE;
        bytes[1] = VERSION;
        bytes[2] = (byte) kindCode;
        bytes[3] = (byte) flags;
        put32(bytes, 4, boot);
        put32(bytes, 8, sequence);
        put32(bytes, 12, index);
        put64(bytes, 16, timeUs);
        put16(bytes, 24, peakCn);
        put32(bytes, 26, durationMs);
        bytes[30] = angleDeg;
        bytes[31] = direction;
        put32(bytes, 32, strokes);
        put16(bytes, 36, code);
        LittleEndian.putCrc(bytes);
        return bytes;
    }
}

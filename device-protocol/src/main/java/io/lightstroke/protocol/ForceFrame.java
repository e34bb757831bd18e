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

import java.util.Arrays;

/**
 * Evenly spaced force samples of one boot of a tool: a notification of the Force Stream. Little-endian:
 *
 * <pre>
 *  0      1        2      4     8      12       20         22     23        24       28         28+2n
 *  +------+--------+------+-----+------+--------+----------+------+---------+--------+----------+-----+
 *  | type | version| flags| boot| first| time_us| period_us| count| reserved| strokes| force[n] | crc |
 *  | u8=1 | u8=1   | u16  | u32 | u32  | u64    | u16 ≥1   | u8 n | u8      | u32    | i16 cN   | u16 |
 *  +------+--------+------+-----+------+--------+----------+------+---------+--------+----------+-----+
 * </pre>
 *
 * @param flags {@link #HISTORICAL} and the other bits; unknown bits are kept and ignored
 * @param boot random number of the tool's start, u32
 * @param first index of the first sample since boot, u32
 * @param timeUs tool time of the first sample, microseconds since boot, u64 (unsigned)
 * @param periodUs microseconds from sample to sample, 1–65535
 * @param reserved ignored; 0 from us
 * @param strokes the tool's own stroke count since boot, after the last sample, u32
 * @param forceCn 1–100 values in 0.01 N, {@link #NO_FORCE} where there is no valid sample; shared, never changed
 */
public record ForceFrame(
        int flags, long boot, long first, long timeUs, int periodUs, int reserved, long strokes, short[] forceCn) {
    public static final int TYPE = 1;
    public static final int VERSION = 1;
    public static final int MAX_SAMPLES = 100;
    /** Bytes beside the samples. */
    public static final int OVERHEAD = 30;
    /** In place of a value: no valid sample. */
    public static final short NO_FORCE = Short.MIN_VALUE;

    /** Flag: sent from the tool's store, not live. */
    public static final int HISTORICAL = 1;
    /** Flag: a sample stands at the sensor's limit; treat it as the ceiling. */
    public static final int SATURATED = 1 << 1;
    /** Flag: not tared since boot. */
    public static final int UNTARED = 1 << 2;
    /** Flag: the tool is cueing. */
    public static final int CUE_ACTIVE = 1 << 3;

    public ForceFrame {
        require("force frame flags", flags, 0, U16_MAX);
        require("force frame boot", boot, 0, U32_MAX);
        require("force frame first", first, 0, U32_MAX);
        require("force frame period_us", periodUs, 1, U16_MAX);
        require("force frame reserved", reserved, 0, U8_MAX);
        require("force frame strokes", strokes, 0, U32_MAX);
        require("force frame count", forceCn.length, 1, MAX_SAMPLES);
    }

    /** A frame as a tool sends it: nothing in the reserved byte. */
    public ForceFrame(int flags, long boot, long first, long timeUs, int periodUs, long strokes, short[] forceCn) {
        this(flags, boot, first, timeUs, periodUs, 0, strokes, forceCn);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public int count() {
        return forceCn.length;
    }

    public long lastIndex() {
        return first + forceCn.length - 1;
    }

    /** Tool time of the last sample, microseconds since boot. */
    public long lastTimeUs() {
        return timeUs + (long) periodUs * (forceCn.length - 1);
    }

    /**
     * Its samples of these indices, both included. {@link #SATURATED} is a sample's: only the part that holds it keeps
     * the flag.
     */
    public ForceFrame part(long from, long to) {
        if (from == first && to == lastIndex()) {
            return this;
        }
        int begin = (int) (from - first);
        int end = (int) (to - first) + 1;
        return new ForceFrame(
                flagsOfPart(flags, forceCn, begin, end),
                boot,
                from,
                timeUs + (long) begin * periodUs,
                periodUs,
                reserved,
                strokes,
                Arrays.copyOfRange(forceCn, begin, end));
    }

    /** The flags for a part of some samples, from place {@code begin} to before {@code end}. */
    public static int flagsOfPart(int flags, short[] forceCn, int begin, int end) {
        if ((flags & SATURATED) == 0) {
            return flags;
        }
        int saturated = highest(forceCn);
        return saturated >= begin && saturated < end ? flags : flags & ~SATURATED;
    }

    /** Place of the sample that {@link #SATURATED} means, for a frame does not say which: its highest, the first of equals. */
    public static int highest(short[] forceCn) {
        int highest = 0;
        for (int i = 1; i < forceCn.length; i++) {
            if (forceCn[i] > forceCn[highest]) {
                highest = i;
            }
        }
        return highest;
    }

    public static ForceFrame decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < OVERHEAD) {
            throw new MalformedFrameException(
                    "force frame: want at least %d bytes, got %d".formatted(OVERHEAD, bytes.length));
        }
        LittleEndian.requireByte("force frame type", bytes, 0, TYPE);
        LittleEndian.requireByte("force frame version", bytes, 1, VERSION);
        int count = u8(bytes, 22);
        if (count < 1 || count > MAX_SAMPLES) {
            throw new MalformedFrameException("force frame count: want 1..%d, got %d".formatted(MAX_SAMPLES, count));
        }
        if (bytes.length != OVERHEAD + 2 * count) {
            throw new MalformedFrameException("force frame of %d samples: want %d bytes, got %d"
                    .formatted(count, OVERHEAD + 2 * count, bytes.length));
        }
        LittleEndian.requireCrc("force frame", bytes);
        int periodUs = u16(bytes, 20);
        if (periodUs == 0) {
            throw new MalformedFrameException("force frame period_us: want 1..65535, got 0");
        }
        short[] forceCn = new short[count];
        for (int i = 0; i < count; i++) {
            forceCn[i] = i16(bytes, 28 + 2 * i);
        }
        return new ForceFrame(
                u16(bytes, 2),
                u32(bytes, 4),
                u32(bytes, 8),
                u64(bytes, 12),
                periodUs,
                u8(bytes, 23),
                u32(bytes, 24),
                forceCn);
    }

    public byte[] encode() {
        byte[] bytes = new byte[OVERHEAD + 2 * forceCn.length];
        bytes[0] = TYPE;
        bytes[1] = VERSION;
        put16(bytes, 2, flags);
        put32(bytes, 4, boot);
        put32(bytes, 8, first);
        put64(bytes, 12, timeUs);
        put16(bytes, 20, periodUs);
        bytes[22] = (byte) forceCn.length;
        bytes[23] = (byte) reserved;
        put32(bytes, 24, strokes);
        for (int i = 0; i < forceCn.length; i++) {
            put16(bytes, 28 + 2 * i, forceCn[i]);
        }
        LittleEndian.putCrc(bytes);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ForceFrame that
                && flags == that.flags
                && boot == that.boot
                && first == that.first
                && timeUs == that.timeUs
                && periodUs == that.periodUs
                && reserved == that.reserved
                && strokes == that.strokes
                && Arrays.equals(forceCn, that.forceCn);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(boot << 32 ^ first) * 31 + Arrays.hashCode(forceCn);
    }

    @Override
    public String toString() {
        return "force frame boot %08x, samples %d..%d, %d us from %s us, strokes %d, flags 0x%04x, %s cN"
                .formatted(
                        boot,
                        first,
                        lastIndex(),
                        periodUs,
                        Long.toUnsignedString(timeUs),
                        strokes,
                        flags,
                        Arrays.toString(forceCn));
    }
}

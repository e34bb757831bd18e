package io.lightstroke.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian integers at byte offsets. Unsigned 8, 16 and 32 bits widen to a type that holds them. */
final class LittleEndian {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final int U8_MAX = 0xFF;
    static final int U16_MAX = 0xFFFF;
    static final long U32_MAX = 0xFFFF_FFFFL;

    private LittleEndian() {}

    static int u8(byte[] bytes, int at) {
        return bytes[at] & U8_MAX;
    }

    static short i16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at);
    }

    static int u16(byte[] bytes, int at) {
        return i16(bytes, at) & U16_MAX;
    }

    static int i32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long u32(byte[] bytes, int at) {
        return i32(bytes, at) & U32_MAX;
    }

    static long u64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void put16(byte[] bytes, int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    static void put32(byte[] bytes, int at, long value) {
        INT.set(bytes, at, (int) value);
    }

    static void put64(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    /** {@code value}, when it lies in {@code min..max}; otherwise our own bug. */
    static void require(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s: want %d..%d, got %d".formatted(field, min, max, value));
        }
    }

    static void requireLength(String what, byte[] bytes, int length) throws MalformedFrameException {
        if (bytes.length != length) {
            throw new MalformedFrameException("%s: want %d bytes, got %d".formatted(what, length, bytes.length));
        }
    }

    static void requireByte(String field, byte[] bytes, int at, int wanted) throws MalformedFrameException {
        if (u8(bytes, at) != wanted) {
            throw new MalformedFrameException("%s: want %d, got %d".formatted(field, wanted, u8(bytes, at)));
        }
    }

    /** Checks the two bytes at the end against the CRC of all before them. */
    static void requireCrc(String what, byte[] bytes) throws MalformedFrameException {
        int at = bytes.length - 2;
        int computed = Crc16.of(bytes, 0, at);
        if (u16(bytes, at) != computed) {
            throw new MalformedFrameException("%s crc: want 0x%04x over the %d bytes before it, got 0x%04x"
                    .formatted(what, computed, at, u16(bytes, at)));
        }
    }

    static void putCrc(byte[] bytes) {
        int at = bytes.length - 2;
        put16(bytes, at, Crc16.of(bytes, 0, at));
    }
}

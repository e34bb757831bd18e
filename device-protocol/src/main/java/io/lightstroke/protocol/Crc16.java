package io.lightstroke.protocol;

/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection, no final XOR. "123456789" gives 0x29B1. */
public final class Crc16 {
    private static final short[] TABLE = table();

    private Crc16() {}

    /** The checksum of {@code bytes[from, to)}, 0–65535. */
    public static int of(byte[] bytes, int from, int to) {
        int crc = 0xFFFF;
        for (int i = from; i < to; i++) {
            crc = (crc << 8 ^ TABLE[(crc >>> 8 ^ bytes[i]) & 0xFF]) & 0xFFFF;
        }
        return crc;
    }

    private static short[] table() {
        short[] table = new short[256];
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            table[i] = (short) crc;
        }
        return table;
    }
}

package io.lightstroke.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;

/** Firmware images for tests, laid out as MCUboot describes them. */
public final class FirmwareFiles {
    private static final int HEADER = 32;
    private static final int TLVS = 4 + 4 + 32;

    private FirmwareFiles() {}

    /** @param size of the body, bytes; its content follows from the version */
    public static byte[] image(int major, int minor, int revision, int size) throws Exception {
        byte[] body = new byte[size];
        new Random(major * 31L + minor * 7L + revision).nextBytes(body);
        ByteBuffer image = ByteBuffer.allocate(HEADER + size + TLVS).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(0x96F3B83D)
                .putInt(0)
                .putShort((short) HEADER)
                .putShort((short) 0)
                .putInt(size)
                .putInt(0)
                .put((byte) major)
                .put((byte) minor)
                .putShort((short) revision)
                .putInt(0)
                .putInt(0)
                .put(body);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(image.array(), HEADER + size));
        return image.putShort((short) 0x6907)
                .putShort((short) TLVS)
                .putShort((short) 0x10)
                .putShort((short) hash.length)
                .put(hash)
                .array();
    }
}

package io.lightstroke.firmware;

import io.lightstroke.protocol.MalformedFrameException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A firmware image as MCUboot starts it: header, body, protected TLVs (they may be absent), TLVs, little-endian. That it is signed by whom
 * the tool trusts, only the tool's bootloader can tell.
 *
 * @param bytes the whole of it; shared, never changed
 * @param version {@code major.minor.revision}, and {@code .build} unless that is 0
 * @param hash SHA-256 of header, body and protected TLVs, hex
 */
public record FirmwareImage(byte[] bytes, String version, String hash) {
    /** How a file begins that holds an image. */
    public static final int MAGIC = 0x96F3B83D;

    public static final int HEADER = 32;

    private static final int PROTECTED_TLVS = 0x6908;
    private static final int TLVS = 0x6907;
    private static final int TLV_HEAD = 4;
    private static final int SHA256_TLV = 0x10;

    /** @throws MalformedFrameException what is wrong with it */
    public static FirmwareImage decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < HEADER) {
            throw new MalformedFrameException(
                    "firmware image: want a header of %d bytes, got %d".formatted(HEADER, bytes.length));
        }
        ByteBuffer image = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (image.getInt(0) != MAGIC) {
            throw new MalformedFrameException(
                    "firmware image: want the magic 0x%08x of MCUboot, got 0x%08x".formatted(MAGIC, image.getInt(0)));
        }
        int header = u16(image, 8);
        if (header < HEADER) {
            throw new MalformedFrameException(
                    "firmware image header: want %d bytes or more, got %d".formatted(HEADER, header));
        }
        int protectedTlvs = u16(image, 10);
        long hashed = header + u32(image, 12) + protectedTlvs;
        if (hashed + TLV_HEAD > bytes.length) {
            throw new MalformedFrameException("firmware image: want more than %d bytes by its header, got %d"
                    .formatted(hashed + TLV_HEAD, bytes.length));
        }
        int tlvs = (int) hashed;
        if (protectedTlvs > 0) {
            requireTlvs(image, tlvs - protectedTlvs, PROTECTED_TLVS, protectedTlvs);
        }
        requireTlvs(image, tlvs, TLVS, bytes.length - tlvs);
        String hash = HexFormat.of().formatHex(sha256(Arrays.copyOf(bytes, tlvs)));
        byte[] told = tlv(image, tlvs, SHA256_TLV);
        if (told == null) {
            throw new MalformedFrameException("firmware image: want its SHA-256 among its TLVs, got none");
        }
        String toldHash = HexFormat.of().formatHex(told);
        if (!toldHash.equals(hash)) {
            throw new MalformedFrameException(
                    "firmware image: want content with the SHA-256 %s of its TLV, got %s".formatted(toldHash, hash));
        }
        return new FirmwareImage(bytes, version(image), hash);
    }

    private static String version(ByteBuffer image) {
        long build = u32(image, 24);
        return "%d.%d.%d%s"
                .formatted(image.get(20) & 0xFF, image.get(21) & 0xFF, u16(image, 22), build == 0 ? "" : "." + build);
    }

    private static void requireTlvs(ByteBuffer image, int at, int magic, int length) throws MalformedFrameException {
        if (length < TLV_HEAD || u16(image, at) != magic || u16(image, at + 2) != length) {
            throw new MalformedFrameException(
                    "firmware image: want TLVs 0x%04x of %d bytes at %d, to its end, got 0x%08x"
                            .formatted(magic, length, at, Integer.reverseBytes(image.getInt(at))));
        }
    }

    private static byte @Nullable [] tlv(ByteBuffer image, int tlvs, int type) throws MalformedFrameException {
        int at = tlvs + TLV_HEAD;
        while (at < image.limit()) {
            int end = at + TLV_HEAD > image.limit() ? Integer.MAX_VALUE : at + TLV_HEAD + u16(image, at + 2);
            if (end > image.limit()) {
                throw new MalformedFrameException("firmware image: want a TLV at %d to end at %d or before, got more"
                        .formatted(at, image.limit()));
            }
            if (u16(image, at) == type) {
                byte[] value = new byte[end - at - TLV_HEAD];
                image.get(at + TLV_HEAD, value);
                return value;
            }
            at = end;
        }
        return null;
    }

    private static int u16(ByteBuffer image, int at) {
        return image.getShort(at) & 0xFFFF;
    }

    private static long u32(ByteBuffer image, int at) {
        return image.getInt(at) & 0xFFFF_FFFFL;
    }

    /** Of any bytes. */
    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is in every JDK", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FirmwareImage that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "firmware %s, %d bytes, %s".formatted(version, bytes.length, hash);
    }
}

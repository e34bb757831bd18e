package io.lightstroke.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.MalformedFrameException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Any bytes are decoded, or refused by the one checked exception. */
class AnyFirmwareBytesTest {
    private static void decode(byte[] bytes) {
        try {
            SmpMessage message = SmpMessage.decode(bytes);
            assertEquals(message, SmpMessage.decode(message.encode()));
            ImageState state = ImageState.decode(message.body());
            assertEquals(state, ImageState.decode(state.encode()));
        } catch (MalformedFrameException refused) {
            assertTrue(String.valueOf(refused.getMessage()).contains("want"), refused.getMessage());
        }
    }

    @Property(tries = 3000)
    void anyMessage(@ForAll @Size(max = 300) byte[] bytes) {
        decode(bytes);
    }

    @Property(tries = 5000)
    void anyBodyBehindARightHeader(@ForAll @Size(max = 120) byte[] body) {
        decode(message(body));
    }

    private static byte[] message(byte[] body) {
        return ByteBuffer.allocate(8 + body.length)
                .put(new byte[] {0x09, 0, 0, (byte) body.length, 0, 1, 1, 0})
                .put(body)
                .array();
    }

    /** What claims to be long, or deep, takes no more memory than it has bytes. */
    @Property(tries = 2000)
    void anyHeadOfAnItem(
            @ForAll @IntRange(max = 7) int major,
            @ForAll @IntRange(min = 24, max = 31) int size,
            @ForAll @Size(max = 12) byte[] rest) {
        byte[] body = new byte[3 + rest.length];
        body[0] = (byte) 0xa1;
        body[1] = 0x60;
        body[2] = (byte) (major << 5 | size);
        System.arraycopy(rest, 0, body, 3, rest.length);
        decode(message(body));
    }

    @Property
    void anyChangeOfAnAnswer(@ForAll @IntRange(max = 138) int at, @ForAll byte value) {
        byte[] answer = new SmpMessage(
                        1,
                        1,
                        1,
                        0,
                        new ImageState(java.util.List.of(
                                        new ImageState.Slot(0, "1.0.0", "00".repeat(32), false, true, true, false)))
                                .encode())
                .encode();
        assertEquals(139, answer.length);
        answer[at] = value;
        decode(answer);
    }

    /** However it is cut, and whatever comes: a message again after at most one that is spoilt by it. */
    @Property
    void anyFragmentsKeepNoMoreThanAMessage(@ForAll @Size(max = 40) byte[][] fragments) throws MalformedFrameException {
        SmpAssembly assembly = new SmpAssembly();
        for (byte[] fragment : fragments) {
            add(assembly, fragment);
        }
        // The longest that may still be awaited.
        for (int bytes = 0; bytes < SmpMessage.MAX_LENGTH; bytes += 100) {
            add(assembly, new byte[100]);
        }
        assembly.reset();
        assertTrue(add(assembly, message(new byte[] {(byte) 0xa0})).isPresent());
    }

    private static Optional<SmpMessage> add(SmpAssembly assembly, byte[] fragment) {
        try {
            return assembly.add(fragment);
        } catch (MalformedFrameException refused) {
            return Optional.empty();
        }
    }

    @Property(tries = 3000)
    void anyImage(
            @ForAll @Size(max = 200) byte[] bytes, @ForAll @IntRange(max = 80) int length, @ForAll boolean withTlvs) {
        byte[] image = Arrays.copyOf(bytes, Math.max(bytes.length, withTlvs ? 36 + length : 0));
        if (image.length >= 32) {
            ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
            header.putInt(0, 0x96F3B83D).putShort(8, (short) 32);
            if (withTlvs) {
                header.putShort(10, (short) 0).putInt(12, length);
                header.putShort(32 + length, (short) 0x6907)
                        .putShort(34 + length, (short) (image.length - 32 - length));
            }
        }
        try {
            FirmwareImage taken = FirmwareImage.decode(image);
            assertEquals(64, taken.hash().length());
        } catch (MalformedFrameException refused) {
            assertTrue(String.valueOf(refused.getMessage()).contains("want"), refused.getMessage());
        }
    }
}

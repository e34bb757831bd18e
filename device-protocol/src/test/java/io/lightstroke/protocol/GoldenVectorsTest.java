package io.lightstroke.protocol;

import static io.lightstroke.protocol.Bytes.hex;
import static io.lightstroke.protocol.Bytes.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The four vectors of the protocol's description, which come from an independent program. */
class GoldenVectorsTest {
    @FunctionalInterface
    interface Decoder {
        Object decode(byte[] bytes) throws MalformedFrameException;
    }

    private static final byte[] FORCE = hex(
            "01", // type: force
            "01", // version
            "0000", // flags: none
            "0300ed5e", // boot 0x5EED0003
            "34300000", // first 12340
            "40ef5a0700000000", // time 123 400 000 us
            "1027", // period 10 000 us
            "05", // count
            "00", // reserved
            "2a000000", // strokes 42
            "7800", // 1.20 N
            "5901", // 3.45 N
            "feff", // -0.02 N
            "b102", // 6.89 N
            "0080", // no valid sample
            "9474"); // crc
    private static final ForceFrame FORCE_VALUE = new ForceFrame(
            0, 0x5EED0003L, 12340, 123_400_000, 10_000, 42, new short[] {120, 345, -2, 689, ForceFrame.NO_FORCE});

    private static final byte[] FORCE_EDGE = hex(
            "01", // type: force
            "01", // version
            "0b00", // flags: historical, saturated, cue active
            "ffffffff", // boot 2^32 - 1
            "faffffff", // first 2^32 - 6
            "0000000000000080", // time 2^63 us
            "ffff", // period 65 535 us
            "01", // count
            "00", // reserved
            "ffffffff", // strokes 2^32 - 1
            "ff7f", // 327.67 N
            "c7df"); // crc
    private static final ForceFrame FORCE_EDGE_VALUE = new ForceFrame(
            0x000b, 0xFFFF_FFFFL, 0xFFFF_FFFAL, Long.MIN_VALUE, 65_535, 0xFFFF_FFFFL, new short[] {32_767});

    private static final byte[] EVENT = hex(
            "02", // type: event
            "01", // version
            "01", // kind: stroke end
            "00", // flags: none
            "0300ed5e", // boot 0x5EED0003
            "07000000", // sequence 7
            "66300000", // index 12390
            "6090620700000000", // time 123 900 000 us
            "b102", // peak 6.89 N
            "e4020000", // duration 740 ms
            "7f", // angle unknown
            "00", // direction unknown
            "2b000000", // strokes 43
            "0000", // code
            "bd7e"); // crc
    private static final EventFrame EVENT_VALUE =
            new EventFrame(1, 0, 0x5EED0003L, 7, 12390, 123_900_000, (short) 689, 740, (byte) 127, (byte) 0, 43, 0);

    private static final byte[] EVENT_EDGE = hex(
            "02", // type: event
            "01", // version
            "05", // kind: fault
            "01", // flags: historical
            "ffffffff", // boot 2^32 - 1
            "ffffffff", // sequence 2^32 - 1
            "ffffffff", // index 2^32 - 1
            "ffffffffffffffff", // time 2^64 - 1 us
            "ffff", // peak -0.01 N
            "ffffffff", // duration 2^32 - 1 ms
            "80", // angle -128
            "ff", // direction -1
            "ffffffff", // strokes 2^32 - 1
            "ffff", // code 65 535
            "b1cc"); // crc
    private static final EventFrame EVENT_EDGE_VALUE = new EventFrame(
            5,
            1,
            0xFFFF_FFFFL,
            0xFFFF_FFFFL,
            0xFFFF_FFFFL,
            -1L,
            (short) -1,
            0xFFFF_FFFFL,
            (byte) -128,
            (byte) -1,
            0xFFFF_FFFFL,
            0xFFFF);

    static Stream<Arguments> vectors() {
        Decoder force = ForceFrame::decode;
        Decoder event = EventFrame::decode;
        return Stream.of(
                Arguments.of("force", force, FORCE, FORCE_VALUE),
                Arguments.of("force at the edges", force, FORCE_EDGE, FORCE_EDGE_VALUE),
                Arguments.of("stroke end", event, EVENT, EVENT_VALUE),
                Arguments.of("event at the edges", event, EVENT_EDGE, EVENT_EDGE_VALUE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void decodes(String name, Decoder decoder, byte[] bytes, Object value) throws MalformedFrameException {
        assertEquals(value, decoder.decode(bytes));
    }

    @Test
    void encodes() {
        assertEquals(text(FORCE), text(FORCE_VALUE.encode()));
        assertEquals(text(FORCE_EDGE), text(FORCE_EDGE_VALUE.encode()));
        assertEquals(text(EVENT), text(EVENT_VALUE.encode()));
        assertEquals(text(EVENT_EDGE), text(EVENT_EDGE_VALUE.encode()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void everyProperPrefixIsRejected(String name, Decoder decoder, byte[] bytes, Object value) {
        for (int length = 0; length < bytes.length; length++) {
            byte[] prefix = Arrays.copyOf(bytes, length);
            assertThrows(MalformedFrameException.class, () -> decoder.decode(prefix), () -> text(prefix));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void oneByteMoreIsRejected(String name, Decoder decoder, byte[] bytes, Object value) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThrows(MalformedFrameException.class, () -> decoder.decode(longer));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void everyFlippedBitIsRejected(String name, Decoder decoder, byte[] bytes, Object value) {
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(MalformedFrameException.class, () -> decoder.decode(flipped), () -> text(flipped));
        }
    }

    @Test
    void crcOfItsStandardCheckInput() {
        assertEquals(0x29B1, Crc16.of("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9));
    }

    @Test
    void lastIndexAndTimeOfAForceFrame() {
        assertEquals(12344, FORCE_VALUE.lastIndex());
        assertEquals(123_440_000, FORCE_VALUE.lastTimeUs());
        assertEquals(0xFFFF_FFFAL, FORCE_EDGE_VALUE.lastIndex());
    }
}

package io.lightstroke.protocol;

import static io.lightstroke.protocol.Bytes.hex;
import static io.lightstroke.protocol.Bytes.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.RecordAnswer.Result;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors of time sync and stored records in the protocol's description, which come from an independent program. */
class RecordVectorsTest {
    private static final long BOOT = 0x5EED0003L;

    @FunctionalInterface
    interface Decoder {
        Object decode(byte[] bytes) throws MalformedFrameException;
    }

    private record Vector(Decoder decoder, byte[] bytes, Object value, byte[] encoded) {
        static Vector of(byte[] bytes, TimeSync value) {
            return new Vector(TimeSync::decode, bytes, value, value.encode());
        }

        static Vector of(byte[] bytes, RecordRequest value) {
            return new Vector(RecordRequest::decode, bytes, value, value.encode());
        }

        static Vector of(byte[] bytes, RecordAnswer value) {
            return new Vector(RecordAnswer::decode, bytes, value, value.encode());
        }

        static Vector of(byte[] bytes, StoredBoots value) {
            return new Vector(StoredBoots::decode, bytes, value, value.encode());
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    private static final byte[] TIME_SYNC = hex(
            "01eeffc0", // nonce 0xC0FFEE01
            "0300ed5e", // boot 0x5EED0003
            "40ef5a0700000000", // received at 123 400 000 us
            "12f05a0700000000"); // sent at 123 400 210 us
    private static final byte[] TIME_SYNC_EDGE = hex(
            "ffffffff", // nonce 2^32 - 1
            "ffffffff", // boot 2^32 - 1
            "0000000000000080", // received at 2^63 us
            "ffffffffffffffff"); // sent at 2^64 - 1 us
    private static final byte[] REPORT_RANGE = hex(
            "01", // op: report
            "04", // operator: within range
            "80", // operand: by boot
            "0300ed5e", // boot 0x5EED0003
            "34300000", // from 12340
            "38300000"); // to 12344
    private static final byte[] COUNT_FROM_EDGE = hex(
            "04", // op: count
            "03", // operator: greater or equal
            "80", // operand: by boot
            "ffffffff", // boot 2^32 - 1
            "feffffff"); // from 2^32 - 2
    private static final byte[] REPORT_UP_TO = hex("01", "02", "80", "0300ed5e", "38300000");
    private static final byte[] REPORT_ALL = hex("01", "01", "80", "0300ed5e");
    private static final byte[] REPORT_LAST = hex("01", "06", "80", "0300ed5e");
    private static final byte[] DELETE_FIRST = hex("02", "05", "80", "0300ed5e");
    private static final byte[] ABORT = hex("03", "00");
    private static final byte[] NUMBER = hex(
            "05", // op: number of stored records
            "00", // operator: none
            "70110100"); // 70 000
    private static final byte[] SUCCESS = hex(
            "06", // op: response
            "00", // operator: none
            "01", // to report
            "01"); // success
    private static final byte[] UNKNOWN_RESULT = hex("06", "00", "02", "c8");
    private static final byte[] STORED_BOOTS = hex(
            "01", // more
            "02", // count
            "0df0ad0b", // boot 0x0BADF00D
            "00100000", // oldest 4096
            "70110100", // newest 70 000
            "41010000", // events 321
            "0300ed5e", // boot 0x5EED0003
            "01000000", // oldest 1,
            "00000000", // newest 0: no sample
            "02000000"); // events 2

    static Stream<Vector> vectors() {
        return Stream.of(
                Vector.of(TIME_SYNC, new TimeSync(0xC0FFEE01L, BOOT, 123_400_000, 123_400_210)),
                Vector.of(TIME_SYNC_EDGE, new TimeSync(0xFFFF_FFFFL, 0xFFFF_FFFFL, Long.MIN_VALUE, -1L)),
                Vector.of(REPORT_RANGE, RecordRequest.reportRange(BOOT, 12340, 12344)),
                Vector.of(COUNT_FROM_EDGE, new RecordRequest(4, 3, 0xFFFF_FFFFL, 0xFFFF_FFFEL, 0)),
                Vector.of(REPORT_UP_TO, new RecordRequest(1, 2, BOOT, 0, 12344)),
                Vector.of(REPORT_ALL, RecordRequest.reportAll(BOOT)),
                Vector.of(REPORT_LAST, RecordRequest.reportLast(BOOT)),
                Vector.of(DELETE_FIRST, new RecordRequest(2, 5, BOOT, 0, 0)),
                Vector.of(ABORT, RecordRequest.abort()),
                Vector.of(NUMBER, RecordAnswer.number(70_000)),
                Vector.of(SUCCESS, RecordAnswer.response(RecordRequest.REPORT, Result.SUCCESS)),
                Vector.of(UNKNOWN_RESULT, new RecordAnswer(6, 0, 2, 200)),
                Vector.of(
                        STORED_BOOTS,
                        new StoredBoots(
                                true,
                                List.of(
                                        new StoredBoot(0x0BADF00DL, 4096, 70_000, 321),
                                        new StoredBoot(BOOT, 1, 0, 2)))));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodesAndEncodes(Vector vector) throws MalformedFrameException {
        assertEquals(vector.value(), vector.decoder().decode(vector.bytes()));
        assertEquals(text(vector.bytes()), text(vector.encoded()));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void everyProperPrefixAndOneByteMoreAreRejected(Vector vector) {
        byte[] bytes = vector.bytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] prefix = Arrays.copyOf(bytes, length);
            assertThrows(MalformedFrameException.class, () -> vector.decoder().decode(prefix), () -> text(prefix));
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThrows(MalformedFrameException.class, () -> vector.decoder().decode(longer));
    }

    @Test
    void timeSyncRequest() throws MalformedFrameException {
        byte[] bytes = hex("01eeffc0");
        assertEquals(text(bytes), text(TimeSync.request(0xC0FFEE01L)));
        assertEquals(0xC0FFEE01L, TimeSync.nonceOfRequest(bytes));
        for (int length : new int[] {0, 1, 2, 3, 5}) {
            byte[] wrong = Arrays.copyOf(bytes, length);
            assertThrows(MalformedFrameException.class, () -> TimeSync.nonceOfRequest(wrong));
        }
    }

    @Test
    void storedBootsAndEraseAtTheControlPoint() throws MalformedFrameException {
        ControlRequest page = ControlRequest.storedBoots(5, 0);
        assertEquals("0a0500", text(page.encode()));
        assertEquals(0, page.page());
        assertEquals(
                "800a0501" + text(STORED_BOOTS),
                text(ControlAnswer.storedBoots(page, StoredBoots.decode(STORED_BOOTS))
                        .encode()));
        ControlRequest erase = ControlRequest.eraseStored(6, BOOT, 12344);
        assertEquals("0b060300ed5e38300000", text(erase.encode()));
        assertEquals(BOOT, erase.erasedBoot());
        assertEquals(12344, erase.erasedIndex());
    }

    @Test
    void aPageOfBootsFitsTheSmallestMtu() {
        StoredBoot boot = new StoredBoot(1, 2, 3, 4);
        int length = ControlAnswer.storedBoots(
                        ControlRequest.storedBoots(1, 0),
                        new StoredBoots(true, Collections.nCopies(StoredBoots.PAGE, boot)))
                .encode()
                .length;
        assertEquals(4 + 2 + 3 * 16, length);
        assertTrue(length <= Gatt.MIN_MTU - 3);
    }

    /** With what a tool answers requests that it does not carry out, by the codes of the Bluetooth SIG. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "all,                       01 01 80 0300ed5e,",
        "count within one,          04 04 80 0300ed5e 05000000 05000000,",
        "abort,                     03 00,",
        "delete,                    02 01 80 0300ed5e, 2",
        "op 0,                      00 01 80 0300ed5e, 2",
        "op 7,                      07 01, 2",
        "op 255 without an operand, ff 09, 2",
        "report with no operator,   01 00, 3",
        "abort with an operator,    03 01, 3",
        "operator 7,                01 07 80 0300ed5e, 4",
        "operator 255,              04 ff, 4",
        "no operand,                01 01, 5",
        "half a boot,               01 01 80 0300, 5",
        "no index,                  01 02 80 0300ed5e, 5",
        "an index too many,         01 01 80 0300ed5e 05000000, 5",
        "half a range,              01 04 80 0300ed5e 05000000, 5",
        "a range backwards,         01 04 80 0300ed5e 05000000 04000000, 5",
        "abort with an operand,     03 00 80 0300ed5e, 5",
        "operand by time,           01 03 02 0300ed5e 05000000, 9",
    })
    void isRefused(String name, String bytes, Integer code) throws MalformedFrameException {
        assertEquals(
                Optional.ofNullable(code), RecordRequest.refusal(hex(bytes)).map(Result::code));
    }

    @Test
    void resultsByTheirCodes() {
        List<String> words = List.of(
                "success",
                "op not supported",
                "invalid operator",
                "operator not supported",
                "invalid operand",
                "no records found",
                "abort unsuccessful",
                "procedure not completed",
                "operand not supported");
        for (int code = 1; code <= 9; code++) {
            assertEquals(
                    words.get(code - 1),
                    new RecordAnswer(6, 0, 1, code).result().toString());
        }
        assertEquals(Result.UNKNOWN, new RecordAnswer(6, 0, 1, 0).result());
        assertEquals(Result.UNKNOWN, new RecordAnswer(6, 0, 1, 200).result());
    }
}

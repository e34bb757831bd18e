package io.lightstroke.protocol;

import static io.lightstroke.protocol.Bytes.hex;
import static io.lightstroke.protocol.Bytes.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Bytes of the characteristics that have no vector, written by hand from the tables of the protocol's description. */
class CharacteristicBytesTest {
    private static final byte[] LIMITS = hex(
            "2c01", // light 3.00 N
            "8a02", // moderate 6.50 N
            "8403", // too deep 9.00 N
            "7805", // ceiling 14.00 N
            "9600", // enter after 150 ms
            "c800", // leave after 200 ms
            "5a", // below 90 %
            "d007", // repeat every 2 000 ms
            "01"); // keep over reboots
    private static final ToolLimits LIMITS_VALUE = new ToolLimits(300, 650, 900, 1400, 150, 200, 90, 2000, 1);

    @Test
    void toolInfo() throws MalformedFrameException {
        byte[] bytes = hex(
                "01", // version
                "0f00", // features: motion sensor, haptic, LED, stores records
                "6400", // rate 100 Hz
                "1000", // min 16 Hz
                "e803", // max 1 000 Hz
                "07000000", // calibration 7
                "0300ed5e", // boot 0x5EED0003
                "ffffffff", // never tared
                "01"); // state: sampling
        ToolInfo value = new ToolInfo(0x0f, 100, 16, 1000, 7, 0x5EED0003L, ToolInfo.NEVER_TARED, ToolInfo.SAMPLING);
        assertEquals(value, ToolInfo.decode(bytes));
        assertEquals(text(bytes), text(value.encode()));
        assertTrue(value.has(ToolInfo.MOTION_SENSOR));
        assertTrue(value.has(ToolInfo.STORES_RECORDS));
        assertFalse(value.has(ToolInfo.FIRMWARE_UPDATE));
        assertFalse(value.has(ToolInfo.BUTTON));
    }

    @Test
    void limits() throws MalformedFrameException {
        assertEquals(LIMITS_VALUE, ToolLimits.decode(LIMITS));
        assertEquals(text(LIMITS), text(LIMITS_VALUE.encode()));
    }

    @Test
    void limitsThatAToolRefuses() {
        assertTrue(LIMITS_VALUE.problem().isEmpty());
        for (ToolLimits refused : List.of(
                new ToolLimits(0, 650, 900, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(650, 650, 900, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(300, 900, 900, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(300, 650, 1400, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(300, 650, 900, 1401, 150, 200, 90, 2000, 0),
                new ToolLimits(300, 650, 900, 1400, 150, 200, 101, 2000, 0))) {
            assertTrue(refused.problem().isPresent(), refused::toString);
        }
        assertEquals(
                "limits: want 0 < light < moderate < too_deep < ceiling <= 1400 cN and exit_percent <= 100,"
                        + " got 300 650 900 1401 cN and 90",
                new ToolLimits(300, 650, 900, 1401, 150, 200, 90, 2000, 0)
                        .problem()
                        .orElseThrow());
    }

    @Test
    void controlRequests() throws MalformedFrameException {
        assertRequest(ControlRequest.start(17, 200), hex("01", "11", "c800")); // 200 Hz
        assertRequest(ControlRequest.stop(18), hex("02", "12"));
        assertRequest(ControlRequest.tare(19), hex("03", "13"));
        assertRequest(ControlRequest.writeLimits(255, LIMITS_VALUE), hex("04", "ff", text(LIMITS)));
        assertRequest(ControlRequest.readLimits(0), hex("05", "00"));
        assertRequest(ControlRequest.identify(20), hex("09", "14"));
        assertEquals(200, ControlRequest.start(17, 200).rateHz());
    }

    private static void assertRequest(ControlRequest value, byte[] bytes) throws MalformedFrameException {
        assertEquals(text(bytes), text(value.encode()));
        assertEquals(value, ControlRequest.decode(bytes));
    }

    @Test
    void controlAnswers() throws MalformedFrameException {
        ControlRequest tare = ControlRequest.tare(19);
        assertAnswer(ControlAnswer.tared(tare, (short) -2), hex("80", "03", "13", "01", "feff")); // -0.02 N
        assertAnswer(ControlAnswer.to(tare, ControlAnswer.Result.BUSY_OR_WRONG_STATE), hex("80", "03", "13", "06"));
        assertAnswer(
                ControlAnswer.limits(ControlRequest.readLimits(20), LIMITS_VALUE),
                hex("80", "05", "14", "01", text(LIMITS)));
        assertEquals(
                -2, ControlAnswer.decode(hex("80", "03", "13", "01", "feff")).offsetCn());
    }

    @Test
    void calibration() throws MalformedFrameException {
        assertCalibration(
                ControlRequest.calibrate(5, ControlRequest.CalibrationStep.BEGIN, 0),
                hex("07", "05", "00", "00000000"),
                0);
        assertCalibration(
                ControlRequest.calibrate(6, ControlRequest.CalibrationStep.REFERENCE, 4903),
                hex("07", "06", "02", "27130000"),
                4903);
        ControlRequest commit = ControlRequest.calibrate(7, ControlRequest.CalibrationStep.COMMIT, 0);
        assertCalibration(commit, hex("07", "07", "03", "00000000"), 0);
        assertAnswer(ControlAnswer.calibrated(commit, 2), hex("80", "07", "07", "01", "02000000"));
        ControlRequest cancel = ControlRequest.calibrate(255, ControlRequest.CalibrationStep.CANCEL, Integer.MIN_VALUE);
        assertCalibration(cancel, hex("07", "ff", "04", "00000080"), Integer.MIN_VALUE);
        assertAnswer(ControlAnswer.calibrated(cancel, 0xFFFF_FFFFL), hex("80", "07", "ff", "01", "ffffffff"));
        assertEquals(
                0xFFFF_FFFFL,
                ControlAnswer.decode(hex("80", "07", "ff", "01", "ffffffff")).calibration());
        assertEquals(
                Optional.of(ControlRequest.CalibrationStep.ZERO),
                ControlRequest.decode(hex("07", "00", "01", "00000000")).calibrationStep());
        assertEquals(
                Optional.empty(),
                ControlRequest.decode(hex("07", "00", "05", "00000000")).calibrationStep());
        for (String params : List.of("", "02271300", "022713000000")) {
            ControlRequest wrong = ControlRequest.decode(hex("07", "06", params));
            assertThrows(MalformedFrameException.class, wrong::calibrationStep);
            assertThrows(MalformedFrameException.class, wrong::referenceMn);
        }
    }

    private static void assertCalibration(ControlRequest value, byte[] bytes, int referenceMn)
            throws MalformedFrameException {
        assertEquals(text(bytes), text(value.encode()));
        assertEquals(value, ControlRequest.decode(bytes));
        assertEquals(referenceMn, ControlRequest.decode(bytes).referenceMn());
    }

    private static void assertAnswer(ControlAnswer value, byte[] bytes) throws MalformedFrameException {
        assertEquals(text(bytes), text(value.encode()));
        assertEquals(value, ControlAnswer.decode(bytes));
    }

    @Test
    void resultsByTheirCodes() {
        List<String> words = List.of(
                "ok",
                "unknown op",
                "bad parameter",
                "failed",
                "not authorised",
                "busy or wrong state",
                "bad length",
                "sensor fault");
        for (int code = 1; code <= 8; code++) {
            assertEquals(
                    words.get(code - 1),
                    new ControlAnswer(1, 0, code, new byte[0]).result().toString());
        }
        assertEquals(ControlAnswer.Result.UNKNOWN, new ControlAnswer(1, 0, 0, new byte[0]).result());
        assertEquals(ControlAnswer.Result.UNKNOWN, new ControlAnswer(1, 0, 200, new byte[0]).result());
    }

    @Test
    void cue() throws MalformedFrameException {
        byte[] bytes = hex(
                "04", // pattern: ceiling
                "2a", // transaction 42
                "40ef5a0700000000"); // expires at 123 400 000 us
        Cue value = new Cue(Cue.Pattern.CEILING, 42, 123_400_000);
        assertEquals(value, Cue.decode(bytes));
        assertEquals(text(bytes), text(value.encode()));
        assertEquals(1, Cue.Pattern.TICK.code());
        assertEquals(2, Cue.Pattern.TOO_DEEP.code());
        assertEquals(3, Cue.Pattern.MOVE_ON.code());
    }

    @Test
    void unknownCodesStayAsTheyCame() throws MalformedFrameException {
        Cue cue = Cue.decode(hex("c8", "00", "0000000000000000"));
        assertEquals(Cue.Pattern.UNKNOWN, cue.pattern());
        assertEquals(200, cue.patternCode());
        EventFrame event = new EventFrame(77, 0, 1, 0, 0, 0, (short) 0, 0, (byte) 127, (byte) 0, 0, 0);
        assertEquals(EventFrame.Kind.UNKNOWN, event.kind());
        assertEquals(event, EventFrame.decode(event.encode()));
    }

    @Test
    void eventKindsByTheirCodes() {
        EventFrame.Kind[] kinds = {
            EventFrame.Kind.STROKE_END,
            EventFrame.Kind.OVER_PRESSURE_BEGIN,
            EventFrame.Kind.OVER_PRESSURE_END,
            EventFrame.Kind.TARED,
            EventFrame.Kind.FAULT,
            EventFrame.Kind.CUE_BEGAN,
            EventFrame.Kind.BUTTON,
            EventFrame.Kind.LIMITS_CHANGED,
            EventFrame.Kind.AWAKE
        };
        for (int code = 1; code <= 9; code++) {
            EventFrame event = new EventFrame(code, 0, 1, 0, 0, 0, (short) 0, 0, (byte) 0, (byte) 0, 0, 0);
            assertEquals(kinds[code - 1], event.kind());
        }
    }

    @Test
    void battery() throws MalformedFrameException {
        assertEquals(new BatteryLevel(87), BatteryLevel.decode(hex("57")));
        assertArrayEquals(hex("57"), new BatteryLevel(87).encode());
    }

    @Test
    void uuids() {
        assertEquals(UUID.fromString("e7c90002-a63a-4263-9c72-1d8589a5f02d"), Gatt.FORCE_STREAM);
        assertEquals(UUID.fromString("e7c90005-a63a-4263-9c72-1d8589a5f02d"), Gatt.TIME_SYNC);
        assertEquals(UUID.fromString("e7c90007-a63a-4263-9c72-1d8589a5f02d"), Gatt.RECORD_DATA);
        assertEquals(UUID.fromString("00002a52-0000-1000-8000-00805f9b34fb"), Gatt.RECORD_ACCESS);
        assertEquals(UUID.fromString("e7c90008-a63a-4263-9c72-1d8589a5f02d"), Gatt.CUE);
        assertEquals(UUID.fromString("8D53DC1D-1DB7-4CD3-868B-8A527460AA84"), Gatt.SMP_SERVICE);
        assertEquals(UUID.fromString("DA2E7828-FBCE-4E01-AE9E-261174997C48"), Gatt.SMP);
        assertEquals(UUID.fromString("00002a19-0000-1000-8000-00805f9b34fb"), Gatt.BATTERY_LEVEL);
        assertEquals(
                Gatt.TABLE.size(),
                Gatt.TABLE.stream().map(Gatt.Characteristic::uuid).distinct().count());
    }
}

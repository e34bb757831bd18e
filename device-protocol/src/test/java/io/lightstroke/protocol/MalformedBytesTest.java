package io.lightstroke.protocol;

import static io.lightstroke.protocol.Bytes.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What an error says: the thing, what was wanted, what came. */
class MalformedBytesTest {
    private final byte[] force = new ForceFrame(0, 1, 0, 0, 10_000, 0, new short[] {1, 2}).encode();
    private final byte[] event = new EventFrame(1, 0, 1, 0, 0, 0, (short) 0, 0, (byte) 127, (byte) 0, 0, 0).encode();

    @Test
    void forceFrame() {
        assertSays("force frame: want at least 30 bytes, got 3", () -> ForceFrame.decode(new byte[3]));
        assertSays("force frame type: want 1, got 2", () -> ForceFrame.decode(with(force, 0, 2)));
        assertSays("force frame version: want 1, got 9", () -> ForceFrame.decode(with(force, 1, 9)));
        assertSays("force frame count: want 1..100, got 0", () -> ForceFrame.decode(with(force, 22, 0)));
        assertSays("force frame count: want 1..100, got 101", () -> ForceFrame.decode(with(force, 22, 101)));
        assertSays("force frame of 3 samples: want 36 bytes, got 34", () -> ForceFrame.decode(with(force, 22, 3)));
        byte[] still = with(with(force, 20, 0), 21, 0);
        LittleEndian.putCrc(still);
        assertSays("force frame period_us: want 1..65535, got 0", () -> ForceFrame.decode(still));
    }

    @Test
    void crc() {
        int right = Crc16.of(force, 0, 32);
        byte[] wrong = with(with(force, 32, 0xCD), 33, 0xAB);
        assertSays(
                "force frame crc: want 0x%04x over the 32 bytes before it, got 0xabcd".formatted(right),
                () -> ForceFrame.decode(wrong));
    }

    @Test
    void eventFrame() {
        assertSays("event frame: want 40 bytes, got 39", () -> EventFrame.decode(Arrays.copyOf(event, 39)));
        assertSays("event frame type: want 2, got 1", () -> EventFrame.decode(with(event, 0, 1)));
        assertSays("event frame version: want 1, got 2", () -> EventFrame.decode(with(event, 1, 2)));
    }

    @Test
    void fixedLayouts() {
        assertSays("tool info: want 22 bytes, got 21", () -> ToolInfo.decode(new byte[21]));
        assertSays("tool info version: want 1, got 0", () -> ToolInfo.decode(new byte[22]));
        assertSays("limits: want 16 bytes, got 17", () -> ToolLimits.decode(new byte[17]));
        assertSays("cue: want 10 bytes, got 0", () -> Cue.decode(new byte[0]));
        assertSays("battery level: want 1 bytes, got 2", () -> BatteryLevel.decode(new byte[2]));
        assertSays("battery level: want 0..100 %, got 101", () -> BatteryLevel.decode(hex("65")));
    }

    @Test
    void controlPoint() {
        assertSays("control request: want at least 2 bytes, got 1", () -> ControlRequest.decode(new byte[1]));
        assertSays("control answer: want at least 4 bytes, got 3", () -> ControlAnswer.decode(new byte[3]));
        assertSays("control answer type: want 128, got 1", () -> ControlAnswer.decode(hex("01", "03", "13", "01")));
        assertSays(
                "control start: want 2 bytes, got 0",
                () -> ControlRequest.stop(1).rateHz());
        assertSays(
                "control answer to tare: want 2 bytes, got 0",
                () -> ControlAnswer.decode(hex("80031301")).offsetCn());
    }

    @Test
    void timeSyncAndRecords() {
        assertSays("time sync request: want 4 bytes, got 3", () -> TimeSync.nonceOfRequest(new byte[3]));
        assertSays("time sync: want 24 bytes, got 4", () -> TimeSync.decode(new byte[4]));
        assertSays("stored boots: want at least 2 bytes, got 1", () -> StoredBoots.decode(new byte[1]));
        assertSays("stored boots more: want 0 or 1, got 2", () -> StoredBoots.decode(hex("0200")));
        assertSays("stored boots, 2 of them: want 34 bytes, got 2", () -> StoredBoots.decode(hex("0002")));
        assertSays("record request: want at least 2 bytes, got 1", () -> RecordRequest.decode(new byte[1]));
        assertSays("record request: want at least 2 bytes, got 0", () -> RecordRequest.refusal(new byte[0]));
        assertSays("record request op: want 1..4, got 7", () -> RecordRequest.decode(hex("0701")));
        assertSays("record request operator: want 1..6, got 0", () -> RecordRequest.decode(hex("0100")));
        assertSays("operator of a record abort: want 0, got 1", () -> RecordRequest.decode(hex("0301")));
        assertSays("record abort: want 2 bytes, got 3", () -> RecordRequest.decode(hex("030080")));
        assertSays(
                "record request with operator 4: want 15 bytes, got 11",
                () -> RecordRequest.decode(hex("010480", "01000000", "05000000")));
        assertSays(
                "record request operand type: want 128, got 1", () -> RecordRequest.decode(hex("010101", "01000000")));
        assertSays(
                "record request range: want first <= last, got 5..4",
                () -> RecordRequest.decode(hex("010480", "01000000", "05000000", "04000000")));
        assertSays("record answer: want at least 2 bytes, got 0", () -> RecordAnswer.decode(new byte[0]));
        assertSays("record answer operator: want 0, got 1", () -> RecordAnswer.decode(hex("0501")));
        assertSays("record answer op: want 5 or 6, got 4", () -> RecordAnswer.decode(hex("0400")));
        assertSays("number of records: want 6 bytes, got 4", () -> RecordAnswer.decode(hex("05000000")));
        assertSays("record response: want 4 bytes, got 3", () -> RecordAnswer.decode(hex("060001")));
        assertSays(
                "control stored boots: want 1 bytes, got 0",
                () -> ControlRequest.stop(1).page());
        assertSays(
                "control erase stored: want 8 bytes, got 0",
                () -> ControlRequest.stop(1).erasedBoot());
        assertSays(
                "control erase stored: want 8 bytes, got 0",
                () -> ControlRequest.stop(1).erasedIndex());
    }

    @Test
    void deviceInformation() {
        assertSays("model: want at most 64 bytes, got 65", () -> DeviceInformation.decode("model", new byte[65]));
        assertSays("model: want UTF-8, got ff41", () -> DeviceInformation.decode("model", hex("ff41")));
    }

    @Test
    void ourOwnValuesOutOfRangeAreOurBug() {
        assertEquals(
                "force frame period_us: want 1..65535, got 0",
                assertThrows(IllegalArgumentException.class, () -> new ForceFrame(0, 1, 0, 0, 0, 0, new short[] {1}))
                        .getMessage());
        assertEquals(
                "battery percent: want 0..100, got 101",
                assertThrows(IllegalArgumentException.class, () -> new BatteryLevel(101))
                        .getMessage());
    }

    private static void assertSays(String message, Executable decoding) {
        assertEquals(
                message, assertThrows(MalformedFrameException.class, decoding).getMessage());
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }
}

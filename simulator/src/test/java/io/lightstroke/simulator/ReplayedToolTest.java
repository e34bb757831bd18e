package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.ToolRecording;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Bytes are those of docs/protocol.md, section 1. */
class ReplayedToolTest {
    private static final String INFO = "01 0a00 6400 1400 c800 01000000 0300ed5e ffffffff 00";
    private static final String FORCE =
            "0101 0000 0300ed5e 34300000 40ef5a0700000000 1027 05 00 2a000000 7800 5901 feff b102 0080 9474";
    private static final String BROKEN = "0101 0000 0300ed5e";
    private static final String STROKE_END =
            "02 01 01 00 0300ed5e 07000000 66300000 6090620700000000 b102 e4020000 7f 00 2b000000 0000 bd7e";

    /** Connected at 1 s, started at 1.5 s, told at 2 s and 2.1 s; lost at 3 s; again at 5 s, started at 5.2 s, told at 5.4 s. */
    private static final List<Passed> PASSED = List.of(
            Passed.linked(1_000_000, 100),
            Passed.read(1_100_000, of("tool-info"), hex(INFO)),
            Passed.read(1_110_000, of("serial-number"), hex("53 4e 31")),
            Passed.written(1_200_000, of("time-sync"), hex("01 ee ff c0")),
            Passed.told(1_210_000, of("time-sync"), hex("01eeffc0 0300ed5e 40ef5a0700000000 12f05a0700000000")),
            Passed.written(1_300_000, of("control-point"), hex("03 01")),
            Passed.told(1_310_000, of("control-point"), hex("80 03 01 06")),
            Passed.written(1_400_000, of("control-point"), hex("03 02")),
            Passed.told(1_410_000, of("control-point"), hex("80 03 02 01 0c00")),
            Passed.written(1_500_000, of("control-point"), hex("01 09 64 00")),
            Passed.told(1_510_000, of("control-point"), hex("80 01 09 01")),
            Passed.told(2_000_000, of("force-stream"), hex(FORCE)),
            Passed.told(2_100_000, of("force-stream"), hex(BROKEN)),
            Passed.told(2_100_001, of("events"), hex(STROKE_END)),
            Passed.unlinked(3_000_000),
            Passed.linked(5_000_000, 100),
            Passed.written(5_200_000, of("control-point"), hex("01 0a 64 00")),
            Passed.told(5_210_000, of("control-point"), hex("80 01 0a 01")),
            Passed.told(5_400_000, of("force-stream"), hex(FORCE)),
            Passed.unlinked(6_000_000));

    private record Told(long ageUs, String by, String hex) {}

    private final ReplayedTool tool = tool(PASSED);
    private final Client client = new Client(tool);

    private static ReplayedTool tool(List<Passed> passed) {
        return new ReplayedTool(new ToolRecording(
                new ToolRecording.Header("02:4C:53:00:00:01", "Lightstroke 1", "bluez", Instant.EPOCH), passed));
    }

    private static Gatt.Characteristic of(String name) {
        return Gatt.named(name).orElseThrow();
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static final class Client implements Tool.Central {
        final List<Told> told = new ArrayList<>();
        final Tool tool;
        int lost;

        Client(Tool tool) {
            this.tool = tool;
        }

        void connect() {
            tool.connect(
                    247,
                    Set.of(
                            Gatt.FORCE_STREAM,
                            Gatt.EVENTS,
                            Gatt.CONTROL_POINT,
                            Gatt.TIME_SYNC,
                            Gatt.RECORD_ACCESS,
                            Gatt.RECORD_DATA),
                    this);
        }

        void after(long us) {
            tool.advanceTo(tool.ageUs() + us);
        }

        String asked(UUID characteristic, String request) {
            tool.write(characteristic, hex(request));
            return told.get(told.size() - 1).hex;
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            told.add(new Told(
                    tool.ageUs(),
                    Gatt.of(characteristic).orElseThrow().name(),
                    HexFormat.of().formatHex(value)));
        }

        @Override
        public void lost() {
            lost++;
        }
    }

    private static String bare(String hex) {
        return hex.replace(" ", "");
    }

    @Test
    void whatWasToldComesAsLongAfterTheStartAsItDid() {
        client.connect();
        client.after(60_000_000);
        assertEquals(List.of(), client.told, "nothing before the start");

        assertEquals(bare("80 01 21 01"), client.asked(Gatt.CONTROL_POINT, "01 21 64 00"));
        client.after(1_000_000);

        assertEquals(
                List.of(
                        new Told(60_000_000, "control-point", bare("80 01 21 01")),
                        new Told(60_500_000, "force-stream", bare(FORCE)),
                        new Told(60_600_000, "force-stream", bare(BROKEN)),
                        new Told(60_600_001, "events", bare(STROKE_END))),
                client.told);
    }

    @Test
    void theLinkIsLostAsItWasAndTheRestWaitsForTheNextStart() {
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(1_499_999);
        assertEquals(0, client.lost);
        client.after(50_001);
        assertEquals(1, client.lost);
        assertFalse(tool.reachable());

        client.after(3_000_000 - 1_100_000);
        assertFalse(tool.reachable());
        client.after(100_000);
        assertTrue(tool.reachable());

        client.connect();
        client.after(10_000_000);
        client.told.clear();
        client.asked(Gatt.CONTROL_POINT, "01 22 64 00");
        long startedUs = tool.ageUs();
        client.after(10_000_000);
        assertEquals(new Told(startedUs + 200_000, "force-stream", bare(FORCE)), client.told.get(1));
        assertEquals(2, client.told.size());
        assertTrue(tool.over());
        assertEquals(1, client.lost, "at the end it stands still");
    }

    @Test
    void whoIsBackSoonerWaitsAsLongAsItTook() {
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(1_000_000);
        client.tool.disconnect();
        client.connect();
        client.told.clear();
        client.asked(Gatt.CONTROL_POINT, "01 22 64 00");
        client.after(10_000_000);

        assertEquals(new Told(3_900_000, "force-stream", bare(FORCE)), client.told.get(1));
        assertEquals(0, client.lost, "it was the next link already");
    }

    @Test
    void whatStoppedGoesOnWithTheNextStart() {
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(550_000);
        assertEquals(bare("80 02 22 01"), client.asked(Gatt.CONTROL_POINT, "02 22"));
        client.after(60_000_000);
        client.told.clear();
        client.asked(Gatt.CONTROL_POINT, "01 23 64 00");
        long startedUs = tool.ageUs();
        client.after(60_000);

        assertEquals(new Told(startedUs + 50_000, "force-stream", bare(BROKEN)), client.told.get(1));
    }

    @Test
    void readsAnswerWhatWasRead() {
        client.connect();

        assertArrayEquals(hex(INFO), tool.read(Gatt.TOOL_INFO));
        assertEquals("SN1", tool.identity().serial());
        assertEquals("Lightstroke 1", tool.identity().name());
        assertThrows(IllegalArgumentException.class, () -> tool.read(Gatt.FORCE_STREAM));
        assertThrows(IllegalArgumentException.class, () -> tool.read(Gatt.BATTERY_LEVEL), "it was never read");
    }

    /** At the recorded start, 290 ms after the answer that was sent at 123.400210 s. */
    @Test
    void itsClockIsTheRecordedOne() {
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(1_000_000);

        // 123 400 210 + 290 000 + 1 000 000 = 124 690 210 = 0x076E9F22
        assertEquals(
                bare("efbeadde 0300ed5e 229f6e0700000000 229f6e0700000000"),
                client.asked(Gatt.TIME_SYNC, "ef be ad de"));
    }

    @Test
    void opsAreAnsweredAsRecordedInTurnElseByTheProtocol() {
        client.connect();

        assertEquals(bare("80 03 30 06"), client.asked(Gatt.CONTROL_POINT, "03 30"), "tare: first busy");
        assertEquals(bare("80 03 31 01 0c00"), client.asked(Gatt.CONTROL_POINT, "03 31"), "tare: then ok");
        assertEquals(bare("80 03 32 01 0c00"), client.asked(Gatt.CONTROL_POINT, "03 32"), "tare: ok again");
        String limits = "2c01 8a02 8403 7805 9600 c800 5a d007 00";
        assertEquals(bare("80 04 33 01"), client.asked(Gatt.CONTROL_POINT, "04 33" + limits));
        assertEquals(bare("80 05 34 01" + limits), client.asked(Gatt.CONTROL_POINT, "05 34"));
        assertEquals(
                bare("80 04 35 03"),
                client.asked(Gatt.CONTROL_POINT, "04 35" + limits.replace("2c01", "0000")),
                "bad parameter");
        assertEquals(bare("80 07 36 06"), client.asked(Gatt.CONTROL_POINT, "07 36 00 00000000"), "wrong state");
        assertEquals(bare("80 07 37 07"), client.asked(Gatt.CONTROL_POINT, "07 37"), "bad length");
        assertEquals(bare("80 c8 38 02"), client.asked(Gatt.CONTROL_POINT, "c8 38"), "unknown op");
        assertEquals(bare("80 01 39 07"), client.asked(Gatt.CONTROL_POINT, "01 39"), "bad length");
    }

    @Test
    void whatCameIsInItsStoreUntilItIsErased() {
        client.connect();
        assertEquals(bare("80 0a 40 01 00 00"), client.asked(Gatt.CONTROL_POINT, "0a 40 00"), "nothing yet");
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(1_000_000);

        // Boot 0x5EED0003, 12340 to 12344; event 7 is after the last sample.
        assertEquals(
                bare("80 0a 41 01 00 01 0300ed5e 34300000 38300000 00000000"),
                client.asked(Gatt.CONTROL_POINT, "0a 41 00"));
        client.told.clear();
        tool.write(Gatt.RECORD_ACCESS, hex("01 01 80 03 00 ed 5e"));
        client.after(100_000);
        assertEquals("record-data", client.told.get(0).by);
        assertTrue(client.told.get(0).hex.startsWith(bare("0101 0100 0300ed5e 34300000 40ef5a0700000000 1027 05")));
        assertEquals(bare("06 00 01 01"), client.told.get(1).hex);
        assertEquals(bare("80 0b 42 01"), client.asked(Gatt.CONTROL_POINT, "0b 42 0300ed5e 38300000"));
        assertEquals(bare("80 0a 43 01 00 00"), client.asked(Gatt.CONTROL_POINT, "0a 43 00"));
    }

    @Test
    void twoReplaysAreTheSameAndARebootBeginsAnew() {
        List<List<Told>> replays = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ReplayedTool replayed = tool(PASSED);
            replays.add(whole(replayed));
            replayed.reboot();
            List<Told> again = whole(replayed);
            assertEquals(
                    replays.get(i).stream().map(Told::hex).toList(),
                    again.stream().map(Told::hex).toList());
        }
        assertEquals(replays.get(0), replays.get(1));
    }

    private static List<Told> whole(ReplayedTool tool) {
        Client client = new Client(tool);
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 21 64 00");
        client.after(5_000_000);
        client.connect();
        client.asked(Gatt.CONTROL_POINT, "01 22 64 00");
        client.after(5_000_000);
        return client.told;
    }

    @Test
    void aMtuIsNoLargerThanTheRecordedOne() {
        assertEquals(100, tool.mtu(247));
        assertEquals(64, tool.mtu(64));
    }

    @Test
    void whatHasNothingToPlayIsRefused() {
        assertEquals(
                "recording of 02:4C:53:00:00:01: want its tool-info, and something that it notified, got no notification",
                assertThrows(IllegalArgumentException.class, () -> tool(PASSED.subList(0, 3)))
                        .getMessage());
    }
}

package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Fault.Kind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of fault as it is seen on the wire, by the bytes of docs/protocol.md. */
class FaultyToolTest {
    private static final long S = 1_000_000;

    /** The other end: what came, when, and how often the link was lost. */
    private static final class Heard implements Tool.Central {
        private record Value(long ageUs, UUID from, byte[] bytes) {
            String hex() {
                return HexFormat.of().formatHex(bytes);
            }
        }

        final FaultyTool tool;
        final Set<UUID> subscribed = new HashSet<>();
        final List<Value> values = new ArrayList<>();
        int losses;

        Heard(String faults, long seed) {
            tool = new FaultyTool(
                    new SimulatedTool(Central.IDENTITY, Scenario.builtIn("home"), 1, Central.BOOT),
                    faults.isEmpty() ? List.of() : Fault.parse(faults),
                    seed);
            Gatt.TABLE.forEach(row -> subscribed.add(row.uuid()));
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            values.add(new Value(tool.ageUs(), characteristic, value));
        }

        @Override
        public void lost() {
            losses++;
        }

        Heard connect() {
            tool.connect(tool.mtu(247), subscribed, this);
            return this;
        }

        Heard goOn(double seconds) {
            tool.advanceTo(tool.ageUs() + Math.round(seconds * S));
            return this;
        }

        Heard write(UUID characteristic, String hex) {
            tool.write(characteristic, HexFormat.of().parseHex(hex.replace(" ", "")));
            return this;
        }

        /** At 100 Hz. */
        Heard start() {
            return write(Gatt.CONTROL_POINT, "01 01 64 00");
        }

        /** All that is stored of the first boot, asked for and waited for. */
        List<String> stored() {
            int before = from(Gatt.RECORD_DATA).size();
            write(Gatt.RECORD_ACCESS, "01 01 80 03 00 ed 5e").goOn(5);
            List<String> all = from(Gatt.RECORD_DATA);
            return all.subList(before, all.size());
        }

        long index(String forceFrame) {
            return u32(forceFrame, 8);
        }

        String last(UUID characteristic) {
            List<String> all = from(characteristic);
            return all.get(all.size() - 1);
        }

        List<String> from(UUID characteristic) {
            return values.stream()
                    .filter(value -> value.from().equals(characteristic))
                    .map(Value::hex)
                    .toList();
        }
    }

    /** What is seen of each kind; one that has no case fails. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void eachKindIsSeenOnTheWire(Kind kind) {
        switch (kind) {
            case LINK_LOSS -> linkLoss();
            case DROP -> share("drop=20%", 0.8);
            case SILENCE -> silence();
            case CORRUPT -> corrupt();
            case DUPLICATE -> share("duplicate=20%", 1.2);
            case REORDER -> reorder();
            case SHORT_MTU -> shortMtu();
            case WRONG_CRC -> wrongCrc();
            case WRONG_COUNT -> wrongCount();
            case CLOCK_DRIFT -> clockDrift();
            case CLOCK_JUMP -> clockJump();
            case REBOOT -> reboot();
            case LOW_BATTERY -> lowBattery();
            case SATURATED -> saturated();
            case UNTARED -> untared();
            case STORE_OVERFLOW -> storeOverflow();
            case REFUSED_OP -> refusedOp();
            case SLOW_ANSWERS -> slowAnswers();
            case SPOOFED_TWIN -> spoofedTwin();
        }
    }

    /** The frames of a minute without faults, and with them. */
    private static void share(String fault, double share) {
        List<String> sent = new Heard("", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        List<String> came = new Heard(fault, 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        assertEquals(1200, sent.size());
        assertEquals(1200 * share, came.size(), 60);
        assertTrue(sent.containsAll(came));
    }

    private static void linkLoss() {
        Heard heard = new Heard("link-loss@5s+3s", 1).connect().start().goOn(6);
        assertEquals(1, heard.losses);
        assertFalse(heard.tool.reachable());
        assertEquals(100, heard.from(Gatt.FORCE_STREAM).size());
        heard.goOn(3);
        assertTrue(heard.tool.reachable());
        heard.connect().goOn(1);
        assertEquals(120, heard.from(Gatt.FORCE_STREAM).size());
        assertEquals(900, heard.index(heard.from(Gatt.FORCE_STREAM).get(100)), 5, "it sampled on into its store");
    }

    private static void silence() {
        Heard heard = new Heard("silence@5s+3s", 1).connect().start().goOn(6);
        heard.write(Gatt.CONTROL_POINT, "05 07").goOn(4);
        assertEquals(140, heard.from(Gatt.FORCE_STREAM).size());
        assertTrue(heard.values.stream()
                .filter(value -> !value.from().equals(Gatt.CONTROL_POINT))
                .noneMatch(value -> value.ageUs() > 5 * S && value.ageUs() < 8 * S));
        assertTrue(heard.from(Gatt.CONTROL_POINT).get(1).startsWith("80050701"), "indications come");
    }

    private static void corrupt() {
        List<String> sent = new Heard("", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        List<String> came =
                new Heard("corrupt=20%", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        assertEquals(sent.size(), came.size());
        int changed = 0;
        for (int i = 0; i < sent.size(); i++) {
            int bits = new BigInteger(sent.get(i), 16)
                    .xor(new BigInteger(came.get(i), 16))
                    .bitCount();
            assertTrue(bits <= 3, bits + " bits");
            assertEquals(bits > 0, !isRight(came.get(i)));
            changed += bits > 0 ? 1 : 0;
        }
        assertEquals(240, changed, 60);
    }

    private static void reorder() {
        List<String> sent = new Heard("", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        Heard heard = new Heard("reorder=20%", 1).connect().start().goOn(60.3);
        List<String> came = heard.from(Gatt.FORCE_STREAM);
        assertTrue(came.containsAll(sent));
        assertNotEquals(sent, came.subList(0, sent.size()));
        long late = heard.values.stream()
                .filter(value -> value.from().equals(Gatt.FORCE_STREAM))
                .filter(value -> {
                    long byUs = value.ageUs() - (heard.index(value.hex()) + 5) * 10_000;
                    assertTrue(byUs == 0 || (byUs >= 60_000 && byUs <= 200_000), byUs + " us late");
                    return byUs > 0;
                })
                .count();
        assertEquals(240, late, 60);
    }

    private static void shortMtu() {
        Heard heard = new Heard("short-mtu=40", 1);
        assertEquals(40, heard.tool.mtu(247));
        heard.connect().start().goOn(3);
        assertTrue(heard.values.stream().allMatch(value -> value.bytes().length <= 37));
        assertTrue(heard.from(Gatt.FORCE_STREAM).stream().allMatch(frame -> frame.length() == 2 * (30 + 2 * 3)));
    }

    private static void wrongCrc() {
        List<String> sent = new Heard("", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        List<String> came =
                new Heard("wrong-crc=20%", 1).connect().start().goOn(60).from(Gatt.FORCE_STREAM);
        int wrong = 0;
        for (int i = 0; i < sent.size(); i++) {
            assertEquals(withoutCrc(sent.get(i)), withoutCrc(came.get(i)));
            wrong += isRight(came.get(i)) ? 0 : 1;
        }
        assertEquals(240, wrong, 60);
    }

    private static void wrongCount() {
        Heard heard = new Heard("wrong-count=20%", 1).connect().start().goOn(60);
        int wrong = 0;
        for (String frame : heard.from(Gatt.FORCE_STREAM)) {
            assertTrue(isRight(frame), "the CRC is right");
            int count = Integer.parseInt(frame.substring(44, 46), 16);
            wrong += frame.length() == 2 * (30 + 2 * count) ? 0 : 1;
        }
        assertEquals(240, wrong, 60);
    }

    /** 1 % too fast, so that in a hundred seconds it samples a second's samples more. */
    private static void clockDrift() {
        Heard heard =
                new Heard("clock-drift=10000ppm@0s+100s", 1).connect().start().goOn(100);
        assertEquals(10_100, heard.index(heard.last(Gatt.FORCE_STREAM)) + 5, 5);
        heard.goOn(100);
        assertEquals(20_100, heard.index(heard.last(Gatt.FORCE_STREAM)) + 5, 5);
        assertEquals(200 * S, heard.tool.ageUs());
    }

    private static void clockJump() {
        Heard heard = new Heard("clock-jump=-2s@5s+3s", 1).connect().start().goOn(10);
        heard.write(Gatt.TIME_SYNC, "01 02 03 04");
        assertEquals(10 * S, u64(heard.from(Gatt.TIME_SYNC).get(0), 8));
        List<String> stored = heard.stored();
        for (List<String> frames : List.of(heard.from(Gatt.FORCE_STREAM), stored)) {
            for (String frame : frames) {
                if (frame.startsWith("01")) {
                    long trueUs = (heard.index(frame) + 1) * 10_000;
                    assertEquals(trueUs >= 5 * S && trueUs < 8 * S ? trueUs - 2 * S : trueUs, u64(frame, 12), frame);
                }
            }
        }
        assertTrue(stored.size() > 10);
    }

    private static void reboot() {
        Heard heard = new Heard("reboot@5s", 1).connect().start().goOn(6);
        assertEquals(1, heard.losses);
        heard.connect();
        String info = HexFormat.of().formatHex(heard.tool.read(Gatt.TOOL_INFO));
        assertNotEquals("0300ed5e", info.substring(26, 34), "another boot");
        assertEquals("ffffffff00", info.substring(34), "never tared, idle");
    }

    private static void lowBattery() {
        Heard heard = new Heard("low-battery=5%@5s+3s", 1).connect();
        assertEquals(92, heard.tool.read(Gatt.BATTERY_LEVEL)[0]);
        heard.goOn(6);
        assertEquals(5, heard.tool.read(Gatt.BATTERY_LEVEL)[0]);
        heard.goOn(4);
        assertEquals(List.of("05", "5c"), heard.from(Gatt.BATTERY_LEVEL));
    }

    /** At 30 N, the scenario's range, by a zero that nobody has tared. */
    private static void saturated() {
        Heard heard = new Heard("saturated@5s+3s", 1).connect().start().goOn(10);
        for (List<String> frames : List.of(heard.from(Gatt.FORCE_STREAM), heard.stored())) {
            for (String frame : frames) {
                if (frame.startsWith("01")) {
                    long trueUs = (heard.index(frame) + 1) * 10_000;
                    boolean in = trueUs >= 5 * S && trueUs < 8 * S;
                    int samples = Integer.parseInt(frame.substring(44, 46), 16);
                    // a frame of five begins up to four samples before the fault does
                    if (in || trueUs + samples * 10_000L <= 5 * S || trueUs >= 8 * S) {
                        assertEquals(in, (Integer.parseInt(frame.substring(4, 6), 16) & 2) != 0, frame);
                        assertEquals(in, frame.startsWith("b80b", 56), "30.00 N in " + frame);
                    }
                }
            }
        }
        assertTrue(heard.from(Gatt.EVENTS).stream().anyMatch(event -> event.startsWith("020102")), "over-pressure");
    }

    private static void untared() {
        Heard heard = new Heard("untared", 1).connect().goOn(2).write(Gatt.CONTROL_POINT, "03 05");
        assertTrue(heard.last(Gatt.CONTROL_POINT).startsWith("80030501"), "tare is answered ok");
        heard.start().goOn(0.3);
        for (String frame : heard.from(Gatt.FORCE_STREAM)) {
            assertEquals("0400", frame.substring(4, 8));
            assertEquals(
                    18, Short.reverseBytes((short) Integer.parseInt(frame.substring(56, 60), 16)), 8, "its offset");
        }
        assertTrue(heard.from(Gatt.EVENTS).stream().noneMatch(event -> event.startsWith("020104")), "no tared event");
        assertEquals(
                "ffffffff",
                HexFormat.of().formatHex(heard.tool.read(Gatt.TOOL_INFO)).substring(34, 42));
    }

    private static void storeOverflow() {
        Heard heard = new Heard("store-overflow=500", 1).connect().start().goOn(60);
        heard.write(Gatt.CONTROL_POINT, "0a 01 00");
        String boots = heard.last(Gatt.CONTROL_POINT);
        assertTrue(boots.startsWith("800a0101" + "0001" + "0300ed5e"), boots);
        long oldest = u32(boots, 10);
        long newest = u32(boots, 14);
        assertEquals(5999, newest);
        assertTrue(newest - oldest + 1 >= 500 && newest - oldest + 1 <= 600, oldest + " to " + newest);
    }

    private static void refusedOp() {
        Heard heard = new Heard("refused-op=1@0s+5s", 1).connect().start().goOn(1);
        assertEquals(List.of("80010104"), heard.from(Gatt.CONTROL_POINT));
        assertEquals(List.of(), heard.from(Gatt.FORCE_STREAM));
        heard.write(Gatt.CONTROL_POINT, "05 02").goOn(5).start();
        assertTrue(heard.from(Gatt.CONTROL_POINT).get(1).startsWith("80050201"), "another op is done");
        assertEquals("80010101", heard.last(Gatt.CONTROL_POINT));
    }

    private static void slowAnswers() {
        Heard heard = new Heard("slow-answers=500ms@0s+5s", 1).connect().start().goOn(0.499);
        assertEquals(List.of(), heard.from(Gatt.CONTROL_POINT));
        assertEquals(9, heard.from(Gatt.FORCE_STREAM).size(), "the stream is not late");
        heard.goOn(0.002);
        assertEquals(List.of("80010101"), heard.from(Gatt.CONTROL_POINT));
        heard.goOn(5).write(Gatt.CONTROL_POINT, "05 02");
        assertTrue(heard.last(Gatt.CONTROL_POINT).startsWith("800502"));
    }

    private static void spoofedTwin() {
        Heard heard = new Heard("spoofed-twin@5s+5s", 1).connect().start().goOn(6);
        String own = heard.from(Gatt.FORCE_STREAM).get(0).substring(8, 16);
        assertEquals(1, heard.losses);
        assertFalse(heard.tool.genuine());
        assertEquals("Lightstroke 1", heard.tool.identity().name());
        assertEquals("SIM-00001-T", new String(heard.tool.read(Gatt.SERIAL_NUMBER), StandardCharsets.UTF_8));
        heard.values.clear();
        heard.connect().write(Gatt.CONTROL_POINT, "0a 01 00");
        assertEquals("800a01010000", heard.last(Gatt.CONTROL_POINT), "nothing stored");
        heard.start().goOn(1);
        assertNotEquals(own, heard.from(Gatt.FORCE_STREAM).get(0).substring(8, 16));
        heard.goOn(5);
        assertEquals(2, heard.losses);
        assertTrue(heard.tool.genuine());
        heard.values.clear();
        heard.connect().goOn(1);
        assertEquals(own, heard.from(Gatt.FORCE_STREAM).get(0).substring(8, 16), "it streams on");
    }

    private static String withoutCrc(String frame) {
        return frame.substring(0, frame.length() - 4);
    }

    /** By the CRC that docs/protocol.md describes, computed bit by bit. */
    private static boolean isRight(String frame) {
        byte[] bytes = HexFormat.of().parseHex(frame);
        int crc = 0xFFFF;
        for (int i = 0; i < bytes.length - 2; i++) {
            crc ^= (bytes[i] & 0xFF) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = ((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1) & 0xFFFF;
            }
        }
        return crc == ((bytes[bytes.length - 2] & 0xFF) | (bytes[bytes.length - 1] & 0xFF) << 8);
    }

    private static long u32(String hex, int atByte) {
        return Integer.toUnsignedLong(
                Integer.reverseBytes(Integer.parseUnsignedInt(hex.substring(2 * atByte, 2 * atByte + 8), 16)));
    }

    private static long u64(String hex, int atByte) {
        return Long.reverseBytes(Long.parseUnsignedLong(hex.substring(2 * atByte, 2 * atByte + 16), 16));
    }

    @Test
    void radioFaultsSpareWhatIsIndicated() {
        Heard heard = new Heard("drop=100%, corrupt=100%, duplicate=100%, reorder=100%, silence@0s", 1).connect();
        heard.start().goOn(1).write(Gatt.TIME_SYNC, "01 02 03 04").write(Gatt.RECORD_ACCESS, "04 01 80 03 00 ed 5e");
        assertEquals(List.of("80010101"), heard.from(Gatt.CONTROL_POINT));
        assertEquals(1, heard.from(Gatt.TIME_SYNC).size());
        assertEquals(1, heard.from(Gatt.RECORD_ACCESS).size());
        assertEquals(3, heard.values.size());
    }

    @Test
    void whatIsStoredIsSpoiltOnTheWayToo() {
        Heard heard = new Heard("drop=50%", 1).connect().start().goOn(60);
        heard.write(Gatt.RECORD_ACCESS, "04 01 80 03 00 ed 5e");
        long held = u32(heard.last(Gatt.RECORD_ACCESS), 2);
        int came = heard.stored().size();
        assertTrue(came > 0 && came < held, came + " of " + held);
    }

    @Test
    void whatHappenedIsCounted() {
        Heard heard = new Heard("silence@1s+2s/4s, saturated@2s+1s, reboot@9s, link-loss@20s+1s", 1)
                .connect()
                .start();
        heard.subscribed.retainAll(Set.of(Gatt.FORCE_STREAM));
        heard.goOn(8).write(Gatt.CONTROL_POINT, "02 01").goOn(2);
        assertEquals(
                List.of(
                        "silence@1s+2s/4s 1000000 3000000 40 false",
                        "saturated@2s+1s 2000000 3000000 100 false",
                        "silence@1s+2s/4s 5000000 7000000 40 false",
                        "silence@1s+2s/4s 9000000 10000000 0 true",
                        "reboot@9s 9000000 9000000 1 false"),
                heard.tool.happened().stream()
                        .map(each -> "%s %d %d %d %s"
                                .formatted(each.fault(), each.fromUs(), each.toUs(), each.changed(), each.inForce()))
                        .toList());
    }

    @Test
    void whatOnlyASimulatedToolCanHaveIsRefusedOfOthers() {
        Tool other = new FaultyTool(new SimulatedTool(Central.IDENTITY, Scenario.builtIn("home"), 1), List.of(), 1);
        assertEquals(
                "fault saturated: want it of a simulated tool, got it of Simulated tool",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new FaultyTool(other, Fault.parse("drop, saturated"), 1))
                        .getMessage());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theSameFaultsSeedAndTimesGiveTheSameBytesHoweverTimeIsCut(Kind kind) {
        List<List<String>> streams = new ArrayList<>();
        for (double step : new double[] {20, 0.0137}) {
            Heard heard = new Heard(kind + "@5s" + (kind == Kind.REBOOT ? "" : "+5s"), 3);
            heard.connect().start();
            long endUs = 20 * S;
            while (heard.tool.ageUs() < endUs) {
                heard.tool.advanceTo(Math.min(endUs, heard.tool.ageUs() + Math.round(step * S)));
            }
            streams.add(heard.values.stream()
                    .map(value -> value.from() + " " + value.hex())
                    .toList());
        }
        assertTrue(streams.get(0).size() > 50, kind + " " + streams.get(0).size());
        assertEquals(streams.get(0), streams.get(1));
    }

    @Test
    void withoutFaultsItIsTheToolItself() {
        Heard heard = new Heard("", 1).connect().start().goOn(20);
        Central central = new Central(Scenario.builtIn("home"), 1);
        central.tool.write(Gatt.CONTROL_POINT, HexFormat.of().parseHex("01016400"));
        central.goOn(20);
        assertEquals(
                central.all,
                heard.values.stream()
                        .map(value -> value.from().toString().substring(4, 8) + " " + value.hex())
                        .toList());
        Heard other = new Heard("drop=50%", 2).connect().start().goOn(20);
        assertNotEquals(
                heard.from(Gatt.FORCE_STREAM).size(),
                other.from(Gatt.FORCE_STREAM).size());
    }
}

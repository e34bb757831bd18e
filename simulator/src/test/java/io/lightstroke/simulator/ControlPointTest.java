package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlPointTest {
    private static final Scenario RESTING = Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY);

    /** Requests and answers as bytes of the protocol: {@code op txn params} and {@code 80 op txn result data}. */
    @ParameterizedTest(name = "{0}: {1} is answered {2}")
    @CsvSource({
        "start 100 Hz,              01 2a 6400, 80 01 2a 01",
        "start at the lowest rate,  01 2a 1000, 80 01 2a 01",
        "start at the highest rate, 01 2a e803, 80 01 2a 01",
        "start below the lowest,    01 2a 0f00, 80 01 2a 03",
        "start above the highest,   01 2a e903, 80 01 2a 03",
        "start without a rate,      01 2a,      80 01 2a 07",
        "start with more,           01 2a 640000, 80 01 2a 07",
        "stop while idle,           02 ff,      80 02 ff 01",
        "stop with a parameter,     02 ff 00,   80 02 ff 07",
        "tare,                      03 00,      80 03 00 01 0000",
        "tare with a parameter,     03 00 01,   80 03 00 07",
        "write limits,              04 01 f000 0802 d002 6004 9600 c800 5a d007 00, 80 04 01 01",
        "limits not ascending,      04 01 0802 f000 d002 6004 9600 c800 5a d007 00, 80 04 01 03",
        "ceiling above 14 N,        04 01 f000 0802 d002 7905 9600 c800 5a d007 00, 80 04 01 03",
        "limits too short,          04 01 f000 0802 d002 6004 9600 c800 5a d007,    80 04 01 07",
        "limits too long,           04 01 f000 0802 d002 6004 9600 c800 5a d007 00 00, 80 04 01 07",
        "read limits,               05 02,      80 05 02 01 2c01 8a02 8403 7805 9600 c800 5a d007 00",
        "read limits and more,      05 02 00,   80 05 02 07",
        "identify,                  09 03,      80 09 03 01",
        "identify and more,         09 03 00,   80 09 03 07",
        "stored boots: none,        0a 04 00,   80 0a 04 01 00 00",
        "stored boots of page 255,  0a 04 ff,   80 0a 04 01 00 00",
        "stored boots without page, 0a 04,      80 0a 04 07",
        "erase what is not there,   0b 04 01000000 05000000, 80 0b 04 01",
        "erase without an index,    0b 04 01000000, 80 0b 04 07",
        "op 0,                      00 04,      80 00 04 02",
        "op 6,                      06 04,      80 06 04 02",
        "calibrate: begin,          07 04 0000000000, 80 07 04 01",
        "calibrate: zero too soon,  07 04 0100000000, 80 07 04 06",
        "calibrate: reference too soon, 07 04 0227130000, 80 07 04 06",
        "calibrate: no such reference,  07 04 02e7030000, 80 07 04 03",
        "calibrate: commit too soon,    07 04 0300000000, 80 07 04 06",
        "calibrate: nothing to cancel,  07 04 0400000000, 80 07 04 01",
        "calibrate: no such step,   07 04 0500000000, 80 07 04 03",
        "calibrate: no reference,   07 04 00, 80 07 04 07",
        "op 255 with parameters,    ff 04 010203, 80 ff 04 02",
    })
    void isAnsweredByItsTable(String name, String request, String answer) {
        Central central = new Central(RESTING, 1).goOn(2);
        assertEquals(
                hex(answer),
                HexFormat.of().formatHex(central.ask(bytes(request)).encode()));
    }

    @ParameterizedTest
    @CsvSource({"''", "01"})
    void aWriteThatHoldsNoRequestIsRefused(String value) {
        Central central = new Central(RESTING, 1);
        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class, () -> central.tool.write(Gatt.CONTROL_POINT, bytes(value)));
        assertTrue(thrown.getMessage().startsWith("control request: want at least 2 bytes, got "), thrown.getMessage());
    }

    @Test
    void limitsWrittenAreReadBackAndAnnouncedOnce() throws MalformedFrameException {
        ToolLimits limits = new ToolLimits(240, 520, 720, 1120, 100, 300, 80, 1500, 1);
        Central central = new Central(RESTING, 1).goOn(2);
        central.ask(ControlRequest.writeLimits(1, limits));
        central.ask(ControlRequest.writeLimits(2, limits));
        assertEquals(
                limits,
                ToolLimits.decode(central.ask(ControlRequest.readLimits(3)).data()));
        List<EventFrame> changed = central.events(EventFrame.Kind.LIMITS_CHANGED);
        assertEquals(1, changed.size());
        assertEquals(
                new EventFrame(8, 0, Central.BOOT, 0, 0, 2_000_000, (short) 0, 0, (byte) 127, (byte) 0, 0, 0),
                changed.get(0));
    }

    @Test
    void refusedLimitsChangeNothing() {
        Central central = new Central(RESTING, 1);
        assertEquals(
                Result.BAD_PARAMETER,
                central.ask(ControlRequest.writeLimits(1, new ToolLimits(1, 2, 3, 1401, 0, 0, 90, 0, 0)))
                        .result());
        ControlAnswer answer = central.ask(ControlRequest.readLimits(2));
        assertArrayEquals(Scenario.DEFAULT_LIMITS.ofTool().encode(), answer.data());
        assertEquals(List.of(), central.events);
    }

    @Test
    void tareTakesTheMeanOfTheLastSecondAway() throws MalformedFrameException {
        Scenario.Sensor off = new Scenario.Sensor(16, 1000, 30, 0.05, 0, -1.25);
        Central central = new Central(Scenarios.resting(off, Scenarios.BATTERY), 1).goOn(2);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.5);
        assertTrue(central.frames.stream().allMatch(frame -> frame.has(ForceFrame.UNTARED)));
        assertEquals(-1.25, mean(central.forceN()), 0.03);
        assertEquals(ToolInfo.NEVER_TARED, central.info().tareAgeS());

        central.frames.clear();
        assertEquals(-125, central.ask(ControlRequest.tare(2)).offsetCn(), 2);
        central.goOn(3.5);
        assertTrue(central.frames.stream().noneMatch(frame -> frame.has(ForceFrame.UNTARED)));
        assertEquals(0, mean(central.forceN()), 0.03);
        assertEquals(3, central.info().tareAgeS());
        assertEquals(0, central.ask(ControlRequest.tare(3)).offsetCn(), 2, "nothing is left to take away");

        EventFrame tared = central.events(EventFrame.Kind.TARED).get(0);
        assertEquals(49, tared.index());
        assertEquals(2_500_000, tared.timeUs());
    }

    @Test
    void tareEndsTheFrameSoThatNoneMixesTwoZeros() {
        Scenario.Sensor off = new Scenario.Sensor(16, 1000, 30, 0, 0, 1);
        Central central = new Central(Scenarios.resting(off, Scenarios.BATTERY), 1).goOn(2);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.07);
        central.ask(ControlRequest.tare(2));
        central.goOn(0.05);
        assertEquals(
                List.of(5, 2, 5), central.frames.stream().map(ForceFrame::count).toList());
        assertArrayEquals(new short[] {100, 100}, central.frames.get(1).forceCn());
        assertArrayEquals(new short[5], central.frames.get(2).forceCn());
    }

    /** A stroke from 3 s to 4 s: its edges move the force until they are a second old. */
    @ParameterizedTest
    @CsvSource({"0.9, false", "1.0, true", "2.9, true", "3.2, false", "3.9, false", "4.5, false", "5.5, true"})
    void tareWantsOneSecondOfStillness(double atS, boolean possible) {
        Central central = new Central(Scenarios.pressing(3, 4, 1, 100), 1).goOn(atS);
        assertEquals(
                possible ? Result.OK : Result.BUSY_OR_WRONG_STATE,
                central.ask(ControlRequest.tare(1)).result());
        assertEquals(possible ? 1 : 0, central.events(EventFrame.Kind.TARED).size());
    }

    @Test
    void toolInfoSaysItsStateAndIsNotifiedWhenItChanges() {
        Central central = new Central(RESTING, 1).goOn(2);
        ToolInfo idle = new ToolInfo(
                ToolInfo.HAPTIC | ToolInfo.LED | ToolInfo.STORES_RECORDS | ToolInfo.FIRMWARE_UPDATE,
                100,
                16,
                1000,
                1,
                Central.BOOT,
                ToolInfo.NEVER_TARED,
                ToolInfo.IDLE);
        assertEquals(idle, central.info());
        central.ask(ControlRequest.start(1, 250));
        central.ask(ControlRequest.readLimits(2));
        central.ask(ControlRequest.stop(3));
        central.ask(ControlRequest.stop(4));
        assertEquals(List.of(1, 0), central.infos.stream().map(ToolInfo::state).toList());
        assertEquals(
                List.of(250, 250), central.infos.stream().map(ToolInfo::rateHz).toList());
    }

    @Test
    void deviceInformationAndBatteryAreRead() {
        SimulatedTool tool = new Central(RESTING, 1).tool;
        assertEquals("Lightstroke", text(tool, Gatt.MANUFACTURER_NAME));
        assertEquals("Simulated tool", text(tool, Gatt.MODEL_NUMBER));
        assertEquals("SIM-00001", text(tool, Gatt.SERIAL_NUMBER));
        assertEquals("1.0.0", text(tool, Gatt.FIRMWARE_REVISION));
        assertArrayEquals(new byte[] {90}, tool.read(Gatt.BATTERY_LEVEL));
    }

    @Test
    void everyCharacteristicObeysItsPropertiesInTheGattTable() {
        SimulatedTool tool = new Central(RESTING, 1).tool;
        byte[] value = ControlRequest.identify(1).encode();
        for (Gatt.Characteristic one : Gatt.TABLE) {
            if (one.properties().contains(Gatt.Property.READ)) {
                assertTrue(tool.read(one.uuid()).length > 0, one.toString());
            } else {
                assertThrows(IllegalArgumentException.class, () -> tool.read(one.uuid()), one.toString());
            }
            if (one.properties().contains(Gatt.Property.WRITE)
                    || one.properties().contains(Gatt.Property.WRITE_WITHOUT_RESPONSE)) {
                tool.write(one.uuid(), one.uuid().equals(Gatt.TIME_SYNC) ? TimeSync.request(1) : value);
            } else {
                assertThrows(IllegalArgumentException.class, () -> tool.write(one.uuid(), value), one.toString());
            }
        }
        UUID unknown = UUID.fromString("e7c90099-a63a-4263-9c72-1d8589a5f02d");
        assertEquals(
                "read: want a characteristic with property read, got " + unknown,
                assertThrows(IllegalArgumentException.class, () -> tool.read(unknown))
                        .getMessage());
    }

    @Test
    void theBatteryDrainsAndSaysSoWithEachPercent() {
        Scenario.Battery battery = new Scenario.Battery(3, 60); // 1 % a minute
        Central central = new Central(Scenarios.resting(Scenarios.SENSOR, battery), 1).goOn(600);
        assertEquals(
                List.of(2, 1, 0),
                central.batteryLevels.stream().map(level -> level.percent()).toList());
        assertArrayEquals(new byte[] {0}, central.tool.read(Gatt.BATTERY_LEVEL));
    }

    private static String text(SimulatedTool tool, UUID characteristic) {
        return new String(tool.read(characteristic), StandardCharsets.UTF_8);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static byte[] bytes(String spaced) {
        return HexFormat.of().parseHex(hex(spaced));
    }

    private static String hex(String spaced) {
        return spaced.replace(" ", "");
    }
}

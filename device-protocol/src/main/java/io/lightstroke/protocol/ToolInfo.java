package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U16_MAX;
import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.put16;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u16;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a tool is and how it stands: the Tool Info characteristic. 22 bytes, little-endian:
 *
 * <pre>
 *  0        1         3        5       7       9            13    17          21
 *  +--------+---------+--------+-------+-------+------------+-----+-----------+------+
 *  | version| features| rate_hz| min_hz| max_hz| calibration| boot| tare_age_s| state|
 *  | u8=1   | u16     | u16    | u16   | u16   | u32        | u32 | u32       | u8   |
 *  +--------+---------+--------+-------+-------+------------+-----+-----------+------+
 * </pre>
 *
 * @param features {@link #MOTION_SENSOR} and the other bits
 * @param rateHz samples a second in force
 * @param calibration number of the calibration in force, u32
 * @param tareAgeS seconds since the last tare, {@link #NEVER_TARED} when there was none
 * @param state {@link #IDLE}, {@link #SAMPLING} or {@link #UPDATING}; an unknown code stays as it came
 */
public record ToolInfo(
        int features, int rateHz, int minHz, int maxHz, long calibration, long boot, long tareAgeS, int state) {
    public static final int VERSION = 1;
    public static final int LENGTH = 22;
    public static final long NEVER_TARED = 0xFFFF_FFFFL;

    public static final int MOTION_SENSOR = 1;
    public static final int HAPTIC = 1 << 1;
    public static final int LED = 1 << 2;
    public static final int STORES_RECORDS = 1 << 3;
    public static final int FIRMWARE_UPDATE = 1 << 4;
    public static final int BUTTON = 1 << 5;

    private static final List<String> FEATURE_WORDS =
            List.of("motion-sensor", "haptic", "led", "stores-records", "firmware-update", "button");

    public static final int IDLE = 0;
    public static final int SAMPLING = 1;
    public static final int UPDATING = 2;

    public ToolInfo {
        require("tool info features", features, 0, U16_MAX);
        require("tool info rate_hz", rateHz, 0, U16_MAX);
        require("tool info min_hz", minHz, 0, U16_MAX);
        require("tool info max_hz", maxHz, 0, U16_MAX);
        require("tool info calibration", calibration, 0, U32_MAX);
        require("tool info boot", boot, 0, U32_MAX);
        require("tool info tare_age_s", tareAgeS, 0, U32_MAX);
        require("tool info state", state, 0, U8_MAX);
    }

    public boolean has(int feature) {
        return (features & feature) != 0;
    }

    /** The features by name, in order of their bits; a bit without a name is left out. */
    public List<String> featureWords() {
        return IntStream.range(0, FEATURE_WORDS.size())
                .filter(bit -> has(1 << bit))
                .mapToObj(FEATURE_WORDS::get)
                .toList();
    }

    public static ToolInfo decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("tool info", bytes, LENGTH);
        LittleEndian.requireByte("tool info version", bytes, 0, VERSION);
        return new ToolInfo(
                u16(bytes, 1),
                u16(bytes, 3),
                u16(bytes, 5),
                u16(bytes, 7),
                u32(bytes, 9),
                u32(bytes, 13),
                u32(bytes, 17),
                u8(bytes, 21));
    }

    public byte[] encode() {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = VERSION;
        put16(bytes, 1, features);
        put16(bytes, 3, rateHz);
        put16(bytes, 5, minHz);
        put16(bytes, 7, maxHz);
        put32(bytes, 9, calibration);
        put32(bytes, 13, boot);
        put32(bytes, 17, tareAgeS);
        bytes[21] = (byte) state;
        return bytes;
    }
}

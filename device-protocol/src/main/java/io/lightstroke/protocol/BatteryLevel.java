package io.lightstroke.protocol;

/**
 * The Battery Level characteristic (Bluetooth SIG, 0x2A19): one byte.
 *
 * @param percent 0–100
 */
public record BatteryLevel(int percent) {
    public BatteryLevel {
        LittleEndian.require("battery percent", percent, 0, 100);
    }

    public static BatteryLevel decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("battery level", bytes, 1);
        int percent = LittleEndian.u8(bytes, 0);
        if (percent > 100) {
            throw new MalformedFrameException("battery level: want 0..100 %, got " + percent);
        }
        return new BatteryLevel(percent);
    }

    public byte[] encode() {
        return new byte[] {(byte) percent};
    }
}

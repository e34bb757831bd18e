package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.i16;
import static io.lightstroke.protocol.LittleEndian.put16;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Arrays;

/**
 * What the Control Point indicates after a {@link ControlRequest}: {@code 0x80, op u8, txn u8, result u8, data}.
 *
 * @param resultCode see {@link Result}; an unknown code stays as it came
 * @param data fixed layout per op, empty unless the result is ok; shared, never changed
 */
public record ControlAnswer(int op, int txn, int resultCode, byte[] data) {
    public static final int TYPE = 0x80;

    private static final byte[] NONE = {};

    /** How a request ended. */
    public enum Result {
        UNKNOWN("unknown result"),
        OK("ok"),
        UNKNOWN_OP("unknown op"),
        BAD_PARAMETER("bad parameter"),
        FAILED("failed"),
        NOT_AUTHORISED("not authorised"),
        BUSY_OR_WRONG_STATE("busy or wrong state"),
        BAD_LENGTH("bad length"),
        SENSOR_FAULT("sensor fault");

        private static final Result[] BY_CODE = values();

        private final String words;

        Result(String words) {
            this.words = words;
        }

        public int code() {
            return ordinal();
        }

        @Override
        public String toString() {
            return words;
        }
    }

    public ControlAnswer {
        require("control op", op, 0, U8_MAX);
        require("control txn", txn, 0, U8_MAX);
        require("control result", resultCode, 0, U8_MAX);
    }

    public static ControlAnswer to(ControlRequest request, Result result) {
        return new ControlAnswer(request.op(), request.txn(), result.code(), NONE);
    }

    public static ControlAnswer tared(ControlRequest request, short offsetCn) {
        byte[] data = new byte[2];
        put16(data, 0, offsetCn);
        return new ControlAnswer(request.op(), request.txn(), Result.OK.code(), data);
    }

    /** @param calibration number of the one in force from now on, u32 */
    public static ControlAnswer calibrated(ControlRequest request, long calibration) {
        byte[] data = new byte[4];
        LittleEndian.put32(data, 0, calibration);
        return new ControlAnswer(request.op(), request.txn(), Result.OK.code(), data);
    }

    public static ControlAnswer limits(ControlRequest request, ToolLimits limits) {
        return new ControlAnswer(request.op(), request.txn(), Result.OK.code(), limits.encode());
    }

    public static ControlAnswer storedBoots(ControlRequest request, StoredBoots boots) {
        return new ControlAnswer(request.op(), request.txn(), Result.OK.code(), boots.encode());
    }

    public Result result() {
        return resultCode < Result.BY_CODE.length ? Result.BY_CODE[resultCode] : Result.UNKNOWN;
    }

    /** The offset that a tare took away, 0.01 N. */
    public short offsetCn() throws MalformedFrameException {
        LittleEndian.requireLength("control answer to tare", data, 2);
        return i16(data, 0);
    }

    /** The calibration that a commit has put in force. */
    public long calibration() throws MalformedFrameException {
        LittleEndian.requireLength("control answer to calibrate", data, 4);
        return LittleEndian.u32(data, 0);
    }

    public static ControlAnswer decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < 4) {
            throw new MalformedFrameException("control answer: want at least 4 bytes, got " + bytes.length);
        }
        LittleEndian.requireByte("control answer type", bytes, 0, TYPE);
        return new ControlAnswer(u8(bytes, 1), u8(bytes, 2), u8(bytes, 3), Arrays.copyOfRange(bytes, 4, bytes.length));
    }

    public byte[] encode() {
        byte[] bytes = new byte[4 + data.length];
        bytes[0] = (byte) TYPE;
        bytes[1] = (byte) op;
        bytes[2] = (byte) txn;
        bytes[3] = (byte) resultCode;
        System.arraycopy(data, 0, bytes, 4, data.length);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ControlAnswer that
                && op == that.op
                && txn == that.txn
                && resultCode == that.resultCode
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data) * 31 + (op << 16 | txn << 8 | resultCode);
    }
}

package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.put16;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Arrays;
import java.util.Optional;

/**
 * What is written to the Control Point: {@code op u8, txn u8, params}. Answered by a {@link ControlAnswer} of the same
 * op and transaction.
 *
 * @param op one of the constants here; an unknown op stays as it came
 * @param txn chosen by the asker, 0–255
 * @param params fixed layout per op; shared, never changed
 */
public record ControlRequest(int op, int txn, byte[] params) {
    /** Params: {@code rate_hz u16}. */
    public static final int START = 1;

    public static final int STOP = 2;
    /** Answer data: {@code offset i16} in 0.01 N. */
    public static final int TARE = 3;
    /** Params: {@link ToolLimits}. */
    public static final int WRITE_LIMITS = 4;
    /** Answer data: {@link ToolLimits}. */
    public static final int READ_LIMITS = 5;

    /** Params: {@code step u8, reference_mN i32}; answer data of a commit: {@code calibration u32}. */
    public static final int CALIBRATE = 7;

    public static final int IDENTIFY = 9;
    /** Params: {@code page u8}; answer data: {@link StoredBoots}. */
    public static final int STORED_BOOTS = 10;
    /** Params: {@code boot u32, index u32}. */
    public static final int ERASE_STORED = 11;

    private static final byte[] NONE = {};

    /** The steps of a {@link #CALIBRATE}, by their codes. Nothing is changed before the commit. */
    public enum CalibrationStep {
        BEGIN,
        /** Nothing is on the tool. */
        ZERO,
        /** The reference force is on the tool. */
        REFERENCE,
        COMMIT,
        CANCEL
    }

    public ControlRequest {
        require("control op", op, 0, U8_MAX);
        require("control txn", txn, 0, U8_MAX);
    }

    public static ControlRequest start(int txn, int rateHz) {
        require("control start rate_hz", rateHz, 0, LittleEndian.U16_MAX);
        byte[] params = new byte[2];
        put16(params, 0, rateHz);
        return new ControlRequest(START, txn, params);
    }

    public static ControlRequest stop(int txn) {
        return new ControlRequest(STOP, txn, NONE);
    }

    public static ControlRequest tare(int txn) {
        return new ControlRequest(TARE, txn, NONE);
    }

    public static ControlRequest writeLimits(int txn, ToolLimits limits) {
        return new ControlRequest(WRITE_LIMITS, txn, limits.encode());
    }

    public static ControlRequest readLimits(int txn) {
        return new ControlRequest(READ_LIMITS, txn, NONE);
    }

    /** @param referenceMn thousandths of a newton; 0 but for {@link CalibrationStep#REFERENCE} */
    public static ControlRequest calibrate(int txn, CalibrationStep step, int referenceMn) {
        byte[] params = new byte[5];
        params[0] = (byte) step.ordinal();
        put32(params, 1, referenceMn);
        return new ControlRequest(CALIBRATE, txn, params);
    }

    public static ControlRequest identify(int txn) {
        return new ControlRequest(IDENTIFY, txn, NONE);
    }

    /** @param page from 0 on */
    public static ControlRequest storedBoots(int txn, int page) {
        require("control stored boots page", page, 0, U8_MAX);
        return new ControlRequest(STORED_BOOTS, txn, new byte[] {(byte) page});
    }

    /** Samples and events of this boot, up to and with this index. */
    public static ControlRequest eraseStored(int txn, long boot, long index) {
        require("control erase stored boot", boot, 0, U32_MAX);
        require("control erase stored index", index, 0, U32_MAX);
        byte[] params = new byte[8];
        put32(params, 0, boot);
        put32(params, 4, index);
        return new ControlRequest(ERASE_STORED, txn, params);
    }

    /** The rate of a {@link #START}, Hz. */
    public int rateHz() throws MalformedFrameException {
        LittleEndian.requireLength("control start", params, 2);
        return LittleEndian.u16(params, 0);
    }

    /** The step of a {@link #CALIBRATE}; empty for a code that is none. */
    public Optional<CalibrationStep> calibrationStep() throws MalformedFrameException {
        LittleEndian.requireLength("control calibrate", params, 5);
        CalibrationStep[] steps = CalibrationStep.values();
        int code = u8(params, 0);
        return code < steps.length ? Optional.of(steps[code]) : Optional.empty();
    }

    /** The reference of a {@link #CALIBRATE}, thousandths of a newton. */
    public int referenceMn() throws MalformedFrameException {
        LittleEndian.requireLength("control calibrate", params, 5);
        return LittleEndian.i32(params, 1);
    }

    /** The page of a {@link #STORED_BOOTS}. */
    public int page() throws MalformedFrameException {
        LittleEndian.requireLength("control stored boots", params, 1);
        return u8(params, 0);
    }

    /** The boot of an {@link #ERASE_STORED}. */
    public long erasedBoot() throws MalformedFrameException {
        LittleEndian.requireLength("control erase stored", params, 8);
        return u32(params, 0);
    }

    /** The last index of an {@link #ERASE_STORED}. */
    public long erasedIndex() throws MalformedFrameException {
        LittleEndian.requireLength("control erase stored", params, 8);
        return u32(params, 4);
    }

    public static ControlRequest decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < 2) {
            throw new MalformedFrameException("control request: want at least 2 bytes, got " + bytes.length);
        }
        return new ControlRequest(u8(bytes, 0), u8(bytes, 1), Arrays.copyOfRange(bytes, 2, bytes.length));
    }

    public byte[] encode() {
        byte[] bytes = new byte[2 + params.length];
        bytes[0] = (byte) op;
        bytes[1] = (byte) txn;
        System.arraycopy(params, 0, bytes, 2, params.length);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ControlRequest that
                && op == that.op
                && txn == that.txn
                && Arrays.equals(params, that.params);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(params) * 31 + (op << 8 | txn);
    }
}

package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.requireByte;
import static io.lightstroke.protocol.LittleEndian.requireLength;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Optional;

/**
 * What is written to the Record Access Control Point: {@code op u8, operator u8}, then, unless it aborts,
 * {@code 0x80, boot u32} and {@code index u32} (≤, ≥), {@code first u32, last u32} (within range) or nothing.
 * Little-endian. Answered by {@link RecordAnswer}s.
 *
 * @param op one of the constants here
 * @param operator one of the constants here, {@link #NONE} in an {@link #ABORT} and nowhere else
 * @param first lowest index wanted; 0 where the operator has none
 * @param last highest index wanted; 0 where the operator has none
 */
public record RecordRequest(int op, int operator, long boot, long first, long last) {
    public static final int REPORT = 1;
    /** No tool does it; see {@link ControlRequest#ERASE_STORED}. */
    public static final int DELETE = 2;

    public static final int ABORT = 3;
    public static final int COUNT = 4;

    public static final int NONE = 0;
    public static final int ALL = 1;
    public static final int LESS_OR_EQUAL = 2;
    public static final int GREATER_OR_EQUAL = 3;
    public static final int WITHIN_RANGE = 4;
    public static final int FIRST = 5;
    public static final int LAST = 6;

    /** Type of the operand: by boot and index. */
    private static final int BY_BOOT = 0x80;

    private static final int HEAD = 2;
    private static final int FIRST_AT = 7;

    public RecordRequest {
        require("record request op", op, REPORT, COUNT);
        require("record request operator", operator, op == ABORT ? NONE : ALL, op == ABORT ? NONE : LAST);
        require("record request boot", boot, 0, op == ABORT ? 0 : U32_MAX);
        boolean hasFirst = operator == GREATER_OR_EQUAL || operator == WITHIN_RANGE;
        boolean hasLast = operator == LESS_OR_EQUAL || operator == WITHIN_RANGE;
        require("record request first", first, 0, hasFirst ? U32_MAX : 0);
        require("record request last", last, operator == WITHIN_RANGE ? first : 0, hasLast ? U32_MAX : 0);
    }

    public static RecordRequest reportAll(long boot) {
        return new RecordRequest(REPORT, ALL, boot, 0, 0);
    }

    public static RecordRequest reportRange(long boot, long first, long last) {
        return new RecordRequest(REPORT, WITHIN_RANGE, boot, first, last);
    }

    public static RecordRequest reportLast(long boot) {
        return new RecordRequest(REPORT, LAST, boot, 0, 0);
    }

    public static RecordRequest countAll(long boot) {
        return new RecordRequest(COUNT, ALL, boot, 0, 0);
    }

    public static RecordRequest abort() {
        return new RecordRequest(ABORT, NONE, 0, 0, 0);
    }

    /** Lowest index that can be meant. */
    public long lowest() {
        return first;
    }

    /** Highest index that can be meant. */
    public long highest() {
        return operator == LESS_OR_EQUAL || operator == WITHIN_RANGE ? last : U32_MAX;
    }

    /**
     * With what a tool answers these bytes in place of doing what they say; empty: it does it.
     *
     * @throws MalformedFrameException if not even op and operator are there
     */
    public static Optional<RecordAnswer.Result> refusal(byte[] bytes) throws MalformedFrameException {
        requireHead(bytes);
        int op = u8(bytes, 0);
        int operator = u8(bytes, 1);
        if (op != REPORT && op != ABORT && op != COUNT) {
            return Optional.of(RecordAnswer.Result.OP_NOT_SUPPORTED);
        } else if (operator > LAST) {
            return Optional.of(RecordAnswer.Result.OPERATOR_NOT_SUPPORTED);
        } else if ((op == ABORT) != (operator == NONE)) {
            return Optional.of(RecordAnswer.Result.INVALID_OPERATOR);
        } else if (op != ABORT && bytes.length > HEAD && u8(bytes, HEAD) != BY_BOOT) {
            return Optional.of(RecordAnswer.Result.OPERAND_NOT_SUPPORTED);
        }
        try {
            decode(bytes);
            return Optional.empty();
        } catch (MalformedFrameException e) {
            return Optional.of(RecordAnswer.Result.INVALID_OPERAND);
        }
    }

    public static RecordRequest decode(byte[] bytes) throws MalformedFrameException {
        requireHead(bytes);
        int op = u8(bytes, 0);
        int operator = u8(bytes, 1);
        if (op < REPORT || op > COUNT) {
            throw new MalformedFrameException("record request op: want %d..%d, got %d".formatted(REPORT, COUNT, op));
        }
        if (op == ABORT) {
            requireByte("operator of a record abort", bytes, 1, NONE);
            requireLength("record abort", bytes, HEAD);
            return abort();
        }
        if (operator < ALL || operator > LAST) {
            throw new MalformedFrameException(
                    "record request operator: want %d..%d, got %d".formatted(ALL, LAST, operator));
        }
        requireLength("record request with operator " + operator, bytes, length(operator));
        requireByte("record request operand type", bytes, HEAD, BY_BOOT);
        long boot = u32(bytes, HEAD + 1);
        return switch (operator) {
            case LESS_OR_EQUAL -> new RecordRequest(op, operator, boot, 0, u32(bytes, FIRST_AT));
            case GREATER_OR_EQUAL -> new RecordRequest(op, operator, boot, u32(bytes, FIRST_AT), 0);
            case WITHIN_RANGE -> {
                long first = u32(bytes, FIRST_AT);
                long last = u32(bytes, FIRST_AT + 4);
                if (first > last) {
                    throw new MalformedFrameException(
                            "record request range: want first <= last, got %d..%d".formatted(first, last));
                }
                yield new RecordRequest(op, operator, boot, first, last);
            }
            default -> new RecordRequest(op, operator, boot, 0, 0);
        };
    }

    private static void requireHead(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < HEAD) {
            throw new MalformedFrameException(
                    "record request: want at least %d bytes, got %d".formatted(HEAD, bytes.length));
        }
    }

    private static int length(int operator) {
        return switch (operator) {
            case NONE -> HEAD;
            case LESS_OR_EQUAL, GREATER_OR_EQUAL -> FIRST_AT + 4;
            case WITHIN_RANGE -> FIRST_AT + 8;
            default -> FIRST_AT;
        };
    }

    public byte[] encode() {
        byte[] bytes = new byte[length(operator)];
        bytes[0] = (byte) op;
        bytes[1] = (byte) operator;
        if (op != ABORT) {
            bytes[HEAD] = (byte) BY_BOOT;
            put32(bytes, HEAD + 1, boot);
        }
        if (operator == GREATER_OR_EQUAL || operator == WITHIN_RANGE) {
            put32(bytes, FIRST_AT, first);
        }
        if (operator == LESS_OR_EQUAL || operator == WITHIN_RANGE) {
            put32(bytes, bytes.length - 4, last);
        }
        return bytes;
    }
}

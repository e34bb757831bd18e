package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.requireByte;
import static io.lightstroke.protocol.LittleEndian.requireLength;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Locale;

/**
 * What the Record Access Control Point indicates: {@code op u8, operator u8 = 0}, then {@code number u32} (op 5) or
 * {@code request_op u8, result u8} (op 6). Little-endian.
 *
 * @param op {@link #NUMBER} or {@link #RESPONSE}
 * @param number of stored frames; 0 in a response
 * @param requestOp the op that is answered; 0 in a number
 * @param resultCode see {@link Result}; an unknown code stays as it came; 0 in a number
 */
public record RecordAnswer(int op, long number, int requestOp, int resultCode) {
    public static final int NUMBER = 5;
    public static final int RESPONSE = 6;

    private static final int HEAD = 2;

    /** How a request ended, by the codes of the Bluetooth SIG. */
    public enum Result {
        UNKNOWN,
        SUCCESS,
        OP_NOT_SUPPORTED,
        INVALID_OPERATOR,
        OPERATOR_NOT_SUPPORTED,
        INVALID_OPERAND,
        NO_RECORDS_FOUND,
        ABORT_UNSUCCESSFUL,
        PROCEDURE_NOT_COMPLETED,
        OPERAND_NOT_SUPPORTED;

        private static final Result[] BY_CODE = values();

        private final String words = name().toLowerCase(Locale.ROOT).replace('_', ' ');

        public int code() {
            return ordinal();
        }

        @Override
        public String toString() {
            return words;
        }
    }

    public RecordAnswer {
        require("record answer op", op, NUMBER, RESPONSE);
        require("record answer number", number, 0, op == NUMBER ? U32_MAX : 0);
        require("record answer request op", requestOp, 0, op == NUMBER ? 0 : U8_MAX);
        require("record answer result", resultCode, 0, op == NUMBER ? 0 : U8_MAX);
    }

    public static RecordAnswer number(long frames) {
        return new RecordAnswer(NUMBER, frames, 0, 0);
    }

    public static RecordAnswer response(int requestOp, Result result) {
        return new RecordAnswer(RESPONSE, 0, requestOp, result.code());
    }

    /** {@link Result#UNKNOWN} also in a number, which says none. */
    public Result result() {
        return resultCode < Result.BY_CODE.length ? Result.BY_CODE[resultCode] : Result.UNKNOWN;
    }

    public static RecordAnswer decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < HEAD) {
            throw new MalformedFrameException(
                    "record answer: want at least %d bytes, got %d".formatted(HEAD, bytes.length));
        }
        int op = u8(bytes, 0);
        requireByte("record answer operator", bytes, 1, 0);
        if (op == NUMBER) {
            requireLength("number of records", bytes, HEAD + 4);
            return number(u32(bytes, HEAD));
        } else if (op == RESPONSE) {
            requireLength("record response", bytes, HEAD + 2);
            return new RecordAnswer(RESPONSE, 0, u8(bytes, HEAD), u8(bytes, HEAD + 1));
        }
        throw new MalformedFrameException("record answer op: want %d or %d, got %d".formatted(NUMBER, RESPONSE, op));
    }

    public byte[] encode() {
        byte[] bytes = new byte[op == NUMBER ? HEAD + 4 : HEAD + 2];
        bytes[0] = (byte) op;
        if (op == NUMBER) {
            put32(bytes, HEAD, number);
        } else {
            bytes[HEAD] = (byte) requestOp;
            bytes[HEAD + 1] = (byte) resultCode;
        }
        return bytes;
    }
}

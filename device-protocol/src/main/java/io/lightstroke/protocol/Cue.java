package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.put64;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u64;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Locale;

/**
 * A cue to the hand that holds the tool: the Cue characteristic, written without response. 10 bytes, little-endian:
 * {@code pattern u8, txn u8, expires_us u64}.
 *
 * @param patternCode see {@link Pattern}; an unknown code stays as it came
 * @param txn chosen by the sender, comes back in the tool's "cue began" event
 * @param expiresUs tool time after which the tool drops it, microseconds since boot, u64 (unsigned)
 */
public record Cue(int patternCode, int txn, long expiresUs) {
    public static final int LENGTH = 10;

    /** What the hand feels. */
    public enum Pattern {
        UNKNOWN,
        TICK,
        TOO_DEEP,
        MOVE_ON,
        CEILING;

        private static final Pattern[] BY_CODE = values();

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

        public int code() {
            return ordinal();
        }

        /** {@code tick}, {@code too-deep}, {@code move-on}, {@code ceiling}. */
        public String word() {
            return word;
        }
    }

    public Cue {
        require("cue pattern", patternCode, 0, U8_MAX);
        require("cue txn", txn, 0, U8_MAX);
    }

    public Cue(Pattern pattern, int txn, long expiresUs) {
        this(pattern.code(), txn, expiresUs);
    }

    public Pattern pattern() {
        return patternCode < Pattern.BY_CODE.length ? Pattern.BY_CODE[patternCode] : Pattern.UNKNOWN;
    }

    public static Cue decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("cue", bytes, LENGTH);
        return new Cue(u8(bytes, 0), u8(bytes, 1), u64(bytes, 2));
    }

    public byte[] encode() {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = (byte) patternCode;
        bytes[1] = (byte) txn;
        put64(bytes, 2, expiresUs);
        return bytes;
    }
}

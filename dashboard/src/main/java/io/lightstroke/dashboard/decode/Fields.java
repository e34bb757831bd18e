package io.lightstroke.dashboard.decode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lightstroke.protocol.Crc16;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value field after field, as its layout says, and goes on behind a mistake: a field that is not there, or not whole,
 * is one, too. Not thread-safe.
 */
final class Fields {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final byte[] bytes;
    private final List<Field> fields = new ArrayList<>();
    private int at;
    /** What is after it does not belong to the fields that are read now. */
    private int end;

    Fields(byte[] bytes) {
        this.bytes = bytes;
        end = bytes.length;
    }

    List<Field> all() {
        return List.copyOf(fields);
    }

    int left() {
        return end - at;
    }

    /** Keeps so many of the bytes that are left for later. */
    void keep(int last) {
        end -= last;
    }

    /** A field that had to be there is not. */
    void missing(String name, String mistake) {
        fields.add(new Field(name, at, new byte[0], null, "", mistake));
    }

    /** Up to the real end again. */
    void keepNone() {
        end = bytes.length;
    }

    /** The last field is wrong. */
    void wrong(String mistake) {
        fields.set(fields.size() - 1, fields.get(fields.size() - 1).wrong(mistake));
    }

    private byte[] take(int size) {
        byte[] taken = Arrays.copyOfRange(bytes, at, at + Math.min(size, left()));
        at += taken.length;
        return taken;
    }

    private void add(String name, int offset, byte[] raw, @Nullable JsonNode value, String words) {
        fields.add(new Field(name, offset, raw, value, words, null));
    }

    /**
     * A whole number.
     *
     * @param words of the raw number
     * @return it; −1 when it is cut
     */
    private long number(String name, int size, boolean signed, boolean bigEndian, LongFunction<String> words) {
        int offset = at;
        byte[] raw = take(size);
        if (raw.length < size) {
            add(name, offset, raw, null, "");
            wrong("want %d byte%s, got %s"
                    .formatted(size, size == 1 ? "" : "s", raw.length == 0 ? "none" : raw.length));
            return -1;
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (raw[i] & 0xFFL) << (8 * (bigEndian ? size - 1 - i : i));
        }
        if (signed && size < Long.BYTES) {
            value = value << (Long.SIZE - 8 * size) >> (Long.SIZE - 8 * size);
        }
        add(
                name,
                offset,
                raw,
                size == Long.BYTES
                        ? JSON.numberNode(new BigInteger(Long.toUnsignedString(value)))
                        : JSON.numberNode(value),
                words.apply(value));
        return value;
    }

    long unsigned(String name, int size, LongFunction<String> words) {
        return number(name, size, false, false, words);
    }

    long unsigned(String name, int size) {
        return unsigned(name, size, Long::toUnsignedString);
    }

    long signed(String name, int size, LongFunction<String> words) {
        return number(name, size, true, false, words);
    }

    long bigEndian(String name, int size, LongFunction<String> words) {
        return number(name, size, false, true, words);
    }

    /** One byte that can have this value alone. */
    void constant(String name, int wanted, String words) {
        long got = unsigned(name, 1, value -> value == wanted ? words : Long.toString(value));
        if (got >= 0 && got != wanted) {
            wrong("want %d, got %d".formatted(wanted, got));
        }
    }

    /** All that is left. */
    byte[] rest(String name, @Nullable JsonNode value, String words) {
        int offset = at;
        byte[] raw = take(left());
        add(name, offset, raw, value, words);
        return raw;
    }

    byte[] peekRest() {
        return Arrays.copyOfRange(bytes, at, end);
    }

    /** Bytes of which nothing is said but what they are. */
    void raw(String name) {
        if (left() > 0) {
            String hex = HexFormat.of().formatHex(peekRest());
            rest(name, JSON.textNode(hex), hex);
        }
    }

    /** There is nothing left, or that is wrong. */
    void end() {
        int surplus = left();
        if (surplus > 0) {
            raw("surplus");
            wrong("want no more bytes here, got %d".formatted(surplus));
        }
    }

    /** The last two bytes against all before them. */
    void crc() {
        long got = unsigned("crc", 2, value -> "0x%04x".formatted(value));
        if (got >= 0) {
            int wanted = Crc16.of(bytes, 0, at - 2);
            if (got != wanted) {
                wrong("want 0x%04x over the %d bytes before it, got 0x%04x".formatted(wanted, at - 2, got));
            }
        }
    }
}

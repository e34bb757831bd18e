package io.lightstroke.protocol;

import java.util.HexFormat;

/** Test bytes, written with one piece per field. */
final class Bytes {
    private Bytes() {}

    /** Joins hexadecimal pieces; spaces are for the eye. */
    static byte[] hex(String... fields) {
        return HexFormat.of().parseHex(String.join("", fields).replace(" ", ""));
    }

    static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

package io.lightstroke.protocol;

import java.util.Arrays;

/** Bytes as people write and programs print them: {@code 0101}, {@code 01 01}, {@code 01:01}, {@code 0x01 0x01}. */
public final class Hex {
    private Hex() {}

    /**
     * White space, {@code :} and {@code -} may stand anywhere, {@code 0x} where no digit is right before it.
     *
     * @throws MalformedFrameException naming the first wrong character, or the last digit when their number is odd;
     *     columns count from 1
     */
    public static byte[] parse(String text) throws MalformedFrameException {
        byte[] bytes = new byte[text.length() / 2];
        int digits = 0;
        int lastColumn = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isSeparator(c)) {
                continue;
            }
            if (c == '0'
                    && i + 1 < text.length()
                    && (text.charAt(i + 1) | 0x20) == 'x'
                    && (i == 0 || isSeparator(text.charAt(i - 1)))) {
                i++;
                continue;
            }
            int value = c < 128 ? Character.digit(c, 16) : -1;
            if (value < 0) {
                throw new MalformedFrameException("hex: want digits 0-9, a-f, got '%s' at column %d"
                        .formatted(Character.toString(text.codePointAt(i)), i + 1));
            }
            if (digits % 2 == 0 && digits / 2 == bytes.length) {
                throw odd(digits + 1, i + 1);
            }
            if (digits % 2 == 0) {
                bytes[digits / 2] = (byte) (value << 4);
            } else {
                bytes[digits / 2] |= (byte) value;
            }
            digits++;
            lastColumn = i + 1;
        }
        if (digits % 2 != 0) {
            throw odd(digits, lastColumn);
        }
        return Arrays.copyOf(bytes, digits / 2);
    }

    private static MalformedFrameException odd(int digits, int column) {
        return new MalformedFrameException(
                "hex: want two digits a byte, got %d digits, the last at column %d".formatted(digits, column));
    }

    private static boolean isSeparator(char c) {
        return c == ':' || c == '-' || Character.isWhitespace(c);
    }
}

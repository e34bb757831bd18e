package io.lightstroke.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What the Device Information service (Bluetooth SIG, 0x180A) says of a tool; each value is UTF-8 of ≤64 bytes. */
public record DeviceInformation(String manufacturer, String model, String serial, String firmware) {
    public static final int MAX_BYTES = 64;

    /** One value of the service, for example the model number. */
    public static String decode(String field, byte[] bytes) throws MalformedFrameException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedFrameException(
                    "%s: want at most %d bytes, got %d".formatted(field, MAX_BYTES, bytes.length));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFrameException(
                    "%s: want UTF-8, got %s".formatted(field, HexFormat.of().formatHex(bytes)));
        }
    }

    public static byte[] encode(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}

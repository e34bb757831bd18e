package io.lightstroke.recording;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that passed between a tool and its client: a line of a recording.
 *
 * @param us since the recording began
 * @param characteristic of what was read, written, notified or indicated, else null
 * @param value shared, never changed; empty where no characteristic is
 * @param mtu of a link that is there now, null where the host does not tell
 * @param why of what failed, else null
 */
public record Passed(
        long us,
        What what,
        Gatt.@Nullable Characteristic characteristic,
        byte[] value,
        @Nullable Integer mtu,
        @Nullable String why) {
    /** Its word is the name of the member that says so. */
    public enum What {
        /** The client has a link to the tool. */
        LINKED,
        READ,
        /** With or without response, as the characteristic has it; at the time at which it was handed over. */
        WRITTEN,
        NOTIFIED,
        INDICATED,
        /** Something that the client tried did not succeed. */
        FAILED,
        /** The link is gone. */
        UNLINKED;

        final String word = name().toLowerCase(Locale.ROOT);
    }

    private static final byte[] NONE = {};
    private static final int MAX_VALUE = 4096;

    public static Passed linked(long us, @Nullable Integer mtu) {
        return new Passed(us, What.LINKED, null, NONE, mtu, null);
    }

    public static Passed unlinked(long us) {
        return new Passed(us, What.UNLINKED, null, NONE, null, null);
    }

    public static Passed failed(long us, String why) {
        return new Passed(us, What.FAILED, null, NONE, null, why);
    }

    public static Passed read(long us, Gatt.Characteristic from, byte[] value) {
        return new Passed(us, What.READ, from, value, null, null);
    }

    public static Passed written(long us, Gatt.Characteristic to, byte[] value) {
        return new Passed(us, What.WRITTEN, to, value, null, null);
    }

    /** Notified or indicated, as the characteristic has it. */
    public static Passed told(long us, Gatt.Characteristic by, byte[] value) {
        return new Passed(
                us,
                by.properties().contains(Gatt.Property.INDICATE) ? What.INDICATED : What.NOTIFIED,
                by,
                value,
                null,
                null);
    }

    /** Whether the tool told it unasked, or as an answer. */
    public boolean told() {
        return what == What.NOTIFIED || what == What.INDICATED;
    }

    /** @throws MalformedFrameException what is wrong with the line */
    public static Passed parse(String line) throws MalformedFrameException {
        JsonNode json = object(line);
        JsonNode us = json.path("us");
        if (!us.isIntegralNumber() || !us.canConvertToLong() || us.longValue() < 0) {
            throw new MalformedFrameException("us: want microseconds, 0 or more, got " + words(us));
        }
        What what = Arrays.stream(What.values())
                .filter(each -> json.has(each.word))
                .findFirst()
                .orElseThrow(() -> new MalformedFrameException("line: want one of the members %s, got none"
                        .formatted(String.join(
                                ", ",
                                Arrays.stream(What.values())
                                        .map(each -> each.word)
                                        .toList()))));
        JsonNode of = json.path(what.word);
        return switch (what) {
            case LINKED -> linked(us.longValue(), mtu(json.path("mtu")));
            case UNLINKED -> unlinked(us.longValue());
            case FAILED -> failed(us.longValue(), of.asText());
            default -> {
                Gatt.Characteristic characteristic = Gatt.named(of.asText())
                        .orElseThrow(() -> new MalformedFrameException("%s: want one of %s, got %s"
                                .formatted(
                                        what.word,
                                        String.join(
                                                ", ",
                                                Gatt.TABLE.stream()
                                                        .map(Gatt.Characteristic::name)
                                                        .toList()),
                                        words(of))));
                yield new Passed(us.longValue(), what, characteristic, hex(json.path("hex")), null, null);
            }
        };
    }

    /** One JSON object and nothing else. */
    static JsonNode object(String line) throws MalformedFrameException {
        try {
            return Json.object("line", line.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidDocumentException e) {
            throw new MalformedFrameException("line: " + e.mistakes().get(0));
        }
    }

    private static @Nullable Integer mtu(JsonNode mtu) throws MalformedFrameException {
        if (mtu.isMissingNode() || mtu.isNull()) {
            return null;
        } else if (!mtu.isInt() || mtu.intValue() < 23 || mtu.intValue() > 0xFFFF) {
            throw new MalformedFrameException("mtu: want 23..65535, got " + words(mtu));
        }
        return mtu.intValue();
    }

    private static byte[] hex(JsonNode hex) throws MalformedFrameException {
        try {
            byte[] value = HexFormat.of().parseHex(hex.textValue() == null ? "?" : hex.textValue());
            if (value.length <= MAX_VALUE) {
                return value;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new MalformedFrameException(
                "hex: want two digits a byte, of %d bytes or less, got %s".formatted(MAX_VALUE, words(hex)));
    }

    private static String words(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.toString();
    }

    /** The line, without its end. */
    public String json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("us", us);
        switch (what) {
            case LINKED -> {
                json.put(what.word, true);
                if (mtu != null) {
                    json.put("mtu", mtu);
                }
            }
            case UNLINKED -> json.put(what.word, true);
            case FAILED -> json.put(what.word, why);
            default ->
                json.put(what.word, Objects.requireNonNull(characteristic).name())
                        .put("hex", HexFormat.of().formatHex(value));
        }
        return json.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Passed that
                && us == that.us
                && what == that.what
                && Objects.equals(characteristic, that.characteristic)
                && Arrays.equals(value, that.value)
                && Objects.equals(mtu, that.mtu)
                && Objects.equals(why, that.why);
    }

    @Override
    public int hashCode() {
        return List.of(us, what).hashCode() * 31 + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return json();
    }
}

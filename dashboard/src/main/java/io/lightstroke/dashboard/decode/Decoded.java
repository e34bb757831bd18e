package io.lightstroke.dashboard.decode;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A value with its fields, and what is wrong with them. */
public record Decoded(ValueKind kind, byte[] bytes, List<Field> fields) {
    private static final Pattern IN_LIST = Pattern.compile("(\\w+)\\[(\\d+)]\\.(\\w+)");
    private static final int BYTES_SHOWN = 8;
    private static final int WORDS_SHOWN = 28;

    public boolean right() {
        return fields.stream().allMatch(each -> each.mistake() == null);
    }

    /** What is wrong, in one line, as a gateway logs it; empty when nothing is. */
    public Optional<String> mistake() {
        Optional<Field> wrong =
                fields.stream().filter(each -> each.mistake() != null).findFirst();
        try {
            if (kind == ValueKind.FORCE) {
                ForceFrame.decode(bytes);
            } else if (kind == ValueKind.EVENT) {
                EventFrame.decode(bytes);
            }
        } catch (MalformedFrameException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return wrong.map(field -> "%s %s: %s".formatted(kind.title(), field.name(), field.mistake()));
    }

    /** By the names of docs/protocol.md, raw. Of a broken one also where each field is, and what is wrong with it. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!right()) {
            json.put("error", mistake().orElse("")).put("as", kind.word());
            ArrayNode all = json.putArray("fields");
            for (Field field : fields) {
                ObjectNode one = all.addObject()
                        .put("field", field.name())
                        .put("offset", field.offset())
                        .put("bytes", HexFormat.of().formatHex(field.bytes()));
                one.set("value", field.value());
                if (field.mistake() != null) {
                    one.put("wrong", field.mistake());
                }
            }
            return json;
        }
        if (kind != ValueKind.FORCE && kind != ValueKind.EVENT) {
            json.put("as", kind.word());
        }
        for (Field field : fields) {
            Matcher inList = IN_LIST.matcher(field.name());
            if (inList.matches()) {
                ArrayNode list = json.withArray(inList.group(1));
                int place = Integer.parseInt(inList.group(2));
                ObjectNode entry = place < list.size() ? (ObjectNode) list.get(place) : list.addObject();
                entry.set(inList.group(3), field.value());
            } else {
                json.set(field.name(), field.value());
            }
        }
        return json;
    }

    /** For people: a line a field; of a broken one a table. Without an end of line at the end. */
    public String text() {
        List<String> lines = new ArrayList<>();
        if (right()) {
            lines.add(kind.title());
            fields.forEach(field -> lines.add("  %-15s %s".formatted(field.name(), field.words())));
            return String.join(System.lineSeparator(), lines);
        }
        lines.add("broken: " + mistake().orElse(""));
        String row = "  %6s  %-25s  %-15s  %-28s  %s";
        lines.add(row.formatted("offset", "bytes", "field", "value", "wrong").stripTrailing());
        for (Field field : fields) {
            lines.add(row.formatted(
                            field.offset(),
                            shown(field.bytes()),
                            field.name(),
                            cut(field.words()),
                            field.mistake() == null ? "" : field.mistake())
                    .stripTrailing());
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String cut(String words) {
        return words.length() <= WORDS_SHOWN ? words : words.substring(0, WORDS_SHOWN - 1) + "…";
    }

    private static String shown(byte[] bytes) {
        if (bytes.length == 0) {
            return "–";
        } else if (bytes.length <= BYTES_SHOWN) {
            return HexFormat.ofDelimiter(" ").formatHex(bytes);
        }
        return String.format(
                Locale.ROOT,
                "%s … %d bytes",
                HexFormat.ofDelimiter(" ").formatHex(bytes, 0, BYTES_SHOWN / 2),
                bytes.length);
    }
}

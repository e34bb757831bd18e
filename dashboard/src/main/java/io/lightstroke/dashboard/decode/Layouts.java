package io.lightstroke.dashboard.decode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.ToolInfo;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** The layouts of docs/protocol.md, section 1: each once, for values that are right and for broken ones. */
final class Layouts {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Map<Integer, String> OPS = Map.of(
            1,
            "start",
            2,
            "stop",
            3,
            "tare",
            4,
            "write limits",
            5,
            "read limits",
            7,
            "calibrate",
            8,
            "read faults",
            9,
            "identify",
            10,
            "stored boots",
            11,
            "erase stored");
    private static final List<String> RECORD_OPS =
            List.of("", "report", "delete", "abort", "count", "number of records", "response");
    private static final List<String> OPERATORS =
            List.of("none", "all", "up to", "from", "within range", "first", "last");
    private static final List<String> FEATURES =
            List.of("motion sensor", "haptic", "LED", "stores records", "firmware update", "button");

    private Layouts() {}

    static void force(Fields in) {
        int length = in.left();
        in.constant("type", ForceFrame.TYPE, "1, force");
        in.constant("version", ForceFrame.VERSION, "1");
        in.unsigned("flags", 2, value -> bits(value, List.of("historical", "saturated", "untared", "cue active")));
        boot(in);
        in.unsigned("first", 4);
        time(in, "time_us");
        if (in.unsigned("period_us", 2, value -> value + " us") == 0) {
            in.wrong("want 1..65535, got 0");
        }
        long count = in.unsigned("count", 1);
        boolean counted = count >= 1 && count <= ForceFrame.MAX_SAMPLES;
        if (count >= 0 && !counted) {
            in.wrong("want 1..%d, got %d".formatted(ForceFrame.MAX_SAMPLES, count));
        }
        in.unsigned("reserved", 1);
        in.unsigned("strokes", 4);
        if (length >= ForceFrame.OVERHEAD) {
            in.keep(2);
            int got = in.left();
            samples(in);
            if (counted && got != 2 * count) {
                in.wrong("want %d bytes, for count is %d, got %d".formatted(2 * count, count, got));
            } else if (got % 2 != 0) {
                in.wrong("want two bytes a sample, got %d bytes".formatted(got));
            }
            in.keepNone();
        }
        in.crc();
    }

    private static void samples(Fields in) {
        ArrayNode force = JSON.arrayNode();
        List<String> words = new ArrayList<>();
        byte[] bytes = in.peekRest();
        for (int i = 0; i + 1 < bytes.length; i += 2) {
            short cn = (short) ((bytes[i] & 0xFF) | bytes[i + 1] << 8);
            if (cn == ForceFrame.NO_FORCE) {
                force.addNull();
                words.add("–");
            } else {
                force.add(cn);
                words.add(newtons(cn));
            }
        }
        in.rest("force", force, String.join(" ", words) + " N");
    }

    static void event(Fields in) {
        in.constant("type", EventFrame.TYPE, "2, event");
        in.constant("version", EventFrame.VERSION, "1");
        in.unsigned("kind", 1, value -> named(value, EventFrame.Kind.values()));
        in.unsigned("flags", 1, value -> bits(value, List.of("historical")));
        boot(in);
        in.unsigned("sequence", 4);
        in.unsigned("index", 4);
        time(in, "time_us");
        in.signed("peak", 2, value -> newtons(value) + " N");
        in.unsigned("duration", 4, value -> value + " ms");
        in.signed("angle", 1, value -> value == EventFrame.ANGLE_UNKNOWN ? "not known" : value + "°");
        in.signed("direction", 1, value -> value == 0 ? "not known" : Long.toString(value));
        in.unsigned("strokes", 4);
        in.unsigned("code", 2);
        in.crc();
        in.end();
    }

    static void controlRequest(Fields in) {
        long op = in.unsigned("op", 1, Layouts::op);
        in.unsigned("txn", 1);
        switch ((int) op) {
            case ControlRequest.START -> in.unsigned("rate_hz", 2, value -> value + " Hz");
            case ControlRequest.WRITE_LIMITS -> limits(in);
            case ControlRequest.CALIBRATE -> {
                in.unsigned("step", 1, value -> named(value, ControlRequest.CalibrationStep.values()));
                in.signed("reference_mN", 4, value -> value + " mN");
            }
            case 8, ControlRequest.STORED_BOOTS -> in.unsigned("page", 1);
            case ControlRequest.ERASE_STORED -> {
                boot(in);
                in.unsigned("index", 4);
            }
            case ControlRequest.STOP, ControlRequest.TARE, ControlRequest.READ_LIMITS, ControlRequest.IDENTIFY -> {
                // no params
            }
            default -> in.raw("params");
        }
        in.end();
    }

    static void controlAnswer(Fields in) {
        in.constant("type", ControlAnswer.TYPE, "0x80, answer");
        long op = in.unsigned("op", 1, Layouts::op);
        in.unsigned("txn", 1);
        long result = in.unsigned("result", 1, value -> named(value, ControlAnswer.Result.values()));
        if (result == ControlAnswer.Result.OK.code()) {
            switch ((int) op) {
                case ControlRequest.TARE -> in.signed("offset", 2, value -> newtons(value) + " N");
                case ControlRequest.READ_LIMITS -> limits(in);
                case ControlRequest.STORED_BOOTS -> storedBoots(in);
                case ControlRequest.CALIBRATE -> {
                    if (in.left() > 0) { // of a commit
                        in.unsigned("calibration", 4);
                    }
                }
                default -> in.raw("data");
            }
        } else {
            in.raw("data");
        }
        in.end();
    }

    static void limits(Fields in) {
        for (String name : List.of("light", "moderate", "too_deep", "ceiling")) {
            in.signed(name, 2, value -> newtons(value) + " N");
        }
        in.unsigned("enter_ms", 2, value -> value + " ms");
        in.unsigned("exit_ms", 2, value -> value + " ms");
        in.unsigned("exit_percent", 1, value -> value + " %");
        in.unsigned("repeat_ms", 2, value -> value + " ms");
        in.unsigned("keep", 1, value -> value == 1 ? "1, over reboots" : Long.toString(value));
        in.end();
    }

    static void toolInfo(Fields in) {
        in.constant("version", ToolInfo.VERSION, "1");
        in.unsigned("features", 2, value -> bits(value, FEATURES));
        for (String name : List.of("rate_hz", "min_hz", "max_hz")) {
            in.unsigned(name, 2, value -> value + " Hz");
        }
        in.unsigned("calibration", 4);
        boot(in);
        in.unsigned("tare_age_s", 4, value -> value == ToolInfo.NEVER_TARED ? "never tared" : value + " s");
        in.unsigned("state", 1, value -> word(value, List.of("idle", "sampling", "updating")));
        in.end();
    }

    static void cue(Fields in) {
        in.unsigned("pattern", 1, value -> named(value, Cue.Pattern.values()));
        in.unsigned("txn", 1);
        time(in, "expires_us");
        in.end();
    }

    static void timeSyncRequest(Fields in) {
        in.unsigned("nonce", 4, Layouts::hex);
        in.end();
    }

    static void timeSyncAnswer(Fields in) {
        in.unsigned("nonce", 4, Layouts::hex);
        boot(in);
        time(in, "received_us");
        time(in, "sent_us");
        in.end();
    }

    static void recordRequest(Fields in) {
        long op = in.unsigned("op", 1, value -> word(value, RECORD_OPS));
        if (op == 0 || op > RecordRequest.COUNT) {
            in.wrong("want 1..4, got " + op);
        }
        long operator = in.unsigned("operator", 1, value -> word(value, OPERATORS));
        if (op == RecordRequest.ABORT) {
            if (operator > RecordRequest.NONE) {
                in.wrong("want 0 in an abort, got " + operator);
            }
        } else {
            if (operator == RecordRequest.NONE || operator > RecordRequest.LAST) {
                in.wrong("want 1..6, got " + operator);
            }
            in.constant("operand_type", 0x80, "0x80, by boot and index");
            boot(in);
            if (operator == RecordRequest.LESS_OR_EQUAL || operator == RecordRequest.GREATER_OR_EQUAL) {
                in.unsigned("index", 4);
            } else if (operator == RecordRequest.WITHIN_RANGE) {
                long first = in.unsigned("first", 4);
                long last = in.unsigned("last", 4);
                if (last >= 0 && first > last) {
                    in.wrong("want %d, which is first, or more, got %d".formatted(first, last));
                }
            }
        }
        in.end();
    }

    static void recordAnswer(Fields in) {
        long op = in.unsigned("op", 1, value -> word(value, RECORD_OPS));
        if (op >= 0 && op != RecordAnswer.NUMBER && op != RecordAnswer.RESPONSE) {
            in.wrong("want %d or %d, got %d".formatted(RecordAnswer.NUMBER, RecordAnswer.RESPONSE, op));
        }
        in.constant("operator", 0, "0, none");
        if (op == RecordAnswer.NUMBER) {
            in.unsigned("number", 4);
        } else if (op == RecordAnswer.RESPONSE) {
            in.unsigned("request_op", 1, value -> word(value, RECORD_OPS));
            in.unsigned("result", 1, value -> named(value, RecordAnswer.Result.values()));
        } else {
            in.raw("data");
        }
        in.end();
    }

    static void storedBoots(Fields in) {
        long more = in.unsigned("more", 1, value -> value == 0 ? "0, the last page" : "1, there is a further page");
        if (more > 1) {
            in.wrong("want 0 or 1, got " + more);
        }
        long count = in.unsigned("count", 1);
        for (int i = 0; i < count; i++) {
            String of = "boots[%d].".formatted(i);
            in.unsigned(of + "boot", 4, Layouts::hex);
            for (String name : List.of("oldest", "newest", "events")) {
                in.unsigned(of + name, 4);
            }
        }
        in.end();
    }

    static void battery(Fields in) {
        long percent = in.unsigned("percent", 1, value -> value + " %");
        if (percent > 100) {
            in.wrong("want 0..100, got " + percent);
        }
        in.end();
    }

    static void text(Fields in) {
        byte[] bytes = in.peekRest();
        try {
            String text = DeviceInformation.decode("text", bytes);
            in.rest("text", JSON.textNode(text), text);
        } catch (MalformedFrameException e) {
            in.rest("text", null, "");
            in.wrong(String.valueOf(e.getMessage()).replaceFirst("^text: ", ""));
        }
    }

    static void smp(Fields in) {
        int length = in.left();
        byte[] whole = in.peekRest();
        in.unsigned(
                "op",
                1,
                value -> word(value & 7, List.of("read", "read answer", "write", "write answer")) + ", version "
                        + (value >> 3));
        in.unsigned("flags", 1);
        long told = in.bigEndian("length", 2, Long::toString);
        if (told >= 0 && told + SmpMessage.HEADER > SmpMessage.MAX_LENGTH) {
            in.wrong("want %d or less, got %d".formatted(SmpMessage.MAX_LENGTH - SmpMessage.HEADER, told));
        } else if (length >= SmpMessage.HEADER && told != length - SmpMessage.HEADER) {
            in.wrong("want %d, as many bytes as the map has, got %d".formatted(length - SmpMessage.HEADER, told));
        }
        in.bigEndian("group", 2, value -> word(value, List.of("operating system", "images")));
        in.unsigned("sequence", 1);
        in.unsigned("command", 1);
        if (length < SmpMessage.HEADER) {
            return;
        }
        int body = Math.min(length - SmpMessage.HEADER, SmpMessage.MAX_LENGTH - SmpMessage.HEADER);
        byte[] right = Arrays.copyOf(whole, SmpMessage.HEADER + body);
        ByteBuffer.wrap(right).putShort(2, (short) body);
        try {
            JsonNode map = readable(SmpMessage.decode(right).body());
            in.rest("body", map, map.toString());
        } catch (MalformedFrameException e) {
            in.rest("body", null, "");
            in.wrong(String.valueOf(e.getMessage()).replaceFirst("^smp body: ", ""));
        }
    }

    /** With bytes as hex. */
    private static JsonNode readable(JsonNode node) {
        if (node.isBinary()) {
            try {
                return JSON.textNode(HexFormat.of().formatHex(node.binaryValue()));
            } catch (IOException e) {
                return node;
            }
        } else if (node.isArray()) {
            ArrayNode array = JSON.arrayNode();
            node.forEach(each -> array.add(readable(each)));
            return array;
        } else if (node.isObject()) {
            ObjectNode object = JSON.objectNode();
            node.properties().forEach(each -> object.set(each.getKey(), readable(each.getValue())));
            return object;
        }
        return node;
    }

    /** The advertising data, or the 16 bytes of a service's UUID alone. */
    static void advertising(Fields in) {
        List<UUID> services = new ArrayList<>();
        if (in.left() == 16) {
            service(in, "service", services);
        }
        for (int i = 0; in.left() > 0; i++) {
            String of = "ad[%d].".formatted(i);
            long length = in.unsigned(of + "length", 1);
            if (length == 0) {
                break; // the rest is padding
            }
            long type = in.unsigned(of + "type", 1, value -> switch ((int) value) {
                case 1 -> "1, flags";
                case 2, 3 -> value + ", services of 16 bits";
                case 6, 7 -> value + ", services of 128 bits";
                case 8, 9 -> value + ", name";
                default -> Long.toString(value);
            });
            int data = (int) Math.min(length - 1, in.left());
            int behind = in.left() - data;
            in.keep(behind);
            if ((type == 6 || type == 7) && data == 16) {
                service(in, of + "data", services);
            } else if (type == 8 || type == 9) {
                String name = new String(in.peekRest(), StandardCharsets.UTF_8);
                in.rest(of + "data", JSON.textNode(name), name);
            } else {
                String hex = HexFormat.of().formatHex(in.peekRest());
                in.rest(of + "data", JSON.textNode(hex), hex);
            }
            in.keepNone();
            if (data < length - 1) {
                in.wrong("want %d bytes, got %d".formatted(length - 1, data));
            }
        }
        if (!services.contains(Gatt.LIGHTSTROKE_SERVICE)) {
            in.missing(
                    "service",
                    "want the Lightstroke service %s, got %s"
                            .formatted(Gatt.LIGHTSTROKE_SERVICE, services.isEmpty() ? "none" : services));
        }
    }

    private static void service(Fields in, String name, List<UUID> services) {
        byte[] bytes = in.peekRest();
        long low = 0;
        long high = 0;
        for (int i = 7; i >= 0; i--) {
            low = low << 8 | (bytes[i] & 0xFF);
            high = high << 8 | (bytes[i + 8] & 0xFF);
        }
        UUID uuid = new UUID(high, low);
        services.add(uuid);
        in.rest(name, JSON.textNode(uuid.toString()), uuid.toString());
    }

    private static void boot(Fields in) {
        in.unsigned("boot", 4, Layouts::hex);
    }

    private static void time(Fields in, String name) {
        in.unsigned(
                name,
                8,
                us -> new BigDecimal(Long.toUnsignedString(us)).movePointLeft(6).toPlainString() + " s since boot");
    }

    private static String hex(long value) {
        return "0x%08x (%d)".formatted(value, value);
    }

    private static String newtons(long cn) {
        return String.format(Locale.ROOT, "%.2f", cn / 100.0);
    }

    private static String op(long op) {
        return OPS.containsKey((int) op) ? op + ", " + OPS.get((int) op) : "unknown (%d)".formatted(op);
    }

    private static String word(long code, List<String> words) {
        return code >= 0 && code < words.size() && !words.get((int) code).isEmpty()
                ? code + ", " + words.get((int) code)
                : "unknown (%d)".formatted(code);
    }

    private static String named(long code, Enum<?>[] all) {
        return word(
                code,
                Arrays.stream(all)
                        .map(each -> each.name().equals("UNKNOWN")
                                ? ""
                                : each.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .toList());
    }

    /** @param names of the bits, from bit 0 on */
    private static String bits(long flags, List<String> names) {
        List<String> set = new ArrayList<>();
        for (int bit = 0; bit < Short.SIZE; bit++) {
            if ((flags & 1 << bit) != 0) {
                set.add(bit < names.size() ? names.get(bit) : "unknown (bit %d)".formatted(bit));
            }
        }
        return set.isEmpty() ? "none" : String.join(", ", set);
    }
}

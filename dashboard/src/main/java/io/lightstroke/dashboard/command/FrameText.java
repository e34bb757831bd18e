package io.lightstroke.dashboard.command;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** Frames for people: a line a field, in units; codes as words, and as {@code unknown (37)} where there is none. */
final class FrameText {
    private static final int FORCES_A_LINE = 10;

    private FrameText() {}

    static String of(ForceFrame frame) {
        Lines lines = new Lines("force frame, version " + ForceFrame.VERSION);
        lines.add("boot", boot(frame.boot()));
        lines.add("samples", "%d, index %d to %d".formatted(frame.count(), frame.first(), frame.lastIndex()));
        lines.add("time", seconds(frame.timeUs()) + " s since boot, of the first sample");
        lines.add("period", text("%d us (%.6g Hz)", frame.periodUs(), 1e6 / frame.periodUs()));
        lines.add("flags", flags(frame.flags(), List.of("historical", "saturated", "untared", "cue active")));
        if (frame.reserved() != 0) {
            lines.add("reserved", "%d, ignored".formatted(frame.reserved()));
        }
        lines.add("strokes", frame.strokes() + " since boot");
        short[] forceCn = frame.forceCn();
        for (int from = 0; from < forceCn.length; from += FORCES_A_LINE) {
            StringJoiner row = new StringJoiner(" ", "", " N");
            for (int i = from; i < Math.min(from + FORCES_A_LINE, forceCn.length); i++) {
                row.add(forceCn[i] == ForceFrame.NO_FORCE ? "      –" : text("%7.2f", forceCn[i] / 100.0));
            }
            lines.add(from == 0 ? "force" : "", row.toString());
        }
        return lines.add("crc", "0x%04x, right".formatted(crc(frame.encode()))).toString();
    }

    static String of(EventFrame frame) {
        return new Lines("event frame, version " + EventFrame.VERSION)
                .add("kind", kind(frame))
                .add("boot", boot(frame.boot()))
                .add("sequence", String.valueOf(frame.sequence()))
                .add("index", String.valueOf(frame.index()))
                .add("time", seconds(frame.timeUs()) + " s since boot")
                .add("flags", flags(frame.flags(), List.of("historical")))
                .add("peak", text("%.2f N", frame.peakCn() / 100.0))
                .add("duration", text("%.3f s", frame.durationMs() / 1000.0))
                .add("angle", frame.angleDeg() == EventFrame.ANGLE_UNKNOWN ? "not known" : frame.angleDeg() + "°")
                .add("direction", direction(frame.direction()))
                .add("strokes", frame.strokes() + " since boot")
                .add("code", code(frame))
                .add("crc", "0x%04x, right".formatted(crc(frame.encode())))
                .toString();
    }

    private static int crc(byte[] bytes) {
        return (bytes[bytes.length - 2] & 0xFF) | (bytes[bytes.length - 1] & 0xFF) << 8;
    }

    private static String kind(EventFrame frame) {
        return frame.kind() == EventFrame.Kind.UNKNOWN
                ? unknown(frame.kindCode())
                : frame.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String direction(int direction) {
        return switch (direction) {
            case 1 -> "+1, along the marked axis";
            case -1 -> "-1, against the marked axis";
            case 0 -> "not known";
            default -> unknown(direction);
        };
    }

    private static String code(EventFrame frame) {
        int code = frame.code();
        return switch (frame.kind()) {
            case CUE_BEGAN -> code == 0 ? "0, by its own limits" : code + ", the transaction of the cue";
            case BUTTON ->
                switch (code) {
                    case 1 -> "1, short press";
                    case 2 -> "2, long press";
                    default -> unknown(code);
                };
            default -> String.valueOf(code);
        };
    }

    private static String boot(long boot) {
        return "0x%08x (%d)".formatted(boot, boot);
    }

    private static String seconds(long us) {
        return new BigDecimal(Long.toUnsignedString(us)).movePointLeft(6).toPlainString();
    }

    /** @param names of the bits, from bit 0 on */
    private static String flags(int flags, List<String> names) {
        List<String> set = new ArrayList<>();
        for (int bit = 0; bit < Short.SIZE; bit++) {
            if ((flags & 1 << bit) != 0) {
                set.add(bit < names.size() ? names.get(bit) : "unknown (bit %d)".formatted(bit));
            }
        }
        return set.isEmpty() ? "none" : String.join(", ", set);
    }

    private static String unknown(int code) {
        return "unknown (%d)".formatted(code);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** A title and, below it, labelled values in a column. */
    private static final class Lines {
        private final StringBuilder text;

        Lines(String title) {
            text = new StringBuilder(title);
        }

        Lines add(String label, String value) {
            text.append(System.lineSeparator()).append(text("  %-10s", label)).append(value);
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}

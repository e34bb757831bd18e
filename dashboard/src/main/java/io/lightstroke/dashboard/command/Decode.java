package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.dashboard.decode.Decoded;
import io.lightstroke.dashboard.decode.ValueKind;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Hex;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.ToolRecording;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lightstroke decode}: values in hex to their fields, one at a time. */
@Command(
        name = "decode",
        description = "Shows the fields of values given in hex, or what is wrong with them, field by field.",
        footer = {
            "",
            "White space, ':' or '-' may stand between bytes, and 0x before them. Without HEX each line of standard "
                    + "input is a value, or a line of what `lightstroke record` wrote, which says itself what it is; empty lines"
                    + " and lines that begin with '#' are skipped. A broken value is shown as such in its place, the others"
                    + " are shown all the same, and the exit code is 1."
        })
final class Decode implements Callable<Integer> {
    private static final int LINES_A_FLUSH = 1000;
    private static final int SMP_HEADER = 8;

    private final InputStream in;

    @Option(names = "--json", description = "One JSON object a line, fields as in docs/protocol.md.")
    private boolean json;

    @Option(
            names = "--as",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description =
                    "What the values are: ${COMPLETION-CANDIDATES}. Default: force or event, by their first byte.")
    private @Nullable ValueKind as;

    @Parameters(paramLabel = "HEX", arity = "0..*", description = "One value each.")
    private List<String> frames = List.of();

    @Spec
    private CommandSpec spec;

    private boolean broken;
    /** By the side that sends it: what has come of an SMP message. */
    private final Map<Passed.What, ByteArrayOutputStream> fragments = new EnumMap<>(Passed.What.class);

    /** @param in read when no value is given as an argument */
    @SuppressWarnings("NullAway.Init") // picocli sets the spec
    Decode(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (frames.isEmpty()) {
            showLines(out);
        } else {
            frames.forEach(this::refuseFile);
            frames.forEach(frame -> show(frame, out));
        }
        return broken ? Lightstroke.FAILED : Lightstroke.OK;
    }

    private void refuseFile(String hex) {
        if (hex.matches(".*[^0-9a-fA-FxX:\\s-].*") && new File(hex).isFile()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "HEX: want digits, got the file %s; lightstroke decode < %s reads it".formatted(hex, hex));
        }
    }

    private void showLines(PrintWriter out) throws IOException {
        BufferedReader lines = ToolRecording.text(in);
        int sinceFlush = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
                show(line, out);
            }
            if (!lines.ready() || ++sinceFlush == LINES_A_FLUSH) {
                sinceFlush = 0;
                if (out.checkError()) {
                    throw new IOException("nobody reads standard output any more");
                }
            }
        }
    }

    private void show(String line, PrintWriter out) {
        try {
            if (ToolRecording.begins(line)) {
                show(ToolRecording.Header.parse(line), line, out);
            } else if (line.stripLeading().startsWith("{")) {
                show(Passed.parse(line), out);
            } else {
                byte[] bytes = Hex.parse(line);
                ValueKind kind = as == null ? byType(bytes) : as;
                out.println(shown(kind.decode(bytes)));
            }
        } catch (MalformedFrameException e) {
            broken = true;
            out.println(json ? object().put("error", e.getMessage()) : "broken: " + e.getMessage());
        }
        if (!json) {
            out.println();
        }
    }

    private static ValueKind byType(byte[] bytes) throws MalformedFrameException {
        if (bytes.length == 0) {
            throw new MalformedFrameException("frame: want hex digits, got none");
        }
        return ValueKind.ofType(bytes)
                .orElseThrow(() -> new MalformedFrameException(
                        "frame type: want %d (force) or %d (event), or --as for what has no type, got %d"
                                .formatted(ForceFrame.TYPE, EventFrame.TYPE, bytes[0] & 0xFF)));
    }

    private String shown(Decoded value) {
        broken |= !value.right();
        if (json) {
            return value.json().toString();
        }
        try {
            return value.right() && value.kind() == ValueKind.FORCE
                    ? FrameText.of(ForceFrame.decode(value.bytes()))
                    : value.right() && value.kind() == ValueKind.EVENT
                            ? FrameText.of(EventFrame.decode(value.bytes()))
                            : value.text();
        } catch (MalformedFrameException e) {
            throw new IllegalStateException(e);
        }
    }

    private void show(ToolRecording.Header header, String line, PrintWriter out) {
        out.println(
                json
                        ? line
                        : "recording of %s%s over %s, begun %s"
                                .formatted(
                                        header.address(),
                                        header.name() == null ? "" : " (%s)".formatted(header.name()),
                                        header.link(),
                                        header.began()));
    }

    private void show(Passed passed, PrintWriter out) {
        Gatt.Characteristic characteristic = passed.characteristic();
        if (characteristic == null) {
            fragments.clear(); // of a link that is over
            out.println(json ? passed.json() : at(passed) + without(passed));
            return;
        }
        byte[] value = passed.value();
        if (characteristic.uuid().equals(Gatt.SMP)) {
            value = message(passed);
            if (value.length == 0) {
                out.println(
                        json
                                ? passed.json()
                                : at(passed)
                                        + "%s smp: %d bytes of a message"
                                                .formatted(word(passed), passed.value().length));
                return;
            }
        }
        Decoded decoded = ValueKind.of(characteristic.uuid(), passed.what() == Passed.What.WRITTEN, value)
                .decode(value);
        if (json) {
            broken |= !decoded.right();
            ObjectNode line = object().put("us", passed.us()).put(word(passed), characteristic.name());
            line.setAll(decoded.json());
            out.println(line);
        } else {
            out.println(at(passed) + word(passed) + " " + characteristic.name() + ": " + shown(decoded));
        }
    }

    /** The whole message when it is complete with this; else nothing. */
    private byte[] message(Passed passed) {
        ByteArrayOutputStream pending = fragments.computeIfAbsent(passed.what(), none -> new ByteArrayOutputStream());
        pending.writeBytes(passed.value());
        byte[] bytes = pending.toByteArray();
        boolean complete =
                bytes.length >= SMP_HEADER && bytes.length >= SMP_HEADER + ((bytes[2] & 0xFF) << 8 | (bytes[3] & 0xFF));
        if (!complete) {
            return new byte[0];
        }
        pending.reset();
        return bytes;
    }

    private static String at(Passed passed) {
        return BigDecimal.valueOf(passed.us(), 6).toPlainString() + " s  ";
    }

    private static String word(Passed passed) {
        return passed.what().name().toLowerCase(Locale.ROOT);
    }

    private static String without(Passed passed) {
        return switch (passed.what()) {
            case LINKED -> passed.mtu() == null ? "linked" : "linked, mtu " + passed.mtu();
            case FAILED -> "failed: " + passed.why();
            default -> word(passed);
        };
    }

    private static final class KindConverter implements ITypeConverter<ValueKind> {
        @Override
        public ValueKind convert(String word) {
            try {
                return ValueKind.named(word);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}

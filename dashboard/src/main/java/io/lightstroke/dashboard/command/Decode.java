package io.lightstroke.dashboard.command;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Hex;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke decode}: frames in hex to their fields, one at a time. */
@Command(
        name = "decode",
        description = "Shows the fields of force and event frames given in hex, or what is wrong with them.",
        footer = {
            "",
            "White space, ':' or '-' may stand between bytes, and 0x before them. Without HEX each line of standard "
                    + "input is a frame; empty lines and lines that begin with '#' are skipped. A broken frame is shown "
                    + "as such in its place, the others are shown all the same, and the exit code is 1."
        })
final class Decode implements Callable<Integer> {
    private static final int LINES_A_FLUSH = 1000;

    private final InputStream in;

    @Option(names = "--json", description = "One JSON object a line, fields as in docs/protocol.md.")
    private boolean json;

    @Parameters(paramLabel = "HEX", arity = "0..*", description = "One frame each.")
    private List<String> frames = List.of();

    @Spec
    private CommandSpec spec;

    private boolean broken;

    /** @param in read when no frame is given as an argument */
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
            frames.forEach(frame -> show(frame, out));
        }
        return broken ? Lightstroke.FAILED : Lightstroke.OK;
    }

    private void showLines(PrintWriter out) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
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

    private void show(String hex, PrintWriter out) {
        try {
            out.println(shown(Hex.parse(hex)));
        } catch (MalformedFrameException e) {
            broken = true;
            out.println(json ? FrameJson.error(e) : "broken: " + e.getMessage());
        }
        if (!json) {
            out.println();
        }
    }

    private String shown(byte[] bytes) throws MalformedFrameException {
        if (bytes.length == 0) {
            throw new MalformedFrameException("frame: want hex digits, got none");
        }
        int type = bytes[0] & 0xFF;
        switch (type) {
            case ForceFrame.TYPE -> {
                ForceFrame frame = ForceFrame.decode(bytes);
                return json ? FrameJson.of(frame, crc(bytes)) : FrameText.of(frame, crc(bytes));
            }
            case EventFrame.TYPE -> {
                EventFrame frame = EventFrame.decode(bytes);
                return json ? FrameJson.of(frame, crc(bytes)) : FrameText.of(frame, crc(bytes));
            }
            default ->
                throw new MalformedFrameException("frame type: want %d (force) or %d (event), got %d"
                        .formatted(ForceFrame.TYPE, EventFrame.TYPE, type));
        }
    }

    /** The two bytes at the end of a frame that has been decoded. */
    private static int crc(byte[] bytes) {
        return (bytes[bytes.length - 2] & 0xFF) | (bytes[bytes.length - 1] & 0xFF) << 8;
    }
}

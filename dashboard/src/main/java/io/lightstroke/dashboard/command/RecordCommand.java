package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.RecordingLink;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.recording.RecordingWriter;
import io.lightstroke.recording.ToolRecording;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke record}: all that passes between one tool and this machine, into a file. */
@Command(
        name = "record",
        description = {
            "Connects to one tool, lets it stream, and writes all that passes into a file: what was read, written, notified"
                    + " and indicated, each with its time, and when the link was lost and there again.",
            "Ends on Ctrl-C; a link that is lost is made anew."
        },
        footer = {
            "",
            "Nothing at the tool is changed but its rate: limits, tare and store stay. At the end it is stopped, unless it was"
                    + " sampling before.",
            "",
            "lightstroke simulate --replay FILE plays it for any gateway, lightstroke replay FILE judges it, and"
                    + " lightstroke decode < FILE shows every field."
        })
final class RecordCommand implements Callable<Integer> {
    private static final Duration LISTEN = Duration.ofSeconds(5);

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "Where to; packed when the name ends with .gz. There must be none of this name. Default: the"
                    + " tool's address and the time, .jsonl.gz, in this folder.")
    private @Nullable Path wantedFile;

    @Option(
            names = "--tool",
            paramLabel = "ADDRESS",
            description = "The tool's Bluetooth address. Default: the one tool that is heard.")
    private @Nullable String wanted;

    @Option(
            names = "--link",
            paramLabel = "LINK",
            description =
                    "tinyb, bluez (D-Bus, without TinyB), auto: TinyB where its natives load, else bluez; or simulated:"
                            + " a simulated tool in this process. Default: ${DEFAULT-VALUE}.")
    private GatewayConfig.Link via = GatewayConfig.Link.AUTO;

    @Option(names = "--adapter", paramLabel = "NAME", description = "For example hci0. Default: the first powered one.")
    private @Nullable String adapter;

    @Option(
            names = "--trust",
            paramLabel = "TRUST",
            description =
                    "What the tool must show: bonded, keys from a pairing by passkey; just-works, keys from any pairing;"
                            + " open, nothing. Default: ${DEFAULT-VALUE}.")
    private GatewayConfig.Trust trust = GatewayConfig.Trust.BONDED;

    @Option(
            names = "--rate",
            paramLabel = "HZ",
            description = "Samples a second. Default: what the tool samples at, if it does, else 100.")
    private @Nullable Integer rateHz;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long, for example 10m. Default: until Ctrl-C.")
    private @Nullable Duration time;

    @Mixin
    private Strokes strokes = new Strokes();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec
    RecordCommand() {}

    @Override
    public Integer call() throws Exception {
        if (rateHz != null && (rateHz < 1 || rateHz > 0xFFFF)) {
            throw wrong("--rate: want 1 to 65535, got " + rateHz);
        }
        String address = wanted == null ? null : wanted.toUpperCase(Locale.ROOT);
        if (address != null && !Pair.ADDRESS.matcher(address).matches()) {
            throw wrong("--tool: want an address like 02:4C:53:00:00:01, got " + wanted);
        }
        if (via != GatewayConfig.Link.SIMULATED) {
            for (String option : List.of("--scenario", "--seed", "--faults")) {
                if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                    throw wrong(option + ": want it with --link simulated, got it with " + via);
                }
            }
            try (ToolLink link = Gateway.bluetooth(via, adapter)) {
                return record(link, address);
            }
        }
        Tool tool = simulated(address);
        try (RealTime running = new RealTime(List.of(tool));
                ToolLink link = new SimulatedLink(List.of(tool))) {
            return record(link, tool.identity().address());
        }
    }

    private Tool simulated(@Nullable String address) throws Exception {
        return SimulatedTools.faulty(
                1,
                address == null ? SimulatedTools.address(1) : address,
                Scenario.named(strokes.scenario),
                strokes.faults,
                strokes.seed);
    }

    private int record(ToolLink link, @Nullable String known) throws Exception {
        ToolLink.HeardTool tool = heard(link, known);
        if (tool == null) {
            return Lightstroke.FAILED;
        }
        ToolRecording.Header header = new ToolRecording.Header(
                tool.address(), tool.name().isEmpty() ? null : tool.name(), link.name(), Instant.now());
        Path file = wantedFile != null ? wantedFile : Path.of(header.fileName());
        RecordingWriter writer = new RecordingWriter(file, header);
        RecordedTool recorded = new RecordedTool(tool.address(), trust, rateHz, line -> err().println(line));
        try (Stop stop = new Stop()) {
            try (ToolLink recording = new RecordingLink(link, (address, over) -> writer)) {
                err().printf("Recording %s into %s%s%n", tool.address(), file, time == null ? "; Ctrl-C ends it" : "");
                recorded.record(recording, stop, time, () -> writer.failure().isPresent());
            } finally {
                writer.close();
            }
            if (writer.failure().isPresent()) {
                throw new IOException("%s: it cannot be written (%s)"
                        .formatted(file, writer.failure().get().getMessage()));
            }
            out().printf("%s: %s%n", file, recorded.words());
            return stop.exitCode(recorded.samples() > 0 ? Lightstroke.OK : Lightstroke.FAILED);
        }
    }

    /** By its address, or the only one in range; null when there is not exactly one, which is said. */
    private ToolLink.@Nullable HeardTool heard(ToolLink link, @Nullable String known)
            throws LinkException, InterruptedException {
        Duration listen = via == GatewayConfig.Link.SIMULATED ? Duration.ZERO : LISTEN;
        if (!listen.isZero()) {
            err().printf("Listening for %d s …%n", listen.toSeconds());
        }
        List<ToolLink.HeardTool> heard = link.scan(listen);
        if (known != null) {
            return heard.stream()
                    .filter(each -> each.address().equals(known))
                    .findFirst()
                    .orElse(new ToolLink.HeardTool(known, "", null));
        } else if (heard.size() == 1) {
            return heard.get(0);
        }
        err().printf(
                        "%s: --tool: want the address of a tool, for %s%n",
                        spec.qualifiedName(),
                        heard.isEmpty()
                                ? "none was heard. Is it switched on, near, and not connected elsewhere?"
                                : "several were heard:");
        heard.forEach(each -> err().printf("  %s  %s%n", each.address(), each.name()));
        return null;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke scan}: which tools are in range. */
@Command(
        name = "scan",
        description = "Listens for tools in range over Bluetooth LE and lists them.",
        footer = {
            "",
            "It connects to each tool for its battery and firmware, but not to one that is in use. What could not be"
                    + " read is missing; standard error says why."
        })
final class Scan implements Callable<Integer> {
    private static final Duration STEP_LIMIT = Duration.ofSeconds(10);

    enum Via {
        AUTO,
        TINYB,
        BLUEZ;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--link",
            paramLabel = "LINK",
            description = "tinyb, bluez (D-Bus, without TinyB), or auto: TinyB where its natives load, else bluez."
                    + " Default: ${DEFAULT-VALUE}.")
    private Via via = Via.AUTO;

    @Option(names = "--adapter", paramLabel = "NAME", description = "For example hci0. Default: the first powered one.")
    private @Nullable String adapter;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it listens. Default: 5s.")
    private Duration time = Duration.ofSeconds(5);

    @Option(names = "--quick", description = "Connect to no tool: battery and firmware stay unknown.")
    private boolean quick;

    @Option(
            names = "--json",
            description = "One JSON object a line: address, name, rssi_dBm, battery_percent, firmware, link; null where"
                    + " unknown.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec
    Scan() {}

    /** A line of the answer. */
    @JsonInclude
    private record Found(
            String address,
            String name,
            @JsonProperty("rssi_dBm") @Nullable Integer rssiDbm,
            @JsonProperty("battery_percent") @Nullable Integer batteryPercent,
            @Nullable String firmware,
            String link) {}

    @Override
    public Integer call() throws Exception {
        try (ToolLink link = Gateway.bluetooth(GatewayConfig.Link.valueOf(via.name()), adapter)) {
            if (!json) {
                err().printf("Listening for %d s …%n", Math.max(1, time.toSeconds()));
            }
            List<Found> found = new ArrayList<>();
            for (ToolLink.HeardTool tool : link.scan(time)) {
                found.add(look(link, tool));
            }
            if (json) {
                printJson(found);
            } else {
                print(found, link.name());
            }
        }
        return Lightstroke.OK;
    }

    /** A tool that is not heard and yet there is connected to someone: connecting would take it from him. */
    private Found look(ToolLink link, ToolLink.HeardTool tool) throws InterruptedException {
        Integer batteryPercent = null;
        String firmware = null;
        if (!quick && tool.rssiDbm() != null) {
            try (ToolConnection connection = link.connect(tool.address(), STEP_LIMIT)) {
                connection.resolve(STEP_LIMIT);
                firmware = DeviceInformation.decode("firmware", connection.read(Gatt.FIRMWARE_REVISION));
                batteryPercent =
                        BatteryLevel.decode(connection.read(Gatt.BATTERY_LEVEL)).percent();
            } catch (LinkException | MalformedFrameException e) {
                err().printf("%s: %s%n", tool.address(), e.getMessage());
            }
        }
        return new Found(tool.address(), tool.name(), tool.rssiDbm(), batteryPercent, firmware, link.name());
    }

    private void printJson(List<Found> found) throws JsonProcessingException {
        for (Found tool : found) {
            out().println(Json.MAPPER.writeValueAsString(tool));
        }
    }

    private void print(List<Found> found, String link) {
        if (found.isEmpty()) {
            out().println("No tool heard. Is it switched on, near, and not connected elsewhere?"
                    + " ./lightstroke doctor checks this machine.");
            return;
        }
        String line = "%-18s %-9s %-8s %-10s %s%n";
        out().printf(line, "ADDRESS", "RSSI", "BATTERY", "FIRMWARE", "NAME");
        for (Found tool : found) {
            out().printf(
                            line,
                            tool.address(),
                            tool.rssiDbm() == null ? "in use" : tool.rssiDbm() + " dBm",
                            tool.batteryPercent() == null ? "–" : tool.batteryPercent() + " %",
                            tool.firmware() == null ? "–" : tool.firmware(),
                            tool.name());
        }
        err().printf("over the link %s%n", link);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}

package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.link.TinyBLink;
import io.lightstroke.gateway.link.ToolLink;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lightstroke scan}: which tools are in range. */
@Command(name = "scan", description = "Listens for tools in range over Bluetooth LE and lists them.")
final class Scan implements Callable<Integer> {
    @Option(names = "--adapter", paramLabel = "NAME", description = "For example hci0. Default: the first powered one.")
    private @Nullable String adapter;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it listens. Default: 5s.")
    private Duration time = Duration.ofSeconds(5);

    @Option(names = "--json", description = "One JSON object a line: address, name, rssi_dBm (null when unknown).")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        try (ToolLink link = new TinyBLink(adapter)) {
            if (!json) {
                System.err.printf("Listening for %d s …%n", Math.max(1, time.toSeconds()));
            }
            List<ToolLink.HeardTool> heard = link.scan(time);
            if (json) {
                ObjectMapper mapper = new ObjectMapper();
                for (ToolLink.HeardTool tool : heard) {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("address", tool.address());
                    line.put("name", tool.name());
                    line.put("rssi_dBm", tool.rssiDbm());
                    System.out.println(mapper.writeValueAsString(line));
                }
            } else if (heard.isEmpty()) {
                System.out.println("No tool heard. Is it switched on, near, and not connected elsewhere?"
                        + " ./lightstroke doctor checks this machine.");
            } else {
                System.out.printf("%-18s %-10s %s%n", "ADDRESS", "RSSI", "NAME");
                for (ToolLink.HeardTool tool : heard) {
                    System.out.printf(
                            "%-18s %-10s %s%n",
                            tool.address(), tool.rssiDbm() == null ? "–" : tool.rssiDbm() + " dBm", tool.name());
                }
            }
        }
        return Lightstroke.OK;
    }
}

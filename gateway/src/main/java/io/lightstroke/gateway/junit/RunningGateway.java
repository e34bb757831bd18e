package io.lightstroke.gateway.junit;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.ToolSession;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/**
 * The gateway of a {@link LightstrokeGateway}: where it is reached, its tools, and what it says. It ends with the test, or
 * with the last test of the class. All methods may be called from any thread.
 */
public final class RunningGateway implements AutoCloseable {
    private static final int MAX_TOOLS = 16;
    private static final int RATE_HZ = 100;
    private static final Duration STREAMING_LIMIT = Duration.ofSeconds(30);
    private static final long LOOK_EVERY_MS = 10;

    private final Path data;
    private final Topics topics;
    private final Map<String, Tool> tools;
    private final SimulatedLink link;
    private final RealTime time;
    private final Gateway gateway;
    private final List<Messages> messages = new CopyOnWriteArrayList<>();

    static RunningGateway start(LightstrokeGateway wanted) {
        Map<String, Tool> tools = new LinkedHashMap<>();
        try {
            if (wanted.tools() < 1 || wanted.tools() > MAX_TOOLS) {
                throw new IllegalArgumentException("tools: want 1..%d, got %d".formatted(MAX_TOOLS, wanted.tools()));
            }
            List<Fault> faults = wanted.faults().isBlank() ? List.of() : Fault.parse(wanted.faults());
            for (Tool tool : SimulatedTools.faultyFleet(
                    wanted.tools(), Scenario.named(wanted.scenario()), faults, wanted.seed())) {
                tools.put("tool-" + (tools.size() + 1), tool);
            }
        } catch (IOException | InvalidDocumentException | IllegalArgumentException e) {
            throw new ExtensionConfigurationException("@LightstrokeGateway: " + e.getMessage(), e);
        }
        try {
            return new RunningGateway(wanted, tools);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JournalException e) {
            throw new IllegalStateException(e);
        }
    }

    private RunningGateway(LightstrokeGateway wanted, Map<String, Tool> tools) throws IOException, JournalException {
        this.tools = tools;
        data = Files.createTempDirectory("lightstroke-gateway-");
        GatewayConfig config = new GatewayConfig(
                "home",
                "test",
                data,
                GatewayConfig.Link.SIMULATED,
                null,
                GatewayConfig.Trust.BONDED,
                tools.entrySet().stream()
                        .map(tool -> new GatewayConfig.Tool(
                                tool.getKey(), tool.getValue().identity().address()))
                        .toList(),
                RATE_HZ,
                Guideline.builtIn(),
                GatewayConfig.Unassigned.DEFAULT,
                null,
                GatewayConfig.Mqtt.at(GatewayConfig.Mqtt.EMBEDDED),
                null,
                new GatewayConfig.Http(GatewayConfig.Http.OFF, GatewayConfig.Http.LOOPBACK),
                new GatewayConfig.Simulated(wanted.scenario(), wanted.seed(), wanted.faults()),
                GatewayConfig.Keep.DEFAULT);
        topics = config.topics();
        link = new SimulatedLink(tools.values());
        gateway = Gateway.start(config, data, link);
        time = new RealTime(tools.values());
    }

    /** Of the MQTT broker, {@code tcp://127.0.0.1:port}. */
    public String brokerUrl() {
        return broker().url();
    }

    /** A user of the broker who may subscribe to everything, and publish commands only. */
    public String user() {
        return broker().dashboard().user();
    }

    public String password() {
        return broker().dashboard().password();
    }

    /** Of this gateway: the root, site and gateway, and each topic of a tool. */
    public Topics topics() {
        return topics;
    }

    /** By id, {@code tool-1} and on. Time passes for them by itself. */
    public Map<String, Tool> tools() {
        return Collections.unmodifiableMap(tools);
    }

    /** The journal, an SQLite database; the gateway is writing it. */
    public Path journal() {
        return data.resolve("journal.db");
    }

    /** Waits until every tool streams and commands are heard, at most 30 s. */
    public RunningGateway awaitStreaming() throws InterruptedException {
        long endNanos = System.nanoTime() + STREAMING_LIMIT.toNanos();
        while (!gateway.listening()
                || gateway.sessions().stream().anyMatch(each -> each.state() != ToolStatus.Link.STREAMING)) {
            if (System.nanoTime() > endNanos) {
                throw new AssertionError("want commands heard and all tools streaming within %d s, got %s, %s"
                        .formatted(
                                STREAMING_LIMIT.toSeconds(),
                                gateway.listening() ? "them heard" : "them not heard",
                                gateway.sessions().stream()
                                        .collect(Collectors.toMap(ToolSession::id, ToolSession::state))));
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
        return this;
    }

    /** The link to a tool is lost, as by distance; the gateway connects anew at once. */
    public void loseLink(String tool) {
        Tool lost = tools.get(tool);
        if (lost == null) {
            throw new IllegalArgumentException("tool: want one of %s, got %s".formatted(tools.keySet(), tool));
        }
        link.drop(lost.identity().address());
    }

    /**
     * Keeps what comes from now on, and what is retained, until the gateway ends.
     *
     * @param filter of topics below the root, for example {@code tool/+/stroke}
     */
    public Messages messages(String filter) {
        try {
            Messages kept = new Messages(this, topics.root() + "/" + filter);
            messages.add(kept);
            return kept;
        } catch (MqttException e) {
            throw new IllegalStateException("subscribing to " + filter, e);
        }
    }

    private EmbeddedBroker broker() {
        return Objects.requireNonNull(gateway.broker());
    }

    @Override
    public void close() throws IOException {
        messages.forEach(Messages::close);
        gateway.close();
        time.close();
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(data)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }
}

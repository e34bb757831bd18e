package io.lightstroke.gateway;

import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.gateway.update.FirmwareFolder;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Commands over simulated tools and a real journal, without a broker. */
final class Workbench implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);

    final List<SimulatedTool> tools;
    final SimulatedLink link;
    final Journal journal;
    final Path firmware;
    final List<ToolSession> sessions = new ArrayList<>();
    final Commands commands;
    private final LivePublisher live =
            new LivePublisher(new MqttServer("tcp://127.0.0.1:9"), new Topics("home", "room"), "test");
    private final ToolLink radio;
    private final RealTime time;

    /** What a refused command must leave as it was. */
    record State(
            @Nullable SessionState session,
            Object limits,
            @Nullable String occupied,
            List<String> orders,
            String firmware) {}

    Workbench(Path folder, Scenario scenario, int count) throws Exception {
        this(folder, scenario, count, connection -> connection);
    }

    /** @param change of each connection */
    Workbench(Path folder, Scenario scenario, int count, UnaryOperator<ToolConnection> change) throws Exception {
        this(folder, SimulatedTools.fleet(count, scenario, 1), link -> new ChangedLink(link, change));
    }

    /** @param over by which the tools are reached, instead of the link in this process */
    Workbench(Path folder, List<SimulatedTool> tools, UnaryOperator<ToolLink> over) throws Exception {
        this.tools = tools;
        link = new SimulatedLink(tools);
        radio = over.apply(link);
        journal = Journal.open(folder);
        firmware = folder.resolve("firmware");
        AdapterPower power = new AdapterPower(radio, () -> true);
        for (SimulatedTool tool : tools) {
            String id = "tool-" + (sessions.size() + 1);
            ToolPipeline pipeline = new ToolPipeline(
                    id,
                    Guideline.builtIn().limits("calf", "standard"),
                    null,
                    journal,
                    live,
                    new CueLatency(),
                    Clock.systemUTC(),
                    session -> {},
                    System::nanoTime);
            sessions.add(new ToolSession(
                    new GatewayConfig.Tool(id, tool.identity().address()),
                    GatewayConfig.Trust.OPEN,
                    100,
                    radio,
                    power,
                    live,
                    Clock.systemUTC(),
                    pipeline,
                    new Backfill(id, pipeline, journal, System::nanoTime)));
        }
        commands = new Commands(
                sessions,
                Guideline.builtIn(),
                journal,
                Clock.systemUTC(),
                new Random(1),
                new FirmwareFolder(firmware),
                new Eraser(journal, folder, List.of(), null, live, null, sessions));
        time = new RealTime(tools);
        sessions.forEach(ToolSession::start);
    }

    Workbench streaming() {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> sessions.stream()
                        .allMatch(each -> each.state() == ToolStatus.Link.STREAMING && each.session() != null));
        return this;
    }

    CommandAnswer ask(String tool, String name, String json) throws InterruptedException {
        return commands.handle(tool, name, json.getBytes(StandardCharsets.UTF_8));
    }

    CommandAnswer ok(String name, String json) throws InterruptedException {
        CommandAnswer answer = ask("tool-1", name, json);
        if (!answer.ok()) {
            throw new AssertionError(name + " " + json + ": " + answer.error());
        }
        return answer;
    }

    /** Why it is refused. */
    String error(String tool, String name, String json) throws InterruptedException {
        CommandAnswer answer = ask(tool, name, json);
        if (answer.ok() || answer.error() == null) {
            throw new AssertionError(name + " " + json + ": " + answer);
        }
        return answer.error();
    }

    List<State> state() {
        boolean unused = journal.flush(LONG);
        List<State> states = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            ToolSession session = sessions.get(i);
            states.add(new State(
                    session.session(),
                    session.limits(),
                    session.occupied(),
                    journal.lastOrders(session.id(), 100).stream()
                            .map(JournalEntry.Order::json)
                            .toList(),
                    new String(tools.get(i).read(Gatt.FIRMWARE_REVISION), StandardCharsets.UTF_8)));
        }
        return states;
    }

    @Override
    public void close() {
        sessions.forEach(ToolSession::end);
        sessions.forEach(ToolSession::close);
        journal.close();
        live.close();
        radio.close();
        time.close();
    }
}

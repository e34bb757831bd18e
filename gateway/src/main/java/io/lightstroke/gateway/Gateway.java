package io.lightstroke.gateway;

import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.health.Health;
import io.lightstroke.gateway.health.HealthMetrics;
import io.lightstroke.gateway.health.HealthServer;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.link.AwaitedLink;
import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.TinyBLink;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.gateway.session.CueAgreement;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.sink.CommandListener;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.gateway.sink.MqttSink;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.gateway.sink.Sink;
import io.lightstroke.gateway.update.FirmwareFolder;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: tools in over one link, judged, kept in the journal, out to the sinks.
 *
 * <pre>
 *  link ─► tool sessions ─► journal ─► pumps ─► MQTT broker, InfluxDB
 *        ▲        └─► live frames ─► MQTT broker
 *        └── commands ◄────────────── MQTT broker
 * </pre>
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final String SOFTWARE = "lightstroke "
            + Optional.ofNullable(Gateway.class.getPackage().getImplementationVersion())
                    .orElse("development");
    private static final Duration TICK_EVERY = Duration.ofSeconds(1);
    private static final Duration STATUS_EVERY = Duration.ofSeconds(2);
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(10);

    private final long startedNanos = System.nanoTime();

    /** What has been started, to be closed in the reverse order. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private final Journal journal;
    private final @Nullable EmbeddedBroker broker;
    private final CommandListener commands;
    private final CueLatency latency = new CueLatency();
    private final List<ToolSession> sessions = new ArrayList<>();
    private final List<Pump> pumps = new ArrayList<>();

    /**
     * Starts a gateway over the link that its configuration names.
     *
     * @param data folder of the journal, the broker's state and images for tools; used by one process at a time
     */
    public static Gateway start(GatewayConfig config, Path data)
            throws IOException, JournalException, LinkException, InvalidDocumentException, InterruptedException {
        if (config.link() != GatewayConfig.Link.SIMULATED) {
            return start(config, data, awaited(config.link(), config.adapter()));
        }
        List<Tool> tools = simulatedTools(config);
        Gateway gateway = start(config, data, new SimulatedLink(tools));
        gateway.started.addLast(new RealTime(tools));
        return gateway;
    }

    /** A gateway starts without an adapter too, and takes it when it comes. */
    private static ToolLink awaited(GatewayConfig.Link wanted, @Nullable String adapter)
            throws LinkException, InterruptedException {
        if (wanted == GatewayConfig.Link.TINYB) {
            TinyBLink.requireMachine();
        }
        return AwaitedLink.of(wanted.word(), () -> bluetooth(wanted, adapter));
    }

    /**
     * A link through BlueZ on the system's bus; says which and why.
     *
     * @param wanted {@code AUTO} takes TinyB where it runs
     * @param adapter its name or address; null takes the first that is powered, or the first
     */
    public static ToolLink bluetooth(GatewayConfig.Link wanted, @Nullable String adapter)
            throws LinkException, InterruptedException {
        String why = "configured";
        if (wanted != GatewayConfig.Link.BLUEZ) {
            try {
                ToolLink link = new TinyBLink(adapter, null);
                LOG.info("link tinyb: {}", wanted == GatewayConfig.Link.AUTO ? "the default" : why);
                return link;
            } catch (LinkException e) {
                if (wanted == GatewayConfig.Link.TINYB) {
                    throw e;
                }
                why = e.getMessage();
            }
        }
        ToolLink link = new BlueZLink(BlueZ.systemBus(), adapter, BlueZLink.Notify.BEST);
        LOG.info("link bluez: {}", why);
        return link;
    }

    /** Starts a gateway over {@code link}, which it will close. */
    public static Gateway start(GatewayConfig config, Path data, ToolLink link) throws IOException, JournalException {
        return start(config, data, link, Clock.systemUTC());
    }

    static Gateway start(GatewayConfig config, Path data, ToolLink link, Clock clock)
            throws IOException, JournalException {
        try {
            return new Gateway(config, data, link, clock);
        } catch (IOException | JournalException | RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private Gateway(GatewayConfig config, Path data, ToolLink link, Clock clock) throws IOException, JournalException {
        boolean complete = false;
        try {
            Topics topics = config.topics();
            journal = open(Journal.open(data));
            broker = config.mqtt().embedded()
                    ? open(EmbeddedBroker.start(
                            data.resolve("broker"), config.mqtt().port()))
                    : null;
            MqttServer mqtt = mqttServer(config.mqtt(), broker);
            LivePublisher live = open(
                    config.mqtt().homeAssistant()
                            ? new LivePublisher(mqtt, topics, SOFTWARE, config.homeAssistant(SOFTWARE))
                            : new LivePublisher(mqtt, topics, SOFTWARE));

            pump(new MqttSink(mqtt, topics));
            InfluxSink influx = null;
            if (config.influx() != null) {
                influx = new InfluxSink(config.influx().server(), config.site(), config.gateway());
                open(new InfluxHealth(influx, pump(influx), () -> health(live), clock, InfluxHealth.EVERY));
            }
            open(link);
            PressureLimits limits = config.unassignedLimits();
            Revisions revisions = open(new Revisions(journal, data));
            AdapterPower power = new AdapterPower(
                    link, () -> sessions.stream().anyMatch(each -> each.state() == ToolStatus.Link.STREAMING));
            for (GatewayConfig.Tool tool : config.tools()) {
                ToolPipeline pipeline = new ToolPipeline(
                        tool.id(),
                        limits,
                        config.guideline().caps(),
                        journal,
                        live,
                        latency,
                        clock,
                        revisions::due,
                        System::nanoTime);
                sessions.add(new ToolSession(
                        tool,
                        config.trust(),
                        config.rateHz(),
                        link,
                        power,
                        live,
                        clock,
                        pipeline,
                        new Backfill(tool.id(), pipeline, journal, System::nanoTime)));
            }
            takeUpSessions(data);
            journal.retain(config.journal().retention(this::neededSinceUtcUs));
            open(this::stopTools);
            ScheduledExecutorService statuses = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "tool-status");
                thread.setDaemon(true);
                return thread;
            });
            open(statuses::shutdownNow);
            Future<?> unused = statuses.scheduleWithFixedDelay(
                    () -> each(sessions, ToolSession::publishStatus),
                    STATUS_EVERY.toMillis(),
                    STATUS_EVERY.toMillis(),
                    TimeUnit.MILLISECONDS);
            Future<?> unusedToo = statuses.scheduleWithFixedDelay(
                    () -> each(sessions, ToolSession::tick),
                    TICK_EVERY.toMillis(),
                    TICK_EVERY.toMillis(),
                    TimeUnit.MILLISECONDS);
            commands = open(new CommandListener(
                    mqtt,
                    topics,
                    new Commands(
                            sessions,
                            config.guideline(),
                            journal,
                            clock,
                            new SecureRandom(),
                            new FirmwareFolder(data.resolve("firmware")),
                            new Eraser(journal, data, pumps, influx, live, broker, sessions))));
            String instance = UUID.randomUUID().toString();
            Watch watch = open(new Watch(
                    new Watch.Identity(instance, SOFTWARE, topics.root()),
                    data,
                    sessions,
                    pumps,
                    journal,
                    live,
                    commands,
                    () -> new Health.Link(
                            link.name(),
                            link instanceof AwaitedLink awaited
                                    ? awaited.problem().orElse(null)
                                    : null),
                    () -> broker == null ? Optional.empty() : broker.problem(),
                    clock));
            if (!config.http().off()) {
                answer(config.http(), data, instance, watch);
            }
            live.ready();
            sessions.forEach(ToolSession::start);
            LOG.info("gateway {} over link {}, {} tools allowed", topics.root(), link.name(), sessions.size());
            complete = true;
        } finally {
            if (!complete) {
                closeStarted();
            }
        }
    }

    private void answer(GatewayConfig.Http http, Path data, String instance, Watch watch) throws IOException {
        HealthMetrics metrics = open(new HealthMetrics(
                watch::health,
                List.of(
                        new HealthMetrics.Times(
                                "lightstroke_cue_latency_seconds",
                                "From the sample that completed the rule to the cue written to the link.",
                                latency.totalUs()),
                        new HealthMetrics.Times(
                                "lightstroke_cue_gateway_seconds",
                                "The part of it inside the gateway.",
                                latency.gatewayUs()),
                        new HealthMetrics.Times(
                                "lightstroke_journal_commit_seconds",
                                "Of each commit, until it was synced to disk.",
                                journal.commitUs()))));
        HealthServer unused =
                open(new HealthServer(http.address(), http.number(), data, instance, watch::health, metrics::scrape));
    }

    /** Does it with each, whatever goes wrong with one. */
    static <T> void each(List<T> all, Consumer<T> action) {
        for (T one : all) {
            try {
                action.accept(one);
            } catch (RuntimeException e) {
                LOG.error("unexpected", e);
            }
        }
    }

    /** A journal that cannot be read holds up nobody who scrapes. */
    private void takeUpSessions(Path data) {
        try (JournalReader reader = JournalReader.open(data)) {
            for (ToolSession session : sessions) {
                try {
                    session.takeUp(reader);
                } catch (RuntimeException e) {
                    LOG.error("{}: the session of the last run is not taken up", session.id(), e);
                }
            }
        } catch (JournalException e) {
            LOG.error("the sessions of the last run are not taken up", e);
        }
    }

    /** What a running session is derived from, should the gateway be started again. */
    private long neededSinceUtcUs() {
        return sessions.stream()
                .map(ToolSession::session)
                .filter(Objects::nonNull)
                .mapToLong(running -> running.started().utcUs() - Derivation.WARM_UP_US)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private static List<Tool> simulatedTools(GatewayConfig config) throws IOException, InvalidDocumentException {
        Scenario scenario = Scenario.named(config.simulated().scenario());
        List<Tool> tools = new ArrayList<>();
        for (GatewayConfig.Tool tool : config.tools()) {
            tools.add(SimulatedTools.faulty(
                    tools.size() + 1,
                    tool.address(),
                    scenario,
                    config.simulated().parsedFaults(),
                    config.simulated().seed()));
        }
        return tools;
    }

    private <T extends AutoCloseable> T open(T part) {
        started.push(part);
        return part;
    }

    private Pump pump(Sink sink) {
        Pump pump = open(new Pump(journal, sink));
        pumps.add(pump);
        return pump;
    }

    /** How it stands now; counts are since the start, those of sinks since they were enabled. */
    private Map<String, Long> health(LivePublisher live) {
        Summary summary = summary();
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put(
                "uptime_s", Duration.ofNanos(System.nanoTime() - startedNanos).toSeconds());
        figures.put(
                "heap_bytes",
                Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        figures.put("tools", (long) sessions.size());
        figures.put(
                "tools_streaming",
                sessions.stream()
                        .filter(each -> each.state() == ToolStatus.Link.STREAMING)
                        .count());
        figures.put("frames_malformed", summary.frames().malformed());
        figures.put("frames_overflowed", summary.frames().overflowed());
        figures.put("frames_refused", summary.frames().refused());
        figures.put("samples_journaled", summary.samples().journaled());
        figures.put("samples_not_kept", summary.samples().notKept());
        figures.put("samples_lost", summary.samples().lost());
        figures.put("live_dropped", live.dropped());
        figures.put("cues", summary.cues());
        for (Pump pump : pumps) {
            SinkAccount account = journal.account(pump.name());
            figures.put(pump.name() + "_pending", account.pending());
            figures.put(pump.name() + "_set_aside", account.setAside());
            figures.put(pump.name() + "_expired", account.expired());
        }
        return figures;
    }

    private static MqttServer mqttServer(GatewayConfig.Mqtt mqtt, @Nullable EmbeddedBroker broker) {
        return broker == null
                ? mqtt.server()
                : new MqttServer(
                        broker.url(), broker.gateway().user(), broker.gateway().password(), null);
    }

    public List<ToolSession> sessions() {
        return List.copyOf(sessions);
    }

    /** Whether commands that are sent now are heard. */
    public boolean listening() {
        return commands.listening();
    }

    /** The broker that runs inside, or null when there is one elsewhere. */
    public @Nullable EmbeddedBroker broker() {
        return broker;
    }

    /** Stops every tool's stream and ends its session; all that came is in the journal afterwards. */
    public void stopTools() {
        sessions.forEach(ToolSession::end);
        sessions.forEach(ToolSession::close);
        if (!journal.flush(FLUSH_LIMIT)) {
            LOG.warn("the journal did not take everything within {} s", FLUSH_LIMIT.toSeconds());
        }
        sessions.forEach(ToolSession::publishStatus);
    }

    /** Waits until every sink has all that the journal has, or {@code limit} has passed. */
    public void drain(Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        for (Pump pump : pumps) {
            pump.drain(Duration.ofNanos(Math.max(0, endNanos - System.nanoTime())));
        }
    }

    /** Samples that each sink still has to get; without those of which the journal, which cannot be read, does not say. */
    public Map<String, Long> pending() {
        Map<String, Long> pending = new LinkedHashMap<>();
        pumps.forEach(pump -> pump.account().ifPresent(account -> pending.put(pump.name(), account.pending())));
        return pending;
    }

    /** The account since start. What was still pending for a sink from an earlier run counts as journaled for it. */
    public Summary summary() {
        long received = 0, decodedFrames = 0, malformed = 0, overflowed = 0, refused = 0;
        long decoded = 0, journaled = 0, duplicate = 0, notKept = 0, pending = 0, lost = 0;
        long strokes = 0, toolStrokes = 0;
        CueAgreement.Figures agreement = CueAgreement.Figures.NONE;
        for (ToolSession session : sessions) {
            Accounting accounting = session.accounting();
            received += accounting.frames().received();
            decodedFrames += accounting.frames().decoded();
            malformed += accounting.frames().malformed();
            overflowed += accounting.frames().overflowed();
            refused += accounting.frames().refused();
            decoded += accounting.samples().decoded();
            journaled += accounting.samples().journaled();
            duplicate += accounting.samples().duplicate();
            notKept += accounting.samples().notKept();
            pending += accounting.samples().pending();
            lost += accounting.samples().lost();
            strokes += session.strokes();
            toolStrokes += session.toolStrokes();
            agreement = agreement.plus(session.cueAgreement());
        }
        Map<String, SinkAccount> sinks = new LinkedHashMap<>();
        pumps.forEach(pump -> pump.account().ifPresent(account -> sinks.put(pump.name(), account)));
        return new Summary(
                new Accounting.Frames(received, decodedFrames, malformed, overflowed, refused),
                new Accounting.Samples(decoded, journaled, duplicate, notKept, pending, lost),
                sinks,
                strokes,
                toolStrokes,
                latency.cues(),
                latency.totalMs(),
                latency.splitMs(),
                agreement.percent());
    }

    @Override
    public void close() {
        closeStarted();
    }

    private void closeStarted() {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                LOG.warn("while closing: {}", e.toString());
            }
        }
    }
}

package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.FastFeed;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway in real time: with mosquitto and influxd there, with both away, on a full disk besides, while it
 * delivers the hour that has gathered meanwhile, and after: how late its cues and its live frames are.
 */
final class OutageRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(10);
    /** The first cues are of a program that has just begun; shorter phases have too few to matter. */
    private static final Duration WARM_UP = Duration.ofSeconds(15);

    /** A phase with fewer is not held against another. */
    private static final int LEAST_CUES = 100;

    private static final double GOAL_RATIO = 1.5;
    private static final int SMALL_DISK_BYTES = 16 << 20;

    enum Phase {
        NORMAL,
        AWAY,
        /** Both away, and the disk full besides; left out where no small disk can be mounted. */
        DISK_FULL,
        DRAINING,
        AFTER;

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Milliseconds; null where there was nothing. */
    record Ms(
            long count,
            @Nullable Double p50,
            @Nullable Double p99,
            @Nullable Double max) {}

    /**
     * One phase of one round.
     *
     * @param cueMs from a notification's arrival to the cue written
     * @param liveMs from a frame's last sample, by the time that is published, to a subscriber's having it; nobody has it
     *     while the broker is away
     * @param seconds it lasted; draining as long as both sinks were behind
     */
    record Measured(Phase phase, Ms cueMs, Ms liveMs, double seconds) {}

    /**
     * Medians over the rounds; counts are sums.
     *
     * @param cueP99OfNormal p99 of a phase over that of {@link Phase#NORMAL} in the same round; null where either had too few cues
     * @param goalsMet no ratio is above the goal
     * @param delivered everything that was journaled, in each round
     */
    record Result(
            int tools,
            double backlogMinutes,
            Map<Phase, Ms> cueMs,
            Map<Phase, Ms> liveMs,
            Map<Phase, @Nullable Double> cueP99OfNormal,
            Map<Phase, @Nullable Double> liveP99OfNormal,
            boolean goalsMet,
            boolean delivered,
            List<List<Measured>> rounds) {
        String json() {
            try {
                return JSON.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    private final Path folder;
    private final int tools;
    private final Duration phase;
    private final FastFeed backlog;
    private final Consumer<String> progress;
    private boolean delivered = true;

    /** @param backlog put into the journal while both servers are away */
    OutageRun(Path folder, int tools, Duration phase, FastFeed backlog, Consumer<String> progress) {
        this.folder = folder;
        this.tools = tools;
        this.phase = phase;
        this.backlog = backlog;
        this.progress = progress;
    }

    Result run(int rounds, Duration backlogLength) throws Exception {
        List<List<Measured>> all = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            all.add(round("round %d of %d: ".formatted(round, rounds), Files.createTempDirectory(folder, "round")));
        }
        Map<Phase, Ms> cueMs = new LinkedHashMap<>();
        Map<Phase, Ms> liveMs = new LinkedHashMap<>();
        Map<Phase, @Nullable Double> cueRatio = new LinkedHashMap<>();
        Map<Phase, @Nullable Double> liveRatio = new LinkedHashMap<>();
        for (Phase each : all.get(0).stream().map(Measured::phase).toList()) {
            cueMs.put(each, median(all, each, Measured::cueMs));
            liveMs.put(each, median(all, each, Measured::liveMs));
            cueRatio.put(each, ratio(all, each, Measured::cueMs));
            liveRatio.put(each, ratio(all, each, Measured::liveMs));
        }
        boolean goalsMet = Stream.concat(cueRatio.values().stream(), liveRatio.values().stream())
                .allMatch(OutageRun::meetsGoal);
        return new Result(
                tools, backlogLength.toSeconds() / 60.0, cueMs, liveMs, cueRatio, liveRatio, goalsMet, delivered, all);
    }

    static boolean meetsGoal(@Nullable Double p99OfNormal) {
        return p99OfNormal == null || p99OfNormal <= GOAL_RATIO;
    }

    private List<Measured> round(String of, Path own) throws Exception {
        List<Measured> measured = new ArrayList<>();
        Path data = own.resolve("data");
        GatewayConfig config;
        try (ServerProcess mosquitto = ServerProcess.mosquitto(own.resolve("mosquitto"));
                ServerProcess influxd = ServerProcess.influxd(own.resolve("influx"))) {
            config = config(own, mosquitto.port(), influxd.port());
            if (phase.compareTo(WARM_UP) >= 0) {
                progress.accept(of + "warming up");
                Measured unused = measure(Phase.NORMAL, config, data, WARM_UP);
            }
            progress.accept(of + "normal");
            measured.add(measure(Phase.NORMAL, config, data, phase));
        }
        progress.accept(of + "both away, filling the journal");
        try (Journal journal = Journal.open(data)) {
            backlog.into(journal);
        }
        progress.accept(of + "both away");
        measured.add(measure(Phase.AWAY, config, data, phase));
        progress.accept(of + "both away, the disk full");
        try (SmallDisk disk = SmallDisk.mount(Files.createDirectory(own.resolve("small")))) {
            if (disk != null) {
                measured.add(measure(Phase.DISK_FULL, config, disk.path(), phase));
            }
        }
        try (ServerProcess mosquitto = ServerProcess.mosquitto(own.resolve("mosquitto"));
                ServerProcess influxd = ServerProcess.influxd(own.resolve("influx"))) {
            config = config(own, mosquitto.port(), influxd.port());
            progress.accept(of + "draining");
            measured.add(measure(Phase.DRAINING, config, data, DRAIN_LIMIT));
            progress.accept(of + "after");
            measured.add(measure(Phase.AFTER, config, data, phase));
        }
        try (Journal journal = Journal.open(data)) {
            for (String sink : List.of("mqtt", "influx")) {
                SinkAccount account = journal.account(sink);
                delivered &= account.lawful() && account.pending() == 0 && account.setAside() == 0;
            }
        }
        return measured;
    }

    private GatewayConfig config(Path own, int mqttPort, int influxPort) throws IOException, InvalidDocumentException {
        StringBuilder yaml = new StringBuilder("link: simulated\ntrust: open\ngateway: outage\ntools:\n");
        for (int i = 1; i <= tools; i++) {
            // Names of their own: the backlog's are those of other tools.
            yaml.append("  - {id: live-%d, address: \"%s\"}\n".formatted(i, SimulatedTools.address(i)));
        }
        yaml.append("mqtt: {broker: \"tcp://127.0.0.1:%d\"}\n".formatted(mqttPort));
        yaml.append("influx: {url: \"http://127.0.0.1:%d\"}\n".formatted(influxPort));
        return GatewayConfig.read(Files.writeString(own.resolve("lightstroke.yaml"), yaml));
    }

    private Measured measure(Phase what, GatewayConfig config, Path data, Duration length)
            throws IOException, JournalException, InterruptedException, MqttException {
        List<SimulatedTool> fleet = SimulatedTools.fleet(tools, Scenario.builtIn("too-deep"), 1);
        Queue<Double> liveMs = new ConcurrentLinkedQueue<>();
        boolean away = what == Phase.AWAY || what == Phase.DISK_FULL;
        MqttClient viewer = away ? null : viewer(config, liveMs);
        Summary summary;
        double seconds;
        try (Gateway gateway = Gateway.start(config, data, new SimulatedLink(fleet));
                RealTime time = new RealTime(fleet)) {
            if (what == Phase.DISK_FULL) {
                SmallDisk.fill(data);
            }
            long beganNanos = System.nanoTime();
            if (what == Phase.DRAINING) {
                gateway.drain(length);
            } else {
                Thread.sleep(length.toMillis());
            }
            seconds = (System.nanoTime() - beganNanos) / 1e9;
            gateway.stopTools();
            gateway.drain(away ? Duration.ZERO : DRAIN_LIMIT);
            summary = gateway.summary();
        } finally {
            if (viewer != null) {
                viewer.disconnectForcibly(0, 1000, true);
                viewer.close(true);
            }
        }
        Summary.LatencyMs cue = summary.cueSplitMs().gateway();
        return new Measured(what, new Ms(summary.cues(), cue.p50(), cue.p99(), cue.max()), ms(liveMs), seconds);
    }

    /** A subscriber to the live frames. */
    private static MqttClient viewer(GatewayConfig config, Queue<Double> liveMs) throws MqttException {
        MqttClient viewer = new MqttClient(config.mqtt().broker(), "bench-outage", new MemoryPersistence());
        viewer.connect();
        viewer.subscribe(
                new MqttSubscription[] {new MqttSubscription(config.topics().root() + "/tool/+/live", 0)},
                new IMqttMessageListener[] {
                    (topic, message) -> {
                        Instant now = Instant.now();
                        LiveFrame frame = Json.MAPPER.readValue(message.getPayload(), LiveFrame.class);
                        long lastUs = (frame.forceN().length - 1L) * frame.periodUs();
                        liveMs.add(Duration.between(frame.time(), now).toNanos() / 1e6 - lastUs / 1e3);
                    }
                });
        return viewer;
    }

    private static Ms ms(Queue<Double> values) {
        double[] sorted = values.stream().mapToDouble(each -> each).sorted().toArray();
        return sorted.length == 0
                ? new Ms(0, null, null, null)
                : new Ms(
                        sorted.length,
                        sorted[(sorted.length - 1) / 2],
                        sorted[(int) Math.ceil(sorted.length * 0.99) - 1],
                        sorted[sorted.length - 1]);
    }

    private static Stream<Measured> in(Phase phase, List<List<Measured>> rounds) {
        return rounds.stream().flatMap(List::stream).filter(each -> each.phase == phase);
    }

    private static Ms median(List<List<Measured>> rounds, Phase phase, Function<Measured, Ms> of) {
        List<Ms> all = in(phase, rounds).map(of).toList();
        return new Ms(
                all.stream().mapToLong(Ms::count).sum(),
                median(all.stream().map(Ms::p50)),
                median(all.stream().map(Ms::p99)),
                median(all.stream().map(Ms::max)));
    }

    private static @Nullable Double ratio(List<List<Measured>> rounds, Phase phase, Function<Measured, Ms> of) {
        List<Measured> normal = in(Phase.NORMAL, rounds).toList();
        List<Measured> here = in(phase, rounds).toList();
        return median(IntStream.range(0, normal.size()).mapToObj(i -> {
            boolean enough = Math.min(normal.get(i).cueMs.count, here.get(i).cueMs.count) >= LEAST_CUES;
            Double usual = of.apply(normal.get(i)).p99;
            Double now = of.apply(here.get(i)).p99;
            return usual == null || now == null || !enough ? null : (Double) (now / usual);
        }));
    }

    /** Of what there is; null when there is nothing. */
    private static @Nullable Double median(Stream<@Nullable Double> values) {
        List<Double> sorted = values.filter(Objects::nonNull).sorted().toList();
        return sorted.isEmpty() ? null : sorted.get(sorted.size() / 2);
    }

    /** A file system in memory, of a size that is soon full; for Linux's root alone. */
    private record SmallDisk(Path path) implements AutoCloseable {
        static @Nullable SmallDisk mount(Path path) throws IOException, InterruptedException {
            boolean mounted =
                    run("mount", "-t", "tmpfs", "-o", "size=" + SMALL_DISK_BYTES, "lightstroke", path.toString());
            return mounted ? new SmallDisk(path) : null;
        }

        /** Not one byte is free from now on. */
        static void fill(Path path) throws IOException {
            byte[] block = new byte[4096];
            try (OutputStream filler = Files.newOutputStream(path.resolve("filler"))) {
                for (int written = 0; written <= SMALL_DISK_BYTES; written += block.length) {
                    filler.write(block);
                }
            } catch (IOException e) {
                if (Files.getFileStore(path).getUsableSpace() >= block.length) {
                    throw e;
                }
            }
        }

        private static boolean run(String... command) throws InterruptedException {
            try {
                return new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                return false; // there is no such command
            }
        }

        @Override
        public void close() throws IOException, InterruptedException {
            if (!run("umount", path.toString())) {
                throw new IOException("cannot unmount " + path);
            }
        }
    }
}

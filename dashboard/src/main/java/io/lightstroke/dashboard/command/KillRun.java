package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SampleBatch;
import io.lightstroke.messages.Topics;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * A gateway in a process of its own that is killed again and again, between simulated tools, mosquitto and influxd in
 * theirs. Acknowledged is each sample that was read out of the journal's file beside the running gateway, or that an MQTT
 * subscriber has got.
 */
final class KillRun implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Topics TOPICS = new Topics("home", "kill");
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_MS = 20;
    private static final int SHOWN = 20;
    /** At most so long after its first live frame the gateway is killed. */
    private static final int MOST_MS = 4_000;

    private static final int MOST_END_MS = 500;

    /** A sample's name, for ever. */
    record Key(String tool, long boot, long index) {}

    /** What belongs to the name, for ever. */
    record Value(long utcUs, long forceCn) {}

    /**
     * What was seen.
     *
     * @param acknowledged samples
     * @param lostAcknowledged of them not, or not the same, in the journal after a kill
     * @param duplicateKeys samples that are in the journal or in InfluxDB twice
     * @param wrongInInflux samples that InfluxDB has otherwise than the journal, or alone has, or has not
     * @param unlawful accounts of a sink that did not add up after a kill
     * @param missing indices between the first and the last of a boot that had not come in the end
     * @param startMs from the start of the process to the first live frame that a subscriber gets
     * @param violations in words, the first of them
     */
    record Result(
            int loops,
            long seed,
            int tools,
            long acknowledged,
            long lostAcknowledged,
            long duplicateKeys,
            long wrongInInflux,
            long unlawful,
            long missing,
            StartMs startMs,
            long journaled,
            double seconds,
            List<String> violations) {
        String json() {
            try {
                return JSON.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }

        boolean flawless() {
            return lostAcknowledged + duplicateKeys + wrongInInflux + unlawful + missing == 0 && violations.isEmpty();
        }
    }

    record StartMs(long p50, long max) {}

    private final Path folder;
    private final int tools;
    private final long seed;
    private final Random random;
    private final ServerProcess mosquitto;
    private final ServerProcess influxd;
    private final Process simulator;
    private final String bus;
    private final Subscriber subscriber;

    private final Map<Key, Value> acknowledged = new HashMap<>();
    private final List<Long> startMs = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private @Nullable Process gateway;
    private long lost;
    private long duplicates;
    private long wrong;
    private long unlawful;

    /** @param link bluez or tinyb */
    KillRun(Path folder, int tools, String link, long seed) throws IOException, InterruptedException {
        ServerProcess.require("dbus-daemon", "mosquitto", "influxd");
        this.folder = folder;
        this.tools = tools;
        this.seed = seed;
        random = new Random(seed);
        boolean complete = false;
        List<AutoCloseable> started = new ArrayList<>();
        try {
            mosquitto = ServerProcess.mosquitto(folder.resolve("mosquitto"));
            started.add(mosquitto);
            influxd = ServerProcess.influxd(folder.resolve("influx"));
            started.add(influxd);
            simulator = lightstroke(Map.of(), "simulator", "simulate", "--tools", "" + tools, "--scenario", "too-deep");
            started.add(simulator::destroyForcibly);
            bus = busAddress();
            subscriber = new Subscriber("tcp://127.0.0.1:" + mosquitto.port());
            StringBuilder config =
                    new StringBuilder("data: data\ngateway: kill\nlink: %s\ntrust: open\ntools:\n".formatted(link));
            for (int i = 1; i <= tools; i++) {
                config.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(i, SimulatedTools.address(i)));
            }
            config.append("mqtt: {broker: \"tcp://127.0.0.1:%d\"}%n".formatted(mosquitto.port()));
            config.append("influx: {url: \"http://127.0.0.1:%d\"}%n".formatted(influxd.port()));
            Files.writeString(folder.resolve("lightstroke.yaml"), config);
            complete = true;
        } catch (MqttException e) {
            throw new IOException("mosquitto: " + e, e);
        } finally {
            if (!complete) {
                for (AutoCloseable each : started) {
                    closeQuietly(each);
                }
            }
        }
    }

    private Process lightstroke(Map<String, String> environment, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Lightstroke.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name + ".err").toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String busAddress() throws IOException, InterruptedException {
        Path out = folder.resolve("simulator.out");
        Pattern address = Pattern.compile("DBUS_SYSTEM_BUS_ADDRESS='(.*)'");
        long endNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (simulator.isAlive() && System.nanoTime() - endNanos < 0) {
            Matcher found = address.matcher(Files.readString(out));
            if (found.find()) {
                return found.group(1);
            }
            Thread.sleep(LOOK_MS);
        }
        throw new IOException("the simulated tools do not start: " + Files.readString(folder.resolve("simulator.err")));
    }

    /** @param progress told of each kill */
    Result run(int loops, IntConsumer progress) throws IOException, InterruptedException, JournalException {
        long beganNanos = System.nanoTime();
        for (int loop = 1; loop <= loops; loop++) {
            Process running = start();
            Thread.sleep(random.nextInt(MOST_MS));
            if (random.nextInt(5) == 0) {
                running.destroy(); // SIGTERM: its end, with that of the sessions, is cut short
                Thread.sleep(random.nextInt(MOST_END_MS));
            }
            readBeside();
            running.destroyForcibly().waitFor();
            check(loop);
            progress.accept(loop);
        }
        JsonNode summary = lastRun();
        Map<Key, Value> journaled = check(loops + 1);
        long missing = missing(journaled);
        if (summary.at("/samples/lost").asLong()
                        + summary.at("/samples/pending").asLong()
                        + summary.at("/samples/notKept").asLong()
                > 0) {
            violate("the last summary: want nothing lost, pending or not kept, got %s", summary);
        }
        long[] sorted = startMs.stream().mapToLong(each -> each).sorted().toArray();
        return new Result(
                loops,
                seed,
                tools,
                acknowledged.size(),
                lost,
                duplicates,
                wrong,
                unlawful,
                missing,
                new StartMs(sorted[(sorted.length - 1) / 2], sorted[sorted.length - 1]),
                journaled.size(),
                (System.nanoTime() - beganNanos) / 1e9,
                List.copyOf(violations));
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private void violate(String what, @Nullable Object... details) {
        if (violations.size() < SHOWN) {
            violations.add(what.formatted(details));
        }
    }

    /** Returns when it is ready: a subscriber has got a live frame. */
    private Process start(String... more) throws IOException, InterruptedException {
        subscriber.forgetLive();
        long beganNanos = System.nanoTime();
        List<String> arguments = new ArrayList<>(List.of("gateway"));
        arguments.addAll(List.of(more));
        Process started =
                lightstroke(Map.of("DBUS_SYSTEM_BUS_ADDRESS", bus), "gateway", arguments.toArray(String[]::new));
        gateway = started;
        while (!subscriber.live()) {
            if (!started.isAlive() || System.nanoTime() - beganNanos > START_LIMIT.toNanos()) {
                throw new IOException(
                        "the gateway does not start: %s".formatted(Files.readString(folder.resolve("gateway.err"))));
            }
            Thread.sleep(LOOK_MS / 4);
        }
        startMs.add((System.nanoTime() - beganNanos) / 1_000_000);
        return started;
    }

    /** Until all that the tools have stored has come; then it ends by itself. */
    private JsonNode lastRun() throws IOException, InterruptedException, JournalException {
        Process running = start("--json");
        long endNanos = System.nanoTime() + CATCH_UP_LIMIT.toNanos();
        do {
            Thread.sleep(1000);
        } while (missing(journaled(data())) > 0 && System.nanoTime() - endNanos < 0);
        running.destroy();
        if (!running.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the gateway does not end");
        }
        if (running.exitValue() != 0) {
            violate("the last run: want it to end lawfully, with 0, got %d", running.exitValue());
        }
        return JSON.readTree(Files.readString(folder.resolve("gateway.out")));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static Map<Key, Value> journaled(Path data) throws JournalException {
        Map<Key, Value> journaled = new HashMap<>();
        try (JournalReader reader = JournalReader.open(data)) {
            for (String tool : reader.tools()) {
                reader.replay(tool, 0, Long.MAX_VALUE / 2, entry -> {
                    if (entry instanceof JournalEntry.Samples samples) {
                        each(samples, journaled::put);
                    }
                });
            }
        }
        return journaled;
    }

    private interface Each {
        @Nullable
        Object take(Key key, Value value);
    }

    private static void each(JournalEntry.Samples samples, Each each) {
        for (int i = 0; i < samples.forceCn().length; i++) {
            Object unused = each.take(
                    new Key(samples.tool(), samples.boot(), samples.first() + i),
                    new Value(samples.utcUs() + (long) i * samples.periodUs(), samples.forceCn()[i]));
        }
    }

    private void readBeside() throws JournalException {
        acknowledge(journaled(data()));
    }

    /** An acknowledged sample stays what it is. */
    private void acknowledge(Map<Key, Value> seen) {
        seen.forEach((key, value) -> {
            Value before = acknowledged.put(key, value);
            if (before != null && !before.equals(value)) {
                lost++;
                violate("%s was acknowledged as %s, and then as %s", key, before, value);
            }
        });
    }

    /** While no gateway runs, on a copy of its journal: the next one is to find it as the last one left it. */
    private Map<Key, Value> check(int loop) throws IOException, InterruptedException, JournalException {
        acknowledge(subscriber.samples());
        Path copy = Files.createTempDirectory(folder, "copy");
        for (String file : List.of("journal.db", "journal.db-wal")) {
            if (Files.exists(data().resolve(file))) {
                Files.copy(data().resolve(file), copy.resolve(file));
            }
        }
        Set<Key> pending = new HashSet<>();
        try (Journal journal = Journal.open(copy)) {
            for (String sink : List.of("mqtt", "influx")) {
                SinkAccount account = journal.account(sink);
                if (!account.lawful()) {
                    unlawful++;
                    violate("loop %d: %s does not add up: %s", loop, sink, account);
                }
            }
            long seq = journal.cursor("influx");
            for (List<Journal.Numbered> page = journal.read(seq, 2000);
                    !page.isEmpty();
                    page = journal.read(seq, 2000)) {
                for (Journal.Numbered numbered : page) {
                    seq = numbered.seq();
                    if (numbered.entry() instanceof JournalEntry.Samples samples) {
                        each(samples, (key, value) -> pending.add(key));
                    }
                }
            }
        }
        Map<Key, Value> journaled = journaled(copy);
        long withDoubles;
        try (JournalReader reader = JournalReader.open(copy)) {
            withDoubles = reader.boots().stream()
                    .mapToLong(JournalReader.KeptBoot::samples)
                    .sum();
        }
        if (withDoubles != journaled.size()) {
            // A replay leaves out what is there twice.
            duplicates += withDoubles - journaled.size();
            violate("loop %d: %d samples are in the journal, with doubles %d", loop, journaled.size(), withDoubles);
        }
        delete(copy);
        acknowledged.forEach((key, value) -> {
            if (!value.equals(journaled.get(key))) {
                lost++;
                violate("loop %d: %s was acknowledged as %s, the journal has %s", loop, key, value, journaled.get(key));
            }
        });
        compare(loop, journaled, pending);
        return journaled;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(folder);
    }

    /** Row by row: InfluxDB has all but what is pending, perhaps some of that, and nothing else. */
    private void compare(int loop, Map<Key, Value> journaled, Set<Key> pending)
            throws IOException, InterruptedException {
        Map<Key, Value> rows = new HashMap<>();
        for (String line : influxRows()) {
            String[] columns = line.split(",", -1);
            Key key = new Key(columns[3], Long.parseLong(columns[4]), Long.parseLong(columns[5]));
            Value value = new Value(Long.parseLong(columns[2]), Math.round(Double.parseDouble(columns[6]) * 100));
            if (rows.put(key, value) != null) {
                duplicates++;
                violate("loop %d: %s is in InfluxDB twice", loop, key);
            }
            if (!value.equals(journaled.get(key))) {
                wrong++;
                violate("loop %d: %s is %s in InfluxDB, the journal has %s", loop, key, value, journaled.get(key));
            }
        }
        journaled.keySet().forEach(key -> {
            if (!pending.contains(key) && !rows.containsKey(key)) {
                wrong++;
                violate("loop %d: %s counts as delivered, and is not in InfluxDB", loop, key);
            }
        });
    }

    /** Of CSV, without its head: name, tags, time, tool, boot, index, force. */
    private List<String> influxRows() throws IOException, InterruptedException {
        String query = "select tool, boot, \"index\", force_N from force";
        HttpResponse<Stream<String>> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/query?db=lightstroke&epoch=u&q=%s"
                                        .formatted(influxd.port(), URLEncoder.encode(query, StandardCharsets.UTF_8))))
                                .header("Accept", "application/csv")
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            return lines.filter(line -> line.startsWith("force,")).toList();
        }
    }

    /** Indices between the first and the last of each boot that are not there. */
    private static long missing(Map<Key, Value> journaled) {
        Map<List<Object>, TreeMap<Long, Boolean>> boots = new HashMap<>();
        journaled
                .keySet()
                .forEach(key -> boots.computeIfAbsent(List.of(key.tool, key.boot), boot -> new TreeMap<>())
                        .put(key.index, true));
        return boots.values().stream()
                .mapToLong(indices -> indices.lastKey() - indices.firstKey() + 1 - indices.size())
                .sum();
    }

    /** Gets every sample at least once, also those that come while nothing else looks. */
    private static final class Subscriber implements MqttCallback, AutoCloseable {
        private final MqttClient client;
        private final Map<Key, Value> samples = new ConcurrentHashMap<>();
        private volatile boolean live;

        Subscriber(String url) throws MqttException {
            client = new MqttClient(url, "bench-kill", new MemoryPersistence());
            client.setCallback(this);
            client.connect();
            client.subscribe(TOPICS.root() + "/tool/+/samples", 1);
            client.subscribe(TOPICS.root() + "/tool/+/live", 0);
        }

        void forgetLive() {
            live = false;
        }

        boolean live() {
            return live;
        }

        /** Since the last time. */
        Map<Key, Value> samples() {
            Map<Key, Value> got = new HashMap<>(samples);
            samples.keySet().removeAll(got.keySet());
            return got;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) throws IOException {
            if (topic.endsWith("/live")) {
                live = true;
                return;
            }
            String[] levels = topic.split("/", -1);
            SampleBatch batch = Json.MAPPER.readValue(message.getPayload(), SampleBatch.class);
            for (int i = 0; i < batch.forceN().length; i++) {
                Double newtons = batch.forceN()[i];
                samples.put(
                        new Key(levels[levels.length - 2], batch.boot(), batch.first() + i),
                        new Value(
                                Json.usOf(batch.time()) + (long) i * batch.periodUs(),
                                newtons == null ? Short.MIN_VALUE : Math.round(newtons * 100)));
            }
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException e) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean again, String url) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}

        @Override
        public void close() throws MqttException {
            client.disconnectForcibly(0, 1000, true);
            client.close(true);
        }
    }

    @Override
    public void close() {
        Process last = gateway;
        for (AutoCloseable each : Arrays.<AutoCloseable>asList(
                () -> {
                    if (last != null) {
                        last.destroyForcibly().waitFor();
                    }
                },
                subscriber,
                () -> {
                    simulator.destroy();
                    simulator.waitFor(10, TimeUnit.SECONDS);
                    simulator.destroyForcibly();
                },
                influxd,
                mosquitto)) {
            closeQuietly(each);
        }
    }

    private static void closeQuietly(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            System.err.println("while closing: " + e);
        }
    }
}

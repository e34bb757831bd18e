package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpServer;
import io.lightstroke.gateway.FastFeed;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.MqttSink;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.gateway.sink.Sink;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;

/**
 * How fast a journal goes into a real mosquitto and a real influxd, beside what each server takes of the very same bytes
 * from a client that has nothing else to do; and the whole way from a tool's bytes to both in processor time.
 */
final class SinksRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(30);
    private static final Topics TOPICS = new Topics("bench", "bench");
    /** Of a bare client, as many requests as one server with two cores can use. */
    private static final int CONNECTIONS = 4;

    /**
     * Samples per second, but for the last: samples per second of processor time in this process.
     *
     * @param mqttRaw the same messages by a bare client
     * @param influxRaw the same bodies by a bare client
     */
    record Round(double mqtt, double mqttRaw, double influx, double influxRaw, double perCpuSecond) {}

    /** @param median of each figure by itself */
    record Result(
            int tools,
            double minutes,
            long samples,
            Round median,
            double mqttOfRaw,
            double influxOfRaw,
            boolean lawful,
            List<Round> rounds) {
        String json() {
            try {
                return JSON.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    private final Path folder;
    private final ServerProcess mosquitto;
    private final ServerProcess influxd;
    private final FastFeed feed;
    private boolean lawful = true;
    private int databases;

    SinksRun(Path folder, ServerProcess mosquitto, ServerProcess influxd, FastFeed feed) {
        this.folder = folder;
        this.mosquitto = mosquitto;
        this.influxd = influxd;
        this.feed = feed;
    }

    /** @param progress told what is done now */
    Result run(int rounds, int tools, Duration length, Consumer<String> progress)
            throws IOException, InterruptedException, JournalException, MqttException {
        progress.accept("filling a journal");
        Path full = Files.createDirectory(folder.resolve("full"));
        try (Journal journal = Journal.open(full)) {
            enable(journal);
            feed.into(journal);
        }
        progress.accept("noting what the sinks send");
        Queue<MqttMessage> messages = messages(full);
        Queue<byte[]> bodies = bodies(full);
        List<Round> done = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            String of = "round %d of %d: ".formatted(round, rounds);
            progress.accept(of + "mosquitto");
            double mqtt = drain(full, mqttSink());
            double mqttRaw = publishFlatOut(messages);
            progress.accept(of + "influxd");
            double influx = drain(full, influxSink());
            double influxRaw = postFlatOut(bodies);
            progress.accept(of + "the whole way");
            done.add(new Round(mqtt, mqttRaw, influx, influxRaw, wholeWay()));
        }
        Round median = new Round(
                median(done, Round::mqtt),
                median(done, Round::mqttRaw),
                median(done, Round::influx),
                median(done, Round::influxRaw),
                median(done, Round::perCpuSecond));
        return new Result(
                tools,
                length.toSeconds() / 60.0,
                feed.samples(),
                median,
                median(done, each -> each.mqtt / each.mqttRaw),
                median(done, each -> each.influx / each.influxRaw),
                lawful,
                done);
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> of) {
        double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void enable(Journal journal) throws JournalException {
        journal.enable("mqtt");
        journal.enable("influx");
    }

    private MqttSink mqttSink() {
        return new MqttSink(new MqttServer("tcp://127.0.0.1:" + mosquitto.port()), TOPICS);
    }

    private InfluxSink influxSink() {
        return influxSink("http://127.0.0.1:" + influxd.port(), "sink" + databases++);
    }

    private static InfluxSink influxSink(String url, String database) {
        return new InfluxSink(new InfluxServer.V1(url, database, null, null, null), TOPICS.site(), TOPICS.gateway());
    }

    /** A copy, for a cursor never goes back. */
    private double drain(Path full, Sink sink) throws IOException, JournalException, InterruptedException {
        Path copy = Files.createTempDirectory(folder, "copy");
        Files.copy(full.resolve("journal.db"), copy.resolve("journal.db"));
        try (Journal journal = Journal.open(copy)) {
            long beganNanos = System.nanoTime();
            try (Pump pump = new Pump(journal, sink)) {
                lawful &= pump.drain(DRAIN_LIMIT);
            }
            double seconds = (System.nanoTime() - beganNanos) / 1e9;
            SinkAccount account = journal.account(sink.name());
            lawful &= account.lawful() && account.delivered() == feed.samples();
            return feed.samples() / seconds;
        }
    }

    /** What the sink publishes. */
    private Queue<MqttMessage> messages(Path full)
            throws IOException, JournalException, InterruptedException, MqttException {
        Queue<MqttMessage> messages = new ConcurrentLinkedQueue<>();
        MqttClient subscriber =
                new MqttClient("tcp://127.0.0.1:" + mosquitto.port(), "bench-sinks", new MemoryPersistence());
        subscriber.connect();
        try {
            subscriber.subscribe(
                    new MqttSubscription[] {new MqttSubscription(TOPICS.root() + "/#", 1)},
                    new IMqttMessageListener[] {(topic, message) -> messages.add(new MqttMessage(message.getPayload()))
                    });
            double unused = drain(full, mqttSink());
            for (int before = -1; messages.size() != before; ) {
                before = messages.size();
                Thread.sleep(500);
            }
        } finally {
            subscriber.disconnect();
            subscriber.close();
        }
        return messages;
    }

    /** What the sink posts. */
    private Queue<byte[]> bodies(Path full) throws IOException, JournalException, InterruptedException {
        Queue<byte[]> bodies = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/write", exchange -> {
            bodies.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try {
            double unused = drain(
                    full, influxSink("http://127.0.0.1:" + server.getAddress().getPort(), "any"));
        } finally {
            server.stop(0);
        }
        return bodies;
    }

    /** QoS 1, as many on the way as the broker lets. */
    private double publishFlatOut(Queue<MqttMessage> messages) throws MqttException, InterruptedException {
        MqttAsyncClient client =
                new MqttAsyncClient("tcp://127.0.0.1:" + mosquitto.port(), "bench-raw", new MemoryPersistence());
        IMqttToken connected = client.connect();
        connected.waitForCompletion();
        Integer most = connected.getResponseProperties() == null
                ? null
                : connected.getResponseProperties().getReceiveMaximum();
        int window = most == null ? 200 : Math.min(200, most);
        Semaphore free = new Semaphore(window);
        MqttActionListener acknowledged = new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                free.release();
            }

            @Override
            public void onFailure(IMqttToken token, Throwable e) {
                free.release();
            }
        };
        long beganNanos = System.nanoTime();
        for (MqttMessage message : messages) {
            free.acquire();
            MqttMessage own = new MqttMessage(message.getPayload(), 1, false, null);
            IMqttToken unused = client.publish(TOPICS.samples("tool-1"), own, null, acknowledged);
        }
        free.acquire(window);
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        client.disconnect().waitForCompletion();
        client.close();
        return feed.samples() / seconds;
    }

    private double postFlatOut(Queue<byte[]> bodies) throws IOException, InterruptedException {
        String database = "raw" + databases++;
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        URI url = URI.create("http://127.0.0.1:%d".formatted(influxd.port()));
        HttpResponse<String> created = client.send(
                HttpRequest.newBuilder(url.resolve("/query"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("q=CREATE+DATABASE+" + database))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        lawful &= created.statusCode() == 200;
        Semaphore free = new Semaphore(CONNECTIONS);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        long beganNanos = System.nanoTime();
        for (byte[] body : bodies) {
            free.acquire();
            answers.add(client.sendAsync(
                            HttpRequest.newBuilder(url.resolve("/write?precision=u&db=" + database))
                                    .header("Content-Encoding", "gzip")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .thenApply(HttpResponse::statusCode)
                    .whenComplete((status, e) -> free.release()));
        }
        for (CompletableFuture<Integer> answer : answers) {
            lawful &= answer.join() == 204;
        }
        return feed.samples() / ((System.nanoTime() - beganNanos) / 1e9);
    }

    /** Decode, engine, journal, and both pumps beside them. */
    private double wholeWay() throws IOException, JournalException, InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Path own = Files.createTempDirectory(folder, "whole");
        try (Journal journal = Journal.open(own)) {
            enable(journal);
            long beganNanos = system.getProcessCpuTime();
            try (Pump mqtt = new Pump(journal, mqttSink());
                    Pump influx = new Pump(journal, influxSink())) {
                feed.into(journal);
                lawful &= mqtt.drain(DRAIN_LIMIT);
                lawful &= influx.drain(DRAIN_LIMIT);
            }
            return feed.samples() / ((system.getProcessCpuTime() - beganNanos) / 1e9);
        }
    }
}

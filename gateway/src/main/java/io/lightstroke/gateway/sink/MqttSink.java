package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.SampleBatch;
import io.lightstroke.messages.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The journal to MQTT: samples as {@link SampleBatch}es of up to one second, findings as they are; QoS 1, not retained.
 * A batch counts as delivered when the broker has acknowledged each message.
 */
public final class MqttSink implements Sink {
    private static final long MAX_BATCH_US = 1_000_000;

    private final MqttServer server;
    private final Topics topics;
    private volatile @Nullable MqttConnection connection;

    public MqttSink(MqttServer server, Topics topics) {
        this.server = server;
        this.topics = topics;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public Delivery deliver(List<Numbered> entries) throws SinkException, InterruptedException {
        MqttConnection broker = connection;
        try {
            if (broker == null) {
                broker = MqttConnection.open(
                        server, "lightstroke-%s-%s-journal".formatted(topics.site(), topics.gateway()), null);
                connection = broker;
            }
            for (MqttConnection.Message message : messages(entries)) {
                broker.publish(message);
            }
            broker.awaitAll();
            return Delivery.COMPLETE;
        } catch (SinkException | InterruptedException e) {
            if (broker != null) {
                broker.abandon();
            }
            connection = null;
            throw e;
        }
    }

    private List<MqttConnection.Message> messages(List<Numbered> entries) {
        List<MqttConnection.Message> messages = new ArrayList<>();
        Map<String, List<Samples>> open = new HashMap<>();
        for (Numbered each : entries) {
            if (each.entry() instanceof Samples samples) {
                List<Samples> batch = open.computeIfAbsent(samples.tool(), tool -> new ArrayList<>());
                if (!batch.isEmpty() && !continues(batch, samples)) {
                    messages.add(message(batch));
                    batch.clear();
                }
                batch.add(samples);
            } else if (each.entry() instanceof Finding finding) {
                // Samples come before what was found in them.
                List<Samples> batch = open.remove(finding.tool());
                if (batch != null) {
                    messages.add(message(batch));
                }
                messages.add(new MqttConnection.Message(
                        topics.finding(finding.tool(), finding.kind()),
                        finding.json().getBytes(StandardCharsets.UTF_8),
                        1,
                        false,
                        0));
            }
        }
        open.values().forEach(batch -> messages.add(message(batch)));
        return messages;
    }

    private static boolean continues(List<Samples> batch, Samples next) {
        Samples first = batch.get(0);
        int count = count(batch);
        long elapsedUs = (long) count * first.periodUs();
        return next.boot() == first.boot()
                && next.periodUs() == first.periodUs()
                && next.flags() == first.flags()
                && next.first() == first.first() + count
                && next.utcUs() == first.utcUs() + elapsedUs
                && elapsedUs + (long) next.forceCn().length * next.periodUs() <= MAX_BATCH_US;
    }

    private static int count(List<Samples> batch) {
        return batch.stream().mapToInt(each -> each.forceCn().length).sum();
    }

    private MqttConnection.Message message(List<Samples> batch) {
        return new MqttConnection.Message(topics.samples(batch.get(0).tool()), json(batch), 1, false, 0);
    }

    /** A {@link SampleBatch} by hand: this is most of what the gateway ever writes. */
    static byte[] json(List<Samples> batch) {
        Samples first = batch.get(0);
        int count = count(batch);
        StringBuilder out = new StringBuilder(200 + 20 * count);
        out.append("{\"v\":1,\"boot\":").append(first.boot());
        out.append(",\"first\":").append(first.first());
        out.append(",\"last\":").append(first.first() + count - 1);
        out.append(",\"time\":\"").append(Json.timeText(Json.instantOfUs(first.utcUs())));
        out.append("\",\"period_us\":").append(first.periodUs());
        out.append(",\"flags\":").append(first.flags());
        out.append(",\"tool_strokes\":").append(batch.get(batch.size() - 1).toolStrokes());
        out.append(",\"force_N\":[");
        for (Samples part : batch) {
            for (short forceCn : part.forceCn()) {
                if (SampleText.valid(forceCn)) {
                    SampleText.appendNewtons(out, forceCn);
                } else {
                    out.append("null");
                }
                out.append(',');
            }
        }
        out.setLength(out.length() - 1);
        out.append("],\"zones\":[");
        for (Samples part : batch) {
            for (byte ordinal : part.zones()) {
                String zone = SampleText.zone(ordinal);
                if (zone == null) {
                    out.append("null,");
                } else {
                    out.append('"').append(zone).append("\",");
                }
            }
        }
        out.setLength(out.length() - 1);
        return out.append("]}").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        MqttConnection broker = connection;
        if (broker != null) {
            broker.close();
        }
    }
}

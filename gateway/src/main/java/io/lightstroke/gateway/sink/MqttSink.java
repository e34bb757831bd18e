package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.sink.MqttConnection.Message;
import io.lightstroke.gateway.sink.MqttConnection.Patience;
import io.lightstroke.gateway.sink.MqttConnection.Refusal;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.SampleBatch;
import io.lightstroke.messages.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The journal to MQTT: samples as {@link SampleBatch}es of up to one second, findings as they are; QoS 1, not retained.
 * A batch counts as delivered when the broker has acknowledged each message. What it refuses for good is set aside.
 *
 * <p>A broker can acknowledge and die before it has passed a message on or saved it. So what it acknowledged within the
 * last 10 s before a connection was lost is sent once more after the next one is there.
 */
public final class MqttSink implements Sink {
    private static final long MAX_BATCH_US = 1_000_000;
    /** A delivery's acknowledgements are waited for once, so a larger one loses less time; it is sent again as a whole. */
    private static final int MAX_ENTRIES = 5000;

    private static final long DOUBTFUL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MAX_DOUBTFUL_ENTRIES = 5000;
    /** So that even a broker that never lasts for long gets on. */
    private static final int MAX_SENT = 3;

    private final MqttServer server;
    private final Topics topics;
    private final Patience patience;
    /** The last ones that were acknowledged, oldest first. */
    private final Deque<Acknowledged> doubtful = new ArrayDeque<>();

    private volatile @Nullable MqttConnection connection;

    // A broker may end the connection over a message. Which one it was is found by sending one at a time:
    private boolean oneByOne;
    private final Set<Long> notJoined = new HashSet<>();
    private final Map<Long, String> refusedAlone = new HashMap<>();

    /** A message and the entries of which it was made: rows of samples, or one finding. */
    private record Outgoing(Message message, List<Numbered> entries) {}

    private record Refused(Outgoing outgoing, Refusal refusal) {}

    private record Acknowledged(List<Numbered> entries, long atNanos, int sent) {}

    public MqttSink(MqttServer server, Topics topics) {
        this(server, topics, Patience.USUAL);
    }

    MqttSink(MqttServer server, Topics topics, Patience patience) {
        this.server = server;
        this.topics = topics;
        this.patience = patience;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public int maxEntries() {
        return MAX_ENTRIES;
    }

    @Override
    public Delivery deliver(List<Numbered> entries) throws SinkException, InterruptedException {
        try {
            List<SetAside> setAside = send(entries, connected());
            remember(entries, setAside);
            oneByOne = false;
            notJoined.clear();
            refusedAlone.clear();
            return new Delivery(setAside);
        } catch (SinkException | InterruptedException | RuntimeException e) {
            abandon();
            throw e;
        }
    }

    /** Notices a lost connection, and so sends again what it leaves in doubt though nothing new comes. */
    @Override
    public void idle() throws SinkException, InterruptedException {
        try {
            connected().requireAlive();
        } catch (SinkException | InterruptedException | RuntimeException e) {
            abandon();
            throw e;
        }
    }

    @Override
    public void forget(Predicate<JournalEntry> gone) {
        for (int left = doubtful.size(); left > 0; left--) {
            Acknowledged oldest = doubtful.remove();
            doubtful.add(new Acknowledged(
                    oldest.entries.stream()
                            .filter(each -> !gone.test(each.entry()))
                            .toList(),
                    oldest.atNanos,
                    oldest.sent));
        }
    }

    private MqttConnection connected() throws SinkException, InterruptedException {
        MqttConnection broker = connection;
        if (broker == null) {
            broker = MqttConnection.open(
                    server, "lightstroke-%s-%s-journal".formatted(topics.site(), topics.gateway()), null, patience);
            connection = broker;
            sendDoubtfulAgain(broker);
        }
        return broker;
    }

    private void abandon() {
        MqttConnection broker = connection;
        connection = null;
        if (broker != null) {
            oneByOne |= broker.blame() != null;
            broker.abandon();
        }
    }

    private void sendDoubtfulAgain(MqttConnection broker) throws SinkException, InterruptedException {
        for (int left = doubtful.size(); left > 0; left--) {
            Acknowledged oldest = doubtful.element();
            List<SetAside> unused = send(oldest.entries, broker);
            doubtful.remove();
            if (oldest.sent + 1 < MAX_SENT) {
                doubtful.add(new Acknowledged(oldest.entries, System.nanoTime(), oldest.sent + 1));
            }
        }
    }

    private void remember(List<Numbered> entries, List<SetAside> setAside) {
        Set<Long> aside = setAside.stream().map(SetAside::seq).collect(Collectors.toSet());
        Acknowledged newest = new Acknowledged(
                entries.stream().filter(each -> !aside.contains(each.seq())).toList(), System.nanoTime(), 1);
        doubtful.add(newest);
        int count = doubtful.stream().mapToInt(each -> each.entries.size()).sum();
        for (Acknowledged oldest = doubtful.element();
                newest.atNanos - oldest.atNanos > DOUBTFUL_NANOS
                        || count - oldest.entries.size() >= MAX_DOUBTFUL_ENTRIES;
                oldest = doubtful.element()) {
            count -= oldest.entries.size();
            doubtful.remove();
        }
    }

    /** Returns what the broker refuses for good; rows of samples that are too much together are sent one by one. */
    private List<SetAside> send(List<Numbered> entries, MqttConnection broker)
            throws SinkException, InterruptedException {
        List<SetAside> setAside = new ArrayList<>();
        List<Outgoing> toSend = messages(entries);
        while (!toSend.isEmpty()) {
            Queue<Refused> refused = new ConcurrentLinkedQueue<>();
            for (Outgoing each : toSend) {
                String words = refusedAlone.get(each.entries.get(0).seq());
                if (words != null) {
                    refused.add(new Refused(each, new Refusal(words, true)));
                } else if (!broker.fits(each.message)) {
                    refused.add(new Refused(each, broker.tooLarge(each.message)));
                } else {
                    broker.publish(each.message, refusal -> {
                        if (refusal != null) {
                            refused.add(new Refused(each, refusal));
                        }
                    });
                    if (oneByOne) {
                        awaitAlone(each, broker);
                    }
                }
            }
            broker.awaitAll();
            toSend = new ArrayList<>();
            for (Refused each : refused) {
                List<Numbered> of = each.outgoing.entries;
                if (!each.refusal.forGood()) {
                    throw new SinkException(each.refusal.words(), null);
                } else if (of.size() > 1) {
                    for (Numbered one : of) {
                        toSend.addAll(messages(List.of(one)));
                    }
                } else {
                    setAside.add(new SetAside(of.get(0).seq(), sampleCount(of.get(0)), each.refusal.words()));
                }
            }
        }
        return setAside;
    }

    private void awaitAlone(Outgoing only, MqttConnection broker) throws SinkException, InterruptedException {
        try {
            broker.awaitAll();
        } catch (SinkException e) {
            if (broker.blame() != null) {
                if (only.entries.size() > 1) {
                    only.entries.forEach(each -> notJoined.add(each.seq()));
                } else {
                    refusedAlone.put(
                            only.entries.get(0).seq(),
                            "%s refuses %s: %s".formatted(server, only.message.topic(), broker.blame()));
                }
            }
            throw e;
        }
    }

    private static int sampleCount(Numbered each) {
        return each.entry() instanceof Samples samples ? samples.forceCn().length : 0;
    }

    private List<Outgoing> messages(List<Numbered> entries) {
        List<Outgoing> messages = new ArrayList<>();
        Map<String, List<Numbered>> open = new HashMap<>();
        for (Numbered each : entries) {
            if (each.entry() instanceof Samples samples) {
                List<Numbered> batch = open.computeIfAbsent(samples.tool(), tool -> new ArrayList<>());
                if (!batch.isEmpty() && (notJoined.contains(each.seq()) || !continues(batch, samples))) {
                    messages.add(message(List.copyOf(batch)));
                    batch.clear();
                }
                batch.add(each);
            } else if (each.entry() instanceof Finding finding) {
                // Samples come before what was found in them.
                List<Numbered> batch = open.remove(finding.tool());
                if (batch != null) {
                    messages.add(message(batch));
                }
                Message message = new Message(
                        topics.finding(finding.tool(), finding.kind()),
                        finding.json().getBytes(StandardCharsets.UTF_8),
                        1,
                        false,
                        0);
                messages.add(new Outgoing(message, List.of(each)));
            }
        }
        open.values().forEach(batch -> messages.add(message(batch)));
        return messages;
    }

    private static Samples samples(Numbered row) {
        return (Samples) row.entry();
    }

    private static boolean continues(List<Numbered> batch, Samples next) {
        Samples first = samples(batch.get(0));
        Samples last = samples(batch.get(batch.size() - 1));
        int count = last.forceCn().length;
        return next.boot() == last.boot()
                && next.periodUs() == last.periodUs()
                && next.flags() == last.flags()
                && next.first() == last.first() + count
                && next.utcUs() == last.utcUs() + (long) count * last.periodUs()
                && next.utcUs() + (long) next.forceCn().length * next.periodUs() - first.utcUs() <= MAX_BATCH_US;
    }

    private static int count(List<Samples> batch) {
        return batch.stream().mapToInt(each -> each.forceCn().length).sum();
    }

    private Outgoing message(List<Numbered> batch) {
        List<Samples> rows = batch.stream().map(MqttSink::samples).toList();
        return new Outgoing(new Message(topics.samples(rows.get(0).tool()), json(rows), 1, false, 0), batch);
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

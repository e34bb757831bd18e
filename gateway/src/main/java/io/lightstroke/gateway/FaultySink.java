package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.sink.Delivery;
import io.lightstroke.gateway.sink.Sink;
import io.lightstroke.gateway.sink.SinkException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A sink that keeps what it gets in memory, and until it is calm fails, refuses and takes without an answer, by seed. */
final class FaultySink implements Sink {
    /** A sample's key. */
    record Key(long boot, long index) {}

    private final String name;
    private final Random random;
    private final long refusesFrom;
    private final Map<Key, Short> got = new HashMap<>();
    private final Set<Key> aside = new HashSet<>();
    private final List<String> contradictions = new ArrayList<>();
    private boolean calm;
    private int calls;

    FaultySink(String name, long seed) {
        this.name = name;
        random = new Random(seed);
        refusesFrom = random.nextLong(1, 400);
    }

    synchronized void calm() {
        calm = true;
    }

    /** How often it was asked. */
    synchronized int calls() {
        return calls;
    }

    synchronized Map<Key, Short> got() {
        return Map.copyOf(got);
    }

    synchronized Set<Key> aside() {
        return Set.copyOf(aside);
    }

    /** Keys that came a second time with another force. */
    synchronized List<String> contradictions() {
        return List.copyOf(contradictions);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized Delivery deliver(List<Numbered> entries) throws SinkException {
        calls++;
        int fault = calm ? 99 : random.nextInt(30);
        if (fault == 0) {
            throw new SinkException("away", null);
        } else if (fault == 1) {
            throw new IllegalStateException("a mistake of the sink's");
        }
        List<SetAside> setAside = new ArrayList<>();
        int takes = fault == 2 ? random.nextInt(entries.size()) : entries.size();
        for (Numbered each : entries.subList(0, takes)) {
            if (each.entry() instanceof Samples samples) {
                if (each.seq() % 400 == refusesFrom) {
                    setAside.add(new SetAside(each.seq(), samples.forceCn().length, "poison"));
                    keys(samples).forEach(aside::add);
                } else {
                    take(samples);
                }
            }
        }
        if (fault == 2 || fault == 3) {
            throw new SinkException("no answer", null);
        }
        return new Delivery(setAside);
    }

    private static List<Key> keys(Samples samples) {
        List<Key> keys = new ArrayList<>();
        for (int i = 0; i < samples.forceCn().length; i++) {
            keys.add(new Key(samples.boot(), samples.first() + i));
        }
        return keys;
    }

    private void take(Samples samples) {
        List<Key> keys = keys(samples);
        for (int i = 0; i < keys.size(); i++) {
            Short before = got.put(keys.get(i), samples.forceCn()[i]);
            if (before != null && before != samples.forceCn()[i]) {
                contradictions.add(keys.get(i) + ": " + before + ", then " + samples.forceCn()[i]);
            }
        }
    }

    @Override
    public void close() {}
}

package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.protocol.ForceFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Samples as rows of the journal's file: joined, and their two blobs (drawn in {@code migration/V1__journal.sql}). */
final class SampleBlobs {
    /** A row holds at most this much time, microseconds. */
    static final long MAX_ROW_US = 250_000;

    /** The clocks of tool and host differ by little, which within a row is left out. */
    static final long MAX_UTC_ERROR_US = 100;

    private static final int MAX_RUN = 255;

    private SampleBlobs() {}

    /** Little-endian. */
    static byte[] force(short[] forceCn) {
        if (forceCn.length == 0) {
            throw new IllegalArgumentException("samples: want 1 or more, got none");
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * forceCn.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(forceCn);
        return bytes.array();
    }

    static short[] force(byte[] blob) {
        short[] forceCn = new short[blob.length / 2];
        ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(forceCn);
        return forceCn;
    }

    /** Run-length coded. */
    static byte[] zones(byte[] zones, int samples) {
        if (zones.length != samples) {
            throw new IllegalArgumentException(
                    "zones: want one for each of %d samples, got %d".formatted(samples, zones.length));
        }
        byte[] blob = new byte[2 * zones.length];
        int size = 0;
        for (int i = 0; i < zones.length; ) {
            int end = i + 1;
            while (end < zones.length && zones[end] == zones[i] && end - i < MAX_RUN) {
                end++;
            }
            blob[size++] = (byte) (end - i);
            blob[size++] = zones[i];
            i = end;
        }
        return Arrays.copyOf(blob, size);
    }

    static byte[] zones(byte[] blob) {
        int samples = 0;
        for (int i = 0; i < blob.length; i += 2) {
            samples += Byte.toUnsignedInt(blob[i]);
        }
        byte[] zones = new byte[samples];
        int from = 0;
        for (int i = 0; i < blob.length; i += 2) {
            int to = from + Byte.toUnsignedInt(blob[i]);
            Arrays.fill(zones, from, to, blob[i + 1]);
            from = to;
        }
        return zones;
    }

    /** Of these samples the indices {@code from..to}, both included. */
    static Samples part(Samples samples, long from, long to) {
        int begin = (int) (from - samples.first());
        int end = (int) (to - samples.first()) + 1;
        long laterUs = (long) begin * samples.periodUs();
        return begin == 0 && end == samples.forceCn().length
                ? samples
                : new Samples(
                        samples.tool(),
                        samples.boot(),
                        from,
                        samples.timeUs() + laterUs,
                        samples.utcUs() + laterUs,
                        samples.periodUs(),
                        ForceFrame.flagsOfPart(samples.flags(), samples.forceCn(), begin, end),
                        samples.toolStrokes(),
                        Arrays.copyOfRange(samples.forceCn(), begin, end),
                        Arrays.copyOfRange(samples.zones(), begin, end));
    }

    /**
     * Joins samples that continue one another, up to 250 ms: exactly by index and tool time, and to 0.1 ms by UTC. What is joined moves forward to the samples it
     * continues, so nothing comes before the samples it was found in. Saturated ones stay apart, for of each frame one
     * sample is at the sensor's limit.
     */
    static List<JournalEntry> join(List<JournalEntry> entries) {
        List<Object> order = new ArrayList<>(entries.size());
        Map<String, Run> open = new HashMap<>();
        for (JournalEntry entry : entries) {
            if (!(entry instanceof Samples samples)) {
                if (entry instanceof JournalEntry.Order) {
                    open.remove(entry.tool()); // in force from a sample on: a row begins there
                }
                order.add(entry);
                continue;
            }
            Run run = open.get(samples.tool());
            if (run == null || !run.add(samples)) {
                run = new Run(samples);
                open.put(samples.tool(), run);
                order.add(run);
            }
        }
        return order.stream()
                .map(each -> each instanceof Run run ? run.joined() : (JournalEntry) each)
                .toList();
    }

    private static final class Run {
        private final List<Samples> parts = new ArrayList<>();
        private int count;

        Run(Samples first) {
            parts.add(first);
            count = first.forceCn().length;
        }

        boolean add(Samples next) {
            Samples first = parts.get(0);
            long elapsedUs = (long) count * first.periodUs();
            boolean continues = next.boot() == first.boot()
                    && next.periodUs() == first.periodUs()
                    && next.flags() == first.flags()
                    && (next.flags() & ForceFrame.SATURATED) == 0
                    && next.first() == first.first() + count
                    && next.timeUs() == first.timeUs() + elapsedUs
                    && Math.abs(next.utcUs() - (first.utcUs() + elapsedUs)) <= MAX_UTC_ERROR_US
                    && next.zones().length == next.forceCn().length
                    && first.zones().length == first.forceCn().length
                    && elapsedUs + (long) next.forceCn().length * next.periodUs() <= MAX_ROW_US;
            if (continues) {
                parts.add(next);
                count += next.forceCn().length;
            }
            return continues;
        }

        Samples joined() {
            Samples first = parts.get(0);
            if (parts.size() == 1) {
                return first;
            }
            short[] forceCn = new short[count];
            byte[] zones = new byte[count];
            int at = 0;
            for (Samples part : parts) {
                int length = part.forceCn().length;
                System.arraycopy(part.forceCn(), 0, forceCn, at, length);
                System.arraycopy(part.zones(), 0, zones, at, length);
                at += length;
            }
            return new Samples(
                    first.tool(),
                    first.boot(),
                    first.first(),
                    first.timeUs(),
                    first.utcUs(),
                    first.periodUs(),
                    first.flags(),
                    parts.get(parts.size() - 1).toolStrokes(),
                    forceCn,
                    zones);
        }
    }
}

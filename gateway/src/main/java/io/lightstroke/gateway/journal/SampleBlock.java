package io.lightstroke.gateway.journal;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Rows of samples packed together, nothing of them lost; drawn in {@code migration/V4__accounts_blocks_retention.sql}. */
final class SampleBlock {
    static final int MAX_SAMPLES = 500;

    private static final long MAX_US = 6_000_000;
    /** A row whose UTC is farther off the straight line begins another block, so that a block's end is near where it seems. */
    private static final long MAX_UTC_STEP_US = 10_000;

    private SampleBlock() {}

    /** Whether {@code next} can stand in a block right after these rows. */
    static boolean continues(List<Numbered> rows, Numbered next) {
        Samples first = samples(rows.get(0));
        Numbered last = rows.get(rows.size() - 1);
        Samples before = samples(last);
        Samples after = samples(next);
        long count = before.first() - first.first() + before.forceCn().length + after.forceCn().length;
        return after.boot() == before.boot()
                && after.tool().equals(before.tool())
                && after.periodUs() == before.periodUs()
                && after.first() == before.first() + before.forceCn().length
                && next.seq() > last.seq()
                && Math.abs(after.utcUs() - endUtcUs(before)) <= MAX_UTC_STEP_US
                && count <= MAX_SAMPLES
                && count * first.periodUs() <= MAX_US;
    }

    private static Samples samples(Numbered row) {
        return (Samples) row.entry();
    }

    private static long endUtcUs(Samples row) {
        return row.utcUs() + (long) row.forceCn().length * row.periodUs();
    }

    static byte[] encode(List<Numbered> rows) {
        Numbers numbers = new Numbers();
        numbers.unsigned(rows.size());
        rows.forEach(row -> numbers.unsigned(samples(row).forceCn().length));
        for (int i = 1; i < rows.size(); i++) {
            numbers.unsigned(rows.get(i).seq() - rows.get(i - 1).seq());
        }
        long expectedUs = 0;
        for (Numbered row : rows) {
            Samples samples = samples(row);
            numbers.signed(samples.timeUs() - expectedUs);
            expectedUs = samples.timeUs() + (long) samples.forceCn().length * samples.periodUs();
        }
        expectedUs = samples(rows.get(0)).utcUs();
        for (Numbered row : rows) {
            numbers.signed(samples(row).utcUs() - expectedUs);
            expectedUs = endUtcUs(samples(row));
        }
        rows.forEach(row -> numbers.unsigned(samples(row).flags()));
        long strokes = 0;
        for (Numbered row : rows) {
            numbers.signed(samples(row).toolStrokes() - strokes);
            strokes = samples(row).toolStrokes();
        }
        zones(rows, numbers);
        int force = 0;
        for (Numbered row : rows) {
            for (short each : samples(row).forceCn()) {
                numbers.signed(each - force);
                force = each;
            }
        }
        return numbers.deflated();
    }

    private static void zones(List<Numbered> rows, Numbers numbers) {
        int run = 0;
        byte zone = 0;
        for (Numbered row : rows) {
            for (byte each : samples(row).zones()) {
                if (run > 0 && each != zone) {
                    numbers.unsigned(run);
                    numbers.signed(zone);
                    run = 0;
                }
                zone = each;
                run++;
            }
        }
        numbers.unsigned(run);
        numbers.signed(zone);
    }

    /** @throws IllegalArgumentException when the bytes are no block of {@code count} samples */
    static List<Numbered> decode(
            long seq, String tool, long boot, long first, int count, long utcUs, int periodUs, byte[] data) {
        Inflater inflater = new Inflater(true);
        try {
            // A sample has at most 3 bytes of force and 4 of zones, a row beside at most 60; rows are not more than
            // samples.
            byte[] plain = new byte[10 + 67 * Math.max(1, count)];
            inflater.setInput(data);
            int length = inflater.inflate(plain);
            if (!inflater.finished()) {
                throw new IllegalArgumentException("want %d bytes at most, got more".formatted(plain.length));
            }
            return decode(seq, tool, boot, first, count, utcUs, periodUs, new Read(plain, length));
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("want deflated numbers, got " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    private static List<Numbered> decode(
            long seq, String tool, long boot, long first, int count, long utcUs, int periodUs, Read numbers) {
        int rows = numbers.unsignedUpTo(count);
        int[] counts = new int[rows];
        int sum = 0;
        for (int i = 0; i < rows; i++) {
            counts[i] = numbers.unsignedUpTo(count - sum);
            sum += counts[i];
        }
        if (sum != count || rows == 0) {
            throw new IllegalArgumentException("want %d samples, got %d".formatted(count, sum));
        }
        long[] seqs = new long[rows];
        for (int i = 1; i < rows; i++) {
            seqs[i] = seqs[i - 1] + numbers.unsigned();
        }
        long firstSeq = seq - seqs[rows - 1];
        long[] timesUs = line(0, counts, periodUs, numbers);
        long[] utcsUs = line(utcUs, counts, periodUs, numbers);
        int[] flags = new int[rows];
        for (int i = 0; i < rows; i++) {
            flags[i] = (int) numbers.unsigned();
        }
        long[] strokes = new long[rows];
        for (int i = 0; i < rows; i++) {
            strokes[i] = (i == 0 ? 0 : strokes[i - 1]) + numbers.signed();
        }
        byte[] zones = new byte[count];
        for (int from = 0; from < count; ) {
            int to = from + numbers.unsignedUpTo(count - from);
            Arrays.fill(zones, from, to, (byte) numbers.signed());
            from = to;
        }
        short[] forceCn = new short[count];
        for (int i = 0; i < count; i++) {
            forceCn[i] = (short) ((i == 0 ? 0 : forceCn[i - 1]) + numbers.signed());
        }
        List<Numbered> decoded = new ArrayList<>(rows);
        int from = 0;
        for (int i = 0; i < rows; i++) {
            int to = from + counts[i];
            decoded.add(new Numbered(
                    firstSeq + seqs[i],
                    new Samples(
                            tool,
                            boot,
                            first + from,
                            timesUs[i],
                            utcsUs[i],
                            periodUs,
                            flags[i],
                            strokes[i],
                            Arrays.copyOfRange(forceCn, from, to),
                            Arrays.copyOfRange(zones, from, to))));
            from = to;
        }
        return decoded;
    }

    private static long[] line(long begin, int[] counts, int periodUs, Read numbers) {
        long[] line = new long[counts.length];
        long expected = begin;
        for (int i = 0; i < line.length; i++) {
            line[i] = expected + numbers.signed();
            expected = line[i] + (long) counts[i] * periodUs;
        }
        return line;
    }

    private static final class Numbers {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void signed(long number) {
            unsigned((number << 1) ^ (number >> 63));
        }

        void unsigned(long number) {
            long left = number;
            for (; (left & ~0x7FL) != 0; left >>>= 7) {
                bytes.write((int) ((left & 0x7F) | 0x80));
            }
            bytes.write((int) left);
        }

        byte[] deflated() {
            Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
            try {
                deflater.setInput(bytes.toByteArray());
                deflater.finish();
                byte[] packed = new byte[bytes.size() + 64];
                int length = deflater.deflate(packed);
                if (!deflater.finished()) {
                    throw new IllegalStateException(
                            "deflate: want %d bytes at most, got more".formatted(packed.length));
                }
                return Arrays.copyOf(packed, length);
            } finally {
                deflater.end();
            }
        }
    }

    private static final class Read {
        private final byte[] bytes;
        private final int length;
        private int at;

        Read(byte[] bytes, int length) {
            this.bytes = bytes;
            this.length = length;
        }

        long unsigned() {
            long number = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at == length) {
                    throw new IllegalArgumentException("want more numbers, got the end");
                }
                byte next = bytes[at++];
                number |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return number;
                }
            }
            throw new IllegalArgumentException("want a number of 64 bits, got more");
        }

        /** At least 1. */
        int unsignedUpTo(int most) {
            long number = unsigned();
            if (number < 1 || number > most) {
                throw new IllegalArgumentException("want a count of 1 to %d, got %d".formatted(most, number));
            }
            return (int) number;
        }

        long signed() {
            long number = unsigned();
            return (number >>> 1) ^ -(number & 1);
        }
    }
}

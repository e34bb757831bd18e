package io.lightstroke.gateway.replay;

import io.lightstroke.protocol.ForceFrame;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A text of lines {@code time_us,force_N}, with or without these words as its header. It is read twice, so that nothing
 * of it need be kept: first for mistakes and its rate, then to be judged. A line that is wrong is left out: its sample is
 * missing.
 *
 * <p>The period is the mean of all steps within half of the median one. A grid of that period, which follows the
 * samples' times slowly, numbers them: so jittered times make no gap, and what is missing makes one.
 */
public final class ForceCsv {
    public static final String HEADER = "time_us,force_N";

    private static final long LATEST_US = (1L << 53) - 1;
    private static final int SHORTEST_PERIOD_US = 100;
    private static final int LONGEST_PERIOD_US = 65_535;
    private static final int PERIOD_OF_ONE_US = 10_000;
    private static final long BOOT = 1;
    /** Share of a sample's distance from the grid by which the grid follows. */
    private static final double FOLLOW = 0.1;

    private static final Pattern WHOLE = Pattern.compile("\\d{1,16}");
    private static final double MOST_N = 327.67;

    /** One line, of valid values in 0.01 N or {@link ForceFrame#NO_FORCE}. */
    private record Sample(long timeUs, short forceCn) {}

    @FunctionalInterface
    private interface Each {
        void sample(Sample sample);
    }

    private ForceCsv() {}

    /**
     * Judges the file's samples as those of one boot, from index 0 on; then it is over.
     *
     * @param malformed told of each wrong line, once
     * @param progress gets the number of lines read so far, over both readings
     * @throws BadRecordingException when the times cannot be microseconds
     */
    public static void replay(Path file, Replay replay, Notifications.Malformed malformed, Progress progress)
            throws IOException {
        Steps steps = new Steps();
        long lines = read(file, steps, malformed, 0, progress);
        double periodUs = steps.periodUs(file);
        read(file, new Grid(replay, periodUs), (number, message) -> {}, lines, progress);
        replay.cut();
    }

    /** Told how far it is, at every line. */
    @FunctionalInterface
    public interface Progress {
        void lines(long read);
    }

    private static long read(
            Path file, Each each, Notifications.Malformed malformed, long linesBefore, Progress progress)
            throws IOException {
        long number = 0;
        long lastUs = -1;
        boolean header = true;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                progress.lines(linesBefore + number);
                String text = content(line, number);
                if (text.isEmpty() || (header && isHeader(text))) {
                    header &= text.isEmpty();
                    continue;
                }
                header = false;
                Sample sample;
                try {
                    sample = sample(text, lastUs);
                } catch (IllegalArgumentException e) {
                    malformed.line(number, String.valueOf(e.getMessage()));
                    continue;
                }
                lastUs = sample.timeUs();
                each.sample(sample);
            }
        }
        return number;
    }

    /** The line without what surrounds its content; empty when it is blank or a comment. */
    static String content(String line, long number) {
        String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        text = text.strip();
        return text.startsWith("#") ? "" : text;
    }

    static boolean isHeader(String text) {
        return text.replace(" ", "").replace("\"", "").equalsIgnoreCase(HEADER);
    }

    private static Sample sample(String text, long lastUs) {
        int comma = text.indexOf(',');
        if (comma < 0 || text.indexOf(',', comma + 1) >= 0) {
            throw new IllegalArgumentException("want two values, %s, got '%s'".formatted(HEADER, text));
        }
        return new Sample(
                timeUs(text.substring(0, comma).strip(), lastUs),
                forceCn(text.substring(comma + 1).strip()));
    }

    private static long timeUs(String text, long lastUs) {
        long timeUs = WHOLE.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (timeUs < 0 || timeUs > LATEST_US) {
            throw new IllegalArgumentException(
                    "time_us: want whole microseconds, 0 to %d, got '%s'".formatted(LATEST_US, text));
        }
        if (timeUs <= lastUs) {
            throw new IllegalArgumentException(
                    "time_us: want more than %d of the line before, got %d".formatted(lastUs, timeUs));
        }
        return timeUs;
    }

    private static short forceCn(String text) {
        if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
            return ForceFrame.NO_FORCE;
        }
        double newtons;
        try {
            newtons = new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
            newtons = Double.NaN;
        }
        if (!(Math.abs(newtons) <= MOST_N)) {
            throw new IllegalArgumentException(
                    "force_N: want newtons from -%s to %s, or nothing or NaN where it is not known, got '%s'"
                            .formatted(MOST_N, MOST_N, text));
        }
        return (short) Math.round(newtons * 100);
    }

    /** How often each step from line to line occurs; longer ones are counted as one. */
    private static final class Steps implements Each {
        private final long[] counts = new long[LONGEST_PERIOD_US + 2];
        private long steps;
        private long lastUs = -1;

        @Override
        public void sample(Sample sample) {
            if (lastUs >= 0) {
                counts[(int) Math.min(sample.timeUs() - lastUs, LONGEST_PERIOD_US + 1)]++;
                steps++;
            }
            lastUs = sample.timeUs();
        }

        double periodUs(Path file) throws BadRecordingException {
            if (steps == 0) {
                return PERIOD_OF_ONE_US;
            }
            int median = 0;
            for (long below = 0; (below + counts[median]) * 2 <= steps; median++) {
                below += counts[median];
            }
            if (median < SHORTEST_PERIOD_US || median > LONGEST_PERIOD_US) {
                throw new BadRecordingException(
                        "%s: time_us: want microseconds, with a median step of %d to %d from line to line, got %s%d"
                                .formatted(
                                        file,
                                        SHORTEST_PERIOD_US,
                                        LONGEST_PERIOD_US,
                                        median > LONGEST_PERIOD_US ? "more than " : "",
                                        Math.min(median, LONGEST_PERIOD_US)));
            }
            double sum = 0;
            long near = 0;
            for (int step = (median + 1) / 2; step <= Math.min(median * 3 / 2, LONGEST_PERIOD_US); step++) {
                sum += (double) step * counts[step];
                near += counts[step];
            }
            return sum / near;
        }
    }

    /** Numbers the samples and gives them on. */
    private static final class Grid implements Each {
        private final Replay replay;
        private final double periodUs;
        private final short[] one = new short[1];
        private long index = -1;
        /** Where the last sample would be, were there no jitter. */
        private double onGridUs;

        Grid(Replay replay, double periodUs) {
            this.replay = replay;
            this.periodUs = periodUs;
        }

        @Override
        public void sample(Sample sample) {
            long timeUs = sample.timeUs();
            if (index < 0) {
                index = 0;
                onGridUs = timeUs;
            } else {
                long steps = Math.max(1, Math.round((timeUs - onGridUs) / periodUs));
                index += steps;
                onGridUs += steps * periodUs;
                onGridUs += FOLLOW * (timeUs - onGridUs);
            }
            one[0] = sample.forceCn();
            replay.samples(BOOT, index, timeUs, (int) Math.round(periodUs), 0, one.clone());
        }
    }
}

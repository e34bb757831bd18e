package io.lightstroke.gateway.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.replay.ReplayFindings.OverPressureFound;
import io.lightstroke.gateway.replay.ReplayFindings.StrokeFound;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Presses of which everything can be worked out by hand: from 2 s on the force rises evenly for 0.4 s, stays for 1 s and
 * falls evenly for 0.4 s. Its integral is 1.4 s times its plateau.
 */
class ForceCsvTest {
    private static final PressureLimits LIMITS = new PressureLimits("calf", 300, 650, 900, 1400);
    private static final long PERIOD_US = 10_000;
    private static final int SAMPLES = 600;

    @TempDir
    Path folder;

    private static double pressN(double plateauN, double timeS) {
        double s = timeS - 2;
        return s < 0 || s > 1.8 ? 0 : plateauN * Math.min(1, Math.min(s, 1.8 - s) / 0.4);
    }

    /** Lines of a press; {@code jitter} moves the time that is written, {@code known} tells which values are. */
    private static List<String> press(double plateauN, LongUnaryOperator jitter, IntPredicate known, String unknown) {
        return IntStream.range(0, SAMPLES)
                .mapToObj(i -> {
                    long us = i * PERIOD_US;
                    return "%d,%s"
                            .formatted(
                                    us + jitter.applyAsLong(i),
                                    known.test(i)
                                            ? String.format(Locale.ROOT, "%.3f", pressN(plateauN, us / 1e6))
                                            : unknown);
                })
                .toList();
    }

    private static List<String> press(double plateauN) {
        return press(plateauN, i -> 0, i -> true, "");
    }

    private final List<String> wrong = new ArrayList<>();

    private ReplayFindings replay(List<String> lines) throws IOException {
        return replay(String.join("\n", lines) + "\n");
    }

    private ReplayFindings replay(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("press"), text, StandardCharsets.UTF_8);
        ReplayFindings.Collector collector = new ReplayFindings.Collector();
        ForceCsv.replay(
                file,
                new Replay(LIMITS, collector.of(null, false)),
                (number, message) -> wrong.add("line %d: %s".formatted(number, message)),
                lines -> {});
        return collector.findings(LIMITS);
    }

    private static StrokeFound only(ReplayFindings findings) {
        assertEquals(1, findings.strokes().size(), findings.json());
        return findings.strokes().get(0);
    }

    @Test
    void everyFigureOfAPressIsAsWorkedOutByHand() throws IOException {
        StrokeFound stroke = only(replay(press(6)));

        // 15 N/s: 0.5 N after 33.3 ms, so in the sample at 2.04 s; below 0.3 N from 3.78 s on, so at 3.79 s.
        assertEquals(204, stroke.firstIndex(), 1);
        assertEquals(379, stroke.lastIndex(), 1);
        assertEquals(2_040_000, stroke.startUs(), 10_000);
        assertEquals(3_790_000, stroke.endUs(), 10_000);
        assertEquals(6, stroke.peakN(), 0.06);
        assertEquals(8.4, stroke.impulseNs(), 0.084);
        assertEquals(8.4 / 1.75, stroke.meanN(), 0.05);
        assertEquals(0.32, stroke.riseTimeS(), 0.02);
        // 3 N to 0.5 N is a sixth of a second up and down; the rest below it, and 1.4 s above.
        assertEquals(2 / 6.0, stroke.timeInZoneS().get("light"), 0.03);
        assertEquals(1.4, stroke.timeInZoneS().get("moderate"), 0.03);
        assertEquals(0, stroke.timeInZoneS().get("firm"));
        assertEquals(
                (stroke.endUs() - stroke.startUs()) / 1e6,
                stroke.timeInZoneS().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum(),
                1e-9);
        assertEquals(0, stroke.overTimeS());
        assertEquals(0, stroke.gapPercent());
        assertFalse(stroke.hold() || stroke.interrupted() || stroke.ceilingHit());
    }

    @Test
    void aPressThatIsTooDeepIsLatchedFor150MsAfterItsLimitTo200MsBelowNineTenthsOfIt() throws IOException {
        OverPressureFound over = replay(press(12)).overPressure().get(0);

        // 30 N/s: at 9 N after 0.3 s; below 8.1 N 0.27 s before the end.
        assertEquals(2_300_000 + 150_000, over.startUs(), 20_000);
        assertEquals(3_800_000 - 270_000 + 200_000, over.endUs(), 20_000);
        assertFalse(over.ceiling() || over.endedUnknown());
    }

    @Test
    void theHeaderBlankLinesCommentsAndLineEndsChangeNothing() throws IOException {
        String expected = replay(press(6)).json();

        assertEquals(
                expected,
                replay("\uFEFF# a press\r\n\r\ntime_us,force_N\r\n"
                                + press(6).stream()
                                        .map(line -> " " + line.replace(",", " , ") + "\r\n")
                                        .collect(Collectors.joining()))
                        .json());
    }

    @Test
    void emptyForcesNanAndMissingLinesAreTheSameGap() throws IOException {
        IntPredicate known = i -> i < 250 || i >= 255;
        String empty = replay(press(6, i -> 0, known, "")).json();

        assertEquals(empty, replay(press(6, i -> 0, known, "NaN")).json());
        assertEquals(
                empty,
                replay(press(6, i -> 0, known, "gone").stream()
                                .filter(line -> !line.endsWith("gone"))
                                .toList())
                        .json());
        // 5 of the 175 samples.
        assertEquals(2.9, only(replay(press(6, i -> 0, known, ""))).gapPercent(), 0.1);
    }

    @Test
    void jitteredTimesMakeNoGap() throws IOException {
        Random random = new Random(1);
        StrokeFound stroke = only(replay(press(6, i -> random.nextInt(9_001) - 4_500, i -> true, "")));

        assertEquals(0, stroke.gapPercent());
        assertEquals(204, stroke.firstIndex(), 1);
        assertEquals(379, stroke.lastIndex(), 1);
        assertEquals(8.4, stroke.impulseNs(), 0.2);
    }

    @Test
    void timesRoundedToMillisecondsMakeNoGap() throws IOException {
        // 128 Hz is a sample every 7.8125 ms.
        List<String> lines = IntStream.range(0, 768)
                .mapToObj(
                        i -> String.format(Locale.ROOT, "%d000,%.3f", Math.round(i * 7.8125), pressN(6, i * 0.0078125)))
                .toList();
        StrokeFound stroke = only(replay(lines));

        assertEquals(0, stroke.gapPercent());
        assertEquals(2.04 / 0.0078125, stroke.firstIndex(), 1.5);
        assertEquals(3.79 / 0.0078125, stroke.lastIndex(), 1.5);
    }

    @Test
    void aLongHoleCutsTheStroke() throws IOException {
        List<String> lines = press(6, i -> 0, i -> i < 300 || i >= 370, "gone").stream()
                .filter(line -> !line.endsWith("gone"))
                .toList();
        ReplayFindings findings = replay(lines);

        assertTrue(findings.strokes().get(0).interrupted(), findings.json());
        assertEquals(3_000_000, findings.strokes().get(0).endUs(), 20_000);
    }

    @Test
    void aPressThatTheFileEndsInIsInterrupted() throws IOException {
        ReplayFindings findings = replay(press(12).subList(0, 300));

        assertTrue(only(findings).interrupted());
        assertTrue(findings.overPressure().get(0).endedUnknown());
        assertTrue(findings.spots().get(0).interrupted());
    }

    @Test
    void anEmptyTableHasNoFindings() throws IOException {
        assertEquals(List.of(), replay("time_us,force_N\n").strokes());
        assertEquals(List.of(), replay("time_us,force_N\n17,1.0\n").strokes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0,1;;10000,1;;10000,1 | line 3: time_us: want more than 10000 of the line before, got 10000",
                "0,1;;10000,1;;9999,1 | line 3: time_us: want more than 10000 of the line before, got 9999",
                "time,force;;0,1 | line 1: time_us: want whole microseconds, 0 to 9007199254740991, got 'time'",
                "time_us,force_N;;1.5,1 | line 2: time_us: want whole microseconds, 0 to 9007199254740991, got '1.5'",
                "time_us,force_N;;-1,1 | line 2: time_us: want whole microseconds, 0 to 9007199254740991, got '-1'",
                "0,1;;10000 | line 2: want two values, time_us,force_N, got '10000'",
                "0,1;;10000,1,2 | line 2: want two values, time_us,force_N, got '10000,1,2'",
                "0,1N | line 1: force_N: want newtons from -327.67 to 327.67, or nothing or NaN where it is not known, got '1N'",
                "0,400 | line 1: force_N: want newtons from -327.67 to 327.67, or nothing or NaN where it is not known, got '400'",
                "0,Infinity | line 1: force_N: want newtons from -327.67 to 327.67, or nothing or NaN where it is not known, got 'Infinity'",
            })
    void whatIsWrongIsNamedOnceWithItsLine(String lines, String message) throws IOException {
        replay(lines.replace(";;", "\n") + "\n");

        assertEquals(List.of(message), wrong);
    }

    @Test
    void aWrongLineIsAMissingSample() throws IOException {
        List<String> lines = new ArrayList<>(press(6));
        lines.set(250, "rubbish");
        lines.set(251, "2510000,rubbish");
        lines.set(252, "rubbish,5");
        StrokeFound stroke = only(replay(lines));

        assertEquals(3, wrong.size(), wrong.toString());
        // 3 of the 175 samples.
        assertEquals(1.7, stroke.gapPercent(), 0.1);
        assertEquals(8.4, stroke.impulseNs(), 0.3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0,1;;10,1;;20,1 | time_us: want microseconds, with a median step of 100 to 65535 from line to line, got 10",
                "0,1;;100000,1 | time_us: want microseconds, with a median step of 100 to 65535 from line to line, got more than 65535"
            })
    void otherUnitsOfTimeAreRefused(String lines, String message) {
        BadRecordingException refused =
                assertThrows(BadRecordingException.class, () -> replay(lines.replace(";;", "\n") + "\n"));

        assertTrue(String.valueOf(refused.getMessage()).endsWith(message), refused.getMessage());
    }
}

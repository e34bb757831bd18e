package io.lightstroke.gateway.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.Scenario;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NotificationsTest {
    private static final PressureLimits LIMITS = new PressureLimits("calf", 300, 650, 900, 1400);
    private static final Recording RECORDING =
            Recording.of(Scenario.builtIn("too-deep"), 1, 1, 100, Duration.ofSeconds(30));

    private static ReplayFindings replay(List<byte[]> frames) throws MalformedFrameException {
        Notifications notifications = new Notifications();
        for (byte[] frame : frames) {
            notifications.add(frame);
        }
        ReplayFindings.Collector collector = new ReplayFindings.Collector();
        notifications.replay(new Replay(LIMITS, collector.of(null, notifications.boots() > 1)));
        return collector.findings(LIMITS);
    }

    /** Ten samples of 10 ms. */
    private static byte[] force(int flags, long first, int... forceCn) {
        short[] values = new short[forceCn.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (short) forceCn[i];
        }
        return new ForceFrame(flags, 5, first, first * 10_000, 10_000, 0, values).encode();
    }

    private static byte[] still(long first) {
        return force(0, first, new int[10]);
    }

    @Test
    void whatHappenedIsFound() throws MalformedFrameException {
        ReplayFindings findings = replay(RECORDING.notifications());

        assertEquals(RECORDING.truth().strokes().size(), findings.strokes().size(), findings.json());
        assertFalse(findings.overPressure().isEmpty());
    }

    @Test
    void framesInAnyOrderAndTwiceGiveTheSameBytes() throws MalformedFrameException {
        String expected = replay(RECORDING.notifications()).json();
        List<byte[]> frames = new ArrayList<>(RECORDING.notifications());
        frames.addAll(RECORDING.notifications());
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(frames, new Random(seed));
            assertEquals(expected, replay(frames).json(), "shuffled with seed " + seed);
        }
    }

    @Test
    void samplesCutIntoOtherFramesGiveTheSameBytes() throws MalformedFrameException {
        List<byte[]> cut = new ArrayList<>();
        Random random = new Random(1);
        for (byte[] bytes : RECORDING.notifications()) {
            if (bytes[0] != ForceFrame.TYPE) {
                cut.add(bytes);
                continue;
            }
            ForceFrame frame = ForceFrame.decode(bytes);
            int at = random.nextInt(frame.count()) + 1;
            cut.add(part(frame, 0, at));
            if (at > 1) {
                cut.add(part(frame, at / 2, frame.count()));
            } else {
                cut.add(part(frame, 0, frame.count()));
            }
        }

        assertEquals(replay(RECORDING.notifications()).json(), replay(cut).json());
    }

    private static byte[] part(ForceFrame frame, int from, int to) {
        return new ForceFrame(
                        frame.flags(),
                        frame.boot(),
                        frame.first() + from,
                        frame.timeUs() + (long) from * frame.periodUs(),
                        frame.periodUs(),
                        frame.strokes(),
                        Arrays.copyOfRange(frame.forceCn(), from, to))
                .encode();
    }

    @Test
    void bootsAreJudgedInTheOrderInWhichTheyAppear() throws MalformedFrameException {
        Recording other = Recording.of(Scenario.builtIn("too-deep"), 2, 1, 100, Duration.ofSeconds(10));
        List<byte[]> both = new ArrayList<>(RECORDING.notifications());
        both.addAll(other.notifications());
        ReplayFindings findings = replay(both);

        assertEquals(RECORDING.boot(), findings.strokes().get(0).boot());
        assertEquals(
                other.boot(),
                findings.strokes().get(findings.strokes().size() - 1).boot());
    }

    @Test
    void aSaturatedSampleIsTheCeilingOnlyInThePartThatHoldsIt() throws MalformedFrameException {
        List<byte[]> frames = new ArrayList<>();
        for (int first = 0; first < 100; first += 10) {
            frames.add(still(first));
        }
        // An event in the middle cuts the frame; the highest, which is meant, is in its first half.
        frames.add(force(ForceFrame.SATURATED, 100, 0, 3000, 0, 0, 0, 0, 0, 0, 0, 0));
        frames.add(event(EventFrame.Kind.BUTTON, 0, 104));
        for (int first = 110; first < 200; first += 10) {
            frames.add(still(first));
        }
        ReplayFindings findings = replay(frames);

        assertEquals(1, findings.overPressure().size(), findings.json());
        assertTrue(findings.overPressure().get(0).ceiling());
        assertEquals(1_010_000, findings.overPressure().get(0).startUs(), 30_000);
        // Below nine tenths of the limit from then on.
        assertEquals(1_210_000, findings.overPressure().get(0).endUs(), 60_000);
    }

    @Test
    void whatTheToolTellsOfAStrokeIsFoundWithIt() throws MalformedFrameException {
        Recording motion = Recording.of(Scenario.builtIn("back-and-forth"), 1, 1, 100, Duration.ofSeconds(20));
        ReplayFindings findings = replay(motion.notifications());

        assertFalse(findings.strokes().isEmpty());
        assertTrue(
                findings.strokes().stream()
                        .filter(stroke -> !stroke.interrupted())
                        .allMatch(stroke -> stroke.angleDeg() != null && stroke.direction() != null),
                findings.json());
    }

    private static byte[] event(EventFrame.Kind kind, long sequence, long index) {
        return new EventFrame(
                        kind.code(),
                        0,
                        5,
                        sequence,
                        index,
                        index * 10_000,
                        (short) 0,
                        0,
                        EventFrame.ANGLE_UNKNOWN,
                        (byte) 0,
                        0,
                        1)
                .encode();
    }

    @Test
    void linesThatAreNoFramesAreNamedAndTheOthersTaken() throws IOException {
        String frame = HexFormat.of().formatHex(still(0));
        String cutShort = frame.substring(0, frame.length() - 2);
        List<String> malformed = new ArrayList<>();
        Notifications notifications = new Notifications();
        notifications.addLines(
                new BufferedReader(
                        new StringReader("# recorded\n\n" + frame + "\nzz\n" + cutShort + "\n  " + frame + "\n03\n")),
                (number, message) -> malformed.add(number + " " + message));

        assertEquals(
                List.of(
                        "4 hex: want digits 0-9, a-f, got 'z' at column 1",
                        "5 force frame of 10 samples: want 50 bytes, got 49",
                        "7 frame type: want 1 (force) or 2 (event), got 3"),
                malformed);
        assertEquals(1, notifications.boots());
    }

    @Test
    void nothingIsNoFrame() {
        assertThrows(MalformedFrameException.class, () -> new Notifications().add(new byte[0]));
    }
}

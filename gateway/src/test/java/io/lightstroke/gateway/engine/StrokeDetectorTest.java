package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The detector alone, on filtered force; 10 ms a sample. */
class StrokeDetectorTest {
    private final StrokeDetector detector = new StrokeDetector();
    private final List<Stroke> strokes = new ArrayList<>();
    private long index;

    @BeforeEach
    void begin() {
        detector.restart(7);
        press(0, 1);
    }

    private void press(double newtons, int samples) {
        for (int i = 0; i < samples; i++) {
            sample(newtons, false);
        }
    }

    private void sample(double newtons, boolean over) {
        Zone zone = Zone.of(newtons * 100, Hand.LIMITS);
        Stroke stroke = detector.sample(
                index,
                index * 10_000,
                newtons * 100,
                zone,
                over,
                zone == Zone.CEILING,
                Phase.TREAT,
                Hand.LIMITS.version());
        if (stroke != null) {
            strokes.add(stroke);
        }
        index++;
    }

    private void lose(int samples) {
        for (int i = 0; i < samples; i++) {
            detector.missing(index++ * 10_000);
        }
    }

    private static long[] zones(long none, long light, long moderate, long firm, long tooDeep, long ceiling) {
        return new long[] {none, light, moderate, firm, tooDeep, ceiling};
    }

    @Test
    void figuresOfAStroke() {
        press(0.49, 1); // 1: not yet
        press(0.5, 1); // 2: starts
        press(2, 4); // 3..6
        press(5, 10); // 7..16
        press(8, 9); // 17..25
        press(0.31, 1); // 26: still
        press(0.29, 1); // 27: ends
        press(0, 11);
        assertEquals(0, strokes.size());
        press(0, 1);
        Stroke stroke = strokes.get(0);
        assertEquals(7, stroke.boot());
        assertEquals(2, stroke.firstIndex());
        assertEquals(27, stroke.lastIndex());
        assertEquals(20_000, stroke.startUs());
        assertEquals(250_000, stroke.durationUs());
        assertEquals(800, stroke.peakCn());
        // 0.5→2 | 3 × 2 | 2→5 | 9 × 5 | 5→8 | 8 × 8 | 8→0.31 | 0.31→0.29
        assertEquals(0.01 * (1.25 + 6 + 3.5 + 45 + 6.5 + 64 + 4.155 + 0.3), stroke.impulseNs(), 1e-9);
        assertEquals(stroke.impulseNs() / 0.25, stroke.meanN(), 1e-9);
        assertEquals(Arrays.toString(zones(10_000, 50_000, 100_000, 90_000, 0, 0)), Arrays.toString(stroke.zoneUs()));
        // 10 % is 0.8 N: 0.2 of the way from sample 2 to 3; 90 % is 7.2 N: 11/15 of the way from 16 to 17
        assertEquals(160_000 + 7_333 - 20_000 - 2_000, stroke.riseTimeUs());
        assertEquals(0, stroke.gapPercent());
        assertEquals("calf-1", stroke.limitsVersion());
        assertFalse(stroke.ceilingHit() || stroke.hold() || stroke.interrupted());
    }

    @Test
    void theRiseBeginsBeforeTheStrokeWhenTenPercentIsBelowHalfANewton() {
        press(0.1, 1); // 1
        press(0.3, 1); // 2
        press(1, 1); // 3: starts
        press(2, 30); // from 4; 10 % is 0.2 N at 1.5, 90 % is 1.8 N at 3.8
        press(0, 20);
        assertEquals(23_000, strokes.get(0).riseTimeUs());
    }

    @Test
    void contactAfter110MsIsTheSameStroke() {
        press(4, 30); // 1..30
        press(0, 11); // 31 ends it
        press(4, 30); // 42: 110 ms later
        press(0, 20); // 72
        assertEquals(1, strokes.size());
        Stroke stroke = strokes.get(0);
        assertEquals(1, stroke.firstIndex());
        assertEquals(72, stroke.lastIndex());
        assertEquals(710_000, stroke.durationUs());
        assertEquals(Arrays.toString(zones(110_000, 0, 600_000, 0, 0, 0)), Arrays.toString(stroke.zoneUs()));
        // 29 whole steps and one down, twice; one up
        assertEquals(0.01 * (2 * (29 * 4 + 2) + 2), stroke.impulseNs(), 1e-9);
    }

    @Test
    void contactAfter120MsIsAnotherStroke() {
        for (int samples : new int[] {12, 13}) {
            strokes.clear();
            press(4, 30);
            press(0, samples);
            press(4, 30);
            press(0, 20);
            assertEquals(2, strokes.size());
            assertEquals(300_000, strokes.get(0).durationUs());
            assertEquals(300_000, strokes.get(1).durationUs());
        }
    }

    @Test
    void lengths() {
        press(4, 19); // 0.19 s
        press(0, 20);
        assertEquals(0, strokes.size());
        press(4, 20); // 0.2 s
        press(0, 20);
        assertEquals(1, strokes.size());
        press(4, 500); // 5 s
        press(0, 20);
        assertEquals(2, strokes.size());
        assertFalse(strokes.get(1).hold());
        press(4, 501); // 5.01 s
        press(0, 20);
        assertEquals(3, strokes.size());
        assertTrue(strokes.get(2).hold());
    }

    @Test
    void twoTouchesTooShortAloneMakeAStrokeTogether() {
        press(4, 10);
        press(0, 5);
        press(4, 10);
        press(0, 20);
        assertEquals(250_000, strokes.get(0).durationUs());
    }

    @Test
    void overPressureAndCeiling() {
        press(4, 10);
        for (int i = 0; i < 7; i++) {
            sample(10, true);
        }
        sample(14, true);
        press(4, 10);
        press(0, 20);
        assertEquals(80_000, strokes.get(0).overUs());
        assertTrue(strokes.get(0).ceilingHit());
    }

    @Test
    void missingSamplesAreNeitherForceNorZone() {
        press(4, 10); // 1..10
        lose(5);
        press(4, 10); // 16..25
        press(0, 20); // 26
        Stroke stroke = strokes.get(0);
        assertEquals(250_000, stroke.durationUs());
        assertEquals(20, stroke.gapPercent(), 1e-9);
        assertEquals(Arrays.toString(zones(0, 0, 200_000, 0, 0, 0)), Arrays.toString(stroke.zoneUs()));
        assertEquals(0.01 * (10 * 4 + 9 * 4 + 2), stroke.impulseNs(), 1e-9);
        assertEquals(stroke.impulseNs() / 0.2, stroke.meanN(), 1e-9);
        assertFalse(stroke.interrupted());
    }

    @Test
    void aMissingSampleNeitherBeginsNorEndsAStroke() {
        lose(5);
        assertFalse(detector.open());
        press(4, 30);
        lose(14);
        assertTrue(detector.open());
    }

    @Test
    void whenTheSamplesStopItEndsAtTheLast() {
        press(4, 30); // 1..30
        Stroke stroke = detector.close();
        assertTrue(stroke != null && stroke.interrupted());
        assertEquals(30, stroke.lastIndex());
        assertEquals(290_000, stroke.durationUs());
        assertFalse(detector.open());
        assertEquals(null, detector.close());
    }

    @Test
    void whenTheSamplesStopAfterItsEndItIsWhole() {
        press(4, 30);
        press(0, 5);
        Stroke stroke = detector.close();
        assertTrue(stroke != null && !stroke.interrupted());
        assertEquals(300_000, stroke.durationUs());
    }

    @Test
    void contactFromTheFirstSampleOnIsAnInterruptedStroke() {
        detector.restart(8);
        press(4, 30);
        press(0, 20);
        assertTrue(strokes.get(0).interrupted());
        assertEquals(8, strokes.get(0).boot());
    }

    @Test
    void aLongHoldKeepsTheRiseOfItsBeginning() {
        press(1, 5);
        press(3, 100);
        press(4, 5000);
        press(0, 20);
        // 90 % of 4 N lies between samples 105 and 106; 10 % between 0 and 1
        assertEquals(1_050_000 + 6_000 - 4_000, strokes.get(0).riseTimeUs());
    }

    @Test
    void aStrokeRightAfterALongHoldHasItsOwnRise() {
        press(4, 5000);
        press(0, 12); // the next sample makes the end certain, and begins another
        press(2, 30);
        press(0, 20);
        assertEquals(2, strokes.size());
        assertTrue(strokes.get(1).riseTimeUs() <= 10_000, () -> strokes.get(1).toString());
    }
}

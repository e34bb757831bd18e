package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.simulator.GroundTruth.OverPressure;
import io.lightstroke.simulator.GroundTruth.Stroke;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Each built-in scenario is what its description says, found in its truth and not in its file. */
class BuiltInScenariosTest {
    private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    private static List<Recording> recordings(String name) {
        Scenario scenario = Scenario.builtIn(name);
        return SEEDS.stream()
                .map(seed -> Recording.of(
                        scenario, seed, 1, 100, Recording.wholeRounds(scenario, seed, 1, Duration.ofMinutes(1))))
                .toList();
    }

    private static double share(List<Stroke> strokes, Predicate<Stroke> of) {
        return strokes.stream().filter(of).count() / (double) strokes.size();
    }

    private static double secondsIn(List<Stroke> strokes, String zone) {
        return strokes.stream()
                .mapToDouble(stroke -> stroke.timeInZoneS().get(zone))
                .sum();
    }

    /** Presses that were meant and are over by the end. */
    private static int meant(Recording recording) {
        GroundTruth.Sampled sampled = recording.sampled();
        long endUs = sampled.timeUs() + sampled.count() * sampled.periodUs();
        Iterator<PlannedStroke> plan =
                ForceCurve.strokes(recording.scenario(), SimulatedTools.seedOf(recording.number(), recording.seed()));
        int meant = 0;
        while (plan.next().endUs() < endUs) {
            meant++;
        }
        return meant;
    }

    /** Contacts, and the times between them, from the true force at every millisecond. */
    private record Contacts(List<Long> lengthsMs, List<Long> gapsMs) {
        static Contacts of(Recording recording) {
            Contacts contacts = new Contacts(new ArrayList<>(), new ArrayList<>());
            TrueForce force = recording.trueForce();
            GroundTruth.Sampled sampled = recording.sampled();
            long endMs = (sampled.timeUs() + sampled.count() * sampled.periodUs()) / 1000;
            boolean contact = false;
            long sinceMs = 0;
            for (long ms = 0; ms < endMs; ms++) {
                double forceN = force.forceN(ms * 1000);
                if (contact ? forceN < 0.3 : forceN >= 0.5) {
                    (contact ? contacts.lengthsMs : contacts.gapsMs).add(ms - sinceMs);
                    contact = !contact;
                    sinceMs = ms;
                }
            }
            return contacts;
        }
    }

    @Test
    void calmHomeAndTooDeepPressAsTheySay() {
        for (Recording calm : recordings("calm")) {
            assertEquals(List.of(), calm.truth().overPressure());
            assertEquals(0, secondsIn(calm.truth().strokes(), "firm"));
        }
        for (Recording home : recordings("home")) {
            assertTrue(home.truth().overPressure().size() >= 5);
            assertTrue(home.truth().overPressure().stream().anyMatch(OverPressure::ceiling));
            assertTrue(share(home.truth().strokes(), stroke -> stroke.peakN() <= 6.5) > 0.7);
        }
        for (Recording tooDeep : recordings("too-deep")) {
            assertTrue(share(tooDeep.truth().strokes(), stroke -> stroke.overTimeS() > 0) > 0.8);
        }
    }

    @Test
    void assessIsLightAndNothingElse() {
        for (Recording assess : recordings("assess")) {
            assertEquals(1, share(assess.truth().strokes(), stroke -> stroke.peakN() <= 3.0));
            assertEquals(1, share(assess.truth().strokes(), stroke -> stroke.phase() == Scenario.Phase.ASSESS));
            assertTrue(assess.truth().strokes().size() >= 40);
        }
    }

    @Test
    void heavyHandedIsMostlyFirmOrTooDeep() {
        for (Recording heavy : recordings("heavy-handed")) {
            List<Stroke> strokes = heavy.truth().strokes();
            assertTrue(share(strokes, stroke -> stroke.peakN() > 6.5) > 0.8);
            assertTrue(share(strokes, stroke -> stroke.overTimeS() > 0) > 0.25);
            assertTrue(share(strokes, stroke -> stroke.peakN() > 6.5 && stroke.overTimeS() == 0) > 0.25);
            assertTrue(heavy.truth().overPressure().stream().anyMatch(OverPressure::ceiling));
        }
    }

    @Test
    void twoToolsAreTwoAndDoNotDoTheSame() {
        Scenario scenario = Scenario.builtIn("two-tools");
        assertEquals(2, scenario.tools());
        GroundTruth first =
                Recording.of(scenario, 1, 1, 100, Duration.ofMinutes(1)).truth();
        GroundTruth second =
                Recording.of(scenario, 1, 2, 100, Duration.ofMinutes(1)).truth();
        assertFalse(first.strokes().isEmpty() || second.strokes().isEmpty());
        assertFalse(first.strokes().equals(second.strokes()));
    }

    @Test
    void tremorSwaysByANewton() {
        assertTrue(medianSwayN("tremor") > 1.0, medianSwayN("tremor") + " N");
        assertTrue(medianSwayN("calm") < 0.5, medianSwayN("calm") + " N");
    }

    /** From the lowest to the highest force in the middle third of a stroke, the median over all. */
    private static double medianSwayN(String name) {
        List<Double> swaysN = new ArrayList<>();
        for (Recording recording : recordings(name)) {
            TrueForce force = recording.trueForce();
            for (Stroke stroke : recording.truth().strokes()) {
                long thirdUs = (stroke.endUs() - stroke.startUs()) / 3;
                double lowest = Double.MAX_VALUE;
                double highest = 0;
                for (long timeUs = stroke.startUs() + thirdUs; timeUs < stroke.endUs() - thirdUs; timeUs += 5000) {
                    double forceN = force.forceN(timeUs);
                    lowest = Math.min(lowest, forceN);
                    highest = Math.max(highest, forceN);
                }
                swaysN.add(highest - lowest);
            }
        }
        return swaysN.stream().sorted().skip(swaysN.size() / 2).findFirst().orElseThrow();
    }

    @Test
    void driftEndsHalfANewtonAway() throws Exception {
        for (Recording drift : recordings("drift")) {
            List<ForceFrame> frames = RecordingTest.frames(drift);
            ForceFrame last = frames.get(frames.size() - 1);
            assertEquals(0, drift.trueForce().forceN(last.lastTimeUs()), 0.01, "nobody presses");
            // of half a newton; the swing of 0.05 N a minute adds up to 0.08 N, noise 0.06 N
            assertEquals(50, last.forceCn()[0], 15);
        }
    }

    @Test
    void tapsAreContactsButNoStrokes() {
        for (Recording tapping : recordings("tapping")) {
            assertEquals(List.of(), tapping.truth().strokes());
            List<Long> lengthsMs = Contacts.of(tapping).lengthsMs();
            assertTrue(lengthsMs.size() >= 60 && lengthsMs.size() == meant(tapping), lengthsMs.size() + " taps");
            assertTrue(lengthsMs.stream().allMatch(ms -> ms >= 40 && ms <= 160), lengthsMs.toString());
            assertFalse(tapping.truth().spots().isEmpty());
        }
    }

    @Test
    void longHoldsAreHeldForMoreThanFiveSeconds() {
        for (Recording holds : recordings("long-holds")) {
            assertTrue(holds.truth().strokes().stream().filter(Stroke::hold).count() >= 5);
            assertTrue(share(holds.truth().strokes(), stroke -> !stroke.hold()) > 0.3, "and strokes");
            assertTrue(
                    holds.truth().overPressure().stream().anyMatch(over -> over.endUs() - over.startUs() > 5_000_000));
        }
    }

    @Test
    void aDoubleStrokeIsOneOverAGapOfAbout100Ms() {
        for (Recording doubles : recordings("double-strokes")) {
            assertTrue(doubles.truth().strokes().size() >= 50);
            assertEquals(meant(doubles), 2 * doubles.truth().strokes().size());
            List<Long> within = Contacts.of(doubles).gapsMs().stream()
                    .filter(ms -> ms < 300)
                    .toList();
            assertEquals(doubles.truth().strokes().size(), within.size());
            assertTrue(within.stream().allMatch(ms -> ms >= 75 && ms <= 115), within.toString());
        }
    }

    @Test
    void bruiseProneSkinHasTooMuchOfWhatOthersBear() {
        for (Recording bruiseProne : recordings("bruise-prone")) {
            assertEquals(630, bruiseProne.truth().limits().tooDeepCn());
            assertTrue(bruiseProne.truth().overPressure().size() >= 6);
            GroundTruth others = GroundTruth.of(
                    bruiseProne.scenario(),
                    SimulatedTools.seedOf(1, bruiseProne.seed()),
                    List.of(bruiseProne.sampled()),
                    Scenario.DEFAULT_LIMITS.ofTool());
            assertEquals(List.of(), others.overPressure());
        }
    }

    @Test
    void backAndForthAlternatesAfterOneWayAndTheToolSaysSo() throws Exception {
        for (Recording recording : recordings("back-and-forth")) {
            List<Stroke> strokes = recording.truth().strokes();
            List<Stroke> oneWay = strokes.stream()
                    .filter(stroke -> stroke.area().equals("right calf"))
                    .toList();
            List<Stroke> toAndFro = strokes.stream()
                    .filter(stroke -> stroke.area().equals("left calf"))
                    .toList();
            assertEquals(22, oneWay.size());
            assertEquals(1, share(oneWay, stroke -> Integer.valueOf(1).equals(stroke.direction())));
            assertEquals(24, toAndFro.size());
            assertEquals(0.5, share(toAndFro, stroke -> Integer.valueOf(1).equals(stroke.direction())));

            List<EventFrame> ends = RecordingTest.events(recording, EventFrame.Kind.STROKE_END);
            assertEquals(
                    strokes.stream()
                            .map(stroke -> stroke.angleDeg() + " " + stroke.direction())
                            .toList(),
                    ends.stream()
                            .map(end -> end.angleDeg() + " " + end.direction())
                            .toList());
        }
    }

    @Test
    void shortPausesAreOf160MsAndSeparate90StrokesAMinute() {
        for (Recording shortPauses : recordings("short-pauses")) {
            List<Stroke> strokes = shortPauses.truth().strokes();
            assertEquals(80, strokes.size());
            assertEquals(meant(shortPauses), strokes.size());
            List<Long> gapsMs = Contacts.of(shortPauses).gapsMs().stream()
                    .filter(ms -> ms < 1000)
                    .toList();
            double meanMs = gapsMs.stream().mapToLong(Long::longValue).average().orElseThrow();
            assertEquals(160, meanMs, 15);
            double cadence =
                    60e6 * 39 / (strokes.get(39).startUs() - strokes.get(0).startUs());
            assertEquals(90, cadence, 2);
        }
    }

    @Test
    void theNoisySensorHasNoiseOfAFifthOfANewton() throws Exception {
        Recording noisy = recordings("noisy-sensor").get(0);
        double sum = 0;
        int samples = 0;
        for (ForceFrame frame : RecordingTest.frames(noisy)) {
            for (int i = 0; i < frame.count() && frame.timeUs() < 2_400_000; i++) {
                sum += frame.forceCn()[i] * frame.forceCn()[i];
                samples++;
            }
        }
        assertTrue(samples >= 30, samples + " samples before the first stroke");
        assertEquals(20, Math.sqrt(sum / samples), 7);
        assertTrue(share(noisy.truth().strokes(), stroke -> stroke.peakN() <= 6.5) > 0.8);
    }
}

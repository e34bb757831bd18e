package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EnginePropertyTest {
    private enum Command {
        ASSESS,
        TREAT,
        NEXT_SPOT,
        OTHER_LIMITS,
        TARED,
        TOOL_STROKE
    }

    /** What came of feeding samples in frames. */
    private record Outcome(
            List<String> events, byte[] zones, long strokes, double cadence, double spotS, StrokeAgreement agreement) {}

    /**
     * In frames of at most {@code longest}, without those at the indices in {@code lost}; commands before their index.
     *
     * @param saturated frames that the tool calls so, index and length; they are cut as a frame is, but not joined
     */
    private static Outcome feed(
            short[] samples,
            int periodUs,
            List<Integer> lost,
            Map<Integer, Command> commands,
            Map<Integer, Integer> saturated,
            Random cuts,
            int longest) {
        Engine engine = new Engine(Hand.LIMITS);
        List<String> events = new ArrayList<>();
        byte[] zones = new byte[samples.length];
        int frame = 0;
        int frameEnd = 0;
        int at = 0;
        while (at < samples.length) {
            Integer length = saturated.get(at);
            if (at >= frameEnd && length != null) {
                frame = at;
                frameEnd = Math.min(samples.length, at + length);
            }
            Command command = commands.get(at);
            if (command != null) {
                add(events, command(engine, command, at));
            }
            if (lost.contains(at)) {
                at++;
                continue;
            }
            int end = at + 1;
            int most = at + 1 + cuts.nextInt(longest);
            boolean inSaturated = at < frameEnd;
            while (end < (inSaturated ? frameEnd : samples.length)
                    && end < most
                    && !lost.contains(end)
                    && !commands.containsKey(end)
                    && (inSaturated || !saturated.containsKey(end))) {
                end++;
            }
            boolean isSaturated = inSaturated
                    && ForceFrame.flagsOfPart(
                                    ForceFrame.SATURATED,
                                    Arrays.copyOfRange(samples, frame, frameEnd),
                                    at - frame,
                                    end - frame)
                            != 0;
            Judged judged = engine.accept(
                    1, at, (long) at * periodUs, periodUs, isSaturated, Arrays.copyOfRange(samples, at, end));
            System.arraycopy(judged.zones(), 0, zones, at, end - at);
            add(events, judged.events());
            at = end;
        }
        add(events, engine.interrupt());
        double spotS = engine.spotS();
        add(events, engine.nextSpot());
        return new Outcome(events, zones, engine.strokes(), engine.cadencePerMin(), spotS, engine.strokesMatched());
    }

    private static List<EngineEvent> command(Engine engine, Command command, int at) {
        switch (command) {
            case ASSESS -> engine.phase(Phase.ASSESS);
            case TREAT -> engine.phase(Phase.TREAT);
            case NEXT_SPOT -> {
                return engine.nextSpot();
            }
            case OTHER_LIMITS -> engine.limits(new PressureLimits("other-" + at, 180, 390, 540, 840));
            case TARED -> engine.tared();
            case TOOL_STROKE -> engine.toolStroke(new ToolStroke(1, at, 20, 1));
        }
        return List.of();
    }

    private static void add(List<String> texts, List<EngineEvent> events) {
        for (EngineEvent event : events) {
            texts.add(
                    event instanceof EngineEvent.StrokeEnded ended
                            ? ended.stroke()
                                    .toString()
                                    .replaceAll(
                                            "\\[J@\\w+",
                                            Arrays.toString(ended.stroke().zoneUs()))
                            : event.toString());
        }
    }

    /** Presses of a hand: forces held for a while each, sometimes a spike or an invalid sample. */
    @Provide
    Arbitrary<short[]> presses() {
        return Arbitraries.integers()
                .between(0, Integer.MAX_VALUE)
                .list()
                .ofMinSize(5)
                .ofMaxSize(40)
                .map(seeds -> {
                    short[] samples = new short[seeds.size() * 40];
                    for (int i = 0; i < seeds.size(); i++) {
                        Random random = new Random(seeds.get(i));
                        int force = random.nextInt(3) == 0 ? 0 : random.nextInt(1600);
                        for (int k = 0; k < 40; k++) {
                            int noise = random.nextInt(40) - 20;
                            samples[i * 40 + k] = (short)
                                    (random.nextInt(100) == 0
                                            ? ForceFrame.NO_FORCE
                                            : random.nextInt(100) == 0 ? random.nextInt(65536) : force + noise);
                        }
                    }
                    return samples;
                });
    }

    @Provide
    Arbitrary<Map<Integer, Command>> commands() {
        return Arbitraries.maps(Arbitraries.integers().between(0, 1600), Arbitraries.of(Command.class))
                .ofMaxSize(20);
    }

    @Provide
    Arbitrary<Map<Integer, Integer>> saturated() {
        return Arbitraries.maps(
                        Arbitraries.integers().between(0, 1600),
                        Arbitraries.integers().between(1, ForceFrame.MAX_SAMPLES))
                .ofMaxSize(10);
    }

    @Property(tries = 300)
    void howSamplesAreCutIntoFramesMakesNoDifference(
            @ForAll("presses") short[] samples,
            @ForAll @Size(max = 30) List<@IntRange(max = 1600) Integer> lost,
            @ForAll("commands") Map<Integer, Command> commands,
            @ForAll("saturated") Map<Integer, Integer> saturated,
            @ForAll @IntRange(min = 1000, max = 62_500) int periodUs,
            @ForAll long seed) {
        Outcome single = feed(samples, periodUs, lost, commands, saturated, new Random(seed), 1);
        Outcome cut = feed(samples, periodUs, lost, commands, saturated, new Random(seed), 100);
        assertEquals(String.join("\n", single.events), String.join("\n", cut.events));
        assertArrayEquals(single.zones, cut.zones);
        assertEquals(single.strokes, cut.strokes);
        assertEquals(single.cadence, cut.cadence);
        assertEquals(single.spotS, cut.spotS);
        assertEquals(single.agreement, cut.agreement);
    }

    @Property(tries = 300)
    void whatIsFoundAddsUp(
            @ForAll("presses") short[] samples,
            @ForAll @Size(max = 30) List<@IntRange(max = 1600) Integer> lost,
            @ForAll @IntRange(min = 5000, max = 20_000) int periodUs) {
        Engine engine = new Engine(Hand.LIMITS);
        List<EngineEvent> events = new ArrayList<>();
        for (int i = 0; i < samples.length; i++) {
            if (!lost.contains(i)) {
                events.addAll(engine.accept(1, i, (long) i * periodUs, periodUs, false, new short[] {samples[i]})
                        .events());
            }
        }
        events.addAll(engine.interrupt());
        events.addAll(engine.nextSpot());
        long missing = lost.size()
                + IntStream.range(0, samples.length)
                        .filter(i -> samples[i] == ForceFrame.NO_FORCE)
                        .count();
        long longestBeforeUs = (33 + missing) * periodUs;
        long valid = 0;
        long lastEnd = -1;
        long lastOfSpot = -1;
        int ofSpots = 0;
        int over = 0;
        for (EngineEvent event : events) {
            if (event instanceof EngineEvent.StrokeEnded ended) {
                Stroke stroke = ended.stroke();
                long gapUs = Math.round(stroke.gapPercent() / 100 * stroke.durationUs());
                assertEquals(stroke.durationUs(), Arrays.stream(stroke.zoneUs()).sum() + gapUs);
                assertTrue(stroke.durationUs() >= 200_000, stroke::toString);
                assertEquals(stroke.durationUs() > 5_000_000, stroke.hold());
                assertTrue(stroke.overUs() <= stroke.durationUs(), stroke::toString);
                assertTrue(
                        stroke.riseTimeUs() >= 0 && stroke.riseTimeUs() <= stroke.durationUs() + longestBeforeUs,
                        stroke::toString);
                assertTrue(stroke.peakCn() >= 50, stroke::toString);
                assertTrue(stroke.firstIndex() > lastEnd && stroke.lastIndex() > stroke.firstIndex());
                assertEquals(stroke.startUs(), stroke.firstIndex() * periodUs);
                lastEnd = stroke.lastIndex();
                valid += stroke.hold() || stroke.interrupted() ? 0 : 1;
            } else if (event instanceof EngineEvent.SpotEnded ended) {
                Spot spot = ended.spot();
                assertTrue(spot.firstIndex() > lastOfSpot && spot.lastIndex() >= spot.firstIndex(), spot::toString);
                assertTrue(spot.contactUs() <= spot.dwellUs(), spot::toString);
                assertTrue(spot.peakCn() >= 50, spot::toString);
                lastOfSpot = spot.lastIndex();
                ofSpots += spot.strokes();
            } else if (event instanceof EngineEvent.OverPressureBegan began) {
                assertTrue(began.feltUs() <= began.timeUs() && began.timeUs() - began.feltUs() < 60_000);
                over++;
            } else if (event instanceof EngineEvent.OverPressureEnded) {
                over--;
            } else if (event instanceof EngineEvent.CueDue due
                    && (due.pattern() == Cue.Pattern.TOO_DEEP || due.pattern() == Cue.Pattern.CEILING)) {
                assertEquals(1, over, "cued while latched");
            }
            assertTrue(over == 0 || over == 1, "begins and ends alternate");
        }
        assertEquals(0, over);
        assertEquals(valid, engine.strokes());
        assertEquals(valid, ofSpots, "each stroke is of one spot");
    }

    @Property(tries = 500)
    void anyFramesAreTaken(
            @ForAll @Size(min = 1, max = 40) List<@Size(min = 1, max = 100) short[]> frames,
            @ForAll @Size(40) List<@IntRange(min = 1, max = 65_535) Integer> periods,
            @ForAll @Size(40) List<Long> jumps,
            @ForAll @IntRange(max = 3) int wildness) {
        Engine engine = new Engine(Hand.LIMITS);
        long index = 0;
        long timeUs = 0;
        for (int i = 0; i < frames.size(); i++) {
            int periodUs = periods.get(wildness == 3 ? i : 0);
            long jump = jumps.get(i);
            if (wildness >= 1) {
                index += Math.floorMod(jump, 20);
                timeUs += Math.floorMod(jump, 20L) * periodUs;
            }
            if (wildness >= 2) {
                timeUs += jump % 200_000;
            }
            short[] forceCn = frames.get(i);
            Judged judged = engine.accept(jump % 50 == 0 ? 2 : 1, index, timeUs, periodUs, jump % 3 == 0, forceCn);
            assertEquals(forceCn.length, judged.zones().length);
            engine.cadencePerMin();
            engine.strokeS();
            index += forceCn.length;
            timeUs += (long) periodUs * forceCn.length;
        }
        engine.interrupt();
    }
}

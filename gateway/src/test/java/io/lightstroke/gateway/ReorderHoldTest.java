package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sample i lies i · 10 ms after the boot. */
class ReorderHoldTest {
    private static final long MS = 1_000_000;
    private static final long BOOT = 0x5EED0003L;

    private final ReorderHold hold = new ReorderHold(new IndexLedger());

    private static ForceFrame frame(int flags, long first, int count) {
        return new ForceFrame(flags, BOOT, first, first * 10_000, 10_000, 0, new short[count]);
    }

    private static ReorderHold.Arrival at(long ms) {
        return new ReorderHold.Arrival(ms * MS, 0);
    }

    private List<String> take(long first, int count, long ms) {
        return texts(hold.take(frame(0, first, count), at(ms)));
    }

    private static List<String> texts(List<ReorderHold.Part> parts) {
        return parts.stream()
                .map(part -> "%d..%d%s"
                        .formatted(part.frame().first(), part.frame().lastIndex(), part.late() ? " late" : ""))
                .toList();
    }

    @Test
    void whatContinuesGoesOnAtOnce() {
        assertEquals(List.of("0..4"), take(0, 5, 0));
        assertEquals(List.of("5..9"), take(5, 5, 50));
        assertEquals(OptionalLong.empty(), hold.deadlineNanos());
    }

    @Test
    void whatIsLeftOfASaturatedFrameIsSaturatedWhereItsHighestSampleIs() {
        ForceFrame saturated = new ForceFrame(
                ForceFrame.SATURATED, BOOT, 2, 20_000, 10_000, 0, new short[] {300, 1300, 1200, 1300, 400});
        hold.take(frame(0, 0, 3), at(0));
        assertEquals(
                List.of(ForceFrame.SATURATED),
                hold.take(saturated, at(50)).stream()
                        .map(part -> part.frame().flags())
                        .toList());

        ReorderHold other = new ReorderHold(new IndexLedger());
        other.take(frame(0, 0, 4), at(0));
        assertEquals(
                List.of(0),
                other.take(saturated, at(50)).stream()
                        .map(part -> part.frame().flags())
                        .toList());
    }

    @Test
    void aFrameWithAGapBeforeItWaitsForWhatIsMissing() {
        take(0, 5, 0);
        assertEquals(List.of(), take(10, 5, 100));
        assertEquals(OptionalLong.of(120 * MS), hold.deadlineNanos());
        assertEquals(List.of(), texts(hold.expire(120 * MS - 1)));
        assertEquals(List.of("5..9", "10..14"), take(5, 5, 119));
        assertEquals(OptionalLong.empty(), hold.deadlineNanos());
    }

    @Test
    void after20MsItIsJudgedWithTheGapAndTheMissingOneIsLate() {
        take(0, 5, 0);
        take(10, 5, 100);
        assertEquals(List.of("10..14"), texts(hold.expire(120 * MS)));
        assertEquals(5, hold.ledger().awaited());
        assertEquals(List.of("5..9 late"), take(5, 5, 121));
        assertEquals(List.of("15..19"), take(15, 5, 150));
        assertEquals(0, hold.ledger().awaited());
    }

    @Test
    void aFrameThatArrivesAfterTheWindowDoesNotSaveWhatWaited() {
        take(0, 5, 0);
        take(10, 5, 100);
        assertEquals(List.of("10..14", "5..9 late"), take(5, 5, 120));
    }

    @Test
    void eachWaitsFromItsOwnArrivalAndTakesAllBeforeItAlong() {
        take(0, 5, 0);
        take(20, 5, 100);
        take(10, 5, 110);
        assertEquals(List.of("10..14", "20..24"), texts(hold.expire(120 * MS)));
        take(30, 5, 150);
        take(40, 5, 160);
        assertEquals(List.of("30..34"), texts(hold.expire(170 * MS)));
        assertEquals(List.of("40..44"), texts(hold.expire(180 * MS)));
    }

    @Test
    void theFirstOfABootWaitsUnlessItIsSample0() {
        assertEquals(List.of(), take(500, 5, 0));
        assertEquals(List.of(), take(495, 5, 5));
        assertEquals(List.of("495..499", "500..504"), texts(hold.expire(20 * MS)));
    }

    @Test
    void afterARestartItGoesOnWhereTheJournalEnds() {
        ReorderHold resumed = new ReorderHold(
                new IndexLedger(100, 199, List.of(new IndexLedger.Range(150, 159), new IndexLedger.Range(120, 121))));
        assertEquals(12, resumed.ledger().awaited());
        assertEquals(List.of("200..204"), texts(resumed.take(frame(0, 198, 7), at(0))));
        assertEquals(5, resumed.taken());
        assertEquals(List.of("120..121 late", "150..152 late"), texts(resumed.take(frame(0, 113, 40), at(1))));
        assertEquals(List.of("95..99 late"), texts(resumed.take(frame(0, 95, 10), at(2))));
        assertEquals(7, resumed.ledger().awaited());
    }

    @Test
    void whatIsKnownGoesNoFurtherAndHistoricalFramesAreNeverJudged() {
        take(0, 5, 0);
        assertEquals(List.of(), take(0, 5, 1));
        assertEquals(0, hold.taken());
        take(10, 5, 2);
        assertEquals(List.of(), take(10, 5, 3), "one that waits already");
        assertEquals(List.of("5..7 late"), texts(hold.take(frame(ForceFrame.HISTORICAL, 5, 3), at(4))));
        assertEquals(List.of(), take(8, 2, 5), "there is still a gap in what is judged");
        assertEquals(List.of("8..9", "10..14"), texts(hold.expire(25 * MS)));
    }

    @Test
    void atTheEndNothingStaysBehind() {
        take(0, 5, 0);
        take(10, 5, 1);
        take(20, 5, 2);
        assertEquals(List.of("10..14", "20..24"), texts(hold.releaseAll()));
        assertEquals(List.of(), texts(hold.releaseAll()));
    }

    @Test
    void moreThan64NeverWait() {
        take(0, 1, 0);
        for (int i = 1; i <= 64; i++) {
            assertEquals(List.of(), take(2L * i, 1, 1));
        }
        assertEquals(65, take(200, 1, 1).size());
    }

    /** What comes out of the engine, and what the journal gets: each sample with its zone, and the events in order. */
    private record Output(List<EngineEvent> events, byte[] zones, short[] forceCn, long samples) {}

    private record Sent(ForceFrame frame, long atNanos) {}

    /** Cut, doubled and swapped within 20 ms, the samples give what they give in order. */
    @Property(tries = 200)
    void cutDoubledAndReorderedWithinTheWindowTheOutputIsTheSame(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int start) {
        Random random = new Random(seed);
        int samples = 3000;
        long firstIndex = start * 1000L;
        short[] forceCn = presses(samples, random);

        List<Sent> inOrder = cut(forceCn, firstIndex, 5, 5, random);
        List<Sent> meddled = new ArrayList<>();
        for (Sent sent : cut(forceCn, firstIndex, 1, 30, random)) {
            // Before the next may come at all it has come: none is passed by more than the window.
            meddled.add(new Sent(sent.frame, sent.atNanos + random.nextInt(19) * MS));
            if (random.nextInt(4) == 0) {
                meddled.add(new Sent(sent.frame, sent.atNanos + random.nextInt(200) * MS));
            }
        }
        meddled.sort(Comparator.comparingLong(Sent::atNanos));

        Output expected = run(inOrder, samples, firstIndex);
        Output actual = run(meddled, samples, firstIndex);
        assertEquals(samples, expected.samples);
        assertEquals(expected.samples, actual.samples);
        assertArrayEquals(expected.forceCn, actual.forceCn);
        assertArrayEquals(expected.zones, actual.zones);
        assertEquals(eventTexts(expected), eventTexts(actual));
        assertTrue(expected.events.stream().anyMatch(EngineEvent.StrokeEnded.class::isInstance), "no stroke at all");
    }

    private static List<String> eventTexts(Output output) {
        return output.events.stream()
                .map(event -> event.getClass().getSimpleName() + Json.text(event))
                .toList();
    }

    private static Output run(List<Sent> sent, int samples, long firstIndex) {
        ReorderHold hold = new ReorderHold(new IndexLedger());
        Engine engine = new Engine(new PressureLimits("test", 300, 650, 900, 1400));
        List<EngineEvent> events = new ArrayList<>();
        byte[] zones = new byte[samples];
        short[] forceCn = new short[samples];
        long count = 0;
        List<ReorderHold.Part> parts = new ArrayList<>();
        for (Sent each : sent) {
            parts.addAll(hold.take(each.frame, new ReorderHold.Arrival(each.atNanos, 0)));
        }
        parts.addAll(hold.releaseAll());
        for (ReorderHold.Part part : parts) {
            assertTrue(!part.late(), () -> "late: " + part.frame());
            ForceFrame frame = part.frame();
            Judged judged = engine.accept(
                    frame.boot(), frame.first(), frame.timeUs(), frame.periodUs(), false, frame.forceCn());
            int at = (int) (frame.first() - firstIndex);
            System.arraycopy(judged.zones(), 0, zones, at, frame.count());
            System.arraycopy(frame.forceCn(), 0, forceCn, at, frame.count());
            count += frame.count();
            events.addAll(judged.events());
        }
        events.addAll(engine.interrupt());
        return new Output(events, zones, forceCn, count);
    }

    private static List<Sent> cut(short[] forceCn, long firstIndex, int least, int most, Random random) {
        List<Sent> frames = new ArrayList<>();
        for (int from = 0; from < forceCn.length; ) {
            int count = Math.min(forceCn.length - from, least + random.nextInt(most - least + 1));
            short[] part = new short[count];
            System.arraycopy(forceCn, from, part, 0, count);
            long first = firstIndex + from;
            frames.add(new Sent(
                    new ForceFrame(0, BOOT, first, first * 10_000, 10_000, 0, part), (first + count) * 10 * MS));
            from += count;
        }
        return frames;
    }

    /** Strokes of up to 12 N with pauses, and noise. */
    private static short[] presses(int samples, Random random) {
        short[] forceCn = new short[samples];
        double peakCn = 0;
        int left = 0;
        for (int i = 0; i < samples; i++) {
            if (left-- == 0) {
                peakCn = peakCn == 0 ? 100 + random.nextInt(1100) : 0;
                left = 30 + random.nextInt(100);
            }
            forceCn[i] = (short) (peakCn + 3 * random.nextGaussian());
        }
        return forceCn;
    }
}

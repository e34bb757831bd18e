package io.lightstroke.gateway.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Judged;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was found live is found again from the journal's rows, which join frames and are cut at events. */
class JournalReplayTest {
    private static final PressureLimits LIMITS = new PressureLimits("calf", 300, 650, 900, 1400);
    private static final long BOOT = 7;
    private static final long UTC = 1_790_000_000_000_000L;
    private static final int PERIOD_US = 10_000;
    private static final int COUNT = 5;
    private static final short NONE = ForceFrame.NO_FORCE;

    @TempDir
    Path folder;

    private final Engine live = new Engine(LIMITS);
    private final List<String> found = new ArrayList<>();
    private final List<JournalEntry> entries = new ArrayList<>();
    private long index;

    private static String text(EngineEvent event) {
        return event instanceof EngineEvent.StrokeEnded ended
                ? ended.stroke().toString().replaceAll("\\[J@\\w+", "")
                        + ended.stroke().timeInZoneS()
                : event.toString();
    }

    /** A frame, 50 ms of it, live and for the journal. */
    private Judged frame(boolean saturated, short... forceCn) {
        int flags = saturated ? ForceFrame.SATURATED : 0;
        long timeUs = index * PERIOD_US;
        Judged judged = live.accept(BOOT, index, timeUs, PERIOD_US, saturated, forceCn);
        judged.events().forEach(event -> found.add(text(event)));
        entries.add(new JournalEntry.Samples(
                "left", BOOT, index, timeUs, UTC + timeUs, PERIOD_US, flags, 0, forceCn, judged.zones()));
        index += forceCn.length;
        return judged;
    }

    private void press(int forceCn, int frames) {
        for (int i = 0; i < frames; i++) {
            short cn = (short) forceCn;
            frame(false, cn, cn, cn, cn, cn);
        }
    }

    /** The tool tells of something at an earlier sample: there the journal's row is cut. */
    private void eventAt(long sample) {
        EventFrame event = new EventFrame(
                EventFrame.Kind.BUTTON.code(),
                0,
                BOOT,
                sample,
                sample,
                sample * PERIOD_US,
                (short) 0,
                0,
                EventFrame.ANGLE_UNKNOWN,
                (byte) 0,
                0,
                2);
        entries.add(new JournalEntry.ToolEvent(
                "left", BOOT, event.sequence(), sample, UTC + event.timeUs(), event.encode()));
    }

    private List<String> replayed() throws Exception {
        try (Journal journal = Journal.open(folder)) {
            assertTrue(journal.append(entries));
            assertTrue(journal.flush(Duration.ofSeconds(30)));
        }
        List<String> again = new ArrayList<>();
        Replay replay = new Replay(LIMITS, event -> again.add(text(event)));
        try (JournalReader reader = JournalReader.open(folder)) {
            reader.replay("left", 0, Long.MAX_VALUE / 2, replay::entry);
        }
        replay.cut();
        live.interrupt().forEach(event -> found.add(text(event)));
        live.nextSpot().forEach(event -> found.add(text(event)));
        return again;
    }

    @Test
    void aSensorAtItsLimitWithoutValuesStaysOneOverPressure() throws Exception {
        press(0, 20);
        press(1000, 10);
        for (int i = 0; i < 20; i++) {
            frame(true, NONE, NONE, NONE, NONE, NONE);
        }
        press(1000, 4);
        press(0, 20);
        List<String> again = replayed();
        assertEquals(String.join("\n", found), String.join("\n", again));
        List<String> ends = again.stream()
                .filter(text -> text.startsWith("OverPressureEnded"))
                .toList();
        assertEquals(1, ends.size(), ends::toString);
        assertTrue(ends.get(0).contains("unknown=false"), ends::toString);
    }

    @Test
    void aFrameCutAtAnEventIsSaturatedOnce() throws Exception {
        press(0, 20);
        for (int i = 0; i < 10; i++) {
            press(400, 4);
            frame(true, (short) 400, (short) 400, (short) 400, (short) 1200, (short) 400);
            eventAt(index - COUNT + i % 4);
            press(0, 6);
        }
        assertEquals(
                10,
                found.stream()
                        .filter(text -> text.startsWith("OverPressureBegan"))
                        .count());
        List<String> again = replayed();
        assertEquals(String.join("\n", found), String.join("\n", again));
    }

    @Test
    void anyMixtureOfSaturatedAndInvalidSamplesIsFoundAgain() throws Exception {
        Random random = new Random(3);
        press(0, 20);
        for (int i = 0; i < 400; i++) {
            int forceCn = random.nextInt(3) == 0 ? 0 : random.nextInt(1500);
            int frames = 1 + random.nextInt(12);
            for (int k = 0; k < frames; k++) {
                short[] samples = new short[COUNT];
                for (int s = 0; s < COUNT; s++) {
                    samples[s] = random.nextInt(6) == 0 ? NONE : (short) (forceCn + random.nextInt(20));
                }
                frame(forceCn > 700 && random.nextInt(3) == 0, samples);
                if (random.nextInt(5) == 0) {
                    eventAt(index - 1 - random.nextInt(COUNT));
                }
            }
        }
        List<String> again = replayed();
        assertTrue(found.size() > 300, () -> "few findings: " + found.size());
        assertEquals(String.join("\n", found), String.join("\n", again));
    }
}

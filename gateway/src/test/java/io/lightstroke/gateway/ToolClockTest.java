package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.TimeSync;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The UTC of samples against the truth, in virtual time, over a radio that passes everything only at connection events 30
 * ms apart: a write waits for the next one, and the answer for a later one.
 */
class ToolClockTest {
    private static final long INTERVAL_US = 30_000;
    private static final long GOAL_US = INTERVAL_US / 2 + 5_000;
    private static final long HOUR_US = 3_600_000_000L;
    private static final long BEGIN_UTC_US = 1_800_000_000_000_000L;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Journal journal;

    @SuppressWarnings("NullAway.Init")
    private ToolBoots boots;

    private Random random = new Random(1);
    /** The host's monotonic clock, which is the truth; UTC begins with it. */
    private long nowUs = 7_000_000_000L;

    private long hostSetUs;
    private final Clock host = new Clock() {
        @Override
        public Instant instant() {
            return Instant.ofEpochSecond(0, (trueUtcUs(nowUs) + hostSetUs) * 1000);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    private long boot = 1;
    private long bootedUs;
    private double driftPpm;
    private long first;
    private long lastUtcUs = Long.MIN_VALUE;
    private final List<Long> errorsUs = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder);
        boots = new ToolBoots("left", journal, host, () -> nowUs * 1000);
        bootedUs = nowUs - 60_000_000;
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private static long trueUtcUs(long monotonicUs) {
        return BEGIN_UTC_US + monotonicUs;
    }

    /** The tool's clock passes slower than the host's by the drift. */
    private long toolUs(long atUs) {
        return Math.round((atUs - bootedUs) / (1 + driftPpm / 1e6));
    }

    private long nextEventUs(long afterUs) {
        return (Math.floorDiv(afterUs, INTERVAL_US) + 1) * INTERVAL_US;
    }

    private void exchange() {
        long sentUs = nowUs;
        long receivedUs = nextEventUs(sentUs);
        long answeredUs = receivedUs + 200 + random.nextInt(300);
        // Now and then an event is lost, and the next one takes it.
        long arrivedUs = nextEventUs(answeredUs) + (random.nextInt(5) == 0 ? INTERVAL_US : 0) + random.nextInt(1500);
        nowUs = arrivedUs;
        boots.sync(new TimeSync(1, boot, toolUs(receivedUs), toolUs(answeredUs)), sentUs * 1000, arrivedUs * 1000);
    }

    /** A frame of five samples as soon as the last is taken; checks that time goes on. */
    private void frame() {
        short[] forceCn = new short[5];
        long takenUs = nowUs;
        long lastToolUs = toolUs(takenUs);
        ForceFrame frame = new ForceFrame(0, boot, first, lastToolUs - 40_000, 10_000, 0, forceCn);
        nowUs = nextEventUs(takenUs);
        ToolBoots.Came came = new ToolBoots.Came(frame, nowUs * 1000);
        for (ToolBoots.Came each : boots.believed(came)) {
            ToolBoots.Boot of = boots.of(each);
            if (!of.wasCurrent()) {
                boots.current(of, each.frame());
            }
            of.hold.take(each.frame(), new ReorderHold.Arrival(each.atNanos(), 0));
            for (int i = 0; i < 5; i++) {
                long timeUs = each.frame().timeUs() + i * 10_000L;
                long utcUs = of.clock().utcUs(timeUs);
                assertTrue(utcUs > lastUtcUs, utcUs + " after " + lastUtcUs);
                lastUtcUs = utcUs;
                errorsUs.add(utcUs - trueUtcUs(bootedUs + Math.round(timeUs * (1 + driftPpm / 1e6))));
            }
            boots.took(of, each.frame());
        }
        first += 5;
        nowUs = takenUs;
    }

    private void stream(Duration time) {
        long untilUs = nowUs + time.toNanos() / 1000;
        long nextSyncUs = nowUs;
        while (nowUs < untilUs) {
            if (nowUs >= nextSyncUs) {
                long beganUs = nowUs;
                exchange();
                nowUs = beganUs;
                nextSyncUs = nowUs + 10_000_000;
            }
            nowUs += 50_000;
            frame();
        }
    }

    private void reboot(Duration off) {
        nowUs += off.toNanos() / 1000;
        boot++;
        first = 0;
        bootedUs = nowUs - 100_000;
        nowUs += 1_000_000;
    }

    private long p99() {
        long[] absolute = errorsUs.stream().mapToLong(Math::abs).sorted().toArray();
        return absolute[(int) (absolute.length * 0.99)];
    }

    @ParameterizedTest
    @CsvSource({"100, 1", "-100, 2", "0, 3", "37.5, 4"})
    void followsADriftingClockToHalfAConnectionInterval(double ppm, long seed) {
        driftPpm = ppm;
        random = new Random(seed);
        stream(Duration.ofMinutes(40));
        long[] ends = errorsUs.stream()
                .mapToLong(Math::abs)
                .skip(errorsUs.size() / 2)
                .sorted()
                .toArray();
        System.out.printf(
                "drift %.1f ppm, seed %d: error p99 %.1f ms, after 20 min p99 %.1f ms%n",
                ppm, seed, p99() / 1e3, ends[(int) (ends.length * 0.99)] / 1e3);
        assertTrue(p99() <= GOAL_US, p99() + " us");
    }

    @Test
    void staysInItsOwnTimeWhenTheHostsClockIsSet() {
        driftPpm = 60;
        stream(Duration.ofMinutes(3));
        hostSetUs = HOUR_US;
        stream(Duration.ofMinutes(3));
        assertTrue(boots.hostClockStepped());
        hostSetUs = -HOUR_US;
        stream(Duration.ofMinutes(3));
        assertTrue(boots.hostClockStepped());
        hostSetUs = 0;
        stream(Duration.ofMinutes(1));
        assertTrue(!boots.hostClockStepped());
        assertTrue(p99() <= GOAL_US, p99() + " us");
    }

    @Test
    void goesOnByTheToolsClockWhileTheHostSleeps() {
        driftPpm = 20;
        stream(Duration.ofMinutes(5));
        bootedUs -= HOUR_US; // an hour that the monotonic clock did not see
        hostSetUs = HOUR_US;
        stream(Duration.ofMinutes(5));
        long toHostUs = lastUtcUs - (trueUtcUs(nowUs) + hostSetUs);
        assertTrue(Math.abs(toHostUs) < 200_000, "an hour by the tool's clock, which drifts: " + toHostUs + " us");
    }

    @Test
    void timeGoesOnOverARebootThoughTheHostsClockWasSetBack() {
        stream(Duration.ofMinutes(1));
        hostSetUs = -HOUR_US;
        reboot(Duration.ofSeconds(5));
        stream(Duration.ofMinutes(1));
        hostSetUs = 2 * HOUR_US;
        reboot(Duration.ofSeconds(5));
        stream(Duration.ofMinutes(1)); // asserts in frame()
        assertEquals(3, boots.accounts().size());
    }

    @Test
    void whatTheJournalKeepsMapsAsItWasMapped() throws Exception {
        driftPpm = -90;
        stream(Duration.ofMinutes(10));
        assertTrue(journal.flush(Duration.ofSeconds(20)));
        BootClock used = boots.all().get(0).clock();
        assertTrue(used.segments().size() > 1, used.toString());
        BootState kept = journal.boot("left", boot).orElseThrow();
        assertEquals(used, kept.clock());

        // The gateway starts anew, and the host's clock has been set meanwhile.
        hostSetUs = HOUR_US;
        journal.close();
        journal = Journal.open(folder);
        boots = new ToolBoots("left", journal, host, () -> nowUs * 1000);
        stream(Duration.ofMinutes(2));
        assertTrue(p99() <= GOAL_US, p99() + " us");
    }

    @Test
    void aBootThatWasNeverSeenEndsWhereTheNextBegins() {
        stream(Duration.ofMinutes(1));
        long firstBootsLastUtcUs = lastUtcUs;
        nowUs += 3600_000_000L;
        reboot(Duration.ofSeconds(1));
        stream(Duration.ofSeconds(30));
        ToolBoots.Boot second = boots.all().get(1);
        long endUtcUs = second.clock().utcUs(0);

        ToolBoots.Boot between = boots.place(77, 600_000_000L, 10_000, endUtcUs);
        assertEquals(endUtcUs - 10_000, between.clock().utcUs(600_000_000L));
        ToolBoots.Boot tooLong =
                boots.place(78, 2 * HOUR_US, 10_000, between.clock().utcUs(0));
        assertTrue(tooLong.clock().utcUs(0) > firstBootsLastUtcUs);
        assertTrue(tooLong.clock().utcUs(2 * HOUR_US) < between.clock().utcUs(0));
    }

    @Test
    void anExchangeThatMakesNoSenseIsLeftOut() {
        ClockSync sync = new ClockSync();
        assertTrue(!sync.add(0, 1_000_000, 5_000, 9_000)); // the tool took longer than the way there and back
        assertTrue(!sync.add(0, 1_000_000, 9_000, 5_000));
        assertTrue(!sync.add(0, 2_000_000_000, 5_000, 5_000));
        assertTrue(!sync.known());
        assertTrue(sync.add(0, 30_000_000, 5_000, 5_000));
        assertEquals(15_000, sync.hostUs(5_000));
        assertEquals(
                List.of(),
                Arrays.asList(sync.correction(sync.clock(0), 5_000, 0).toArray()));
    }
}

package io.lightstroke.dashboard.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.dashboard.history.SessionHistory.Gap;
import io.lightstroke.dashboard.history.SessionHistory.Part;
import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.Influxd;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same of the same questions, whether asked of the journal or of a real InfluxDB that a gateway's sink has filled. */
@Needs(Program.INFLUXD)
class SessionHistoryTest {
    private enum Kept {
        IN_JOURNAL,
        IN_INFLUX
    }

    private static final ToolName HOLEY = new ToolName("home", "room", "tool-3");
    private static final List<Long> HOLEY_US = new ArrayList<>();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static Program.Running running;
    private static InfluxServer server;
    private static SessionHistory journaled;
    private static SessionHistory influx;

    @BeforeAll
    static void keep() throws Exception {
        Influxd influxd = new Influxd(folder.resolve("influx"), false);
        running = influxd.start();
        server = new InfluxServer.V1(influxd.url(), "lightstroke", null, null, null);
        Path data = folder.resolve("data");
        try (Journal journal = Journal.open(data);
                Pump pump = new Pump(journal, new InfluxSink(server, "home", "room"))) {
            assertTrue(journal.append(KeptSessions.entries()));
            assertTrue(journal.append(holey()));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT), () -> "not drained: " + pump.problem());
        }
        journaled = SessionHistory.ofJournal(data, "home", "room");
        influx = SessionHistory.ofInflux(server);
    }

    @AfterAll
    static void end() {
        influx.close();
        running.close();
    }

    private static SessionHistory of(Kept kept) {
        return kept == Kept.IN_JOURNAL ? journaled : influx;
    }

    @ParameterizedTest
    @EnumSource
    void sessionsAreListedTheNewestFirstInTheirLastRevision(Kept kept) throws Exception {
        assertEquals(
                List.of(
                        new Part(
                                KeptSessions.TOOL,
                                KeptSessions.summary(
                                        "20260302t090050-00000002", 1, "p-2", KeptSessions.START.plusSeconds(50))),
                        new Part(
                                KeptSessions.OTHER,
                                KeptSessions.summary(
                                        "20260302t090000-00000001", 1, KeptSessions.PERSON, KeptSessions.START)),
                        new Part(
                                KeptSessions.TOOL,
                                KeptSessions.summary(
                                        "20260302t090000-00000001", 2, KeptSessions.PERSON, KeptSessions.START))),
                of(kept).sessions(KeptSessions.START, KeptSessions.START.plusSeconds(3600)));
        assertEquals(
                List.of("p-2"),
                of(kept).sessions(KeptSessions.START.plusMillis(1), KeptSessions.START.plusSeconds(51)).stream()
                        .map(part -> part.summary().person())
                        .toList());
        assertEquals(
                List.of(), of(kept).sessions(KeptSessions.START.plusSeconds(51), KeptSessions.START.plusSeconds(3600)));
    }

    @ParameterizedTest
    @EnumSource
    void aSessionHasWhatWasFoundInIt(Kept kept) throws Exception {
        List<WholePart> parts = of(kept).session("20260302t090000-00000001");
        assertEquals(
                List.of(KeptSessions.TOOL, KeptSessions.OTHER),
                parts.stream().map(WholePart::tool).toList());
        WholePart part = parts.get(0);
        assertEquals(2, part.summary().revision());
        assertEquals(
                List.of(
                        KeptSessions.stroke(2, true, 100, 5.5, "20260302t090000-00000001"),
                        KeptSessions.stroke(1, true, 400, 7.5, "20260302t090000-00000001")),
                part.strokes());
        assertEquals(List.of(KeptSessions.spot()), part.spots());
        assertEquals(
                List.of(AlertMessage.Phase.BEGIN, AlertMessage.Phase.END),
                part.alerts().stream().map(AlertMessage::phase).toList());
        assertEquals(List.of(), parts.get(1).strokes());
        assertEquals(List.of(), of(kept).session("20260302t090000-0000000f"));
        assertEquals(List.of(), of(kept).session("' or 1 = 1 --"));
    }

    @ParameterizedTest
    @EnumSource
    void noPeakVanishesAndNoGapIsBridged(Kept kept) throws Exception {
        Trace trace = of(kept).trace(KeptSessions.TOOL, KeptSessions.START, KeptSessions.START.plusSeconds(60), 12);
        assertEquals(5_000_000, trace.stepUs());
        List<Trace.Point> expected = new ArrayList<>();
        for (int second = 0; second < 60; second += 5) {
            long atUs = KeptSessions.us(KeptSessions.START) + second * 1_000_000L;
            double lowN = second % 10;
            if (second == 20) {
                expected.add(new Trace.Point(atUs, 0, null, null, null));
            } else if (second == 45) {
                // The sample of 5.00 N is the invalid one.
                expected.add(new Trace.Point(atUs, 500, 5.01, 9.99, 7.5));
            } else if (second != 25) {
                expected.add(new Trace.Point(atUs, 500, lowN, lowN + 4.99, lowN + 2.495));
            }
        }
        assertEquals(expected, trace.points());
    }

    @ParameterizedTest
    @EnumSource
    void weeksOfOnePersonAreOfTheirSessionsAlone(Kept kept) throws Exception {
        Instant end = KeptSessions.START.plus(Duration.ofDays(42));
        Trace ada = of(kept).trace(KeptSessions.TOOL, KeptSessions.PERSON, KeptSessions.START, end, 1000);
        assertEquals(1, ada.points().size(), ada.toString());
        assertEquals(5000, ada.points().get(0).samples());
        assertEquals(9.99, ada.points().get(0).maxN());
        Trace other = of(kept).trace(KeptSessions.TOOL, "p-2", KeptSessions.START.plusSeconds(59), end, 1000);
        assertEquals(101, other.points().get(0).samples(), "also when the session began before");
        assertEquals(
                List.of(),
                of(kept).trace(KeptSessions.TOOL, "p-3", KeptSessions.START, end, 1000)
                        .points());
    }

    @Test
    void pointsOfOneTimeAreOne() {
        Trace.Point one = new Trace.Point(5, 30, 1.0, 4.0, 2.0);
        assertEquals(new Trace.Point(5, 40, 0.5, 4.0, 1.75), one.and(new Trace.Point(5, 10, 0.5, 1.5, 1.0)));
        Trace.Point invalid = new Trace.Point(5, 2, null, null, null);
        assertEquals(new Trace.Point(5, 32, 1.0, 4.0, 2.0), one.and(invalid));
        assertEquals(new Trace.Point(5, 32, 1.0, 4.0, 2.0), invalid.and(one));
    }

    @ParameterizedTest
    @EnumSource
    void gapsAreFoundAlsoWhenNothingIsKept(Kept kept) throws Exception {
        Instant end = KeptSessions.START.plusSeconds(60);
        assertEquals(
                List.of(new Gap(KeptSessions.START.plusSeconds(20), KeptSessions.START.plusSeconds(30))),
                of(kept).gaps(KeptSessions.TOOL, KeptSessions.START, end));
        assertEquals(
                List.of(new Gap(KeptSessions.START, end)), of(kept).gaps(KeptSessions.OTHER, KeptSessions.START, end));
    }

    /** A minute whole, then two with holes of all lengths; times of each sample in {@link #HOLEY_US}. */
    private static List<JournalEntry> holey() {
        Random random = new Random(5);
        List<JournalEntry> entries = new ArrayList<>();
        entries.add(
                new JournalEntry.Boot(HOLEY.tool(), 0xB00, BootClock.ofOffset(Json.usOf(KeptSessions.START)), false));
        long timeUs = 0;
        while (timeUs < 180_000_000) {
            entries.add(new JournalEntry.Samples(
                    HOLEY.tool(),
                    0xB00,
                    timeUs / 10_000,
                    timeUs,
                    Json.usOf(KeptSessions.START) + timeUs,
                    10_000,
                    0,
                    0,
                    new short[20],
                    new byte[20]));
            for (int i = 0; i < 20; i++, timeUs += 10_000) {
                HOLEY_US.add(Json.usOf(KeptSessions.START) + timeUs);
            }
            if (timeUs > 60_000_000 && random.nextInt(20) == 0) {
                timeUs += 10_000 * random.nextInt(3, random.nextBoolean() ? 25 : 700);
            }
        }
        return entries;
    }

    @ParameterizedTest
    @EnumSource
    void noGapIsMissedAndNoneIsMadeUp(Kept kept) throws Exception {
        Random random = new Random(6);
        for (int i = 0; i < 40; i++) {
            long fromUs = Json.usOf(KeptSessions.START) + random.nextInt(150_000) * 1000L;
            long toUs = fromUs + 1000L * random.nextInt(1000, i % 2 == 0 ? 5000 : 180_000);
            List<Gap> expected = new ArrayList<>();
            long lastUs = fromUs;
            for (long us : HOLEY_US) {
                if (us >= fromUs && us < toUs) {
                    if (us - lastUs >= 200_000) {
                        expected.add(new Gap(upToTenth(lastUs, fromUs), Json.instantOfUs(us)));
                    }
                    lastUs = us;
                }
            }
            if (toUs - lastUs >= 200_000) {
                expected.add(new Gap(upToTenth(lastUs, fromUs), Json.instantOfUs(toUs)));
            }
            assertEquals(
                    expected,
                    of(kept).gaps(HOLEY, Json.instantOfUs(fromUs), Json.instantOfUs(toUs)),
                    fromUs + " to " + toUs);
        }
    }

    /** The sample lasts until then, to 0.1 s; where there was none, from the beginning. */
    private static Instant upToTenth(long lastUs, long fromUs) {
        return Json.instantOfUs(lastUs == fromUs ? fromUs : lastUs / 100_000 * 100_000 + 100_000);
    }

    @ParameterizedTest
    @EnumSource
    void atLastEverySampleIsShown(Kept kept) throws Exception {
        Trace trace = of(kept).trace(
                        KeptSessions.TOOL,
                        KeptSessions.START.plusMillis(44_980),
                        KeptSessions.START.plusMillis(45_030),
                        1000);
        assertEquals(0, trace.stepUs());
        assertEquals(
                List.of(4.98, 4.99),
                trace.points().stream().limit(2).map(Trace.Point::maxN).toList());
        assertEquals(
                new Trace.Point(KeptSessions.us(KeptSessions.START) + 45_000_000, 1, null, null, null),
                trace.points().get(2));
        assertEquals(5, trace.points().size());
        Trace across = of(kept).trace(
                        KeptSessions.TOOL,
                        KeptSessions.START.plusMillis(19_980),
                        KeptSessions.START.plusMillis(30_010),
                        2000);
        assertEquals(
                List.of(9.98, 9.99, 0.0),
                across.points().stream()
                        .filter(point -> point.samples() > 0)
                        .map(Trace.Point::minN)
                        .toList());
        assertEquals(
                KeptSessions.us(KeptSessions.START) + 20_000_000,
                across.points().get(2).utcUs(),
                "the gap begins where the next sample is due");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotKeptIsNothing(Kept kept) throws Exception {
        Instant later = KeptSessions.START.plus(Duration.ofDays(1));
        assertEquals(
                List.of(),
                of(kept).trace(KeptSessions.TOOL, later, later.plusSeconds(60), 100)
                        .points());
        assertEquals(
                List.of(),
                of(kept).trace(
                                new ToolName("else", "where", "tool-1"),
                                KeptSessions.START,
                                KeptSessions.START.plusSeconds(60),
                                100)
                        .points());
        assertThrows(
                IllegalArgumentException.class,
                () -> of(kept).trace(KeptSessions.TOOL, later, KeptSessions.START, 100));
    }

    @Test
    void whatCannotBeAskedIsSaid() throws Exception {
        HistoryException missing = assertThrows(
                HistoryException.class,
                () -> SessionHistory.ofJournal(folder.resolve("none"), "home", "room")
                        .sessions(KeptSessions.START, KeptSessions.START.plusSeconds(1)));
        assertTrue(missing.getMessage().contains("none"), missing.getMessage());
        try (SessionHistory away = SessionHistory.ofInflux(
                new InfluxServer.V1("http://127.0.0.1:" + Program.freePort(), "lightstroke", null, null, null))) {
            HistoryException silent = assertThrows(
                    HistoryException.class, () -> away.sessions(KeptSessions.START, KeptSessions.START.plusSeconds(1)));
            assertTrue(
                    silent.getMessage().startsWith("database lightstroke at http://127.0.0.1:"), silent.getMessage());
        }
        try (SessionHistory wrong =
                SessionHistory.ofInflux(new InfluxServer.V1(server.url(), "another", null, null, null))) {
            HistoryException unknown = assertThrows(
                    HistoryException.class,
                    () -> wrong.sessions(KeptSessions.START, KeptSessions.START.plusSeconds(1)));
            assertTrue(unknown.getMessage().contains("database not found"), unknown.getMessage());
        }
    }
}

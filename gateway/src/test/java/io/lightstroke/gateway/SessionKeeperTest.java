package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionRecorder;
import io.lightstroke.gateway.session.SessionState.Moment;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One tool's session by hand; its samples lie at 1 000 s UTC, where the wall clock shows 2 000 s. */
class SessionKeeperTest {
    private static final PressureLimits LIMITS = new PressureLimits("test", 300, 650, 900, 1400);
    private static final long BOOT = 7;
    private static final long SECOND_US = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Nobody listens there. */
    private final LivePublisher live =
            new LivePublisher(new MqttServer("tcp://127.0.0.1:9"), new Topics("home", "room"), "test");

    private final List<String> partlySeen = new ArrayList<>();
    private final Engine engine = new Engine(LIMITS);
    private final SessionRecorder recorder = new SessionRecorder("left", engine, LIMITS, null, partlySeen::add);
    private long nanos;

    @SuppressWarnings("NullAway.Init")
    private Journal journal;

    @SuppressWarnings("NullAway.Init")
    private SessionKeeper keeper;

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder);
        keeper = new SessionKeeper(
                engine,
                recorder,
                journal,
                live,
                Clock.fixed(Instant.ofEpochSecond(2_000), ZoneOffset.UTC),
                () -> nanos);
    }

    @AfterEach
    void close() {
        journal.close();
        live.close();
    }

    private static Moment at(long seconds) {
        return new Moment(BOOT, seconds * 100, (1_000 + seconds) * SECOND_US);
    }

    private void passed(Duration time) {
        nanos += time.toNanos();
    }

    private List<JournalEntry.Order> orders() {
        assertTrue(journal.flush(Duration.ofSeconds(20)));
        return journal.lastOrders("left", 100);
    }

    @Test
    void anOrderInADropoutIsTimedByTheTool() {
        keeper.begins(at(0));
        keeper.judged(at(1));
        passed(Duration.ofSeconds(3));
        assertNull(keeper.order(new Order.NextSpot(running(), null)));
        assertEquals(1_004 * SECOND_US, orders().get(1).utcUs());
        keeper.judged(at(5));
        keeper.end();
        assertEquals(1_005 * SECOND_US, orders().get(2).utcUs());
    }

    /** Holds 2 N from one second to the other. */
    private void hold(long from, long to) {
        for (long first = from * 100; first < to * 100; first += 25) {
            short[] forceCn = new short[25];
            Arrays.fill(forceCn, (short) 200);
            keeper.begins(new Moment(BOOT, first, 1_000 * SECOND_US + first * 10_000));
            engine.accept(BOOT, first, first * 10_000, 10_000, false, forceCn);
            keeper.judged(new Moment(BOOT, first + 25, 1_000 * SECOND_US + (first + 25) * 10_000));
        }
    }

    private String running() {
        return Objects.requireNonNull(keeper.session()).id();
    }

    @Test
    void whatNobodyStartedEndsAfterAnHourAtRestAndAnotherFollows() {
        keeper.begins(at(0));
        String first = running();
        keeper.begins(at(3_599));
        assertEquals(first, running());
        keeper.begins(at(3_600));
        assertEquals("unassigned-left-00000007-360000", running());
        List<JournalEntry.Order> orders = orders();
        assertTrue(orders.get(1).json().contains("LENGTH"), orders.toString());
        assertEquals(orders.get(1).index(), orders.get(2).index());
    }

    @Test
    void whatNobodyStartedDoesNotEndInContactBeforeTwoHours() {
        keeper.begins(at(0));
        String first = running();
        hold(3_590, 3_601);
        assertEquals(first, running());
        keeper.begins(at(7_199));
        assertEquals(first, running());
        keeper.begins(at(7_200));
        assertNotEquals(first, running());
    }

    private void restart() throws Exception {
        journal.close();
        open();
    }

    @Test
    void anEndWithoutItsSummaryWantsDerivingAtTheNextStart() throws Exception {
        Order.Start lost = recorder.unassigned(BOOT, 0);
        Order.End end = new Order.End(lost.session(), Order.By.RESTART, null);
        journal.append(List.of(
                new JournalEntry.Order("left", BOOT, 0, 1_000 * SECOND_US, lost.json()),
                new JournalEntry.Order("left", BOOT, 50, 1_001 * SECOND_US, end.json())));
        keeper.begins(at(2));
        keeper.judged(at(3));
        keeper.end();
        restart();
        try (JournalReader reader = JournalReader.open(folder)) {
            keeper.takeUp(reader);
        }
        assertEquals(List.of(lost.session()), partlySeen, "and not the one that has its summary");
    }

    @Test
    void whatCannotBeTakenUpIsOver() throws Exception {
        String session = "20260301t093000-7f3a9c01";
        Order.Start start = new Order.Start(
                session,
                List.of("left"),
                "p-7",
                "calf",
                "left",
                "standard",
                1.0,
                0,
                LIMITS,
                Phase.TREAT,
                false,
                true,
                true,
                null,
                "g",
                "f",
                new Caps(10, 15, 180, 900));
        journal.append(List.of(
                new JournalEntry.Boot("left", BOOT, BootClock.ofOffset(1_900 * SECOND_US), false),
                new JournalEntry.Order("left", BOOT, 0, 1_900 * SECOND_US, start.json()),
                new JournalEntry.ToolEvent("left", BOOT, 0, 10, 1_900 * SECOND_US, new byte[40])));
        restart();
        try (JournalReader reader = JournalReader.open(folder)) {
            keeper.takeUp(reader);
        }
        assertNull(keeper.session());
        assertNull(recorder.state());
        assertEquals(List.of(session), partlySeen);
        List<JournalEntry.Order> orders = orders();
        assertTrue(orders.get(orders.size() - 1).json().contains("RESTART"), orders.toString());
    }
}

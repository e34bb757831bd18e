package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.SetAside;
import io.lightstroke.gateway.journal.SinkAccount;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PumpTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Journal journal;
    private final Accepting sink = new Accepting();

    @BeforeEach
    void open() throws Exception {
        journal = Journal.open(folder);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void everythingIsDeliveredOnceAndInOrder() throws Exception {
        try (Pump pump = new Pump(journal, sink)) {
            for (int i = 0; i < 1000; i++) {
                assertTrue(journal.append(Entries.session("left", i)));
            }
            assertTrue(journal.flush(LIMIT));
            assertTrue(pump.drain(LIMIT));
            assertEquals(Optional.empty(), pump.problem());
        }
        assertTrue(sink.closed);
        assertEquals(2000, sink.accepted.size());
        for (int i = 1; i < 2000; i++) {
            assertEquals(
                    sink.accepted.get(i - 1).seq() + 1, sink.accepted.get(i).seq());
        }
        assertEquals(new SinkAccount(25_000, 25_000, 0, 0, 0), journal.account("test"));
    }

    @Test
    void whatIsNoLongerInTheJournalIsPassed() throws Exception {
        new Pump(journal, sink).close();
        journal.close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("update floor set seq = 1000");
        }
        journal = Journal.open(folder);
        assertEquals(1000, journal.lastSeq());
        try (Pump pump = new Pump(journal, sink)) {
            assertTrue(pump.drain(LIMIT));
            assertEquals(1000, journal.cursor("test"));
        }
        assertEquals(new SinkAccount(0, 0, 0, 0, 0), journal.account("test"));
    }

    @Test
    void whileTheSinkFailsTheCursorStaysAndThePumpSaysWhy() throws Exception {
        sink.failure = new SinkException("the other side is away", null);
        try (Pump pump = new Pump(journal, sink)) {
            journal.append(Entries.session("left", 0));
            await().atMost(LIMIT).until(() -> pump.problem().isPresent());
            assertEquals(Optional.of("the other side is away"), pump.problem());
            assertFalse(pump.drain(Duration.ofMillis(100)));
            assertEquals(new SinkAccount(25, 0, 25, 0, 0), journal.account("test"));

            sink.failure = null;
            assertTrue(pump.drain(LIMIT));
            assertEquals(Optional.empty(), pump.problem());
        }
        assertEquals(2, sink.accepted.size());
    }

    @Test
    void aSinkThatBreaksDoesNotEndThePump() throws Exception {
        sink.failure = new IllegalStateException("a bug");
        try (Pump pump = new Pump(journal, sink)) {
            journal.append(Entries.session("left", 0));
            await().atMost(LIMIT).until(() -> pump.problem().orElse("").contains("a bug"));
            sink.failure = null;
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
        }
        assertEquals(2, sink.accepted.size());
    }

    @Test
    void whatIsForTheJournalAloneHoldsNothingUp() throws Exception {
        try (Pump pump = new Pump(journal, sink)) {
            journal.append(Entries.session("left", 0));
            journal.append(Entries.forTheJournalAlone("left"));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
        }
        assertEquals(4, journal.cursor("test"));
        assertEquals(new SinkAccount(25, 25, 0, 0, 0), journal.account("test"));
    }

    @Test
    void whatIsSetAsideIsBookedAsThat() throws Exception {
        sink.refusedSamples = 3;
        try (Pump pump = new Pump(journal, sink)) {
            journal.append(Entries.session("left", 0));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
        }
        assertEquals(new SinkAccount(25, 22, 0, 3, 0), journal.account("test"));
    }

    /** In virtual time, which passes while the pump waits; a tool sends something all the while. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1M", "PT1H", "PT24H"})
    void howeverLongTheSinkIsAwayAllIsDeliveredInOrder(Duration away) throws Exception {
        sink.failure = new SinkException("away", null);
        AtomicLong nowMs = new AtomicLong();
        AtomicInteger sent = new AtomicInteger(1);
        AtomicLong longestMs = new AtomicLong();
        try (Pump pump = new Pump(journal, sink, waitMs -> {
            longestMs.accumulateAndGet(waitMs, Math::max);
            assertTrue(journal.append(Entries.session("left", sent.getAndIncrement())));
            if (nowMs.addAndGet(waitMs) >= away.toMillis()) {
                sink.failure = null;
            }
        })) {
            assertTrue(journal.append(Entries.session("left", 0)));
            await().atMost(LIMIT).until(() -> sink.failure == null);
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
            assertEquals(Optional.empty(), pump.problem());
        }
        assertTrue(nowMs.get() < away.toMillis() + 30_000 && longestMs.get() <= 30_000, "after " + nowMs + " ms");
        long samples = 25L * sent.get();
        assertEquals(new SinkAccount(samples, samples, 0, 0, 0), journal.account("test"));
        assertEquals(
                LongStream.rangeClosed(1, 2L * sent.get()).boxed().toList(),
                sink.accepted.stream().map(Numbered::seq).toList());
    }

    @Test
    void aNewPumpGoesOnWhereTheLastOneEnded() throws Exception {
        try (Pump pump = new Pump(journal, sink)) {
            journal.append(Entries.session("left", 0));
            assertTrue(journal.flush(LIMIT) && pump.drain(LIMIT));
        }
        journal.append(Entries.session("left", 1));
        journal.close();
        open();
        try (Pump pump = new Pump(journal, sink)) {
            assertTrue(pump.drain(LIMIT));
        }
        assertEquals(
                List.of(1L, 2L, 3L, 4L),
                sink.accepted.stream().map(Numbered::seq).toList());
    }

    @Test
    void waitsGrowFromATenthOfASecondToHalfAMinute() {
        Backoff backoff = new Backoff(30_000, new Random(1));
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waits.add(backoff.nextMs());
        }
        assertTrue(100 <= waits.get(0) && waits.get(0) <= 200, waits.toString());
        assertTrue(200 <= waits.get(1) && waits.get(1) <= 400, waits.toString());
        for (long wait : waits.subList(10, 20)) {
            assertTrue(15_000 <= wait && wait <= 30_000, waits.toString());
        }
        assertTrue(waits.subList(10, 20).stream().distinct().count() > 5, "no jitter: " + waits);
        backoff.reset();
        assertTrue(backoff.nextMs() <= 200);
    }

    private static final class Accepting implements Sink {
        final List<Numbered> accepted = new CopyOnWriteArrayList<>();
        volatile @Nullable Exception failure;
        volatile int refusedSamples;
        volatile boolean closed;

        @Override
        public String name() {
            return "test";
        }

        @Override
        public Delivery deliver(List<Numbered> entries) throws SinkException {
            if (failure instanceof SinkException away) {
                throw away;
            } else if (failure instanceof RuntimeException bug) {
                throw bug;
            }
            accepted.addAll(entries);
            return refusedSamples == 0
                    ? Delivery.COMPLETE
                    : new Delivery(List.of(new SetAside(entries.get(0).seq(), refusedSamples, "no")));
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}

package io.lightstroke.gateway.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.SinkAccount;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SinkWatchTest {
    private final SinkWatch watch = new SinkWatch("influx", Map.of("samples", new SinkAccount(100, 100, 0, 0, 0)), 0);

    private Health.Sink look(long second, long cursor, long lastSeq, SinkAccount account) {
        return watch.look(
                TimeUnit.SECONDS.toNanos(second),
                new SinkWatch.Seen(cursor, lastSeq, Map.of("samples", account), Optional.of(Instant.EPOCH)),
                Optional.empty());
    }

    @Test
    void whoGetsEachSecondWhatWasThereTheSecondBeforeIsNotBehind() {
        for (int second = 1; second <= 60; second++) {
            Health.Sink sink =
                    look(second, 10L * second - 5, 10L * second, new SinkAccount(1000, 100 + second, 50, 0, 0));
            assertEquals(0, sink.behindS());
            assertNull(sink.catchUp());
        }
    }

    @Test
    void whoGetsNothingIsBehindUntilAllIsThere() {
        look(1, 10, 10, new SinkAccount(110, 110, 0, 0, 0));
        Health.Sink soon = look(6, 10, 60, new SinkAccount(160, 110, 50, 0, 0));
        assertNull(soon.catchUp(), "too soon to tell");
        Health.Sink later = look(31, 10, 310, new SinkAccount(410, 110, 300, 0, 0));
        assertEquals(25, later.behindS(), "since it had what was there at the look before");
        assertEquals(Instant.EPOCH, later.oldestPending());
        assertEquals(0, Objects.requireNonNull(later.catchUp()).percent());
        Health.Sink halfway = look(32, 160, 320, new SinkAccount(420, 270, 150, 0, 0));
        assertEquals(50, Objects.requireNonNull(halfway.catchUp()).percent());
        Health.Sink done = look(33, 330, 330, new SinkAccount(430, 430, 0, 0, 0));
        assertEquals(0, done.behindS());
        assertNull(done.catchUp());
        assertNull(done.oldestPending());
    }

    @Test
    void whatWasDeliveredAndSetAsideBeforeTheStartProvesNothing() {
        SinkWatch later = new SinkWatch("mqtt", Map.of("samples", new SinkAccount(100, 90, 0, 10, 0)), 0);
        Health.Sink idle = later.look(
                1,
                new SinkWatch.Seen(5, 5, Map.of("samples", new SinkAccount(100, 90, 0, 10, 0)), Optional.empty()),
                Optional.empty());
        assertFalse(idle.proven());
        assertEquals(0, idle.setAsideSinceStart());
        Health.Sink used = later.look(
                2,
                new SinkWatch.Seen(6, 6, Map.of("samples", new SinkAccount(110, 97, 0, 13, 0)), Optional.empty()),
                Optional.empty());
        assertTrue(used.proven());
        assertEquals(3, used.setAsideSinceStart());
    }
}

package io.lightstroke.gateway.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final Backlog backlog = new Backlog("test");

    private Progress look(long second, long left) {
        return backlog.look(TimeUnit.SECONDS.toNanos(second), left).orElseThrow();
    }

    @Test
    void tellsHowMuchIsDoneAndWhenItWillBeOver() {
        assertNull(look(0, 500).leftS(), "nobody knows yet");
        assertEquals(new Progress(1000, 1000, 0, null), look(1, 1000), "it still grows");
        look(2, 900);
        Progress progress = look(11, 400);
        assertEquals(1000, progress.most());
        assertEquals(60, progress.percent());
        // 100 less than 11 s ago, of which it grew for one: the pace is that of the whole time.
        assertEquals(44, progress.leftS());
    }

    @Test
    void thePaceIsThatOfTheLastHalfMinute() {
        look(0, 10_000);
        look(100, 9_000);
        assertEquals(80, look(110, 8_000).leftS(), "1000 in 10 s");
    }

    @Test
    void beginsAnewAfterItsEnd() {
        look(0, 1000);
        look(1, 10);
        assertEquals(Optional.empty(), backlog.look(TimeUnit.SECONDS.toNanos(2), 0));
        assertEquals(new Progress(20, 20, 0, null), look(3, 20));
    }
}

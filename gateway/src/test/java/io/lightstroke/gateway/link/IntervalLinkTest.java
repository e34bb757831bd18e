package io.lightstroke.gateway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.bench.IntervalLink;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A simulated link, slowed down, does what it does. */
class IntervalLinkTest extends SimulatedLinkTest {
    @Override
    ToolLink open() {
        return new IntervalLink(super.open(), Duration.ofMillis(30));
    }

    @Test
    void nothingPassesBetweenTwoEvents() throws Exception {
        IntervalLink slow = new IntervalLink(new SimulatedLink(tools), Duration.ofMillis(700));
        try (slow;
                ToolConnection connection = slow.connect(address, Duration.ofSeconds(5))) {
            connection.read(Gatt.MODEL_NUMBER);
            long afterEventNanos = System.nanoTime();
            connection.writeWithoutResponse(Gatt.CUE, new Cue(Cue.Pattern.TICK, 1, 0).encode());
            assertEquals(0, slow.waitedMs().size(), "it returns at once");
            connection.read(Gatt.MODEL_NUMBER);
            long untilNextMs = (System.nanoTime() - afterEventNanos) / 1_000_000;
            assertTrue(untilNextMs > 350, "two reads within one interval: " + untilNextMs);
            Awaitility.await().until(() -> slow.waitedMs().size() == 1);
        }
    }
}

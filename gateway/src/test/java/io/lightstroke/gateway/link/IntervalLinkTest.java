package io.lightstroke.gateway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.bench.IntervalLink;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.Gatt;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class IntervalLinkTest extends ToolLinkContractTest {
    private SimulatedLink simulated;

    @Override
    ToolLink open() {
        simulated = new SimulatedLink(tools);
        return new IntervalLink(simulated, Duration.ofMillis(30));
    }

    @Override
    void drop(String address) {
        simulated.drop(address);
    }

    @Override
    void silence(String address, boolean silent) {
        simulated.silence(address, silent);
    }

    @Override
    void remove(String address) {
        simulated.drop(address);
    }

    @Override
    void hangConnect(String address, boolean hang) {
        simulated.hangConnect(address, hang);
    }

    @Override
    void leaveConnected(String address) throws Exception {
        ToolConnection unused = simulated.connect(address, Duration.ofSeconds(1));
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

package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.lightstroke.gateway.RecoveryLadder.Rung;
import io.lightstroke.gateway.link.ToolLink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecoveryLadderTest {
    private final RecoveryLadder ladder = new RecoveryLadder("left");

    private List<Rung> failures(int count) {
        return IntStream.range(0, count).mapToObj(i -> ladder.failed()).toList();
    }

    @Test
    void eachStepIsHarderThanTheOneBefore() {
        assertEquals(List.of(Rung.NONE, Rung.FORGET, Rung.POWER_CYCLE, Rung.NONE, Rung.ALARM), failures(5));
    }

    @Test
    void goesOnAfterTheAlarm() {
        failures(5);
        List<Rung> later = failures(12);
        assertEquals(2, later.stream().filter(Rung.POWER_CYCLE::equals).count(), later.toString());
        assertEquals(2, later.stream().filter(Rung.FORGET::equals).count(), later.toString());
    }

    @Test
    void aToolThatStreamsBeginsBelow() {
        failures(4);
        ladder.streams();
        assertEquals(List.of(Rung.NONE, Rung.FORGET), failures(2));
    }

    @Test
    void whatIsNotHeardIsAwayUnlessItStreamedBefore() {
        assertEquals(Rung.NONE, ladder.unheard(Duration.ofSeconds(59)));
        assertEquals(Rung.POWER_CYCLE, ladder.unheard(Duration.ofSeconds(61)));
        assertEquals(Rung.NONE, ladder.unheard(Duration.ofMinutes(11)));
        assertEquals(Rung.POWER_CYCLE, ladder.unheard(Duration.ofMinutes(12)));
    }

    @Test
    void countsWhatWasTaken() {
        ladder.taken(Rung.RECONNECT, "silent");
        ladder.taken(Rung.POWER_CYCLE, "stuck");
        ladder.taken(Rung.RECONNECT, "silent");
        assertEquals(Map.of("reconnect", 2L, "power_cycle", 1L), ladder.counts());
    }

    @Test
    void theAdapterIsNotSwitchedWhileAToolStreamsNorTwiceInARow() throws Exception {
        ToolLink link = mock(ToolLink.class);
        AtomicBoolean streams = new AtomicBoolean(true);
        AdapterPower power = new AdapterPower(link, streams::get);
        assertFalse(power.cycle());
        streams.set(false);
        assertTrue(power.cycle());
        assertFalse(power.cycle());
        verify(link, times(1)).powerCycle();
    }
}

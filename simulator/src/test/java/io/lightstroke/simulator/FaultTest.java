package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.simulator.Fault.Kind;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FaultTest {
    private static final long S = 1_000_000;

    @Test
    void theWordsOfSeveralAreReadWithTheirUnits() {
        assertEquals(
                List.of(
                        new Fault(Kind.DROP, 0.05, 30 * S, 10 * S, 0),
                        new Fault(Kind.SHORT_MTU, 40, 0, Fault.EVER, 0),
                        new Fault(Kind.CLOCK_JUMP, -2, 20 * S, Fault.EVER, 0),
                        new Fault(Kind.SILENCE, 0, S / 2, 2 * 60 * S, 180 * S),
                        new Fault(Kind.CLOCK_DRIFT, -150.5, 0, Fault.EVER, 0),
                        new Fault(Kind.REBOOT, 0, 60 * S, 0, 60 * S)),
                Fault.parse("drop=5%@30s+10s, short-mtu=40,clock-jump=-2s@20s, silence@500ms+2m/180s,"
                        + "clock-drift=-150.5ppm, reboot@60s/60s"));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void eachKindNeedsItsNameOnlyAndWritesWhatItReads(Kind kind) {
        Fault usual = Fault.parse(kind.toString()).get(0);
        assertEquals(kind, usual.kind());
        assertEquals(List.of(usual), Fault.parse(usual.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dropp | fault: want one of link-loss, drop, silence, corrupt, duplicate, reorder, short-mtu, wrong-crc,"
                        + " wrong-count, clock-drift, clock-jump, reboot, low-battery, saturated, untared, store-overflow,"
                        + " refused-op, slow-answers, spoofed-twin, got dropp",
                "drop=150% | drop: want a share like 5% or 0.05, 0 to 1, got 1.5",
                "drop=5s | drop: want a share like 5% or 0.05, got 5s",
                "short-mtu=40.5 | short-mtu: want a whole number, 23 to 517, got 40.5",
                "silence=3 | silence: want no value, got 3",
                "silence@ten | silence: want a time like 2s, 500ms or -1m, got ten",
                "silence@5s+0s | silence: want a length of more than 0 s, got 0 us",
                "silence@-5s | silence: want a beginning of 0 s or more, got -5000000 us",
                "silence@5s+10s/10s | silence: want it to come again after its length, got a length of 10s and again after 10s",
                "reboot@5s+1s | reboot: want no length, it happens at an instant",
                "drop,,reorder | fault: want NAME[=VALUE][@FROM[+LENGTH][/EVERY]] or seed-N, got ''",
                "drop@ | fault: want NAME[=VALUE][@FROM[+LENGTH][/EVERY]] or seed-N, got 'drop@'"
            })
    void whatIsWrongIsSaid(String words, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Fault.parse(words))
                        .getMessage());
    }

    @Test
    void itComesAgainWhereItIsSaidSo() {
        Fault fault = Fault.parse("silence@10s+2s/5s").get(0);
        assertEquals(
                List.of(10L, 11L, 15L, 16L, 20L, 21L),
                LongStream.range(0, 23)
                        .filter(s -> fault.inForce(s * S))
                        .boxed()
                        .toList());
        assertEquals(
                List.of(0L, 10L, 12L, 15L, 17L),
                LongStream.iterate(0, us -> us < 20 * S, fault::changesUs)
                        .mapToObj(us -> us / S)
                        .toList());
        assertEquals(5 * S, fault.inForceUs(21 * S));
    }

    @Test
    void aSeedDrawsTheSameListEachTimeAndOthersForOthers() {
        assertEquals(Fault.parse("seed-7"), Fault.parse(" seed-7 "));
        assertNotEquals(Fault.parse("seed-7"), Fault.parse("seed-8"));
        for (int seed = 0; seed < 200; seed++) {
            List<Fault> drawn = Fault.parse("seed-" + seed);
            assertTrue(drawn.size() >= 2 && drawn.size() <= 5, drawn::toString);
            assertEquals(
                    drawn.size(), drawn.stream().map(Fault::kind).distinct().count());
        }
    }
}

package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TransportDelayTest {
    private static final long CLOCKS_APART_US = 123_456_789;

    private final TransportDelay delay = new TransportDelay();

    /** A frame whose last sample is of {@code ms}, arriving {@code tookUs} later by another clock. */
    private long us(long ms, long tookUs) {
        return delay.ofFrameUs((CLOCKS_APART_US + ms * 1000 + tookUs) * 1000, ms * 1000);
    }

    @Test
    void isWhatAFrameTookBeyondTheFastestSoFar() {
        assertEquals(0, us(0, 9_000));
        assertEquals(3_000, us(50, 12_000));
        assertEquals(0, us(100, 4_000));
        assertEquals(8_000, us(150, 12_000));
    }

    @Test
    void theFastestIsForgottenAfterAMinute() {
        us(500, 1_000);
        for (long ms = 1_500; ms < 60_000; ms += 500) {
            assertEquals(4_000, us(ms, 5_000));
        }
        assertEquals(0, us(61_500, 5_000));
    }

    @Test
    void aLongSilenceForgetsAll() {
        us(0, 1_000);
        assertEquals(0, us(10_000_000, 50_000));
    }

    @Test
    void anotherConnectionBeginsAnew() {
        us(0, 1_000);
        delay.restart();
        assertEquals(0, us(50, 30_000));
    }
}

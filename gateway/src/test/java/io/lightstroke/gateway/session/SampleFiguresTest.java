package io.lightstroke.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SampleFiguresTest {
    private final SampleFigures figures = new SampleFigures(7, 100);

    @Test
    void whatIsMissingLowersTheCompletenessUntilItComesLate() {
        figures.came(7, 100, 50, 0);
        figures.came(7, 175, 25, 0);
        assertEquals(75, figures.completenessPercent());
        assertTrue(figures.cameLate(7, 150, 25));
        assertEquals(100, figures.completenessPercent());
    }

    @Test
    void theEndOfABootThatComesLateIsExpectedToo() {
        figures.came(7, 100, 50, 0);
        figures.came(8, 0, 50, 0);
        assertTrue(figures.cameLate(7, 150, 30));
        assertEquals(100, figures.completenessPercent());
        assertFalse(figures.cameLate(7, 50, 50), "before the session");
        assertFalse(figures.cameLate(6, 150, 50), "of a boot before the session");
    }
}

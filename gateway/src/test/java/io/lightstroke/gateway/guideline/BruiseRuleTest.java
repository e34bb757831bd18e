package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BruiseRuleTest {
    private static final BruiseRule RULE = Guideline.builtIn().bruises();

    /** b: bruised, .: not; newest last. */
    private static List<Boolean> history(String sessions) {
        return sessions.chars().mapToObj(session -> session == 'b').toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0, false",
        "b, 1, false",
        "b., 1, false",
        "b.., 0, false",
        "bb, 2, true",
        "b.b, 2, true",
        ".bb, 2, true",
        "bb., 2, true",
        "bb.., 0, false", // only one of the last three
        "b..b, 1, false",
        "b.b.b, 3, true",
        "bbb, 3, true",
        "b.b.., 0, false",
        "bbbbbb, 6, true",
        "bb...b., 1, false"
    })
    void bruisesCountUntilTwoSessionsWithoutOne(String sessions, int counted, boolean tooDeep) {
        assertEquals(counted, RULE.counted(history(sessions)));
        assertEquals(tooDeep, RULE.tooDeep(history(sessions)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0.85", "2, 0.7225", "3, 0.614125", "4, 0.52200625", "5, 0.5", "50, 0.5"})
    void eachLowersTheLimitsDownToHalf(int bruises, BigDecimal factor) {
        assertEquals(0, factor.compareTo(RULE.factor(bruises)));
    }

    @Test
    void longHistoriesAreQuick() {
        assertEquals(1_000_000, RULE.counted(java.util.Collections.nCopies(1_000_000, true)));
    }
}

package io.lightstroke.gateway.guideline;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PressureLimitsTest {
    @ParameterizedTest
    @CsvSource({"300, 650, 900, 1400", "180, 390, 540, 840", "51, 52, 53, 54", "1397, 1398, 1399, 1400"})
    void ascendingLimitsUpTo14NewtonsAreTaken(int light, int moderate, int tooDeep, int ceiling) {
        assertDoesNotThrow(() -> new PressureLimits("x", light, moderate, tooDeep, ceiling));
    }

    @ParameterizedTest
    @CsvSource({
        "50, 650, 900, 1400", // light is not above contact
        "650, 650, 900, 1400",
        "300, 900, 900, 1400",
        "300, 650, 1400, 1400",
        "650, 300, 900, 1400",
        "300, 650, 900, 1401", // above 14 N
        "-300, 650, 900, 1400"
    })
    void othersAreRefused(int light, int moderate, int tooDeep, int ceiling) {
        assertEquals(
                "limits x: want 0.5 < light < moderate < too deep < ceiling <= 14.0 N, by 0.01 N or more, got %s, %s, %s, %s"
                        .formatted(light / 100.0, moderate / 100.0, tooDeep / 100.0, ceiling / 100.0),
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new PressureLimits("x", light, moderate, tooDeep, ceiling))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({"6, 30, 200", "14, 28, 500", "0, 30, 0"})
    void kilopascalsAre1000NewtonsOverSquareMillimetres(double newtons, double edgeMm2, double kilopascals) {
        assertEquals(kilopascals, PressureLimits.kilopascals(newtons, edgeMm2), 1e-9);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void anEdgeHasAnArea(double edgeMm2) {
        assertEquals(
                "edge area: want mm² above 0, got " + edgeMm2,
                assertThrows(IllegalArgumentException.class, () -> PressureLimits.kilopascals(1, edgeMm2))
                        .getMessage());
    }
}

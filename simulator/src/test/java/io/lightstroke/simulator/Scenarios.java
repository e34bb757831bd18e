package io.lightstroke.simulator;

import java.util.List;

/** Scenarios without chance, for exact expectations: no noise, drift, tremor or spread unless given. */
final class Scenarios {
    static final Scenario.Sensor SENSOR = new Scenario.Sensor(16, 1000, 30, 0, 0, 0);
    static final Scenario.Battery BATTERY = new Scenario.Battery(90, 0);

    private Scenarios() {}

    /** From {@code firstS} on presses with {@code peakN} for {@code strokeS}, then pauses; edges without slope. */
    static Scenario pressing(Scenario.Sensor sensor, double firstS, double peakN, double strokeS, double pauseS) {
        return new Scenario(
                "pressing",
                "the same stroke again and again",
                1,
                sensor,
                BATTERY,
                new Scenario.Person(firstS, 0, 10, 0),
                List.of(stroke(peakN, strokeS, pauseS)));
    }

    static Scenario pressing(double firstS, double peakN, double strokeS, double pauseS) {
        return pressing(SENSOR, firstS, peakN, strokeS, pauseS);
    }

    /** Nobody touches the tool. */
    static Scenario resting(Scenario.Sensor sensor, Scenario.Battery battery) {
        return new Scenario(
                "resting",
                "nobody touches the tool",
                1,
                sensor,
                battery,
                new Scenario.Person(1_000_000, 0, 10, 0),
                List.of(stroke(1, 1, 1)));
    }

    /** Nobody touches the tool, whose clock is wrong. */
    static Scenario drifting(double ppm) {
        Scenario resting = resting(SENSOR, BATTERY);
        return new Scenario(
                "drifting",
                "a clock that drifts",
                1,
                1,
                Scenario.DEFAULT_LIMITS,
                false,
                SENSOR,
                BATTERY,
                new Scenario.Clock(ppm),
                resting.person(),
                resting.steps(),
                List.of());
    }

    static Scenario.Step stroke(double peakN, double strokeS, double pauseS) {
        return new Scenario.Step(
                "calf", Scenario.Phase.TREAT, new Scenario.Repeat(1, null), peakN, 0, strokeS, 0, 0, pauseS, 0);
    }
}

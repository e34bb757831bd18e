package io.lightstroke.simulator;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The sensor between the skin and the firmware: adds its offset, its drift and, per reading, its noise, and saturates.
 * Not thread-safe; read with times that do not go back.
 */
final class ForceSensor {
    /** The drift swings to and fro in this time, so that it stays bounded however long the tool runs. */
    private static final double DRIFT_PERIOD_S = 600;

    private final ForceCurve curve;
    private final Scenario.Sensor sensor;
    private final double driftN;
    private final Random noise;

    ForceSensor(Scenario scenario, long seed) {
        curve = new ForceCurve(scenario, seed);
        sensor = scenario.sensor();
        driftN = sensor.driftNPerMin() / 60 * DRIFT_PERIOD_S / (2 * Math.PI);
        noise = ForceCurve.randomOf(scenario, ~seed);
    }

    /** Newtons from the sensor's own zero, within its range. */
    double readN(long timeUs) {
        double swing = driftN * StrictMath.sin(2 * Math.PI * (timeUs / 1e6) / DRIFT_PERIOD_S);
        double warmth = (1 - StrictMath.cos(Math.PI * Math.min(1, timeUs / 1e6 / sensor.driftOverS()))) / 2;
        double zeroN = sensor.offsetN() + swing + sensor.driftN() * warmth;
        double read = curve.forceN(timeUs) + zeroN + noise.nextGaussian() * sensor.noiseN();
        return Math.min(sensor.rangeN(), Math.max(-sensor.rangeN(), read));
    }

    /** Of the stroke that was read last; null without a motion sensor. */
    PlannedStroke.@Nullable Motion motion() {
        return curve.motion();
    }

    /** The most that it reads. */
    double limitN() {
        return sensor.rangeN();
    }

    boolean saturated(double readN) {
        return Math.abs(readN) >= sensor.rangeN();
    }
}

package io.lightstroke.simulator;

import java.util.Random;

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
        double drift = driftN * StrictMath.sin(2 * Math.PI * (timeUs / 1e6) / DRIFT_PERIOD_S);
        double read = curve.forceN(timeUs) + sensor.offsetN() + drift + noise.nextGaussian() * sensor.noiseN();
        return Math.min(sensor.rangeN(), Math.max(-sensor.rangeN(), read));
    }

    boolean saturated(double readN) {
        return Math.abs(readN) >= sensor.rangeN();
    }
}

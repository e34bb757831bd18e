package io.lightstroke.simulator;

/**
 * How newtons follow from what the sensor reads; kept over reboots.
 *
 * @param number u32
 * @param zeroN read by the sensor without a load
 * @param scale newtons for each that the sensor reads from there
 */
record Calibration(long number, double zeroN, double scale) {
    /** As the sensor comes. */
    static final Calibration FACTORY = new Calibration(1, 0, 1);

    double forceN(double readN) {
        return (readN - zeroN) * scale;
    }

    double readN(double forceN) {
        return forceN / scale + zeroN;
    }

    /** The next one, by which {@code loadedN} of the sensor is {@code referenceN}. */
    Calibration next(double unloadedN, double loadedN, double referenceN) {
        return new Calibration((number + 1) & 0xFFFF_FFFFL, unloadedN, referenceN / (loadedN - unloadedN));
    }
}

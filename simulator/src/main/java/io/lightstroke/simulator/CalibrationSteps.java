package io.lightstroke.simulator;

import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest.CalibrationStep;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One calibration step by step, until it is committed, cancelled or forgotten; what the sensor reads is passed in. Not thread-safe. */
final class CalibrationSteps {
    private static final int LEAST_MN = 1_000;
    private static final int MOST_MN = 20_000;
    /** A sensor is not further off than by this factor. */
    private static final double MOST_OFF = 2;

    private static final long FORGOTTEN_AFTER_US = 300_000_000;

    private @Nullable CalibrationStep reached;
    private long reachedUs;
    private double unloadedN;
    private double loadedN;
    private double referenceN;

    boolean running(long nowUs) {
        return reached != null && nowUs - reachedUs < FORGOTTEN_AFTER_US;
    }

    void forget() {
        reached = null;
    }

    /**
     * Begins, or measures.
     *
     * @param readN mean of what the sensor reads, while the force does not move
     */
    Result take(CalibrationStep step, int referenceMn, OptionalDouble readN, boolean saturated, long nowUs) {
        if (step == CalibrationStep.REFERENCE && (referenceMn < LEAST_MN || referenceMn > MOST_MN)) {
            return Result.BAD_PARAMETER;
        } else if (step != CalibrationStep.BEGIN) {
            if (!follows(step, nowUs) || readN.isEmpty()) {
                return Result.BUSY_OR_WRONG_STATE;
            } else if (saturated) {
                return Result.SENSOR_FAULT;
            } else if (step == CalibrationStep.ZERO) {
                unloadedN = readN.getAsDouble();
            } else {
                double share = (readN.getAsDouble() - unloadedN) * 1000 / referenceMn;
                if (share < 1 / MOST_OFF || share > MOST_OFF) {
                    return Result.BAD_PARAMETER;
                }
                loadedN = readN.getAsDouble();
                referenceN = referenceMn / 1000.0;
            }
        }
        reached = step;
        reachedUs = nowUs;
        return Result.OK;
    }

    /** Each step may be repeated, and done again after a later one. */
    private boolean follows(CalibrationStep step, long nowUs) {
        return running(nowUs) && reached != null && reached.ordinal() >= step.ordinal() - 1;
    }

    /** Whether there is all that a commit needs. */
    boolean complete(long nowUs) {
        return running(nowUs) && reached == CalibrationStep.REFERENCE;
    }

    Calibration commit(Calibration before) {
        forget();
        return before.next(unloadedN, loadedN, referenceN);
    }
}

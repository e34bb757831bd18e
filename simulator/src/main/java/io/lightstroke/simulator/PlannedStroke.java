package io.lightstroke.simulator;

import org.jspecify.annotations.Nullable;

/**
 * One stroke of the simulated person, as it is meant: the ground truth beside a tool's samples. Times are microseconds
 * since the tool's power-on.
 *
 * @param startUs the force leaves zero
 * @param riseUs how long it rises
 * @param plateauUs how long it stays
 * @param fallUs how long it falls
 * @param peakN the plateau, tremor aside
 * @param tremorN amplitude of the tremor on the plateau
 * @param tremorHz its frequency
 * @param tremorPhase where in its swing it starts, radians
 * @param motion what the tool's motion sensor sees; null without one
 */
public record PlannedStroke(
        String area,
        Scenario.Phase phase,
        long startUs,
        long riseUs,
        long plateauUs,
        long fallUs,
        double peakN,
        double tremorN,
        double tremorHz,
        double tremorPhase,
        @Nullable Motion motion) {

    /**
     * How the tool is led over the skin.
     *
     * @param angleDeg from the skin, 0–90
     * @param direction +1 or −1 along the tool's marked axis
     */
    public record Motion(int angleDeg, int direction) {}

    /** The force is zero again. */
    public long endUs() {
        return startUs + riseUs + plateauUs + fallUs;
    }

    /** The force on the skin, newtons; 0 outside of the stroke. */
    public double forceN(long timeUs) {
        double share = share(timeUs);
        if (share == 0) {
            return 0;
        }
        double swing = StrictMath.sin(2 * Math.PI * tremorHz * ((timeUs - startUs) / 1e6) + tremorPhase);
        return Math.max(0, share * (peakN + tremorN * swing));
    }

    private double share(long timeUs) {
        if (timeUs < startUs || timeUs >= endUs()) {
            return 0;
        } else if (timeUs < startUs + riseUs) {
            return smooth((double) (timeUs - startUs) / riseUs);
        } else if (timeUs < endUs() - fallUs) {
            return 1;
        }
        return smooth((double) (endUs() - timeUs) / fallUs);
    }

    /** Half a cosine from 0 to 1, without a kink at its ends. */
    private static double smooth(double x) {
        return (1 - StrictMath.cos(Math.PI * x)) / 2;
    }
}

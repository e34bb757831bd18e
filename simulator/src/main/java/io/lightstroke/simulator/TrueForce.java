package io.lightstroke.simulator;

/**
 * The force that counts as true: that on the skin with its tremor, without what the sensor adds, low-passed at 15 Hz
 * without phase. A Butterworth filter of second order runs forward and backward over the force at every millisecond;
 * between milliseconds a straight line. Asked with times that do not go back; not thread-safe; its memory is bounded.
 */
public final class TrueForce {
    /** Of the filter's one way, −3 dB; there and back −6 dB. */
    public static final double CUTOFF_HZ = 15;

    private static final int STEP_US = 1000;
    private static final int BLOCK = 2048;
    /** So far after a block the way back begins: what it cannot know has faded to less than 1e-13 by then. */
    private static final int AHEAD = 512;

    private static final double WARPED = StrictMath.tan(Math.PI * CUTOFF_HZ * STEP_US / 1e6);
    private static final double A0 = 1 + Math.sqrt(2) * WARPED + WARPED * WARPED;
    private static final double B0 = WARPED * WARPED / A0;
    private static final double A1 = 2 * (WARPED * WARPED - 1) / A0;
    private static final double A2 = (1 - Math.sqrt(2) * WARPED + WARPED * WARPED) / A0;

    private final ForceCurve curve;
    private final Way forward = new Way(0);
    /** The force after the way forward, from {@link #blockStep} on. */
    private final double[] there = new double[BLOCK + AHEAD];
    /** And after the way back, of the block and one step more. */
    private final double[] back = new double[BLOCK + 1];

    private long blockStep;

    /** @param seed of the tool, as in {@link ForceCurve} */
    public TrueForce(Scenario scenario, long seed) {
        curve = new ForceCurve(scenario, seed);
        goForward(0, 0);
        goBack();
    }

    /** Newtons. */
    public double forceN(long timeUs) {
        long step = Math.floorDiv(timeUs, STEP_US);
        if (step < blockStep) {
            throw new IllegalArgumentException(
                    "time of the true force: want at least %d us, got %d".formatted(blockStep * STEP_US, timeUs));
        }
        while (step >= blockStep + BLOCK) {
            System.arraycopy(there, BLOCK, there, 0, AHEAD);
            blockStep += BLOCK;
            goForward(blockStep + AHEAD, AHEAD);
            goBack();
        }
        int i = (int) (step - blockStep);
        double part = (timeUs - step * STEP_US) / (double) STEP_US;
        return back[i] + part * (back[i + 1] - back[i]);
    }

    private void goForward(long step, int from) {
        for (int i = from; i < there.length; i++) {
            there[i] = forward.pass(curve.forceN((step + i - from) * STEP_US));
        }
    }

    private void goBack() {
        Way backward = new Way(there[there.length - 1]);
        for (int i = there.length - 1; i >= 0; i--) {
            double forceN = backward.pass(there[i]);
            if (i <= BLOCK) {
                back[i] = forceN;
            }
        }
    }

    /** One way of the filter, in transposed direct form II. */
    private static final class Way {
        private double first;
        private double second;

        /** As if it had always been {@code restN}. */
        Way(double restN) {
            first = restN * (1 - B0);
            second = restN * (B0 - A2);
        }

        double pass(double in) {
            double out = B0 * in + first;
            first = 2 * B0 * in - A1 * out + second;
            second = B0 * in - A2 * out;
            return out;
        }
    }
}

package io.lightstroke.gateway.engine;

import io.lightstroke.gateway.guideline.PressureLimits;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the engine costs for each sample: strokes as at home, 45 a minute with peaks of 3 to 10 N, tremor and noise of 0.03 N, in
 * frames of five. Run it as CONTRIBUTING.md says.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
public class EngineBenchmark {
    private static final int FRAME = 5;
    private static final int MINUTES = 2;
    private static final double STROKE_S = 60.0 / 45;
    private static final double CONTACT_S = 0.9;
    private static final double EDGE_S = 0.25;

    @Param({"100", "1000"})
    private int rateHz;

    private short[][] frames;
    private Engine engine;
    private long frame;

    @Setup
    public void record() {
        Random random = new Random(7);
        frames = new short[60 * MINUTES * rateHz / FRAME][FRAME];
        double peakN = 0;
        long stroke = -1;
        for (int i = 0; i < frames.length * FRAME; i++) {
            double s = (double) i / rateHz;
            if ((long) (s / STROKE_S) != stroke) {
                stroke = (long) (s / STROKE_S);
                peakN = 3 + 7 * random.nextDouble();
            }
            double forceN = share(s % STROKE_S) * (peakN + 0.15 * Math.sin(2 * Math.PI * 9 * s));
            frames[i / FRAME][i % FRAME] = (short) Math.round(100 * (forceN + 0.03 * random.nextGaussian()));
        }
        engine = new Engine(new PressureLimits("bench", 300, 650, 900, 1400));
        frame = 0;
    }

    private static double share(double s) {
        if (s < EDGE_S) {
            return (1 - Math.cos(Math.PI * s / EDGE_S)) / 2;
        } else if (s < CONTACT_S - EDGE_S) {
            return 1;
        }
        return s < CONTACT_S ? (1 - Math.cos(Math.PI * (CONTACT_S - s) / EDGE_S)) / 2 : 0;
    }

    @Benchmark
    @OperationsPerInvocation(FRAME)
    public Judged nsPerSample() {
        long first = frame * FRAME;
        int periodUs = 1_000_000 / rateHz;
        Judged judged =
                engine.accept(1, first, first * periodUs, periodUs, false, frames[(int) (frame % frames.length)]);
        frame++;
        return judged;
    }
}

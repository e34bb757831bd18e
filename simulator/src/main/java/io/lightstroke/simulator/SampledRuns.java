package io.lightstroke.simulator;

import io.lightstroke.simulator.GroundTruth.Sampled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** When a tool sampled, over all its starts. Not thread-safe. */
final class SampledRuns {
    /**
     * Evenly spaced.
     *
     * @param bootedUs age of the tool at this start
     * @param sampled its time is the tool's age
     */
    record Run(long boot, long bootedUs, Sampled sampled) {}

    private final List<Run> over = new ArrayList<>();
    private long boot;
    private long bootedUs;
    private long firstIndex;
    private long firstUs;
    private int periodUs;
    private long count;

    void sample(long boot, long bootedUs, long index, long ageUs, int periodUs) {
        if (count > 0
                && boot == this.boot
                && index == firstIndex + count
                && periodUs == this.periodUs
                && ageUs == firstUs + count * periodUs) {
            count++;
            return;
        }
        running().ifPresent(over::add);
        this.boot = boot;
        this.bootedUs = bootedUs;
        firstIndex = index;
        firstUs = ageUs;
        this.periodUs = periodUs;
        count = 1;
    }

    List<Run> all() {
        List<Run> all = new ArrayList<>(over);
        running().ifPresent(all::add);
        return all;
    }

    private Optional<Run> running() {
        return count == 0
                ? Optional.empty()
                : Optional.of(new Run(boot, bootedUs, new Sampled(firstIndex, count, firstUs, periodUs)));
    }
}

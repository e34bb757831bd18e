package io.lightstroke.simulator;

import io.lightstroke.simulator.GroundTruth.Sampled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What really happened with a simulated tool, whatever has arrived of it. Times are its age, microseconds since it was
 * first switched on.
 *
 * @param seed of the fleet
 * @param number of the tool in the fleet, from 1 on
 * @param sampled when, in order; the indices are those of the boot in which it was
 */
public record ToolTruth(
        Scenario scenario,
        long seed,
        int number,
        List<Start> starts,
        List<Sampled> sampled,
        GroundTruth truth,
        List<FaultyTool.Happened> faults) {
    /**
     * In which it sampled.
     *
     * @param atUs from which its own time counts
     */
    public record Start(long boot, long atUs, long samples) {}

    public ToolTruth {
        starts = List.copyOf(starts);
        sampled = List.copyOf(sampled);
        faults = List.copyOf(faults);
    }

    /** Until now; empty of a tool whose person is not known. */
    public static Optional<ToolTruth> of(Tool tool, long seed, int number) {
        FaultyTool faulty = tool instanceof FaultyTool wrapped ? wrapped : null;
        if (!((faulty == null ? tool : faulty.own()) instanceof SimulatedTool own)) {
            return Optional.empty();
        }
        List<Start> starts = new ArrayList<>();
        List<SampledRuns.Run> runs = own.runs();
        for (SampledRuns.Run run : runs) {
            int last = starts.size() - 1;
            long count = run.sampled().count();
            if (last >= 0 && starts.get(last).boot() == run.boot()) {
                starts.set(
                        last,
                        new Start(run.boot(), run.bootedUs(), starts.get(last).samples() + count));
            } else {
                starts.add(new Start(run.boot(), run.bootedUs(), count));
            }
        }
        List<Sampled> sampled = runs.stream().map(SampledRuns.Run::sampled).toList();
        Scenario scenario = own.scenario();
        return Optional.of(new ToolTruth(
                scenario,
                seed,
                number,
                starts,
                sampled,
                GroundTruth.of(scenario, own.seed(), sampled, scenario.limits().ofTool()),
                faulty == null ? List.of() : faulty.happened()));
    }

    public long samples() {
        return sampled.stream().mapToLong(Sampled::count).sum();
    }

    /** Time in which it sampled. */
    public double lengthS() {
        return sampled.stream()
                .mapToDouble(run -> run.count() * run.periodUs() / 1e6)
                .sum();
    }
}

package io.lightstroke.simulator;

import io.lightstroke.simulator.Fault.Kind;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The faults that a simulated tool has in itself, asked by its age, and what they changed. Not thread-safe. */
final class Ailments {
    private static final Set<Kind> KINDS =
            EnumSet.of(Kind.CLOCK_JUMP, Kind.SATURATED, Kind.UNTARED, Kind.STORE_OVERFLOW);

    private final Map<Fault, Long> changed = new HashMap<>();
    private List<Fault> faults = List.of();

    void suffer(List<Fault> now) {
        faults = now.stream().filter(fault -> KINDS.contains(fault.kind())).toList();
    }

    boolean has(Kind kind, long ageUs) {
        return Fault.inForce(faults, kind, ageUs) != null;
    }

    /** By how much the clock is ahead. */
    long clockAheadUs(long ageUs) {
        double aheadS = 0;
        for (Fault fault : faults) {
            if (fault.kind() == Kind.CLOCK_JUMP && fault.inForce(ageUs)) {
                aheadS += fault.value();
            }
        }
        return Math.round(aheadS * 1e6);
    }

    int storeSamples(long ageUs) {
        Fault overflow = Fault.inForce(faults, Kind.STORE_OVERFLOW, ageUs);
        return overflow == null ? RecordStore.SAMPLES : (int) overflow.value();
    }

    /** A sample of which it says what is not so. */
    void sampled(long ageUs) {
        for (Fault fault : faults) {
            if (fault.kind() != Kind.STORE_OVERFLOW && fault.inForce(ageUs)) {
                changed.merge(fault, 1L, Long::sum);
            }
        }
    }

    void overwritten(long samples, long ageUs) {
        Fault overflow = Fault.inForce(faults, Kind.STORE_OVERFLOW, ageUs);
        if (overflow != null) {
            changed.merge(overflow, samples, Long::sum);
        }
    }

    long changedBy(Fault fault) {
        return changed.getOrDefault(fault, 0L);
    }
}

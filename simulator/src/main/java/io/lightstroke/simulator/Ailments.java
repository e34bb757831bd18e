package io.lightstroke.simulator;

import io.lightstroke.simulator.Fault.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The faults that a simulated tool has in itself, asked by its age, and what they changed. Not thread-safe. */
final class Ailments {
    private final Map<Kind, Long> changed = new EnumMap<>(Kind.class);
    private List<Fault> faults = List.of();

    void suffer(List<Fault> now) {
        faults = now.stream().filter(fault -> Kind.INNER.contains(fault.kind())).toList();
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
                changed.merge(fault.kind(), 1L, Long::sum);
            }
        }
    }

    void overwritten(long samples) {
        changed.merge(Kind.STORE_OVERFLOW, samples, Long::sum);
    }

    long changedBy(Kind kind) {
        return changed.getOrDefault(kind, 0L);
    }
}

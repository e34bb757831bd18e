package io.lightstroke.gateway.guideline;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The questions before a session. Ids to names, in the order in which they are asked.
 *
 * @param absolute conditions that forbid a session at home
 * @param relative conditions that a practitioner must clear
 * @param neverOn regions that a condition forbids, cleared or not: ids of conditions to ids of regions
 * @param stopAtOnce signs that end a running session
 */
public record Screening(
        Map<String, String> absolute,
        Map<String, String> relative,
        Map<String, List<String>> neverOn,
        Map<String, String> stopAtOnce) {
    /** Ordered: a later one is stricter. */
    public enum Verdict {
        CLEAR,
        NEEDS_CLEARANCE,
        BLOCKED_AT_HOME,
        /** Nowhere and by nobody. */
        BLOCKED
    }

    /** @param conditions names of those that led to it; none when clear */
    public record Outcome(Verdict verdict, List<String> conditions) {}

    public Screening {
        absolute = InOrder.copy(absolute);
        relative = InOrder.copy(relative);
        neverOn = InOrder.copy(neverOn);
        stopAtOnce = InOrder.copy(stopAtOnce);
    }

    /**
     * @param ticked ids of conditions that apply
     * @param region to be worked on
     * @throws IllegalArgumentException for a condition that is not asked for
     */
    public Outcome outcome(Collection<String> ticked, String region) {
        Verdict verdict = Verdict.CLEAR;
        List<String> conditions = new ArrayList<>();
        for (String id : new LinkedHashSet<>(ticked)) {
            Verdict its = verdict(id, region);
            if (its.compareTo(verdict) > 0) {
                conditions.clear();
                verdict = its;
            }
            if (its == verdict) {
                conditions.add(name(id));
            }
        }
        return new Outcome(verdict, List.copyOf(conditions));
    }

    /** Of a condition; the id itself where it is not asked for. */
    public String name(String condition) {
        return absolute.getOrDefault(condition, relative.getOrDefault(condition, condition));
    }

    private Verdict verdict(String id, String region) {
        if (neverOn.getOrDefault(id, List.of()).contains(region)) {
            return Verdict.BLOCKED;
        }
        if (absolute.containsKey(id)) {
            return Verdict.BLOCKED_AT_HOME;
        }
        if (relative.containsKey(id)) {
            return Verdict.NEEDS_CLEARANCE;
        }
        Set<String> known = new LinkedHashSet<>(absolute.keySet());
        known.addAll(relative.keySet());
        throw new IllegalArgumentException("condition: want one of %s, got %s".formatted(String.join(", ", known), id));
    }
}

package io.lightstroke.gateway.conform;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What has been seen so far for each rule. One that was kept and then broken is broken. */
final class Findings {
    private final Map<Rule, Integer> kept = new EnumMap<>(Rule.class);
    private final Map<Rule, Integer> broken = new EnumMap<>(Rule.class);
    private final Map<Rule, String> seen = new EnumMap<>(Rule.class);
    private final Map<Rule, String> reasons = new EnumMap<>(Rule.class);
    private final Map<Procedure, String> stopped = new EnumMap<>(Procedure.class);

    /** @param seen what the tool did, told when the rule is broken */
    boolean check(Rule rule, boolean isKept, Supplier<String> seen) {
        (isKept ? kept : broken).merge(rule, 1, Integer::sum);
        if (!isKept) {
            this.seen.putIfAbsent(rule, seen.get());
        }
        return isKept;
    }

    /** Why it cannot be judged, unless it is all the same. */
    void leaveOut(Rule rule, String why) {
        reasons.putIfAbsent(rule, why);
    }

    /** The rest of it was not done, or all of it. */
    void stop(Procedure procedure, String why) {
        stopped.put(procedure, why);
    }

    boolean isBroken(Rule rule) {
        return broken.containsKey(rule);
    }

    List<Verdict> verdicts(Set<Rule> wanted) {
        return Arrays.stream(Rule.values())
                .filter(wanted::contains)
                .map(this::verdict)
                .toList();
    }

    private Verdict verdict(Rule rule) {
        int times = kept.getOrDefault(rule, 0);
        if (broken.containsKey(rule)) {
            int failed = broken.get(rule);
            String rate = failed + times == 1 ? "" : " (%d of %d times)".formatted(failed, failed + times);
            return new Verdict(rule, Verdict.Status.FAIL, seen.get(rule) + rate);
        } else if (times > 0) {
            return new Verdict(rule, Verdict.Status.PASS, times == 1 ? "seen once" : "seen %d times".formatted(times));
        }
        String why = reasons.get(rule);
        if (why == null) {
            why = stopped.getOrDefault(rule.procedure(), "it did not come to it");
        }
        return new Verdict(rule, Verdict.Status.NOT_APPLICABLE, why);
    }
}

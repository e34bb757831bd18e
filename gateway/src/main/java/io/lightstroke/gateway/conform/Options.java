package io.lightstroke.gateway.conform;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is done with the tool.
 *
 * @param stream how long it streams
 * @param full also what takes longer than half an hour
 * @param erase also erases from the store, what was sampled meanwhile
 * @param restart also restarts it by a request
 * @param rules that are wanted; what serves no other is not done
 */
public record Options(Duration stream, boolean full, boolean erase, boolean restart, Set<Rule> rules) {
    /** All rules, on a tool that is somebody's. */
    public static final Options USUAL =
            new Options(Duration.ofMinutes(2), false, false, false, EnumSet.allOf(Rule.class));

    public Options {
        if (stream.compareTo(Duration.ofSeconds(10)) < 0) {
            throw new IllegalArgumentException("stream: want 10 s or more, got %s s".formatted(stream.toSeconds()));
        }
        rules = EnumSet.copyOf(rules);
    }

    /** What is done, in order. */
    public List<Procedure> procedures() {
        return Arrays.stream(Procedure.values())
                .filter(each -> each == Procedure.LOOK || rules.stream().anyMatch(rule -> rule.procedure() == each))
                .toList();
    }
}

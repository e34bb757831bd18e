package io.lightstroke.gateway.conform;

import java.util.List;

/**
 * How a tool stands to the rules.
 *
 * @param tool which it is, and how it was reached
 * @param verdicts of the rules that were wanted, in their order
 */
public record Conformance(String tool, List<Verdict> verdicts) {
    /** Holds a tool against the rules; takes as long as the subject's time does. */
    public static Conformance of(Subject subject, Options options, Progress progress) throws InterruptedException {
        return new Conformance(subject.name(), new Run(subject, options, progress).verdicts());
    }

    public List<Verdict> of(Verdict.Status status) {
        return verdicts.stream().filter(each -> each.status() == status).toList();
    }

    public boolean isMet() {
        return of(Verdict.Status.FAIL).isEmpty();
    }
}

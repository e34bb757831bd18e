package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.conform.Live.Sample;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.EventFrame.Kind;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.ToolLimits;
import java.util.List;
import java.util.NavigableMap;

/**
 * Whether a tool warned by its own limits, from its samples and events. Only what is clear is judged: filters and zero
 * tracking are the tool's own.
 */
final class OwnCues {
    private static final int CLEAR_CN = 150;
    private static final long CLEAR_US = 400_000;
    private static final long AT_ONCE_US = 200_000;
    /** A cue of before may still be felt. */
    private static final long MERGED_US = 3_000_000;

    private static final long TOLERATED_US = 100_000;

    private final ToolLimits limits;
    private final Rule rule;
    private final Findings findings;

    /** @param limits that were in force all the time */
    OwnCues(ToolLimits limits, Rule rule, Findings findings) {
        this.limits = limits;
        this.rule = rule;
        this.findings = findings;
    }

    /** @param all in order; those after the last sample are of a pause, in which nobody knows the force */
    void judge(NavigableMap<Long, Sample> samples, List<EventFrame> all) {
        if (samples.isEmpty()) {
            return;
        }
        long lastUs = samples.lastEntry().getValue().timeUs();
        List<EventFrame> events =
                all.stream().filter(each -> each.timeUs() <= lastUs).toList();
        long overUs = -1;
        boolean fromTheFirst = true;
        boolean told = false;
        for (Sample each : samples.values()) {
            boolean clear = each.valid() && each.forceCn() >= limits.tooDeepCn() + CLEAR_CN;
            if (!clear) {
                overUs = -1;
                told = false;
                fromTheFirst = false;
                continue;
            }
            overUs = overUs < 0 ? each.timeUs() : overUs;
            if (!told && !fromTheFirst && each.timeUs() - overUs >= limits.enterMs() * 1000L + CLEAR_US) {
                told = true;
                long beganUs = overUs;
                long nowUs = each.timeUs();
                findings.check(
                        rule,
                        latched(events, nowUs),
                        () -> "%d cN or more from %d to %d us, and no over-pressure began"
                                .formatted(limits.tooDeepCn() + CLEAR_CN, beganUs, nowUs));
            }
        }
        for (EventFrame each : events) {
            if (each.kind() == Kind.OVER_PRESSURE_BEGIN) {
                boolean cued = events.stream()
                        .anyMatch(cue -> isOwn(cue)
                                && cue.timeUs() >= each.timeUs() - MERGED_US
                                && cue.timeUs() <= each.timeUs() + AT_ONCE_US);
                findings.check(
                        rule,
                        cued,
                        () -> "an over-pressure began at %d us, and no cue with it".formatted(each.timeUs()));
            }
        }
        repeats(samples, events);
    }

    private static boolean isOwn(EventFrame event) {
        return event.kind() == Kind.CUE_BEGAN && event.code() == 0;
    }

    /** Whether an over-pressure runs at this time, as the events say. */
    private static boolean latched(List<EventFrame> events, long timeUs) {
        boolean latched = false;
        for (EventFrame each : events) {
            if (each.timeUs() > timeUs) {
                break;
            }
            latched = each.kind() == Kind.OVER_PRESSURE_BEGIN || (latched && each.kind() != Kind.OVER_PRESSURE_END);
        }
        return latched;
    }

    /** The ceiling has a pattern of its own, which events do not tell. */
    private void repeats(NavigableMap<Long, Sample> samples, List<EventFrame> events) {
        EventFrame cue = null;
        for (EventFrame each : events) {
            if (each.kind() == Kind.OVER_PRESSURE_BEGIN) {
                cue = null;
            } else if (isOwn(each)) {
                EventFrame before = cue;
                cue = each;
                if (before == null || touchesCeiling(samples, before.index(), each.index())) {
                    continue;
                }
                findings.check(
                        Rule.CUE_REPEAT,
                        each.timeUs() - before.timeUs() >= limits.repeatMs() * 1000L - TOLERATED_US,
                        () -> "cues at %d and %d us".formatted(before.timeUs(), each.timeUs()));
            }
        }
    }

    private boolean touchesCeiling(NavigableMap<Long, Sample> samples, long fromIndex, long toIndex) {
        for (long index = fromIndex - 10; index <= toIndex + 10; index++) {
            Sample sample = samples.get(index);
            if (sample != null
                    && (sample.forceCn() >= limits.ceilingCn() - CLEAR_CN
                            || (sample.flags() & ForceFrame.SATURATED) != 0)) {
                return true;
            }
        }
        return false;
    }
}

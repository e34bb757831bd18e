package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.conform.Contact.Arrived;
import io.lightstroke.gateway.conform.Live.Sample;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.EventFrame.Kind;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Judges what came live over one connection: force frames, events, and how they stand to each other. */
final class StreamJudge {
    private static final long SETTLED_NANOS = Duration.ofMillis(500).toNanos();
    /** After a start a frame may begin anew in time, for so long. */
    private static final long START_NANOS = Duration.ofSeconds(3).toNanos();

    /** The radio may hold one up. */
    private static final long FRAME_NANOS = Duration.ofMillis(1500).toNanos();

    private static final long PEAK_CN = 100;
    private static final double PEAK_SHARE = 0.25;

    private final Run run;
    private final Findings findings;
    private final Contact contact;
    private final List<Came<ForceFrame>> frames = new ArrayList<>();
    private final List<Integer> brokenFrames = new ArrayList<>();
    private final List<Came<EventFrame>> events = new ArrayList<>();
    private final List<Integer> brokenEvents = new ArrayList<>();
    private boolean samplesWhole = true;
    private boolean eventsWhole = true;

    /** @param place among all of its characteristic */
    private record Came<T>(int place, T what, long nanos) {}

    StreamJudge(Run run, Contact contact) {
        this.run = run;
        findings = run.findings();
        this.contact = contact;
    }

    void judge() {
        Frames live = new Frames(findings, false);
        int place = 0;
        for (Arrived each : contact.arrived(Gatt.FORCE_STREAM)) {
            Optional<ForceFrame> frame = live.force(each.value());
            int at = place++;
            frame.ifPresentOrElse(what -> frames.add(new Came<>(at, what, each.nanos())), () -> brokenFrames.add(at));
        }
        place = 0;
        for (Arrived each : contact.arrived(Gatt.EVENTS)) {
            Optional<EventFrame> event = live.event(each.value());
            int at = place++;
            event.ifPresentOrElse(what -> events.add(new Came<>(at, what, each.nanos())), () -> brokenEvents.add(at));
        }
        comes();
        frames();
        events();
        Live all = run.live(contact.boot());
        frames.forEach(each -> all.add(each.what()));
        events.forEach(each -> all.add(each.what()));
        if (samplesWhole && !findings.isBroken(Rule.FORCE_PERIOD)) {
            together(all);
        }
        if (!samplesWhole || !eventsWhole) {
            findings.leaveOut(Rule.CUE_OWN, "samples or events are missing");
            findings.leaveOut(Rule.CUE_REPEAT, "samples or events are missing");
        }
    }

    /** While it samples, as far as is known. */
    private void comes() {
        List<Arrived> all = contact.arrived(Gatt.FORCE_STREAM);
        for (Contact.Span span : contact.sampling()) {
            long before = span.fromNanos();
            for (int i = 0; i <= all.size(); i++) {
                long next = i < all.size() ? Math.min(all.get(i).nanos(), span.toNanos()) : span.toNanos();
                if (next > before) {
                    long waitedNanos = next - before;
                    findings.check(
                            Rule.FORCE_COMES,
                            waitedNanos <= FRAME_NANOS,
                            () -> "no frame for %d ms".formatted(waitedNanos / 1_000_000));
                    before = next;
                }
            }
        }
    }

    private void frames() {
        frames.forEach(each -> findings.check(
                Rule.FORCE_BOOT,
                each.what().boot() == contact.boot(),
                () -> "boot %08x, and Tool Info says %08x".formatted(each.what().boot(), contact.boot())));
        frames.removeIf(each -> each.what().boot() != contact.boot());
        for (Came<ForceFrame> each : frames) {
            boolean untared = each.what().has(ForceFrame.UNTARED);
            if (contact.neverTared() && contact.taredNanos() == Contact.NEVER) {
                findings.check(Rule.FORCE_UNTARED, untared, () -> "no flag, and no tare since boot: " + each.what());
            } else if (!contact.neverTared() || each.nanos() - SETTLED_NANOS > contact.taredNanos()) {
                findings.check(Rule.FORCE_UNTARED, !untared, () -> "the flag after a tare: " + each.what());
            }
        }
        long highest = -1;
        NavigableMap<Long, Came<ForceFrame>> byFirst = new TreeMap<>();
        for (Came<ForceFrame> each : frames) {
            Map.Entry<Long, Came<ForceFrame>> other =
                    byFirst.floorEntry(each.what().lastIndex());
            boolean again = other != null
                    && other.getValue().what().lastIndex() >= each.what().first();
            findings.check(Rule.FORCE_ONCE, !again, () -> "again " + each.what());
            if (again) {
                continue;
            }
            long before = highest;
            findings.check(
                    Rule.FORCE_ORDER,
                    each.what().first() > highest,
                    () -> "sample %d after sample %d".formatted(each.what().first(), before));
            highest = Math.max(highest, each.what().lastIndex());
            byFirst.put(each.what().first(), each);
        }
        List<Came<ForceFrame>> unique = List.copyOf(byFirst.values());
        for (int i = 1; i < unique.size(); i++) {
            follows(unique.get(i - 1), unique.get(i));
        }
        samplesWhole &= brokenFrames.isEmpty();
    }

    private void follows(Came<ForceFrame> before, Came<ForceFrame> next) {
        ForceFrame one = before.what();
        ForceFrame other = next.what();
        boolean adjoins = other.first() == one.lastIndex() + 1;
        samplesWhole &= adjoins;
        boolean explained = !adjoins && (brokenBetween(before, next, brokenFrames) || isUnderWay(next));
        if (!explained) {
            findings.check(
                    Rule.FORCE_GAP,
                    adjoins,
                    () -> "after sample %d comes %d".formatted(one.lastIndex(), other.first()));
        }
        findings.check(
                Rule.FORCE_STROKES,
                other.strokes() >= one.strokes(),
                () -> "%d strokes at sample %d, %d at %d"
                        .formatted(one.strokes(), one.lastIndex(), other.strokes(), other.lastIndex()));
        boolean forward = findings.check(
                Rule.FORCE_FORWARD,
                Long.compareUnsigned(other.timeUs(), one.lastTimeUs()) > 0,
                () -> "sample %d at %d us, sample %d at %d us"
                        .formatted(one.lastIndex(), one.lastTimeUs(), other.first(), other.timeUs()));
        boolean started = contact.startedNanos().stream()
                .anyMatch(each -> each <= next.nanos() && each >= before.nanos() - START_NANOS);
        samplesWhole &= forward;
        if (!forward || started) {
            return;
        }
        long expectedUs = one.lastTimeUs() + (other.first() - one.lastIndex()) * one.periodUs();
        samplesWhole &= findings.check(
                Rule.FORCE_PERIOD,
                Math.abs(other.timeUs() - expectedUs) <= one.periodUs() / 2,
                () -> "sample %d at %d us with a period of %d us, sample %d at %d us in place of %d us"
                        .formatted(
                                one.lastIndex(),
                                one.lastTimeUs(),
                                one.periodUs(),
                                other.first(),
                                other.timeUs(),
                                expectedUs));
    }

    /** What is late may have been on its way when the link was ended. */
    private boolean isUnderWay(Came<?> next) {
        return contact.endedNanos() - next.nanos() < SETTLED_NANOS;
    }

    /** What could not be read may have been what is missing. */
    private static <T> boolean brokenBetween(Came<T> before, Came<T> next, List<Integer> broken) {
        int from = Math.min(before.place(), next.place());
        int to = Math.max(before.place(), next.place());
        return broken.stream().anyMatch(place -> place >= from && place <= to);
    }

    private void events() {
        for (Came<EventFrame> each : events) {
            findings.check(
                    Rule.EVENT_BOOT,
                    each.what().boot() == contact.boot(),
                    () -> "boot %08x, and Tool Info says %08x"
                            .formatted(each.what().boot(), contact.boot()));
        }
        events.removeIf(each -> each.what().boot() != contact.boot());
        events.forEach(each -> unused(each.what()));
        long highest = -1;
        NavigableMap<Long, Came<EventFrame>> bySequence = new TreeMap<>();
        for (Came<EventFrame> each : events) {
            boolean again = bySequence.containsKey(each.what().sequence());
            findings.check(Rule.EVENT_ONCE, !again, () -> "again " + each.what());
            if (again) {
                continue;
            }
            long before = highest;
            findings.check(
                    Rule.EVENT_ORDER,
                    each.what().sequence() > highest,
                    () -> "event %d after event %d".formatted(each.what().sequence(), before));
            highest = Math.max(highest, each.what().sequence());
            bySequence.put(each.what().sequence(), each);
        }
        List<Came<EventFrame>> unique = List.copyOf(bySequence.values());
        eventsWhole = brokenEvents.isEmpty();
        for (int i = 1; i < unique.size(); i++) {
            Came<EventFrame> before = unique.get(i - 1);
            Came<EventFrame> next = unique.get(i);
            boolean adjoins = next.what().sequence() == before.what().sequence() + 1;
            eventsWhole &= adjoins;
            if (adjoins || (!brokenBetween(before, next, brokenEvents) && !isUnderWay(next))) {
                findings.check(
                        Rule.EVENT_GAP,
                        adjoins,
                        () -> "after event %d comes %d"
                                .formatted(before.what().sequence(), next.what().sequence()));
            }
        }
        events.clear();
        events.addAll(unique);
        if (eventsWhole) {
            ofAll(unique.stream().map(Came::what).toList());
        }
    }

    /** What all events of the connection must be to each other. */
    private void ofAll(List<EventFrame> all) {
        Boolean latched = null;
        EventFrame stroke = null;
        for (EventFrame each : all) {
            if (each.kind() == Kind.OVER_PRESSURE_BEGIN || each.kind() == Kind.OVER_PRESSURE_END) {
                boolean begins = each.kind() == Kind.OVER_PRESSURE_BEGIN;
                if (latched != null) {
                    findings.check(
                            Rule.EVENT_PRESSURE,
                            latched != begins,
                            () -> "%s twice, the second time with event %d".formatted(each.kind(), each.sequence()));
                }
                latched = begins;
            } else if (each.kind() == Kind.STROKE_END) {
                EventFrame before = stroke;
                if (before != null) {
                    findings.check(
                            Rule.EVENT_STROKE,
                            each.strokes() == before.strokes() + 1,
                            () -> "a stroke with strokes %d after one with %d"
                                    .formatted(each.strokes(), before.strokes()));
                }
                stroke = each;
            }
        }
    }

    private void unused(EventFrame event) {
        boolean stroke = event.kind() == Kind.STROKE_END;
        boolean usesCode = event.kind() == Kind.FAULT || event.kind() == Kind.CUE_BEGAN || event.kind() == Kind.BUTTON;
        boolean motion = stroke && run.hasMotionSensor();
        findings.check(
                Rule.EVENT_UNUSED,
                (stroke || (event.peakCn() == 0 && event.durationMs() == 0))
                        && (motion || (event.angleDeg() == EventFrame.ANGLE_UNKNOWN && event.direction() == 0))
                        && Math.abs(event.direction()) <= 1
                        && (usesCode || event.code() == 0),
                () -> "event %d, %s: peak %d, duration %d, angle %d, direction %d, code %d"
                        .formatted(
                                event.sequence(),
                                event.kind(),
                                event.peakCn(),
                                event.durationMs(),
                                event.angleDeg(),
                                event.direction(),
                                event.code()));
    }

    private void together(Live all) {
        for (Came<EventFrame> came : events) {
            EventFrame event = came.what();
            Sample sample = all.samples.get(event.index());
            if (sample == null) {
                continue;
            }
            Map.Entry<Long, Sample> next = all.samples.higherEntry(event.index());
            boolean pause = next == null
                    || next.getKey() != event.index() + 1
                    || next.getValue().timeUs() - sample.timeUs() > 2L * sample.periodUs();
            boolean beforeAll = event.index() == 0 && event.timeUs() < sample.timeUs();
            findings.check(
                    Rule.EVENT_PLACE,
                    event.timeUs() == sample.timeUs()
                            || beforeAll
                            || (pause
                                    && event.timeUs() > sample.timeUs()
                                    && (next == null
                                            || event.timeUs() <= next.getValue().timeUs())),
                    () -> "event %d, %s: sample %d was at %d us, the event says %d us"
                            .formatted(event.sequence(), event.kind(), event.index(), sample.timeUs(), event.timeUs()));
            if (event.kind() == Kind.STROKE_END) {
                peak(all.samples, event);
            }
        }
        ToolLimits limits = contact.cuesBy();
        if (!frames.isEmpty() && eventsWhole && limits != null) {
            OwnCues own = new OwnCues(limits, Rule.CUE_OWN, findings);
            NavigableMap<Long, Sample> here = all.samples.subMap(
                    frames.get(0).what().first(), true, Objects.requireNonNull(all.samples.lastKey()), true);
            own.judge(here, events.stream().map(Came::what).toList());
        }
    }

    private void peak(NavigableMap<Long, Sample> samples, EventFrame stroke) {
        long beganUs = stroke.timeUs() - stroke.durationMs() * 1000;
        Live.highestCn(samples, stroke.index(), beganUs)
                .ifPresent(highest -> findings.check(
                        Rule.EVENT_STROKE,
                        Math.abs(stroke.peakCn() - highest) <= Math.max(PEAK_CN, PEAK_SHARE * highest),
                        () -> "event %d: a peak of %d cN, and its highest sample is %d cN"
                                .formatted(stroke.sequence(), stroke.peakCn(), highest)));
    }
}

package io.lightstroke.gateway.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * UTC of the tool time of one boot: straight segments, at least one, ascending; the first holds for what lies before it
 * too. Immutable.
 */
public record BootClock(List<ClockSegment> segments) {
    public BootClock {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("clock of a boot: want at least one segment, got none");
        }
    }

    /** UTC is tool time and a fixed offset. */
    public static BootClock ofOffset(long utcOffsetUs) {
        return new BootClock(List.of(new ClockSegment(0, utcOffsetUs, 0)));
    }

    /** Microseconds since 1970. */
    public long utcUs(long timeUs) {
        for (int i = segments.size() - 1; i > 0; i--) {
            if (segments.get(i).fromTimeUs() <= timeUs) {
                return segments.get(i).utcUs(timeUs);
            }
        }
        return segments.get(0).utcUs(timeUs);
    }

    /** The tool time of this UTC, to the microsecond. */
    public long timeUs(long utcUs) {
        ClockSegment of = segments.get(0);
        for (ClockSegment segment : segments) {
            of = segment.utcUs() <= utcUs ? segment : of;
        }
        return of.fromTimeUs() + Math.round((utcUs - of.utcUs()) / (1 + of.driftPpm() / 1e6));
    }

    /** The same up to where {@code later} begins, and from there on these. */
    public BootClock with(List<ClockSegment> later) {
        List<ClockSegment> all = new ArrayList<>(segments);
        all.removeIf(segment -> segment.fromTimeUs() >= later.get(0).fromTimeUs());
        all.addAll(later);
        return new BootClock(all);
    }
}

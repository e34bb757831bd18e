package io.lightstroke.gateway.conform;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;

/** What a tool has told of one boot, by the names of samples and events. */
final class Live {
    /** @param flags of its frame */
    record Sample(short forceCn, long timeUs, int periodUs, int flags) {
        boolean valid() {
            return forceCn != ForceFrame.NO_FORCE;
        }
    }

    final NavigableMap<Long, Sample> samples = new TreeMap<>();
    final NavigableMap<Long, EventFrame> events = new TreeMap<>();

    /** Index of the newest sample; −1 without any. */
    long newest() {
        return samples.isEmpty() ? -1 : samples.lastKey();
    }

    void add(ForceFrame frame) {
        short[] forceCn = frame.forceCn();
        for (int i = 0; i < forceCn.length; i++) {
            samples.put(
                    frame.first() + i,
                    new Sample(
                            forceCn[i], frame.timeUs() + (long) i * frame.periodUs(), frame.periodUs(), frame.flags()));
        }
    }

    void add(EventFrame event) {
        events.put(event.sequence(), event);
    }

    /** The range of forces in the valid samples of this time; 0 without any. */
    static int spreadCn(NavigableMap<Long, Sample> samples, long fromUs, long toUs) {
        int lowest = Short.MAX_VALUE;
        int highest = Short.MIN_VALUE;
        for (Sample each : samples.descendingMap().values()) {
            if (each.timeUs() < fromUs) {
                break;
            }
            if (each.timeUs() <= toUs && each.valid()) {
                lowest = Math.min(lowest, each.forceCn());
                highest = Math.max(highest, each.forceCn());
            }
        }
        return Math.max(0, highest - lowest);
    }

    /** Of the valid samples from this time up to this index; empty if one is missing. */
    static OptionalInt highestCn(NavigableMap<Long, Sample> samples, long index, long fromUs) {
        int highest = Short.MIN_VALUE;
        for (long at = index; ; at--) {
            Sample each = samples.get(at);
            if (each == null) {
                return OptionalInt.empty();
            } else if (each.timeUs() < fromUs) {
                return OptionalInt.of(highest);
            }
            highest = each.valid() ? Math.max(highest, each.forceCn()) : highest;
        }
    }
}

package io.lightstroke.simulator;

import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.recording.Passed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The clock of a recorded tool: straight between its answers to time sync; in a boot without any, through its first frame of
 * force. Not thread-safe.
 */
final class RecordedClock {
    private record Seen(int place, long boot) {}

    private final List<Seen> boots = new ArrayList<>();
    /** By boot: tool time by time of the recording. */
    private final Map<Long, NavigableMap<Long, Long>> times = new HashMap<>();

    RecordedClock(List<Passed> passed) {
        Map<Long, NavigableMap<Long, Long>> byFrames = new HashMap<>();
        for (int i = 0; i < passed.size(); i++) {
            Passed each = passed.get(i);
            try {
                if (each.told() && Gatt.TIME_SYNC.equals(RecordedStore.uuid(each))) {
                    TimeSync sync = TimeSync.decode(each.value());
                    seen(i, sync.boot(), each.us(), sync.sentUs(), times);
                } else if (each.told() && Gatt.FORCE_STREAM.equals(RecordedStore.uuid(each))) {
                    ForceFrame frame = ForceFrame.decode(each.value());
                    if (!byFrames.containsKey(frame.boot())) {
                        seen(i, frame.boot(), each.us(), frame.lastTimeUs(), byFrames);
                    }
                }
            } catch (MalformedFrameException e) {
                // tells nothing of the clock
            }
        }
        byFrames.forEach(times::putIfAbsent);
    }

    private void seen(int place, long boot, long us, long toolUs, Map<Long, NavigableMap<Long, Long>> in) {
        in.computeIfAbsent(boot, unseen -> new TreeMap<>()).put(us, toolUs);
        if (boots.isEmpty() || boots.get(boots.size() - 1).boot != boot) {
            boots.add(new Seen(place, boot));
        }
    }

    /** The boot that is seen last before this place in the recording, else the first; 0 when there is none. */
    long bootBefore(int place) {
        long boot = boots.isEmpty() ? 0 : boots.get(0).boot;
        for (Seen seen : boots) {
            if (seen.place < place) {
                boot = seen.boot;
            }
        }
        return boot;
    }

    /** Microseconds since this boot began, at a time of the recording. */
    long toolUs(long boot, long us) {
        NavigableMap<Long, Long> known = times.get(boot);
        if (known == null) {
            return us;
        }
        Entry<Long, Long> before = known.floorEntry(us);
        Entry<Long, Long> after = known.higherEntry(us);
        if (before != null && after != null) {
            double share = (us - before.getKey()) / (double) (after.getKey() - before.getKey());
            return before.getValue() + Math.round(share * (after.getValue() - before.getValue()));
        }
        Entry<Long, Long> near = before != null ? before : known.firstEntry();
        return Math.max(0, near.getValue() + us - near.getKey());
    }
}

package io.lightstroke.gateway.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How late the cues of one session were. May be told by any thread. */
final class CueFigures {
    private final List<Double> latenciesMs = new ArrayList<>();

    /** A cue was written. */
    synchronized void cued(double latencyMs) {
        latenciesMs.add(latencyMs);
    }

    synchronized int cues() {
        return latenciesMs.size();
    }

    /** The smallest latency that {@code percent} of the cues do not exceed; null without any. */
    synchronized @Nullable Double latencyMs(int percent) {
        if (latenciesMs.isEmpty()) {
            return null;
        }
        List<Double> sorted = new ArrayList<>(latenciesMs);
        Collections.sort(sorted);
        int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
        return Findings.rounded(sorted.get(rank - 1), 1000);
    }
}

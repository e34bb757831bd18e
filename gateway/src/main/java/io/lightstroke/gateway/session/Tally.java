package io.lightstroke.gateway.session;

import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.engine.Stroke;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.messages.SessionMessage;
import org.jspecify.annotations.Nullable;

/** The figures of one area or of a whole session, added up stroke by stroke. Not thread-safe. */
final class Tally {
    private int strokes;
    private int holds;
    private long contactUs;
    private long inTargetUs;
    private double impulseNs;
    private double peakSumN;
    private double peakSquaresN;
    private long firstStartUs;
    private long lastStartUs;
    private int forward;
    private int backward;
    private int overPressures;
    private long overPressureUs;
    private long workedUs;

    /** @param startUtcUs of its first sample */
    void stroke(Stroke stroke, long startUtcUs) {
        for (long us : stroke.zoneUs()) {
            contactUs += us;
        }
        inTargetUs += stroke.zoneUs()[Zone.LIGHT.ordinal()];
        if (stroke.phase() == Phase.TREAT) {
            inTargetUs += stroke.zoneUs()[Zone.MODERATE.ordinal()];
        }
        impulseNs += stroke.impulseNs();
        if (stroke.hold()) {
            holds++;
        }
        if (!stroke.counts()) {
            return;
        }
        if (strokes == 0) {
            firstStartUs = startUtcUs;
        }
        lastStartUs = startUtcUs;
        strokes++;
        double peakN = stroke.peakCn() / 100;
        peakSumN += peakN;
        peakSquaresN += peakN * peakN;
        Integer direction = stroke.direction();
        if (direction != null) {
            if (direction > 0) {
                forward++;
            } else {
                backward++;
            }
        }
    }

    void overPressure() {
        overPressures++;
    }

    /** How long the one that was counted lasted. */
    void overPressureLasted(long us) {
        overPressureUs += us;
    }

    void spot(long dwellUs) {
        workedUs += dwellUs;
    }

    int strokes() {
        return strokes;
    }

    long contactUs() {
        return contactUs;
    }

    /** Sum of the dwell of the spots that are over. */
    long workedUs() {
        return workedUs;
    }

    @Nullable
    Double overPressurePer100Strokes() {
        return strokes == 0 ? null : Findings.rounded(100.0 * overPressures / strokes, 10);
    }

    SessionMessage.Figures figures() {
        return new SessionMessage.Figures(
                strokes,
                holds,
                contactUs / 1e6,
                cadencePerMin(),
                strokes == 0 ? null : Findings.rounded(peakSumN / strokes, 1000),
                peakCvPercent(),
                Findings.rounded(impulseNs, 1000),
                contactUs == 0 ? null : Findings.rounded(100.0 * inTargetUs / contactUs, 10),
                overPressures,
                overPressureUs / 1e6,
                forward + backward == 0
                        ? null
                        : Findings.rounded(100.0 * Math.max(forward, backward) / (forward + backward), 10));
    }

    private @Nullable Double cadencePerMin() {
        return strokes < 2 || lastStartUs <= firstStartUs
                ? null
                : Findings.rounded(60e6 * (strokes - 1) / (lastStartUs - firstStartUs), 10);
    }

    private @Nullable Double peakCvPercent() {
        if (strokes < 2) {
            return null;
        }
        double mean = peakSumN / strokes;
        double variance = Math.max(0, peakSquaresN - strokes * mean * mean) / (strokes - 1);
        return Findings.rounded(100 * Math.sqrt(variance) / mean, 10);
    }
}

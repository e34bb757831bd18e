package io.lightstroke.gateway.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds strokes in the force in hindsight. One starts at the first sample at or above 0.5 N and ends at the first below
 * 0.3 N, unless contact comes back within 120 ms: so its end is known, and it is reported, 120 ms after it. What lasted
 * less than 0.2 s is none; more than 5 s is a hold. One thread.
 *
 * <p>A stroke goes on over missing samples. Over more than 150 ms of them only with contact on both sides; without contact
 * afterwards it is cut at the last sample before them, and what begins with the first sample after them is cut too.
 *
 * <p>A sample owns the time up to the next one. So the time in each zone and the time of missing samples together are the
 * duration, to the microsecond. Force is integrated by trapezoids between neighbours, and as it stood at the last sample
 * before a missing one; over missing samples there is none.
 */
final class StrokeDetector {
    private static final double START_CN = 50;
    private static final double END_CN = 30;
    private static final long MERGE_US = 120_000;
    private static final long SHORTEST_US = 200_000;
    private static final long LONGEST_US = 5_000_000;
    private static final long BRIDGED_US = 150_000;

    /** What has been summed up to a moment. */
    private static final class Sums {
        long index;
        long us;
        double peakCn;
        double impulseCnUs;
        final long[] zoneUs = new long[Zone.values().length];
        long gapUs;
        long overUs;
        boolean ceilingHit;

        void clear() {
            peakCn = 0;
            impulseCnUs = 0;
            Arrays.fill(zoneUs, 0);
            gapUs = 0;
            overUs = 0;
            ceilingHit = false;
        }

        void set(Sums other) {
            index = other.index;
            us = other.us;
            peakCn = other.peakCn;
            impulseCnUs = other.impulseCnUs;
            System.arraycopy(other.zoneUs, 0, zoneUs, 0, zoneUs.length);
            gapUs = other.gapUs;
            overUs = other.overUs;
            ceilingHit = other.ceilingHit;
        }
    }

    private final RiseTime rise = new RiseTime();
    /** Up to the last sample. */
    private final Sums now = new Sums();
    /** Up to the end that holds unless contact comes back. */
    private final Sums end = new Sums();
    /** Up to the last sample before those that are missing. */
    private final Sums seenLast = new Sums();

    private long boot;
    private boolean seen;

    private boolean open;
    private boolean touching;
    private boolean cut;
    private long firstIndex;
    private long startUs;
    private Phase phase = Phase.TREAT;
    private String limitsVersion = "";

    private boolean measured;
    private double forceCn;
    private Zone zone = Zone.NONE;
    private boolean over;
    private long missingFromUs;

    /** Samples begin, of {@code boot}. */
    void restart(long boot) {
        this.boot = boot;
        seen = false;
        open = false;
        touching = false;
        measured = false;
        rise.clear();
    }

    /**
     * Takes the next measured sample.
     *
     * @param over an over-pressure is latched
     * @param atCeiling the ceiling is reached
     * @return the stroke whose end has become certain
     */
    @Nullable
    Stroke sample(
            long index,
            long timeUs,
            double forceCn,
            Zone zone,
            boolean over,
            boolean atCeiling,
            Phase phase,
            String limitsVersion) {
        Stroke ended = null;
        boolean unseen = seen && !measured && timeUs - missingFromUs > BRIDGED_US;
        if (unseen && touching && forceCn < END_CN) {
            ended = finish(seenLast, true);
        }
        if (open) {
            pass(timeUs, (this.forceCn + forceCn) / 2);
            rise.during(timeUs, forceCn);
        } else {
            rise.before(timeUs, forceCn);
        }
        now.index = index;
        now.us = timeUs;
        measured = true;
        this.forceCn = forceCn;
        this.zone = zone;
        this.over = over;

        if (touching && forceCn < END_CN) {
            touching = false;
            end.set(now);
        } else if (open && !touching) {
            if (timeUs - end.us >= MERGE_US) {
                ended = finish(end, cut);
            } else {
                touching = forceCn >= START_CN;
            }
        }
        if (!open && forceCn >= START_CN) {
            open = true;
            touching = true;
            cut = !seen || unseen;
            firstIndex = index;
            startUs = timeUs;
            this.phase = phase;
            this.limitsVersion = limitsVersion;
            now.clear();
        }
        if (touching) {
            now.peakCn = Math.max(now.peakCn, forceCn);
            now.ceilingHit |= atCeiling;
        }
        seen = true;
        return ended;
    }

    /** A sample that is missing or invalid. */
    void missing(long timeUs) {
        if (measured) {
            missingFromUs = timeUs;
            seenLast.set(now);
        }
        if (open) {
            pass(timeUs, forceCn);
            now.us = timeUs;
        }
        measured = false;
    }

    /** The samples stopped after the last one. */
    @Nullable
    Stroke close() {
        if (!open) {
            return null;
        }
        return touching ? finish(now, true) : finish(end, cut);
    }

    /** A stroke runs, or ended so lately that it may go on. */
    boolean open() {
        return open;
    }

    /** The tool touches the skin. */
    boolean touching() {
        return touching;
    }

    /** When the open stroke began, tool time. */
    long startUs() {
        return startUs;
    }

    private void pass(long timeUs, double meanCn) {
        long us = timeUs - now.us;
        if (measured) {
            now.impulseCnUs += meanCn * us;
            now.zoneUs[zone.ordinal()] += us;
            now.overUs += over ? us : 0;
        } else {
            now.gapUs += us;
        }
    }

    private @Nullable Stroke finish(Sums sums, boolean cut) {
        open = false;
        touching = false;
        long durationUs = sums.us - startUs;
        long riseUs = rise.end(startUs, sums.us);
        if (durationUs < SHORTEST_US) {
            return null;
        }
        return new Stroke(
                boot,
                firstIndex,
                sums.index,
                startUs,
                durationUs,
                sums.peakCn,
                sums.impulseCnUs / 1e8,
                riseUs,
                sums.zoneUs.clone(),
                sums.overUs,
                sums.ceilingHit,
                durationUs > LONGEST_US,
                cut,
                100.0 * sums.gapUs / durationUs,
                phase,
                null,
                null,
                limitsVersion);
    }
}

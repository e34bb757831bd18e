package io.lightstroke.simulator;

import io.lightstroke.protocol.ToolLimits;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds strokes, over-pressures and spots in the true force, sample by sample, by the rules of docs/protocol.md. It keeps
 * the samples of a stroke until it is over and works all of it out from them. Not thread-safe.
 */
final class TruthFinder {
    private static final double CONTACT_N = 0.5;
    private static final double NO_CONTACT_N = 0.3;
    /** Samples further apart have a pause between them, over which nothing goes on but a spot. */
    private static final long PAUSE_US = 150_000;

    private record Sample(long index, long timeUs, double forceN, boolean over) {}

    private final ToolLimits limits;
    private final Strokes strokes;
    private final Latch latch = new Latch();
    private final Spots spots = new Spots();
    private @Nullable Sample last;

    /** @param plan tells area, phase and motion of the strokes */
    TruthFinder(Iterator<PlannedStroke> plan, ToolLimits limits) {
        this.limits = limits;
        strokes = new Strokes(plan);
    }

    void sample(long index, long timeUs, double forceN) {
        if (last != null && timeUs - last.timeUs() > PAUSE_US) {
            pause(last);
        }
        latch.sample(timeUs, forceN);
        last = new Sample(index, timeUs, forceN, latch.startUs != null);
        strokes.sample(last);
        spots.sample(last);
    }

    /** Nothing follows. */
    GroundTruth end() {
        if (last != null) {
            pause(last);
        }
        spots.over();
        return new GroundTruth(limits, strokes.found, latch.found, spots.found);
    }

    private void pause(Sample last) {
        strokes.pause();
        latch.pause(last.timeUs());
        spots.pause(last.timeUs());
    }

    private String zone(double forceN) {
        if (forceN < CONTACT_N) {
            return "none";
        } else if (forceN <= limits.lightCn() / 100.0) {
            return "light";
        } else if (forceN <= limits.moderateCn() / 100.0) {
            return "moderate";
        } else if (forceN < limits.tooDeepCn() / 100.0) {
            return "firm";
        }
        return forceN < limits.ceilingCn() / 100.0 ? "too-deep" : "ceiling";
    }

    private final class Strokes {
        private static final long MERGED_GAP_US = 120_000;
        private static final long SHORTEST_US = 200_000;
        private static final long LONGEST_US = 5_000_000;
        /** The slow beginning of a strong stroke, for its rise time. */
        private static final long BEFORE_US = 1_000_000;

        final List<GroundTruth.Stroke> found = new ArrayList<>();
        private final Iterator<PlannedStroke> plan;
        private PlannedStroke planned;
        private PlannedStroke nextPlanned;

        /** What came before the stroke, the stroke, and what came after it while it may yet go on. */
        private List<Sample> samples = new ArrayList<>();
        /** In {@link #samples}; negative: none. */
        private int start = -1;
        /** In {@link #samples}; negative: in contact. */
        private int end = -1;

        Strokes(Iterator<PlannedStroke> plan) {
            this.plan = plan;
            planned = plan.next();
            nextPlanned = plan.next();
        }

        void sample(Sample sample) {
            boolean contact = sample.forceN() >= CONTACT_N;
            if (start >= 0 && end >= 0 && sample.timeUs() - samples.get(end).timeUs() >= MERGED_GAP_US) {
                close(end, false);
            }
            samples.add(sample);
            if (start < 0) {
                start = contact ? samples.size() - 1 : -1;
                forgetOld(sample.timeUs());
            } else if (end >= 0) {
                end = contact ? -1 : end;
            } else if (sample.forceN() < NO_CONTACT_N) {
                end = samples.size() - 1;
            }
        }

        void pause() {
            if (start >= 0) {
                close(end < 0 ? samples.size() - 1 : end, end < 0);
            }
            samples.clear();
        }

        /** Keeps of what came before a stroke twice what is wanted at most, so that it costs little. */
        private void forgetOld(long nowUs) {
            if (nowUs - samples.get(0).timeUs() > 2 * BEFORE_US) {
                int old = 0;
                while (nowUs - samples.get(old).timeUs() > BEFORE_US) {
                    old++;
                }
                samples.subList(0, old).clear();
                start -= start < 0 ? 0 : old;
            }
        }

        private void close(int to, boolean stillInContact) {
            long durationUs = samples.get(to).timeUs() - samples.get(start).timeUs();
            if (durationUs >= SHORTEST_US) {
                found.add(stroke(to, durationUs, stillInContact || start == 0));
            }
            samples = new ArrayList<>(samples.subList(to, samples.size()));
            start = -1;
            end = -1;
        }

        private GroundTruth.Stroke stroke(int to, long durationUs, boolean interrupted) {
            Sample peak = samples.get(start);
            double impulseNs = 0;
            long overUs = 0;
            Map<String, Long> zoneUs = new LinkedHashMap<>();
            GroundTruth.ZONES.forEach(zone -> zoneUs.put(zone, 0L));
            for (int i = start; i < to; i++) {
                Sample here = samples.get(i);
                Sample next = samples.get(i + 1);
                long us = next.timeUs() - here.timeUs();
                peak = next.forceN() > peak.forceN() ? next : peak;
                impulseNs += (here.forceN() + next.forceN()) / 2 * us / 1e6;
                overUs += here.over() ? us : 0;
                zoneUs.merge(zone(here.forceN()), us, Long::sum);
            }
            Map<String, Double> timeInZoneS = new LinkedHashMap<>();
            zoneUs.forEach((zone, us) -> timeInZoneS.put(zone, us / 1e6));
            PlannedStroke plannedThen = plannedAt(peak.timeUs());
            PlannedStroke.Motion motion = plannedThen.motion();
            return new GroundTruth.Stroke(
                    samples.get(start).index(),
                    samples.get(to).index(),
                    samples.get(start).timeUs(),
                    samples.get(to).timeUs(),
                    peak.forceN(),
                    impulseNs,
                    impulseNs / (durationUs / 1e6),
                    riseTimeS(peak.forceN()),
                    timeInZoneS,
                    overUs / 1e6,
                    peak.forceN() >= limits.ceilingCn() / 100.0,
                    durationUs > LONGEST_US,
                    interrupted,
                    plannedThen.area(),
                    plannedThen.phase(),
                    motion == null ? null : motion.angleDeg(),
                    motion == null ? null : motion.direction());
        }

        private PlannedStroke plannedAt(long timeUs) {
            while (nextPlanned.startUs() <= timeUs) {
                planned = nextPlanned;
                nextPlanned = plan.next();
            }
            return planned;
        }

        private double riseTimeS(double peakN) {
            int high = start;
            while (samples.get(high).forceN() < 0.9 * peakN) {
                high++;
            }
            int low = high;
            while (low > 0 && samples.get(low - 1).forceN() >= 0.1 * peakN) {
                low--;
            }
            return (crossedUs(high, 0.9 * peakN) - crossedUs(low, 0.1 * peakN)) / 1e6;
        }

        /** When the force crossed a level on its way to a sample that is the first at or above it. */
        private double crossedUs(int at, double levelN) {
            Sample to = samples.get(at);
            if (at == 0) {
                return to.timeUs();
            }
            Sample from = samples.get(at - 1);
            double share = (levelN - from.forceN()) / (to.forceN() - from.forceN());
            return from.timeUs() + share * (to.timeUs() - from.timeUs());
        }
    }

    private final class Latch {
        final List<GroundTruth.OverPressure> found = new ArrayList<>();
        /** Null: not latched. */
        private @Nullable Long startUs;

        private boolean ceiling;
        private @Nullable Long deepSinceUs;
        private @Nullable Long shallowSinceUs;

        void sample(long timeUs, double forceN) {
            boolean atCeiling = forceN >= limits.ceilingCn() / 100.0;
            deepSinceUs = since(deepSinceUs, forceN >= limits.tooDeepCn() / 100.0, timeUs);
            shallowSinceUs =
                    since(shallowSinceUs, forceN < limits.tooDeepCn() * limits.exitPercent() / 10_000.0, timeUs);
            if (startUs != null) {
                ceiling |= atCeiling;
                if (shallowSinceUs != null && timeUs - shallowSinceUs >= limits.exitMs() * 1000L) {
                    end(timeUs, false);
                }
            } else if (atCeiling || (deepSinceUs != null && timeUs - deepSinceUs >= limits.enterMs() * 1000L)) {
                startUs = timeUs;
                ceiling = atCeiling;
            }
        }

        void pause(long lastUs) {
            end(lastUs, true);
            deepSinceUs = null;
            shallowSinceUs = null;
        }

        private void end(long timeUs, boolean unknown) {
            if (startUs != null) {
                found.add(new GroundTruth.OverPressure(startUs, timeUs, ceiling, unknown));
                startUs = null;
            }
        }

        private @Nullable Long since(@Nullable Long sinceUs, boolean holds, long timeUs) {
            return !holds ? null : sinceUs == null ? Long.valueOf(timeUs) : sinceUs;
        }
    }

    private static final class Spots {
        private static final long LONGEST_WITHOUT_CONTACT_US = 3_000_000;

        final List<GroundTruth.Spot> found = new ArrayList<>();
        private boolean contact;
        /** Null: no spot. */
        private @Nullable Long startUs;

        private long lastContactUs;
        private boolean interrupted;
        private boolean seen;

        void sample(Sample sample) {
            if (!contact && sample.forceN() >= CONTACT_N) {
                if (startUs != null && sample.timeUs() - lastContactUs > LONGEST_WITHOUT_CONTACT_US) {
                    over();
                }
                contact = true;
                startUs = startUs == null ? Long.valueOf(sample.timeUs()) : startUs;
                interrupted |= !seen;
            } else if (contact && sample.forceN() < NO_CONTACT_N) {
                contact = false;
                lastContactUs = sample.timeUs();
            }
            seen = true;
        }

        void pause(long lastUs) {
            if (contact) {
                contact = false;
                lastContactUs = lastUs;
                interrupted = true;
            }
            seen = false;
        }

        void over() {
            if (startUs != null) {
                found.add(new GroundTruth.Spot(startUs, lastContactUs, (lastContactUs - startUs) / 1e6, interrupted));
                startUs = null;
                interrupted = false;
            }
        }
    }
}

package io.lightstroke.dashboard.history;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The force of a tool over a time, from every sample that is kept of it.
 *
 * @param stepUs each point is of so much time, beginning at a whole multiple of it since 1970; 0: each is one sample
 * @param points by time. Where samples are missing stands one point without any, however long it lasts; before the first
 *     and after the last point nothing is kept
 */
public record Trace(long stepUs, List<Point> points) {
    /**
     * @param utcUs its beginning, microseconds since 1970
     * @param samples that are kept of it; of an invalid one there is no force
     */
    public record Point(
            long utcUs,
            long samples,
            @JsonProperty("min_N") @Nullable Double minN,
            @JsonProperty("max_N") @Nullable Double maxN,
            @JsonProperty("mean_N") @Nullable Double meanN) {
        /** The two of one time, each of some of its samples. */
        Point and(Point other) {
            if (minN == null || maxN == null || meanN == null) {
                return new Point(utcUs, samples + other.samples, other.minN, other.maxN, other.meanN);
            } else if (other.minN == null || other.maxN == null || other.meanN == null) {
                return new Point(utcUs, samples + other.samples, minN, maxN, meanN);
            }
            return new Point(
                    utcUs,
                    samples + other.samples,
                    Math.min(minN, other.minN),
                    Math.max(maxN, other.maxN),
                    (samples * meanN + other.samples * other.meanN) / (samples + other.samples));
        }

        static Point gap(long utcUs) {
            return new Point(utcUs, 0, null, null, null);
        }
    }
}

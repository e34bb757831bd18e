package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a tool's running session stands. QoS 1, retained; an empty payload once it has ended. While something changes, at
 * least each second.
 *
 * @param person pseudonym; null when unassigned, as are region, side and the caps
 * @param tools of the session; each has a state of its own
 * @param contactS in strokes and holds
 * @param workedS sum of the spots' dwell
 * @param spotS dwell of the running spot; null between spots
 * @param spotCapS to be worked on one spot
 * @param sessionCapS to be worked in one session
 * @param hints what a person should know now: {@code spot-cap}, {@code area-cap}, {@code session-cap} passed
 * @param areas visited, in order; the last one is being worked on
 */
public record SessionStateMessage(
        @JsonProperty("v") int v,
        String session,
        List<String> tools,
        @Nullable String person,
        Instant started,
        Instant time,
        @Nullable String region,
        @Nullable String side,
        String phase,
        boolean paused,
        boolean unplanned,
        ToolInfoMessage.Limits limits,
        @Nullable String guidelineVersion,
        int strokes,
        double contactS,
        double workedS,
        @Nullable Double spotS,
        @Nullable Integer spotCapS,
        @Nullable Integer sessionCapS,
        List<String> hints,
        List<Area> areas) {
    /** But for the time at which it is said. */
    public boolean sameAs(SessionStateMessage other) {
        return at(other.time).equals(other);
    }

    private SessionStateMessage at(Instant when) {
        return new SessionStateMessage(
                v,
                session,
                tools,
                person,
                started,
                when,
                region,
                side,
                phase,
                paused,
                unplanned,
                limits,
                guidelineVersion,
                strokes,
                contactS,
                workedS,
                spotS,
                spotCapS,
                sessionCapS,
                hints,
                areas);
    }

    /** @param workedS of this visit; {@code pastCap} counts all visits of the same region and side */
    public record Area(
            @Nullable String region,
            @Nullable String side,
            double workedS,
            @Nullable Integer capS,
            boolean pastCap) {}
}

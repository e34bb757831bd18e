package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.records.Outcome;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.SessionMessage;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a person and a time, to be printed.
 *
 * @param known null: not kept in the records
 * @param course null: no plan runs
 * @param sessions the newest first
 * @param unsummarised sessions that the records know, and of which no summary was found
 * @param guideline the one of this dashboard
 */
public record Report(
        String person,
        @Nullable Person known,
        Review.Days days,
        Instant made,
        @Nullable Course course,
        List<Week> weeks,
        List<Line> sessions,
        int unsummarised,
        Guideline guideline) {
    public record Course(Plan plan, Plan.Standing standing) {}

    /**
     * @param outcome null: the records do not know the session
     * @param note empty: none
     */
    public record Line(SessionParts session, @Nullable Outcome outcome, String note) {
        public @Nullable Boolean bruised() {
            return outcome == null ? null : outcome.bruised();
        }

        public @Nullable Double daysUntilClear() {
            return outcome == null ? null : outcome.daysUntilClear();
        }

        private boolean isPainKnown() {
            return session.painBefore() != null && session.painAfter() != null;
        }

        private boolean isWhole() {
            return session.summaries().stream()
                    .map(SessionMessage::completenessPercent)
                    .allMatch(percent -> percent != null && percent >= 100);
        }
    }

    /** By which the sessions were judged. */
    public List<String> guidelineVersions() {
        return sessions.stream()
                .flatMap(line -> line.session().summaries().stream())
                .map(SessionMessage::guidelineVersion)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .distinct()
                .sorted()
                .toList();
    }

    /** Sessions of which nobody has said whether there was a bruise. */
    public long withoutCheckIn() {
        return sessions.stream().filter(line -> line.bruised() == null).count();
    }

    /** Sessions of which the pain before or after is not known. */
    public long withoutPain() {
        return sessions.stream().filter(line -> !line.isPainKnown()).count();
    }

    /** Sessions of which samples are missing, or may be. */
    public long withoutSamples() {
        return sessions.stream().filter(line -> !line.isWhole()).count();
    }
}

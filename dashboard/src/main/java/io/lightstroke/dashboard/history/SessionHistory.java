package io.lightstroke.dashboard.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SpotMessage;
import io.lightstroke.messages.StrokeMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was done. Thread-safe. */
public final class SessionHistory implements AutoCloseable {
    /** A sample every 10 ms is what most tools give: finer steps are shown sample by sample. */
    private static final long FINEST_STEP_US = 10_000;

    /** Much longer than a tool takes from one sample to the next. */
    private static final long GAP_US = 200_000;

    private static final long TENTH_US = 100_000;

    private static final Duration LONGEST_SESSION = Duration.ofDays(1);

    private final HistorySource source;

    private SessionHistory(HistorySource source) {
        this.source = source;
    }

    /** From a gateway's journal, also while it is written. */
    public static SessionHistory ofJournal(Path journal, String site, String gateway) {
        return new SessionHistory(new JournalSource(journal, site, gateway));
    }

    /** From a database that gateways write. */
    public static SessionHistory ofInflux(InfluxServer server) {
        return new SessionHistory(new InfluxSource(server));
    }

    /** A tool's part of a session. */
    public record Part(ToolName tool, SessionMessage summary) {}

    /** The same with all that was found in it, each by time and in its last revision. */
    public record WholePart(
            ToolName tool,
            SessionMessage summary,
            List<StrokeMessage> strokes,
            List<SpotMessage> spots,
            List<AlertMessage> alerts) {
        /** Each that began, by time. */
        public List<OverPressure> overPressures() {
            Map<String, AlertMessage> ends = alerts.stream()
                    .filter(alert -> alert.phase() == AlertMessage.Phase.END)
                    .collect(Collectors.toMap(AlertMessage::id, Function.identity()));
            return alerts.stream()
                    .filter(alert -> alert.phase() == AlertMessage.Phase.BEGIN)
                    .map(begin -> {
                        AlertMessage end = ends.get(begin.id());
                        return new OverPressure(
                                begin.kind(), begin.time(), end == null || end.endedUnknown() ? null : end.time());
                    })
                    .toList();
        }

        public Optional<SpotMessage> spot(String id) {
            return spots.stream().filter(spot -> spot.id().equals(id)).findFirst();
        }

        /** As the summary counts them: without holds, and without what was cut off. */
        public List<StrokeMessage> countedStrokes() {
            return strokes.stream()
                    .filter(stroke -> !stroke.hold() && !stroke.interrupted())
                    .toList();
        }

        /** That the summary counts. */
        public int spotsCounted() {
            return summary.areas().stream()
                    .mapToInt(area -> area.spots().size())
                    .sum();
        }
    }

    /**
     * @param kind as an {@link AlertMessage} has it
     * @param end null: nobody saw it
     */
    public record OverPressure(
            String kind, Instant begin, @Nullable Instant end) {}

    /** A time of which no sample is kept. */
    public record Gap(Instant from, Instant to) {}

    /** Parts of sessions that began in that time, the newest first. Among them what was done without a session. */
    public List<Part> sessions(Instant from, Instant to) throws HistoryException {
        List<Part> parts = lastSummaries(source.messages(null, "session", Json.usOf(from), Json.usOf(to)));
        parts.sort(Comparator.comparing((Part part) -> part.summary().started())
                .thenComparing(part -> part.tool().toString())
                .reversed());
        return parts;
    }

    /** A part for each of its tools, by their names; none when there is no such session. */
    public List<WholePart> session(String id) throws HistoryException {
        List<Part> parts = lastSummaries(source.summaries(id));
        parts.sort(Comparator.comparing(part -> part.tool().toString()));
        List<WholePart> whole = new ArrayList<>();
        for (Part part : parts) {
            whole.add(whole(part));
        }
        return whole;
    }

    private WholePart whole(Part part) throws HistoryException {
        // What stands at its very end belongs to it.
        long fromUs = Json.usOf(part.summary().started());
        long toUs = Json.usOf(part.summary().ended()) + 1;
        String session = part.summary().session();
        List<StrokeMessage> strokes = findings(
                part.tool(), "stroke", fromUs, toUs, StrokeMessage.class, StrokeMessage::id, StrokeMessage::revision);
        strokes.removeIf(stroke -> !stroke.valid() || !session.equals(stroke.session()));
        strokes.sort(Comparator.comparing(StrokeMessage::time));
        List<SpotMessage> spots =
                findings(part.tool(), "spot", fromUs, toUs, SpotMessage.class, SpotMessage::id, SpotMessage::revision);
        spots.removeIf(spot -> !spot.valid() || !session.equals(spot.session()));
        spots.sort(Comparator.comparing(SpotMessage::time));
        List<AlertMessage> alerts = findings(
                part.tool(),
                "alert",
                fromUs,
                toUs,
                AlertMessage.class,
                alert -> alert.id() + alert.phase(),
                alert -> 1);
        alerts.removeIf(alert -> !session.equals(alert.session()));
        alerts.sort(Comparator.comparing(AlertMessage::time).thenComparing(AlertMessage::phase));
        return new WholePart(part.tool(), part.summary(), strokes, spots, alerts);
    }

    /**
     * The force in at most about that many points; each tells the least and the greatest of its samples, so that no peak
     * vanishes.
     */
    public Trace trace(ToolName tool, Instant from, Instant to, int points) throws HistoryException {
        long stepUs = step(from, to, points);
        return new Trace(stepUs, withGaps(source.force(tool, Json.usOf(from), Json.usOf(to), stepUs), stepUs));
    }

    /** The same of the sessions with a person alone: weeks take no longer than what was done in them. */
    public Trace trace(ToolName tool, String person, Instant from, Instant to, int points) throws HistoryException {
        long stepUs = step(from, to, points);
        List<Part> parts = new ArrayList<>(sessions(from.minus(LONGEST_SESSION), to));
        parts.removeIf(part ->
                !part.tool().equals(tool) || !person.equals(part.summary().person()));
        Collections.reverse(parts);
        List<Trace.Point> found = new ArrayList<>();
        for (Part part : parts) {
            long fromUs = Math.max(Json.usOf(from), Json.usOf(part.summary().started()));
            long toUs = Math.min(Json.usOf(to), Json.usOf(part.summary().ended()));
            for (Trace.Point point :
                    fromUs < toUs ? source.force(tool, fromUs, toUs, stepUs) : List.<Trace.Point>of()) {
                int last = found.size() - 1;
                if (last >= 0 && found.get(last).utcUs() == point.utcUs()) {
                    found.set(last, found.get(last).and(point));
                } else {
                    found.add(point);
                }
            }
        }
        return new Trace(stepUs, withGaps(found, stepUs));
    }

    private static long step(Instant from, Instant to, int points) {
        if (!from.isBefore(to) || points < 1) {
            throw new IllegalArgumentException(
                    "trace: want from before to and 1 point or more, got %s, %s, %d".formatted(from, to, points));
        }
        return step((Json.usOf(to) - Json.usOf(from) + points - 1) / points);
    }

    /** Those of 0.2 s and more, each to 0.1 s. Nothing is kept at all: one, from start to end. */
    public List<Gap> gaps(ToolName tool, Instant from, Instant to) throws HistoryException {
        List<Gap> gaps = new ArrayList<>();
        long fromUs = Json.usOf(from);
        long toUs = Json.usOf(to);
        long lastUs = fromUs;
        long nextUs = fromUs;
        for (HistorySource.Run run : source.runs(tool, fromUs, toUs, GAP_US)) {
            if (run.firstUs() - lastUs >= GAP_US) {
                gaps.add(gap(nextUs, run.firstUs()));
            }
            lastUs = run.lastUs();
            nextUs = Math.floorDiv(lastUs, TENTH_US) * TENTH_US + TENTH_US;
        }
        if (nextUs == fromUs || toUs - lastUs >= GAP_US) {
            gaps.add(gap(nextUs, toUs));
        }
        return gaps;
    }

    private static Gap gap(long fromUs, long toUs) {
        return new Gap(Json.instantOfUs(fromUs), Json.instantOfUs(toUs));
    }

    /** Each sample that is kept. */
    public List<Trace.Point> samples(ToolName tool, Instant from, Instant to) throws HistoryException {
        return source.force(tool, Json.usOf(from), Json.usOf(to), 0);
    }

    /** The next of 20 ms, 50 ms, 100 ms … that is not finer; 0 for sample by sample. */
    private static long step(long leastUs) {
        if (leastUs <= FINEST_STEP_US) {
            return 0;
        }
        long step = FINEST_STEP_US;
        for (int i = 0; step < leastUs; i++) {
            step = i % 3 == 1 ? step * 5 / 2 : step * 2;
        }
        return step;
    }

    private static List<Trace.Point> withGaps(List<Trace.Point> found, long stepUs) {
        long usualUs = stepUs;
        if (stepUs == 0) {
            usualUs = Long.MAX_VALUE / 5;
            for (int i = 1; i < found.size(); i++) {
                usualUs = Math.min(
                        usualUs,
                        Math.max(1, found.get(i).utcUs() - found.get(i - 1).utcUs()));
            }
        }
        List<Trace.Point> points = new ArrayList<>(found.size());
        for (Trace.Point point : found) {
            if (!points.isEmpty()) {
                long beforeUs = points.get(points.size() - 1).utcUs();
                long apartUs = point.utcUs() - beforeUs;
                if (stepUs > 0 ? apartUs > stepUs : 2 * apartUs > 5 * usualUs) {
                    points.add(Trace.Point.gap(beforeUs + usualUs));
                }
            }
            points.add(point);
        }
        return points;
    }

    private List<Part> lastSummaries(List<HistorySource.Found> found) throws HistoryException {
        Map<String, Part> last = new HashMap<>();
        for (HistorySource.Found each : found) {
            SessionMessage summary = read(each, SessionMessage.class);
            last.merge(
                    each.tool() + " " + summary.session(),
                    new Part(each.tool(), summary),
                    (one, other) -> one.summary().revision() >= other.summary().revision() ? one : other);
        }
        return new ArrayList<>(last.values());
    }

    private <T> List<T> findings(
            ToolName tool,
            String kind,
            long fromUs,
            long toUs,
            Class<T> type,
            Function<T, String> id,
            ToIntFunction<T> revision)
            throws HistoryException {
        Map<String, T> last = new HashMap<>();
        for (HistorySource.Found each : source.messages(tool, kind, fromUs, toUs)) {
            T message = read(each, type);
            last.merge(
                    id.apply(message),
                    message,
                    (one, other) -> revision.applyAsInt(one) >= revision.applyAsInt(other) ? one : other);
        }
        return new ArrayList<>(last.values());
    }

    private static <T> T read(HistorySource.Found found, Class<T> type) throws HistoryException {
        try {
            return Json.MAPPER.readValue(found.json(), type);
        } catch (JsonProcessingException e) {
            throw new HistoryException(
                    "%s: want a %s as this Lightstroke writes it, got %s"
                            .formatted(found.tool(), type.getSimpleName(), e.getOriginalMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        source.close();
    }
}

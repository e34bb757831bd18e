package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.history.SessionHistory.Part;
import io.lightstroke.messages.SessionMessage;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A session, of all its tools together.
 *
 * @param summaries one a tool, at least one
 */
public record SessionParts(List<SessionMessage> summaries) {
    /** The oldest first. */
    static List<SessionParts> of(List<Part> parts) {
        return parts.stream()
                .map(Part::summary)
                .collect(Collectors.groupingBy(SessionMessage::session, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(SessionParts::new)
                .sorted(Comparator.comparing(SessionParts::started))
                .toList();
    }

    public String id() {
        return summaries.get(0).session();
    }

    public @Nullable String person() {
        return summaries.get(0).person();
    }

    public Instant started() {
        return summaries.get(0).started();
    }

    public Figures figures() {
        return Figures.of(summaries.stream().map(SessionMessage::total).toList());
    }

    public double workedS() {
        return summaries.stream().mapToDouble(SessionMessage::workedS).sum();
    }

    public @Nullable Integer painBefore() {
        return first(SessionMessage::painBefore);
    }

    public @Nullable Integer painAfter() {
        return first(SessionMessage::painAfter);
    }

    /** Of which each tool may have its own; null when none has. */
    private @Nullable Integer first(Function<SessionMessage, @Nullable Integer> value) {
        return summaries.stream()
                .flatMap(summary -> Stream.ofNullable(value.apply(summary)))
                .findFirst()
                .orElse(null);
    }
}

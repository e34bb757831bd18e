package io.lightstroke.gateway.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.lightstroke.messages.Json;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The engine's findings over some sessions against the truth, by the rules of docs/accuracy.md. Null where there was
 * nothing to measure.
 *
 * @param strokes true ones
 * @param peakErrorP95N 95 % of the matched strokes' errors are at most this; so with the others
 * @param zoneTimeErrorPercent of the contact time
 * @param overPressureIntervals true ones
 */
public record Accuracy(
        int sessions,
        int strokes,
        @Nullable Double strokePrecision,
        @Nullable Double strokeRecall,
        @Nullable Double peakErrorP95N,
        @Nullable Double peakErrorP95Percent,
        @Nullable Double impulseErrorP95Percent,
        @Nullable Double durationErrorMedianMs,
        @Nullable Double zoneTimeErrorPercent,
        int overPressureIntervals,
        int overPressureMissed,
        @Nullable Double falseAlarmsPer1000Strokes) {
    static final ObjectMapper MAPPER = Json.MAPPER
            .copy()
            .setPropertyNamingStrategy(PropertyNamingStrategies.LOWER_CAMEL_CASE)
            .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);

    static Accuracy of(List<Comparison> sessions) {
        List<Comparison.Match> matched =
                sessions.stream().flatMap(session -> session.matched().stream()).toList();
        int strokes = sessions.stream().mapToInt(Comparison::strokes).sum();
        int found = sessions.stream().mapToInt(Comparison::found).sum();
        int falseAlarms = sessions.stream().mapToInt(Comparison::falseAlarms).sum();
        return new Accuracy(
                sessions.size(),
                strokes,
                share(matched.size(), found, 1),
                share(matched.size(), strokes, 1),
                percentile(95, matched, Comparison.Match::peakN),
                percentile(95, matched, Comparison.Match::peakPercent),
                percentile(95, matched, Comparison.Match::impulsePercent),
                percentile(50, matched, Comparison.Match::durationMs),
                share(
                        matched.stream().mapToDouble(Comparison.Match::zoneUs).sum(),
                        matched.stream()
                                .mapToDouble(Comparison.Match::contactUs)
                                .sum(),
                        100),
                sessions.stream().mapToInt(Comparison::overPressures).sum(),
                sessions.stream().mapToInt(Comparison::missed).sum(),
                share(falseAlarms, strokes, 1000));
    }

    public String json() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e.getOriginalMessage(), e);
        }
    }

    private static @Nullable Double share(double part, double whole, double of) {
        return whole == 0 ? null : (Double) rounded(of * part / whole);
    }

    /** The value that so many percent of them do not exceed. */
    static <T> @Nullable Double percentile(int percent, List<T> all, ToDoubleFunction<T> value) {
        double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
        return sorted.length == 0
                ? null
                : (Double) rounded(sorted[(int) Math.ceil(sorted.length * percent / 100.0) - 1]);
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}

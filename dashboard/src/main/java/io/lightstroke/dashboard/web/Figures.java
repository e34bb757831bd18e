package io.lightstroke.dashboard.web;

import io.lightstroke.messages.SessionMessage;
import java.util.Collection;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Figures of several sessions, or of several visits of areas, as if they were one.
 *
 * @param peakMeanN of all strokes
 * @param peakCvPercent likewise: the standard deviation of all peaks by their mean
 * @param inTargetPercent of the contact time
 */
public record Figures(
        long strokes,
        @Nullable Double peakMeanN,
        @Nullable Double peakCvPercent,
        @Nullable Double inTargetPercent,
        long overPressures) {

    static Figures of(Collection<SessionMessage.Figures> parts) {
        Double peakMeanN = mean(parts, SessionMessage.Figures::peakMeanN, SessionMessage.Figures::strokes);
        return new Figures(
                parts.stream().mapToLong(SessionMessage.Figures::strokes).sum(),
                peakMeanN,
                peakMeanN == null ? null : peakCvPercent(parts, peakMeanN),
                mean(parts, SessionMessage.Figures::inTargetPercent, SessionMessage.Figures::contactS),
                parts.stream()
                        .mapToLong(SessionMessage.Figures::overPressureEvents)
                        .sum());
    }

    public @Nullable Double overPressurePer100Strokes() {
        return strokes == 0 ? null : 100.0 * overPressures / strokes;
    }

    /** From each part's own spread, and how far its mean lies from that of all. */
    private static @Nullable Double peakCvPercent(Collection<SessionMessage.Figures> parts, double meanN) {
        double squares = 0;
        long strokes = 0;
        for (SessionMessage.Figures part : parts) {
            if (part.peakMeanN() != null) {
                double partN = part.peakMeanN();
                double deviationN = part.peakCvPercent() == null ? 0 : partN * part.peakCvPercent() / 100;
                squares += (part.strokes() - 1) * deviationN * deviationN
                        + part.strokes() * (partN - meanN) * (partN - meanN);
                strokes += part.strokes();
            }
        }
        return strokes < 2 ? null : 100 * Math.sqrt(squares / (strokes - 1)) / meanN;
    }

    /** Of those that have a value; null when none has. */
    static <T> @Nullable Double mean(
            Collection<T> all, Function<T, @Nullable Double> value, ToDoubleFunction<T> weight) {
        double sum = 0;
        double weights = 0;
        for (T each : all) {
            Double one = value.apply(each);
            if (one != null) {
                sum += one * weight.applyAsDouble(each);
                weights += weight.applyAsDouble(each);
            }
        }
        return weights == 0 ? null : sum / weights;
    }

    /** Mean of the pain after each session, of which each tool has its own summary. */
    static @Nullable Double painAfter(Collection<SessionMessage> summaries) {
        return mean(
                summaries.stream()
                        .filter(each -> each.painAfter() != null)
                        .collect(Collectors.toMap(
                                SessionMessage::session,
                                each -> Objects.requireNonNull(each.painAfter()).doubleValue(),
                                (one, other) -> one))
                        .values(),
                Function.identity(),
                pain -> 1);
    }

    /** Of which each tool has its own summary. */
    static int sessions(Collection<SessionMessage> summaries) {
        return (int) summaries.stream().map(SessionMessage::session).distinct().count();
    }
}

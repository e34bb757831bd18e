package io.lightstroke.dashboard.web;

import io.javalin.http.BadRequestResponse;
import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.StrokeMessage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two sessions, or areas of them, side by side.
 *
 * @param zones contact time of the strokes that are kept, in each zone
 * @param peaks strokes that are kept, by their peak in whole newtons, rounded down
 */
public record Comparison(Side one, Side other, List<Bar> zones, List<Bar> peaks) {
    /** With fewer, chance alone makes figures differ. */
    public static final int FEW_STROKES = 30;

    /**
     * @param area as in {@link Choice}; empty: all
     * @param choices areas of the session
     * @param strokes that are kept, as the figures count them
     */
    public record Side(
            SessionMessage summary,
            String area,
            List<Choice> choices,
            Figures figures,
            double workedS,
            List<StrokeMessage> strokes) {
        static Side of(List<WholePart> parts, String parameter, String area) {
            List<SessionMessage> summaries =
                    parts.stream().map(WholePart::summary).toList();
            List<Choice> choices = summaries.stream()
                    .flatMap(summary -> summary.areas().stream())
                    .flatMap(visit -> Choice.of(visit.region(), visit.side()))
                    .distinct()
                    .toList();
            if (!area.isEmpty()
                    && choices.stream().noneMatch(choice -> choice.key().equals(area))) {
                throw new BadRequestResponse("%s: want an area of session %s, one of %s, got %s"
                        .formatted(
                                parameter,
                                summaries.get(0).session(),
                                choices.stream().map(Choice::key).collect(Collectors.joining(", ")),
                                area));
            }
            List<SessionMessage.Area> visits = summaries.stream()
                    .flatMap(summary -> summary.areas().stream())
                    .filter(visit -> isOn(area, visit.region(), visit.side()))
                    .toList();
            return new Side(
                    summaries.get(0),
                    area,
                    choices,
                    Figures.of(
                            area.isEmpty()
                                    ? summaries.stream()
                                            .map(SessionMessage::total)
                                            .toList()
                                    : visits.stream()
                                            .map(SessionMessage.Area::figures)
                                            .toList()),
                    area.isEmpty()
                            ? summaries.stream()
                                    .mapToDouble(SessionMessage::workedS)
                                    .sum()
                            : visits.stream()
                                    .mapToDouble(SessionMessage.Area::workedS)
                                    .sum(),
                    parts.stream()
                            .flatMap(part -> part.countedStrokes().stream())
                            .filter(stroke -> isOn(area, stroke.region(), stroke.side()))
                            .toList());
        }

        private static boolean isOn(String area, @Nullable String region, @Nullable String side) {
            return area.isEmpty()
                    || Choice.of(region, side).anyMatch(choice -> choice.key().equals(area));
        }

        private double inZoneS(String zone) {
            return strokes.stream()
                    .mapToDouble(stroke -> stroke.timeInZoneS().getOrDefault(zone, 0.0))
                    .sum();
        }
    }

    public record Choice(String region, @Nullable String side) {
        /** None without a region. */
        private static Stream<Choice> of(@Nullable String region, @Nullable String side) {
            return region == null ? Stream.empty() : Stream.of(new Choice(region, side));
        }

        /** As an address has it: {@code calf.left}. */
        public String key() {
            return side == null ? region : region + "." + side;
        }
    }

    /** @param of what: a zone, or newtons */
    public record Bar(String of, Share one, Share other) {}

    /** @param percent of the whole side; null where it has nothing */
    public record Share(double amount, @Nullable Double percent) {}

    static Comparison of(Side one, Side other) {
        return new Comparison(
                one,
                other,
                bars(
                        Stream.of(Zone.values()).map(Zone::word).toList(),
                        zone -> one.inZoneS(zone),
                        zone -> other.inZoneS(zone)),
                peaks(one, other));
    }

    private static List<Bar> peaks(Side one, Side other) {
        Map<String, Long> ofOne = byNewton(one);
        Map<String, Long> ofOther = byNewton(other);
        int most = Stream.of(ofOne, ofOther)
                .flatMap(each -> each.keySet().stream())
                .mapToInt(Integer::parseInt)
                .max()
                .orElse(-1);
        return bars(
                IntStream.rangeClosed(0, most).mapToObj(String::valueOf).toList(),
                newtons -> ofOne.getOrDefault(newtons, 0L).doubleValue(),
                newtons -> ofOther.getOrDefault(newtons, 0L).doubleValue());
    }

    private static Map<String, Long> byNewton(Side side) {
        return side.strokes.stream()
                .collect(Collectors.groupingBy(
                        stroke -> String.valueOf((int) stroke.peakN()), TreeMap::new, Collectors.counting()));
    }

    private static List<Bar> bars(List<String> of, Function<String, Double> one, Function<String, Double> other) {
        double allOfOne = of.stream().mapToDouble(one::apply).sum();
        double allOfOther = of.stream().mapToDouble(other::apply).sum();
        return of.stream()
                .map(each -> new Bar(each, share(one.apply(each), allOfOne), share(other.apply(each), allOfOther)))
                .toList();
    }

    private static Share share(double amount, double all) {
        return new Share(amount, all == 0 ? null : 100 * amount / all);
    }

    /** The greatest share on either side, so that both are drawn by one scale. */
    public static double scale(List<Bar> bars) {
        return bars.stream()
                .flatMap(bar -> Stream.of(bar.one(), bar.other()))
                .mapToDouble(share -> share.percent() == null ? 0 : share.percent())
                .max()
                .orElse(0);
    }
}

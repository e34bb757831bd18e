package io.lightstroke.dashboard.history;

import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.StrokeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/**
 * One session as tables for other programs: CSV by RFC 4180 in UTF-8, numbers with a decimal point, units in the header,
 * times in UTC; what is not known is empty. All texts are names that begin with a letter or digit, which no spreadsheet takes for
 * a formula.
 */
public final class SessionCsv {
    private static final List<String> ZONES = List.of("none", "light", "moderate", "firm", "too-deep", "ceiling");

    /** So much is asked for at a time: memory does not grow with the session. */
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private SessionCsv() {}

    public static void strokes(List<WholePart> parts, OutputStream out) throws IOException {
        List<String> columns = new ArrayList<>(List.of(
                "tool",
                "session",
                "person",
                "time_utc",
                "region",
                "side",
                "phase",
                "duration_s",
                "peak_N",
                "mean_N",
                "impulse_Ns",
                "rise_time_s",
                "over_time_s",
                "ceiling_hit",
                "hold",
                "interrupted",
                "gap_percent",
                "angle_deg",
                "direction",
                "limits_version"));
        ZONES.forEach(zone -> columns.add("time_in_" + zone + "_s"));
        try (CSVPrinter csv = printer(out, columns)) {
            for (WholePart part : parts) {
                for (StrokeMessage stroke : part.strokes()) {
                    List<@Nullable Object> row = new ArrayList<>();
                    row.add(part.tool());
                    row.add(stroke.session());
                    row.add(stroke.person());
                    row.add(stroke.time());
                    row.add(stroke.region());
                    row.add(stroke.side());
                    row.add(stroke.phase());
                    row.add(plain(stroke.durationS()));
                    row.add(plain(stroke.peakN()));
                    row.add(plain(stroke.meanN()));
                    row.add(plain(stroke.impulseNs()));
                    row.add(plain(stroke.riseTimeS()));
                    row.add(plain(stroke.overTimeS()));
                    row.add(stroke.ceilingHit());
                    row.add(stroke.hold());
                    row.add(stroke.interrupted());
                    row.add(plain(stroke.gapPercent()));
                    row.add(stroke.angleDeg());
                    row.add(stroke.direction());
                    row.add(stroke.limitsVersion());
                    ZONES.forEach(zone -> row.add(plain(stroke.timeInZoneS().get(zone))));
                    csv.printRecord(row);
                }
            }
        }
    }

    /** A row for each visit of an area. */
    public static void areas(List<WholePart> parts, OutputStream out) throws IOException {
        List<String> columns = List.of(
                "tool",
                "session",
                "person",
                "started_utc",
                "region",
                "side",
                "worked_s",
                "cap_s",
                "strokes",
                "contact_s",
                "cadence_per_min",
                "peak_mean_N",
                "peak_cv_percent",
                "impulse_Ns",
                "in_target_percent",
                "over_pressure_events",
                "over_pressure_s",
                "unidirectional_percent",
                "spots",
                "light_N",
                "moderate_N",
                "too_deep_N",
                "ceiling_N",
                "limits_version");
        try (CSVPrinter csv = printer(out, columns)) {
            for (WholePart part : parts) {
                for (SessionMessage.Area area : part.summary().areas()) {
                    SessionMessage.Figures figures = area.figures();
                    csv.printRecord(
                            part.tool(),
                            part.summary().session(),
                            part.summary().person(),
                            area.started(),
                            area.region(),
                            area.side(),
                            plain(area.workedS()),
                            area.capS(),
                            figures.strokes(),
                            plain(figures.contactS()),
                            plain(figures.cadencePerMin()),
                            plain(figures.peakMeanN()),
                            plain(figures.peakCvPercent()),
                            plain(figures.impulseNs()),
                            plain(figures.inTargetPercent()),
                            figures.overPressureEvents(),
                            plain(figures.overPressureS()),
                            plain(figures.unidirectionalPercent()),
                            area.spots().size(),
                            plain(area.limits().lightN()),
                            plain(area.limits().moderateN()),
                            plain(area.limits().tooDeepN()),
                            plain(area.limits().ceilingN()),
                            area.limits().version());
                }
            }
        }
    }

    /** A row for each sample from the session's start to its end, packed by gzip. Missing samples have no row, invalid ones no force. */
    public static void samples(SessionHistory history, List<WholePart> parts, OutputStream out)
            throws IOException, HistoryException {
        try (CSVPrinter csv = printer(new GZIPOutputStream(out), List.of("tool", "time_utc", "force_N"))) {
            for (WholePart part : parts) {
                Instant end = part.summary().ended();
                for (Instant from = part.summary().started(); from.isBefore(end); from = from.plus(WINDOW)) {
                    Instant to = from.plus(WINDOW).isBefore(end) ? from.plus(WINDOW) : end;
                    for (Trace.Point point : history.samples(part.tool(), from, to)) {
                        csv.printRecord(
                                part.tool(),
                                Instant.EPOCH.plus(point.utcUs(), ChronoUnit.MICROS),
                                plain(point.meanN()));
                    }
                }
            }
        }
    }

    private static CSVPrinter printer(OutputStream out, List<String> columns) throws IOException {
        Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        return new CSVPrinter(
                text,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader(columns.toArray(String[]::new))
                        .get());
    }

    /** Never with an exponent. */
    private static @Nullable String plain(@Nullable Double value) {
        return value == null ? null : new BigDecimal(value.toString()).toPlainString();
    }
}

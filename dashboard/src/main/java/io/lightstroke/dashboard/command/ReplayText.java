package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.replay.ReplayFindings;
import io.lightstroke.gateway.replay.ReplayFindings.OverPressureFound;
import io.lightstroke.gateway.replay.ReplayFindings.SpotFound;
import io.lightstroke.gateway.replay.ReplayFindings.StrokeFound;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The findings of a replay for people. */
final class ReplayText {
    private ReplayText() {}

    /** @param whereNoneAreOrdered a journal's orders go before the limits */
    static void print(PrintWriter out, ReplayFindings findings, boolean whereNoneAreOrdered) {
        ReplayFindings.Limits limits = findings.limits();
        out.printf(
                Locale.ROOT,
                "Limits%s: light to %.2f N, moderate to %.2f N, too deep from %.2f N, ceiling %.2f N.%n"
                        + "Engine version %d.%n",
                whereNoneAreOrdered ? " where none are ordered" : "",
                limits.lightN(),
                limits.moderateN(),
                limits.tooDeepN(),
                limits.ceilingN(),
                findings.engineVersion());
        strokes(out, findings.strokes());
        overPressures(out, findings.overPressure());
        spots(out, findings.spots());
        totals(out, findings);
    }

    private static void strokes(PrintWriter out, List<StrokeFound> strokes) {
        if (strokes.isEmpty()) {
            return;
        }
        out.printf(
                "%nStrokes; zones and times in seconds. H: hold, I: interrupted, C: ceiling reached; then the angle,%n"
                        + "and + forward or - backward, where the tool tells them%n");
        out.println("    start       end peakN meanN    N·s   rise light  mod.  firm  deep ceil.  over gap%");
        String before = null;
        for (StrokeFound stroke : strokes) {
            before = heading(out, before, stroke.tool(), stroke.boot());
            var zones = stroke.timeInZoneS();
            out.println(String.format(
                            Locale.ROOT,
                            "%9.3f %9.3f %5.2f %5.2f %6.2f %6s %5.2f %5.2f %5.2f %5.2f %5.2f %5.2f %4.0f  %s",
                            stroke.startUs() / 1e6,
                            stroke.endUs() / 1e6,
                            stroke.peakN(),
                            stroke.meanN(),
                            stroke.impulseNs(),
                            stroke.riseTimeS() == null ? "-" : String.format(Locale.ROOT, "%.3f", stroke.riseTimeS()),
                            zones.get("light"),
                            zones.get("moderate"),
                            zones.get("firm"),
                            zones.get("too-deep"),
                            zones.get("ceiling"),
                            stroke.overTimeS(),
                            stroke.gapPercent(),
                            remarks(stroke))
                    .stripTrailing());
        }
    }

    private static String remarks(StrokeFound stroke) {
        List<String> remarks = new ArrayList<>();
        String letters =
                (stroke.hold() ? "H" : "") + (stroke.interrupted() ? "I" : "") + (stroke.ceilingHit() ? "C" : "");
        if (!letters.isEmpty()) {
            remarks.add(letters);
        }
        if (stroke.angleDeg() != null) {
            remarks.add(stroke.angleDeg() + "°");
        }
        if (stroke.direction() != null) {
            remarks.add(stroke.direction() > 0 ? "+" : "-");
        }
        return String.join(" ", remarks);
    }

    private static void overPressures(PrintWriter out, List<OverPressureFound> overPressures) {
        if (overPressures.isEmpty()) {
            return;
        }
        out.printf("%nOver-pressures, seconds%n");
        out.println("     start       end   length");
        String before = null;
        for (OverPressureFound over : overPressures) {
            before = heading(out, before, over.tool(), over.boot());
            out.printf(
                    Locale.ROOT,
                    "%10.3f %9.3f %8.3f  %s%s%n",
                    over.startUs() / 1e6,
                    over.endUs() / 1e6,
                    (over.endUs() - over.startUs()) / 1e6,
                    over.ceiling() ? "ceiling" : "too deep",
                    over.endedUnknown() ? ", end not known" : "");
        }
    }

    private static void spots(PrintWriter out, List<SpotFound> spots) {
        if (spots.isEmpty()) {
            return;
        }
        out.printf("%nSpots, seconds%n");
        out.println("     start       end    dwell  strokes");
        String before = null;
        for (SpotFound spot : spots) {
            before = heading(out, before, spot.tool(), spot.boot());
            out.printf(
                    Locale.ROOT,
                    "%10.3f %9.3f %8.3f %8d%s%n",
                    spot.startUs() / 1e6,
                    spot.endUs() / 1e6,
                    spot.dwellS(),
                    spot.strokes(),
                    spot.interrupted() ? "  interrupted" : "");
        }
    }

    /** Names the tool and boot where they change. */
    private static @Nullable String heading(
            PrintWriter out, @Nullable String before, @Nullable String tool, @Nullable Long boot) {
        if (boot == null) {
            return before;
        }
        String now = "%sboot 0x%08x".formatted(tool == null ? "" : tool + ", ", boot);
        if (!now.equals(before)) {
            out.println("  " + now);
        }
        return now;
    }

    private static void totals(PrintWriter out, ReplayFindings findings) {
        long holds = findings.strokes().stream().filter(StrokeFound::hold).count();
        long interrupted = findings.strokes().stream()
                .filter(stroke -> stroke.interrupted() && !stroke.hold())
                .count();
        double contactS =
                findings.strokes().stream().mapToDouble(StrokeFound::durationS).sum();
        double impulseNs =
                findings.strokes().stream().mapToDouble(StrokeFound::impulseNs).sum();
        double overS = findings.overPressure().stream()
                .mapToDouble(over -> (over.endUs() - over.startUs()) / 1e6)
                .sum();
        double dwellS = findings.spots().stream().mapToDouble(SpotFound::dwellS).sum();
        out.printf(
                Locale.ROOT,
                "%nStrokes %d, holds %d, interrupted %d: %.3f s in contact, %.3f N·s%n",
                findings.strokes().size() - holds - interrupted,
                holds,
                interrupted,
                contactS,
                impulseNs);
        out.printf(
                Locale.ROOT,
                "Over-pressures %d: %.3f s%n",
                findings.overPressure().size(),
                overS);
        out.printf(Locale.ROOT, "Spots %d: %.3f s%n", findings.spots().size(), dwellS);
    }
}

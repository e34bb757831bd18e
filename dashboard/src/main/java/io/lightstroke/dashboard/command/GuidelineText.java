package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.guideline.BruiseRule;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.GuidelineContent;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.guideline.RestRule;
import io.lightstroke.gateway.guideline.Screening;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** A guideline for people, in 100 columns. */
final class GuidelineText {
    private static final int LABEL = 17;
    private static final int WIDTH = 100;

    private final StringBuilder text = new StringBuilder();
    private final Guideline guideline;
    private final @Nullable Double edgeMm2;

    /** @param edgeMm2 area of the tool's edge, to show kPa too */
    GuidelineText(Guideline guideline, @Nullable Double edgeMm2) {
        this.guideline = guideline;
        this.edgeMm2 = edgeMm2;
        GuidelineContent content = guideline.content();
        line("%s: %s".formatted(content.version(), content.title()));
        line("");
        paragraph(content.disclaimer());
        limits(content);
        regions(content);
        factors(content);
        times(content);
        screening(content);
        heading("Sources");
        rows(content.sources());
        line("\nSHA-256 of the YAML  " + guideline.fingerprint());
    }

    private void limits(GuidelineContent content) {
        heading("Limits in newtons");
        limitsLine("", "light up to", "moderate up to", "too deep from", "ceiling from");
        for (GuidelineContent.Regions.Offered group : content.regions().value().offered()) {
            line(group.regions().entrySet().stream().map(GuidelineText::named).collect(Collectors.joining(", ")));
            String region = group.regions().keySet().iterator().next();
            for (String profile : guideline.profiles().keySet()) {
                PressureLimits limits = guideline.limits(region, profile);
                limitsLine(
                        "  " + profile,
                        force(limits.lightCn()),
                        force(limits.moderateCn()),
                        force(limits.tooDeepCn()),
                        force(limits.ceilingCn()));
            }
        }
        text.append('\n');
        basis(content.limits());
    }

    private void limitsLine(String label, String light, String moderate, String tooDeep, String ceiling) {
        line("%-20s%18s%18s%18s%18s".formatted(label, light, moderate, tooDeep, ceiling));
    }

    private String force(int cn) {
        double newtons = cn / 100.0;
        return edgeMm2 == null
                ? String.format(Locale.ROOT, "%.1f", newtons)
                : String.format(Locale.ROOT, "%.1f = %.0f kPa", newtons, PressureLimits.kilopascals(newtons, edgeMm2));
    }

    private void regions(GuidelineContent content) {
        heading("Regions");
        TextTable table = table();
        content.regions()
                .value()
                .offered()
                .forEach(group -> table.addRowValues(
                        times(group.factor()), String.join(", ", group.regions().values())));
        content.regions()
                .value()
                .notOffered()
                .forEach(group -> table.addRowValues(
                        "not offered", String.join(", ", group.regions().values()) + ": " + group.reason()));
        append(table);
        basis(content.regions());
    }

    private void factors(GuidelineContent content) {
        heading("People");
        TextTable profiles = table();
        guideline
                .profiles()
                .forEach((id, profile) -> profiles.addRowValues(
                        times(profile.factor()),
                        id.equals(profile.name()) ? id : "%s (%s)".formatted(id, profile.name())));
        append(profiles);
        basis(content.profiles());

        heading("A practitioner's factor");
        TextTable override = table();
        override.addRowValues(
                "up to " + times(content.override().value().largestFactor()), "for one person; never above 14 N");
        append(override);
        basis(content.override());

        heading("Bruises");
        BruiseRule rule = guideline.bruises();
        TextTable bruises = table();
        bruises.addRowValues(
                times(rule.factor()),
                "for each bruise reported, %s at the least, until %d sessions without one"
                        .formatted(times(rule.smallestFactor()), rule.cleanSessions()));
        bruises.addRowValues(
                "%d of the last %d".formatted(rule.tooDeepBruised(), rule.tooDeepOfLast()),
                "sessions with a bruise: the pressure was too deep");
        append(bruises);
        basis(content.bruises());
    }

    private void times(GuidelineContent content) {
        heading("Longest times");
        Caps caps = guideline.caps();
        TextTable table = table();
        table.addRowValues(
                "a spot",
                "prompt after %s, on to the next after %s".formatted(time(caps.spotPromptS()), time(caps.spotS())));
        table.addRowValues("an area", time(caps.areaS()));
        table.addRowValues("a session", time(caps.sessionS()));
        append(table);
        basis(content.caps());

        heading("Rest");
        RestRule rule = guideline.rest();
        TextTable rest = table();
        rest.addRowValues("an area", rule.areaH() + " h from one session to the next");
        rest.addRowValues("a week", "at most %d sessions in any 7 days".formatted(rule.sessionsPerWeek()));
        rest.addRowValues(
                "a course",
                "%d to %d weeks, review in week %d"
                        .formatted(rule.courseWeeksMin(), rule.courseWeeksMax(), rule.reviewWeek()));
        rest.addRowValues("must be gone", String.join(", ", rule.mustBeGone().values()));
        append(rest);
        basis(content.rest());
    }

    private void screening(GuidelineContent content) {
        heading("Screening");
        Screening screening = guideline.screening();
        TextTable table = table();
        table.addRowValues("not at home", String.join(", ", screening.absolute().values()));
        table.addRowValues(
                "with clearance", String.join(", ", screening.relative().values()));
        screening.neverOn().forEach((condition, regions) -> {
            String names = regions.stream().map(this::regionName).collect(Collectors.joining(", "));
            table.addRowValues("never", "%s with %s".formatted(names, screening.name(condition)));
        });
        table.addRowValues(
                "stop at once", String.join(", ", screening.stopAtOnce().values()));
        append(table);
        basis(content.screening());

        heading("Confirmed before each session");
        rows(guideline.checklist());
        basis(content.checklist());
    }

    private void basis(GuidelineContent.Group<?> group) {
        TextTable table = table();
        table.addRowValues("Source", String.join(", ", group.source()));
        table.addRowValues("Uncertainty", group.uncertainty());
        append(table);
    }

    private void rows(Map<String, String> rows) {
        TextTable table = table();
        rows.forEach(table::addRowValues);
        append(table);
    }

    private void heading(String words) {
        text.append(text.isEmpty() ? "" : "\n")
                .append(words.toUpperCase(Locale.ROOT))
                .append('\n');
    }

    private void paragraph(String words) {
        TextTable table = table(new Column(WIDTH, 0, Overflow.WRAP));
        table.addRowValues(words);
        append(table);
    }

    private void line(String words) {
        text.append(words.stripTrailing()).append('\n');
    }

    private static TextTable table() {
        return table(new Column(LABEL, 0, Overflow.WRAP), new Column(WIDTH - LABEL, 0, Overflow.WRAP));
    }

    private static TextTable table(Column... columns) {
        TextTable table = TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
        table.indentWrappedLines = 0;
        return table;
    }

    private void append(TextTable table) {
        table.toString().lines().forEach(this::line);
    }

    private static String named(Map.Entry<String, String> region) {
        return region.getKey().equals(region.getValue().replace(' ', '-'))
                ? region.getKey()
                : "%s (%s)".formatted(region.getKey(), region.getValue());
    }

    private String regionName(String region) {
        GuidelineContent.Regions regions = guideline.content().regions().value();
        return Stream.concat(
                        regions.offered().stream().map(GuidelineContent.Regions.Offered::regions),
                        regions.notOffered().stream().map(GuidelineContent.Regions.NotOffered::regions))
                .filter(group -> group.containsKey(region))
                .map(group -> group.get(region))
                .findFirst()
                .orElse(region);
    }

    private static String times(BigDecimal factor) {
        return "×" + factor.toPlainString();
    }

    private static String time(int seconds) {
        return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

package io.lightstroke.dashboard.web;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.lightstroke.dashboard.history.HistoryException;
import io.lightstroke.dashboard.history.SessionCsv;
import io.lightstroke.dashboard.history.SessionExport;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.history.SessionHistory.Gap;
import io.lightstroke.dashboard.history.SessionHistory.OverPressure;
import io.lightstroke.dashboard.history.SessionHistory.Part;
import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.dashboard.history.ToolName;
import io.lightstroke.dashboard.history.Trace;
import io.lightstroke.dashboard.records.Facts;
import io.lightstroke.dashboard.records.Outcome;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SpotMessage;
import io.lightstroke.messages.StrokeMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the review pages show: sessions over weeks, and one session with each of its strokes. */
public final class Review {
    private static final int WEEKS = 6;
    private static final int MOST_POINTS = 4000;

    /** Columns of the strokes by which they can be sorted; the greatest first, but for the time. */
    private static final Map<String, Comparator<StrokeMessage>> ORDERS = Map.of(
            "time",
            Comparator.comparing(StrokeMessage::time),
            "peak",
            greatestFirst(StrokeMessage::peakN),
            "mean",
            greatestFirst(StrokeMessage::meanN),
            "impulse",
            greatestFirst(StrokeMessage::impulseNs),
            "duration",
            greatestFirst(StrokeMessage::durationS),
            "zone",
            greatestFirst(stroke -> hardest(stroke).ordinal()),
            "over",
            greatestFirst(StrokeMessage::overTimeS));

    /** Of the table of strokes, in their order on the page. */
    public static final List<String> COLUMNS = List.of("time", "peak", "mean", "impulse", "duration", "zone", "over");

    /** Content types of what a session can be had as. */
    private static final Map<String, String> FILES = new TreeMap<>(Map.of(
            "strokes.csv",
            "text/csv; charset=utf-8",
            "areas.csv",
            "text/csv; charset=utf-8",
            "samples.csv.gz",
            "application/gzip",
            "session.json",
            "application/json"));

    private final SessionHistory history;
    /** Who has read what is kept there. */
    private final Records records;

    private final Guideline guideline;
    private final ZoneId zone;
    private final InstantSource clock;

    Review(SessionHistory history, Records records, Guideline guideline, ZoneId zone, InstantSource clock) {
        this.history = history;
        this.records = records;
        this.guideline = guideline;
        this.zone = zone;
        this.clock = clock;
    }

    /** Of the zones in which it was. */
    public static Zone hardest(StrokeMessage stroke) {
        Zone hardest = Zone.NONE;
        for (Zone zone : Zone.values()) {
            hardest = stroke.timeInZoneS().getOrDefault(zone.word(), 0.0) > 0 ? zone : hardest;
        }
        return hardest;
    }

    private static Comparator<StrokeMessage> greatestFirst(ToDoubleFunction<StrokeMessage> value) {
        return Comparator.comparingDouble(value).reversed().thenComparing(StrokeMessage::time);
    }

    /** Of both of them and what lies between. */
    public record Days(LocalDate from, LocalDate to) {
        /** To ask for them. */
        public String query() {
            return "from=" + from + "&to=" + to;
        }
    }

    /**
     * @param person pseudonym; empty: everybody
     * @param region empty: every
     */
    public record Filter(Days days, String person, String region) {}

    /** @param planned whether one person was chosen who has a plan */
    public record Listing(
            Filter filter,
            List<Part> sessions,
            List<Week> weeks,
            boolean planned,
            List<Month> months,
            List<Overview> overviews,
            List<String> people,
            List<String> regions) {}

    /** A person's sessions with one tool, over a time. */
    public record Overview(ToolName tool, Instant from, Instant to, List<SessionMessage> sessions) {
        /** For the page's chart. */
        public String marks() {
            return Review.marks(sessions, List.of(), List.of(), List.of());
        }
    }

    private List<Overview> overviews(List<Part> parts, Days days) {
        Map<ToolName, List<SessionMessage>> byTool = parts.stream()
                .collect(Collectors.groupingBy(
                        Part::tool, LinkedHashMap::new, Collectors.mapping(Part::summary, Collectors.toList())));
        return byTool.entrySet().stream()
                .map(each -> new Overview(each.getKey(), begin(days.from), begin(days.to.plusDays(1)), each.getValue()))
                .toList();
    }

    /** A visit of an area: until the next one, or the session's end. */
    record Visit(@Nullable String region, @Nullable String side, Instant from, Instant to) {
        private static List<Visit> of(SessionMessage summary) {
            List<Visit> visits = new ArrayList<>();
            Instant to = summary.ended();
            for (int i = summary.areas().size() - 1; i >= 0; i--) {
                SessionMessage.Area area = summary.areas().get(i);
                visits.add(0, new Visit(area.region(), area.side(), area.started(), to));
                to = area.started();
            }
            return visits;
        }
    }

    private static String marks(
            List<SessionMessage> summaries, List<SpotMessage> spots, List<OverPressure> overPressures, List<Gap> gaps) {
        return Json.text(Map.of(
                "areas",
                summaries.stream().flatMap(each -> Visit.of(each).stream()).toList(),
                "spots",
                spots,
                "over_pressures",
                overPressures,
                "gaps",
                gaps));
    }

    Listing list(Context request) throws HistoryException {
        Filter filter = new Filter(days(request), Query.word(request, "person"), Query.word(request, "region"));
        Access.Caller caller = Access.caller(request);
        List<Part> all = visible(caller, filter.days);
        Predicate<Part> wanted = part -> (filter.person.isEmpty()
                        || filter.person.equals(part.summary().person()))
                && (filter.region.isEmpty()
                        || part.summary().areas().stream().anyMatch(area -> filter.region.equals(area.region())));
        List<Part> found = all.stream().filter(wanted).toList();
        records.accessed(caller.name(), filter.person.isEmpty() ? null : filter.person, "sessions");
        Week.Planned planned = planned(records.facts(filter.person).orElse(null));
        return new Listing(
                filter,
                found,
                Week.of(found.stream().map(Part::summary).toList(), zone, planned, untilToday(filter.days)),
                planned != null,
                Month.of(found, zone),
                filter.person.isEmpty() ? List.of() : overviews(found, untilToday(filter.days)),
                all.stream()
                        .map(part -> Objects.requireNonNull(part.summary().person()))
                        .distinct()
                        .sorted()
                        .toList(),
                all.stream()
                        .flatMap(part -> part.summary().areas().stream())
                        .map(SessionMessage.Area::region)
                        .filter(Objects::nonNull)
                        .map(Objects::requireNonNull)
                        .distinct()
                        .sorted()
                        .toList());
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), zone);
    }

    private Days days(Context request) {
        Days days = new Days(Query.day(request, "from", today().minusWeeks(WEEKS)), Query.day(request, "to", today()));
        if (days.from.isAfter(days.to)) {
            throw new BadRequestResponse("from: want a day up to %s, got %s".formatted(days.to, days.from));
        }
        return days;
    }

    private Days untilToday(Days days) {
        return days.to.isBefore(today()) ? days : new Days(days.from, today());
    }

    private Instant begin(LocalDate day) {
        return day.atStartOfDay(zone).toInstant();
    }

    /** What the caller may see of sessions with a person, the newest first. */
    private List<Part> visible(Access.Caller caller, Days days) throws HistoryException {
        return history.sessions(begin(days.from), begin(days.to.plusDays(1))).stream()
                .filter(part -> part.summary().person() != null
                        && Access.maySee(caller, part.summary().person()))
                .toList();
    }

    /** Null: nobody is chosen, or is not kept in the records, or has no plan. */
    private Week.@Nullable Planned planned(@Nullable Facts facts) {
        return facts == null
                ? null
                : records.plan(facts.person().id())
                        .map(plan -> new Week.Planned(plan, facts))
                        .orElse(null);
    }

    /**
     * A tool's part of a session.
     *
     * @param part with the strokes in the order that was asked for
     */
    public record OpenedPart(WholePart part, List<Gap> gaps) {
        public boolean samplesKept() {
            return !gaps.equals(
                    List.of(new Gap(part.summary().started(), part.summary().ended())));
        }

        /** For the page's chart. */
        public String marks() {
            return Review.marks(List.of(part.summary()), part.spots(), part.overPressures(), gaps);
        }
    }

    /**
     * @param order of the strokes, a key of {@link #ORDERS}
     * @param others the summaries of the person's sessions of the weeks before and after, with which it can be compared; of
     *     two areas or more also with itself
     * @param note empty: none
     * @param notable whether a note can be kept: the records know the person, and the session
     */
    public record Opened(
            List<OpenedPart> parts,
            String order,
            List<SessionMessage> others,
            String person,
            String note,
            boolean notable) {
        public List<SessionMessage> summaries() {
            return parts.stream().map(each -> each.part().summary()).toList();
        }
    }

    Opened session(Context request) throws HistoryException {
        String order = Objects.requireNonNullElse(request.queryParam("order"), "time");
        Comparator<StrokeMessage> comparator = ORDERS.get(order);
        if (comparator == null) {
            throw new BadRequestResponse("order: want one of %s, got %s".formatted(String.join(", ", COLUMNS), order));
        }
        String id = request.pathParam("session");
        List<OpenedPart> parts = new ArrayList<>();
        for (WholePart part : parts(request, id)) {
            parts.add(new OpenedPart(
                    new WholePart(
                            part.tool(),
                            part.summary(),
                            part.strokes().stream().sorted(comparator).toList(),
                            part.spots(),
                            part.alerts()),
                    history.gaps(
                            part.tool(),
                            part.summary().started(),
                            part.summary().ended())));
        }
        String person = Objects.requireNonNull(parts.get(0).part().summary().person());
        boolean notable = records.facts(person).stream()
                .flatMap(facts -> facts.sessions().stream())
                .anyMatch(session -> session.session().equals(id));
        return new Opened(
                parts,
                order,
                others(parts.get(0).part().summary(), person),
                person,
                records.notes(person).getOrDefault(id, ""),
                notable);
    }

    private List<SessionMessage> others(SessionMessage summary, String person) throws HistoryException {
        Map<String, SessionMessage> others = new LinkedHashMap<>();
        Duration near = Duration.ofDays(7L * WEEKS);
        for (Part part : history.sessions(
                summary.started().minus(near), summary.started().plus(near))) {
            if (person.equals(part.summary().person())) {
                others.putIfAbsent(part.summary().session(), part.summary());
            }
        }
        if (summary.areas().size() < 2) {
            others.remove(summary.session());
        }
        return List.copyOf(others.values());
    }

    /** @param people by their pseudonyms, which rank nobody */
    public record People(Days days, List<OfPerson> people) {}

    People people(Context request) throws HistoryException {
        Days days = days(request);
        Access.Caller caller = Access.caller(request);
        Map<String, List<SessionMessage>> byPerson = visible(caller, days).stream()
                .map(Part::summary)
                .collect(Collectors.groupingBy(
                        summary -> Objects.requireNonNull(summary.person()), TreeMap::new, Collectors.toList()));
        List<OfPerson> people = new ArrayList<>();
        byPerson.forEach((person, summaries) -> {
            records.accessed(caller.name(), person, "comparison");
            people.add(OfPerson.of(
                    person, summaries, outcomes(records.facts(person).orElse(null), days)));
        });
        return new People(days, people);
    }

    /** Of sessions of that time; none of somebody who is not kept in the records. */
    private List<Outcome> outcomes(@Nullable Facts facts, Days days) {
        return facts == null
                ? List.of()
                : Outcome.of(facts).stream()
                        .filter(outcome -> {
                            Instant started = outcome.session().started();
                            return !started.isBefore(begin(days.from)) && started.isBefore(begin(days.to.plusDays(1)));
                        })
                        .toList();
    }

    Report report(Context request) throws HistoryException {
        String person = Query.required(request, "person", "a pseudonym");
        Days days = days(request);
        Access.Caller caller = Access.caller(request);
        Facts facts = records.facts(person).orElse(null);
        List<Part> found = visible(caller, days).stream()
                .filter(part -> person.equals(part.summary().person()))
                .toList();
        if (!Access.maySee(caller, person) || (facts == null && found.isEmpty())) {
            throw new NotFoundResponse("person: there is none of this pseudonym");
        }
        records.accessed(caller.name(), person, "report");
        Map<String, Outcome> outcomes = outcomes(facts, days).stream()
                .collect(Collectors.toMap(outcome -> outcome.session().session(), Function.identity()));
        Map<String, String> notes = records.notes(person);
        List<Report.Line> lines = new ArrayList<>();
        for (SessionParts session : SessionParts.of(found)) {
            lines.add(0, new Report.Line(session, outcomes.remove(session.id()), notes.getOrDefault(session.id(), "")));
        }
        Week.Planned planned = planned(facts);
        return new Report(
                person,
                facts == null ? null : facts.person(),
                days,
                clock.instant(),
                planned == null
                        ? null
                        : new Report.Course(
                                planned.plan(),
                                planned.plan().standing(guideline.rest(), planned.facts(), clock.instant())),
                Week.of(found.stream().map(Part::summary).toList(), zone, planned, untilToday(days)),
                lines,
                outcomes.size(),
                guideline);
    }

    Comparison compare(Context request) throws HistoryException {
        return Comparison.of(side(request, "one", "area"), side(request, "other", "otherArea"));
    }

    private Comparison.Side side(Context request, String session, String area) throws HistoryException {
        String id = Query.required(request, session, "the id of a session");
        return Comparison.Side.of(parts(request, id), area, Query.word(request, area));
    }

    private List<WholePart> parts(Context request, String id) throws HistoryException {
        Access.Caller caller = Access.caller(request);
        List<WholePart> parts = history.session(id).stream()
                .filter(part -> part.summary().person() != null
                        && Access.maySee(caller, part.summary().person()))
                .toList();
        if (parts.isEmpty()) {
            throw new NotFoundResponse("session: there is none of this name, or nothing of it is kept any more");
        }
        records.accessed(caller.name(), parts.get(0).summary().person(), "session " + id);
        return parts;
    }

    /** The session as a table, see {@link SessionCsv}, or whole, see {@link SessionExport}. */
    void file(Context request) throws HistoryException, IOException {
        String name = request.pathParam("file");
        String type = FILES.get(name);
        if (type == null) {
            throw new NotFoundResponse(
                    "file: want one of %s, got %s".formatted(String.join(", ", FILES.keySet()), name));
        }
        List<WholePart> parts = parts(request, request.pathParam("session"));
        request.contentType(type);
        request.header(
                "Content-Disposition",
                "attachment; filename=\"%s-%s\""
                        .formatted(parts.get(0).summary().session(), name));
        switch (name) {
            case "strokes.csv" -> SessionCsv.strokes(parts, request.outputStream());
            case "areas.csv" -> SessionCsv.areas(parts, request.outputStream());
            case "session.json" -> request.outputStream().write(Json.bytes(SessionExport.of(parts)));
            default -> SessionCsv.samples(history, parts, request.outputStream());
        }
    }

    /** For a page's chart, and for programs; where a person is named, of the sessions with that person alone. */
    Trace trace(Context request) throws HistoryException {
        Access.Caller caller = Access.caller(request);
        ToolName tool =
                new ToolName(request.pathParam("site"), request.pathParam("gateway"), request.pathParam("tool"));
        int points = request.queryParam("points") == null ? 1000 : Query.number(request, "points", 1, MOST_POINTS);
        Instant from = Query.instant(request, "from");
        Instant to = Query.instant(request, "to");
        if (!from.isBefore(to)) {
            throw new BadRequestResponse("from: want a time before %s, got %s".formatted(to, from));
        }
        String person = Query.word(request, "person");
        if (person.isEmpty()) {
            return history.trace(tool, from, to, points);
        }
        if (!Access.maySee(caller, person)) {
            throw new NotFoundResponse("person: there is none of this pseudonym");
        }
        records.accessed(caller.name(), person, "force");
        return history.trace(tool, person, from, to, points);
    }
}

package io.lightstroke.dashboard.web;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.ConflictResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.lightstroke.dashboard.records.Accessed;
import io.lightstroke.dashboard.records.Answers;
import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.records.Audited;
import io.lightstroke.dashboard.records.CheckIn;
import io.lightstroke.dashboard.records.Clearance;
import io.lightstroke.dashboard.records.Facts;
import io.lightstroke.dashboard.records.HeldSession;
import io.lightstroke.dashboard.records.Outcome;
import io.lightstroke.dashboard.records.Permission;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.dashboard.records.Pressure;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.records.Rest;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.guideline.RestRule;
import io.lightstroke.messages.ToolInfoMessage;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** People, plans, check-ins, rest and sessions for pages and programs, as JSON. Thread-safe. */
public final class RecordsApi {
    private static final int MOST_LINES = 1000;

    record NewPerson(
            @Nullable String id,
            String name,
            @Nullable String profile,
            @Nullable String zone) {}

    record ChangedPerson(String name, String profile, String zone) {}

    record NewFactor(double factor, String by, String reason) {}

    record NewScreening(List<String> conditions) {}

    record NewClearance(String by, String note) {}

    record NewPlan(@Nullable String start, int weeks, int sessionsPerWeek, List<Area> areas) {}

    record NewCheckIn(
            @Nullable String region,
            @Nullable String side,
            boolean redness,
            boolean warmth,
            boolean soreness,
            boolean bruise,
            boolean darker,
            @Nullable Integer pain,
            @Nullable String note) {}

    record NewNote(String note) {}

    record NewOverride(String region, String side, String by, String reason) {}

    /** @param screening the newest; {@code clearance} likewise, and {@code plan} the one that was not ended */
    public record OnePerson(
            String id,
            String name,
            String profile,
            double factor,
            String zone,
            Instant created,
            @Nullable Answers screening,
            @Nullable Clearance clearance,
            @Nullable OnePlan plan,
            Pressure pressure) {}

    /** @param startsRefused since its start, because they were too early */
    public record OnePlan(Plan plan, Plan.Standing standing, int startsRefused) {}

    public record Reason(String code, String words) {}

    /**
     * @param earliest that rest and week allow; absent when they do already
     * @param overrideUntil a practitioner lets one session start before its time, until then
     * @param limits by which it would be judged
     */
    public record RestOfArea(
            Area area,
            boolean allowed,
            List<Reason> reasons,
            @Nullable Instant earliest,
            @Nullable Instant overrideUntil,
            ToolInfoMessage.Limits limits,
            Pressure pressure) {}

    public record OneCheckIn(
            Instant at,
            @Nullable Area area,
            boolean redness,
            boolean warmth,
            boolean soreness,
            boolean bruise,
            boolean darker,
            boolean clear,
            @Nullable Integer pain,
            @Nullable String note) {
        static OneCheckIn of(CheckIn each) {
            return new OneCheckIn(
                    each.at(),
                    each.area(),
                    each.redness(),
                    each.warmth(),
                    each.soreness(),
                    each.bruise(),
                    each.darker(),
                    each.isClear(),
                    each.pain(),
                    each.note());
        }
    }

    public record OneSession(
            String session,
            Instant started,
            Instant ended,
            boolean summarised,
            boolean unplanned,
            Set<Area> areas,
            @Nullable Integer painBefore,
            @Nullable Integer painAfter,
            @Nullable Boolean bruised,
            @Nullable Double daysUntilClear,
            @Nullable String note) {}

    record Allowed(Area area, Instant until) {}

    private final Records records;
    private final Guideline guideline;

    RecordsApi(Records records, Guideline guideline) {
        this.records = records;
        this.guideline = guideline;
    }

    List<Endpoint> endpoints() {
        String people = "/api/people";
        String person = people + "/{person}";
        Form<NewPerson> newPerson = new Form<>("person-new", NewPerson.class);
        Form<ChangedPerson> changedPerson = new Form<>("person", ChangedPerson.class);
        Form<NewFactor> factor = new Form<>("factor", NewFactor.class);
        Form<NewScreening> screening = new Form<>("screening", NewScreening.class);
        Form<NewClearance> clearance = new Form<>("clearance", NewClearance.class);
        Form<NewPlan> plan = new Form<>("plan", NewPlan.class);
        Form<NewCheckIn> checkIn = new Form<>("check-in", NewCheckIn.class);
        Form<NewNote> note = new Form<>("note", NewNote.class);
        Form<NewOverride> override = new Form<>("override", NewOverride.class);
        return List.of(
                Endpoint.list(people, "everybody whom the caller may see, by name", OnePerson.class, this::people),
                Endpoint.post(
                                people,
                                "keeps a person, under a new pseudonym or one that a browser has used",
                                newPerson,
                                OnePerson.class,
                                request -> add(request, newPerson.read(request)))
                        .thatMayConflict(),
                Endpoint.get(person, "one person, with screening and plan", OnePerson.class, this::person),
                Endpoint.put(
                        person,
                        "changes name, profile and time zone",
                        changedPerson,
                        OnePerson.class,
                        request -> change(request, changedPerson.read(request))),
                Endpoint.put(
                        person + "/factor",
                        "a practitioner's factor on the limits",
                        factor,
                        OnePerson.class,
                        request -> factor(request, factor.read(request))),
                Endpoint.put(
                        person + "/screening",
                        "answers the screening",
                        screening,
                        OnePerson.class,
                        request -> screened(request, screening.read(request))),
                Endpoint.put(
                                person + "/clearance",
                                "a practitioner clears the conditions of the screening",
                                clearance,
                                OnePerson.class,
                                request -> cleared(request, clearance.read(request)))
                        .thatMayConflict(),
                Endpoint.post(
                                person + "/plan",
                                "begins a plan",
                                plan,
                                OnePerson.class,
                                request -> begin(request, plan.read(request)))
                        .thatMayConflict(),
                Endpoint.delete(person + "/plan", "ends the plan", this::endPlan)
                        .thatMayConflict(),
                Endpoint.list(person + "/check-ins", "check-ins, the newest first", OneCheckIn.class, this::checkIns),
                Endpoint.post(
                        person + "/check-ins",
                        "what is left of the sessions before; without region and side of every area",
                        checkIn,
                        OneCheckIn.class,
                        request -> checkIn(request, checkIn.read(request))),
                Endpoint.list(
                                person + "/rest",
                                "whether an area may be worked on now, and by what limits; without region and side each area"
                                        + " of the plan and of past sessions",
                                RestOfArea.class,
                                this::rest)
                        .mayBeAsked("region", "side"),
                Endpoint.list(
                        person + "/sessions",
                        "sessions in which something was worked on, the newest first",
                        OneSession.class,
                        this::sessions),
                Endpoint.put(
                        person + "/sessions/{session}/note",
                        "a note on a session; empty: none",
                        note,
                        null,
                        request -> note(request, note.read(request))),
                Endpoint.post(
                        person + "/overrides",
                        "a practitioner lets one session start on an area before its time, within an hour",
                        override,
                        Allowed.class,
                        request -> override(request, override.read(request))),
                Endpoint.list("/api/audit", "what was decided, the newest first", Audited.class, this::audit)
                        .mayBeAsked("person", "limit"),
                Endpoint.list("/api/access", "who has read what, the newest first", Accessed.class, this::accesses)
                        .mayBeAsked("person", "limit"));
    }

    // People

    private List<OnePerson> people(Context request) {
        return everybody(request).stream().map(this::shown).toList();
    }

    private OnePerson person(Context request) {
        return shown(read(request, "person"));
    }

    private OnePerson add(Context request, NewPerson asked) {
        String id = asked.id() == null ? Person.newId() : asked.id();
        if (!Access.maySee(Access.caller(request), id)) {
            throw new NotFoundResponse("person: there is none of this pseudonym");
        }
        String profile = asked.profile() == null ? firstProfile() : asked.profile();
        String zone = asked.zone() == null ? ZoneId.systemDefault().getId() : asked.zone();
        requireProfile(profile);
        requireZone(zone);
        if (!records.add(new Person(id, asked.name().strip(), profile, 1, zone, records.now()))) {
            throw new ConflictResponse("id: want a pseudonym of nobody, got %s, who is kept already".formatted(id));
        }
        return shown(id);
    }

    private OnePerson change(Context request, ChangedPerson asked) {
        Person person = facts(request).person();
        requireProfile(asked.profile());
        requireFactor(asked.profile(), person.factor());
        requireZone(asked.zone());
        records.change(person.id(), asked.name().strip(), asked.profile(), asked.zone());
        return shown(person.id());
    }

    private OnePerson factor(Context request, NewFactor asked) {
        Person person = facts(request).person();
        requireFactor(person.profile(), asked.factor());
        requireNoName(person, asked.by(), asked.reason());
        records.factor(
                person.id(), asked.factor(), asked.by().strip(), asked.reason().strip());
        return shown(person.id());
    }

    private OnePerson screened(Context request, NewScreening asked) {
        Person person = facts(request).person();
        try {
            guideline.screening().outcome(asked.conditions(), "");
        } catch (IllegalArgumentException e) {
            throw new BadRequestResponse("conditions: " + e.getMessage());
        }
        records.screened(person.id(), asked.conditions());
        return shown(person.id());
    }

    private OnePerson cleared(Context request, NewClearance asked) {
        Facts facts = facts(request);
        Answers answers = facts.screening();
        if (answers == null) {
            throw new ConflictResponse("clearance: want the screening answered first, got no answers");
        }
        Set<String> relative = guideline.screening().relative().keySet();
        List<String> others = answers.conditions().stream()
                .filter(each -> !relative.contains(each))
                .toList();
        if (answers.conditions().isEmpty() || !others.isEmpty()) {
            throw new ConflictResponse("clearance: want conditions that a practitioner may clear, got "
                    + (others.isEmpty() ? "none" : String.join(", ", others)));
        }
        requireNoName(facts.person(), asked.by(), "");
        records.clear(facts.person().id(), asked.by().strip(), asked.note().strip());
        return shown(facts.person().id());
    }

    // Plans

    private OnePerson begin(Context request, NewPlan asked) {
        Person person = facts(request).person();
        RestRule rule = guideline.rest();
        if (asked.weeks() < rule.courseWeeksMin() || asked.weeks() > rule.courseWeeksMax()) {
            throw new BadRequestResponse("weeks: want %d to %d, got %d"
                    .formatted(rule.courseWeeksMin(), rule.courseWeeksMax(), asked.weeks()));
        }
        int least = Math.min(2, rule.sessionsPerWeek());
        if (asked.sessionsPerWeek() < least || asked.sessionsPerWeek() > rule.sessionsPerWeek()) {
            throw new BadRequestResponse("sessions_per_week: want %d to %d, got %d"
                    .formatted(least, rule.sessionsPerWeek(), asked.sessionsPerWeek()));
        }
        asked.areas().forEach(area -> requireOffered(area.region()));
        LocalDate start = asked.start() == null
                ? LocalDate.ofInstant(records.now(), ZoneId.of(person.zone()))
                : day(asked.start());
        if (!records.begin(person.id(), new Plan(start, asked.weeks(), asked.sessionsPerWeek(), asked.areas()))) {
            throw new ConflictResponse("plan: want none that has not been ended, got one");
        }
        return shown(person.id());
    }

    private @Nullable Object endPlan(Context request) {
        if (!records.endPlan(facts(request).person().id())) {
            throw new ConflictResponse("plan: want one to end, got none");
        }
        return null;
    }

    private static LocalDate day(String start) {
        try {
            return LocalDate.parse(start);
        } catch (DateTimeException e) {
            throw new BadRequestResponse("start: want a day of the calendar, got " + start);
        }
    }

    // Check-ins and rest

    private List<OneCheckIn> checkIns(Context request) {
        return checkIns(read(request, "check-ins"));
    }

    /** The newest first. */
    static List<OneCheckIn> checkIns(Facts facts) {
        List<OneCheckIn> all =
                new ArrayList<>(facts.checkIns().stream().map(OneCheckIn::of).toList());
        Collections.reverse(all);
        return all;
    }

    private OneCheckIn checkIn(Context request, NewCheckIn asked) {
        Person person = facts(request).person();
        CheckIn said = new CheckIn(
                records.now(),
                area(asked.region(), asked.side()),
                asked.redness(),
                asked.warmth(),
                asked.soreness(),
                asked.bruise(),
                asked.darker(),
                asked.pain(),
                asked.note());
        records.checkIn(person.id(), said);
        return OneCheckIn.of(said);
    }

    private List<RestOfArea> rest(Context request) {
        Area asked = area(request.queryParam("region"), request.queryParam("side"));
        Facts facts = read(request, "rest");
        return asked == null ? rest(facts) : List.of(rest(facts, asked, Pressure.of(guideline, facts)));
    }

    /** Of each area of the plan and of past sessions. */
    List<RestOfArea> rest(Facts facts) {
        Set<Area> areas = new LinkedHashSet<>();
        records.plan(facts.person().id()).ifPresent(plan -> areas.addAll(plan.areas()));
        facts.sessions().forEach(session -> areas.addAll(session.areas()));
        areas.removeIf(area -> !guideline.regions().containsKey(area.region()));
        Pressure pressure = Pressure.of(guideline, facts);
        return areas.stream().map(area -> rest(facts, area, pressure)).toList();
    }

    private RestOfArea rest(Facts facts, Area area, Pressure pressure) {
        Person person = facts.person();
        Rest.Verdict verdict = Rest.judge(guideline, facts, area, null, records.now());
        PressureLimits limits = guideline.limits(area.region(), person.profile(), person.factor(), pressure.bruises());
        return new RestOfArea(
                area,
                verdict.allowed(),
                verdict.reasons().stream()
                        .map(reason -> new Reason(reason.why().word(), reason.words()))
                        .toList(),
                verdict.earliest(),
                records.permission(person.id(), area).map(Permission::until).orElse(null),
                new ToolInfoMessage.Limits(
                        limits.version(),
                        limits.lightCn() / 100.0,
                        limits.moderateCn() / 100.0,
                        limits.tooDeepCn() / 100.0,
                        limits.ceilingCn() / 100.0),
                pressure);
    }

    private Allowed override(Context request, NewOverride asked) {
        Person person = facts(request).person();
        requireOffered(asked.region());
        requireNoName(person, asked.by(), asked.reason());
        Permission permission = records.permit(
                person.id(),
                new Area(asked.region(), asked.side()),
                asked.by().strip(),
                asked.reason().strip());
        return new Allowed(permission.area(), permission.until());
    }

    // Sessions

    private List<OneSession> sessions(Context request) {
        return sessions(read(request, "sessions"));
    }

    /** The newest first. */
    List<OneSession> sessions(Facts facts) {
        Map<String, String> notes = records.notes(facts.person().id());
        List<OneSession> all = new ArrayList<>();
        for (Outcome outcome : Outcome.of(facts)) {
            HeldSession each = outcome.session();
            all.add(new OneSession(
                    each.session(),
                    each.started(),
                    each.ended(),
                    each.summarised(),
                    each.unplanned(),
                    each.areas(),
                    each.painBefore(),
                    each.painAfter(),
                    outcome.bruised(),
                    outcome.daysUntilClear(),
                    notes.get(each.session())));
        }
        Collections.reverse(all);
        return all;
    }

    private @Nullable Object note(Context request, NewNote asked) {
        Facts facts = facts(request);
        String session = request.pathParam("session");
        if (facts.sessions().stream().noneMatch(each -> each.session().equals(session))) {
            throw new NotFoundResponse("session: this person has none of this id");
        }
        records.note(facts.person().id(), session, asked.note().strip());
        return null;
    }

    // Logs

    private List<Audited> audit(Context request) {
        Access.Caller caller = Access.caller(request);
        return records.audit(personAsked(request), limit(request)).stream()
                .filter(line -> line.person() == null || Access.maySee(caller, line.person()))
                .toList();
    }

    private List<Accessed> accesses(Context request) {
        Access.Caller caller = Access.caller(request);
        return records.accesses(personAsked(request), limit(request)).stream()
                .filter(line -> line.person() == null || Access.maySee(caller, line.person()))
                .toList();
    }

    private static @Nullable String personAsked(Context request) {
        String person = request.queryParam("person");
        if (person != null && !Person.isId(person)) {
            throw new BadRequestResponse("person: want a pseudonym, p- and 12 of a-z and 0-9, got " + person);
        }
        return person;
    }

    private static int limit(Context request) {
        String limit = request.queryParam("limit");
        if (limit == null) {
            return MOST_LINES;
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST_LINES) {
            throw new BadRequestResponse("limit: want 1 to %d, got %s".formatted(MOST_LINES, limit));
        }
        return Integer.parseInt(limit);
    }

    // What all have in common

    /** Whom the caller may see, by name; it is kept that they were read. */
    List<Facts> everybody(Context request) {
        Access.Caller caller = Access.caller(request);
        List<Facts> seen = records.people().stream()
                .filter(each -> Access.maySee(caller, each.id()))
                .flatMap(each -> records.facts(each.id()).stream())
                .toList();
        records.accessed(caller.name(), null, "people");
        return seen;
    }

    /** Of the person in the path, whom the caller may see; it is kept that they were read. */
    private Facts read(Context request, String what) {
        Facts facts = facts(request);
        records.accessed(Access.caller(request).name(), facts.person().id(), what);
        return facts;
    }

    private Facts facts(Context request) {
        return find(request).orElseThrow(() -> new NotFoundResponse("person: there is none of this pseudonym"));
    }

    /** The pseudonym in the path, of which the records have something, maybe without a name; whom the caller may see. */
    static String known(Context request, Records records) {
        String id = request.pathParam("person");
        if (!Person.isId(id) || !Access.maySee(Access.caller(request), id) || !records.knows(id)) {
            throw new NotFoundResponse("person: there is none of this pseudonym");
        }
        return id;
    }

    /** Of the person in the path, whom the caller may see. Whether there is none or they may not: the answer is the same. */
    Optional<Facts> find(Context request) {
        String id = request.pathParam("person");
        return Person.isId(id) && Access.maySee(Access.caller(request), id) ? records.facts(id) : Optional.empty();
    }

    private OnePerson shown(String id) {
        return shown(records.facts(id).orElseThrow(NotFoundResponse::new));
    }

    OnePerson shown(Facts facts) {
        Person person = facts.person();
        OnePlan plan = records.plan(person.id())
                .map(each -> new OnePlan(
                        each,
                        each.standing(guideline.rest(), facts, records.now()),
                        records.refusals(
                                person.id(),
                                each.start()
                                        .atStartOfDay(ZoneId.of(person.zone()))
                                        .toInstant())))
                .orElse(null);
        return new OnePerson(
                person.id(),
                person.name(),
                person.profile(),
                person.factor(),
                person.zone(),
                person.created(),
                facts.screening(),
                facts.clearance(),
                plan,
                Pressure.of(guideline, facts));
    }

    private @Nullable Area area(@Nullable String region, @Nullable String side) {
        if (region == null && side == null) {
            return null;
        } else if (region == null || side == null) {
            throw new BadRequestResponse("region and side: want both or none, got only "
                    + (region == null ? "side " + side : "region " + region));
        }
        requireOffered(region);
        if (!Set.of("left", "right", "both", "none").contains(side)) {
            throw new BadRequestResponse("side: want left, right, both or none, got " + side);
        }
        return new Area(region, side);
    }

    private String firstProfile() {
        return guideline.profiles().keySet().iterator().next();
    }

    private void requireOffered(String region) {
        try {
            guideline.limits(region, firstProfile());
        } catch (IllegalArgumentException e) {
            throw new BadRequestResponse(String.valueOf(e.getMessage()));
        }
    }

    private void requireProfile(String profile) {
        requireFactor(profile, 1);
    }

    /** On every region, for a session may be on any. */
    private void requireFactor(String profile, double factor) {
        try {
            for (String region : guideline.regions().keySet()) {
                guideline.limits(region, profile, factor, 0);
            }
        } catch (IllegalArgumentException e) {
            throw new BadRequestResponse(String.valueOf(e.getMessage()).replaceFirst("^override:", "factor:"));
        }
    }

    private static void requireZone(String zone) {
        if (!ZoneId.getAvailableZoneIds().contains(zone)) {
            throw new BadRequestResponse("zone: want a time zone, for example Europe/Berlin, got " + zone);
        }
    }

    /** What is audited outlives nobody's name. */
    static void requireNoName(Person person, String by, String reason) {
        String name = person.name().toLowerCase(Locale.ROOT);
        for (Map.Entry<String, String> each : Map.of("by", by, "reason", reason).entrySet()) {
            if (new HashSet<>(List.of(each.getValue().toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")))
                    .containsAll(List.of(name.split("[^\\p{L}\\p{N}]+")))) {
                throw new BadRequestResponse(each.getKey() + ": want the person's name not in it, got it");
            }
        }
    }
}

package io.lightstroke.dashboard.web;

import io.javalin.http.Context;
import io.lightstroke.dashboard.records.Answers;
import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.records.Audited;
import io.lightstroke.dashboard.records.Facts;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.records.Rest;
import io.lightstroke.dashboard.web.RecordsApi.OneCheckIn;
import io.lightstroke.dashboard.web.RecordsApi.OnePerson;
import io.lightstroke.dashboard.web.RecordsApi.OneSession;
import io.lightstroke.dashboard.web.RecordsApi.RestOfArea;
import io.lightstroke.gateway.guideline.Guideline;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the pages of people show: what the API says of them, and what is missing. */
public final class People {
    public static final List<String> SIDES = List.of("left", "right", "both");

    private static final int MOST_AUDITED = 100;
    private static final Set<String> NEVER_OVERRIDDEN = Set.of(Rest.Why.SCREENING.word(), Rest.Why.CLEARANCE.word());

    /** What may be left of a session. */
    public enum Sign {
        REDNESS,
        WARMTH,
        SORENESS,
        BRUISE,
        DARKER;

        /** As the API and the texts name it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isLeft(OneCheckIn said) {
            return switch (this) {
                case REDNESS -> said.redness();
                case WARMTH -> said.warmth();
                case SORENESS -> said.soreness();
                case BRUISE -> said.bruise();
                case DARKER -> said.darker();
            };
        }
    }

    /** How the answers to the screening stand, wherever one works. */
    public enum Screened {
        UNANSWERED,
        /** The guideline asks for others now. */
        CHANGED,
        FORBIDDEN,
        NEEDS_CLEARANCE,
        CLEARED,
        CLEAR;

        /** As the texts name it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Nothing but a practitioner's word is wanting, or was. */
        public boolean isForPractitioner() {
            return this == NEEDS_CLEARANCE || this == CLEARED;
        }

        public boolean isMissing() {
            return this != CLEARED && this != CLEAR;
        }
    }

    /**
     * How it stands with a person at a time.
     *
     * @param areas of the plan and of past sessions
     */
    public record Standing(Instant at, OnePerson person, Screened screened, List<RestOfArea> areas) {
        public ZoneId zone() {
            return ZoneId.of(person.zone());
        }

        public LocalDate today() {
            return LocalDate.ofInstant(at, zone());
        }

        /** Of which a check-in is wanted that says that nothing is left. */
        public List<Area> toCheckIn() {
            return areas.stream()
                    .filter(area -> codes(area).contains(Rest.Why.NOT_CLEAR.word()))
                    .map(RestOfArea::area)
                    .toList();
        }

        public boolean isMissing() {
            return person.plan() == null || screened.isMissing() || !toCheckIn().isEmpty();
        }
    }

    public record Listing(Instant at, List<Standing> everybody) {}

    /**
     * A day of the plan, and what was on it.
     *
     * @param isFirst of a week or month
     */
    public record Day(
            LocalDate day, boolean isFirst, boolean isToday, List<OneSession> sessions, List<OneCheckIn> checkIns) {}

    /** @param weeks of the plan, seven days each; none without a plan */
    public record Opened(
            Standing standing,
            List<List<Day>> weeks,
            List<OneSession> sessions,
            List<OneCheckIn> checkIns,
            List<Audited> audit) {}

    private final RecordsApi api;
    private final Records records;
    private final Guideline guideline;

    People(RecordsApi api, Records records, Guideline guideline) {
        this.api = api;
        this.records = records;
        this.guideline = guideline;
    }

    Listing list(Context request) {
        return new Listing(
                records.now(),
                api.everybody(request).stream().map(this::standing).toList());
    }

    /** Empty when there is nobody of that pseudonym whom the caller may see. */
    Optional<Opened> person(Context request) {
        return api.find(request).map(facts -> {
            records.accessed(Access.caller(request).name(), facts.person().id(), "page");
            Standing standing = standing(facts);
            List<OneSession> sessions = api.sessions(facts);
            List<OneCheckIn> checkIns = RecordsApi.checkIns(facts);
            return new Opened(
                    standing,
                    weeks(standing, sessions, checkIns),
                    sessions,
                    checkIns,
                    records.audit(facts.person().id(), MOST_AUDITED));
        });
    }

    private Standing standing(Facts facts) {
        return new Standing(records.now(), api.shown(facts), screened(facts), api.rest(facts));
    }

    private Screened screened(Facts facts) {
        Answers answers = facts.screening();
        if (answers == null) {
            return Screened.UNANSWERED;
        }
        try {
            return switch (guideline
                    .screening()
                    .outcome(answers.conditions(), "")
                    .verdict()) {
                case CLEAR -> Screened.CLEAR;
                case NEEDS_CLEARANCE -> facts.isCleared() ? Screened.CLEARED : Screened.NEEDS_CLEARANCE;
                case BLOCKED, BLOCKED_AT_HOME -> Screened.FORBIDDEN;
            };
        } catch (IllegalArgumentException e) {
            return Screened.CHANGED;
        }
    }

    private static List<List<Day>> weeks(Standing standing, List<OneSession> sessions, List<OneCheckIn> checkIns) {
        List<List<Day>> weeks = new ArrayList<>();
        if (standing.person().plan() != null) {
            Plan plan = standing.person().plan().plan();
            ZoneId zone = standing.zone();
            for (int week = 0; week < plan.weeks(); week++) {
                LocalDate first = plan.start().plusWeeks(week);
                weeks.add(first.datesUntil(first.plusWeeks(1))
                        .map(day -> new Day(
                                day,
                                day.equals(first) || day.getDayOfMonth() == 1,
                                day.equals(standing.today()),
                                sessions.stream()
                                        .filter(each -> LocalDate.ofInstant(each.started(), zone)
                                                .equals(day))
                                        .toList(),
                                checkIns.stream()
                                        .filter(each -> LocalDate.ofInstant(each.at(), zone)
                                                .equals(day))
                                        .toList()))
                        .toList());
            }
        }
        return weeks;
    }

    /** Why the area may not be worked on now, each once. */
    public static List<String> codes(RestOfArea area) {
        return area.reasons().stream().map(RecordsApi.Reason::code).distinct().toList();
    }

    /** A practitioner has let one session begin there before its time, and nothing else is in its way. */
    public static boolean isLetThrough(RestOfArea area) {
        return !area.allowed()
                && area.overrideUntil() != null
                && codes(area).stream().noneMatch(NEVER_OVERRIDDEN::contains);
    }

    /** {@code yes}, {@code no}, or {@code let} through. */
    public static String state(RestOfArea area) {
        return area.allowed() ? "yes" : isLetThrough(area) ? "let" : "no";
    }
}

package io.lightstroke.dashboard.records;

import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * People, their plans, check-ins and sessions in one SQLite file, as {@code migration/} draws it; see {@code
 * docs/records.md}. What returns is on disk. Thread-safe: one call after the other.
 *
 * <p>A {@code person} is a pseudonym; where it is of nobody here, nothing is found, and what would change somebody throws
 * {@link IllegalArgumentException}.
 */
public final class Records implements AutoCloseable {
    /** One tool of a gateway. */
    public record Tool(String site, String gateway, String tool) {}

    private record Seen(int revision, Instant started, boolean unplanned) {}

    private static final RowMapper<Person> PERSON = (row, context) -> new Person(
            row.getString("id"),
            row.getString("name"),
            row.getString("profile"),
            row.getDouble("factor"),
            row.getString("zone"),
            time(row, "created_us"));

    private static final RowMapper<CheckIn> CHECK_IN = (row, context) -> new CheckIn(
            time(row, "at_us"),
            row.getString("region") == null ? null : area(row),
            row.getBoolean("redness"),
            row.getBoolean("warmth"),
            row.getBoolean("soreness"),
            row.getBoolean("bruise"),
            row.getBoolean("darker"),
            number(row, "pain"),
            row.getString("note"));

    /** All that belongs to one person, each table after those that refer to it. */
    private static final List<String> TABLES_OF_A_PERSON = List.of(
            "screening",
            "clearance",
            "plan",
            "check_in",
            "session_note",
            "refusal",
            "permission",
            "audit",
            "access",
            "session");

    private static final String OF_SESSION_OF_PERSON = "exists (select 1 from session s where s.site = %1$s.site"
            + " and s.gateway = %1$s.gateway and s.tool = %1$s.tool and s.id = %1$s.session and s.person = :person)";

    private final Handle handle;
    private final InstantSource clock;

    private Records(Handle handle, InstantSource clock) {
        this.handle = handle;
        this.clock = clock;
    }

    /**
     * @param file begun when it is not there, for its owner alone
     * @throws IOException what is there are no records that this Lightstroke can read
     */
    public static Records open(Path file, InstantSource clock) throws IOException {
        return new Records(RecordsFile.open(file), clock);
    }

    /** Gone when closed. */
    public static Records inMemory() throws IOException {
        return new Records(RecordsFile.open(null), InstantSource.system());
    }

    public Instant now() {
        return clock.instant();
    }

    // People

    /** By name. */
    public synchronized List<Person> people() {
        return handle.createQuery("select * from person order by lower(name), id")
                .map(PERSON)
                .list();
    }

    public synchronized Optional<Person> person(String id) {
        return of(id, "select * from person where id = :person").map(PERSON).findOne();
    }

    /** False when the pseudonym is taken. */
    public synchronized boolean add(Person person) {
        return changed(
                        "insert into person (id, name, profile, factor, zone, created_us)"
                                + " values (:id, :name, :profile, :factor, :zone, :created) on conflict (id) do nothing",
                        Map.of(
                                "id", person.id(),
                                "name", person.name(),
                                "profile", person.profile(),
                                "factor", person.factor(),
                                "zone", person.zone(),
                                "created", person.created()))
                == 1;
    }

    public synchronized void change(String person, String name, String profile, String zone) {
        require(changed(
                "update person set name = :name, profile = :profile, zone = :zone where id = :person",
                Map.of("person", person, "name", name, "profile", profile, "zone", zone)));
    }

    /** A practitioner's factor on the limits. */
    public synchronized void factor(String person, double factor, String by, String reason) {
        inTransaction(() -> {
            Person before = person(person).orElseThrow(Records::nobody);
            changed(
                    "update person set factor = :factor where id = :person",
                    Map.of("person", person, "factor", factor));
            audit(by, person, "factor", "from %s to %s: %s".formatted(before.factor(), factor, reason));
        });
    }

    // Screening

    public synchronized void screened(String person, List<String> conditions) {
        insert("screening", Map.of("person", person, "at_us", now(), "conditions", String.join(" ", conditions)));
    }

    public synchronized Optional<Answers> screening(String person) {
        return of(person, "select * from screening where person = :person order by id desc limit 1")
                .map((row, context) -> new Answers(time(row, "at_us"), words(row, "conditions")))
                .findOne();
    }

    /** Of the conditions of the newest screening. */
    public synchronized void clear(String person, String by, String note) {
        inTransaction(() -> {
            List<String> conditions = screening(person).map(Answers::conditions).orElseThrow(Records::nobody);
            insert(
                    "clearance",
                    Map.of(
                            "person", person,
                            "at_us", now(),
                            "by_whom", by,
                            "note", note,
                            "conditions", String.join(" ", conditions)));
            audit(by, person, "clearance", String.join(", ", conditions));
        });
    }

    public synchronized Optional<Clearance> clearance(String person) {
        return of(person, "select * from clearance where person = :person order by id desc limit 1")
                .map((row, context) -> new Clearance(
                        time(row, "at_us"), row.getString("by_whom"), row.getString("note"), words(row, "conditions")))
                .findOne();
    }

    // Plans

    /** False when one has not been ended. */
    public synchronized boolean begin(String person, Plan plan) {
        return inTransaction(() -> {
            if (plan(person).isPresent()) {
                return false;
            }
            long id = insert(
                    "plan",
                    Map.of(
                            "person", person,
                            "start_date", plan.start(),
                            "weeks", plan.weeks(),
                            "sessions_per_week", plan.sessionsPerWeek(),
                            "created_us", now()));
            for (Area area : plan.areas()) {
                changed(
                        "insert into plan_area (plan, region, side) values (:plan, :region, :side)",
                        Map.of("plan", id, "region", area.region(), "side", area.side()));
            }
            return true;
        });
    }

    /** The one that has not been ended. */
    public synchronized Optional<Plan> plan(String person) {
        return of(person, "select * from plan where person = :person and ended_us is null")
                .map((row, context) -> new Plan(
                        LocalDate.parse(row.getString("start_date")),
                        row.getInt("weeks"),
                        row.getInt("sessions_per_week"),
                        areasOfPlan(row.getLong("id"))))
                .findOne();
    }

    private List<Area> areasOfPlan(long plan) {
        return handle.createQuery("select * from plan_area where plan = :plan order by region, side")
                .bind("plan", plan)
                .map((row, context) -> area(row))
                .list();
    }

    /** False when there is none to end. */
    public synchronized boolean endPlan(String person) {
        return changed(
                        "update plan set ended_us = :now where person = :person and ended_us is null",
                        Map.of("person", person, "now", now()))
                > 0;
    }

    // Check-ins

    public synchronized void checkIn(String person, CheckIn checkIn) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("person", person);
        row.put("at_us", checkIn.at());
        Area area = checkIn.area();
        row.put("region", area == null ? null : area.region());
        row.put("side", area == null ? null : area.side());
        row.put("redness", checkIn.redness());
        row.put("warmth", checkIn.warmth());
        row.put("soreness", checkIn.soreness());
        row.put("bruise", checkIn.bruise());
        row.put("darker", checkIn.darker());
        row.put("pain", checkIn.pain());
        row.put("note", checkIn.note());
        insert("check_in", row);
    }

    /** The newest last. */
    public synchronized List<CheckIn> checkIns(String person) {
        return of(person, "select * from check_in where person = :person order by at_us, id")
                .map(CHECK_IN)
                .list();
    }

    // Sessions

    /** A summary; a higher revision replaces a lower one. Without a person it is nobody's, and not kept. */
    public synchronized void summary(Tool tool, SessionMessage summary) {
        String person = summary.person();
        if (person == null) {
            return;
        }
        Set<Area> areas = new HashSet<>();
        for (SessionMessage.Area area : summary.areas()) {
            if (area.workedS() > 0 && area.region() != null && area.side() != null) {
                areas.add(new Area(area.region(), area.side()));
            }
        }
        inTransaction(() -> {
            Integer revision = ofSession(tool, summary.session(), "select revision from session")
                    .mapTo(Integer.class)
                    .findOne()
                    .orElse(-1);
            if (revision < summary.revision()) {
                Map<String, @Nullable Object> row = key(tool, summary.session());
                row.put("person", person);
                row.put("revision", summary.revision());
                row.put("started_us", summary.started());
                row.put("ended_us", summary.ended());
                row.put("unplanned", summary.unplanned());
                row.put("pain_before", summary.painBefore());
                row.put("pain_after", summary.painAfter());
                replace(tool, summary.session(), row, areas);
            }
        });
    }

    /** A session runs, or ran when it was last seen; what was known of it before stays. Changes nothing of one that has a summary. */
    public synchronized void seen(
            Tool tool,
            String session,
            String person,
            boolean unplanned,
            Instant started,
            Instant seen,
            Set<Area> areas) {
        inTransaction(() -> {
            Seen before = ofSession(tool, session, "select revision, started_us, unplanned from session")
                    .map((row, context) ->
                            new Seen(row.getInt("revision"), time(row, "started_us"), row.getBoolean("unplanned")))
                    .findOne()
                    .orElse(new Seen(0, started, unplanned));
            if (before.revision() == 0) {
                Set<Area> all = new HashSet<>(areas);
                all.addAll(areasOf(tool, session));
                Map<String, @Nullable Object> row = key(tool, session);
                row.put("person", person);
                row.put("revision", 0);
                row.put("started_us", started.isBefore(before.started()) ? started : before.started());
                row.put("ended_us", seen);
                row.put("unplanned", unplanned || before.unplanned());
                row.put("pain_before", null);
                row.put("pain_after", null);
                replace(tool, session, row, all);
            }
        });
    }

    private void replace(Tool tool, String session, Map<String, @Nullable Object> row, Set<Area> areas) {
        ofTool("delete from session_area where session = :session", tool, session);
        ofTool("delete from session where id = :session", tool, session);
        put("session", row);
        for (Area area : areas) {
            Map<String, @Nullable Object> one = key(tool, session);
            one.put("session", one.remove("id"));
            one.put("region", area.region());
            one.put("side", area.side());
            put("session_area", one);
        }
    }

    private void ofTool(String sql, Tool tool, String session) {
        changed(
                sql + " and site = :site and gateway = :gateway and tool = :tool",
                Map.of("site", tool.site(), "gateway", tool.gateway(), "tool", tool.tool(), "session", session));
    }

    private Query ofSession(Tool tool, String session, String select) {
        return handle.createQuery(
                        select + " where site = :site and gateway = :gateway and tool = :tool and id = :session")
                .bind("site", tool.site())
                .bind("gateway", tool.gateway())
                .bind("tool", tool.tool())
                .bind("session", session);
    }

    private List<Area> areasOf(Tool tool, String session) {
        return handle.createQuery("select * from session_area where session = :session and site = :site"
                        + " and gateway = :gateway and tool = :tool")
                .bind("session", session)
                .bind("site", tool.site())
                .bind("gateway", tool.gateway())
                .bind("tool", tool.tool())
                .map((row, context) -> area(row))
                .list();
    }

    /** In which something was worked on, or may have been; the newest last. Also of a pseudonym of nobody here. */
    public synchronized List<HeldSession> sessions(String person) {
        Map<String, Set<Area>> areas = new TreeMap<>();
        of(
                        person,
                        "select a.session, a.region, a.side from session_area a join session s on s.site = a.site"
                                + " and s.gateway = a.gateway and s.tool = a.tool and s.id = a.session where s.person = :person")
                .map((row, context) -> Map.entry(row.getString("session"), area(row)))
                .forEach(each -> areas.computeIfAbsent(each.getKey(), key -> new HashSet<>())
                        .add(each.getValue()));
        Map<String, HeldSession> sessions = new LinkedHashMap<>();
        of(person, "select * from session where person = :person order by started_us, id, tool")
                .map((row, context) -> new HeldSession(
                        row.getString("id"),
                        time(row, "started_us"),
                        time(row, "ended_us"),
                        row.getInt("revision") > 0,
                        row.getBoolean("unplanned"),
                        areas.getOrDefault(row.getString("id"), Set.of()),
                        number(row, "pain_before"),
                        number(row, "pain_after")))
                .forEach(each -> sessions.merge(each.session(), each, Records::together));
        return sessions.values().stream()
                .filter(each -> !each.areas().isEmpty())
                .sorted(Comparator.comparing(HeldSession::started))
                .toList();
    }

    /** Parts of one session, of two tools. */
    private static HeldSession together(HeldSession one, HeldSession other) {
        return new HeldSession(
                one.session(),
                one.started().isBefore(other.started()) ? one.started() : other.started(),
                one.ended().isAfter(other.ended()) ? one.ended() : other.ended(),
                one.summarised() && other.summarised(),
                one.unplanned() || other.unplanned(),
                one.areas(),
                one.painBefore() == null ? other.painBefore() : one.painBefore(),
                one.painAfter() == null ? other.painAfter() : one.painAfter());
    }

    /** By session. */
    public synchronized Map<String, String> notes(String person) {
        Map<String, String> notes = new TreeMap<>();
        of(person, "select session, note from session_note where person = :person")
                .map((row, context) -> Map.entry(row.getString("session"), row.getString("note")))
                .forEach(each -> notes.put(each.getKey(), each.getValue()));
        return notes;
    }

    /** @param note empty: none any more */
    public synchronized void note(String person, String session, String note) {
        inTransaction(() -> {
            changed(
                    "delete from session_note where person = :person and session = :session",
                    Map.of("person", person, "session", session));
            if (!note.isEmpty()) {
                put("session_note", Map.of("person", person, "session", session, "note", note));
            }
        });
    }

    // Starts

    public synchronized Optional<Facts> facts(String person) {
        return person(person)
                .map(one -> new Facts(
                        one,
                        sessions(person),
                        checkIns(person),
                        screening(person).orElse(null),
                        clearance(person).orElse(null)));
    }

    public synchronized void refused(String person, Area area, Collection<Rest.Why> reasons) {
        insert(
                "refusal",
                Map.of(
                        "person", person,
                        "at_us", now(),
                        "region", area.region(),
                        "side", area.side(),
                        "reasons",
                                String.join(
                                        " ",
                                        reasons.stream().map(Rest.Why::word).toList())));
    }

    /** Starts that were refused since then because they were too early. */
    public synchronized int refusals(String person, Instant since) {
        return (int) of(person, "select reasons from refusal where person = :person and at_us >= :since")
                .bind("since", since)
                .map((row, context) -> words(row, "reasons"))
                .stream()
                .filter(reasons -> reasons.stream().anyMatch(TOO_EARLY::contains))
                .count();
    }

    private static final Set<String> TOO_EARLY =
            Set.of(Rest.Why.REST.word(), Rest.Why.WEEKLY.word(), Rest.Why.NOT_CLEAR.word());

    /** A practitioner lets one session start there within {@link Permission#VALID}. */
    public synchronized Permission permit(String person, Area area, String by, String reason) {
        return inTransaction(() -> {
            Instant until = now().plus(Permission.VALID);
            long id = insert(
                    "permission",
                    Map.of(
                            "person", person,
                            "at_us", now(),
                            "until_us", until,
                            "region", area.region(),
                            "side", area.side()));
            audit(by, person, "override", "%s, until %s: %s".formatted(area.words(), Json.timeText(until), reason));
            return new Permission(id, area, until);
        });
    }

    /** One for exactly this area that may still be used. */
    public synchronized Optional<Permission> permission(String person, Area area) {
        return of(
                        person,
                        "select * from permission where person = :person and session is null and until_us > :now"
                                + " and region = :region and side = :side order by id desc limit 1")
                .bind("now", now())
                .bind("region", area.region())
                .bind("side", area.side())
                .map((row, context) -> new Permission(row.getLong("id"), area(row), time(row, "until_us")))
                .findOne();
    }

    public synchronized void used(Permission permission, String person, String session, String who) {
        inTransaction(() -> {
            changed(
                    "update permission set session = :session where id = :id",
                    Map.of("session", session, "id", permission.id()));
            audit(
                    who,
                    person,
                    "override-used",
                    "%s, session %s".formatted(permission.area().words(), session));
        });
    }

    // Logs

    /**
     * The newest first.
     *
     * @param person null: of everybody
     */
    public synchronized List<Audited> audit(@Nullable String person, int limit) {
        return log("audit", person, limit)
                .map((row, context) -> new Audited(
                        row.getLong("id"),
                        time(row, "at_us"),
                        row.getString("who"),
                        row.getString("person"),
                        row.getString("action"),
                        row.getString("detail")))
                .list();
    }

    private void audit(String who, @Nullable String person, String action, String detail) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("at_us", now());
        row.put("who", who);
        row.put("person", person);
        row.put("action", action);
        row.put("detail", detail);
        insert("audit", row);
    }

    /**
     * The newest first.
     *
     * @param person null: of everybody
     */
    public synchronized List<Accessed> accesses(@Nullable String person, int limit) {
        return log("access", person, limit)
                .map((row, context) -> new Accessed(
                        row.getLong("id"),
                        time(row, "at_us"),
                        row.getString("who"),
                        row.getString("person"),
                        row.getString("what")))
                .list();
    }

    /** @param person null: the list of people */
    public synchronized void accessed(String who, @Nullable String person, String what) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("at_us", now());
        row.put("who", who);
        row.put("person", person);
        row.put("what", what);
        insert("access", row);
    }

    private Query log(String table, @Nullable String person, int limit) {
        String where = person == null ? "" : " where person = :person";
        Query query = handle.createQuery("select * from " + table + where + " order by id desc limit :limit")
                .bind("limit", limit);
        return person == null ? query : query.bind("person", person);
    }

    /** Whether anything is kept under that pseudonym. */
    public synchronized boolean knows(String person) {
        return of(person, "select 1 from person where id = :person union select 1 from session where person = :person")
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    /** Site and gateway of each gateway with which the person had a session. */
    public synchronized Set<Topics> gateways(String person) {
        return new LinkedHashSet<>(
                of(person, "select distinct site, gateway from session where person = :person order by site, gateway")
                        .map((row, context) -> new Topics(row.getString("site"), row.getString("gateway")))
                        .list());
    }

    /**
     * Every row of a person as it is kept, by table; what has no value is left out.
     *
     * @return names of columns as they are, but times without their {@code _us}
     */
    public synchronized Map<String, List<Map<String, Object>>> rows(String person) {
        Map<String, List<Map<String, Object>>> rows = new LinkedHashMap<>();
        rows.put("person", rows(person, "select * from person where id = :person"));
        for (String table : TABLES_OF_A_PERSON) {
            rows.put(table, rows(person, "select * from " + table + " where person = :person"));
        }
        rows.put(
                "plan_area",
                rows(person, "select * from plan_area where plan in (select id from plan where person = :person)"));
        rows.put(
                "session_area",
                rows(person, "select a.* from session_area a where " + OF_SESSION_OF_PERSON.formatted("a")));
        return rows;
    }

    private List<Map<String, Object>> rows(String person, String sql) {
        return of(person, sql).map((row, context) -> row(row)).list();
    }

    private static Map<String, Object> row(ResultSet from) throws SQLException {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= from.getMetaData().getColumnCount(); i++) {
            String name = from.getMetaData().getColumnName(i);
            Object value = from.getObject(i);
            if (value != null && name.endsWith("_us")) {
                row.put(name.substring(0, name.length() - "_us".length()), time(from, name));
            } else if (value != null) {
                row.put(name, from.getMetaData().getColumnTypeName(i).equals("BOOLEAN") ? from.getBoolean(i) : value);
            }
        }
        return row;
    }

    /**
     * Deletes all of a person, here alone. What remains is one line of audit that does not say of whom.
     *
     * @return how many rows of each table
     */
    public synchronized Map<String, Integer> erase(String person, String who) {
        Map<String, Integer> erased = inTransaction(() -> {
            Map<String, Integer> counts = new TreeMap<>();
            Map<String, Object> whose = Map.of("person", person);
            counts.put(
                    "plan_area",
                    changed("delete from plan_area where plan in (select id from plan where person = :person)", whose));
            counts.put(
                    "session_area",
                    changed("delete from session_area where " + OF_SESSION_OF_PERSON.formatted("session_area"), whose));
            for (String table : TABLES_OF_A_PERSON) {
                counts.put(table, changed("delete from " + table + " where person = :person", whose));
            }
            counts.put("person", changed("delete from person where id = :person", whose));
            audit(who, null, "erase", counts.toString());
            return counts;
        });
        // Copies may lie in the free room of pages, and in the log beside the file.
        handle.execute("vacuum");
        handle.execute("pragma wal_checkpoint(truncate)");
        return erased;
    }

    @Override
    public synchronized void close() {
        handle.close();
    }

    // Rows

    private interface Work<T> {
        T run();
    }

    private <T> T inTransaction(Work<T> work) {
        return handle.isInTransaction() ? work.run() : handle.inTransaction(transaction -> work.run());
    }

    private void inTransaction(Runnable work) {
        inTransaction(() -> {
            work.run();
            return true;
        });
    }

    private Query of(String person, String sql) {
        return handle.createQuery(sql).bind("person", person);
    }

    private int changed(String sql, Map<String, ?> values) {
        return handle.createUpdate(sql).bindMap(values).execute();
    }

    /** With the next id, which is returned. */
    private long insert(String table, Map<String, ? extends @Nullable Object> values) {
        return inTransaction(() -> {
            long id = handle.createQuery("select coalesce(max(id), 0) + 1 from " + table)
                    .mapTo(Long.class)
                    .one();
            Map<String, @Nullable Object> row = new LinkedHashMap<>(values);
            row.put("id", id);
            put(table, row);
            return id;
        });
    }

    private void put(String table, Map<String, ? extends @Nullable Object> row) {
        List<String> columns = new ArrayList<>(row.keySet());
        changed(
                "insert into %s (%s) values (:%s)"
                        .formatted(table, String.join(", ", columns), String.join(", :", columns)),
                row);
    }

    private static Map<String, @Nullable Object> key(Tool tool, String session) {
        Map<String, @Nullable Object> key = new LinkedHashMap<>();
        key.put("site", tool.site());
        key.put("gateway", tool.gateway());
        key.put("tool", tool.tool());
        key.put("id", session);
        return key;
    }

    private static void require(int changed) {
        if (changed == 0) {
            throw nobody();
        }
    }

    private static IllegalArgumentException nobody() {
        return new IllegalArgumentException("person: want one of the records, got a pseudonym of nobody");
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return Json.instantOfUs(row.getLong(column));
    }

    private static Area area(ResultSet row) throws SQLException {
        return new Area(row.getString("region"), row.getString("side"));
    }

    private static @Nullable Integer number(ResultSet row, String column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    private static List<String> words(ResultSet row, String column) throws SQLException {
        String words = row.getString(column);
        return words.isEmpty() ? List.of() : List.of(words.split(" ", -1));
    }
}

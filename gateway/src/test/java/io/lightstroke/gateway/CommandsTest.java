package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command with right and wrong input: what is refused says the thing, what was wanted and what came, and changes nothing. */
class CommandsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String START =
            "{\"person\":\"p-7\",\"region\":\"calf\",\"checklist\":{\"emollient\":true,\"screening\":true}}";

    private static final String NO_SESSION = "session: want one that was started, got none; send session-start";

    /** A command and the beginning of its refusal. */
    private record Wrong(String tool, String name, String json, String error) {}

    private static Wrong wrong(String name, String json, String error) {
        return new Wrong("tool-1", name, json, error);
    }

    /** With and without a session: by their form. */
    private static final List<Wrong> BY_FORM = List.of(
            new Wrong("tool-9", "pause", "{}", "tool: want one of tool-1, tool-2, got tool-9"),
            wrong("dance", "{}", "dance: want one of area, calibrate, cue, identify, limits, mark-spot, next-spot,"),
            wrong("pause", "", "pause: want a JSON object, got nothing"),
            wrong("pause", "[]", "pause: want a JSON object, got []"),
            wrong("pause", "null", "pause: want a JSON object, got null"),
            wrong("pause", "{\"v\":2}", "pause: v: want 1, got 2"),
            wrong("pause", "{\"a\":1}", "pause: a: want one of v, got an unknown name"),
            wrong("resume", "{\"a\":1}", "resume: a: want one of v, got an unknown name"),
            wrong("tare", "{\"a\":1}", "tare: a: want one of v, got an unknown name"),
            wrong("identify", "{\"a\":1}", "identify: a: want one of v, got an unknown name"),
            wrong("pause", "x".repeat(16385), "pause: want at most 16384 bytes, got 16385"),
            wrong("pause", "{\"v\":1,\"v\":1}", "pause: want one JSON object, each name in it once, got "),
            wrong(
                    "session-start",
                    "{}",
                    "session-start: checklist: want emollient and screening, each true or false, got"),
            wrong("session-start", START.replace("p-7", "Ann Lee"), "session-start: person: want a random pseudonym"),
            wrong("session-start", START.replace("\"p-7\"", "7"), "session-start: person: want a random pseudonym"),
            wrong(
                    "session-start",
                    start("\"side\":\"top\""),
                    "side: want one of [\"left\",\"right\",\"both\",\"none\"],"),
            wrong("session-start", start("\"override\":0"), "override: want a practitioner's factor above 0"),
            wrong("session-start", start("\"override\":\"1\""), "override: want a practitioner's factor above 0"),
            wrong("session-start", start("\"bruises\":-1"), "bruises: want"),
            wrong("session-start", start("\"bruises\":0.5"), "bruises: want"),
            wrong("session-start", start("\"pain_before\":11"), "pain_before: want pain, 0 to 10, got 11"),
            wrong("session-start", start("\"phase\":\"rest\""), "phase: want one of [\"assess\",\"treat\"],"),
            wrong("session-start", start("\"tools\":[]"), "tools: want"),
            wrong("session-start", start("\"tools\":[\"tool-1\",\"tool-1\"]"), "tools: want"),
            wrong("session-start", start("\"tools\":\"tool-1\""), "tools: want"),
            wrong("session-start", start("\"limits\":{\"light_N\":1}"), "limits.ceiling_N: want newtons"),
            wrong("area", "{}", "area: region: want a region of the guideline, for example calf, got nothing"),
            wrong("area", "{\"region\":\"calf\",\"side\":1}", "side: want one of"),
            wrong("phase", "{}", "phase: want one of [\"assess\",\"treat\"], got nothing"),
            wrong("phase", "{\"phase\":\"rest\"}", "phase: want one of [\"assess\",\"treat\"], got \"rest\""),
            wrong("limits", limits("3", "6", "9", "14.1"), "limits: ceiling_N: want newtons, above 0.5 and at most 14"),
            wrong("limits", limits("0.5", "6", "9", "14"), "limits: light_N: want newtons, above 0.5 and at most 14"),
            wrong(
                    "limits",
                    limits("3", "6", "9", "\"14\""),
                    "limits: ceiling_N: want newtons, above 0.5 and at most 14"),
            wrong("next-spot", "{\"mark\":\"sore\"}", "next-spot: mark: want one of"),
            wrong("mark-spot", "{}", "mark-spot: mark: want one of"),
            wrong("session-end", "{\"pain_after\":-1}", "session-end: pain_after: want pain, 0 to 10, got -1"),
            wrong(
                    "cue",
                    "{}",
                    "cue: pattern: want one of [\"tick\",\"too-deep\",\"move-on\",\"ceiling\"], got nothing"),
            wrong("cue", "{\"pattern\":\"buzz\"}", "cue: pattern: want one of"),
            wrong("calibrate", "{}", "calibrate: step: want one of [\"zero\",\"reference\",\"cancel\"], got nothing"),
            wrong("calibrate", "{\"step\":\"reference\"}", "calibrate: reference_N: want it with step reference and"),
            wrong("calibrate", "{\"step\":\"zero\",\"reference_N\":5}", "calibrate: reference_N: want it with step"),
            wrong(
                    "calibrate",
                    "{\"step\":\"reference\",\"reference_N\":20.1}",
                    "calibrate: reference_N: want newtons of"),
            wrong(
                    "calibrate",
                    "{\"step\":\"reference\",\"reference_N\":\"5\"}",
                    "calibrate: reference_N: want newtons of"),
            wrong("update", "{}", "update: file: want the name of a file"),
            wrong("update", "{\"file\":\"a/b\"}", "update: file: want the name of a file"),
            wrong("update", "{\"file\":\"..\"}", "update: file: want the name of a file"),
            wrong("update", "{\"file\":\"a.bin\",\"sha256\":\"0\"}", "update: sha256: want the SHA-256 of the file"),
            wrong("update", "{\"file\":\"a.bin\"}", "file: want one that is in "));

    /** Without a session. */
    private static final List<Wrong> WITHOUT = List.of(
            wrong("session-start", START.replace("calf", "moon"), "region: want"),
            wrong("session-start", start("\"profile\":\"iron\""), "profile: want"),
            wrong(
                    "session-start",
                    START.replace("\"screening\":true", "\"screening\":false"),
                    "checklist: want emollient and screening confirmed, or unplanned on a practitioner's word, got"),
            wrong(
                    "session-start",
                    start("\"tools\":[\"tool-2\"]"),
                    "tools: want tool-1 among them, for it was sent there"),
            wrong("session-start", start("\"tools\":[\"tool-1\",\"tool-9\"]"), "tool: want one of tool-1, tool-2, got"),
            wrong("session-start", start("\"limits\":" + limits("3", "2", "9", "14")), "limits explicit 3.0/"),
            wrong("area", "{\"region\":\"calf\"}", NO_SESSION),
            wrong("phase", "{\"phase\":\"treat\"}", NO_SESSION),
            wrong("limits", limits("3", "6", "9", "14"), NO_SESSION),
            wrong("next-spot", "{}", NO_SESSION),
            wrong("mark-spot", "{\"mark\":\"tender\"}", NO_SESSION),
            wrong("pause", "{}", NO_SESSION),
            wrong("resume", "{}", NO_SESSION),
            wrong("session-end", "{}", NO_SESSION),
            wrong(
                    "calibrate",
                    "{\"step\":\"reference\",\"reference_N\":5}",
                    "calibration of tool-1: want step zero before, got reference"));

    /** In a session. */
    private static final List<Wrong> WITHIN = List.of(
            wrong("session-start", START, "session of tool-1: want none that runs, got "),
            wrong("area", "{\"region\":\"moon\"}", "region: want"),
            wrong("limits", limits("3", "2", "9", "14"), "limits explicit 3.0/"),
            wrong("limits", limits("3", "3.001", "9", "14"), "limits explicit 3.0/"),
            wrong("mark-spot", "{\"mark\":\"tender\"}", "mark-spot: want a spot in this session, got none yet"),
            wrong("calibrate", "{\"step\":\"zero\"}", "session of tool-1: want none that runs, got "),
            wrong(
                    "calibrate",
                    "{\"step\":\"reference\",\"reference_N\":5}",
                    "session of tool-1: want none that runs, got "));

    private static String start(String more) {
        return START.substring(0, START.length() - 1) + "," + more + "}";
    }

    private static String limits(String light, String moderate, String tooDeep, String ceiling) {
        return "{\"light_N\":%s,\"moderate_N\":%s,\"too_deep_N\":%s,\"ceiling_N\":%s}"
                .formatted(light, moderate, tooDeep, ceiling);
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Nobody touches the tool for an hour. */
    private static Scenario resting() {
        return pressing(3600, 5);
    }

    /** Nobody touches it, and then something of this weight is on it. */
    private static Scenario pressing(double firstS, double weightN) {
        return new Scenario(
                "weight",
                "a weight is put on the tool",
                1,
                new Scenario.Sensor(16, 1000, 30, 0.02, 0, 0.2),
                new Scenario.Battery(90, 0),
                new Scenario.Person(firstS, 0, 10, 0),
                List.of(new Scenario.Step(
                        "calf", Scenario.Phase.TREAT, new Scenario.Repeat(1, null), weightN, 0, 3600, 0, 0, 1, 0)));
    }

    private static void assertRefused(Workbench bench, Stream<Wrong> commands) throws Exception {
        List<Workbench.State> before = bench.state();
        List<String> failures = new ArrayList<>();
        for (Wrong each : commands.toList()) {
            CommandAnswer answer = bench.ask(each.tool(), each.name(), each.json());
            String error = answer.error();
            if (answer.ok()
                    || error == null
                    || !(error.startsWith(each.error()) || error.startsWith(each.name() + ": " + each.error()))
                    || !error.contains("want")
                    || !error.contains("got")) {
                failures.add("%s %s%n  wants %s%n  got   %s"
                        .formatted(
                                each.name(),
                                each.json()
                                        .substring(0, Math.min(100, each.json().length())),
                                each.error(),
                                answer));
            }
            assertEquals(before, bench.state(), () -> each.toString());
        }
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
    }

    @Test
    void whatIsWrongChangesNothingWithAndWithoutASession() throws Exception {
        try (Workbench bench = new Workbench(folder, resting(), 2).streaming()) {
            assertRefused(bench, Stream.concat(BY_FORM.stream(), WITHOUT.stream()));
            String session =
                    Objects.requireNonNull(bench.ok("session-start", START).session());
            assertRefused(bench, Stream.concat(BY_FORM.stream(), WITHIN.stream()));
            assertEquals(
                    "session of tool-1: want none that runs, got " + session,
                    bench.error("tool-2", "session-start", start("\"tools\":[\"tool-1\",\"tool-2\"]")));
            assertEquals(NO_SESSION, bench.error("tool-2", "pause", "{}"));
        }
    }

    private static SessionState session(Workbench bench, int tool) {
        return Objects.requireNonNull(bench.sessions.get(tool).session());
    }

    @Test
    void whatIsRightIsDoneForEachToolAndIsOnDisk() throws Exception {
        try (Workbench bench = new Workbench(folder, resting(), 2).streaming()) {
            CommandAnswer started = bench.ok(
                    "session-start", start("\"tools\":[\"tool-1\",\"tool-2\"],\"side\":\"left\",\"bruises\":1"));
            assertEquals(7.7, Objects.requireNonNull(started.limits()).tooDeepN());
            assertEquals(session(bench, 0).id(), started.session());
            assertEquals(session(bench, 1).id(), started.session());
            assertEquals(Phase.ASSESS, session(bench, 1).phase());
            bench.ok("phase", "{\"phase\":\"treat\"}");
            assertEquals(Phase.TREAT, session(bench, 1).phase());
            bench.ok("area", "{\"region\":\"forearm\",\"side\":\"right\"}");
            assertEquals(2, session(bench, 1).areas().size());
            CommandAnswer limited = bench.ok("limits", limits("1", "2", "3", "4"));
            assertEquals(4.0, Objects.requireNonNull(limited.limits()).ceilingN());
            assertEquals(400, bench.sessions.get(1).limits().ceilingCn());
            bench.ok("pause", "{}");
            assertTrue(session(bench, 0).paused() && session(bench, 1).paused());
            SessionState paused = session(bench, 0);
            bench.ok("pause", "{}");
            assertEquals(paused, session(bench, 0), "once is enough");
            bench.ok("resume", "{\"v\":1}");
            assertFalse(session(bench, 1).paused());
            SessionState resumed = session(bench, 0);
            bench.ok("next-spot", "{}");
            bench.ok("identify", "{}");
            bench.ok("cue", "{\"pattern\":\"tick\"}");
            await().atMost(LONG).until(() -> bench.tools.get(0).ageUs() > 2_000_000);
            bench.ok("tare", "{}");
            assertEquals(resumed, session(bench, 0));
            bench.ok("session-end", "{\"pain_after\":3}");
            List<String> orders = bench.state().get(0).orders();
            for (String order : List.of("forearm", "TREAT", "pause", "resume", "next-spot", "end")) {
                assertTrue(orders.stream().anyMatch(each -> each.contains(order)), order + " of " + orders);
            }
            await().atMost(LONG)
                    .until(() -> bench.sessions.stream()
                            .allMatch(each -> each.session() != null
                                    && !Objects.requireNonNull(each.session()).assigned()));
        }
    }

    @Test
    void ofAToolThatIsAwayNothingIsAsked() throws Exception {
        try (Workbench bench = new Workbench(folder, resting(), 2).streaming()) {
            bench.link.hangConnect(SimulatedTools.address(2), true);
            bench.link.drop(SimulatedTools.address(2));
            await().atMost(LONG).until(() -> bench.sessions.get(1).state() != ToolStatus.Link.STREAMING);
            List<Workbench.State> before = bench.state();
            for (Wrong each : List.of(
                    new Wrong("tool-2", "session-start", START, "tool tool-2: want it streaming, got "),
                    new Wrong(
                            "tool-1",
                            "session-start",
                            start("\"tools\":[\"tool-1\",\"tool-2\"]"),
                            "tool tool-2: want it streaming, got "),
                    new Wrong("tool-2", "tare", "{}", "tool tool-2: want it connected, got "),
                    new Wrong("tool-2", "identify", "{}", "tool tool-2: want it connected, got "),
                    new Wrong(
                            "tool-2",
                            "cue",
                            "{\"pattern\":\"tick\"}",
                            "cue: want it written to tool-2 at once, got no way"),
                    new Wrong("tool-2", "calibrate", "{\"step\":\"zero\"}", "tool tool-2: want it streaming, got "),
                    new Wrong(
                            "tool-2", "calibrate", "{\"step\":\"cancel\"}", "tool tool-2: want it connected, got "))) {
                String error = bench.error(each.tool(), each.name(), each.json());
                assertTrue(error.startsWith(each.error()), error);
                assertEquals(before, bench.state(), () -> each.toString());
            }
        }
    }

    /** Another process holds the journal. */
    @Test
    void aDiskThatDoesNotTakeTheOrderIsSaid() throws Exception {
        try (Workbench bench = new Workbench(folder, resting(), 1).streaming()) {
            bench.ok("session-start", START);
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                assertEquals(
                        "journal: want the order on disk within 5 s, got no answer; it is in force, but a crash would lose it",
                        bench.error("tool-1", "phase", "{\"phase\":\"treat\"}"));
                assertEquals(Phase.TREAT, session(bench, 0).phase());
                statement.execute("ROLLBACK");
            }
            await().atMost(LONG)
                    .until(() -> bench.state().get(0).orders().stream().anyMatch(order -> order.contains("TREAT")));
        }
    }

    @Test
    void aClosedJournalTakesNoOrder() throws Exception {
        try (Workbench bench = new Workbench(folder, resting(), 1).streaming()) {
            bench.ok("session-start", START);
            SessionState before = session(bench, 0);
            bench.journal.close();
            assertEquals(
                    "journal: want the order on disk, got too much that waits for it",
                    bench.error("tool-1", "phase", "{\"phase\":\"treat\"}"));
            assertEquals(before, session(bench, 0));
        }
    }

    private static ToolInfo info(Workbench bench) throws Exception {
        return ToolInfo.decode(bench.tools.get(0).read(Gatt.TOOL_INFO));
    }

    private static final String ZERO = "{\"step\":\"zero\"}";

    private static String reference(double newtons) {
        return "{\"step\":\"reference\",\"reference_N\":%s}".formatted(newtons);
    }

    @Test
    void aCalibrationByAKnownWeight() throws Exception {
        try (Workbench bench = new Workbench(folder, pressing(25, 5), 1).streaming()) {
            assertNull(bench.ok("calibrate", ZERO).calibration());
            assertTrue(bench.tools.get(0).ageUs() < 24_000_000, "the weight came too soon for this machine");
            String occupied =
                    "tool tool-1: want it free, got a calibration that runs; send calibrate with step reference or cancel";
            assertEquals(occupied, bench.error("tool-1", "session-start", START));
            assertEquals(occupied, bench.sessions.get(0).occupied());
            assertTrue(
                    bench.error("tool-1", "tare", "{}").startsWith("tare of tool-1: want ok, got busy or wrong state"));
            await().atMost(LONG).until(() -> bench.tools.get(0).ageUs() > 25_500_000);
            assertEquals(2, bench.ok("calibrate", reference(6)).calibration());
            assertEquals(2, info(bench).calibration());
            assertNull(bench.sessions.get(0).occupied());
            assertTrue(
                    bench.error("tool-1", "calibrate", reference(6)).contains("want step zero before, got reference"));
            // The weight is the load that is twice as much as any that could be meant.
            bench.ok("calibrate", ZERO);
            assertEquals(
                    "calibration of tool-1, reference of 5.000 N: want ok, got bad parameter, for the tool measures less"
                            + " than half or more than twice of that; it is cancelled",
                    bench.error("tool-1", "calibrate", reference(5)));
            assertNull(bench.sessions.get(0).occupied());
            bench.ok("calibrate", ZERO);
            bench.ok("calibrate", "{\"step\":\"cancel\"}");
            assertEquals(2, info(bench).calibration());
            bench.ok("calibrate", ZERO);
            bench.link.drop(SimulatedTools.address(1));
            await().atMost(LONG).until(() -> bench.sessions.get(0).occupied() == null);
            bench.streaming();
            assertNotNull(bench.ok("session-start", START).session());
        }
    }

    /** The commit's answer is lost: nobody says that nothing was changed. */
    @Test
    void aCommitWithoutAnAnswerIsLeftOpenAndTheToolAskedAgain() throws Exception {
        UnaryOperator<ToolConnection> deaf = connection -> new ChangedLink.Connection(connection) {
            @Override
            public void subscribe(UUID characteristic, Notifications notifications)
                    throws LinkException, InterruptedException {
                super.subscribe(characteristic, (value, atNanos) -> {
                    boolean committed = characteristic.equals(Gatt.CONTROL_POINT) && value[1] == 7 && value.length == 8;
                    if (!committed) {
                        notifications.arrived(value, atNanos);
                    }
                });
            }
        };
        try (Workbench bench = new Workbench(folder, pressing(20, 5), 1, deaf).streaming()) {
            bench.ok("calibrate", ZERO);
            await().atMost(LONG).until(() -> bench.tools.get(0).ageUs() > 20_500_000);
            assertEquals(
                    "control point, op 7: want an answer within 3000 ms, got none; the tool's info will say whether the"
                            + " calibration is in force",
                    bench.error("tool-1", "calibrate", reference(6)));
            await().atMost(LONG).until(() -> bench.sessions.get(0).recovery().containsKey("reconnect"));
            bench.streaming();
            assertNull(bench.sessions.get(0).occupied());
            assertEquals(2, info(bench).calibration());
        }
    }

    @Test
    void aForceThatMovesIsNoZero() throws Exception {
        Scenario shaking = Scenario.builtIn("tapping");
        try (Workbench bench = new Workbench(folder, shaking, 1).streaming()) {
            await().atMost(LONG).until(() -> bench.tools.get(0).ageUs() > 4_000_000);
            CommandAnswer answer = bench.ask("tool-1", "calibrate", ZERO);
            if (answer.ok()) { // between two taps
                bench.ok("calibrate", "{\"step\":\"cancel\"}");
            } else {
                assertEquals(
                        "calibration of tool-1, zero: want ok, got busy or wrong state; the tool must lie still, with"
                                + " nothing on it",
                        answer.error());
            }
            assertNull(bench.sessions.get(0).occupied());
            assertEquals(1, info(bench).calibration());
        }
    }
}

package io.lightstroke.gateway.conform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.conform.Verdict.Status;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulated tools, sound ones and such with faults; what each breaks stands in docs/conformance.md. */
class ConformanceTest {
    private static final Path TEXT = Path.of("..", "docs", "conformance.md");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\|.*");
    /** Those of which a simulated tool in this process shows nothing. */
    private static final Set<Rule> UNSEEN = EnumSet.of(Rule.ADVERTISED, Rule.BONDED);

    private @TempDir Path folder;

    static final Progress QUIET = new Progress() {
        @Override
        public void doing(Procedure procedure, int done, int all) {}

        @Override
        public void ask(String what) {
            if (!what.startsWith("look after the tool")) { // one that refuses to be put right
                throw new AssertionError("nobody is there to be asked: " + what);
            }
        }
    };

    /** Without what takes an hour of the tool's time. */
    static Options quick() {
        EnumSet<Rule> rules = EnumSet.allOf(Rule.class);
        rules.removeIf(rule -> rule.procedure() == Procedure.STORE || rule.procedure() == Procedure.REST);
        return new Options(Duration.ofSeconds(40), false, false, false, rules);
    }

    static Tool tool(String scenario) {
        return SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.builtIn(scenario), 1);
    }

    private static Tool faulty(String words) {
        return SimulatedTools.faulty(1, SimulatedTools.address(1), Scenario.builtIn("home"), Fault.parse(words), 1);
    }

    /** Its person lets it lie for longer than the 5 minutes after which sampling ends. */
    private Tool resting() throws Exception {
        Path calm = Path.of("../simulator/src/main/resources/io/lightstroke/simulator/scenarios/calm.yaml");
        Path file = Files.writeString(
                folder.resolve("resting.yaml"),
                Files.readString(calm).replaceFirst("then_pause_s: 4\n$", "then_pause_s: 400\n"));
        return SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.read(file), 1);
    }

    static Set<String> broken(Conformance conformance) {
        return ids(conformance.of(Status.FAIL));
    }

    private static Set<String> ids(List<Verdict> verdicts) {
        return verdicts.stream().map(each -> each.rule().id()).collect(Collectors.toCollection(TreeSet::new));
    }

    static String words(Conformance conformance) {
        return conformance.of(Status.FAIL).stream()
                .map(each -> "%s: %s".formatted(each.rule().id(), each.seen()))
                .collect(Collectors.joining("\n"));
    }

    /** Each scenario's own kind of press leaves some rules unseen, but breaks none. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aSoundToolBreaksNoRule(String scenario) throws Exception {
        Conformance conformance = Conformance.of(new SimulatedSubject(tool(scenario)), quick(), QUIET);
        assertEquals(Set.of(), broken(conformance), words(conformance));
    }

    static List<String> scenarios() {
        return Scenario.BUILT_IN.stream()
                .filter(name -> Scenario.builtIn(name).faults().isEmpty())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 65, 185})
    void aSoundToolBreaksNoRuleAtASmallMtu(int mtu) throws Exception {
        Tool small = faulty("short-mtu=" + mtu);
        Conformance conformance = Conformance.of(new SimulatedSubject(small), quick(), QUIET);
        assertEquals(Set.of(), broken(conformance), words(conformance));
    }

    @Test
    void everyRuleIsSeenKeptByTheRightTool() throws Exception {
        Set<Rule> kept = EnumSet.noneOf(Rule.class);
        for (Tool each : List.of(tool("home"), faulty("saturated@20s+2s"), resting())) {
            Conformance.of(new SimulatedSubject(each), Options.USUAL, QUIET)
                    .of(Status.PASS)
                    .forEach(verdict -> kept.add(verdict.rule()));
        }
        assertEquals(EnumSet.complementOf(EnumSet.copyOf(UNSEEN)), kept);
    }

    /** The table of the text, and nothing left out of it. */
    @TestFactory
    Stream<DynamicTest> aFaultBreaksExactlyWhatIsWritten() throws IOException {
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(TEXT)) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && !row.group(1).startsWith("-")) {
                rows.add(new String[] {row.group(1), row.group(2)});
            }
        }
        Set<String> written = rows.stream().map(row -> row[0].split("=", 2)[0]).collect(Collectors.toSet());
        assertEquals(
                Arrays.stream(Fault.Kind.values()).map(Fault.Kind::toString).collect(Collectors.toSet()), written);
        return rows.stream()
                .map(row -> DynamicTest.dynamicTest(row[0], () -> {
                    Tool faulty = faulty(row[0]);
                    Conformance conformance = Conformance.of(new SimulatedSubject(faulty), Options.USUAL, QUIET);
                    Set<String> wanted = row[1].equals("none") ? Set.of() : new TreeSet<>(Set.of(row[1].split(", ")));
                    assertEquals(wanted, broken(conformance), words(conformance));
                }));
    }

    @Test
    void doesNoMoreThanTheWantedRulesNeed() throws Exception {
        List<Procedure> done = new ArrayList<>();
        Options options = new Options(
                Duration.ofSeconds(10), false, false, false, EnumSet.of(Rule.CTRL_IDENTIFY, Rule.CUE_UNKNOWN));
        Conformance conformance = Conformance.of(new SimulatedSubject(tool("calm")), options, new Progress() {
            @Override
            public void doing(Procedure procedure, int before, int all) {
                assertEquals(done.size(), before);
                assertEquals(3, all);
                done.add(procedure);
            }

            @Override
            public void ask(String what) {}
        });
        assertEquals(List.of(Procedure.LOOK, Procedure.CONTROL, Procedure.CUES), done);
        assertEquals(Set.of("CTRL-12", "CUE-04"), ids(conformance.verdicts()));
        assertTrue(conformance.isMet(), words(conformance));
    }

    @Test
    void leavesTheLimitsAsTheyWereAlsoOverARestart() throws Exception {
        Tool tool = tool("bruise-prone");
        byte[] before = limits(tool);
        Conformance.of(new SimulatedSubject(tool), quick(), QUIET);
        assertArrayEquals(before, limits(tool));
        tool.reboot();
        byte[] kept = limits(tool);
        assertArrayEquals(Arrays.copyOf(before, 15), Arrays.copyOf(kept, 15));
    }

    /** As somebody else reads them: op 5, whose data come after 4 bytes. */
    private static byte[] limits(Tool tool) {
        List<byte[]> answers = new ArrayList<>();
        tool.connect(247, Set.of(Gatt.CONTROL_POINT), (characteristic, value) -> answers.add(value));
        tool.write(Gatt.CONTROL_POINT, new byte[] {5, 1});
        tool.disconnect();
        return Arrays.copyOfRange(answers.get(0), 4, 20);
    }

    @Test
    void anIdBelongsToOneRule() {
        Set<String> ids = new HashSet<>();
        for (Rule rule : Rule.values()) {
            assertTrue(rule.id().matches("[A-Z]+-\\d\\d"), rule.id());
            assertTrue(ids.add(rule.id()), rule.id());
        }
    }

    @Test
    void aRulesSectionIsThereInTheProtocol() throws IOException {
        Set<String> anchors = Files.readAllLines(Path.of("..", "docs", "protocol.md")).stream()
                .filter(line -> line.startsWith("#"))
                .map(line ->
                        line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-'))
                .collect(Collectors.toSet());
        for (Rule rule : Rule.values()) {
            assertTrue(anchors.contains(rule.section()), rule.id() + ": " + rule.section());
        }
    }
}

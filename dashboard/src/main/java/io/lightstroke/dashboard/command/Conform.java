package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.WriterOutput;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.conform.Conformance;
import io.lightstroke.gateway.conform.LinkSubject;
import io.lightstroke.gateway.conform.Options;
import io.lightstroke.gateway.conform.Procedure;
import io.lightstroke.gateway.conform.Progress;
import io.lightstroke.gateway.conform.Rule;
import io.lightstroke.gateway.conform.SimulatedSubject;
import io.lightstroke.gateway.conform.Subject;
import io.lightstroke.gateway.conform.Verdict;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.PipedTool;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke conform}: which rules of the protocol a tool breaks. */
@Command(
        name = "conform",
        description = {
            "Holds a tool against the rules of docs/protocol.md, and says which of them it breaks: for each what was"
                    + " expected and what was seen. docs/conformance.md has all rules.",
            "",
            "Without --tool and --pipe it is a simulated tool in virtual time: an hour of it in some seconds. With --tool it takes"
                    + " about five minutes, and says when someone is to press or to lay the tool down."
        },
        footer = {
            "",
            "The exit code is 1 if any rule is broken. A rule that could not be judged is not applicable, with the reason;"
                    + " that is no failure.",
            "Of a tool over a link it leaves the limits as they were, commits no calibration, and neither erases nor"
                    + " restarts unless told to."
        })
final class Conform implements Callable<Integer> {
    private static final List<String> OF_THE_SIMULATED = List.of("--scenario", "--seed", "--faults");
    private static final List<String> NOT_OF_A_TABLE =
            List.of("--tool", "--pipe", "--faults", "--rule", "--for", "--json", "--junit", "--html");
    private static final List<String> OF_A_LINK = List.of("--link", "--adapter", "--full", "--erase", "--restart");

    @Option(
            names = "--tool",
            paramLabel = "ADDRESS",
            description =
                    "The Bluetooth address of a tool that nobody else is connected to. Default: a simulated tool.")
    private @Nullable String tool;

    @Option(
            names = "--pipe",
            paramLabel = "COMMAND",
            description =
                    "A tool that is a program, as docs/pipe.md describes it, in virtual time, for example 'python3"
                            + " tool.py'.")
    private @Nullable String pipe;

    @Option(
            names = "--link",
            paramLabel = "LINK",
            description =
                    "With --tool: tinyb, bluez (D-Bus, without TinyB), or auto: TinyB where its natives load, else"
                            + " bluez. Only bluez tells the MTU. Default: ${DEFAULT-VALUE}.")
    private Scan.Via via = Scan.Via.AUTO;

    @Option(
            names = "--adapter",
            paramLabel = "NAME",
            description = "With --tool: for example hci0. Default: the first powered one.")
    private @Nullable String adapter;

    @Option(
            names = "--full",
            description = "With --tool: also what takes long, 12 minutes at rest and more than half an hour until the"
                    + " store is full.")
    private boolean full;

    @Option(
            names = "--erase",
            description = "With --tool: also erase from its store, some of what it samples meanwhile.")
    private boolean erase;

    @Option(
            names = "--restart",
            description = "With --tool: also restart it, by a request to the firmware's SMP server.")
    private boolean restart;

    @Mixin
    private Strokes strokes = new Strokes();

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it streams, 10s or more; the other procedures come on top. Default: 2m.")
    private Duration stream = Options.USUAL.stream();

    @Option(
            names = "--rule",
            paramLabel = "ID",
            split = ",",
            description = "Only this rule, for example FORCE-01, or those of a group, for example REC; several are"
                    + " separated by commas. Default: all.")
    private List<String> wanted = List.of();

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Write the result as JUnit's XML, too, for a CI server.")
    private @Nullable Path junit;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the result as a page, too, in one file.")
    private @Nullable Path html;

    @Option(
            names = "--json",
            description = "One JSON object: {tool, pass, fail, not_applicable, rules: [{id, status, title, section,"
                    + " seen}]}.")
    private boolean json;

    @Option(names = "--list", description = "List the rules as a table in Markdown, and end.")
    private boolean list;

    @Option(
            names = "--table",
            description =
                    "Hold each fault of the simulator against the rules, and list which rules it breaks, as a table in"
                            + " Markdown. Takes about a minute.")
    private boolean table;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private record Line(String id, String status, String title, String section, String seen) {
        static Line of(Verdict verdict) {
            Rule rule = verdict.rule();
            return new Line(rule.id(), verdict.status().words(), rule.title(), rule.section(), verdict.seen());
        }
    }

    private record Result(
            String tool,
            int pass,
            int fail,
            @JsonProperty("not_applicable") int notApplicable,
            List<Line> rules) {
        static Result of(Conformance conformance) {
            return new Result(
                    conformance.tool(),
                    conformance.of(Verdict.Status.PASS).size(),
                    conformance.of(Verdict.Status.FAIL).size(),
                    conformance.of(Verdict.Status.NOT_APPLICABLE).size(),
                    conformance.verdicts().stream().map(Line::of).toList());
        }
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            ConformText.rules(out);
            return Lightstroke.OK;
        }
        checkOptions();
        Options options = new Options(stream, full, erase, restart, rules());
        if (table) {
            table(out);
            return Lightstroke.OK;
        }
        Conformance conformance = run(options);
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(Result.of(conformance)));
        } else {
            ConformText.result(out, conformance);
        }
        write(conformance);
        return conformance.isMet() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private void checkOptions() {
        for (String each : OF_A_LINK) {
            if (tool == null && spec.commandLine().getParseResult().hasMatchedOption(each)) {
                throw wrong(each + ": want it with --tool");
            }
        }
        for (String each : OF_THE_SIMULATED) {
            if ((tool != null || pipe != null)
                    && spec.commandLine().getParseResult().hasMatchedOption(each)) {
                throw wrong("%s: want it without --tool and --pipe".formatted(each));
            }
        }
        if (tool != null && pipe != null) {
            throw wrong("--pipe: want it without --tool");
        }
        for (String each : table ? NOT_OF_A_TABLE : List.<String>of()) {
            if (spec.commandLine().getParseResult().hasMatchedOption(each)) {
                throw wrong("--table: want it without " + each);
            }
        }
        if (tool != null && !Pair.ADDRESS.matcher(tool.toUpperCase(Locale.ROOT)).matches()) {
            throw wrong("--tool: want an address like 02:4C:53:00:00:01, got " + tool);
        }
        if (stream.compareTo(Duration.ofSeconds(10)) < 0) {
            throw wrong("--for: want 10s or more, got %d ms".formatted(stream.toMillis()));
        }
        for (Path each : new Path[] {junit, html}) {
            Path folder = each == null ? null : each.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                throw wrong("%s: want a file in a folder that is there, got %s"
                        .formatted(each == junit ? "--junit" : "--html", each));
            }
        }
    }

    private Set<Rule> rules() {
        if (wanted.isEmpty()) {
            return EnumSet.allOf(Rule.class);
        }
        Set<Rule> rules = EnumSet.noneOf(Rule.class);
        for (String each : wanted) {
            String id = each.strip().toUpperCase(Locale.ROOT);
            List<Rule> meant = Arrays.stream(Rule.values())
                    .filter(rule -> rule.id().equals(id) || rule.id().startsWith(id + "-"))
                    .toList();
            if (meant.isEmpty()) {
                throw wrong("--rule: want a rule or a group of `lightstroke conform --list`, got " + each);
            }
            rules.addAll(meant);
        }
        return rules;
    }

    /** The one place that makes what is held against the rules. */
    private Conformance run(Options options) throws Exception {
        if (pipe != null) {
            try (PipedTool piped = PipedTool.start(pipe, SimulatedTools.address(1))) {
                return run(new SimulatedSubject(piped), options);
            } catch (IllegalStateException e) { // it has ended, or says what is none of the lines
                throw new IOException(e.getMessage(), e);
            }
        } else if (tool == null) {
            return run(simulated(strokes.faults), options);
        }
        try (Stop stop = new Stop(Thread.currentThread()::interrupt);
                ToolLink link = Gateway.bluetooth(GatewayConfig.Link.valueOf(via.name()), adapter)) {
            stop.exitCode(Lightstroke.FAILED);
            return run(new LinkSubject(link, tool.toUpperCase(Locale.ROOT)), options);
        }
    }

    private Subject simulated(List<Fault> faults) throws IOException, InvalidDocumentException {
        return new SimulatedSubject(SimulatedTools.faulty(
                1, SimulatedTools.address(1), Scenario.named(strokes.scenario), faults, strokes.seed));
    }

    private Conformance run(Subject subject, Options options) throws InterruptedException {
        try (Bar bar = new Bar("conform", options.procedures().size())) {
            return Conformance.of(subject, options, new Progress() {
                @Override
                public void doing(Procedure procedure, int done, int all) {
                    bar.to(done);
                    bar.say(procedure.words());
                    if (!subject.simulated() && !Bar.shown()) {
                        err().printf("%d of %d: %s%n", done + 1, all, procedure.words());
                    }
                }

                @Override
                public void ask(String what) {
                    err().println(what);
                }
            });
        }
    }

    private void table(PrintWriter out) throws Exception {
        ConformText.tableHead(out);
        for (String words : ConformText.FAULTS.keySet()) {
            ConformText.tableRow(out, words, run(simulated(Fault.parse(words)), Options.USUAL));
            out.flush();
        }
    }

    private void write(Conformance conformance) throws IOException, XMLStreamException {
        if (junit != null) {
            try (Writer to = Files.newBufferedWriter(junit)) {
                ConformText.junit(to, conformance);
            }
        }
        if (html != null) {
            try (Writer to = Files.newBufferedWriter(html)) {
                TemplateEngine.createPrecompiled(ContentType.Html)
                        .render("conformance.jte", conformance, new WriterOutput(to));
            }
        }
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

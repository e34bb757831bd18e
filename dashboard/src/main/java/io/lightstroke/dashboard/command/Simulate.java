package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.recording.ToolRecording;
import io.lightstroke.simulator.FaultyTool;
import io.lightstroke.simulator.PipedTool;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Recording;
import io.lightstroke.simulator.RecordingFiles;
import io.lightstroke.simulator.ReplayedTool;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.ToolTruth;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.Peripheral;
import io.lightstroke.simulator.bluez.PrivateBus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lightstroke simulate}: simulated tools for a gateway in another process, or their stream in files. */
@Command(
        name = "simulate",
        description = {
            "Runs simulated tools behind a stand-in for BlueZ on a private D-Bus (Linux).",
            "Any client of BlueZ finds them: a gateway in another terminal, your own program, busctl. Prints the bus address"
                    + " to use.",
            "",
            "With --peripheral a Bluetooth adapter of this machine becomes the tool, for a gateway on another machine, over"
                    + " the air.",
            "",
            "With --write it runs nothing, but writes what a tool sends and what its person really did into files, at"
                    + " once; docs/simulation.md describes them."
        })
final class Simulate implements Callable<Integer> {
    private static final int MOST_TOOLS = 1000;
    /** The truth of many tools over hours takes its time. */
    private static final Duration LONGEST_END = Duration.ofMinutes(10);

    private static final Duration WRITTEN_AT_LEAST = Duration.ofMinutes(1);
    /** Samples of a tool, 12 hours at 100 Hz: a recording is made in memory, and so much fits a heap of 1 GiB. */
    private static final long WRITTEN_AT_MOST = 12 * 3600 * 100;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--tools",
            paramLabel = "N",
            description = "Simulated tools, 1 to 1000. Default: 2; with --write as many as the scenario says.")
    private @Nullable Integer tools;

    @Mixin
    private Strokes strokes = new Strokes();

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long it runs, for example 10m. Default: until Ctrl-C; with --write the scenario's steps"
                    + " once, or as often as a minute wants; then 12h at 100 Hz are the most.")
    private @Nullable Duration time;

    @Option(
            names = "--write",
            paramLabel = "DIR",
            description =
                    "Write frames.hex and truth.json into this folder, for further tools into tool-2/ and on in it.")
    private @Nullable Path write;

    @Option(names = "--rate", paramLabel = "HZ", description = "With --write: samples a second. Default: 100.")
    private @Nullable Integer rateHz;

    @Option(
            names = "--peripheral",
            paramLabel = "ADAPTER",
            description = "Make this Bluetooth adapter the tool, for example hci0 (Linux, through BlueZ).")
    private @Nullable String peripheral;

    @Option(
            names = "--trust",
            paramLabel = "TRUST",
            description = "With --peripheral, who may use it: bonded, who paired with the passkey that is printed here;"
                    + " just-works, who paired in any way; open, everyone. Default: bonded.")
    private Peripheral.@Nullable Trust trust;

    @Option(
            names = "--speed",
            paramLabel = "X",
            description =
                    "The tools live X times as fast, 0.1 to 20; a gateway takes that for clocks that are wrong, see"
                            + " docs/simulation.md. Default: 1.")
    private @Nullable Double speed;

    @Option(
            names = "--truth",
            paramLabel = "DIR",
            description = "At the end write truth.json into this folder: what the people really did, and what went"
                    + " wrong; for further tools into tool-2/ and on in it.")
    private @Nullable Path truth;

    @Option(names = "--quiet", description = "Show nothing of the tools while they run.")
    private boolean quiet;

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description = "Instead of simulated people, play what `lightstroke record` wrote; several times for several"
                    + " tools.")
    private List<Path> replays = List.of();

    @Option(
            names = "--pipe",
            paramLabel = "COMMAND",
            description = "Instead of simulated tools, take this program for one, as docs/pipe.md describes it, for"
                    + " example 'python3 tool.py'; several times for several tools.")
    private List<String> pipes = List.of();

    @Option(names = "--list", description = "List the scenarios that are built in, and end.")
    private boolean list;

    private final List<PipedTool> piped = new ArrayList<>();
    private volatile @Nullable ToolsView view;

    @Override
    public Integer call() throws Exception {
        if (list) {
            list(spec.commandLine().getOut());
            return Lightstroke.OK;
        }
        if (tools != null && (tools < 1 || tools > MOST_TOOLS)) {
            throw wrong("--tools: want 1 to %d, got %d".formatted(MOST_TOOLS, tools));
        }
        if (peripheral != null && (write != null || tools != null)) {
            throw wrong("--peripheral: want it without --write and --tools, an adapter is one tool");
        }
        if (peripheral == null && trust != null) {
            throw wrong("--trust: want it with --peripheral, got it alone");
        }
        if (speed != null && !(speed >= 0.1 && speed <= 20)) {
            throw wrong("--speed: want 0.1 to 20, got " + speed);
        }
        if (write != null && (speed != null || truth != null)) {
            throw wrong("--write: want it without --speed and --truth, it takes no time and writes the truth");
        }
        if (write == null && rateHz != null) {
            throw wrong("--rate: want it with --write, got it alone");
        }
        requireAlone("--replay", replays.size(), "a recording is what it is");
        requireAlone("--pipe", pipes.size(), "the program is its own person");
        if (!replays.isEmpty() && !pipes.isEmpty()) {
            throw wrong("--pipe: want it without --replay");
        }
        Scenario scenario = Scenario.named(strokes.scenario);
        if (write != null) {
            write(scenario, write);
            return Lightstroke.OK;
        }
        requireNoTruth();
        try {
            if (peripheral != null) {
                become(peripheral, scenario);
            } else {
                run(fleet(scenario));
            }
        } finally {
            piped.forEach(PipedTool::close);
        }
        return Lightstroke.OK;
    }

    /** All that is run but as a peripheral. */
    private List<Tool> fleet(Scenario scenario) throws IOException {
        List<Tool> fleet = new ArrayList<>();
        for (Path file : replays) {
            ToolRecording recording = ToolRecording.read(file);
            fleet.add(replayed(recording, recording.header().address()));
        }
        if (fleet.stream().map(each -> each.identity().address()).distinct().count() < fleet.size()) {
            throw wrong("--replay: want recordings of tools with different addresses, got the same twice");
        }
        for (String command : pipes) {
            fleet.add(piped(command, SimulatedTools.address(fleet.size() + 1)));
        }
        return fleet.isEmpty()
                ? SimulatedTools.faultyFleet(tools == null ? 2 : tools, scenario, strokes.faults, strokes.seed)
                : fleet;
    }

    /** The one that is run as a peripheral. */
    private Tool only(String address, Scenario scenario) throws IOException {
        if (!replays.isEmpty()) {
            return replayed(ToolRecording.read(replays.get(0)), address);
        } else if (!pipes.isEmpty()) {
            return piped(pipes.get(0), address);
        }
        return SimulatedTools.faulty(1, address, scenario, strokes.faults, strokes.seed);
    }

    private Tool replayed(ToolRecording recording, String address) {
        try {
            return faulty(new ReplayedTool(recording, address));
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private Tool piped(String command, String address) throws IOException {
        PipedTool tool = PipedTool.start(command, address);
        piped.add(tool);
        try {
            return faulty(tool);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private Tool faulty(Tool tool) {
        return strokes.faults.isEmpty() ? tool : new FaultyTool(tool, strokes.faults, strokes.seed);
    }

    private void requireAlone(String option, int times, String why) {
        if (times == 0) {
            return;
        }
        for (String other : List.of("--scenario", "--tools", "--write", "--truth")) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw wrong("%s: want it without %s, %s".formatted(option, other, why));
            }
        }
        if (peripheral != null && times > 1) {
            throw wrong("%s: want it once with --peripheral, an adapter is one tool, got it %d times"
                    .formatted(option, times));
        }
    }

    private static void list(PrintWriter out) {
        for (String name : Scenario.BUILT_IN) {
            out.printf("%-15s %s%n", name, Scenario.builtIn(name).description());
        }
    }

    private void write(Scenario scenario, Path folder) throws IOException {
        Duration length = time == null ? Recording.wholeRounds(scenario, strokes.seed, 1, WRITTEN_AT_LEAST) : time;
        int hz = rateHz == null ? 100 : rateHz;
        long mostS = WRITTEN_AT_MOST / Math.max(1, hz);
        if (length.compareTo(Duration.ofSeconds(mostS)) > 0) {
            throw wrong("--for: want at most %s with --write at %d Hz, got %s"
                    .formatted(words(mostS), hz, words(length.toSeconds())));
        }
        int last = tools == null ? scenario.tools() : tools;
        for (int number = 1; number <= last; number++) {
            Recording recording;
            try {
                recording = Recording.of(scenario, strokes.faults, strokes.seed, number, hz, length);
            } catch (IllegalArgumentException e) {
                throw wrong(String.valueOf(e.getMessage()));
            }
            Path own = folderOf(folder, number);
            RecordingFiles.write(recording, own);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: %d samples; %d strokes, %d over-pressures, %d spots%n",
                            own,
                            recording.what().samples(),
                            recording.truth().strokes().size(),
                            recording.truth().overPressure().size(),
                            recording.truth().spots().size());
        }
    }

    private static String words(long seconds) {
        return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds + "s";
    }

    private static Path folderOf(Path folder, int number) {
        return number == 1 ? folder : folder.resolve("tool-" + number);
    }

    private void run(List<Tool> fleet) throws Exception {
        try (Stop stop = new Stop(LONGEST_END)) {
            try (PrivateBus bus = PrivateBus.start();
                    BlueZStandIn bluez = new BlueZStandIn(bus.address(), fleet);
                    RealTime running = realTime(fleet)) {
                System.out.println("The stand-in for BlueZ is there. In another terminal:");
                System.out.println();
                System.out.printf("  export DBUS_SYSTEM_BUS_ADDRESS='%s'%n", bus.address());
                System.out.println("  ./lightstroke scan");
                System.out.println();
                System.out.println("A gateway lets these in, with the line `trust: open` and:");
                System.out.println();
                System.out.println("  tools:");
                for (int i = 0; i < fleet.size(); i++) {
                    System.out.printf(
                            "    - {id: tool-%d, address: \"%s\"}%n",
                            i + 1, fleet.get(i).identity().address());
                }
                watch(fleet, stop);
            }
            writeTruth(fleet);
        }
    }

    private void become(String adapter, Scenario scenario) throws Exception {
        Peripheral.Trust wanted = trust == null ? Peripheral.Trust.BONDED : trust;
        try (Stop stop = new Stop(LONGEST_END)) {
            List<Tool> fleet;
            try (Peripheral tool = new Peripheral(
                            BlueZ.systemBus(), adapter, wanted, address -> only(address, scenario), this::say);
                    RealTime running = realTime(List.of(tool.tool()))) {
                fleet = List.of(tool.tool());
                Tool.Identity identity = tool.tool().identity();
                System.out.printf("%s is the tool \"%s\", %s.%n", adapter, identity.name(), identity.address());
                if (wanted != Peripheral.Trust.OPEN) {
                    System.out.println("On another machine:");
                    System.out.println();
                    System.out.printf(
                            "  ./lightstroke pair %s%s%n",
                            identity.address(), wanted == Peripheral.Trust.JUST_WORKS ? " --just-works" : "");
                    System.out.println();
                }
                System.out.println("A gateway lets it in, with the lines:");
                System.out.println();
                System.out.printf("  trust: %s%n", wanted);
                System.out.println("  tools:");
                System.out.printf("    - {id: tool-1, address: \"%s\"}%n", identity.address());
                watch(fleet, stop);
            }
            writeTruth(fleet);
        }
    }

    private RealTime realTime(List<Tool> fleet) {
        return new RealTime(fleet, speed == null ? 1 : speed);
    }

    private void watch(List<Tool> fleet, Stop stop) throws InterruptedException {
        System.out.println();
        System.out.println("Ctrl-C ends it.");
        if (quiet) {
            stop.await(time);
            return;
        }
        System.out.println();
        try (ToolsView shown = ToolsView.show(fleet, spec.commandLine().getOut(), Ansi.AUTO)) {
            view = shown;
            stop.await(time);
        } finally {
            view = null;
        }
    }

    /** Before anything runs, for what is written at the end would differ. */
    private void requireNoTruth() throws FileAlreadyExistsException {
        for (int number = 1; truth != null && number <= (tools == null ? 2 : tools); number++) {
            Path file = folderOf(truth, number).resolve(RecordingFiles.TRUTH);
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString(), null, "want no file, got one; nothing was run");
            }
        }
    }

    private void writeTruth(List<Tool> fleet) throws IOException {
        for (int number = 1; truth != null && number <= fleet.size(); number++) {
            Optional<ToolTruth> what = ToolTruth.of(fleet.get(number - 1), strokes.seed, number);
            if (what.isPresent()) {
                RecordingFiles.write(what.get(), folderOf(truth, number));
            }
        }
    }

    private void say(String line) {
        ToolsView shown = view;
        if (shown == null) {
            System.out.println(line);
        } else {
            shown.say(line);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

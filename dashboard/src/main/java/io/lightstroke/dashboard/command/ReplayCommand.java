package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.replay.BadRecordingException;
import io.lightstroke.gateway.replay.ForceCsv;
import io.lightstroke.gateway.replay.Notifications;
import io.lightstroke.gateway.replay.RecordingKind;
import io.lightstroke.gateway.replay.Replay;
import io.lightstroke.gateway.replay.ReplayFindings;
import io.lightstroke.gateway.session.Derivation;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.recording.ToolRecording;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke replay}: a recording through today's engine. */
@Command(
        name = "replay",
        description = "Judges a recording anew: its strokes, over-pressures and spots.",
        footer = {
            "",
            "FILE is recognised by what is in it: what `lightstroke record` wrote; notifications in hex, one a line, in any"
                    + " order; a CSV of time_us,force_N; a gateway's journal, or the data folder in which it lies. Lines that are broken are named on standard"
                    + " error and left out, the others are judged all the same, and the exit code is 1. The same recording gives"
                    + " the same bytes."
        })
final class ReplayCommand implements Callable<Integer> {
    /** Past every UTC, with room for arithmetic. */
    private static final long LATEST_US = Long.MAX_VALUE / 2;

    private static final Duration KEEP_LIMIT = Duration.ofMinutes(1);

    @Parameters(paramLabel = "FILE", description = "The recording.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--limits",
            paramLabel = "LIGHT,MODERATE,TOO_DEEP,CEILING",
            converter = ReplayLimits.class,
            description = "Judge all by these limits, in newtons, whatever was ordered. Default: those ordered in the"
                    + " journal, and where none are, the built-in guideline's for calf and standard profile.")
    private @Nullable PressureLimits limits;

    @Option(names = "--tool", paramLabel = "ID", description = "Only this tool of a journal.")
    private @Nullable String tool;

    @Option(names = "--session", paramLabel = "ID", description = "Only this session of a journal.")
    private @Nullable String session;

    @Option(
            names = "--keep",
            description =
                    "With --session: what today's engine finds otherwise is added to the journal as the session's next"
                            + " revision. What was found before stays. No gateway may have the journal open.")
    private boolean keep;

    @Option(names = "--json", description = "One JSON object, fields as in docs/protocol.md.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private boolean broken;

    @Override
    public Integer call() throws IOException, JournalException {
        PressureLimits inForce = limits == null ? Guideline.builtIn().limits("calf", "standard") : limits;
        ReplayFindings.Collector collector = new ReplayFindings.Collector();
        RecordingKind kind = RecordingKind.of(file);
        if (kind != RecordingKind.JOURNAL && (tool != null || session != null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s: want it only for a journal, got %s".formatted(tool != null ? "--tool" : "--session", file));
        }
        if (keep && (session == null || tool != null || limits != null)) {
            throw new ParameterException(
                    spec.commandLine(), "--keep: want it with --session, and without --tool and --limits");
        }
        switch (kind) {
            case FRAMES, PASSED, CSV -> text(kind, inForce, collector);
            case JOURNAL -> journal(inForce, collector);
        }
        if (keep) {
            keepRevision(Objects.requireNonNull(session));
        }
        ReplayFindings findings = collector.findings(inForce);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(findings.json());
        } else {
            ReplayText.print(out, findings, kind == RecordingKind.JOURNAL && limits == null);
        }
        return broken ? Lightstroke.FAILED : Lightstroke.OK;
    }

    private void text(RecordingKind kind, PressureLimits inForce, ReplayFindings.Collector collector)
            throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        long[] malformed = {0};
        Notifications.Malformed name = (number, message) -> {
            malformed[0]++;
            err.printf("%s: %s line %d: %s%n", spec.qualifiedName(), file, number, message);
        };
        try {
            if (kind == RecordingKind.CSV) {
                csv(inForce, collector, name);
            } else {
                frames(kind, inForce, collector, name);
            }
        } catch (CharacterCodingException e) {
            throw new BadRecordingException("%s: want text in UTF-8, got other bytes".formatted(file));
        }
        if (malformed[0] > 0) {
            err.printf(
                    "%s: %s: %d malformed %s left out%n",
                    spec.qualifiedName(), file, malformed[0], malformed[0] == 1 ? "line" : "lines");
            broken = true;
        }
    }

    private void frames(
            RecordingKind kind,
            PressureLimits inForce,
            ReplayFindings.Collector collector,
            Notifications.Malformed malformed)
            throws IOException {
        Notifications notifications = new Notifications();
        if (kind == RecordingKind.PASSED) {
            notifications.addPassed(ToolRecording.read(file).passed(), malformed);
        } else {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                notifications.addLines(lines, malformed);
            }
        }
        notifications.replay(new Replay(inForce, collector.of(null, notifications.boots() > 1)));
    }

    private void csv(PressureLimits inForce, ReplayFindings.Collector collector, Notifications.Malformed malformed)
            throws IOException {
        try (Bar bar = new Bar("lines read", Bar.ENDLESS)) {
            ForceCsv.replay(file, new Replay(inForce, collector.of(null, false)), malformed, bar::to);
        }
    }

    private void journal(PressureLimits inForce, ReplayFindings.Collector collector)
            throws IOException, JournalException {
        try (JournalReader journal = JournalReader.open(file);
                Bar bar = new Bar("samples replayed", Bar.ENDLESS)) {
            List<String> tools = journal.tools();
            if (tool != null && !tools.contains(tool)) {
                throw new BadRecordingException(
                        "%s: --tool: want one of %s, got %s".formatted(file, String.join(", ", tools), tool));
            }
            if (session != null) {
                requireSession(journal.orders(), session);
            }
            long[] samples = {0};
            for (String one : tool == null ? tools : List.of(tool)) {
                Consumer<EngineEvent> found = collector.of(one, true);
                AtomicBoolean wanted = new AtomicBoolean(session == null);
                Replay replay = new Replay(inForce, event -> {
                    if (wanted.get()) {
                        found.accept(event);
                    }
                });
                journal.replay(one, 0, LATEST_US, entry -> {
                    if (entry instanceof JournalEntry.Order order) {
                        Order known = known(order);
                        replay.order(known, inForce);
                        if (limits != null) {
                            replay.limits(limits);
                        }
                        if (session != null) {
                            wanted.set(known.session().equals(session) && !(known instanceof Order.End));
                        }
                    } else if (entry instanceof JournalEntry.Samples some) {
                        samples[0] += some.forceCn().length;
                        bar.to(samples[0]);
                    }
                    replay.entry(entry);
                });
                replay.cut();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void requireSession(List<JournalEntry.Order> orders, String wanted) throws BadRecordingException {
        Set<String> sessions = new LinkedHashSet<>();
        orders.forEach(order -> sessions.add(known(order).session()));
        if (!sessions.contains(wanted)) {
            throw new BadRecordingException(
                    "%s: --session: want one of %s, got %s".formatted(file, String.join(", ", sessions), wanted));
        }
    }

    private void keepRevision(String ofSession) throws IOException, JournalException {
        Path folder = Files.isDirectory(file) ? file : file.toAbsolutePath().getParent();
        try (Journal journal = Journal.open(Objects.requireNonNull(folder));
                JournalReader reader = JournalReader.open(folder)) {
            int changes = Derivation.keep(journal, reader, ofSession);
            if (!journal.flush(KEEP_LIMIT)) {
                throw new IOException(
                        "%s: want the revision on disk within %d s, got none".formatted(file, KEEP_LIMIT.toSeconds()));
            }
            spec.commandLine()
                    .getErr()
                    .printf(
                            "%s: %s%n",
                            ofSession, changes == 0 ? "nothing has changed" : changes + " findings kept anew");
        } catch (IllegalArgumentException e) {
            throw new BadRecordingException("%s: %s".formatted(file, e.getMessage()));
        }
    }

    private Order known(JournalEntry.Order order) {
        try {
            return Order.of(order);
        } catch (IllegalArgumentException e) {
            throw new UncheckedIOException(new BadRecordingException("%s: %s".formatted(file, e.getMessage())));
        }
    }
}

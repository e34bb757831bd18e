package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.engine.Zone;
import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.journal.Salvage;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.replay.BadRecordingException;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke journal}: looks after a gateway's journal. */
@Command(
        name = "journal",
        description = "Checks, exports, repairs a gateway's journal, or erases a person from it.",
        synopsisSubcommandLabel = "COMMAND")
final class JournalCommand {
    private static final long EVER_US = Long.MAX_VALUE / 2;

    private JournalCommand() {}

    static CommandLine commandLine() {
        return new CommandLine(new JournalCommand())
                .addSubcommand(new Verify())
                .addSubcommand(new Export())
                .addSubcommand(new Repair())
                .addSubcommand(new Erase());
    }

    private static long sampleCount(JournalReader journal) {
        return journal.boots().stream()
                .mapToLong(JournalReader.KeptBoot::samples)
                .sum();
    }

    @Command(
            name = "verify",
            description =
                    "Reads every page and every record, and says what is damaged, which accounts do not add up, what"
                            + " samples are missing, and what sinks refused. Changes nothing, also beside a running gateway.",
            footer = {
                "",
                "Exit code 1: something is damaged, or an account does not add up. Gaps are no fault of the journal."
            })
    static final class Verify implements Callable<Integer> {
        @Option(
                names = "--data",
                paramLabel = "FOLDER",
                description = "The gateway's data, or a journal's file (${DEFAULT-VALUE}).")
        private Path data = Places.data("gateway");

        @Option(names = "--json", description = "One JSON object, fields as in docs/journal.md.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        private record Account(
                long journaled, long delivered, long pending, long setAside, long expired, boolean lawful) {
            static Account of(SinkAccount of) {
                return new Account(
                        of.journaled(), of.delivered(), of.pending(), of.setAside(), of.expired(), of.lawful());
            }
        }

        private record Boot(
                String tool,
                long boot,
                long first,
                long last,
                long samples,
                long expiredTo,
                long erased,
                List<List<Long>> gaps) {
            static Boot of(JournalReader.KeptBoot of) {
                return new Boot(
                        of.tool(),
                        of.boot(),
                        of.first(),
                        of.last(),
                        of.samples(),
                        of.expiredTo(),
                        of.erased(),
                        of.gaps().stream()
                                .map(gap -> List.of(gap.first(), gap.last()))
                                .toList());
            }
        }

        private record SetAside(String sink, long seq, String kind, long samples, String reason) {}

        private record Notice(Instant time, String text) {}

        private record Report(
                String file,
                long bytes,
                boolean sound,
                List<String> damage,
                Map<String, Map<String, Account>> sinks,
                List<Boot> boots,
                List<SetAside> setAside,
                List<Notice> notices) {}

        @Override
        public Integer call() throws IOException, JournalException {
            Report report = report();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(Json.MAPPER.writeValueAsString(report));
            } else {
                print(report, out);
            }
            return report.sound ? Lightstroke.OK : Lightstroke.FAILED;
        }

        private Report report() throws IOException, JournalException {
            try (JournalReader journal = JournalReader.open(data)) {
                List<String> damage = new ArrayList<>(journal.damage());
                try {
                    readAll(journal);
                    Map<String, Map<String, Account>> sinks = new java.util.TreeMap<>();
                    journal.accounts().forEach((sink, kinds) -> {
                        Map<String, Account> accounts = new java.util.TreeMap<>();
                        kinds.forEach((kind, account) -> accounts.put(kind, Account.of(account)));
                        sinks.put(sink, accounts);
                    });
                    boolean lawful = sinks.values().stream()
                            .allMatch(kinds -> kinds.values().stream().allMatch(Account::lawful));
                    return new Report(
                            journal.file().toString(),
                            Files.size(journal.file()),
                            damage.isEmpty() && lawful,
                            damage,
                            sinks,
                            journal.boots().stream().map(Boot::of).toList(),
                            journal.refused().stream().map(Verify::setAside).toList(),
                            journal.notices().stream()
                                    .map(notice -> new Notice(notice.at(), notice.text()))
                                    .toList());
                } catch (UncheckedIOException e) {
                    damage.add(String.valueOf(e.getMessage()));
                    return new Report(
                            journal.file().toString(),
                            Files.size(journal.file()),
                            false,
                            damage,
                            Map.of(),
                            List.of(),
                            List.of(),
                            List.of());
                }
            }
        }

        private static SetAside setAside(JournalReader.Refused of) {
            return new SetAside(of.sink(), of.seq(), kind(of), of.samples(), of.reason());
        }

        private static void readAll(JournalReader journal) {
            try (Bar bar = new Bar("samples read", sampleCount(journal))) {
                for (String tool : journal.tools()) {
                    journal.replay(tool, -EVER_US, EVER_US, entry -> {
                        if (entry instanceof JournalEntry.Samples samples) {
                            bar.by(samples.forceCn().length);
                        }
                    });
                    journal.findings(tool, -EVER_US, EVER_US, unused -> {});
                }
            }
        }

        private static void print(Report report, PrintWriter out) {
            out.printf("%s, %,d bytes: %s%n", report.file, report.bytes, report.sound ? "sound" : "NOT SOUND");
            report.damage.forEach(line -> out.println("  damaged: " + line));
            report.sinks.forEach((sink, kinds) -> kinds.forEach((kind, account) -> out.printf(
                    "  %s: %s: %d journaled %s %d delivered + %d pending + %d set aside + %d expired%n",
                    sink,
                    kind,
                    account.journaled,
                    account.lawful ? "=" : "IS NOT",
                    account.delivered,
                    account.pending,
                    account.setAside,
                    account.expired)));
            for (Boot boot : report.boots) {
                out.printf(
                        "  %s: boot %08x: %s%n",
                        boot.tool,
                        boot.boot,
                        boot.first < 0
                                ? "no samples"
                                : "samples %d to %d, %d kept%s%s, %s"
                                        .formatted(
                                                boot.first,
                                                boot.last,
                                                boot.samples,
                                                boot.expiredTo < 0 ? "" : ", deleted up to " + boot.expiredTo,
                                                boot.erased == 0 ? "" : ", %d erased".formatted(boot.erased),
                                                gaps(boot.gaps)));
            }
            for (SetAside each : report.setAside) {
                out.printf(
                        "  %s refused %s %d%s: %s%n",
                        each.sink,
                        each.kind,
                        each.seq,
                        each.samples > 0 ? " (" + each.samples + " samples)" : "",
                        each.reason);
            }
            report.notices.forEach(notice -> out.printf("  %s %s%n", notice.time, notice.text));
        }

        private static String gaps(List<List<Long>> gaps) {
            if (gaps.isEmpty()) {
                return "no gap";
            }
            long missing =
                    gaps.stream().mapToLong(gap -> gap.get(1) - gap.get(0) + 1).sum();
            return "%d missing in %d gap%s, the newest %d to %d"
                    .formatted(
                            missing,
                            gaps.size(),
                            gaps.size() == BootState.MAX_GAPS ? "s or more" : gaps.size() == 1 ? "" : "s",
                            gaps.get(0).get(0),
                            gaps.get(0).get(1));
        }
    }

    /** {@code samples}, that of the finding, or {@code deleted}. */
    private static String kind(JournalReader.Refused of) {
        if (of.entry() instanceof JournalEntry.Finding finding) {
            return finding.kind();
        }
        return of.entry() == null ? "deleted" : "samples";
    }

    @Command(
            name = "export",
            description =
                    "Writes samples (samples.csv.gz), findings (findings.jsonl) and what sinks refused"
                            + " (set-aside.jsonl) into a folder. Changes nothing in the journal, also beside a running gateway.")
    static final class Export implements Callable<Integer> {
        @Option(
                names = "--data",
                paramLabel = "FOLDER",
                description = "The gateway's data, or a journal's file (${DEFAULT-VALUE}).")
        private Path data = Places.data("gateway");

        @Option(names = "--tool", paramLabel = "ID", description = "Only this tool. Default: all.")
        private @Nullable String tool;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "Only from this time on, like 2026-03-01T08:00:00Z.")
        private @Nullable Instant from;

        @Option(names = "--to", paramLabel = "TIME", description = "Only up to this time, which is included.")
        private @Nullable Instant to;

        @Option(
                names = "--out",
                paramLabel = "FOLDER",
                required = true,
                description = "Made when missing. Nothing in it is written over.")
        private @Nullable Path folder;

        private static final DateTimeFormatter MICROSECONDS =
                new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        private record Found(
                String tool,
                String kind,
                long boot,
                long index,
                Instant time,
                @JsonRawValue String message) {
            static Found of(JournalEntry.Finding of) {
                return new Found(of.tool(), of.kind(), of.boot(), of.index(), Json.instantOfUs(of.utcUs()), of.json());
            }
        }

        @JsonInclude(JsonInclude.Include.NON_NULL)
        private record Refused(
                String sink,
                long seq,
                String kind,
                long samples,
                String reason,
                @Nullable String tool,
                @Nullable Long boot,
                @Nullable Long first,
                @Nullable Found finding) {}

        @Override
        public Integer call() throws IOException, JournalException {
            Path into = Objects.requireNonNull(folder);
            long fromUs = from == null ? -EVER_US : ChronoUnit.MICROS.between(Instant.EPOCH, from);
            long toUs = to == null ? EVER_US : ChronoUnit.MICROS.between(Instant.EPOCH, to);
            if (fromUs > toUs) {
                throw new ParameterException(
                        spec.commandLine(), "--to: want it at or after --from %s, got %s".formatted(from, to));
            }
            long samples = 0;
            long findings = 0;
            long refused = 0;
            try (JournalReader journal = JournalReader.open(data)) {
                List<String> tools = journal.tools();
                if (tool != null && !tools.contains(tool)) {
                    throw new BadRecordingException(
                            "%s: --tool: want one of %s, got %s".formatted(data, String.join(", ", tools), tool));
                }
                Files.createDirectories(into);
                List<String> wanted = tool == null ? tools : List.of(tool);
                try (Writer out = create(into.resolve("samples.csv.gz"), true);
                        Bar bar = new Bar("samples written", sampleCount(journal))) {
                    samples = samples(journal, wanted, fromUs, toUs, out, bar);
                }
                try (Writer out = create(into.resolve("findings.jsonl"), false)) {
                    findings = findings(journal, wanted, fromUs, toUs, out);
                }
                try (Writer out = create(into.resolve("set-aside.jsonl"), false)) {
                    for (JournalReader.Refused each : journal.refused()) {
                        if (each.entry() == null || wanted.contains(each.entry().tool())) {
                            line(out, refused(each));
                            refused++;
                        }
                    }
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            spec.commandLine()
                    .getOut()
                    .printf("%s: %d samples, %d findings, %d set aside%n", into, samples, findings, refused);
            return Lightstroke.OK;
        }

        private static Writer create(Path file, boolean packed) throws IOException {
            var bytes = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new BufferedWriter(
                    new OutputStreamWriter(
                            packed ? new GZIPOutputStream(bytes, 1 << 16) : bytes, StandardCharsets.UTF_8),
                    1 << 16);
        }

        private static long samples(
                JournalReader journal, List<String> tools, long fromUs, long toUs, Writer out, Bar bar)
                throws IOException {
            out.write("tool,boot,index,time,tool_time_us,force_N,zone,flags,tool_strokes\n");
            long[] written = {0};
            for (String each : tools) {
                journal.replay(each, fromUs, toUs, entry -> {
                    if (entry instanceof JournalEntry.Samples samples) {
                        try {
                            write(samples, out);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        written[0] += samples.forceCn().length;
                        bar.to(written[0]);
                    }
                });
            }
            return written[0];
        }

        private static void write(JournalEntry.Samples samples, Writer out) throws IOException {
            for (int i = 0; i < samples.forceCn().length; i++) {
                short forceCn = samples.forceCn()[i];
                byte zone = samples.zones()[i];
                long laterUs = (long) i * samples.periodUs();
                out.write("%s,%d,%d,%s,%d,%s,%s,%d,%d\n"
                        .formatted(
                                samples.tool(),
                                samples.boot(),
                                samples.first() + i,
                                MICROSECONDS.format(Json.instantOfUs(samples.utcUs() + laterUs)),
                                samples.timeUs() + laterUs,
                                forceCn == ForceFrame.NO_FORCE ? "" : newtons(forceCn),
                                zone < 0 ? "" : Zone.of(zone).word(),
                                samples.flags(),
                                samples.toolStrokes()));
            }
        }

        private static String newtons(short forceCn) {
            int cn = Math.abs(forceCn);
            return "%s%d.%02d".formatted(forceCn < 0 ? "-" : "", cn / 100, cn % 100);
        }

        private static long findings(JournalReader journal, List<String> tools, long fromUs, long toUs, Writer out) {
            long[] written = {0};
            for (String each : tools) {
                journal.findings(each, fromUs, toUs, finding -> {
                    line(out, Found.of(finding));
                    written[0]++;
                });
            }
            return written[0];
        }

        private static Refused refused(JournalReader.Refused of) {
            JournalEntry entry = of.entry();
            JournalEntry.Samples samples = entry instanceof JournalEntry.Samples is ? is : null;
            return new Refused(
                    of.sink(),
                    of.seq(),
                    kind(of),
                    of.samples(),
                    of.reason(),
                    entry == null ? null : entry.tool(),
                    samples == null ? null : samples.boot(),
                    samples == null ? null : samples.first(),
                    entry instanceof JournalEntry.Finding finding ? Found.of(finding) : null);
        }

        private static void line(Writer out, Object of) {
            try {
                out.write(Json.MAPPER.writeValueAsString(of));
                out.write('\n');
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Command(
            name = "repair",
            description = "Takes every row that can still be read from a damaged journal into a new one, and says what"
                    + " could not be read. The damaged file stays as it is.",
            footer = {
                "",
                "Without FILE: the journal.db of the data folder, for which the gateway must not run: the damaged file is set"
                        + " aside there, and the new one takes its place. With FILE, for example one that the gateway has set"
                        + " aside: the new one is FILE.repaired.",
                "Exit code 1: something could not be read."
            })
    static final class Repair implements Callable<Integer> {
        @Option(names = "--data", paramLabel = "FOLDER", description = "The gateway's data (${DEFAULT-VALUE}).")
        private Path data = Places.data("gateway");

        @Parameters(paramLabel = "FILE", arity = "0..1", description = "A journal that was set aside.")
        private @Nullable Path file;

        @Option(
                names = "--json",
                description = "One JSON object: {file, repaired, rows: {table: count}, unreadable: [text]}.")
        private boolean json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        private record Repaired(String file, String repaired, Map<String, Long> rows, List<String> unreadable) {}

        @Override
        public Integer call() throws IOException, JournalException {
            Path source = file == null ? data.resolve("journal.db") : file;
            if (!Files.isReadable(source)) {
                throw new BadRecordingException("%s: want a readable file, got none".formatted(source));
            }
            Path target = source.resolveSibling(source.getFileName() + ".repaired");
            if (Files.exists(target)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Salvage.Report done;
            Path original = source;
            try (Bar bar = new Bar("rows read", Bar.ENDLESS)) {
                if (file == null) {
                    Salvage.Replaced replaced = Salvage.replace(data, bar::to);
                    done = replaced.report();
                    original = replaced.setAside();
                    target = source;
                } else {
                    done = Salvage.run(source, target, bar::to);
                }
            }
            Repaired report = new Repaired(original.toString(), target.toString(), done.rows(), done.unreadable());
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(Json.MAPPER.writeValueAsString(report));
            } else {
                out.printf("%s: repaired as %s%n", report.file, report.repaired);
                report.rows.forEach((table, rows) -> out.printf("  %s: %d rows%n", table, rows));
                report.unreadable.forEach(what -> out.println("  could not be read: " + what));
            }
            return report.unreadable.isEmpty() ? Lightstroke.OK : Lightstroke.FAILED;
        }
    }

    @Command(
            name = "erase",
            description =
                    "Erases all of a person from a journal that no gateway has open: samples, events, findings and orders"
                            + " of each of their sessions. Nothing of others is touched.",
            footer = {
                "",
                "While the gateway runs, ask the dashboard or the gateway's own command instead: they also erase what is in"
                        + " InfluxDB and at the broker, which this does not.",
                "Exit code 1: a file that was set aside has the person in it, too; delete that."
            })
    static final class Erase implements Callable<Integer> {
        @Option(names = "--data", paramLabel = "FOLDER", description = "The gateway's data (${DEFAULT-VALUE}).")
        private Path data = Places.data("gateway");

        @Option(names = "--person", paramLabel = "PSEUDONYM", required = true, description = "Whom.")
        private String person = "";

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, JournalException, InterruptedException {
            if (person.isBlank()) {
                throw new ParameterException(spec.commandLine(), "--person: want a pseudonym, got nothing");
            }
            JournalReader.open(data).close(); // one that is not there is not begun
            PrintWriter out = spec.commandLine().getOut();
            try (Journal journal = Journal.open(data)) {
                Journal.Erased erased = journal.erase(person);
                journal.rewrite();
                out.printf("%s: erased %s%n", data, erased.words());
                List<String> aside = journal.setAsideFiles(person);
                aside.forEach(file -> out.printf("  NOT erased, delete it: %s%n", data.resolve(file)));
                return aside.isEmpty() ? Lightstroke.OK : Lightstroke.FAILED;
            }
        }
    }
}

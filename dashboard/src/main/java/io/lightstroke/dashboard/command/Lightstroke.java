package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.messages.InvalidDocumentException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code lightstroke} command. Results go to standard output, all else to standard error, both as UTF-8. A
 * subcommand returns its exit code; an exception out of it is one line on standard error and exit code {@link #FAILED},
 * or {@link #WRONG_USE} for an {@link InvalidDocumentException}.
 */
@Command(
        name = "lightstroke",
        description = "The companion of an instrumented scraping tool: reads it, warns, keeps every sample, publishes.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Lightstroke.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed; standard error says what", "2:wrong use or configuration"})
public final class Lightstroke {
    public static final int OK = CommandLine.ExitCode.OK;
    public static final int FAILED = CommandLine.ExitCode.SOFTWARE;
    public static final int WRONG_USE = CommandLine.ExitCode.USAGE;

    /** Picocli's words. */
    private static final Pattern INVALID_VALUE = Pattern.compile(
            "Invalid value for (?:option|positional parameter) '?([^' ]+)'?[^:]*: (.*)", Pattern.DOTALL);

    private static final Pattern NO_NUMBER = Pattern.compile("'(.*)' is not an? (?:int|long)", Pattern.DOTALL);

    private Lightstroke() {}

    public static void main(String[] args) {
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
        CommandLine command = commandLine(System.in);
        int exitCode = command.execute(args);
        command.getOut().flush();
        System.out.flush();
        System.exit(exitCode);
    }

    /** The whole command, to be executed once. */
    static CommandLine commandLine(InputStream in) {
        CommandLine command = new CommandLine(new Lightstroke());
        command.addSubcommand(new Demo());
        command.addSubcommand(new GatewayCommand());
        command.addSubcommand(new StatusCommand());
        command.addSubcommand(new DashboardCommand());
        command.addSubcommand(new Simulate());
        command.addSubcommand(new Scan());
        command.addSubcommand(new Pair(in));
        command.addSubcommand(new RecordCommand());
        command.addSubcommand(GuidelineCommand.commandLine());
        command.addSubcommand(new Doctor());
        command.addSubcommand(new Conform());
        command.addSubcommand(new ReplayCommand());
        command.addSubcommand(JournalCommand.commandLine());
        command.addSubcommand(new Decode(in));
        command.addSubcommand(new Bench());
        return command.setExpandAtFiles(false)
                .setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(Lightstroke::wrongUse)
                .setExecutionExceptionHandler(Lightstroke::failed);
    }

    private static int wrongUse(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        CommandSpec spec = command.getCommandSpec();
        String message = String.valueOf(e.getMessage());
        Matcher ofOption = INVALID_VALUE.matcher(message);
        if (ofOption.matches()) {
            Matcher number = NO_NUMBER.matcher(ofOption.group(2));
            message = ofOption.group(1)
                    + ": "
                    + (number.matches() ? "want a whole number, got " + number.group(1) : ofOption.group(2));
        }
        String alike = "";
        if (e instanceof UnmatchedArgumentException unmatched) {
            if (!spec.subcommands().isEmpty() && !unmatched.isUnknownOption()) {
                message = "unknown command '%s'"
                        .formatted(unmatched.getUnmatched().get(0));
            }
            alike = unmatched.getSuggestions().isEmpty()
                    ? ""
                    : " (did you mean %s?)".formatted(String.join(" or ", unmatched.getSuggestions()));
        }
        String name = spec.qualifiedName();
        command.getErr().printf("%s: %s%s; see %s --help%n", name, message, alike, name);
        return WRONG_USE;
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            err.println(name + ": interrupted");
            return FAILED;
        }
        if (e instanceof RuntimeException) {
            LoggerFactory.getLogger(Lightstroke.class).error("{}: a mistake in Lightstroke itself", name, e);
            return FAILED;
        }
        err.printf("%s: %s%n", name, words(e));
        if (e instanceof LinkException) {
            err.println(
                    "./lightstroke doctor tells what this machine lacks for Bluetooth; simulated tools need none of it.");
        }
        return e instanceof InvalidDocumentException ? WRONG_USE : FAILED;
    }

    /** The JDK's own say only which file, and nothing of what is wrong with it. */
    private static String words(Exception e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        if (e instanceof CharacterCodingException) {
            return "want text in UTF-8, got other bytes";
        } else if (!(e instanceof FileSystemException file) || file.getReason() != null) {
            return message;
        } else if (e instanceof NoSuchFileException) {
            return message + ": there is no such file or folder";
        } else if (e instanceof AccessDeniedException) {
            return message + ": no permission";
        } else if (e instanceof FileAlreadyExistsException) {
            return message + ": something else is there already";
        } else if (e instanceof NotDirectoryException) {
            return message + ": it is no folder";
        }
        return "%s: it cannot be used (%s)".formatted(message, e.getClass().getSimpleName());
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(
                new FileOutputStream(descriptor), descriptor == FileDescriptor.err, StandardCharsets.UTF_8);
    }

    /** Of the jar; "development" when run from classes. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"lightstroke %s (Java %s)".formatted(version(), Runtime.version())};
        }

        static String version() {
            String version = Lightstroke.class.getPackage().getImplementationVersion();
            return version == null ? "development" : version;
        }
    }
}

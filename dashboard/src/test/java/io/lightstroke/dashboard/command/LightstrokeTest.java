package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class LightstrokeTest {
    static List<String> commands() {
        return List.copyOf(Lightstroke.commandLine(new ByteArrayInputStream(new byte[0]))
                .getSubcommands()
                .keySet());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(String command) {
        CommandRun run = CommandRun.of(command, "--help");

        assertEquals(0, run.exitCode());
        assertTrue(run.out().startsWith("Usage: lightstroke " + command), run.out());
        assertTrue(run.out().contains("Exit codes:"), run.out());
        assertEquals("", run.err());
    }

    @Test
    void theHelpListsEveryCommand() {
        CommandRun run = CommandRun.of("--help");

        assertEquals(0, run.exitCode());
        for (String command : commands()) {
            assertTrue(run.out().lines().anyMatch(line -> line.startsWith("  " + command + " ")), run.out());
        }
    }

    @Test
    void theVersionIsAResult() {
        CommandRun run = CommandRun.of("--version");

        assertEquals(0, run.exitCode());
        assertTrue(run.out().startsWith("lightstroke "), run.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "doctr | lightstroke: unknown command 'doctr' (did you mean doctor?); see lightstroke --help",
                "xyzzy | lightstroke: unknown command 'xyzzy'; see lightstroke --help",
                "--jsn | lightstroke: Unknown option: '--jsn'; see lightstroke --help",
                "decode --jsn | lightstroke decode: Unknown option: '--jsn' (did you mean --json?); see lightstroke decode --help",
                "'' | lightstroke: Missing required subcommand; see lightstroke --help"
            })
    void wrongUseIsOneLineAndExitCode2(String args, String line) {
        CommandRun run = CommandRun.of(args.isEmpty() ? new String[0] : args.split(" "));

        assertEquals(line, run.err().strip());
        assertEquals("", run.out());
        assertEquals(2, run.exitCode());
    }

    @Command(name = "failing")
    private static final class Failing implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            throw new IOException("port 8600: want it free, got address in use");
        }
    }

    @Test
    void aFailureIsOneLineAndExitCode1() {
        StringWriter err = new StringWriter();
        CommandLine command = Lightstroke.commandLine(new ByteArrayInputStream(new byte[0]));
        command.addSubcommand(new Failing());
        command.setExecutionExceptionHandler(command.getExecutionExceptionHandler())
                .setErr(new PrintWriter(err));

        assertEquals(1, command.execute("failing"));
        assertEquals(
                "lightstroke failing: port 8600: want it free, got address in use",
                err.toString().strip());
    }
}

package io.lightstroke.dashboard.command;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/** The lightstroke command run in this process, with what it said. */
record CommandRun(int exitCode, String out, String err) {
    static CommandRun of(String... args) {
        return withInput("", args);
    }

    static CommandRun withInput(String in, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Lightstroke.commandLine(new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        int exitCode = command.execute(args);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    List<String> outLines() {
        return out.lines().toList();
    }
}

package io.lightstroke.dashboard.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code lightstroke bench}: measurements, each a subcommand. */
@Command(
        name = "bench",
        description = "Measures how well Lightstroke does its work.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            BenchAccuracy.class,
            BenchCues.class,
            BenchFaults.class,
            BenchHistory.class,
            BenchJournal.class,
            BenchKill.class,
            BenchLinks.class,
            BenchLinksReceive.class,
            BenchOutage.class,
            BenchSinks.class,
            BenchStorm.class
        })
final class Bench {
    static void require(CommandSpec spec, String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new ParameterException(spec.commandLine(), "%s: want 1 to %d, got %d".formatted(option, most, value));
        }
    }
}

package io.lightstroke.dashboard.command;

import picocli.CommandLine.Command;

/** {@code lightstroke bench}: measurements, each a subcommand. */
@Command(
        name = "bench",
        description = "Measures how well Lightstroke does its work.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {BenchAccuracy.class, BenchCues.class})
final class Bench {}

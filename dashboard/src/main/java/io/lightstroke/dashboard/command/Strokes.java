package io.lightstroke.dashboard.command;

import picocli.CommandLine.Option;

/** The options that say what simulated people do. */
final class Strokes {
    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            description = "What the simulated people do: a name out of `lightstroke simulate --list`, or a YAML file."
                    + " Default: ${DEFAULT-VALUE}.")
    String scenario = "home";

    @Option(names = "--seed", paramLabel = "S", description = "Another seed, other strokes. Default: ${DEFAULT-VALUE}.")
    long seed = 1;
}

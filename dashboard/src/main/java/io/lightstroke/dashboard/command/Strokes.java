package io.lightstroke.dashboard.command;

import io.lightstroke.simulator.Fault;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what simulated people do, and what goes wrong. */
final class Strokes {
    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            description = "What the simulated people do: a name out of `lightstroke simulate --list`, or a YAML file."
                    + " Default: ${DEFAULT-VALUE}.")
    String scenario = "home";

    @Option(names = "--seed", paramLabel = "S", description = "Another seed, other strokes. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    @Option(
            names = "--faults",
            paramLabel = "WORDS",
            converter = FaultsConverter.class,
            description = "What goes wrong with each tool beside the scenario's own faults, for example drop=5%%,"
                    + "link-loss@30s+5s, or seed-7 for some at random: NAME[=VALUE][@FROM[+LENGTH][/EVERY]], see"
                    + " docs/simulation.md. Default: nothing.")
    List<Fault> faults = List.of();

    /** The words of {@link Fault#parse}. */
    static final class FaultsConverter implements ITypeConverter<List<Fault>> {
        @Override
        public List<Fault> convert(String words) {
            try {
                return Fault.parse(words);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.GuidelineContent;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke guideline}: shows a pressure guideline, and checks one's own. */
@Command(
        name = "guideline",
        description = "Shows the pressure guideline with its sources, or checks one of your own.",
        synopsisSubcommandLabel = "COMMAND")
final class GuidelineCommand {
    private GuidelineCommand() {}

    static CommandLine commandLine() {
        return new CommandLine(new GuidelineCommand()).addSubcommand(new Show()).addSubcommand(new Check());
    }

    @Command(
            name = "show",
            description = "Shows limits, factors, caps, rest and screening, each with its source and uncertainty.",
            footer = {"", "To write your own: lightstroke guideline show --yaml > own.yaml"})
    static final class Show implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                description = "A guideline in YAML. Default: the one that comes with Lightstroke.")
        private @Nullable Path file;

        @Option(
                names = "--edge",
                paramLabel = "MM2",
                description = "The edge's area in mm²: shows the limits in kPa too.")
        private @Nullable Double edgeMm2;

        @Option(
                names = "--json",
                description = "One JSON object: {fingerprint, limits: [{region, profile, light_N, …}], guideline}.")
        private boolean json;

        @Option(names = "--yaml", description = "The YAML as it is, to begin your own with.")
        private boolean yaml;

        private record Row(
                String region,
                String profile,
                @JsonProperty("light_N") double lightN,
                @JsonProperty("moderate_N") double moderateN,
                @JsonProperty("too_deep_N") double tooDeepN,
                @JsonProperty("ceiling_N") double ceilingN) {
            static Row of(Guideline guideline, String region, String profile) {
                PressureLimits limits = guideline.limits(region, profile);
                return new Row(
                        region,
                        profile,
                        limits.lightCn() / 100.0,
                        limits.moderateCn() / 100.0,
                        limits.tooDeepCn() / 100.0,
                        limits.ceilingCn() / 100.0);
            }
        }

        private record Shown(String fingerprint, List<Row> limits, GuidelineContent guideline) {}

        @Override
        public Integer call() throws IOException, InvalidDocumentException {
            if (edgeMm2 != null && !(edgeMm2 > 0 && Double.isFinite(edgeMm2))) {
                throw new ParameterException(spec.commandLine(), "--edge: want mm² above 0, got " + edgeMm2);
            }
            Guideline guideline = file == null ? Guideline.builtIn() : read(file, spec);
            if (yaml) {
                spec.commandLine().getOut().print(guideline.text());
            } else if (json) {
                spec.commandLine().getOut().println(json(guideline));
            } else {
                spec.commandLine().getOut().print(new GuidelineText(guideline, edgeMm2));
            }
            return Lightstroke.OK;
        }

        private static String json(Guideline guideline) throws JsonProcessingException {
            List<Row> rows = guideline.regions().keySet().stream()
                    .flatMap(region ->
                            guideline.profiles().keySet().stream().map(profile -> Row.of(guideline, region, profile)))
                    .toList();
            return Json.MAPPER.writeValueAsString(new Shown(guideline.fingerprint(), rows, guideline.content()));
        }
    }

    @Command(
            name = "check",
            description = {
                "Checks a guideline of your own as a whole, and says what it offers.",
                "Every mistake is listed with its path, what was wanted and what came; the exit code is then 2."
            })
    static final class Check implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", description = "A guideline in YAML.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() throws IOException, InvalidDocumentException {
            Guideline guideline = read(file, spec);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: right; version %s offers %d regions for the profiles %s%n",
                            file,
                            guideline.version(),
                            guideline.regions().size(),
                            String.join(", ", guideline.profiles().keySet()));
            return Lightstroke.OK;
        }
    }

    static Guideline read(Path file, CommandSpec spec) throws IOException, InvalidDocumentException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "want a guideline, got no readable file " + file
                            + "; lightstroke guideline show --yaml > own.yaml begins one");
        }
        return Guideline.read(file);
    }
}

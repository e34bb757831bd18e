package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.dashboard.web.DashboardConfig;
import io.lightstroke.gateway.doctor.BluetoothCheck;
import io.lightstroke.gateway.doctor.Finding;
import io.lightstroke.gateway.doctor.MachineCheck;
import io.lightstroke.messages.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lightstroke doctor}: what this machine has and lacks, with the command that mends it. Changes nothing. */
@Command(
        name = "doctor",
        description = "Checks what this machine has and lacks for the gateway, and names the command that mends it.",
        footer = {
            "",
            "ok: as wanted. warn: works, or could not be told. fix: must be mended, and the exit code is 1. Only looks,"
                    + " changes nothing. What Bluetooth lacks does not matter to simulated tools."
        })
final class Doctor implements Callable<Integer> {
    @Option(names = "--data", paramLabel = "FOLDER", description = "Where the data shall be (${DEFAULT-VALUE}).")
    private Path data = Places.data("gateway");

    @Option(names = "--port", description = "The port of the page (${DEFAULT-VALUE}).")
    private int port = DashboardConfig.LOCAL.port();

    @Option(names = "--json", description = "One JSON object: {machine: [{level, what, seen, run}], bluetooth: […]}.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec
    Doctor() {}

    private record Report(List<Finding> machine, List<Finding> bluetooth) {
        boolean machineIsFit() {
            return isFit(machine);
        }

        boolean bluetoothIsFit() {
            return isFit(bluetooth);
        }

        private static boolean isFit(List<Finding> findings) {
            return findings.stream().noneMatch(finding -> finding.level() == Finding.Level.FIX);
        }
    }

    @Override
    public Integer call() throws JsonProcessingException {
        Report report = new Report(
                new MachineCheck(data, port).run(),
                BluetoothCheck.ofThisMachine().run());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(report));
        } else {
            print(report, out);
        }
        return report.machineIsFit() && report.bluetoothIsFit() ? Lightstroke.OK : Lightstroke.FAILED;
    }

    private static void print(Report report, PrintWriter out) {
        int widest = Stream.concat(report.machine().stream(), report.bluetooth().stream())
                .mapToInt(finding -> finding.what().length())
                .max()
                .orElse(0);
        Stream.concat(report.machine().stream(), report.bluetooth().stream()).forEach(finding -> {
            String line = "%-4s  %-" + widest + "s  %s%n";
            out.printf(line, finding.level().word(), finding.what(), finding.seen());
            if (finding.run() != null) {
                out.printf(line, "", "", "→ " + finding.run());
            }
        });
        out.println();
        if (!report.machineIsFit()) {
            out.println("Mend the lines marked fix first.");
        } else if (report.bluetoothIsFit()) {
            out.println("Ready for Bluetooth.");
        } else {
            out.println("Not ready for Bluetooth: mend the lines marked fix.");
            out.println("Simulated tools need none of that: ./lightstroke demo");
        }
    }
}

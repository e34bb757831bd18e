package io.lightstroke.dashboard.command;

import io.lightstroke.simulator.bluez.PrivateBus;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * This command once more, in a child process whose system bus is a private one: TinyB takes its bus from the
 * environment of the process, and a process cannot change its own.
 */
final class OnPrivateBus {
    private static final String SYSTEM_BUS = "DBUS_SYSTEM_BUS_ADDRESS";
    private static final String MARK = "LIGHTSTROKE_PRIVATE_BUS";

    private OnPrivateBus() {}

    static boolean inside() {
        return System.getenv(MARK) != null;
    }

    static String address() {
        return System.getenv(SYSTEM_BUS);
    }

    /** Starts the bus, runs the command with these arguments on it, and returns its exit code. */
    static int runAgain(List<String> arguments) throws IOException, InterruptedException {
        try (PrivateBus bus = PrivateBus.start()) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            String classPath = System.getProperty("java.class.path");
            command.addAll(
                    classPath.endsWith("lightstroke.jar")
                            ? List.of("-jar", classPath)
                            : List.of("-cp", classPath, Lightstroke.class.getName()));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().put(SYSTEM_BUS, bus.address());
            builder.environment().put(MARK, "1");
            Process child = builder.start();
            // Ctrl-C reaches both processes, SIGTERM only this one; the bus must outlive the child either way.
            Thread end = new Thread(() -> endWith(child), "end-with-child");
            Runtime.getRuntime().addShutdownHook(end);
            return child.waitFor();
        }
    }

    private static void endWith(Process child) {
        child.destroy();
        child.onExit().join();
        Runtime.getRuntime().halt(child.exitValue());
    }
}

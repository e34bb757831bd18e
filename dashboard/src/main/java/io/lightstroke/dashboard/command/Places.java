package io.lightstroke.dashboard.command;

import java.nio.file.Path;

/** Where data is kept unless told otherwise: {@code $XDG_DATA_HOME/lightstroke}, or {@code ~/.local/share/lightstroke}. */
final class Places {
    private Places() {}

    static Path data(String name) {
        String xdg = System.getenv("XDG_DATA_HOME");
        Path base = xdg == null || xdg.isBlank()
                ? Path.of(System.getProperty("user.home"), ".local", "share")
                : Path.of(xdg);
        return base.resolve("lightstroke").resolve(name);
    }
}

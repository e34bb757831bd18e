package io.lightstroke.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A package of npm, installed at its first use into {@code lightstroke/npm} of the user's cache, one folder a version. */
public record NpmPackage(String name, String version) {
    /**
     * Its own folder. When npm cannot install it the test is left out by name, or fails with {@code -Dlightstroke.require=true}.
     *
     * @param folder for what npm says
     */
    public Path installed(Path folder) throws IOException, InterruptedException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches = xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        Path cache = Files.createDirectories(
                caches.resolve("lightstroke").resolve("npm").resolve(name).resolve(version));
        Path complete = cache.resolve("complete");
        if (!Files.exists(complete)) {
            String what = name + "@" + version;
            try (Program.Running npm = Program.NPM.start(
                    folder,
                    "install",
                    "--prefix",
                    cache.toString(),
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    what)) {
                boolean ended = npm.process().waitFor(5, TimeUnit.MINUTES);
                if (!ended || npm.process().exitValue() != 0) {
                    LeftOut.because("npm cannot install " + what, Files.readString(npm.output()));
                }
            }
            Files.writeString(complete, what + "\n");
        }
        return cache.resolve("node_modules").resolve(name);
    }
}

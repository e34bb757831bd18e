package io.lightstroke.gateway.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tinyb.BluetoothManager;

/** TinyB's native libraries, unpacked from its jar and loaded once a process. */
final class TinyBNatives {
    /** In this order: the second is linked against the first. */
    private static final List<String> LIBRARIES = List.of("libtinyb.so", "libjavatinyb.so");

    private static boolean loaded;

    private TinyBNatives() {}

    static synchronized void load() throws LinkException {
        if (loaded) {
            return;
        }
        String folder = folder();
        Path unpacked = null;
        try {
            unpacked = Files.createTempDirectory("lightstroke-tinyb");
            for (String library : LIBRARIES) {
                load(folder + "/" + library, unpacked.resolve(library));
            }
            initialise();
            loaded = true;
        } catch (IOException e) {
            throw new LinkException("TinyB: cannot unpack its native libraries to " + unpacked, e);
        } catch (UnsatisfiedLinkError | ClassNotFoundException e) {
            throw new LinkException(
                    "TinyB: its native libraries do not load (they need glib 2.0, and a java.io.tmpdir that allows execution): "
                            + e.getMessage(),
                    e);
        } finally {
            remove(unpacked);
        }
    }

    /** @throws LinkException there are none for this machine */
    static void requireMachine() throws LinkException {
        String unused = folder();
    }

    private static String folder() throws LinkException {
        return folder(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** Where the jar has the libraries for a machine. */
    static String folder(String os, String machine) throws LinkException {
        if (os.toLowerCase(Locale.ROOT).startsWith("linux")) {
            switch (machine) {
                case "amd64", "x86_64" -> {
                    return "/native/linux/x86_64";
                }
                case "x86", "i386", "i586", "i686" -> {
                    return "/native/linux/x86_32";
                }
                case "arm" -> {
                    return "/native/arm/armv6";
                }
                default -> {}
            }
        }
        throw new LinkException(
                "TinyB has native libraries for Linux on x86_64, x86 and 32-bit ARM only; this is %s on %s"
                        .formatted(os, machine));
    }

    private static void load(String resource, Path file) throws IOException {
        try (InputStream in = BluetoothManager.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no " + resource + " on the class path");
            }
            Files.copy(in, file);
        }
        System.load(file.toString());
    }

    /**
     * Lets TinyB's classes initialise. They load the libraries by name, which finds nothing, and complain on standard
     * error; that the libraries are there already is all they need.
     */
    private static void initialise() throws ClassNotFoundException {
        PrintStream err = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8) {
            @Override
            public void println(@Nullable String line) {
                if (line == null || !line.startsWith("Native code library failed to load.")) {
                    super.println(line);
                }
            }
        });
        try {
            for (String name : List.of("tinyb.BluetoothManager", "tinyb.BluetoothObject")) {
                Class.forName(name);
            }
        } finally {
            System.setErr(err);
        }
    }

    /** What is loaded stays loaded without its files. */
    private static void remove(@Nullable Path folder) {
        if (folder != null) {
            LIBRARIES.forEach(library -> folder.resolve(library).toFile().delete());
            folder.toFile().delete();
        }
    }
}

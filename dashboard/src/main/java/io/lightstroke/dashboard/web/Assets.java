package io.lightstroke.dashboard.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files that a page loads, read once from the classpath. Their tags are made of their content, so that a browser
 * asks each time, loads only what has changed, and never shows an old page after an upgrade. Immutable.
 */
final class Assets {
    /** One file. */
    record Asset(byte[] content, String type, String tag) {}

    private static final String OURS = "/io/lightstroke/dashboard/web/assets/";
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private final Map<String, Asset> files = new TreeMap<>();

    Assets() {
        for (String name : ours()) {
            files.put(name, asset(name, read(OURS + name)));
        }
        files.put("uPlot.min.css", asset("uPlot.min.css", read(UPLOT + "uPlot.min.css")));
        // Its small build is no module, and its module is three times as large.
        String small = new String(read(UPLOT + "uPlot.iife.min.js"), UTF_8) + "\nexport default uPlot;\n";
        files.put("uPlot.esm.js", asset("uPlot.esm.js", small.getBytes(UTF_8)));
    }

    /** Whatever lies in the folder, of the program's jar or of its classes. */
    private static List<String> ours() {
        try {
            Path program = Path.of(Assets.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isDirectory(program)) {
                return names(Path.of(program + OURS));
            }
            try (FileSystem jar = FileSystems.newFileSystem(program)) {
                return names(jar.getPath(OURS));
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("the pages' files cannot be listed", e);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    Optional<Asset> find(String name) {
        return Optional.ofNullable(files.get(name));
    }

    /** Changes when any file does. */
    String build() {
        StringBuilder tags = new StringBuilder();
        files.values().forEach(file -> tags.append(file.tag()));
        return hash(tags.toString().getBytes(US_ASCII));
    }

    private static Asset asset(String name, byte[] content) {
        return new Asset(content, type(name), "W/\"" + hash(content) + "\"");
    }

    private static byte[] read(String path) {
        try (InputStream in = Assets.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("not in the program: " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private static String type(String path) {
        return switch (path.substring(path.lastIndexOf('.') + 1)) {
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "json" -> "application/json";
            case "svg" -> "image/svg+xml";
            default -> throw new IllegalArgumentException("no content type for " + path);
        };
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

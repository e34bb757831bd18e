package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads SQLite's native library and removes its unpacked file at once: the driver alone does so only when the Java VM
 * ends by itself, which it does not on a signal.
 */
public final class SqliteNatives {
    private static final String FOLDER = "org.sqlite.tmpdir";

    private static boolean loaded;

    private SqliteNatives() {}

    /** Before the first connection; does nothing when called again, or when somebody has set the driver's own folder. */
    public static synchronized void load() throws SQLException {
        if (loaded || System.getProperty(FOLDER) != null) {
            return;
        }
        try {
            Path unpacked = Files.createTempDirectory("lightstroke-sqlite");
            System.setProperty(FOLDER, unpacked.toString());
            try {
                loaded = SQLiteJDBCLoader.initialize();
            } finally {
                System.clearProperty(FOLDER);
                remove(unpacked);
            }
        } catch (Exception e) {
            throw new SQLException("SQLite's native library cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static void remove(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // Windows keeps it while it is in use: the driver's own way remains
        }
    }
}

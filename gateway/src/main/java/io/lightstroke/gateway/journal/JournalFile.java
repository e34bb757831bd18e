package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** The journal's file as it is open now: one connection that writes, two that read. */
final class JournalFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);
    /** So long a file is looked over before it is used; what is damaged beyond is met later. */
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int CHECK_EVERY_STEPS = 1000;
    private static final List<String> COMPANIONS = List.of("-wal", "-shm");

    final WriteConnection writing;
    final ReadConnection reading;
    /** For accounts: one of a long backlog must hold up neither a pump nor a tool. */
    final ReadConnection asking;

    private final Path path;
    /** Tells one file from another of the same name; null where the system has no such thing. */
    private final @Nullable Object key;

    private JournalFile(Path path, WriteConnection writing, ReadConnection reading, ReadConnection asking)
            throws IOException {
        this.path = path;
        this.writing = writing;
        this.reading = reading;
        this.asking = asking;
        this.key = key(path);
    }

    /**
     * Opens the file, or begins it. One that is damaged is set aside with its companions, which is said in the log and
     * noted in the one begun in its place.
     *
     * @param floorSeq no seq up to it is given again
     * @throws JournalException when the file is of a newer Lightstroke
     */
    static JournalFile open(Path path, long floorSeq) throws SQLException, IOException, JournalException {
        try {
            check(path);
            return connect(path, floorSeq);
        } catch (SQLException e) {
            if (!isDamage(e)) {
                throw e;
            }
            return begin(path, floorSeq, "it is damaged (%s)".formatted(e.getMessage()));
        }
    }

    /** Sets aside what there is, and begins a new file, which notes it. */
    static JournalFile begin(Path path, long floorSeq, String why) throws SQLException, IOException, JournalException {
        String text = "%s: %s: set aside as %s, a new one begins"
                .formatted(path, why, setAside(path).getFileName());
        LOG.error("journal {}", text);
        JournalFile begun = connect(path, floorSeq);
        begun.writing.transact(connection -> note(connection, text));
        return begun;
    }

    static void note(Connection connection, String text) throws SQLException {
        Instant now = Instant.now();
        Accounts.update(
                connection,
                "insert into notice values (?, ?)",
                TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1000,
                text);
    }

    private static JournalFile connect(Path path, long floorSeq) throws SQLException, IOException, JournalException {
        WriteConnection writing = new WriteConnection(path, floorSeq);
        ReadConnection reading = null;
        try {
            reading = new ReadConnection(path);
            return new JournalFile(path, writing, reading, new ReadConnection(path));
        } catch (SQLException | IOException e) {
            closeQuietly(reading);
            closeQuietly(writing);
            throw e;
        }
    }

    /** @throws SQLException of the code for damage when some is found in time */
    private static void check(Path path) throws SQLException, IOException {
        if (!Files.exists(path) || Files.size(path) == 0) {
            return;
        }
        SqliteNatives.load();
        try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            long end = System.nanoTime() + CHECK_NANOS;
            ProgressHandler.setHandler(connection, CHECK_EVERY_STEPS, new ProgressHandler() {
                @Override
                protected int progress() {
                    return System.nanoTime() > end ? 1 : 0;
                }
            });
            try (var row = statement.executeQuery("pragma quick_check(1)")) {
                String said = row.next() ? row.getString(1) : "ok";
                if (!said.equals("ok")) {
                    throw new SQLException(said.strip().replace('\n', ' '), null, SQLiteErrorCode.SQLITE_CORRUPT.code);
                }
            } catch (SQLException e) {
                if (code(e) != SQLiteErrorCode.SQLITE_INTERRUPT.code) {
                    throw e;
                }
            } finally {
                ProgressHandler.clearHandler(connection);
            }
        }
    }

    static int code(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    static boolean isDamage(SQLException e) {
        return code(e) == SQLiteErrorCode.SQLITE_NOTADB.code || code(e) == SQLiteErrorCode.SQLITE_CORRUPT.code;
    }

    /** The file and its companions, to where there is nothing yet. */
    static Path setAside(Path path) throws IOException {
        Path aside = aside(path);
        move(path, aside, List.of("", "-wal", "-shm"));
        return aside;
    }

    private static void move(Path path, Path aside, List<String> suffixes) throws IOException {
        for (String suffix : suffixes) {
            Path of = path.resolveSibling(path.getFileName() + suffix);
            if (Files.exists(of)) {
                Files.move(of, aside.resolveSibling(aside.getFileName() + suffix), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** A name that is free. */
    private static Path aside(Path path) {
        String name =
                path.getFileName() + ".damaged-" + Instant.now().toString().replaceAll("[^0-9TZ]", "");
        Path aside = path.resolveSibling(name);
        for (int i = 2; Files.exists(aside); i++) {
            aside = path.resolveSibling(name + "-" + i);
        }
        return aside;
    }

    /** Whether the file of this name is still the one that is open. */
    boolean stillThere() {
        try {
            return Objects.equals(key, key(path));
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** After the file was deleted or another was put in its place: its log must not be taken for the other's. */
    void leave() throws IOException {
        close();
        move(path, aside(path), COMPANIONS);
    }

    @Override
    public void close() {
        closeQuietly(reading);
        closeQuietly(asking);
        closeQuietly(writing);
    }

    static void closeQuietly(@Nullable AutoCloseable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("closing {}: {}", resource, e.toString());
            }
        }
    }
}

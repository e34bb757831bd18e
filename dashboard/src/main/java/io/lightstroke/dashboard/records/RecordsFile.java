package io.lightstroke.dashboard.records;

import io.lightstroke.gateway.journal.SqliteNatives;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The database of the records: opened, brought to today's tables, and readable by its owner alone. */
final class RecordsFile {
    private static final String[] NO_PATTERNS = {};

    private RecordsFile() {}

    /**
     * The one connection to it.
     *
     * @param file begun when it is not there; null: in memory, gone with the connection
     * @throws IOException what is there are no records that this Lightstroke can read
     */
    static Handle open(@Nullable Path file) throws IOException {
        try {
            SqliteNatives.load();
            SQLiteConfig config = new SQLiteConfig();
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
            config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
            config.setBusyTimeout(5000);
            config.enforceForeignKeys(true);
            // What is erased is not to be read from the file's free pages.
            config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
            SQLiteDataSource source = new SQLiteDataSource(config);
            if (file == null) {
                source.setUrl("jdbc:sqlite:file:" + UUID.randomUUID() + "?mode=memory&cache=shared");
            } else {
                begin(file);
                source.setUrl("jdbc:sqlite:" + file);
            }
            Jdbi jdbi = Jdbi.create(source);
            jdbi.registerArgument(new Instants());
            jdbi.registerArgument(new Days());
            jdbi.registerColumnMapper(Instant.class, (row, column, context) -> Json.instantOfUs(row.getLong(column)));
            Handle handle = jdbi.open();
            try {
                migrate(source);
                return handle;
            } catch (FlywayException e) {
                handle.close();
                throw e;
            }
        } catch (SQLException | ConnectionException | FlywayException e) {
            throw new IOException(
                    "records %s cannot be opened: want a file as this Lightstroke or an older one wrote it, got: %s"
                            .formatted(file, reason(e)),
                    e);
        }
    }

    private static String reason(Exception e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).strip().replaceAll("\\s+", " ");
    }

    /** SQLite gives its companions the same permissions. */
    private static void begin(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileAttribute<?>[] ownerOnly =
                file.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        try {
            Files.createFile(file, ownerOnly);
        } catch (FileAlreadyExistsException e) {
            // it goes on
        }
    }

    private static void migrate(SQLiteDataSource source) {
        Flyway.configure()
                .dataSource(source)
                .locations("classpath:io/lightstroke/dashboard/records/migration")
                .failOnMissingLocations(true)
                .ignoreMigrationPatterns(NO_PATTERNS)
                .load()
                .migrate();
    }

    private static final class Instants extends AbstractArgumentFactory<Instant> {
        Instants() {
            super(Types.BIGINT);
        }

        @Override
        protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setLong(position, Json.usOf(value));
        }
    }

    private static final class Days extends AbstractArgumentFactory<LocalDate> {
        Days() {
            super(Types.VARCHAR);
        }

        @Override
        protected Argument build(LocalDate value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setString(position, value.toString());
        }
    }
}

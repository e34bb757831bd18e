package io.lightstroke.gateway.broker;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The broker's users and their passwords, in a file that only its owner can read; drawn when there is none. Where it can
 * be neither read nor written they are drawn for this run, until it can. May be asked from any thread.
 */
final class Credentials {
    static final String GATEWAY = "gateway";
    static final String DASHBOARD = "dashboard";

    private static final int PASSWORD_BYTES = 24;

    private final Properties passwords;
    /** Of a file that came into reach when others were drawn already: good, too. */
    private volatile @Nullable Properties others;

    private volatile boolean kept;

    private Credentials(Properties passwords, boolean kept) {
        this.passwords = passwords;
        this.kept = kept;
    }

    static Credentials in(Path file) throws IOException {
        if (Files.exists(file)) {
            return new Credentials(read(file), true);
        }
        Credentials drawn = ofThisRun();
        drawn.keep(file);
        return drawn;
    }

    static Credentials ofThisRun() {
        Properties passwords = new Properties();
        passwords.setProperty(GATEWAY, drawPassword());
        passwords.setProperty(DASHBOARD, drawPassword());
        return new Credentials(passwords, false);
    }

    /** Whether a file has them, or others that are as good. */
    boolean kept() {
        return kept;
    }

    /** Writes those that are in no file yet; where there is one by now, what it says is good beside them. */
    void keep(Path file) throws IOException {
        if (kept) {
            return;
        }
        if (Files.exists(file)) {
            others = read(file);
        } else {
            write(file);
        }
        kept = true;
    }

    private static Properties read(Path file) throws IOException {
        Properties passwords = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            passwords.load(in);
        }
        for (String user : List.of(GATEWAY, DASHBOARD)) {
            if (passwords.getProperty(user, "").isEmpty()) {
                throw new IOException(
                        "%s: want the lines \"gateway=…\" and \"dashboard=…\", got none for %s; delete the file and new passwords are drawn"
                                .formatted(file, user));
            }
        }
        return passwords;
    }

    private void write(Path file) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(half);
        FileAttribute<?>[] ownerOnly =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        Files.createFile(half, ownerOnly);
        Files.writeString(
                half,
                "%s=%s%n%s=%s%n"
                        .formatted(
                                GATEWAY, passwords.getProperty(GATEWAY), DASHBOARD, passwords.getProperty(DASHBOARD)));
        Files.move(half, file);
    }

    private static String drawPassword() {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    EmbeddedBroker.Login login(String user) {
        return new EmbeddedBroker.Login(user, passwords.getProperty(user));
    }

    boolean match(@Nullable String user, @Nullable String password) {
        Properties also = others;
        return user != null
                && password != null
                && (isOf(passwords, user, password) || (also != null && isOf(also, user, password)));
    }

    private static boolean isOf(Properties passwords, String user, String password) {
        String wanted = passwords.getProperty(user);
        return wanted != null
                && MessageDigest.isEqual(
                        wanted.getBytes(StandardCharsets.UTF_8), password.getBytes(StandardCharsets.UTF_8));
    }
}

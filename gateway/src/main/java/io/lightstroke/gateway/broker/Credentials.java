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

/** The broker's users and their passwords, in a file that only its owner can read; drawn when there is none. */
final class Credentials {
    static final String GATEWAY = "gateway";
    static final String DASHBOARD = "dashboard";

    private static final int PASSWORD_BYTES = 24;

    private final Properties passwords;

    private Credentials(Properties passwords) {
        this.passwords = passwords;
    }

    static Credentials in(Path file) throws IOException {
        if (!Files.exists(file)) {
            draw(file);
        }
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
        return new Credentials(passwords);
    }

    private static void draw(Path file) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(half);
        FileAttribute<?>[] ownerOnly =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        Files.createFile(half, ownerOnly);
        Files.writeString(half, GATEWAY + "=" + drawPassword() + "\n" + DASHBOARD + "=" + drawPassword() + "\n");
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
        String wanted = user == null ? null : passwords.getProperty(user);
        return wanted != null
                && password != null
                && MessageDigest.isEqual(
                        wanted.getBytes(StandardCharsets.UTF_8), password.getBytes(StandardCharsets.UTF_8));
    }
}

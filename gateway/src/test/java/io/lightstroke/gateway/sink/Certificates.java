package io.lightstroke.gateway.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority and certificates that it signed, as PEM files, made by keytool. */
final class Certificates {
    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path store;
    private final String authority;

    /** @param folder of its files, {@code authority.pem} among them */
    Certificates(Path folder, String authority) throws Exception {
        this.folder = folder;
        this.authority = authority;
        this.store = folder.resolve(authority + ".p12");
        keytool("-alias", authority, "-dname", "CN=" + authority, "-ext", "bc:critical=ca:true");
        write(authority);
    }

    /** The file of the certificate. {@link #key} is beside it. */
    Path authority() {
        return folder.resolve(authority + ".pem");
    }

    /**
     * A certificate of this authority.
     *
     * @param options of keytool, for example {@code -ext san=DNS:localhost}
     */
    Path issue(String name, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-alias", name, "-dname", "CN=" + name, "-signer", authority));
        all.addAll(List.of(options));
        keytool(all.toArray(new String[0]));
        write(name);
        return folder.resolve(name + ".pem");
    }

    static Path key(Path certificate) {
        return certificate.resolveSibling(certificate.getFileName() + ".key");
    }

    private void keytool(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    private void write(String name) throws Exception {
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Certificate certificate = keys.getCertificate(name);
        Path pem = folder.resolve(name + ".pem");
        Files.writeString(pem, pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(
                key(pem),
                pem("PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }
}

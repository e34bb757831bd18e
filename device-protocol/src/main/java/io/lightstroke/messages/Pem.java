package io.lightstroke.messages;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Certificates and private keys in text files. Errors name the file, what was wanted and what came. */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    static Collection<? extends Certificate> certificates(Path file) throws IOException {
        String came = "none";
        try {
            Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text(file).getBytes(StandardCharsets.UTF_8)));
            if (!all.isEmpty()) {
                return all;
            }
        } catch (CertificateException e) {
            came = String.valueOf(e.getMessage());
        }
        throw new IOException("%s: want certificates in PEM, got %s".formatted(file, came));
    }

    /** @param password null: it is not encrypted */
    static PrivateKey privateKey(Path file, @Nullable String password) throws IOException {
        Matcher key = KEY.matcher(text(file));
        if (!key.find()) {
            throw new IOException("%s: want a private key in PEM, got none".formatted(file));
        }
        String kind = key.group(1);
        try {
            byte[] der = Base64.getMimeDecoder().decode(key.group(2));
            if (kind.equals("PRIVATE KEY")) {
                return privateKey(file, new PKCS8EncodedKeySpec(der));
            } else if (kind.equals("ENCRYPTED PRIVATE KEY")) {
                if (password == null) {
                    throw new IOException("%s: want the password of the key, got none".formatted(file));
                }
                return privateKey(file, decrypted(new EncryptedPrivateKeyInfo(der), password));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "%s: want a private key%s, got one that cannot be read (%s)"
                            .formatted(file, password == null ? "" : " of this password", e.getMessage()),
                    e);
        }
        throw new IOException(
                "%s: want a key in PKCS#8 (BEGIN PRIVATE KEY), got BEGIN %s; openssl pkcs8 -topk8 -in %s -out new.key makes one of it"
                        .formatted(file, kind, file.getFileName()));
    }

    private static PrivateKey privateKey(Path file, PKCS8EncodedKeySpec key)
            throws IOException, GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException e) {
                // another one's
            }
        }
        throw new IOException("%s: want a key of %s, got another".formatted(file, String.join(", ", ALGORITHMS)));
    }

    private static PKCS8EncodedKeySpec decrypted(EncryptedPrivateKeyInfo info, String password)
            throws IOException, GeneralSecurityException {
        // The parameters of PBES2 name its parts; its own name says nothing.
        String algorithm = info.getAlgParameters() == null
                ? info.getAlgName()
                : info.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray())),
                info.getAlgParameters());
        return info.getKeySpec(cipher);
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException("%s: want a readable file, got none".formatted(file), e);
        }
    }
}

package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
    // Made by: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    private static final String PLAIN = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguKyfJ62t5sNIZgxE
            6uFQ92k8E5mbmvDHXuHW+GlZqkihRANCAARpcEEKCTAKzVnIgpzct/G8Vhb/sEv2
            7wDGe0SBJr2FjjijAOz8Lq2XLFoX4NmHSe2k3ko6jJl6u/g/ax22EVxI
            -----END PRIVATE KEY-----
            """;
    // and openssl pkcs8 -topk8 -passout pass:s3cret, OpenSSL 3
    private static final String ENCRYPTED = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhR1lLcMDk05QICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEH+0LOdG0+0+qOhu6fosyHoEgZCS
            KvhXif8ht4TA+0fFRBiX9rE3ZrK5ob0NydS8npUbzoaBhC9DTMrUV2DhNko9odve
            xoOxM51e62GYJbO6HjKLCOkDii728F7D9clfuBntIDDZI11iTm0YzDIvE++MCNAI
            7voWye2YTFer9clYv/kjK26iL4Fv6h3g6Q+FZ1Y5HVX5J+V+YjWvBvXb1GE9G/Q=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("gateway.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void aPlainKeyOfEachKindIsRead(String algorithm) throws Exception {
        PrivateKey key =
                KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
        Files.writeString(file, "Bag Attributes: x\n" + pem("PRIVATE KEY", key.getEncoded()));
        assertEquals(key, Pem.privateKey(file, null));
    }

    @Test
    void anEncryptedKeyIsReadWithItsPassword() throws Exception {
        Files.writeString(file, PLAIN);
        PrivateKey key = Pem.privateKey(file, null);
        Files.writeString(file, ENCRYPTED);
        assertEquals(key, Pem.privateKey(file, "s3cret"));
        assertEquals(file + ": want the password of the key, got none", mistake(null));
        String wrong = mistake("wrong");
        assertTrue(
                wrong.startsWith(file + ": want a private key of this password, got one that cannot be read"), wrong);
    }

    @Test
    void whatIsNoKeyInPkcs8IsNamedWithTheRemedy() throws Exception {
        Files.writeString(file, pem("RSA PRIVATE KEY", new byte[] {1, 2, 3}));
        assertEquals(
                file + ": want a key in PKCS#8 (BEGIN PRIVATE KEY), got BEGIN RSA PRIVATE KEY;"
                        + " openssl pkcs8 -topk8 -in gateway.key -out new.key makes one of it",
                mistake(null));
        Files.writeString(file, "nonsense");
        assertEquals(file + ": want a private key in PEM, got none", mistake(null));
        Files.writeString(file, pem("PRIVATE KEY", new byte[] {1, 2, 3}));
        assertTrue(mistake(null).startsWith(file + ": want a key of RSA, EC, EdDSA, got another"), mistake(null));
        Files.delete(file);
        assertEquals(file + ": want a readable file, got none", mistake(null));
    }

    @Test
    void whatHoldsNoCertificateIsNamed() throws Exception {
        Files.writeString(file, "");
        IOException e = assertThrows(IOException.class, () -> Pem.certificates(file));
        assertEquals(file + ": want certificates in PEM, got none", e.getMessage());
    }

    private String mistake(String password) {
        return String.valueOf(assertThrows(IOException.class, () -> Pem.privateKey(file, password))
                .getMessage());
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }
}

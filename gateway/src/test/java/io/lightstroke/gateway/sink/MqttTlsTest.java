package io.lightstroke.gateway.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.MqttServer.ClientCertificate;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.MOSQUITTO)
class MqttTlsTest {
    private static final Topics TOPICS = new Topics("home", "room");
    private static final List<Numbered> ENTRIES = List.of(new Numbered(1, Entries.row("left", 0)));

    @TempDir
    static Path certificates;

    private static Certificates ours;
    private static Certificates others;
    private static Path right;

    @TempDir
    Path folder;

    @BeforeAll
    static void issue() throws Exception {
        ours = new Certificates(certificates, "ours");
        others = new Certificates(certificates, "others");
        right = ours.issue("right", "-ext", "san=IP:127.0.0.1");
    }

    @Test
    void aCertificateOfTheNamedAuthorityForThatHostIsAcceptedAndNoOther() throws Exception {
        Mosquitto mosquitto = mosquitto(right);
        try (Program.Running broker = mosquitto.start()) {
            accepts(server(mosquitto, ours.authority(), null));
            refuses(server(mosquitto, null, null), "not signed by a known authority; name its CA file");
            refuses(server(mosquitto, others.authority(), null), "not signed by a known authority; name its CA file");
            refuses(
                    server(mosquitto, folder.resolve("nowhere.pem"), null),
                    "nowhere.pem: want a readable file, got none");
            refuses(server(mosquitto, Certificates.key(right), null), "right.pem.key: want certificates in PEM, got");
        }
    }

    @Test
    void aCertificateForAnotherHostOrAnotherTimeIsRefusedInWords() throws Exception {
        Mosquitto elsewhere = mosquitto(ours.issue("elsewhere", "-ext", "san=DNS:elsewhere.invalid"));
        try (Program.Running broker = elsewhere.start()) {
            refuses(server(elsewhere, ours.authority(), null), "is for another host name than that of the URL");
        }
        Mosquitto expired =
                mosquitto(ours.issue("expired", "-ext", "san=IP:127.0.0.1", "-startdate", "-10d", "-validity", "5"));
        try (Program.Running broker = expired.start()) {
            refuses(server(expired, ours.authority(), null), "the broker's certificate has expired");
        }
        Mosquitto early = mosquitto(ours.issue("early", "-ext", "san=IP:127.0.0.1", "-startdate", "+5d"));
        try (Program.Running broker = early.start()) {
            refuses(server(early, ours.authority(), null), "the broker's certificate is not valid yet");
        }
    }

    @Test
    void whereAClientCertificateIsWantedOneOfItsAuthorityIsAccepted() throws Exception {
        Path known = ours.issue("known");
        Path stranger = others.issue("stranger");
        Mosquitto mosquitto = mosquitto(
                right, "cafile " + ours.authority(), "require_certificate true", "use_identity_as_username true");
        try (Program.Running broker = mosquitto.start()) {
            accepts(server(mosquitto, ours.authority(), certificate(known)));
            // What the broker says reaches us, unless it has closed the connection while we still send.
            refuses(
                    server(mosquitto, ours.authority(), null),
                    "the broker wants a client certificate|ended the connection at once; .* want a client certificate\\?");
            refuses(
                    server(mosquitto, ours.authority(), certificate(stranger)),
                    "does not know the authority of the client certificate|ended the connection at once");
            refuses(
                    server(
                            mosquitto,
                            ours.authority(),
                            new ClientCertificate(known, folder.resolve("nowhere.key"), null)),
                    "nowhere.key: want a readable file, got none");
        }
    }

    @Test
    void whatSpeaksNoTlsIsNamedAsThat() throws Exception {
        Mosquitto mosquitto = new Mosquitto(folder, "allow_anonymous true");
        try (Program.Running broker = mosquitto.start()) {
            refuses(server(mosquitto, ours.authority(), null), "speaks no TLS|does it speak TLS there");
        }
    }

    private Mosquitto mosquitto(Path certificate, String... more) throws Exception {
        List<String> lines = new ArrayList<>(
                List.of("allow_anonymous true", "certfile " + certificate, "keyfile " + Certificates.key(certificate)));
        lines.addAll(List.of(more));
        return new Mosquitto(Files.createTempDirectory(folder, "broker"), lines.toArray(new String[0]));
    }

    private static ClientCertificate certificate(Path pem) {
        return new ClientCertificate(pem, Certificates.key(pem), null);
    }

    private static MqttServer server(
            Mosquitto mosquitto, @Nullable Path caFile, @Nullable ClientCertificate certificate) {
        return new MqttServer(mosquitto.url().replace("tcp:", "ssl:"), null, null, caFile, certificate);
    }

    private static void accepts(MqttServer server) throws Exception {
        try (MqttSink sink = new MqttSink(server, TOPICS)) {
            assertEquals(Delivery.COMPLETE, sink.deliver(ENTRIES));
        }
    }

    /** @param words a pattern */
    private static void refuses(MqttServer server, String words) {
        SinkException e = refusal(server);
        assertTrue(Pattern.compile(words).matcher(e.getMessage()).find(), e.getMessage());
        assertFalse(e.getMessage().contains("PRIVATE KEY"), e.getMessage());
    }

    private static SinkException refusal(MqttServer server) {
        try (MqttSink sink = new MqttSink(server, TOPICS)) {
            return assertThrows(SinkException.class, () -> sink.deliver(ENTRIES));
        }
    }
}

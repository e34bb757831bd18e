package io.lightstroke.messages;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Sockets with TCP_NODELAY. Two classes, since MQTT clients want one kind for TCP and the other for TLS. */
public final class PromptSockets {
    private PromptSockets() {}

    public static SocketFactory tcp() {
        return new Tcp();
    }

    /**
     * @param caFile PEM certificates that are trusted in place of the platform's; null: the platform's
     * @param client null: none is shown
     */
    static SSLSocketFactory tls(@Nullable Path caFile, MqttServer.@Nullable ClientCertificate client)
            throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(client == null ? null : shown(client), caFile == null ? null : trusted(caFile), null);
            return new Tls(context.getSocketFactory());
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusted(Path caFile) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        for (Certificate each : Pem.certificates(caFile)) {
            store.setCertificateEntry("ca-" + store.size(), each);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyManager[] shown(MqttServer.ClientCertificate client)
            throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        char[] noPassword = new char[0];
        store.setKeyEntry(
                "client",
                Pem.privateKey(client.keyFile(), client.keyPassword()),
                noPassword,
                Pem.certificates(client.certificateFile()).toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, noPassword);
        return keys.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Socket prompt(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static final class Tcp extends SocketFactory {
        private final SocketFactory plain = SocketFactory.getDefault();

        @Override
        public Socket createSocket() throws IOException {
            return prompt(plain.createSocket());
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return prompt(plain.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return prompt(plain.createSocket(host, port, local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return prompt(plain.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return prompt(plain.createSocket(host, port, local, localPort));
        }
    }

    private static final class Tls extends SSLSocketFactory {
        private final SSLSocketFactory tls;

        Tls(SSLSocketFactory tls) {
            this.tls = tls;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return tls.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return tls.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket() throws IOException {
            return prompt(tls.createSocket());
        }

        @Override
        public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
            return prompt(tls.createSocket(socket, host, port, autoClose));
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return prompt(tls.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return prompt(tls.createSocket(host, port, local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return prompt(tls.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return prompt(tls.createSocket(host, port, local, localPort));
        }
    }
}

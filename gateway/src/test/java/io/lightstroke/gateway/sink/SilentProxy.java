package io.lightstroke.gateway.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and a broker, and can fall silent without closing anything, as a network that was unplugged. */
final class SilentProxy implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private final int brokerPort;

    private static final class Pair {
        final Socket client;
        final Socket broker;
        volatile boolean silent;

        Pair(Socket client, Socket broker) {
            this.client = client;
            this.broker = broker;
        }

        void pass(InputStream in, OutputStream out) {
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (!silent) {
                        out.write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                // one side has gone
            }
            if (!silent) {
                close();
            }
        }

        void close() {
            try (client;
                    broker) {
                // both
            } catch (IOException e) {
                // closed
            }
        }
    }

    SilentProxy(String brokerUrl) throws IOException {
        brokerPort = URI.create(brokerUrl).getPort();
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "silent-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Pair pair = new Pair(listening.accept(), new Socket(InetAddress.getLoopbackAddress(), brokerPort));
                pairs.add(pair);
                InputStream fromClient = pair.client.getInputStream();
                OutputStream toClient = pair.client.getOutputStream();
                InputStream fromBroker = pair.broker.getInputStream();
                OutputStream toBroker = pair.broker.getOutputStream();
                start(() -> pair.pass(fromClient, toBroker));
                start(() -> pair.pass(fromBroker, toClient));
            } catch (IOException e) {
                // closed, or the broker is away
            }
        }
    }

    String url() {
        return "tcp://127.0.0.1:" + listening.getLocalPort();
    }

    /** Passes nothing more on the connections that are open now; later ones are as any. */
    void silence() {
        pairs.forEach(pair -> pair.silent = true);
    }

    int connections() {
        return pairs.size();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        pairs.forEach(Pair::close);
    }
}

package io.lightstroke.gateway.sink;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes messages at QoS 1. On its first connection it answers the first one with a topic that is no UTF-8, and stays. */
final class BrokenBroker implements AutoCloseable {
    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();

    BrokenBroker() throws IOException {
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "broken-broker");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                boolean broken = connections.getAndIncrement() == 0;
                start(() -> serve(client, broken));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private static void serve(Socket client, boolean broken) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            while (true) {
                int type = in.readUnsignedByte() >> 4;
                byte[] packet = new byte[remainingLength(in)];
                in.readFully(packet);
                if (type == CONNECT) {
                    out.write(new byte[] {0x20, 3, 0, 0, 0});
                } else if (type == PUBLISH && broken) {
                    out.write(new byte[] {0x30, 4, 0, 1, 0x01, 0});
                } else if (type == PUBLISH) {
                    int id = 2 + ((packet[0] & 0xFF) << 8 | packet[1] & 0xFF);
                    out.write(new byte[] {0x40, 2, packet[id], packet[id + 1]});
                }
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    private static int remainingLength(DataInputStream in) throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int next = in.readUnsignedByte();
            length |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return length;
            }
        }
    }

    String url() {
        return "tcp://127.0.0.1:" + listening.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}

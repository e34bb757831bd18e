package io.lightstroke.simulator.bluez;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.freedesktop.dbus.FileDescriptor;
import org.newsclub.net.unix.AFDatagramChannel;
import org.newsclub.net.unix.AFSocketType;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.FileDescriptorCast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What AcquireNotify hands out: sockets that keep packets apart. One thread sees clients close their end. */
final class NotifyPipes implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(NotifyPipes.class);

    /** junixsocket's socket pairs leave two descriptors open each, so each pair is a client and a server. */
    private final AFUNIXDatagramSocket listener;

    private final Selector selector;
    private final Queue<Pipe> opened = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    NotifyPipes() throws IOException {
        listener = AFUNIXDatagramSocket.newInstance(AFSocketType.SOCK_SEQPACKET);
        listener.bind(AFUNIXSocketAddress.inAbstractNamespace("lightstroke-" + UUID.randomUUID()));
        listener.listen(1);
        selector = AFUNIXSelectorProvider.provider().openSelector();
        Thread thread = new Thread(this::watch, "bluez-stand-in-pipes");
        thread.setDaemon(true);
        thread.start();
    }

    /** @param left called when the client has closed its end, on this class's thread */
    synchronized Pipe open(Consumer<Pipe> left) throws IOException {
        AFUNIXDatagramSocket theirs = AFUNIXDatagramSocket.newInstance(AFSocketType.SOCK_SEQPACKET);
        theirs.connect(listener.getLocalSocketAddress());
        AFDatagramChannel<?> ours = listener.accept().getChannel();
        ours.configureBlocking(false);
        Pipe pipe = new Pipe(ours, theirs, left);
        opened.add(pipe);
        selector.wakeup();
        return pipe;
    }

    private void watch() {
        while (!closed) {
            try {
                selector.select();
                for (Pipe pipe = opened.poll(); pipe != null; pipe = opened.poll()) {
                    if (pipe.ours.isOpen()) {
                        pipe.ours.register(selector, SelectionKey.OP_READ, pipe);
                    }
                }
                for (SelectionKey key : selector.selectedKeys()) { // no client sends anything
                    key.cancel();
                    Pipe pipe = (Pipe) key.attachment();
                    pipe.close();
                    pipe.left.accept(pipe);
                }
                selector.selectedKeys().clear();
            } catch (IOException | RuntimeException e) {
                log.error("stand-in for BlueZ", e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.close();
        listener.close();
    }

    /** One characteristic's packets to one client. */
    static final class Pipe {
        private final AFDatagramChannel<?> ours;
        private final AFUNIXDatagramSocket theirs;
        private final Consumer<Pipe> left;

        Pipe(AFDatagramChannel<?> ours, AFUNIXDatagramSocket theirs, Consumer<Pipe> left) {
            this.ours = ours;
            this.theirs = theirs;
            this.left = left;
        }

        FileDescriptor clientEnd() throws IOException {
            return new FileDescriptor(
                    FileDescriptorCast.using(theirs.getFileDescriptor()).as(Integer.class));
        }

        /** The client has got its end, so that only it holds it open. */
        synchronized void handedOver() {
            try {
                new FileOutputStream(theirs.getFileDescriptor()).close(); // the socket's own close shuts down both ends
                theirs.close();
            } catch (IOException e) {
                log.debug("handing over a pipe: {}", e.getMessage());
            }
        }

        /** As with BlueZ, what a slow client has no room for is lost. */
        void send(byte[] value) {
            try {
                ours.write(ByteBuffer.wrap(value));
            } catch (IOException e) {
                log.debug("the client has left its pipe: {}", e.getMessage());
            }
        }

        void close() {
            handedOver();
            try {
                ours.close();
            } catch (IOException e) {
                log.debug("closing a pipe: {}", e.getMessage());
            }
        }
    }
}

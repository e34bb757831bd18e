package io.lightstroke.gateway.link;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.newsclub.net.unix.AFDatagramChannel;
import org.newsclub.net.unix.AFDatagramSocket;
import org.newsclub.net.unix.AFDatagramSocketImpl;
import org.newsclub.net.unix.AFSocketType;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection is notified of, passed on by one thread in order of arrival: values handed in, and packets read
 * from sockets until their other end closes. {@link #close} ends the thread and closes the sockets.
 */
final class Arrivals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

    /** Minutes of all that a tool notifies. */
    private static final int MOST_WAITING = 4096;

    private static final int MAX_VALUE_BYTES = 512;
    private static final int END_MS = 1000;

    private final String of;
    private final Selector selector;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    /** @param of whose arrivals these are, for the log */
    Arrivals(String of) throws IOException {
        this.of = of;
        selector = AFUNIXSelectorProvider.provider().openSelector();
        thread = new Thread(this::run, "bluez-notify-" + of);
        thread.setDaemon(true);
        thread.start();
    }

    /** Where a value goes. */
    @FunctionalInterface
    interface Receiver {
        void arrived(byte[] value, long arrivedNanos);
    }

    /** Passes on a value; one for which there is no room is dropped. */
    void add(byte[] value, long arrivedNanos, Receiver receiver) {
        if (waitingCount.get() >= MOST_WAITING) {
            if (dropped.getAndIncrement() % MOST_WAITING == 0) {
                log.warn("{}: a receiver of notifications is too slow, values are dropped", of);
            }
            return;
        }
        waitingCount.incrementAndGet();
        later(() -> {
            waitingCount.decrementAndGet();
            pass(value, arrivedNanos, receiver);
        });
    }

    /** Passes on what comes through a socket that keeps packets apart, which is now this class's to close. */
    void add(FileDescriptor socket, Receiver receiver) {
        later(() -> {
            try {
                AFDatagramChannel<AFUNIXSocketAddress> channel = PacketSocket.over(socket);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Packets(socket, channel, receiver));
            } catch (IOException | RuntimeException e) {
                log.error("{}: its notifications cannot be read", of, e);
                close(socket);
            }
        });
    }

    private void later(Runnable task) {
        waiting.add(task);
        selector.wakeup();
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_VALUE_BYTES);
        try {
            while (!closed) {
                selector.select();
                for (Runnable task = waiting.poll(); task != null && !closed; task = waiting.poll()) {
                    task.run();
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    if (!closed) {
                        ((Packets) key.attachment()).read(key, buffer);
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException | RuntimeException e) {
            log.error("{}: notifications end", of, e);
        } finally {
            selector.keys().forEach(key -> ((Packets) key.attachment()).close());
            try {
                selector.close();
            } catch (IOException e) {
                log.debug("{}: {}", of, e.getMessage());
            }
        }
    }

    private void pass(byte[] value, long arrivedNanos, Receiver receiver) {
        try {
            receiver.arrived(value, arrivedNanos);
        } catch (RuntimeException | Error e) { // the next value shall come all the same
            log.error("{}: a receiver of notifications failed", of, e);
        }
    }

    private void close(FileDescriptor descriptor) {
        try {
            new FileOutputStream(descriptor).close(); // tells also who has received it
        } catch (IOException e) {
            log.debug("{}: {}", of, e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        if (Thread.currentThread() != thread) {
            boolean interrupted = false;
            try {
                thread.join(END_MS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One socket's packets. */
    private final class Packets {
        private final FileDescriptor descriptor;
        private final AFDatagramChannel<AFUNIXSocketAddress> channel;
        private final Receiver receiver;

        Packets(FileDescriptor descriptor, AFDatagramChannel<AFUNIXSocketAddress> channel, Receiver receiver) {
            this.descriptor = descriptor;
            this.channel = channel;
            this.receiver = receiver;
        }

        /** One packet, so that several sockets take turns. Ready and yet nothing to read: the other end is closed. */
        void read(SelectionKey key, ByteBuffer buffer) {
            buffer.clear();
            int count;
            try {
                count = channel.read(buffer);
            } catch (IOException e) {
                log.debug("{}: {}", of, e.getMessage());
                count = -1;
            }
            if (count <= 0) {
                key.cancel();
                close();
                return;
            }
            long arrivedNanos = System.nanoTime();
            byte[] value = new byte[count];
            buffer.flip().get(value);
            pass(value, arrivedNanos, receiver);
        }

        void close() {
            Arrivals.this.close(descriptor);
            try {
                channel.close();
            } catch (IOException e) {
                log.debug("{}: {}", of, e.getMessage());
            }
        }
    }

    /** A connected socket around a descriptor; junixsocket itself wraps streams and datagrams only. */
    private static final class PacketSocket extends AFDatagramSocket<AFUNIXSocketAddress> {
        private PacketSocket(FileDescriptor descriptor) {
            super(new Socket(descriptor));
        }

        static AFDatagramChannel<AFUNIXSocketAddress> over(FileDescriptor descriptor) throws IOException {
            return newInstance(PacketSocket::new, descriptor, 0, 0).getChannel();
        }

        @Override
        protected AFDatagramChannel<AFUNIXSocketAddress> newChannel() {
            return new Channel(this);
        }

        @Override
        protected AFDatagramSocket<AFUNIXSocketAddress> newDatagramSocketInstance() {
            throw new UnsupportedOperationException("it is connected already");
        }

        private static final class Socket extends AFDatagramSocketImpl<AFUNIXSocketAddress> {
            Socket(FileDescriptor descriptor) {
                super(AFUNIXSocketAddress.addressFamily(), descriptor, AFSocketType.SOCK_SEQPACKET);
            }
        }

        private static final class Channel extends AFDatagramChannel<AFUNIXSocketAddress> {
            Channel(PacketSocket socket) {
                super(AFUNIXSelectorProvider.provider(), socket);
            }
        }
    }
}

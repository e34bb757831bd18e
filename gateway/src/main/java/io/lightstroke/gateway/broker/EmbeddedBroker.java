package io.lightstroke.gateway.broker;

import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An MQTT 5 broker in this process (Apache Artemis), on loopback only. Retained messages and sessions are kept in a
 * folder over restarts. Users and passwords are drawn at the first start and kept beside them. While the disk refuses, it
 * runs in memory, says so ({@link #problem}), and returns to the folder by itself; each change cuts all connections.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    static final String LOOPBACK = "127.0.0.1";

    /** A message that has just been acknowledged is gone a moment later. */
    private static final Duration FORGET_LIMIT = Duration.ofSeconds(5);

    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    /** After the disk has refused; longer each time it proves to be of no use. */
    private static final Duration FIRST_REST = Duration.ofSeconds(5);

    private static final Duration LONGEST_REST = Duration.ofMinutes(10);
    /** So much must be free on the disk before it is tried again: Artemis lays out its files beforehand. */
    private static final long ROOM_BYTES = 32L << 20;

    /** The topic of a command. */
    static final Pattern COMMAND = Pattern.compile(Topics.PREFIX + "/[^/]+/[^/]+/(tool/[^/]+/)?cmd/[^/]+");

    private final Path folder;
    private final Credentials credentials;
    private final AccessList accessList;
    private final int port;
    private final Thread watch = new Thread(this::watch, "broker-watch");
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable String problem;
    private volatile BrokerRun run;
    // Of the watching thread once that runs, which alone also changes the one above:
    private Duration rest = FIRST_REST;
    private long restedFromNanos = System.nanoTime();

    /** A user's name and password. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /**
     * Starts it, whatever the disk does.
     *
     * @param folder of its messages and its file {@code credentials}, created when missing
     * @param port 0: any free one
     * @throws IOException when the port is taken
     */
    public static EmbeddedBroker start(Path folder, int port) throws IOException {
        requireFree(port);
        try {
            EmbeddedBroker broker = new EmbeddedBroker(folder, port);
            broker.watch.setDaemon(true);
            broker.watch.start();
            return broker;
        } catch (IOException e) {
            throw new IOException("the embedded broker does not start: " + e.getMessage(), e);
        }
    }

    private EmbeddedBroker(Path folder, int port) throws IOException {
        this.folder = folder;
        Credentials found;
        try {
            Files.createDirectories(folder);
            found = Credentials.in(credentialsFile(folder));
        } catch (IOException e) {
            found = Credentials.ofThisRun();
            refused(words(e));
        }
        credentials = found;
        accessList = new AccessList(credentials);
        BrokerRun begun = null;
        if (problem == null) {
            try {
                begun = new BrokerRun(folder, port, accessList);
            } catch (IOException e) {
                refused(words(e));
            }
        }
        run = begun == null ? new BrokerRun(null, port, accessList) : begun;
        this.port = run.port();
    }

    private static String words(IOException e) {
        return e instanceof FileSystemException ? e.toString() : String.valueOf(e.getMessage());
    }

    private void refused(String why) {
        LOG.error(
                "the embedded broker cannot keep its state in {}: {}; it runs in memory, and tries again by itself",
                folder,
                why);
        problem = why;
        restedFromNanos = System.nanoTime();
    }

    /** Artemis itself only logs that it cannot listen. */
    private static void requireFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new IOException(
                    "the embedded broker cannot listen on %s:%d (%s); free the port or configure another"
                            .formatted(LOOPBACK, port, e.getMessage()),
                    e);
        }
    }

    private void watch() {
        try {
            while (!closing.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    look();
                } catch (IOException | RuntimeException e) {
                    LOG.debug("trying again", e);
                }
            }
        } catch (InterruptedException e) {
            // nobody does
        }
    }

    private void look() throws IOException {
        String ended = run.ended();
        if (ended != null) {
            if (problem == null) {
                refused(ended);
            }
            run.close();
            run = new BrokerRun(null, port, accessList);
        } else if (problem != null && System.nanoTime() - restedFromNanos > rest.toNanos()) {
            restedFromNanos = System.nanoTime();
            requireRoom();
            returnToFolder();
        }
    }

    /** Another start there is worth the connections that it costs. */
    private void requireRoom() throws IOException {
        Files.createDirectories(folder);
        credentials.keep(credentialsFile(folder));
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < ROOM_BYTES) {
            throw new IOException("%s: want %d bytes free, got %d".formatted(folder, ROOM_BYTES, free));
        }
        Path trial = folder.resolve("trial");
        try (FileChannel out = FileChannel.open(
                trial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(ByteBuffer.allocate(4096));
            out.force(true);
        } finally {
            Files.deleteIfExists(trial);
        }
    }

    private void returnToFolder() {
        run.close();
        try {
            run = new BrokerRun(folder, port, accessList);
            rest = FIRST_REST;
            problem = null;
            LOG.info("the embedded broker keeps its state in {} again", folder);
        } catch (IOException e) {
            rest = rest.multipliedBy(2).compareTo(LONGEST_REST) < 0 ? rest.multipliedBy(2) : LONGEST_REST;
            refused(words(e));
        }
    }

    /** Why it keeps its state in memory only, at present; empty while it keeps it on disk. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem)
                .map(why -> "what waits at the embedded broker is kept in memory only%s: %s"
                        .formatted(credentials.kept() ? "" : ", and so are this run's passwords", why));
    }

    /** The file that has its users and passwords; empty while they are in memory only. */
    public Optional<Path> credentialsFile() {
        return credentials.kept() ? Optional.of(credentialsFile(folder)) : Optional.empty();
    }

    /** Whether a broker has run with its state in {@code folder}, and so has drawn passwords. */
    public static boolean hasCredentials(Path folder) {
        return Files.exists(credentialsFile(folder));
    }

    /** The login of dashboards at a broker that another process runs with its state in {@code folder}. */
    public static Login dashboardLogin(Path folder) throws IOException {
        return Credentials.in(credentialsFile(folder)).login(Credentials.DASHBOARD);
    }

    /** Where a broker with its state in {@code folder} keeps its users and passwords. */
    private static Path credentialsFile(Path folder) {
        return folder.resolve("credentials");
    }

    /** {@code tcp://127.0.0.1:port}. */
    public String url() {
        return "tcp://" + LOOPBACK + ":" + port;
    }

    /** May publish and subscribe to everything. */
    public Login gateway() {
        return credentials.login(Credentials.GATEWAY);
    }

    /** May subscribe to everything, and publish commands only. */
    public Login dashboard() {
        return credentials.login(Credentials.DASHBOARD);
    }

    /**
     * Writes its files anew, without the bytes of messages that are gone.
     *
     * @return whether the word is in none of them any more; it still is in a message that waits for a subscriber
     */
    public boolean forget(String word) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + FORGET_LIMIT.toNanos();
        do {
            run.rewrite();
            if (!isInFiles(word)) {
                return true;
            }
        } while (System.nanoTime() < endNanos && !closing.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
        return false;
    }

    private boolean isInFiles(String word) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            try {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(word)) {
                    return true;
                }
            } catch (NoSuchFileException e) {
                // written anew meanwhile
            }
        }
        return false;
    }

    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        run.close();
    }
}

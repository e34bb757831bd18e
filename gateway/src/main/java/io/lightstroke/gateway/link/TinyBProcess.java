package io.lightstroke.gateway.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lightstroke.gateway.link.TinyBMessage.Answer;
import io.lightstroke.gateway.link.TinyBMessage.Kind;
import io.lightstroke.gateway.link.TinyBMessage.Op;
import io.lightstroke.gateway.link.TinyBMessage.Request;
import io.lightstroke.protocol.Gatt;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TinyB in a process of its own, as a link that ends with that process: then each call and each connection fails, and
 * says how it ended. All methods may be called from any thread, and no lock is held while one waits. A process that
 * answers nobody for 5 s is killed.
 */
final class TinyBProcess implements ToolLink {
    private static final Logger LOG = LoggerFactory.getLogger(TinyBProcess.class);

    private static final Duration OPEN_LIMIT = Duration.ofSeconds(30);
    /** What an answer may take beyond the limit that the process keeps by itself. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration STEP_LIMIT = TinyB.STEP_LIMIT.plus(GRACE);
    /** Disconnecting, and waiting for the end of the link. */
    private static final Duration CLOSE_LIMIT = STEP_LIMIT.plus(GRACE);

    private static final Duration TURN_LIMIT = TinyB.TURN_LIMIT.plus(GRACE).plus(GRACE);
    private static final Duration PING_EVERY = Duration.ofSeconds(1);
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(5);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    /**
     * Gives the process a channel that no library writes to, and keeps Ctrl-C from it: whoever has started it ends its
     * connections first.
     */
    private static final String SCRIPT = "trap '' INT HUP; exec \"$@\" 3>&1 1>&2";

    private static final int SIGNALLED = 128;
    /** TinyB leaks some 50 kB with each. */
    private static final int SPENT_AFTER_CONNECTS = 200;
    /** By then it has leaked about 100 MB. */
    private static final int MOST_CONNECTS = 2000;

    private final Process process;
    private final DataInputStream in;
    private final ExecutorService writer;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    private final Map<Integer, Subscription> subscriptions = new ConcurrentHashMap<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connecting = new AtomicInteger();
    private final AtomicInteger connects = new AtomicInteger();
    private volatile long heardNanos = System.nanoTime();
    /** Why it was ended from here, if it was. */
    private volatile @Nullable String endedHere;

    private volatile boolean crashed;
    /** Why nothing goes over it any more; null while it lives. */
    private volatile @Nullable String ended;

    private record Subscription(Delivery delivery, ToolConnection.Notifications receiver) {}

    /**
     * Starts the process and reaches BlueZ.
     *
     * @param adapter as of {@link TinyBLink}
     * @param bus as of {@link TinyBLink}
     */
    static TinyBProcess start(@Nullable String adapter, @Nullable String bus)
            throws LinkException, InterruptedException {
        TinyBProcess started = new TinyBProcess(launch(bus));
        boolean open = false;
        try {
            started.call(
                    new Request(started.nextId(), Op.OPEN, 0, adapter == null ? new byte[0] : adapter.getBytes(UTF_8)),
                    OPEN_LIMIT);
            open = true;
            return started;
        } finally {
            if (!open) {
                started.end("it did not reach BlueZ");
            }
        }
    }

    private static Process launch(@Nullable String bus) throws LinkException {
        String temporary = System.getProperty("java.io.tmpdir");
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(
                "sh",
                "-c",
                SCRIPT,
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:ErrorFile=" + Path.of(temporary, "lightstroke-tinyb-%p.log"),
                "-Djava.io.tmpdir=" + temporary,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TinyBHost.class.getName())));
        if (bus != null) {
            builder.environment().put("DBUS_SYSTEM_BUS_ADDRESS", bus);
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new LinkException("TinyB: cannot start its process", e);
        }
    }

    private TinyBProcess(Process process) {
        this.process = process;
        in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        writer = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon("tinyb-requests", task),
                new ThreadPoolExecutor.DiscardPolicy());
        daemon("tinyb-answers", this::listen).start();
        daemon("tinyb-words", this::log).start();
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void log() {
        try (BufferedReader words = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8))) {
            for (String line = words.readLine(); line != null; line = words.readLine()) {
                if (!line.isBlank()) {
                    LOG.info("TinyB: {}", line);
                }
            }
        } catch (IOException e) {
            LOG.debug("TinyB's words end", e);
        }
    }

    private void listen() {
        try {
            for (Answer answer = Answer.read(in); answer != null; answer = Answer.read(in)) {
                heardNanos = System.nanoTime();
                take(answer);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("TinyB's answers end", e);
        }
        String how = howItEnded();
        if (endedHere == null) {
            crashed = true;
            LOG.error(how);
        }
        ended = how;
        writer.shutdownNow();
        waiting.forEach((id, answer) -> answer.complete(failed(id, how)));
    }

    private void take(Answer answer) {
        if (answer.kind() == Kind.NOTIFIED) {
            Subscription subscription = subscriptions.get(answer.id());
            if (subscription != null) {
                subscription.delivery.deliver(subscription.receiver, answer.value(), answer.atNanos());
            }
        } else {
            CompletableFuture<Answer> asked = waiting.get(answer.id());
            if (asked != null) {
                asked.complete(answer);
            }
        }
    }

    private static Answer failed(int id, String why) {
        return new Answer(id, Kind.FAILED, why.getBytes(UTF_8));
    }

    private String howItEnded() {
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String here = endedHere;
        if (here != null) {
            return "TinyB's process was ended: " + here;
        }
        int code = process.exitValue();
        return "TinyB's process has ended by itself: "
                + switch (code - SIGNALLED) {
                    case 6, 11 -> "its native code crashed";
                    case 9 -> "it was killed";
                    case 15 -> "it was terminated, as GLib does when the bus is gone";
                    default -> "exit code " + code;
                };
    }

    boolean isAlive() {
        return ended == null && endedHere == null;
    }

    /** Whether it ended by itself, or had to be killed. */
    boolean hasCrashed() {
        return crashed;
    }

    /** Whether no connection goes over it. */
    boolean isIdle() {
        return connections.isEmpty();
    }

    /** Whether it has leaked enough to be ended, while nobody uses it; or so much that who uses it has to connect again. */
    boolean isSpent() {
        return connecting.get() == 0
                && (connects.get() >= MOST_CONNECTS || (connects.get() >= SPENT_AFTER_CONNECTS && isIdle()));
    }

    /** Ends it at once; the tools stay connected to BlueZ until someone connects to them again. */
    void kill(String why) {
        if (isAlive()) {
            crashed = true;
            endedHere = why;
            LOG.error("TinyB's process is killed: {}", why);
        }
        process.destroyForcibly();
    }

    /** Lets it end its connections and itself. */
    void end(String why) {
        if (isAlive()) {
            endedHere = why;
        }
        connections.forEach(connection -> connection.delivery.close());
        writer.execute(this::closeInput);
        try {
            if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.debug("TinyB's process reads no more", e);
        }
    }

    private int nextId() {
        return ids.incrementAndGet();
    }

    private void send(Request request) {
        writer.execute(() -> {
            try {
                OutputStream out = process.getOutputStream();
                out.write(request.encode());
                out.flush();
            } catch (IOException e) {
                LOG.debug("TinyB's process reads no more", e); // its end is told by who listens to it
            }
        });
    }

    /** Asks, and waits for the answer. */
    private byte[] call(Request request, Duration limit) throws LinkException, InterruptedException {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(request.id(), answer);
        try {
            requireAlive();
            send(request);
            Answer got = await(request.op(), answer, limit);
            switch (got.kind()) {
                case OK -> {
                    return got.value();
                }
                case NOT_HEARD -> throw new NotHeardException(new String(got.value(), UTF_8));
                default -> throw new LinkException(new String(got.value(), UTF_8));
            }
        } finally {
            waiting.remove(request.id());
        }
    }

    private Answer await(Op op, CompletableFuture<Answer> answer, Duration limit)
            throws LinkException, InterruptedException {
        long beganNanos = System.nanoTime();
        while (true) {
            try {
                return answer.get(PING_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long nowNanos = System.nanoTime();
                if (nowNanos - Math.max(heardNanos, beganNanos) > SILENCE_LIMIT.toNanos()) {
                    kill("it answered nobody for %d ms".formatted(SILENCE_LIMIT.toMillis()));
                } else if (nowNanos - beganNanos > limit.toNanos()) {
                    if (connections.size() <= 1) {
                        kill("it did not answer within its limit");
                    }
                    throw new LinkException(
                            "TinyB's process: want an answer to %s within %d ms, got none"
                                    .formatted(op, limit.toMillis()),
                            e);
                }
                send(new Request(nextId(), Op.PING, 0, 0));
            } catch (ExecutionException e) {
                throw new IllegalStateException(e); // it is only ever completed with an answer
            }
        }
    }

    private void requireAlive() throws LinkException {
        String how = ended != null ? ended : endedHere;
        if (how != null) {
            throw new LinkException(how);
        }
    }

    @Override
    public String name() {
        return "tinyb";
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        byte[] heard = call(new Request(nextId(), Op.SCAN, time.toMillis(), new byte[0]), time.plus(TURN_LIMIT));
        try {
            return TinyBMessage.decodeTools(heard);
        } catch (IOException e) {
            throw new LinkException("TinyB's process: cannot read what it heard", e);
        }
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        int number = nextId();
        boolean connected = false;
        connects.incrementAndGet();
        connecting.incrementAndGet();
        try {
            // Waiting for its turn, connecting, and taking it back when it failed.
            call(
                    new Request(number, Op.CONNECT, limit.toMillis(), address.getBytes(UTF_8)),
                    limit.multipliedBy(2).plus(GRACE).plus(GRACE));
            Connection connection = new Connection(number, address);
            connections.add(connection);
            connected = true;
            return connection;
        } finally {
            connecting.decrementAndGet();
            if (!connected && isAlive()) {
                send(new Request(nextId(), Op.CLOSE, number, 0));
            }
        }
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return call(new Request(nextId(), Op.FORGET, 0, address.getBytes(UTF_8)), TURN_LIMIT)[0] == 1;
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        call(new Request(nextId(), Op.POWER_CYCLE, 0, 0), TURN_LIMIT);
    }

    @Override
    public void close() {
        end("the link is closed");
    }

    private final class Connection implements ToolConnection {
        private final int number;
        private final String address;
        private final Delivery delivery;
        /** The number of its subscription, by characteristic. */
        private final Map<UUID, Integer> subscribed = new ConcurrentHashMap<>();

        private volatile boolean closed;

        Connection(int number, String address) {
            this.number = number;
            this.address = address;
            delivery = new Delivery(address);
        }

        private byte[] ask(Op op, UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            if (closed) {
                throw new LinkException("the connection to %s is closed".formatted(address));
            }
            return call(new Request(nextId(), op, number, 0, characteristic, value), STEP_LIMIT);
        }

        @Override
        public void resolve(Duration limit) throws LinkException, InterruptedException {
            call(new Request(nextId(), Op.RESOLVE, number, limit.toMillis()), limit.plus(STEP_LIMIT));
        }

        @Override
        public Map<UUID, Set<Gatt.Property>> characteristics() throws LinkException, InterruptedException {
            return TinyBMessage.decodeCharacteristics(
                    call(new Request(nextId(), Op.CHARACTERISTICS, number, 0), STEP_LIMIT));
        }

        @Override
        public OptionalInt mtu() {
            return OptionalInt.empty();
        }

        @Override
        public Bond bond() throws LinkException, InterruptedException {
            return Bond.values()[call(new Request(nextId(), Op.BOND, number, 0), STEP_LIMIT)[0]];
        }

        @Override
        public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
            return ask(Op.READ, characteristic, new byte[0]);
        }

        @Override
        public void write(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            ask(Op.WRITE, characteristic, value);
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            ask(Op.WRITE_WITHOUT_RESPONSE, characteristic, value);
        }

        @Override
        public void subscribe(UUID characteristic, Notifications notifications)
                throws LinkException, InterruptedException {
            int id = nextId();
            if (closed || subscribed.putIfAbsent(characteristic, id) != null) {
                throw new LinkException("%s: want %s not subscribed to yet, got it subscribed or closed"
                        .formatted(address, characteristic));
            }
            subscriptions.put(id, new Subscription(delivery, (value, atNanos) -> {
                if (subscriptions.containsKey(id)) {
                    notifications.arrived(value, atNanos);
                }
            }));
            boolean done = false;
            try {
                call(new Request(id, Op.SUBSCRIBE, number, 0, characteristic, new byte[0]), STEP_LIMIT);
                done = true;
            } finally {
                if (!done) {
                    forget(characteristic);
                }
            }
        }

        @Override
        public void unsubscribe(UUID characteristic) throws LinkException, InterruptedException {
            ask(Op.UNSUBSCRIBE, characteristic, new byte[0]);
            forget(characteristic);
        }

        private void forget(UUID characteristic) {
            Integer id = subscribed.remove(characteristic);
            if (id != null) {
                subscriptions.remove(id);
            }
        }

        @Override
        public void close() {
            delivery.close();
            if (closed) {
                return;
            }
            closed = true;
            List.copyOf(subscribed.keySet()).forEach(this::forget);
            try {
                if (isAlive()) {
                    call(new Request(nextId(), Op.CLOSE, number, 0), CLOSE_LIMIT);
                }
            } catch (LinkException e) {
                LOG.debug("closing the connection to {}", address, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                connections.remove(this);
            }
        }
    }
}

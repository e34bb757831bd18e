package io.lightstroke.gateway.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lightstroke.gateway.link.TinyBMessage.Answer;
import io.lightstroke.gateway.link.TinyBMessage.Kind;
import io.lightstroke.gateway.link.TinyBMessage.Op;
import io.lightstroke.gateway.link.TinyBMessage.Request;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The program of {@link TinyBProcess}: reads requests from standard input and answers on file descriptor 3, for
 * libraries may write to standard output. Each request runs on a thread of its own. When the input ends it ends all
 * connections and the process, so that it never outlives who has started it.
 */
final class TinyBHost {
    private static final String CHANNEL = "/dev/fd/3";
    private static final long CLOSE_LIMIT_MS = 3000;
    /** A minute of 8 tools; whoever does not read for so long loses what comes then. */
    private static final int ANSWERS_CAPACITY = 10_000;

    private final ExecutorService tasks = Executors.newCachedThreadPool();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>(ANSWERS_CAPACITY);
    /** From the request on, so that it can be closed while it connects. */
    private final Map<Integer, Connecting> connections = new ConcurrentHashMap<>();

    private final CompletableFuture<ToolLink> link = new CompletableFuture<>();

    /** Cancelled by whoever does not want it any more. */
    private static final class Connecting extends CompletableFuture<ToolConnection> {
        private @Nullable Future<?> task;

        synchronized void start(ExecutorService tasks, Runnable connect) {
            task = tasks.submit(connect);
        }

        synchronized void end() throws LinkException {
            if (!cancel(false)) {
                join().close();
            } else if (task != null) {
                task.cancel(true);
            }
        }
    }

    private TinyBHost() {}

    public static void main(String[] arguments) {
        System.setOut(System.err);
        TinyBHost host = new TinyBHost();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
                OutputStream out = new BufferedOutputStream(new FileOutputStream(CHANNEL))) {
            host.tasks.execute(() -> host.write(out));
            host.read(in);
        } catch (IOException e) {
            System.err.println("TinyB's process: " + e);
        } finally {
            host.close();
        }
    }

    private void read(DataInputStream in) throws IOException {
        for (Request next = Request.read(in); next != null; next = Request.read(in)) {
            Request request = next;
            if (request.op() == Op.CONNECT) {
                Connecting connecting = new Connecting();
                connections.put(request.id(), connecting);
                connecting.start(tasks, () -> answer(request));
            } else {
                tasks.execute(() -> answer(request));
            }
        }
    }

    private void write(OutputStream out) {
        try {
            while (true) {
                out.write(answers.take().encode());
                if (answers.isEmpty()) {
                    out.flush();
                }
            }
        } catch (IOException | InterruptedException e) {
            Runtime.getRuntime().halt(1); // nobody listens any more
        }
    }

    private void answer(Request request) {
        Answer answer;
        try {
            answer = new Answer(request.id(), Kind.OK, perform(request));
        } catch (NotHeardException e) {
            answer = new Answer(request.id(), Kind.NOT_HEARD, words(e));
        } catch (Exception e) {
            answer = new Answer(request.id(), Kind.FAILED, words(e));
        }
        try {
            answers.put(answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] words(Exception e) {
        return (e instanceof LinkException ? String.valueOf(e.getMessage()) : e.toString()).getBytes(UTF_8);
    }

    private byte[] perform(Request request) throws LinkException, InterruptedException, IOException {
        Duration limit = Duration.ofMillis(request.limitMs());
        String text = new String(request.value(), UTF_8);
        switch (request.op()) {
            case OPEN -> link.complete(new TinyB(text.isEmpty() ? null : text));
            case PING -> {}
            case SCAN -> {
                return TinyBMessage.encode(link.join().scan(limit));
            }
            case CONNECT -> connect(request.id(), text, limit);
            case FORGET -> {
                return flag(link.join().forget(text));
            }
            case POWER_CYCLE -> link.join().powerCycle();
            case RESOLVE -> connection(request).resolve(limit);
            case CHARACTERISTICS -> {
                return TinyBMessage.encode(connection(request).characteristics());
            }
            case BOND -> {
                return new byte[] {(byte) connection(request).bond().ordinal()};
            }
            case READ -> {
                return connection(request).read(request.characteristic());
            }
            case WRITE -> connection(request).write(request.characteristic(), request.value());
            case WRITE_WITHOUT_RESPONSE ->
                connection(request).writeWithoutResponse(request.characteristic(), request.value());
            case SUBSCRIBE ->
                connection(request)
                        .subscribe(
                                request.characteristic(),
                                (value, atNanos) -> notified(new Answer(request.id(), Kind.NOTIFIED, atNanos, value)));
            case UNSUBSCRIBE -> connection(request).unsubscribe(request.characteristic());
            case CLOSE -> {
                Connecting connecting = connections.remove(request.connection());
                if (connecting != null) {
                    connecting.end();
                }
            }
        }
        return new byte[0];
    }

    private static byte[] flag(boolean value) {
        return new byte[] {(byte) (value ? 1 : 0)};
    }

    private void connect(int id, String address, Duration limit) throws LinkException, InterruptedException {
        boolean connected = false;
        try {
            ToolConnection connection = link.join().connect(address, limit);
            Connecting wanted = connections.get(id);
            connected = wanted != null && wanted.complete(connection);
            if (!connected) {
                connection.close();
                throw new LinkException("connecting to %s: given up".formatted(address));
            }
        } finally {
            if (!connected) {
                connections.remove(id);
            }
        }
    }

    private ToolConnection connection(Request request) throws LinkException {
        Connecting connecting = connections.get(request.connection());
        if (connecting == null || !connecting.isDone()) {
            throw new LinkException("the connection is closed");
        }
        return connecting.join();
    }

    /** On TinyB's one thread, which must not wait. */
    private void notified(Answer notification) {
        if (!answers.offer(notification)) {
            System.err.println("a notification is lost, for %d wait to be read".formatted(ANSWERS_CAPACITY));
        }
    }

    /** Ends everything within the limit, and then the process, in which TinyB has a thread that would keep it. */
    private void close() {
        try {
            if (link.isDone()) {
                tasks.submit(() -> link.join().close()).get(CLOSE_LIMIT_MS, TimeUnit.MILLISECONDS);
            }
        } catch (Exception e) {
            System.err.println("ending the connections: " + e);
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }
}

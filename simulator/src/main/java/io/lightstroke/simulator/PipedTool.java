package io.lightstroke.simulator;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.Hex;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tool in another process, in any language: commands go to its standard input, answers come from its standard output, a
 * line each; docs/pipe.md describes them. The process has no clock of its own: it is told how old it is. What it does
 * wrong ends it, and is the message of an {@link IllegalStateException}, then and at each later call.
 */
public final class PipedTool implements Tool, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PipedTool.class);

    /** Of the lines, not of the tool. */
    private static final int VERSION = 1;
    /** While someone is connected, so that what is written from within a notification comes at its instant. */
    private static final long STEP_US = 5_000;

    private static final int ATT_OVERHEAD = 3;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final String command;
    private final Duration answerLimit;
    private final Process process;
    private final BufferedWriter toTool;
    private final BufferedReader fromTool;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "piped-tool-watch");
        thread.setDaemon(true);
        return thread;
    });
    private final Identity identity;
    private final List<Gatt.Characteristic> characteristics = new ArrayList<>();

    private volatile long askedNanos;
    private volatile boolean asking;
    private volatile boolean slow;

    private long ageUs;
    private @Nullable LongSupplier clock;
    private @Nullable Link link;
    private boolean delivering;
    private final ArrayDeque<Runnable> outbox = new ArrayDeque<>();
    private @Nullable String broken;

    private record Link(int mtu, Set<UUID> subscribed, Central central) {}

    /** With a limit that only a tool that hangs reaches. */
    public static PipedTool start(String command, String address) throws IOException {
        return start(command, address, ANSWER_LIMIT);
    }

    /**
     * Starts the process, and asks what it is.
     *
     * @param command for {@code sh}; what it writes to standard error goes to this program's
     * @param address Bluetooth device address by which links know the tool
     * @param answerLimit the longest that it may take for one line
     * @throws IOException it does not start, or does not answer as it should
     */
    static PipedTool start(String command, String address, Duration answerLimit) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new PipedTool(command, address, answerLimit, process);
        } catch (IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private PipedTool(String command, String address, Duration answerLimit, Process process) {
        this.command = command;
        this.answerLimit = answerLimit;
        this.process = process;
        toTool = process.outputWriter(StandardCharsets.UTF_8);
        fromTool = process.inputReader(StandardCharsets.UTF_8);
        Future<?> unused = watch.scheduleAtFixedRate(this::endWhenSlow, 100, 100, TimeUnit.MILLISECONDS);
        String[] name = {"Piped tool"};
        ask("hello " + VERSION, line -> {
            if (line.startsWith("name ")) {
                name[0] = line.substring("name ".length());
            } else if (line.startsWith("characteristic ")) {
                declared(characteristic(line), line);
            } else {
                return false;
            }
            return true;
        });
        identity = new Identity(
                address,
                name[0],
                text(Gatt.MANUFACTURER_NAME),
                text(Gatt.MODEL_NUMBER),
                text(Gatt.SERIAL_NUMBER),
                text(Gatt.FIRMWARE_REVISION));
    }

    private String text(UUID characteristic) {
        return has(characteristic, Gatt.Property.READ) ? new String(read(characteristic), StandardCharsets.UTF_8) : "";
    }

    private void declared(Gatt.Characteristic row, String line) {
        if (characteristics.stream().anyMatch(each -> each.uuid().equals(row.uuid()))) {
            throw wrong("want each characteristic once, got again '%s'".formatted(line));
        }
        characteristics.add(row);
    }

    private Gatt.Characteristic characteristic(String line) {
        String[] words = line.split(" ", -1);
        Optional<Gatt.Characteristic> row = Gatt.named(words.length == 3 ? words[1] : "");
        List<Gatt.Property> properties = words.length < 3
                ? List.of()
                : Arrays.stream(words[2].split(",", -1))
                        .flatMap(word -> Arrays.stream(Gatt.Property.values())
                                .filter(each -> each.word().equals(word))
                                .limit(1))
                        .toList();
        if (row.isEmpty() || properties.size() != words[2].split(",", -1).length) {
            throw wrong("want 'characteristic NAME PROPERTY,…' with a name out of %s and properties out of %s, got '%s'"
                    .formatted(
                            words(Gatt.TABLE.stream()
                                    .map(Gatt.Characteristic::name)
                                    .toList()),
                            words(Arrays.stream(Gatt.Property.values())
                                    .map(Gatt.Property::word)
                                    .toList()),
                            line));
        }
        return new Gatt.Characteristic(
                row.get().service(), row.get().uuid(), row.get().name(), properties);
    }

    private static String words(List<String> words) {
        return String.join(", ", words);
    }

    private void endWhenSlow() {
        if (asking && System.nanoTime() - askedNanos > answerLimit.toNanos()) {
            slow = true;
            destroy();
        }
    }

    private void destroy() {
        watch.shutdown();
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    /** Lines before the last one. */
    private interface Between {
        /** Whether it is a line that may come there. */
        boolean take(String line);
    }

    /** What stands behind {@code ok}; what is notified before it waits to be delivered. */
    private String ask(String line) {
        return ask(line, between -> false);
    }

    private String ask(String asked, Between between) {
        if (broken != null) {
            throw new IllegalStateException(broken);
        }
        askedNanos = System.nanoTime();
        asking = true;
        try {
            toTool.write(asked);
            toTool.write('\n');
            toTool.flush();
            while (true) {
                String line = fromTool.readLine();
                if (line == null || slow) {
                    throw wrong(asked, ended());
                } else if (line.equals("ok") || line.startsWith("ok ")) {
                    return line.substring(Math.min(line.length(), "ok ".length()));
                } else if (asked.startsWith("write ") && (line.equals("refused") || line.startsWith("refused "))) {
                    throw new IllegalArgumentException("%s: %s: %s".formatted(command, asked, line));
                } else if (line.startsWith("notify ")) {
                    notified(asked, line);
                } else if (line.equals("lost")) {
                    lost();
                } else if (!between.take(line)) {
                    throw wrong(
                            asked,
                            "want ok, refused, notify or lost, got '%s'"
                                    .formatted(line.length() > 80 ? line.substring(0, 80) + "…" : line));
                }
            }
        } catch (IOException e) {
            throw wrong(asked, ended());
        } finally {
            asking = false;
        }
    }

    private String ended() {
        if (slow) {
            return "want an answer within %d ms, got none".formatted(answerLimit.toMillis());
        }
        try {
            return process.waitFor(1, TimeUnit.SECONDS)
                    ? "want an answer, but the process has ended with exit code " + process.exitValue()
                    : "want an answer, but its standard output is closed";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private IllegalStateException wrong(String asked, String what) {
        return wrong("to '%s': %s".formatted(asked, what));
    }

    private IllegalStateException wrong(String what) {
        broken = "the tool behind `%s`: %s".formatted(command, what);
        lost();
        destroy();
        return new IllegalStateException(broken);
    }

    private void notified(String asked, String line) {
        String[] words = line.split(" ", -1);
        Optional<Gatt.Characteristic> row = Gatt.named(words.length <= 3 ? words[1] : "");
        if (row.isEmpty()) {
            throw wrong(asked, "want 'notify NAME HEX', got '%s'".formatted(line));
        }
        byte[] value = bytes(asked, words.length == 3 ? words[2] : "");
        outbox.add(() -> {
            if (link != null && link.subscribed().contains(row.get().uuid())) {
                // Cut as a Bluetooth stack cuts it.
                link.central()
                        .notified(
                                row.get().uuid(),
                                Arrays.copyOf(value, Math.min(value.length, link.mtu() - ATT_OVERHEAD)));
            }
        });
    }

    private void lost() {
        outbox.add(() -> {
            Link before = link;
            link = null;
            if (before != null) {
                before.central().lost();
            }
        });
    }

    private byte[] bytes(String asked, String hex) {
        try {
            return Hex.parse(hex);
        } catch (MalformedFrameException e) {
            throw wrong(asked, String.valueOf(e.getMessage()));
        }
    }

    /** Hands out what has happened, once all of it has; what a receiver writes back meanwhile comes after it. */
    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            for (Runnable next = outbox.poll(); next != null; next = outbox.poll()) {
                next.run();
            }
        } finally {
            delivering = false;
        }
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public List<Gatt.Characteristic> characteristics() {
        return List.copyOf(characteristics);
    }

    /** Not when it has ended. */
    @Override
    public synchronized boolean reachable() {
        return broken == null;
    }

    @Override
    public synchronized long ageUs() {
        return ageUs;
    }

    @Override
    public synchronized void advanceTo(long wantedUs) {
        if (wantedUs < ageUs) {
            throw new IllegalArgumentException(
                    "time of %s: want at least %d us, got %d".formatted(identity.name(), ageUs, wantedUs));
        }
        try {
            while (ageUs < wantedUs) {
                ageUs = link == null ? wantedUs : Math.min(wantedUs, ageUs + STEP_US);
                ask("time " + ageUs);
                deliver();
            }
        } finally {
            deliver();
        }
    }

    @Override
    public synchronized void liveBy(@Nullable LongSupplier ageUs) {
        clock = ageUs;
    }

    @Override
    public synchronized void catchUp() {
        if (clock != null && !delivering) {
            advanceTo(Math.max(ageUs, clock.getAsLong()));
        }
    }

    @Override
    public synchronized void reboot() {
        catchUp();
        link = null;
        outbox.clear();
        ask("reboot");
    }

    @Override
    public synchronized byte[] read(UUID characteristic) {
        catchUp();
        if (!has(characteristic, Gatt.Property.READ)) {
            throw new IllegalArgumentException(
                    "read: want a characteristic of the tool with property read, got " + characteristic);
        }
        String asked = "read " + name(characteristic);
        byte[] value = bytes(asked, ask(asked));
        deliver();
        return value;
    }

    @Override
    public synchronized void write(UUID characteristic, byte[] value) {
        if (link == null) {
            throw new IllegalStateException("write to %s: want a connection, got none".formatted(identity.name()));
        }
        catchUp();
        if (!has(characteristic, Gatt.Property.WRITE, Gatt.Property.WRITE_WITHOUT_RESPONSE)) {
            throw new IllegalArgumentException(
                    "write: want a characteristic of the tool that can be written, got " + characteristic);
        }
        try {
            ask("write %s %s"
                    .formatted(name(characteristic), HexFormat.of().formatHex(value))
                    .strip());
        } finally {
            deliver();
        }
    }

    private static String name(UUID characteristic) {
        return Gatt.of(characteristic).orElseThrow().name();
    }

    @Override
    public synchronized void connect(int mtu, Set<UUID> subscribed, Central central) {
        catchUp();
        disconnect();
        ask("connect " + mtu);
        link = new Link(mtu, subscribed, central);
    }

    @Override
    public synchronized void disconnect() {
        if (link != null) {
            link = null;
            outbox.clear();
            try {
                ask("disconnect");
            } catch (IllegalStateException e) {
                log.debug("the link was over anyway", e); // and each later call says it
            }
        }
    }

    /** Ends the process. */
    @Override
    public void close() {
        destroy();
    }
}

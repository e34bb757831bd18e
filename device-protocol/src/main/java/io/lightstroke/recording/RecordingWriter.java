package io.lightstroke.recording;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a recording as it goes, on a thread of its own, to disk every half second; packed when the file's name ends with
 * {@code .gz}. All methods may be called from any thread.
 */
public final class RecordingWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordingWriter.class);
    private static final long FLUSH_EVERY_NANOS = 500_000_000;
    /** Some minutes of one tool, should the disk stand still. */
    private static final int MOST_WAITING = 1 << 16;

    private final Path file;
    private final BufferedWriter out;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder missed = new LongAdder();
    private final Thread thread = new Thread(this::run, "recording");
    private volatile @Nullable IOException failure;
    private volatile boolean closed;

    /** @throws FileAlreadyExistsException if there is such a file; it stays as it is */
    public RecordingWriter(Path file, ToolRecording.Header header) throws IOException {
        this.file = file;
        OutputStream bytes;
        try {
            bytes = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new FileAlreadyExistsException(
                    file.toString(), null, "want no such file, got one; it stays as it is");
        }
        out = new BufferedWriter(new OutputStreamWriter(
                file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes, true) : bytes, StandardCharsets.UTF_8));
        waiting.add(header.json());
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns at once. */
    public void add(Passed passed) {
        if (closed || failure != null || !waiting.offer(passed.json())) {
            missed.increment();
        }
    }

    /** Why nothing is written any more. */
    public Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Lines that are not in the file, for it was closed or the disk was too slow or failed. */
    public long missed() {
        return missed.sum();
    }

    private void run() {
        try (out) {
            long flushedNanos = System.nanoTime();
            boolean dirty = false;
            while (!closed || !waiting.isEmpty()) {
                String line = waiting.poll(FLUSH_EVERY_NANOS / 4, TimeUnit.NANOSECONDS);
                if (line != null) {
                    out.write(line);
                    out.write('\n');
                    dirty = true;
                }
                if (dirty && System.nanoTime() - flushedNanos > FLUSH_EVERY_NANOS) {
                    out.flush();
                    flushedNanos = System.nanoTime();
                    dirty = false;
                }
            }
        } catch (IOException e) {
            failure = e;
            LOG.error("recording {} ends here: {}", file, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All that was added is in the file afterwards, unless that fails. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

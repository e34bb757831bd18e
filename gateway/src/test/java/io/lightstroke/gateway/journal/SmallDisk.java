package io.lightstroke.gateway.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own in memory, of a few megabytes. It can be filled and made read-only; mounting wants root. */
public final class SmallDisk implements AutoCloseable {
    final Path folder;
    private final Path filler;

    public SmallDisk(Path folder, int megabytes) throws Exception {
        this.folder = folder;
        this.filler = folder.resolve("filler");
        boolean mounted = run(List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", "" + folder));
        if (!mounted) {
            System.out.println("LEFT OUT: tests on a small disk need root, to mount one");
        }
        Assumptions.assumeTrue(mounted);
    }

    public void readOnly(boolean on) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount", "-o", "remount," + (on ? "ro" : "rw"), "" + folder));
        if (!run(command)) {
            throw new IOException("cannot remount " + folder);
        }
    }

    /** Takes all room but so much. */
    public void fill(int leftBytes) throws IOException {
        byte[] block = new byte[64 << 10];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                long left = Files.getFileStore(folder).getUsableSpace() - leftBytes;
                if (left <= 0) {
                    return;
                }
                out.write(block, 0, (int) Math.min(block.length, left));
            }
        } catch (IOException e) {
            if (Files.getFileStore(folder).getUsableSpace() > 0) {
                throw e;
            }
        }
    }

    public void makeRoom() throws IOException {
        Files.delete(filler);
    }

    private static boolean run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Override
    public void close() throws Exception {
        if (!run(List.of("umount", "-l", "" + folder))) {
            throw new IOException("cannot unmount " + folder);
        }
    }
}

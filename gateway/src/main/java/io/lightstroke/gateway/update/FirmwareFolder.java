package io.lightstroke.gateway.update;

import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder in which a person puts images for tools. It need not be there. */
public record FirmwareFolder(Path folder) {
    private static final long MOST_BYTES = 16 << 20;
    /** Names that an error lists. */
    private static final int SHOWN = 20;

    /**
     * An image that is whole.
     *
     * @param file its name in the folder
     * @param sha256 that the file must have, hex; null: any
     */
    public FirmwareImage read(String file, @Nullable String sha256) throws UpdateException {
        Path path = folder.resolve(file);
        byte[] bytes;
        try {
            if (!Files.isRegularFile(path)) {
                throw new UpdateException("file: want one that is in %s, which has %s, got %s"
                        .formatted(folder, String.join(", ", names()), file));
            } else if (Files.size(path) > MOST_BYTES) {
                throw new UpdateException(
                        "file %s: want at most %d bytes, got %d".formatted(file, MOST_BYTES, Files.size(path)));
            }
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UpdateException("file %s: want a readable one, got %s".formatted(file, e));
        }
        String hash = HexFormat.of().formatHex(FirmwareImage.sha256(bytes));
        if (sha256 != null && !sha256.toLowerCase(Locale.ROOT).equals(hash)) {
            throw new UpdateException("file %s: want the SHA-256 %s, got %s".formatted(file, sha256, hash));
        }
        try {
            return FirmwareImage.decode(bytes);
        } catch (MalformedFrameException e) {
            throw new UpdateException("file %s: %s".formatted(file, e.getMessage()));
        }
    }

    private List<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of("nothing");
        }
        try (Stream<Path> paths = Files.list(folder)) {
            List<String> names = paths.map(path -> path.getFileName().toString())
                    .sorted()
                    .limit(SHOWN)
                    .toList();
            return names.isEmpty() ? List.of("nothing") : names;
        }
    }
}

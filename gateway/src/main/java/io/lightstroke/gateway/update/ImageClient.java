package io.lightstroke.gateway.update;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.firmware.ImageState;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.MalformedFrameException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What one asks of a tool's firmware images, over one connection. Used by one thread. A {@link LinkException} says that no
 * answer came: on another connection all of it may be asked again.
 */
public final class ImageClient {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    /** The first chunk of an image lets the tool erase its flash. */
    private static final Duration ERASE_LIMIT = Duration.ofSeconds(60);

    private static final int MOST_TRIES = 4;
    /** Chunks on the way at a time: as many as an SMP server holds at least. */
    private static final int WINDOW = 3;

    /** Characters of a tool's reason. */
    private static final int MOST_SHOWN = 100;

    /** Of the CBOR map with {@code off} and {@code data}, at most; and with {@code len} and {@code sha} too. */
    private static final int CHUNK_OVERHEAD = SmpMessage.HEADER + 24;

    private static final int FIRST_OVERHEAD = CHUNK_OVERHEAD + 48;

    private final SmpLink link;
    private int sequence;

    /** @param end offset after it */
    private record Chunk(SmpMessage request, int end) {}

    public ImageClient(SmpLink link) {
        this.link = link;
    }

    public ImageState state() throws LinkException, UpdateException, InterruptedException {
        return state(ask("image state", request(SmpMessage.READ, SmpMessage.IMAGES, SmpMessage.STATE, newBody())));
    }

    private static ImageState state(ObjectNode body) throws LinkException {
        try {
            return ImageState.decode(body);
        } catch (MalformedFrameException e) {
            throw new LinkException(String.valueOf(e.getMessage()), e);
        }
    }

    /** At its next restart the tool runs the image, and once only unless it is confirmed. */
    public void test(String hash) throws LinkException, UpdateException, InterruptedException {
        setState(
                "image test",
                newBody().put("hash", HexFormat.of().parseHex(hash)).put("confirm", false));
    }

    /**
     * The image that runs stays.
     *
     * @return what the tool has then
     */
    public ImageState confirm() throws LinkException, UpdateException, InterruptedException {
        return setState("image confirm", newBody().put("confirm", true));
    }

    private ImageState setState(String what, ObjectNode body)
            throws LinkException, UpdateException, InterruptedException {
        return state(ask(what, request(SmpMessage.WRITE, SmpMessage.IMAGES, SmpMessage.STATE, body)));
    }

    /** The tool starts anew, which ends the connection. */
    public void reset() throws LinkException, UpdateException, InterruptedException {
        ObjectNode unused = ask("reset", request(SmpMessage.WRITE, SmpMessage.OS, SmpMessage.RESET, newBody()));
    }

    /**
     * Sends the image, from where an upload of the same one has ended.
     *
     * @param percent told of the image on the tool
     */
    public void upload(FirmwareImage image, IntConsumer percent)
            throws LinkException, UpdateException, InterruptedException {
        int size = image.bytes().length;
        int room = link.room();
        Deque<Chunk> onTheWay = new ArrayDeque<>();
        int acknowledged = 0;
        int next = 0;
        int furthest = 0;
        int tries = 0;
        while (acknowledged < size) {
            while (next < size && onTheWay.size() < (acknowledged == 0 ? 1 : WINDOW)) {
                Chunk chunk = chunk(image, next, room);
                link.send(chunk.request());
                onTheWay.add(chunk);
                next = chunk.end();
            }
            Optional<SmpMessage> answer = receive(
                    onTheWay.stream().map(Chunk::request).toList(), acknowledged == 0 ? ERASE_LIMIT : ANSWER_LIMIT);
            Optional<ObjectNode> body =
                    answer.isEmpty() ? Optional.empty() : Optional.of(bodyOf("image upload", answer.get()));
            int expected = -1;
            // Chunks are answered in their order: those before the one that is answered are lost.
            while (answer.isPresent() && expected < 0) {
                Chunk chunk = onTheWay.remove();
                expected = answer.get().answers(chunk.request()) ? chunk.end() : -1;
            }
            int offset = body.map(each -> each.path("off").asInt(-1)).orElse(acknowledged);
            if (offset < 0 || offset > size) {
                throw new UpdateException(
                        "image upload: want an offset of 0..%d, got %s".formatted(size, body.orElseThrow()));
            }
            if (offset > furthest) {
                furthest = offset;
                tries = 0;
                percent.accept((int) (100L * offset / size));
            } else if (++tries >= MOST_TRIES) {
                throw new LinkException("image upload: want it to go on from %d of %d bytes, got no further %d times"
                        .formatted(furthest, size, tries));
            }
            if (offset != expected) {
                onTheWay.clear();
                next = offset;
            }
            acknowledged = offset;
            if (offset == size && !body.orElseThrow().path("match").asBoolean(true)) {
                throw new UpdateException("image upload: want the tool to hold what was sent, got another SHA-256");
            }
        }
    }

    private Chunk chunk(FirmwareImage image, int offset, int room) {
        int most = Math.max(FirmwareImage.HEADER, room - (offset == 0 ? FIRST_OVERHEAD : CHUNK_OVERHEAD));
        int end = Math.min(image.bytes().length, offset + most);
        ObjectNode body = newBody().put("off", offset).put("data", Arrays.copyOfRange(image.bytes(), offset, end));
        if (offset == 0) {
            body.put("len", image.bytes().length).put("sha", FirmwareImage.sha256(image.bytes()));
        }
        return new Chunk(request(SmpMessage.WRITE, SmpMessage.IMAGES, SmpMessage.UPLOAD, body), end);
    }

    private static ObjectNode newBody() {
        return SmpMessage.newBody();
    }

    private SmpMessage request(int op, int group, int command, ObjectNode body) {
        sequence = (sequence + 1) & 0xFF;
        return new SmpMessage(op, group, sequence, command, body);
    }

    private ObjectNode ask(String what, SmpMessage request)
            throws LinkException, UpdateException, InterruptedException {
        link.send(request);
        return bodyOf(
                what,
                receive(List.of(request), ANSWER_LIMIT)
                        .orElseThrow(() -> new LinkException(
                                "%s: want an answer within %d s, got none".formatted(what, ANSWER_LIMIT.toSeconds()))));
    }

    /** What answers one of these requests; what answers others is passed over. */
    private Optional<SmpMessage> receive(List<SmpMessage> requests, Duration limit)
            throws LinkException, InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<SmpMessage> came = link.receive(Duration.ofNanos(Math.max(0, endNanos - System.nanoTime())));
            if (came.isEmpty() || requests.stream().anyMatch(came.get()::answers)) {
                return came;
            }
        }
    }

    private static ObjectNode bodyOf(String what, SmpMessage answer) throws UpdateException {
        ObjectNode body = answer.body();
        int code = body.path("rc").asInt();
        JsonNode group = body.path("err");
        if (code == 0 && group.path("rc").asInt() == 0) {
            return body;
        }
        String error = code != 0
                ? "error %d".formatted(code)
                : "error %d of group %d"
                        .formatted(group.path("rc").asInt(), group.path("group").asInt());
        String reason = body.path("rsn").asText();
        throw new UpdateException("%s: want it done by the tool, got its %s%s"
                .formatted(
                        what,
                        error,
                        reason.isEmpty() ? "" : ", " + reason.substring(0, Math.min(MOST_SHOWN, reason.length()))));
    }
}

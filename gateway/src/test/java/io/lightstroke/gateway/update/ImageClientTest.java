package io.lightstroke.gateway.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.testing.FirmwareFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against SMP servers that answer rightly, wrongly, or not. */
class ImageClientTest {
    /** Answers each request at once, or not. */
    private static final class Server implements SmpLink {
        private final int room;
        private final Function<SmpMessage, Optional<SmpMessage>> answering;
        private final Queue<SmpMessage> answers = new ArrayDeque<>();
        private int sent;
        private int longest;

        Server(int mtu, Function<SmpMessage, Optional<SmpMessage>> answering) {
            room = mtu - 3;
            this.answering = answering;
        }

        @Override
        public int room() {
            return room;
        }

        @Override
        public void send(SmpMessage request) {
            sent++;
            if (request.body().path("off").asInt() > 0) {
                longest = Math.max(longest, request.encode().length);
            }
            answering.apply(request).ifPresent(answers::add);
        }

        @Override
        public Optional<SmpMessage> receive(Duration limit) {
            return Optional.ofNullable(answers.poll());
        }
    }

    private static FirmwareImage image(int size) throws Exception {
        return FirmwareImage.decode(FirmwareFiles.image(1, 2, 3, size));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 247, 517})
    void theWholeImageComesInOrder(int mtu) throws Exception {
        FirmwareImage image = image(3000);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        Server server = new Server(mtu, request -> {
            ObjectNode body = request.body();
            assertEquals(stored.size(), body.get("off").asInt());
            assertEquals(stored.size() == 0, body.has("len"));
            try {
                stored.writeBytes(body.get("data").binaryValue());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return Optional.of(request.answer(SmpMessage.newBody().put("off", stored.size())));
        });
        List<Integer> percents = new ArrayList<>();
        new ImageClient(server).upload(image, percents::add);
        assertArrayEquals(image.bytes(), stored.toByteArray());
        assertEquals(100, percents.get(percents.size() - 1));
        assertEquals(percents.stream().sorted().toList(), percents);
        assertTrue(server.longest <= Math.max(mtu - 3, 64), server.longest + " bytes of " + mtu);
    }

    @Test
    void aServerThatNeverGoesOnIsGivenUp() throws Exception {
        FirmwareImage image = image(3000);
        List<Function<SmpMessage, Optional<SmpMessage>>> ways = List.of(
                request -> Optional.empty(),
                request -> Optional.of(request.answer(SmpMessage.newBody().put("off", 0))),
                request -> Optional.of(request.answer(SmpMessage.newBody().put("off", 500))));
        for (Function<SmpMessage, Optional<SmpMessage>> answering : ways) {
            Server server = new Server(247, answering);
            assertThrows(LinkException.class, () -> new ImageClient(server).upload(image, percent -> {}));
            assertTrue(server.sent < 20, server.sent + " requests");
        }
    }

    @Test
    void anErrorOfEitherVersionIsSaid() throws Exception {
        ObjectNode grouped = SmpMessage.newBody();
        grouped.putObject("err").put("group", 1).put("rc", 10);
        assertUploadFails(
                "image upload: want it done by the tool, got its error 6, no slot",
                SmpMessage.newBody().put("rc", 6).put("rsn", "no slot"));
        assertUploadFails("image upload: want it done by the tool, got its error 10 of group 1", grouped);
        assertUploadFails("image upload: want an offset of 0..172, got {}", SmpMessage.newBody());
        assertUploadFails(
                "image upload: want the tool to hold what was sent, got another SHA-256",
                SmpMessage.newBody().put("off", 172).put("match", false));
    }

    private static void assertUploadFails(String error, ObjectNode answer) throws Exception {
        FirmwareImage image = image(100);
        ImageClient client = new ImageClient(new Server(247, request -> Optional.of(request.answer(answer))));
        assertEquals(
                error,
                assertThrows(UpdateException.class, () -> client.upload(image, percent -> {}))
                        .getMessage());
    }

    /** Whatever comes back: one of two declared exceptions, or an end, after a bounded number of requests. */
    @Property(tries = 300)
    void anyAnswers(@ForAll long seed, @ForAll @IntRange(min = 64, max = 517) int mtu) throws Exception {
        FirmwareImage image = image(2000);
        Random random = new Random(seed);
        Server server = new Server(mtu, request -> switch (random.nextInt(8)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(request.answer(SmpMessage.newBody().put("off", random.nextInt())));
            case 2 ->
                Optional.of(request.answer(SmpMessage.newBody().put("off", "x").put("rc", "y")));
            case 3 ->
                Optional.of(new SmpMessage(
                        3, 1, random.nextInt(256), 1, SmpMessage.newBody().put("off", random.nextInt(2000))));
            default -> Optional.of(request.answer(SmpMessage.newBody().put("off", random.nextInt(2072))));
        });
        ImageClient client = new ImageClient(server);
        endsAsDeclared(() -> client.upload(image, percent -> assertTrue(percent >= 0 && percent <= 100)));
        assertTrue(server.sent < 30_000, server.sent + " requests");
        endsAsDeclared(client::state);
        endsAsDeclared(client::confirm);
        endsAsDeclared(() -> client.test("00".repeat(32)));
        endsAsDeclared(client::reset);
    }

    private interface Step {
        void run() throws LinkException, UpdateException, InterruptedException;
    }

    private static void endsAsDeclared(Step step) throws InterruptedException {
        try {
            step.run();
        } catch (LinkException | UpdateException declared) {
            assertTrue(String.valueOf(declared.getMessage()).contains("want"), declared.getMessage());
        }
    }
}

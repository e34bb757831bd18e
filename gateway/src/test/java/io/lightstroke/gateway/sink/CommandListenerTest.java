package io.lightstroke.gateway.sink;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Topics;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the transport of commands owes, over a real broker; what they do is asked of the gateway as a whole elsewhere. */
@Needs(Program.MOSQUITTO)
class CommandListenerTest {
    private static final String SESSION = "20260301t093000-7f3a9c01";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Topics TOPICS = new Topics("home", "room");
    private static final String ROOT = "lightstroke/v1/home/room/";
    private static final String TARE = ROOT + "tool/left/cmd/tare";
    private static final String ANSWERS = "answers/eva";

    @TempDir
    Path folder;

    private Mosquitto mosquitto;
    private Program.Running broker;
    private CommandListener listener;
    private MqttCommander commander;
    /** Tool, name and payload of each that was done. */
    private final List<String> done = new CopyOnWriteArrayList<>();

    private final CountDownLatch goOn = new CountDownLatch(1);

    @BeforeEach
    void start() throws Exception {
        mosquitto = new Mosquitto(folder, "allow_anonymous true", "max_inflight_messages 1000");
        broker = mosquitto.start();
        listener = new CommandListener(mosquitto.server(), TOPICS, this::handle);
        commander = new MqttCommander(mosquitto.url(), null, null, ANSWERS);
        await().atMost(LIMIT).until(listener::listening);
    }

    /** {@code update} takes until {@link #goOn}. */
    private CommandAnswer handle(String tool, String name, byte[] payload) throws InterruptedException {
        done.add(tool + " " + name + " " + payload.length);
        if (name.equals("update")) {
            goOn.await();
        }
        return CommandAnswer.done(SESSION, null);
    }

    @AfterEach
    void stop() throws Exception {
        goOn.countDown();
        commander.close();
        listener.close();
        broker.close();
    }

    @Test
    void aCommandIsDoneAndAnswered() throws Exception {
        JsonNode answer = commander.ask(TARE, "{}");
        assertTrue(answer.get("ok").booleanValue());
        assertEquals(SESSION, answer.get("session").textValue());
        assertEquals(List.of("left tare 2"), done);
    }

    @Test
    void aRepeatIsAnsweredAgainAndNotDoneAgainAlsoAfterAReconnect() throws Exception {
        commander.send(TARE, "{}", "one", ANSWERS, false);
        await().atMost(LIMIT).until(() -> commander.answers("one").size() == 1);
        commander.send(TARE, "{}", "one", ANSWERS, false);
        await().atMost(LIMIT).until(() -> commander.answers("one").size() == 2);

        // The same name connects: the broker ends the listener's connection.
        MqttConnection.open(mosquitto.server(), "lightstroke-home-room-commands", null, MqttConnection.Patience.USUAL)
                .close();
        await().atMost(LIMIT).until(() -> !listener.listening());
        await().atMost(LIMIT).until(listener::listening);
        commander.send(TARE, "{}", "one", ANSWERS, false);
        await().atMost(LIMIT).until(() -> commander.answers("one").size() == 3);
        assertEquals(1, commander.answers("one").stream().distinct().count());
        assertEquals(1, done.size());

        commander.send(TARE, "{}", "two", ANSWERS, false);
        await().atMost(LIMIT).until(() -> commander.answers("two").size() == 1);
        assertEquals(2, done.size());
    }

    @Test
    void aRepeatOfOneThatIsBeingDoneGetsItsAnswer() throws Exception {
        commander.send(ROOT + "tool/left/cmd/update", "{}", "long", ANSWERS, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        commander.send(ROOT + "tool/left/cmd/update", "{}", "long", ANSWERS, false);
        // Another tool's command does not wait for it, and comes after the repeat.
        assertTrue(commander.ask(ROOT + "tool/right/cmd/tare", "{}").get("ok").booleanValue());
        assertEquals(List.of(), commander.answers("long"));
        goOn.countDown();
        await().atMost(LIMIT).until(() -> commander.answers("long").size() == 2);
        assertEquals(List.of("left update 2", "right tare 2"), done);
    }

    @Test
    void anAnswerThatWasDueWhileTheBrokerWasAwayComesOnceItIsBack() throws Exception {
        commander.send(ROOT + "tool/left/cmd/update", "{}", "long", ANSWERS, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        broker.kill();
        commander.close();
        await().atMost(LIMIT).until(() -> !listener.listening());
        goOn.countDown();
        broker = mosquitto.start();
        commander = new MqttCommander(mosquitto.url(), null, null, ANSWERS);
        await().atMost(LIMIT).until(listener::listening);
        commander.send(ROOT + "tool/left/cmd/update", "{}", "long", ANSWERS, false);
        await().atMost(LIMIT).until(() -> !commander.answers("long").isEmpty());
        assertEquals(1, done.size());
    }

    @Test
    void beyondTheSixtyFourThatWaitOneIsToldToComeAgain() throws Exception {
        commander.send(ROOT + "tool/left/cmd/update", "{}", "first", ANSWERS, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        for (int i = 0; i < 70; i++) {
            commander.send(TARE, "{}", "flood-" + i, ANSWERS, false);
        }
        await().atMost(LIMIT).until(() -> !commander.answers("flood-69").isEmpty());
        for (int i = 64; i < 70; i++) {
            assertEquals("command: want at most 64 that wait, got one more; send it again", refusal("flood-" + i));
        }
        goOn.countDown();
        await().atMost(LIMIT).until(() -> !commander.answers("flood-63").isEmpty());
        assertEquals(65, done.size());
        // Sent again as it was told, with the same correlation.
        commander.send(TARE, "{}", "flood-69", ANSWERS, false);
        await().atMost(LIMIT).until(() -> commander.answers("flood-69").size() == 2);
        assertEquals(66, done.size());
    }

    @Test
    void whatIsBeingDoneIsAnsweredBeforeTheListenerCloses() throws Exception {
        commander.send(ROOT + "tool/left/cmd/update", "{}", "last", ANSWERS, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        Thread closing = new Thread(listener::close, "closing");
        closing.start();
        goOn.countDown();
        await().atMost(LIMIT).until(() -> !commander.answers("last").isEmpty());
        closing.join();
    }

    @Test
    void oneThatWaitedLongerThanItIsValidIsRefusedThoughTheOneBeforeItGoesOn() throws Exception {
        commander.send(ROOT + "tool/left/cmd/update", "{}", "first", ANSWERS, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        commander.send(TARE, "{}", "late", ANSWERS, false, 1);
        commander.send(TARE, "{}", "late", ANSWERS, false, 1);
        await().atMost(LIMIT).until(() -> commander.answers("late").size() == 2);
        assertTrue(refusal("late").startsWith("command: want its turn within 1000 ms, got none after "));
        assertEquals(List.of(), commander.answers("first"));
        goOn.countDown();
        await().atMost(LIMIT).until(() -> !commander.answers("first").isEmpty());
        assertTrue(commander.ask(TARE, "{}").get("ok").booleanValue());
        assertEquals(List.of("left update 2", "left tare 2"), done);
    }

    @Test
    void aRetainedOneIsRefusedAndCleared() throws Exception {
        commander.send(TARE, "{}", "retained", ANSWERS, true);
        await().atMost(LIMIT).until(() -> !commander.answers("retained").isEmpty());
        assertEquals("command: want one that is not retained, got a retained one", refusal("retained"));
        assertEquals(List.of(), done);
        try (MqttSubscriber later = new MqttSubscriber(mosquitto.url(), null, null, ROOT + "#")) {
            commander.ask(ROOT + "tool/left/cmd/identify", "{}");
            await().atMost(LIMIT)
                    .until(() ->
                            !later.received(ROOT + "tool/left/cmd/identify").isEmpty());
            assertEquals(List.of(), later.received(TARE));
        }
    }

    @Test
    void anOversizeOneIsRefusedWithItsSize() throws Exception {
        assertEquals(List.of(), done);
        String large = "x".repeat(16 * 1024 + 1);
        commander.send(TARE, large, "large", ANSWERS, false);
        await().atMost(LIMIT).until(() -> !commander.answers("large").isEmpty());
        assertEquals("command: want at most 16384 bytes, got 16385", refusal("large"));
        // One of more than 1 MiB the broker itself does not pass on.
        commander.send(TARE, "x".repeat(1024 * 1024), "huge", ANSWERS, false);
        commander.ask(TARE, "{}");
        assertEquals(List.of(), commander.answers("huge"));
        assertEquals(List.of("left tare 2"), done);
        assertTrue(listener.listening());
    }

    @Test
    void withoutAResponseTopicItIsDoneAndNobodyIsAnswered() throws Exception {
        commander.send(TARE, "{}", "silent", null, false);
        await().atMost(LIMIT).until(() -> done.size() == 1);
        commander.ask(TARE, "{}");
        assertEquals(List.of(), commander.answers("silent"));
    }

    @Test
    void whereAnswersMustNotGoItIsNotDone() throws Exception {
        try (MqttSubscriber all = new MqttSubscriber(mosquitto.url(), null, null, "#")) {
            for (String topic : List.of(
                    ROOT + "status", ROOT + "tool/left/samples", TARE, "lightstroke/v1/other/room/answer/eva")) {
                commander.send(TARE, "{}", "astray", topic, false);
            }
            commander.send(TARE, "{}", "well", ROOT + "answer/eva", false);
            await().atMost(LIMIT).until(() -> done.size() == 1);
            await().atMost(LIMIT).until(() -> !all.received(ROOT + "answer/eva").isEmpty());
            assertEquals(List.of(), all.received(ROOT + "status"));
            assertEquals(List.of(), all.received("lightstroke/v1/other/room/answer/eva"));
            assertEquals(5, all.received(TARE).size());
            assertEquals(1, done.size());
        }
    }

    @Test
    void anUnexpectedFailureIsAnsweredAndTheNextOneIsDone() throws Exception {
        listener.close();
        try (CommandListener failing = new CommandListener(mosquitto.server(), TOPICS, (tool, name, payload) -> {
            throw new IllegalStateException("a bug");
        })) {
            await().atMost(LIMIT).until(failing::listening);
            for (int i = 0; i < 2; i++) {
                JsonNode answer = commander.ask(TARE, "{}");
                assertFalse(answer.get("ok").booleanValue());
                assertEquals(
                        "command: want it done, got an unexpected failure; see the gateway's log",
                        answer.get("error").textValue());
            }
        }
    }

    private @Nullable String refusal(String correlation) {
        JsonNode answer = commander.answers(correlation).get(0).json();
        assertFalse(answer.get("ok").booleanValue());
        return answer.get("error").textValue();
    }
}

package io.lightstroke.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Holds the messages that a test sees against the {@link MessageContract}. What was wrong is thrown at the end, so that
 * the test fails. Thread-safe.
 */
public final class MessageWitness implements AutoCloseable {
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    public void saw(MessageContract.Message message) {
        remember(message, MessageContract.PUBLISHED.mistakes(message));
    }

    /** On the response topic of a command. */
    public void sawAnswer(MessageContract.Message message) {
        remember(message, MessageContract.PUBLISHED.answerMistakes(message));
    }

    /** A command that the gateway has accepted. */
    public void sawAccepted(MessageContract.Message command) {
        String topic = command.topic();
        remember(
                command,
                MessageContract.PUBLISHED.commandMistakes(
                        topic.substring(topic.lastIndexOf('/') + 1), command.payload()));
    }

    private void remember(MessageContract.Message message, List<String> mistakes) {
        if (!mistakes.isEmpty()) {
            wrong.add("%s %s%n  %s"
                    .formatted(message.topic(), new String(message.payload(), UTF_8), String.join("\n  ", mistakes)));
        }
    }

    /** @throws AssertionError when a message was not as it should be */
    @Override
    public void close() {
        if (!wrong.isEmpty()) {
            throw new AssertionError(
                    "%d messages are not as asyncapi.yaml says. The first: %s".formatted(wrong.size(), wrong.peek()));
        }
    }
}

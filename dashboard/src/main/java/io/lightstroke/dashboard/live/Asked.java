package io.lightstroke.dashboard.live;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lightstroke.dashboard.live.UnansweredException.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/** The commands that wait for their answers on one topic. Thread-safe. */
final class Asked {
    /** A gateway that has not begun with it by then refuses it. */
    private static final long EXPIRY_S = 10;
    /** Some commands take a gateway a few seconds. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final int NO_SUBSCRIBERS = 0x10;
    private static final int FIRST_ERROR = 0x80;

    /** Of the answers. */
    final String topic;

    private final Map<String, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();

    /** @param user at the broker, whose access list may know the topic by it; null: none */
    Asked(@Nullable String user) {
        topic = "answers/" + (user == null ? "dashboard" : user) + "/" + UUID.randomUUID();
    }

    /** The gateway's answer, or an {@link UnansweredException}. */
    CompletableFuture<String> ask(MqttAsyncClient client, String command, String json, Duration limit) {
        String name = UUID.randomUUID().toString();
        CompletableFuture<String> answer = new CompletableFuture<>();
        waiting.put(name, answer);
        MqttProperties properties = new MqttProperties();
        properties.setContentType("application/json");
        properties.setResponseTopic(topic);
        properties.setCorrelationData(name.getBytes(US_ASCII));
        properties.setMessageExpiryInterval(EXPIRY_S);
        try {
            client.publish(
                    command,
                    new MqttMessage(json.getBytes(UTF_8), 1, false, properties),
                    null,
                    new MqttActionListener() {
                        @Override
                        public void onSuccess(IMqttToken token) {
                            int[] reasons = token.getReasonCodes();
                            int reason = reasons == null || reasons.length == 0 ? 0 : reasons[0];
                            if (reason >= FIRST_ERROR) {
                                fail(answer, Reason.FORBIDDEN, "the broker answers " + reason);
                            } else if (reason == NO_SUBSCRIBERS) {
                                fail(answer, Reason.UNHEARD, "nobody has subscribed to " + command);
                            }
                        }

                        @Override
                        public void onFailure(IMqttToken token, Throwable cause) {
                            fail(answer, Reason.SILENT, Problem.of(cause).words());
                        }
                    });
        } catch (MqttException e) {
            fail(answer, Reason.BROKER, Problem.of(e).words());
        }
        CompletableFuture.delayedExecutor(limit.toSeconds(), TimeUnit.SECONDS)
                .execute(() -> fail(answer, Reason.SILENT, "no answer within %d s".formatted(limit.toSeconds())));
        return answer.whenComplete((text, e) -> waiting.remove(name));
    }

    void answered(byte @Nullable [] correlation, String text) {
        CompletableFuture<String> answer = correlation == null ? null : waiting.get(new String(correlation, US_ASCII));
        if (answer != null) {
            answer.complete(text);
        }
    }

    /** Their answers do not come any more. */
    void lost() {
        waiting.values().forEach(answer -> fail(answer, Reason.SILENT, "the connection to the broker was lost"));
    }

    private static void fail(CompletableFuture<String> answer, Reason reason, String why) {
        answer.completeExceptionally(new UnansweredException(reason, why));
    }
}

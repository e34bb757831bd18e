package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a gateway stands. Retained; the broker itself sends {@link State#LOST} as the last will.
 *
 * @param run drawn at each connection to the broker, the same in the birth message and its will: a will that arrives
 *     after a newer birth is known as old
 * @param time when it was said; absent in a will, which is written before its time comes
 * @param software version of the gateway
 */
public record GatewayStatus(
        @JsonProperty("v") int v,
        State state,
        long run,
        @Nullable Instant time,
        String software) {
    public enum State {
        INIT,
        READY,
        DISCONNECTED,
        LOST;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public GatewayStatus(State state, long run, @Nullable Instant time, String software) {
        this(1, state, run, time, software);
    }
}

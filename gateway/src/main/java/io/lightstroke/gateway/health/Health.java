package io.lightstroke.gateway.health;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.ToolStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a gateway stands at one moment; as JSON it is what {@code /health} answers. Holds no secret.
 *
 * @param reasons why it is not ready; empty when it is
 * @param instance drawn at each start: tells this run from another one at the same address
 * @param topics root of its MQTT topics
 * @param commandsHeard whether a command that is sent now is heard
 * @param clockSynchronised whether a time server keeps the host's clock; absent when the host does not say
 */
public record Health(
        @JsonProperty("v") int v,
        Status status,
        List<Reason> reasons,
        Instant time,
        String instance,
        String software,
        String topics,
        long uptimeS,
        Link link,
        List<Tool> tools,
        List<Sink> sinks,
        Journal journal,
        Live live,
        boolean commandsHeard,
        @Nullable Boolean clockSynchronised) {
    public enum Status {
        /** Some things are not there yet, and have had no time to be. */
        STARTING,
        /** All is known to be well. */
        READY,
        /** It goes on, and something is not well, or not known. */
        DEGRADED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One thing that is not well.
     *
     * @param part for example {@code tool/tool-1}, {@code sink/influx}, {@code journal}
     * @param code stays the same from version to version; the documentation lists them
     * @param words for people
     */
    public record Reason(String part, String code, String words) {}

    /**
     * @param link how tools are reached, as in the configuration
     * @param problem why none can be at all, for example for want of an adapter; absent when some can
     */
    public record Link(String link, @Nullable String problem) {}

    /**
     * @param status as it is published
     * @param failure why it could not be reached at the last attempt; absent while it is
     * @param backfill of its stored records; absent while none are awaited
     */
    public record Tool(
            String tool,
            ToolStatus status,
            @Nullable String failure,
            @Nullable Progress backfill) {}

    /**
     * @param problem why it does not deliver; absent while it does
     * @param proven something has been delivered since the start
     * @param behindS for how long it has not kept up
     * @param oldestPending when that was measured or found which is to be delivered next; absent when nothing is
     * @param catchUp absent while it keeps up
     * @param setAsideSinceStart records that the other side refused for good
     * @param accounts by kind of record
     */
    public record Sink(
            String sink,
            @Nullable String problem,
            boolean proven,
            double behindS,
            @Nullable Instant oldestPending,
            @Nullable Progress catchUp,
            long setAsideSinceStart,
            Map<String, SinkAccount> accounts) {}

    /**
     * @param problem in its own words; absent when there is none
     * @param takesNothingS for how long it has committed nothing although samples wait
     * @param fileBytes with its write-ahead log
     * @param diskFreeBytes absent when the host does not say
     */
    public record Journal(
            @Nullable String problem,
            double takesNothingS,
            long fileBytes,
            @Nullable Long diskFreeBytes) {}

    /**
     * @param problem why nothing is published at present; absent while it is
     * @param droppedFrames since the start, because too many waited
     */
    public record Live(@Nullable String problem, long droppedFrames) {}
}

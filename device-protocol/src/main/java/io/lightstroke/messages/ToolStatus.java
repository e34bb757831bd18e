package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a tool stands. Retained; sent on every change and at least every 5 s.
 *
 * @param alerts what a person should know now, for example {@code untared}
 * @param batteryPercent 0–100; absent when unknown
 * @param backfilling stored records of the tool are being read
 * @param update of the tool's firmware, which runs; absent while none does
 * @param recovery how often each step was taken since the start to reach the tool again; those never taken are left out
 * @param lastFrameAgeMs age of the newest valid frame at {@code time}; absent before the first
 */
public record ToolStatus(
        @JsonProperty("v") int v,
        Instant time,
        Link link,
        boolean backfilling,
        List<String> alerts,
        @Nullable Integer batteryPercent,
        @Nullable Long lastFrameAgeMs,
        @Nullable Update update,
        Map<String, Long> recovery,
        Accounting accounting) {
    /**
     * How far an update is.
     *
     * @param file name of the image
     * @param percent 0–100, of the image on the tool
     */
    public record Update(String file, Step step, int percent) {
        /** What is done now. */
        public enum Step {
            CHECKING,
            UPLOADING,
            RESTARTING,
            CONFIRMING;

            @JsonValue
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /** Whether the tool can be reached. */
    public enum Link {
        ABSENT,
        CONNECTING,
        RESOLVING,
        STREAMING,
        LOST;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

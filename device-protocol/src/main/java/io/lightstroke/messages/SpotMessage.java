package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One spot that was worked on: contacts with no more than 3 s between them; from the journal. QoS 1; the same {@code id}
 * with a higher {@code revision} replaces it.
 *
 * @param id {@code tool-boot-first}, unique for ever
 * @param valid false: an earlier revision named a spot that is none
 * @param person pseudonym; null when unassigned
 * @param mark {@code tender}, {@code hardened}, {@code restricted}, as the person marked it; null when not marked
 * @param dwellS from the first contact to the last
 * @param contactS of it in contact
 * @param interrupted the samples stopped in it
 */
public record SpotMessage(
        @JsonProperty("v") int v,
        String id,
        int revision,
        boolean valid,
        @Nullable String session,
        @Nullable String person,
        @Nullable String region,
        @Nullable String side,
        String phase,
        @Nullable String mark,
        long boot,
        long first,
        long last,
        Instant time,
        double dwellS,
        double contactS,
        int strokes,
        @JsonProperty("peak_N") double peakN,
        boolean interrupted,
        int engineVersion) {}

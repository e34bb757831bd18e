package io.lightstroke.gateway.health;

import org.jspecify.annotations.Nullable;

/**
 * How far a backlog has been worked off.
 *
 * @param left what is still to come
 * @param most the most that was left since it began
 * @param percent of {@code most} that is done
 * @param leftS seconds until it is over at the present pace; absent while it does not shrink
 */
public record Progress(
        long left, long most, int percent, @Nullable Long leftS) {
    /** For people: {@code 43 %, 1200 left, about 20 s}. */
    public String words() {
        return "%d %%, %d left%s".formatted(percent, left, leftS == null ? "" : ", about " + leftS + " s");
    }
}

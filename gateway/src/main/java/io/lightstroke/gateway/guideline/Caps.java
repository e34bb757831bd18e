package io.lightstroke.gateway.guideline;

/**
 * The longest times, seconds.
 *
 * @param spotPromptS on one spot, then a prompt
 * @param spotS on one spot, then on to the next
 */
public record Caps(int spotPromptS, int spotS, int areaS, int sessionS) {
    public Caps {
        if (!(0 < spotPromptS && spotPromptS < spotS && spotS <= areaS && areaS <= sessionS)) {
            throw new IllegalArgumentException("caps: want 0 < prompt < spot <= area <= session, got %d, %d, %d, %d s"
                    .formatted(spotPromptS, spotS, areaS, sessionS));
        }
    }
}

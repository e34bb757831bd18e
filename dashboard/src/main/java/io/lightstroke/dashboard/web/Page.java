package io.lightstroke.dashboard.web;

import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import java.time.ZoneId;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What every page is made with.
 *
 * @param build changes with the pages
 * @param csrf what the page's commands must bear
 * @param path of the page
 */
public record Page(Texts texts, String build, String csrf, String path) {
    /** In the time zone of this machine. */
    public Formats formats() {
        return new Formats(texts.language(), ZoneId.systemDefault());
    }

    /** In the page's language where it knows the word, else the word. */
    public String wordOf(String family, String word) {
        return texts.find(family + "." + word).orElse(word);
    }

    public String area(String region, @Nullable String side) {
        return side == null
                ? wordOf("region", region)
                : text("practice.area.of")
                        .replace("{region}", wordOf("region", region))
                        .replace("{side}", wordOf("side", side));
    }

    /** Each area that was worked on, once. */
    public String areas(SessionMessage summary) {
        return summary.areas().stream()
                .filter(area -> area.region() != null)
                .map(area -> area(Objects.requireNonNull(area.region()), area.side()))
                .distinct()
                .collect(Collectors.joining(" · "));
    }

    /** Those of the session's first area, for a chart. */
    public String limits(SessionMessage summary) {
        return summary.areas().isEmpty()
                ? "{}"
                : Json.text(summary.areas().get(0).limits());
    }

    public String text(String key) {
        return texts.get(key);
    }

    public String language() {
        return texts.language();
    }
}

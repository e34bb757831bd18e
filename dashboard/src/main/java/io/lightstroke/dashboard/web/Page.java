package io.lightstroke.dashboard.web;

import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.web.RecordsApi.OneCheckIn;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What every page is made with.
 *
 * @param build changes with the pages
 * @param csrf what the page's commands must bear
 * @param path of the page
 * @param query what was asked of it, as it stands in its address, without the language
 */
public record Page(Texts texts, String build, String csrf, String path, String query) {
    /** The same in the other language. */
    public String otherLanguage() {
        return "?" + (query.isEmpty() ? "" : query + "&") + "language=" + text("language.other");
    }

    /** In the time zone of this machine. */
    public Formats formats() {
        return formats(ZoneId.systemDefault());
    }

    public Formats formats(ZoneId zone) {
        return new Formats(texts.language(), zone);
    }

    /** In the page's language where it knows the word, else the word. */
    public String wordOf(String family, String word) {
        return texts.find(family + "." + word).orElse(word);
    }

    /** In the page's language where it knows the id, else by the name that the guideline gives it. */
    public String wordOf(String family, String id, String name) {
        return texts.find(family + "." + id).orElse(name);
    }

    public String area(String region, @Nullable String side) {
        return side == null
                ? wordOf("region", region)
                : text("practice.area.of", "region", wordOf("region", region), "side", wordOf("side", side));
    }

    /** Each area that was worked on, once. */
    public String areas(List<SessionMessage> summaries) {
        return summaries.stream()
                .flatMap(summary -> summary.areas().stream())
                .filter(area -> area.region() != null)
                .map(area -> area(Objects.requireNonNull(area.region()), area.side()))
                .distinct()
                .collect(Collectors.joining(" · "));
    }

    public String areas(Collection<Area> areas) {
        return areas.stream()
                .map(each -> area(each.region(), each.side()))
                .sorted()
                .collect(Collectors.joining(" · "));
    }

    /** What is left by a check-in. */
    public String signs(OneCheckIn said) {
        return said.clear()
                ? text("practice.gone")
                : Arrays.stream(People.Sign.values())
                        .filter(sign -> sign.isLeft(said))
                        .map(sign -> text("practice.left." + sign.word()))
                        .collect(Collectors.joining(" · "));
    }

    /** Those of the session's first area, for a chart. */
    public String limits(SessionMessage summary) {
        return summary.areas().isEmpty()
                ? "{}"
                : Json.text(summary.areas().get(0).limits());
    }

    /** @param namesAndValues each {@code {name}} in the text is replaced by the value that follows the name */
    public String text(String key, Object... namesAndValues) {
        String words = texts.get(key);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            words = words.replace("{" + namesAndValues[i] + "}", String.valueOf(namesAndValues[i + 1]));
        }
        return words;
    }

    public String language() {
        return texts.language();
    }
}

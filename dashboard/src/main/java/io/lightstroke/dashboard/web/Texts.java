package io.lightstroke.dashboard.web;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All words that people read on the pages, one file a language; the pages' scripts load the same file. Immutable. */
public final class Texts {
    /** The first is spoken to whoever speaks none of them. */
    static final List<String> LANGUAGES = List.of("en", "de");

    private final String language;
    private final Map<String, String> words;

    Texts(String language, byte[] json) {
        this.language = language;
        try {
            words = new JsonMapper().readValue(json, new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(file(language), e);
        }
    }

    static String file(String language) {
        return "texts." + language + ".json";
    }

    /** The one that suits best. */
    static String languageFor(@Nullable String acceptLanguage) {
        try {
            Locale best = Locale.lookup(
                    LanguageRange.parse(acceptLanguage == null ? "" : acceptLanguage),
                    LANGUAGES.stream().map(Locale::forLanguageTag).toList());
            return best == null ? LANGUAGES.get(0) : best.getLanguage();
        } catch (IllegalArgumentException e) {
            return LANGUAGES.get(0); // no list of languages
        }
    }

    public String language() {
        return language;
    }

    Optional<String> find(String key) {
        return Optional.ofNullable(words.get(key));
    }

    public String get(String key) {
        String text = words.get(key);
        if (text == null) {
            throw new IllegalArgumentException("no text \"" + key + "\" in " + file(language));
        }
        return text;
    }
}

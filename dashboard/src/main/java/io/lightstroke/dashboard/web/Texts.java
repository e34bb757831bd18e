package io.lightstroke.dashboard.web;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** All words that people read on the pages, one file a language; the pages' scripts load the same file. Immutable. */
public final class Texts {
    static final String FILE = "texts.en.json";

    private final Map<String, String> words;

    Texts(byte[] json) {
        try {
            words = new JsonMapper().readValue(json, new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    public String get(String key) {
        String text = words.get(key);
        if (text == null) {
            throw new IllegalArgumentException("no text \"" + key + "\" in " + FILE);
        }
        return text;
    }
}

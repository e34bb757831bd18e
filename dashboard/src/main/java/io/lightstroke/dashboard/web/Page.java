package io.lightstroke.dashboard.web;

/**
 * What every page is made with.
 *
 * @param build changes with the pages
 * @param csrf what the page's commands must bear
 * @param path of the page
 */
public record Page(Texts texts, String build, String csrf, String path) {
    public String text(String key) {
        return texts.get(key);
    }

    public String language() {
        return texts.language();
    }
}

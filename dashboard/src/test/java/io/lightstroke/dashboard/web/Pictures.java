package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Pictures of pages, in target/look: on a phone and on a desk, light and dark. */
final class Pictures {
    private static final Path FOLDER = Path.of("target", "look");
    private static final Map<String, int[]> SIZES =
            Map.of("phone", new int[] {390, 844}, "desktop", new int[] {1280, 900});

    private Pictures() {}

    /** In none of them it scrolls sideways. */
    static void of(Page page, String name) {
        SIZES.forEach((size, pixels) -> {
            page.setViewportSize(pixels[0], pixels[1]);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                String picture = "%s-%s-%s".formatted(name, size, scheme.name().toLowerCase(Locale.ROOT));
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.waitForTimeout(400); // charts are drawn anew
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(FOLDER.resolve(picture + ".png"))
                        .setFullPage(true));
                assertEquals(true, page.evaluate("document.documentElement.scrollWidth <= innerWidth"), picture);
            }
        });
    }
}

package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.lightstroke.gateway.conform.Conformance;
import io.lightstroke.gateway.conform.Rule;
import io.lightstroke.gateway.conform.Verdict;
import io.lightstroke.gateway.conform.Verdict.Status;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page that {@code lightstroke conform --html} writes; its pictures are in target/screenshots. */
@Needs(Program.CHROMIUM)
class ConformancePageTest {
    @Test
    void isReadInBothSchemesAndOnAPhone() {
        List<Verdict> verdicts = Arrays.stream(Rule.values())
                .map(rule -> new Verdict(
                        rule,
                        Status.values()[rule.ordinal() % 7 == 0 ? 0 : rule.ordinal() % 11 == 0 ? 2 : 1],
                        rule.ordinal() % 7 == 0 ? "<b>seen</b>: " + "0101".repeat(60) : "seen 12 times"))
                .toList();
        StringOutput html = new StringOutput();
        TemplateEngine.createPrecompiled(ContentType.Html)
                .render("conformance.jte", new Conformance("Lightstroke <1>, in virtual time", verdicts), html);
        try (Chromium chromium = new Chromium()) {
            Page page = chromium.browser.newPage();
            page.setContent(html.toString());
            for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                for (int width : new int[] {1280, 390}) {
                    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                    page.setViewportSize(width, 900);
                    assertEquals(List.of(), Chromium.violations(page));
                    assertEquals(width, page.evaluate("document.documentElement.scrollWidth"), "nothing sticks out");
                    page.screenshot(new Page.ScreenshotOptions()
                            .setPath(Path.of(
                                    "target", "screenshots", "conformance-%s-%d.png".formatted(scheme, width))));
                }
            }
            assertEquals(
                    "Lightstroke <1>, in virtual time, held against the rules of docs/protocol.md",
                    page.textContent(".tool"));
            assertEquals(Rule.values().length, page.locator("tbody tr").count());
        }
    }
}

package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.ToolStatus.Link;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of the page in all its states, in target/screenshots; nothing may stick out of its place, and axe finds nothing. */
@Needs({Program.MOSQUITTO, Program.CHROMIUM})
class LookTest {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final Duration PAST = Duration.ofSeconds(9);
    private static final int[] TABLET = {1280, 800};
    private static final int[] PHONE = {390, 844};
    private static final int[] UPRIGHT = {800, 1280};

    private @TempDir Path folder;
    private Stage stage;
    private Feeder feeder;
    private Chromium chromium;
    private Page page;

    @BeforeEach
    void start() throws Exception {
        stage = new Stage(folder);
        feeder = stage.feeder;
        chromium = new Chromium();
        page = chromium.browser.newPage();
        page.navigate(stage.dashboard().address().toString());
        page.waitForSelector("[data-line=live]");
    }

    @AfterEach
    void stop() throws Exception {
        chromium.close();
        stage.close();
    }

    @Test
    void oneTwoFourTools() throws Exception {
        feeder.gateway(GatewayStatus.State.READY);
        picture("empty", TABLET, ColorScheme.LIGHT);

        Feeder.Tool calf = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        calf.press(settlesAt(Feeder.strokes(5.2, 0), 4.8), PAST);
        page.waitForTimeout(1_000);
        picture("one-moderate", TABLET, ColorScheme.LIGHT);
        picture("one-moderate-dark", TABLET, ColorScheme.DARK);
        picture("one-moderate-phone", PHONE, ColorScheme.LIGHT);

        Feeder.Tool second = feeder.tool("tool-b", "Shoulder tool", Link.STREAMING);
        second.press(settlesAt(Feeder.strokes(8.2, 0.4), 10.3), PAST);
        page.waitForTimeout(1_000);
        picture("two-too-deep", TABLET, ColorScheme.LIGHT);
        picture("two-too-deep-dark", TABLET, ColorScheme.DARK);
        picture("two-phone", PHONE, ColorScheme.DARK);
        picture("two-upright", UPRIGHT, ColorScheme.LIGHT);

        Feeder.Tool third = feeder.tool("tool-c", "Left forearm", Link.STREAMING);
        third.press(settlesAt(Feeder.strokes(13, 0.4), 15.1), PAST);
        page.waitForTimeout(500);
        picture("three", TABLET, ColorScheme.LIGHT);
        calf.press(settlesAt(Feeder.strokes(4, 0), 1.8));
        Feeder.Tool fourth = feeder.tool("tool-d", "Practice tool", Link.STREAMING);
        fourth.press(settlesAt(Feeder.strokes(6.3, 0.9), 7.7), PAST);
        fourth.status(Link.STREAMING, 11, "untared");
        page.waitForTimeout(1_000);
        picture("four", TABLET, ColorScheme.LIGHT);
        picture("four-dark", TABLET, ColorScheme.DARK);

        calf.stop();
        second.sayZone("sideways");
        third.press(0.1);
        fourth.stop();
        fourth.status(Link.LOST, null);
        page.waitForTimeout(2_000);
        picture("four-unknown-nodata", TABLET, ColorScheme.LIGHT);
        picture("four-unknown-nodata-dark", TABLET, ColorScheme.DARK);
        picture("four-phone", PHONE, ColorScheme.LIGHT);

        stage.killBroker();
        page.waitForSelector("[data-line=broker]");
        picture("four-no-broker", TABLET, ColorScheme.LIGHT);
        page.reload();
        page.waitForSelector("[data-line=broker]");
        picture("no-broker", TABLET, ColorScheme.DARK);
        page.navigate(stage.dashboard().address().resolve("/nowhere").toString());
        picture("not-found", PHONE, ColorScheme.LIGHT);
    }

    /** WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 : 1 to what is behind it, in both schemes. */
    @Test
    void everyTextHasContrast() {
        String[][] inkOnPaper = {
            {"--zone-none-ink", "--zone-none"},
            {"--zone-light-ink", "--zone-light"},
            {"--zone-moderate-ink", "--zone-moderate"},
            {"--zone-firm-ink", "--zone-firm"},
            {"--zone-too-deep-ink", "--zone-too-deep"},
            {"--zone-ceiling-ink", "--zone-ceiling"},
            {"--zone-unknown-ink", "--zone-unknown"},
            {"--zone-nodata-ink", "--zone-nodata"},
            {"--zone-nodata-ink", "--zone-nodata-hatch"},
            {"--ink", "--card"},
            {"--muted", "--card"},
            {"--muted", "--paper"},
            {"--good", "--card"},
            {"--good", "--paper"},
            {"--bad", "--card"},
            {"--bad", "--paper"},
            {"--focus", "--paper"},
            {"--limit-light", "--card"},
            {"--limit-moderate", "--card"},
            {"--limit-too-deep", "--card"},
            {"--limit-ceiling", "--card"}
        };
        for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            for (String[] pair : inkOnPaper) {
                double ink = luminance(pair[0]);
                double paper = luminance(pair[1]);
                double contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
                assertTrue(contrast >= 4.5, "%s on %s, %s: %.2f".formatted(pair[0], pair[1], scheme, contrast));
            }
        }
    }

    /** Colours are never the only sign, but no two zones look the same to anybody either. */
    @Test
    void zonesDifferForEveryColourVision() throws IOException {
        List<String> zones = List.of("none", "light", "moderate", "firm", "too-deep", "ceiling", "unknown", "nodata");
        CDPSession devtools = page.context().newCDPSession(page);
        for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            page.evaluate("""
                    zones => document.body.replaceChildren(...zones.map((zone, i) => {
                      const patch = document.createElement('div');
                      patch.style = `position: fixed; left: ${40 * i}px; top: 0; width: 40px; height: 40px; background: var(--zone-${zone})`;
                      return patch;
                    }))
                    """, zones);
            for (String deficiency : List.of("none", "protanopia", "deuteranopia", "tritanopia")) {
                JsonObject vision = new JsonObject();
                vision.addProperty("type", deficiency);
                devtools.send("Emulation.setEmulatedVisionDeficiency", vision);
                BufferedImage seen = ImageIO.read(new ByteArrayInputStream(page.screenshot()));
                for (int one = 0; one < zones.size(); one++) {
                    for (int other = 0; other < one; other++) {
                        double difference =
                                difference(seen.getRGB(40 * one + 20, 20), seen.getRGB(40 * other + 20, 20));
                        boolean bothHollow = zones.get(one).equals("nodata")
                                && zones.get(other).equals("none");
                        assertTrue(
                                bothHollow || difference > 10,
                                "%s and %s, %s, %s: %.1f"
                                        .formatted(zones.get(one), zones.get(other), scheme, deficiency, difference));
                    }
                }
            }
        }
    }

    /** CIE 1976, in its L*a*b* space: 2 can just be told apart side by side. */
    private static double difference(int one, int other) {
        double[] a = lab(one);
        double[] b = lab(other);
        return Math.sqrt(Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2) + Math.pow(a[2] - b[2], 2));
    }

    private static double[] lab(int rgb) {
        double r = linear(rgb >> 16 & 0xff);
        double g = linear(rgb >> 8 & 0xff);
        double b = linear(rgb & 0xff);
        double x = cubeRoot((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        double y = cubeRoot(0.2126 * r + 0.7152 * g + 0.0722 * b);
        double z = cubeRoot((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double cubeRoot(double t) {
        return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116.0;
    }

    private static double linear(int channel) {
        double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    private double luminance(String property) {
        String hex = (String) page.evaluate(
                "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", property);
        int rgb = Integer.parseInt(hex.substring(1), 16);
        return 0.2126 * linear(rgb >> 16 & 0xff) + 0.7152 * linear(rgb >> 8 & 0xff) + 0.0722 * linear(rgb & 0xff);
    }

    /** Strokes for as long as the picture's trace goes back, then a steady press, so that the zone is known. */
    private static DoubleUnaryOperator settlesAt(DoubleUnaryOperator strokes, double forceN) {
        return timeS -> timeS < 8.5 ? strokes.applyAsDouble(timeS) : forceN + 0.1 * Math.sin(timeS * 61);
    }

    private void picture(String name, int[] size, ColorScheme scheme) {
        page.setViewportSize(size[0], size[1]);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        page.waitForTimeout(300);
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
        assertEquals(List.of(), sticksOut(page), name);
        assertEquals(List.of(), Chromium.violations(page), name);
    }

    @SuppressWarnings("unchecked")
    private static List<String> sticksOut(Page page) {
        return (List<String>) page.evaluate("""
                () => [...document.querySelectorAll('.zone-word, .zone-note, .zone-force, .tool-head, .figures dd')]
                    .filter(e => {
                      const mine = e.getBoundingClientRect(), box = e.parentElement.closest('.zone, .tool').getBoundingClientRect();
                      return mine.width > 0 && (e.scrollWidth > e.clientWidth + 1 && e.className !== 'tool-head'
                          || mine.left < box.left || mine.right > box.right || mine.top < box.top - 1 || mine.bottom > box.bottom + 1);
                    }).map(e => e.className + ' ' + e.textContent)
                """);
    }
}

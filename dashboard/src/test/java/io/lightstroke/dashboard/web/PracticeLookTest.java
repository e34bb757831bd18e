package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus.Link;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures of the practice page in all its states, in target/look. In each of them nothing sticks out, all that is tapped
 * is 44 px or more, and axe finds nothing.
 */
@Needs({Program.MOSQUITTO, Program.CHROMIUM})
class PracticeLookTest {
    private static final Path PICTURES = Path.of("target", "look");
    private static final Map<String, int[]> SIZES = Map.of(
            "phone", new int[] {360, 740},
            "tablet", new int[] {820, 1180},
            "tablet-wide", new int[] {1180, 820},
            "desktop", new int[] {1440, 900});
    private static final String PERSON = "p-4711abcdefgh";
    private static final String SESSION = "20260301t093000-7f3a9c01";
    private static final ToolInfoMessage.Limits LIMITS =
            new ToolInfoMessage.Limits("lightstroke-1 calf standard", 3.0, 6.5, 9.0, 14.0);
    private static final Instant STARTED = Instant.parse("2026-03-01T09:30:00Z");

    private @TempDir Path folder;
    private Stage stage;
    private Feeder feeder;
    private Feeder.Tool tool;
    private Chromium chromium;
    private Page page;

    @BeforeEach
    void start() throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        stage = new Stage(folder);
        feeder = stage.feeder;
        feeder.gateway(GatewayStatus.State.READY);
        tool = feeder.tool("tool-a", "LS-1 0001", Link.STREAMING);
        chromium = new Chromium();
        page = chromium.browser.newPage();
        page.navigate(stage.dashboard()
                .address()
                .resolve("practice/clinic/pi-1/tool-a")
                .toString());
        tool.press(0.02);
        assertThat(page.locator("main")).hasAttribute("data-state", "before");
    }

    @AfterEach
    void stop() throws Exception {
        chromium.close();
        stage.close();
    }

    private static SessionStateMessage state(
            boolean paused, String phase, @Nullable Double spotS, double workedS, String... hints) {
        return new SessionStateMessage(
                1,
                SESSION,
                List.of("tool-a"),
                PERSON,
                STARTED,
                Instant.now(),
                "calf",
                "left",
                phase,
                paused,
                false,
                LIMITS,
                "lightstroke-1",
                31,
                40.2,
                workedS,
                spotS,
                15,
                900,
                List.of(hints),
                List.of(new SessionStateMessage.Area("calf", "left", workedS, 180, workedS > 180)));
    }

    private void say(SessionStateMessage state) throws Exception {
        feeder.retained(Feeder.TOPICS.sessionState("tool-a"), Json.bytes(state));
    }

    private static SessionMessage summary() {
        return summary(STARTED);
    }

    private static SessionMessage summary(Instant started) {
        SessionMessage.Figures calf =
                new SessionMessage.Figures(88, 0, 92.1, 33.1, 5.41, 17.2, 402.118, 91.3, 2, 0.94, null);
        SessionMessage.Figures back =
                new SessionMessage.Figures(46, 0, 51.7, 33.1, 4.1, 14.0, 180.2, 97.1, 0, 0.0, null);
        SessionMessage.Figures all =
                new SessionMessage.Figures(134, 0, 143.8, 33.1, 4.9, 16.0, 582.3, 93.2, 2, 0.94, null);
        return new SessionMessage(
                1,
                SESSION,
                1,
                List.of("tool-a"),
                PERSON,
                started,
                started.plusSeconds(412),
                "command",
                false,
                "standard",
                1.0,
                0,
                412.0,
                277.3,
                900,
                false,
                1,
                all,
                1.5,
                5,
                3,
                true,
                true,
                99.98,
                11,
                31.2,
                44.9,
                100.0,
                134,
                "lightstroke-1",
                "36917990a09c7a875357aef0b9c75441125f515e095cb9b0a5b1bcbb43f9536b",
                2,
                List.of(
                        new SessionMessage.Area(
                                "calf",
                                "left",
                                started,
                                LIMITS,
                                187.1,
                                180,
                                true,
                                calf,
                                List.of(
                                        new SessionMessage.Spot("tool-a-5eed0003-12316", 12.06, "tender"),
                                        new SessionMessage.Spot("tool-a-5eed0003-14316", 9.1, null))),
                        new SessionMessage.Area(
                                "mid-back",
                                "right",
                                started.plusSeconds(260),
                                LIMITS,
                                90.2,
                                180,
                                false,
                                back,
                                List.of(new SessionMessage.Spot("tool-a-5eed0003-22316", 14.0, "hardened")))));
    }

    @Test
    void before() throws Exception {
        pictures("before-empty");
        for (String words : List.of("Calf", "left", "Oil or lotion", "Pregnancy")) {
            page.locator(".chip:visible", new Page.LocatorOptions().setHasText(words))
                    .first()
                    .click();
        }
        tool.status(Link.STREAMING, 9, "untared", "limits-differ");
        pictures("before-filled");
        page.locator(".body-not summary").first().click();
        tool.status(Link.LOST, null);
        tool.stop();
        page.locator("[data-part=toolState][data-ready=false]").waitFor();
        pictures("before-not-ready");
    }

    /** After a session two hours ago, and with a bruise. */
    @Test
    void beforeItsTime() throws Exception {
        ApiClient api = kept();
        SessionMessage held = summary(Instant.now().minusSeconds(7200));
        feeder.publish(Feeder.TOPICS.finding("tool-a", "session"), Json.bytes(held));
        await().until(() ->
                !api.get("/api/people/" + PERSON + "/sessions").body().isEmpty());
        api.done(
                "POST",
                "/api/people/" + PERSON + "/check-ins",
                "{\"redness\":false,\"warmth\":false,\"soreness\":true,\"bruise\":true,\"darker\":false}");
        page.reload();
        assertThat(page.locator("main")).hasAttribute("data-state", "before");
        for (String words : List.of("Calf", "left", "Oil or lotion", "Pregnancy")) {
            page.locator(".chip:visible", new Page.LocatorOptions().setHasText(words))
                    .first()
                    .click();
        }
        page.locator("[data-part=left] .chip").nth(3).click();
        page.locator("[data-part=allowRow] summary").click();
        pictures("before-its-time");
    }

    private ApiClient kept() throws Exception {
        ApiClient api = new ApiClient(stage.dashboard());
        api.done("POST", "/api/people", ApiClient.json(Map.of("id", PERSON, "name", "Eva Beispiel")));
        return api;
    }

    @Test
    void during() throws Exception {
        say(state(false, "assess", null, 12));
        assertThat(page.locator("main")).hasAttribute("data-state", "during");
        pictures("during-no-contact");
        tool.press(timeS -> 5.1 + 0.2 * Math.sin(timeS * 61));
        say(state(false, "treat", 6.3, 40));
        zone("moderate");
        pictures("during-moderate");
        say(state(false, "treat", 12.1, 46));
        pictures("during-nearly");
        tool.press(7.6);
        say(state(false, "treat", 17.2, 190, "spot-cap", "area-cap"));
        zone("firm");
        pictures("during-move-on");
        tool.press(10.2);
        zone("too-deep");
        pictures("during-too-deep");
        tool.press(15.1);
        zone("ceiling");
        pictures("during-ceiling");
        tool.press(2.0);
        zone("light");
        say(state(true, "treat", null, 60));
        pictures("during-paused");
        page.locator("[data-part=stop]").click();
        pictures("during-stopping");
        page.keyboard().press("Escape");
        page.locator("[data-part=otherArea]").click();
        pictures("during-other-area");
        page.keyboard().press("Escape");
        tool.stop();
        tool.status(Link.LOST, null);
        zone("nodata");
        pictures("during-no-data");
    }

    @Test
    void after() throws Exception {
        kept();
        page.reload();
        say(state(false, "treat", 6.3, 40));
        assertThat(page.locator("main")).hasAttribute("data-state", "during");
        feeder.retained(Feeder.TOPICS.sessionState("tool-a"), new byte[0]);
        feeder.publish(Feeder.TOPICS.finding("tool-a", "session"), Json.bytes(summary()));
        assertThat(page.locator("main")).hasAttribute("data-state", "after");
        page.locator("[data-part=areas] tr").first().waitFor();
        pictures("after");
        say(state(false, "treat", 6.3, 40));
        page.locator("[data-part=wrong]:visible").click();
        page.locator(".stop-now").waitFor();
        pictures("after-wrong");
    }

    @Test
    void german() throws Exception {
        page.navigate(page.url() + "?language=de");
        assertThat(page.locator("main")).hasAttribute("data-state", "before");
        assertThat(page.locator("h1:visible")).hasText("Bevor Sie beginnen");
        pictures("before-german");
        tool.press(timeS -> 5.1 + 0.2 * Math.sin(timeS * 61));
        say(state(false, "treat", 12.1, 190, "area-cap"));
        zone("moderate");
        assertThat(page.locator(".during [data-part=newtons]")).hasText(java.util.regex.Pattern.compile("[45],\\d"));
        pictures("during-german");
    }

    /** A browser's text size doubled: everything is still there, and nothing is cut off. */
    @Test
    void largeText() throws Exception {
        String practice = page.url();
        page = chromium.ofTextSize(32, folder.resolve("profile"));
        page.navigate(practice);
        assertThat(page.locator("main")).hasAttribute("data-state", "before");
        pictures("large-before");
        tool.press(timeS -> 5.1 + 0.2 * Math.sin(timeS * 61));
        say(state(false, "treat", 12.1, 190, "area-cap"));
        zone("moderate");
        pictures("large-during");
        tool.press(10.2);
        zone("too-deep");
        pictures("large-too-deep");
        feeder.retained(Feeder.TOPICS.sessionState("tool-a"), new byte[0]);
        feeder.publish(Feeder.TOPICS.finding("tool-a", "session"), Json.bytes(summary()));
        page.locator("[data-part=areas] tr").first().waitFor();
        pictures("large-after");
    }

    private void zone(String zone) {
        assertThat(page.locator(".during")).hasAttribute("data-zone", zone);
    }

    private void pictures(String name) {
        for (Map.Entry<String, int[]> size : SIZES.entrySet()) {
            page.setViewportSize(size.getValue()[0], size.getValue()[1]);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                String picture = "practice-" + name + "-" + size.getKey() + "-"
                        + scheme.name().toLowerCase(java.util.Locale.ROOT);
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.waitForTimeout(150);
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(PICTURES.resolve(picture + ".png"))
                        .setFullPage(true));
                assertEquals(List.of(), sticksOut(), picture);
                assertEquals(List.of(), tooSmall(), picture);
                if (size.getKey().equals("phone") || size.getKey().equals("desktop")) {
                    assertEquals(List.of(), Chromium.violations(page), picture);
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private List<String> sticksOut() {
        return (List<String>) page.evaluate("""
                () => [...document.querySelectorAll('main *, .bar *')]
                    .filter(e => {
                      const box = e.getBoundingClientRect();
                      return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('.scroll, svg');
                    }).map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
                    .concat([...document.querySelectorAll('.during:not([hidden]) .zone-word, .during:not([hidden]) .zone-note, .during:not([hidden]) .zone-force')]
                      .filter(e => {
                        const mine = e.getBoundingClientRect(), zone = e.closest('.zone').getBoundingClientRect();
                        return mine.width > 0 && (e.scrollWidth > e.clientWidth + 1 || mine.top < zone.top - 1 || mine.bottom > zone.bottom + 1);
                      }).map(e => e.className + ' ' + e.textContent))
                """);
    }

    @SuppressWarnings("unchecked")
    private List<String> tooSmall() {
        return (List<String>) page.evaluate("""
                () => [...document.querySelectorAll('main button, main label.chip, main summary, main select, main input[type=text], main textarea')]
                    .filter(e => {
                      const box = e.getBoundingClientRect();
                      return box.width > 0 && (box.width < 44 || box.height < 44);
                    }).map(e => `${e.tagName} ${e.textContent} ${JSON.stringify(e.getBoundingClientRect())}`)
                """);
    }
}

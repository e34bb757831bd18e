package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions on the practice page, as a person holds them: a simulated tool, a real gateway, a real browser. */
@Needs(Program.CHROMIUM)
class PracticePageTest {
    private static Chromium chromium;

    private @TempDir Path folder;
    private final List<String> consoleErrors = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Practice practice;

    @SuppressWarnings("NullAway.Init")
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = new Chromium();
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    private void open(String scenario, @Nullable String guideline) throws Exception {
        practice = new Practice(folder, chromium, Scenario.builtIn(scenario), guideline);
        page = practice.page;
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().startsWith("WebSocket connection to")) {
                consoleErrors.add(message.text());
            }
        });
        page.onPageError(consoleErrors::add);
        assertThat(practice.main()).hasAttribute("data-state", "before");
    }

    @AfterEach
    void stop() throws Exception {
        practice.close();
        assertEquals(List.of(), consoleErrors);
    }

    private Locator during() {
        return page.locator(".during");
    }

    /** Once there is something to sum up. */
    private void end(int pain) {
        assertThat(practice.part("strokes")).not().hasText("0");
        practice.button("Stop").click();
        practice.part("painAfter").locator(".chip").nth(pain).click();
        practice.button("End the session").click();
        assertThat(practice.main()).hasAttribute("data-state", "after");
        assertThat(practice.part("overview")).containsText("strokes");
    }

    @Test
    void aCalmSessionFromTheChecklistToTheSummary() throws Exception {
        open("calm", null);
        assertThat(practice.part("missing").locator("li")).hasCount(3);
        assertThat(practice.part("toolWord")).hasText("Ready");
        practice.fillIn();
        assertThat(practice.part("chosen")).hasText("Calf, left");
        assertThat(practice.part("limitRows")).hasText(Pattern.compile(".*3\\.0 N.*6\\.5 N.*9\\.0 N.*14\\.0 N.*"));
        assertThat(practice.part("why")).containsText("Calf ×1.0, Standard ×1.0");
        practice.tick("Sensitive");
        assertThat(practice.part("limitRows")).hasText(Pattern.compile(".*2\\.1 N.*4\\.6 N.*6\\.3 N.*9\\.8 N.*"));
        practice.tick("Standard");
        assertThat(practice.part("wanted")).isHidden();
        practice.start();

        assertThat(practice.part("area")).hasText("Calf, left");
        assertThat(practice.part("who")).hasText("Just me");
        assertThat(practice.part("assess")).hasAttribute("aria-pressed", "true");
        practice.button("Work").click();
        assertThat(practice.part("treat")).hasAttribute("aria-pressed", "true");
        assertThat(during()).hasAttribute("data-zone", "moderate");
        assertThat(practice.part("next")).hasAttribute("data-stage", "nearly");
        assertThat(practice.part("spotNote")).hasText("Nearly enough here");
        assertThat(practice.part("next")).hasAttribute("data-stage", "move-on");
        assertThat(practice.part("spotNote")).hasText("Move on");
        page.keyboard().press("Space");
        assertThat(practice.part("told")).hasText("On to the next spot");
        assertThat(practice.part("next")).not().hasAttribute("data-stage", "move-on");
        practice.button("Tender").click();
        assertThat(practice.part("told")).hasText("Marked: Tender");
        practice.button("Pause").click();
        assertThat(practice.part("spotNote")).containsText("Paused");
        practice.part("pause").click();
        assertThat(practice.part("pause")).hasText("Pause");
        end(3);

        assertThat(practice.part("well")).containsText("never too deep");
        assertThat(practice.part("deep")).containsText("Nothing was too deep");
        assertThat(practice.part("areas")).containsText("Calf, left");
        assertThat(practice.part("areas")).containsText("1 × Tender");
        assertThat(practice.part("pain")).hasText("Pain before: 4, after: 3 (0 to 10).");
        assertThat(page.locator(".dates")).containsText("Calf, left:");
        page.locator("#note").fill("easier than last week");
        assertThat(practice.part("noteKept")).hasText("Kept with the session.");
        page.reload();
        assertThat(page.locator("#note")).hasValue("easier than last week");
        practice.button("Done").click();

        assertThat(practice.main()).hasAttribute("data-state", "before");
        practice.fillIn();
        assertThat(practice.part("missing")).containsText("Let the area rest");
        assertThat(practice.part("missing")).containsText("Say what is left of the last session");
        practice.tick("Thigh");
        assertThat(practice.part("missing")).not().containsText("Let the area rest");
    }

    @Test
    void aCheckInAndAPractitionersWordAreKeptAndDecide() throws Exception {
        open("calm", null);
        practice.fillIn();
        practice.start();
        end(2);
        practice.button("Done").click();
        practice.fillIn();
        assertThat(practice.part("restUntil")).containsText("This area rests until");
        practice.tick("A bruise");
        assertThat(practice.part("missing")).containsText("Wait until nothing is left");
        practice.button("Keep this check-in").click();
        assertThat(practice.part("leftTold")).hasText("Kept. Look again another day.");
        assertThat(practice.part("limitRows")).hasText(Pattern.compile(".*2\\.6 N.*5\\.5 N.*7\\.7 N.*11\\.9 N.*"));
        assertThat(practice.part("why")).containsText("Bruises that count: 1. They lower the limits to ×0.85.");

        page.getByText("A practitioner lets it start all the same").click();
        practice.button("Allow one session").click();
        assertThat(practice.part("allowTold")).hasText("Say who allows it, and why.");
        practice.part("allowBy").fill("Dr. Who");
        practice.part("allowReason").fill("looked at just me and the skin");
        page.keyboard().press("Enter");
        assertThat(practice.part("allowTold")).containsText("reason: want the person's name not in it");
        consoleErrors.clear(); // of that refusal
        practice.part("allowReason").fill("skin looked at");
        page.keyboard().press("Enter");
        assertThat(practice.part("allowTold")).containsText("Allowed until");
        assertThat(practice.part("wanted")).isHidden();
        practice.start();
        assertThat(practice.part("area")).hasText("Calf, left");
    }

    /** Another page has let the time of an override pass; the server is asked, not this page. */
    @Test
    void whatTheServerRefusesIsSaidInThePagesWords() throws Exception {
        open("calm", null);
        practice.fillIn();
        practice.start();
        end(2);
        practice.button("Done").click();
        page.route(Pattern.compile(".*/rest\\?.*"), route -> {
            String json = route.fetch().text().replaceAll("\"reasons\":\\[.*?}]", "\"reasons\":[]");
            route.fulfill(new Route.FulfillOptions().setBody(json));
        });
        practice.fillIn();
        practice.button("Start").click();
        assertThat(practice.part("error"))
                .hasText(
                        "Not done. This area has not rested for long enough. Since the last session on this area nobody"
                                + " has checked in that nothing is left of it.");
        assertThat(practice.main()).hasAttribute("data-state", "before");
    }

    @Test
    void tooDeepIsSaidAcrossTheScreenAndInTheSummary() throws Exception {
        open("too-deep", null);
        practice.fillIn();
        practice.start();
        Locator over = practice.part("over");
        assertThat(over).isVisible();
        assertThat(over).hasText("Too deep – Ease off");
        page.waitForFunction("() => document.querySelector('.over').getBoundingClientRect().width === innerWidth");
        assertThat(page.locator("[data-part=urgent]")).containsText("Too deep – Ease off");
        assertThat(over).hasText("Much too deep – Lift off");
        end(5);
        assertThat(practice.part("deep"))
                .hasText(Pattern.compile("Calf, left: too deep .*Deeper does not work better.*"));
        assertThat(practice.part("well")).not().containsText("never too deep");
    }

    /** A browser without a screen neither sounds nor shakes; what it is asked for is noted. */
    @Test
    void toneVibrationAndScreenAreAskedForAndCanBeSwitchedOff() throws Exception {
        open("too-deep", null);
        page.addInitScript("""
                window.asked = { vibrations: [], tones: 0, locks: 0 };
                navigator.vibrate = (pattern) => window.asked.vibrations.push(pattern.join());
                const Plain = OscillatorNode;
                window.OscillatorNode = class extends Plain {
                  start(at) {
                    window.asked.tones++;
                    super.start(at);
                  }
                };
                Object.defineProperty(navigator, 'wakeLock', { value: {
                  request: async (kind) => {
                    window.asked.locks++;
                    return { kind, released: false, release() { this.released = true; window.asked.locks--; } };
                  },
                } });
                """);
        page.reload();
        assertThat(practice.main()).hasAttribute("data-state", "before");
        practice.fillIn();
        practice.start();
        assertEquals(1, asked("locks"));
        practice.page.locator(".settings summary").click();
        assertThat(practice.part("awake")).hasText("The screen stays on during the session.");
        tooDeepAgain();
        assertEquals("180,90,180", page.evaluate("asked.vibrations[0]"));
        assertEquals(0, asked("tones"));

        practice.tick("Tone when too deep");
        practice.tick("Vibration when too deep");
        int vibrations = asked("vibrations.length");
        tooDeepAgain();
        tooDeepAgain();
        assertEquals(vibrations, asked("vibrations.length"));
        assertTrue(asked("tones") > 0, "tones: " + asked("tones"));
        end(2);
        assertEquals(0, asked("locks"));
        page.reload();
        assertFalse(page.locator("[data-part=vibration]").isChecked(), "a switch is kept");
    }

    private int asked(String what) {
        return (int) page.evaluate("asked." + what);
    }

    private void tooDeepAgain() {
        assertThat(practice.part("over")).isHidden();
        assertThat(practice.part("over")).isVisible();
    }

    @Test
    void aLostToolIsNoDataAndTheSessionGoesOnWhenItIsBack() throws Exception {
        open("calm", null);
        practice.fillIn();
        practice.start();
        assertThat(during()).hasAttribute("data-zone", Pattern.compile("light|moderate"));
        practice.link.silence(Practice.TOOL, true);
        assertThat(during()).hasAttribute("data-zone", "nodata");
        assertThat(practice.part("word")).hasText("No data");
        assertThat(practice.part("newtons")).isEmpty();
        assertThat(practice.part("spotNote")).hasText("No data: nothing is known");
        assertThat(practice.part("spotS")).hasText("–");
        page.reload();
        assertThat(during()).isVisible();
        assertThat(during()).hasAttribute("data-zone", "nodata");
        practice.link.silence(Practice.TOOL, false);
        assertThat(during()).hasAttribute("data-zone", Pattern.compile("light|moderate"));
        end(0);
    }

    @Test
    void aCapIsSaidAndAnotherAreaGoesOn() throws Exception {
        open("calm", Practice.shortCaps());
        practice.fillIn();
        practice.start();
        assertThat(practice.part("areaTime")).containsText("of 0:10");
        assertThat(practice.part("hint")).hasText("Enough here today: another area, or stop.");
        practice.button("Another area").click();
        practice.pressAllTheSame("Go on there");
        assertThat(practice.part("told")).hasText("Choose a region and a side");
        practice.tick("Shoulder");
        practice.tick("both sides");
        practice.button("Go on there").click();
        assertThat(practice.part("area")).hasText("Shoulder, both sides");
        assertThat(practice.part("hint")).isEmpty();
        assertThat(practice.part("hint")).hasText("Enough for today: end the session.");
        end(2);
        assertThat(practice.part("deep")).containsText("Calf, left: worked for");
        assertThat(practice.part("deep")).containsText("more than the 0:30 of a session");
        assertThat(practice.part("areas").locator("tr")).hasCount(2);
    }

    @Test
    void nothingStartsUntilItMay() throws Exception {
        open("calm", null);
        practice.pressAllTheSame("Start");
        assertThat(practice.main()).hasAttribute("data-state", "before");
        assertThat(page.locator("[data-asks=area] input").first()).isFocused();
        practice.fillIn();
        practice.tick("Infection");
        assertThat(practice.part("none")).not().isChecked();
        assertThat(practice.part("verdict")).containsText("Not at home");
        assertThat(practice.part("missing")).hasText(Pattern.compile("Not at home.*"));
        practice.tick("Infection");
        practice.tick("Pregnancy");
        assertThat(practice.part("missing")).hasText(Pattern.compile("Ask a physician or practitioner.*"));
        practice.part("clearedBy").fill("Dr. Who");
        assertThat(practice.part("wanted")).isHidden();
        practice.tick("Lumbar");
        assertThat(practice.part("verdict")).containsText("Never on this area");
        practice.pressAllTheSame("Start");
        assertThat(practice.main()).hasAttribute("data-state", "before");

        page.locator(".before .body-figures path.body-refused")
                .first()
                .click(new Locator.ClickOptions().setForce(true));
        assertThat(page.locator(".body-told:visible")).hasText(Pattern.compile("Front of the neck is not offered: .*"));
        page.locator(".before .body-figures path.body-region:has(title:text-is('Calf, right'))")
                .last()
                .click();
        assertThat(practice.part("chosen")).hasText("Calf, right");
        page.locator(".before .body-figures path.body-region:has(title:text-is('Calf, left'))")
                .last()
                .click();
        assertThat(practice.part("chosen")).hasText("Calf, both sides");
        assertThat(practice.part("wanted")).isHidden();

        practice.link.hangConnect(Practice.TOOL, true);
        practice.link.drop(Practice.TOOL);
        assertThat(practice.part("missing")).containsText("Make the tool ready");
        practice.link.hangConnect(Practice.TOOL, false);
        assertThat(practice.part("wanted")).isHidden();
        practice.start();
        practice.part("pause").click();
        assertThat(practice.part("pause")).hasText("Go on");
        practice.part("pause").click();
        assertThat(practice.part("pause")).hasText("Pause");
        end(0);
    }

    @Test
    void whatIsNotDoneIsSaid() throws Exception {
        open("calm", Practice.withoutGlute());
        practice.fillIn();
        practice.tick("Glute");
        practice.button("Start").click();
        assertThat(practice.part("error"))
                .hasText("Not done. The gateway’s guideline does not offer this area. Choose another.");
        assertThat(practice.main()).hasAttribute("data-state", "before");
        practice.tick("Calf");
        practice.start();
        assertThat(practice.part("linkWord")).hasText("Connected");
        practice.dashboard.close();
        practice.button("Pause").click();
        assertThat(practice.part("told")).containsText("The dashboard does not answer");
        assertThat(during()).hasAttribute("data-zone", "nodata");
        consoleErrors.clear(); // of requests that nobody answers
    }

    @Test
    void everyViewerSeesTheSessionAndOneThatFeelsWrongEndsAtOnce() throws Exception {
        open("calm", null);
        Page other = practice.another();
        practice.fillIn();
        practice.start();
        assertThat(other.locator("main")).hasAttribute("data-state", "during");
        assertThat(other.locator(".session-head h1")).hasText("Calf, left");
        assertThat(other.locator("[data-part=who]").last()).hasText("Just me");
        assertThat(during()).hasAttribute("data-zone", Pattern.compile("light|moderate"));
        practice.button("Something feels wrong").click();
        assertThat(practice.main()).hasAttribute("data-state", "after");
        assertThat(practice.part("stopSigns").locator("li")).hasCount(4);
        assertThat(practice.part("stopSigns")).containsText("numbness");
        assertThat(practice.part("overview")).isVisible();
        assertThat(practice.part("wrongRefused")).isHidden();
        assertThat(other.locator("main")).hasAttribute("data-state", "after");
        other.context().close();
    }

    @Test
    void aWholeSessionByTheKeyboardAlone() throws Exception {
        open("calm", null);
        tabTo("[data-part=map] input[value=left]");
        page.keyboard().press("Space");
        tabTo("[data-part=map] input[value=calf]");
        page.keyboard().press("Space");
        page.keyboard().press("ArrowDown");
        assertThat(practice.part("chosen")).hasText("Thigh, left");
        tabTo("[data-part=emollient]");
        page.keyboard().press("Space");
        tabTo("[data-part=none]");
        page.keyboard().press("Space");
        tabTo("[type=submit]");
        assertThat(practice.part("wanted")).isHidden();
        page.keyboard().press("Enter");
        assertThat(practice.main()).hasAttribute("data-state", "during");
        assertThat(practice.part("next")).isFocused();
        assertThat(during()).hasAttribute("data-zone", Pattern.compile("light|moderate"));
        page.keyboard().press("Space");
        assertThat(practice.part("told")).hasText("On to the next spot");
        tabTo("[data-part=treat]");
        page.keyboard().press("Enter");
        assertThat(practice.part("treat")).hasAttribute("aria-pressed", "true");
        tabTo("[data-part=stop]");
        page.keyboard().press("Enter");
        assertThat(practice.part("stopping")).isVisible();
        page.keyboard().press("Escape");
        assertThat(practice.part("stopping")).isHidden();
        assertThat(practice.part("next")).isFocused();
        tabTo("[data-part=stop]");
        page.keyboard().press("Enter");
        tabTo("[name=pain-after]");
        page.keyboard().press("Space");
        tabTo("[data-part=end]");
        page.keyboard().press("Enter");
        assertThat(practice.main()).hasAttribute("data-state", "after");
        assertThat(practice.part("pain")).containsText("after: 0");
        tabTo("[data-part=done]");
        page.keyboard().press("Enter");
        assertThat(practice.main()).hasAttribute("data-state", "before");
    }

    /** Only with the tab key, and where it comes to rest can be seen. */
    private void tabTo(String selector) {
        for (int i = 0; i < 120; i++) {
            page.keyboard().press("Tab");
            if ((Boolean) page.evaluate("selector => document.activeElement.matches(selector)", selector)) {
                assertTrue((Boolean) page.evaluate("() => document.activeElement.matches(':focus-visible')"), selector);
                return;
            }
        }
        assertFalse(true, "no way by the tab key to " + selector);
    }

    @Test
    void peopleArePseudonymsOnEveryWire() throws Exception {
        open("calm", null);
        practice.button("Add a person").click();
        page.locator("[data-part=personLabel]").fill("Eva Beispiel");
        page.keyboard().press("Enter");
        assertThat(page.locator("#person option:checked")).hasText("Eva Beispiel");
        List<String> sent = new ArrayList<>();
        page.onRequest(request -> sent.add(request.url() + " " + request.postData()));
        practice.fillIn();
        practice.start();
        assertThat(practice.part("who")).hasText("Eva Beispiel");
        String start = sent.stream()
                .filter(one -> one.contains("session-start"))
                .findFirst()
                .orElseThrow();
        assertTrue(
                Pattern.compile("\"person\":\"p-[a-z0-9]{12}\"").matcher(start).find(), start);
        assertFalse(sent.toString().contains("Eva"), sent.toString());
    }
}

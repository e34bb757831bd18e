package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ReducedMotion;
import io.lightstroke.messages.GatewayStatus;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus.Link;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees in a real browser, while a real broker carries what a gateway says. */
@Needs({Program.MOSQUITTO, Program.CHROMIUM})
class LivePageTest {
    private static Chromium chromium;

    private @TempDir Path folder;
    private final List<String> consoleErrors = new ArrayList<>();
    private Stage stage;
    private Feeder feeder;
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = new Chromium();
        PlaywrightAssertions.setDefaultAssertionTimeout(15_000);
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @BeforeEach
    void start() throws Exception {
        stage = new Stage(folder);
        feeder = stage.feeder;
        feeder.gateway(GatewayStatus.State.READY);
        context = chromium.browser.newContext();
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().startsWith("WebSocket connection to")) {
                consoleErrors.add(message.text());
            }
        });
        page.onPageError(consoleErrors::add);
        open();
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
        stage.close();
        assertEquals(List.of(), consoleErrors);
    }

    private void open() {
        page.navigate(stage.dashboard().address().toString());
        assertThat(page.locator("body")).hasAttribute("data-line", "live");
    }

    private Locator card(Feeder.Tool tool) {
        return page.locator("#tool-" + tool.path());
    }

    private void awaitZone(Feeder.Tool tool, String zone, String word) {
        assertThat(card(tool)).hasAttribute("data-zone", zone);
        assertThat(card(tool).locator(".zone-word")).hasText(word);
    }

    private String colour(Feeder.Tool tool) {
        return (String) card(tool).locator(".zone").evaluate("zone => getComputedStyle(zone).backgroundColor");
    }

    @Test
    void whoComesLateSeesTheLastSecondsAndTakesThemForThePast() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        Thread.sleep(3000);
        tool.stop();
        awaitZone(tool, "nodata", "No data");

        open();
        String seen = (String) page.evaluate("""
                async () => {
                  const { Feed } = await import('/assets/feed.js');
                  const zones = new Set();
                  const feed = new Feed((kind, tool, leaf) => {
                    if (leaf === 'live') zones.add(feed.zoneOf(tool, performance.now()));
                  });
                  feed.start();
                  while (!zones.size || feed.line !== 'live') await new Promise((done) => setTimeout(done, 50));
                  const [tool] = feed.tools.values();
                  const { timesS } = tool;
                  return [timesS[timesS.length - 1] - timesS[0] >= 2.5, [...zones].join()].join(' ');
                }
                """);
        assertEquals("true nodata", seen);
        awaitZone(tool, "nodata", "No data");
    }

    @Test
    void theOtherLanguageIsOneTapAway() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        page.getByText("Deutsch").click();
        awaitZone(tool, "moderate", "Mittel");
        assertThat(card(tool).locator(".zone-force")).hasText("5,0N");
        assertThat(page.locator("html")).hasAttribute("lang", "de");
        page.getByText("English").click();
        awaitZone(tool, "moderate", "Moderate");
    }

    @Test
    void wordColourAndNumberFollowThePressure() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(0.1);
        awaitZone(tool, "none", "No contact");
        tool.press(2.0);
        awaitZone(tool, "light", "Light");
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        assertThat(card(tool).locator(".zone-force")).hasText("5.0N");
        String moderate = colour(tool);
        tool.press(8.0);
        awaitZone(tool, "firm", "Firm");
        tool.press(10.0);
        awaitZone(tool, "too-deep", "Too deep");
        assertNotEquals(moderate, colour(tool));
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Calf tool: Too deep");
        tool.press(14.5);
        awaitZone(tool, "ceiling", "Much too deep");
        assertThat(card(tool).locator(".zone-note")).hasText("Lift off");
        tool.sayZone("sideways");
        awaitZone(tool, "unknown", "Unknown");
    }

    @Test
    void headAndFiguresShowWhatTheGatewaySays() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.toolCountsMore(2);
        tool.press(Feeder.strokes(5, 0), Duration.ofMillis(3_900)); // three strokes of 1.3 s
        assertThat(card(tool).locator(".tool-name")).hasText("Calf tool");
        assertThat(card(tool).locator(".link")).containsText("Connected");
        assertThat(card(tool).locator(".battery")).containsText("82 %");
        assertThat(card(tool).locator("[data-part=cadence]")).hasText("42");
        card(tool).locator("[data-part=toolStrokes]").waitFor();
        String both = (String)
                card(tool)
                        .evaluate(
                                "card => card.querySelector('[data-part=strokes]').textContent + ' ' + card.querySelector('[data-part=toolStrokes]').textContent");
        String[] counts = both.split(" tool ", -1);
        assertEquals(Integer.parseInt(counts[0]) + 2, Integer.parseInt(counts[1]), both);

        assertThat(card(tool).locator("[data-part=peak]")).hasText(Pattern.compile("5\\.[0-3]"));
        tool.status(Link.STREAMING, 9, "untared");
        assertThat(card(tool).locator(".battery")).containsText("9 %");
        assertThat(card(tool).locator(".tool-alerts")).hasText("Not tared");
    }

    @Test
    void silenceIsNoDataAndGrey() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        tool.stop();
        assertThat(card(tool))
                .hasAttribute("data-zone", "nodata", new LocatorAssertions.HasAttributeOptions().setTimeout(3_000));
        assertThat(card(tool).locator(".zone-word")).hasText("No data");
        assertThat(card(tool).locator(".zone-note")).hasText("The tool is connected but sends nothing");
        assertThat(card(tool).locator("[data-part=newtons]")).isEmpty();
        String[] rgb = colour(tool).replaceAll("[^0-9,]", "").split(",", -1);
        int red = Integer.parseInt(rgb[0]);
        int blue = Integer.parseInt(rgb[2]);
        assertTrue(Math.abs(red - blue) < 16, "grey, not " + colour(tool));
        assertEquals("grayscale(1)", card(tool).locator(".trace").evaluate("trace => getComputedStyle(trace).filter"));
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
    }

    @Test
    void whatComesLateIsNoData() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        tool.late(Duration.ofSeconds(3));
        assertThat(card(tool).locator(".zone-note")).hasText(Pattern.compile("Data arrive [23]\\.\\d s late"));
        assertThat(card(tool)).hasAttribute("data-zone", "nodata");
        page.waitForTimeout(2_000);
        assertThat(card(tool)).hasAttribute("data-zone", "nodata");
        tool.late(Duration.ZERO);
        awaitZone(tool, "moderate", "Moderate");
    }

    @Test
    void aNumberThatIsALittleLateSaysHowLate() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        Locator age = card(tool).locator(".age");
        assertThat(age).hasText("");
        tool.late(Duration.ofMillis(300));
        assertThat(age).hasText(Pattern.compile("0\\.[34] s late"));
        assertThat(card(tool)).hasAttribute("data-zone", "moderate");
        tool.late(Duration.ZERO);
        assertThat(age).hasText("");
    }

    @Test
    void whoWantsLittleMotionSeesTheTraceMoveSeldom() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        int usual = drawnIn(2_000);
        page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.REDUCE));
        int calm = drawnIn(2_000);
        assertTrue(calm >= 4 && calm <= 10, "four a second: " + calm);
        assertTrue(usual > 2 * calm, "with each frame: " + usual);
    }

    /** How often a trace was drawn. */
    private int drawnIn(int ms) {
        page.evaluate("""
                () => {
                  const plain = CanvasRenderingContext2D.prototype.clearRect;
                  window.drawn = 0;
                  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
                    window.drawn++;
                    return plain.apply(this, box);
                  };
                }
                """);
        page.waitForTimeout(ms);
        int drawn = (int) page.evaluate("window.drawn");
        page.reload();
        assertThat(page.locator(".tool[data-zone=moderate]")).isVisible();
        return drawn;
    }

    /** As the browser itself judges it; that this one keeps nothing is no fault of the page. */
    @Test
    void aBrowserWouldInstallIt() {
        CDPSession session = page.context().newCDPSession(page);
        JsonObject answer = session.send("Page.getInstallabilityErrors");
        List<String> errors = answer.getAsJsonArray("installabilityErrors").asList().stream()
                .map(error -> error.getAsJsonObject().get("errorId").getAsString())
                .filter(error -> !error.equals("in-incognito"))
                .toList();
        assertEquals(List.of(), errors);
    }

    @Test
    void eachMissingPartOfTheWayIsNamed() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.ABSENT);
        Locator note = card(tool).locator(".zone-note");
        assertThat(note).containsText("not in reach");
        assertThat(card(tool).locator(".link")).containsText("Absent");
        tool.status(Link.CONNECTING, null);
        assertThat(note).containsText("Connecting to the tool");
        tool.status(Link.LOST, null);
        assertThat(note).containsText("connection to the tool is lost");
        assertThat(card(tool).locator(".battery")).isHidden();
        feeder.gateway(GatewayStatus.State.DISCONNECTED);
        assertThat(note).containsText("gateway was switched off");
        assertThat(card(tool).locator(".link")).containsText("Unknown");
        feeder.gateway(GatewayStatus.State.LOST);
        assertThat(note).containsText("gateway is lost");
        assertThat(card(tool)).hasAttribute("data-zone", "nodata");
    }

    @Test
    void aLastWillOfAnEarlierRunSaysNothing() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.LOST);
        assertThat(card(tool).locator(".zone-note")).containsText("connection to the tool is lost");
        feeder.retained(
                Feeder.TOPICS.status(),
                Json.bytes(new GatewayStatus(GatewayStatus.State.LOST, Feeder.RUN - 1, null, "test")));
        tool.status(Link.CONNECTING, null);
        assertThat(card(tool).locator(".zone-note")).containsText("Connecting to the tool");
    }

    @Test
    void noToolsSaysWhatToDoAndARemovedToolGoes() throws Exception {
        assertThat(page.locator(".notice")).containsText("No tools yet");
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.ABSENT);
        assertThat(card(tool)).isVisible();
        assertThat(page.locator(".notice")).isHidden();
        feeder.retained(Feeder.TOPICS.toolInfo("tool-a"), new byte[0]);
        feeder.retained(Feeder.TOPICS.toolStatus("tool-a"), new byte[0]);
        assertThat(page.locator(".notice")).containsText("No tools yet");
        page.reload();
        assertThat(page.locator(".notice")).containsText("No tools yet");
    }

    @Test
    void aNewViewerSeesWhatWasSaidBefore() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.LOST);
        assertThat(card(tool)).isVisible();
        page.reload();
        assertThat(card(tool).locator(".tool-name")).hasText("Calf tool");
        assertThat(card(tool).locator(".link")).containsText("Lost");
    }

    @Test
    void aKilledBrokerIsSaidAndHealsByItself() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        Feeder.Tool forgotten = feeder.tool("tool-b", "Other tool", Link.ABSENT);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        stage.killBroker();
        assertThat(page.locator(".line")).hasText("No connection to the message broker");
        assertThat(card(tool)).hasAttribute("data-zone", "nodata");
        assertThat(card(tool).locator(".zone-note")).hasText("No connection to the message broker");
        assertThat(card(tool).locator(".link")).containsText("Unknown");
        assertThat(card(tool).locator(".battery")).isHidden();
        page.reload();
        assertThat(page.locator(".notice")).containsText("nothing answers at that address");

        stage.restartBroker();
        feeder.gateway(GatewayStatus.State.READY);
        tool.info("Calf tool");
        tool.status(Link.STREAMING, 82);
        awaitZone(tool, "moderate", "Moderate");
        assertThat(page.locator(".line")).hasText("Connected");
        assertThat(card(forgotten)).hasCount(0);
    }

    @Test
    void aToolThatABrokerForgotWhileAwayGoes() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.ABSENT);
        assertThat(card(tool)).isVisible();
        stage.killBroker();
        assertThat(page.locator(".line")).hasText("No connection to the message broker");
        assertThat(card(tool)).isVisible();
        stage.restartBroker();
        assertThat(page.locator(".notice")).containsText("No tools yet");
        assertThat(card(tool)).hasCount(0);
    }

    @Test
    void aStoppedDashboardIsSaidAndThePageHealsByItself() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        page.evaluate("() => { window.samePage = true; }");
        stage.stopDashboard();
        assertThat(page.locator(".line")).hasText("No connection to the dashboard");
        awaitZone(tool, "nodata", "No data");
        stage.restartDashboard();
        awaitZone(tool, "moderate", "Moderate");
        assertEquals(true, page.evaluate("() => window.samePage"));
    }

    @Test
    void aPageOlderThanItsServerLoadsItselfAgainOnce() {
        String outdate = "() => { window.samePage = true; document.documentElement.dataset.build = 'old'; }";
        page.evaluate(outdate);
        page.waitForFunction("() => !window.samePage && document.body.dataset.line === 'live'");
        page.evaluate(outdate);
        page.waitForTimeout(2_500); // two heartbeats
        assertEquals(true, page.evaluate("() => window.samePage"));
    }

    @Test
    void nonsenseFromTheBrokerIsNotTaken() throws Exception {
        Feeder.Tool tool = feeder.tool("tool-a", "Calf tool", Link.STREAMING);
        tool.press(5.0);
        awaitZone(tool, "moderate", "Moderate");
        for (String nonsense : List.of(
                "{}",
                "{\"first\":1,\"time\":\"today\",\"period_us\":-1,\"force_N\":\"x\",\"zone\":\"light\"}",
                "{\"link\":5,\"alerts\":\"x\",\"name\":{},\"limits\":[],\"state\":{}}")) {
            byte[] payload = nonsense.getBytes(UTF_8);
            feeder.publish(Feeder.TOPICS.live("tool-a"), payload);
            feeder.publish(Feeder.TOPICS.toolStatus("tool-a"), payload);
            feeder.publish(Feeder.TOPICS.toolInfo("tool-a"), payload);
            feeder.publish(Feeder.TOPICS.stroke("tool-a"), payload);
            feeder.publish(Feeder.TOPICS.alert("tool-a"), payload);
        }
        tool.press(2.0);
        awaitZone(tool, "light", "Light");
        assertThat(card(tool).locator(".tool-name")).hasText("Calf tool");
        assertThat(card(tool).locator(".link")).containsText("Connected");
    }

    @Test
    void namesAreTextNeverMarkup() throws Exception {
        String name = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>";
        Feeder.Tool tool = feeder.tool("tool-a", name, Link.STREAMING);
        tool.press(5.0);
        feeder.retained(
                Feeder.TOPICS.toolStatus("tool-a"),
                tool.statusBytes(Link.STREAMING, 82, "<img src=x onerror='window.hacked = 3'>"));
        assertThat(card(tool).locator(".tool-name")).hasText(name);
        assertThat(card(tool).locator(".tool-alerts")).containsText("<img");
        assertEquals(null, page.evaluate("() => window.hacked"));
        assertEquals(0, page.locator(".tool img, .tool script").count());
    }
}

package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.FirmwareFiles;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of tools on a real gateway with simulated ones: what a person sees of them, and does with them. */
@Needs(Program.CHROMIUM)
class ToolsPageTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Path PICTURES = Path.of("target", "look", "tools");
    private static final String ADDRESS = SimulatedTools.address(1);
    /** Nobody touches it for an hour. */
    private static final Scenario UNTOUCHED = weight(3600, 5);

    private static Chromium chromium;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> pageErrors = new ArrayList<>();
    private @Nullable Bench bench;

    /** A gateway with tools, a dashboard, and its page of them in a browser. */
    private final class Bench implements AutoCloseable {
        final List<SimulatedTool> tools;
        final SimulatedLink link;
        private final RealTime time;
        private final Gateway gateway;
        final Dashboard dashboard;
        private final BrowserContext context;
        final Page page;

        Bench(int count, Scenario scenario, String language, UnaryOperator<ToolLink> over) throws Exception {
            tools = SimulatedTools.fleet(count, scenario, 1);
            link = new SimulatedLink(tools);
            StringBuilder yaml = new StringBuilder("gateway: demo\nmqtt: {port: 0}\ntools:\n");
            for (int i = 1; i <= count; i++) {
                yaml.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(i, SimulatedTools.address(i)));
            }
            context = chromium.browser.newContext(new Browser.NewContextOptions()
                    .setViewportSize(1180, 820)
                    .setColorScheme(ColorScheme.LIGHT)
                    .setReducedMotion(ReducedMotion.REDUCE)
                    .setLocale(language));
            page = context.newPage();
            page.onPageError(pageErrors::add);
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    pageErrors.add(message.text());
                }
            });
            time = new RealTime(tools);
            gateway = Gateway.start(
                    GatewayConfig.read(Files.writeString(folder.resolve("gateway.yaml"), yaml)),
                    folder.resolve("data"),
                    over.apply(link));
            // The page then finds all that is retained; what a broker does with it while somebody subscribes is not
            // asked here.
            await().atMost(LONG).until(() -> tools.stream().allMatch(ToolsPageTest::tared));
            dashboard = new Dashboard(DashboardConfig.local(0), Stage.access(gateway));
            page.navigate(dashboard.address().resolve("/tools").toString());
        }

        Locator sheet(int number) {
            return page.locator("#tool-home-demo-tool-tool-" + number);
        }

        Locator part(String name) {
            return sheet(1).locator("[data-part=\"%s\"]".formatted(name));
        }

        /** The sheet of the first tool is open, and the tool streams. */
        Bench streaming() {
            assertThat(sheet(1).locator(".link")).hasAttribute("data-link", "streaming", slowly());
            sheet(1).evaluate("sheet => { sheet.open = true; }");
            assertThat(part("now"))
                    .hasClass(
                            Pattern.compile("live"),
                            new LocatorAssertions.HasClassOptions().setTimeout(LONG.toMillis()));
            return this;
        }

        void says(String part, String words) {
            assertThat(part(part)).containsText(words, containing());
        }

        ToolInfo info() throws MalformedFrameException {
            return ToolsPageTest.info(tools.get(0));
        }

        void picture(String name, int width, int height, ColorScheme scheme) {
            page.setViewportSize(width, height);
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            page.waitForTimeout(350);
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(PICTURES.resolve(name + ".png"))
                    .setFullPage(true));
            assertEquals(
                    0,
                    page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - innerWidth)"),
                    name + " is wider than its screen");
            assertEquals(List.of(), sticksOut(page), name);
        }

        /** Nothing that axe-core finds, in both schemes. */
        void accessible(String where) {
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                assertEquals(List.of(), Chromium.violations(page), where + ", " + scheme);
            }
        }

        @Override
        public void close() {
            context.close();
            dashboard.close();
            gateway.close();
            time.close();
        }
    }

    @BeforeAll
    static void startBrowser() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @AfterEach
    void stop() {
        if (bench != null) {
            bench.close();
        }
        assertEquals(List.of(), pageErrors);
    }

    private Bench bench(int count, Scenario scenario) throws Exception {
        return bench(count, scenario, "en-GB", link -> link);
    }

    private Bench bench(int count, Scenario scenario, String language, UnaryOperator<ToolLink> over) throws Exception {
        Bench made = new Bench(count, scenario, language, over);
        bench = made;
        return made;
    }

    private static ToolInfo info(SimulatedTool tool) throws MalformedFrameException {
        return ToolInfo.decode(tool.read(Gatt.TOOL_INFO));
    }

    private static boolean tared(SimulatedTool tool) {
        try {
            return info(tool).tareAgeS() != ToolInfo.NEVER_TARED;
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    private static LocatorAssertions.HasAttributeOptions slowly() {
        return new LocatorAssertions.HasAttributeOptions().setTimeout(LONG.toMillis());
    }

    private static LocatorAssertions.ContainsTextOptions containing() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(LONG.toMillis());
    }

    /** Something of this weight is put on the tool after a while, and stays. */
    private static Scenario weight(double firstS, double weightN) {
        return new Scenario(
                "weight",
                "a weight is put on the tool",
                1,
                new Scenario.Sensor(16, 1000, 30, 0.02, 0, 0.2),
                new Scenario.Battery(64, 0),
                new Scenario.Person(firstS, 0, 10, 0),
                List.of(new Scenario.Step(
                        "calf", Scenario.Phase.TREAT, new Scenario.Repeat(1, null), weightN, 0, 3600, 0, 0, 1, 0)));
    }

    @SuppressWarnings("unchecked")
    private static List<String> sticksOut(Page page) {
        return (List<String>) page.evaluate("""
                () => [...document.querySelectorAll('.sheet-head, .sheet-head *, .part, .part *')]
                    .filter(e => {
                      const mine = e.getBoundingClientRect(), box = e.closest('.part, .sheet').getBoundingClientRect();
                      return mine.width > 1 && !e.closest('.say, svg, .log') && (mine.left < box.left - 1 || mine.right > box.right + 1);
                    }).map(e => `${e.className} ${e.textContent.trim().slice(0, 40)}`)
                """);
    }

    @Test
    void stateInfoAndLimitsAreThoseOfTheToolAndTareAndIdentifySayTheirOutcome() throws Exception {
        Bench bench = bench(1, UNTOUCHED).streaming();
        assertThat(bench.sheet(1).locator(".tool-name")).hasText("Simulated tool SIM-00001");
        assertThat(bench.sheet(1).locator(".battery")).containsText("64 %");
        bench.says("now", "Connected. Its samples come as they are taken, 100 a second.");
        bench.says("noAlerts", "Nothing needs attention.");
        bench.says("firmware", "1.0.0");
        bench.says("features", "memory for what the link loses");
        bench.says("trust", "Paired with a passkey");
        bench.says("linkKind", "Simulated in the gateway");
        bench.says("boot", "%08x".formatted(bench.info().boot()));
        assertThat(bench.part("limits").locator("tr"))
                .hasText(
                        new String[] {
                            "light3.0 N3.0 Nthe same",
                            "moderate6.5 N6.5 Nthe same",
                            "too deep9.0 N9.0 Nthe same",
                            "ceiling14.0 N14.0 Nthe same"
                        },
                        new LocatorAssertions.HasTextOptions().setTimeout(LONG.toMillis()));
        bench.says("limitsVerdict", "The tool warns by the gateway’s limits.");

        bench.part("tare").click();
        bench.says("outcome", "what lies on the tool now counts as nothing.");
        assertThat(bench.part("outcome")).hasAttribute("data-state", "done");
        bench.part("identify").click();
        bench.says("outcome", "the tool shows which one it is.");
        assertThat(bench.part("practise")).hasAttribute("href", "/practice/home/demo/tool-1");

        bench.part("zero").click();
        bench.says("says", "The zero is taken.");
        bench.part("tare").click();
        bench.says("outcome", "Not done. The force moves, or a calibration runs.");
        assertThat(bench.part("outcome")).hasAttribute("data-state", "failed");
        bench.part("cancel").click();
        bench.says("says", "Cancelled. What was in force before stays.");
        bench.part("tare").click();
        bench.says("outcome", "what lies on the tool now counts as nothing.");
        assertEquals(1, bench.info().calibration());
    }

    /** 5 N by the factory's calibration, which the person knows to be 612 g. */
    @Test
    void aWholeCalibration() throws Exception {
        Bench bench = bench(1, weight(40, 5)).streaming();
        bench.says("reads", "It measures 0.0");
        bench.part("zero").click();
        bench.says("says", "The zero is taken. Now the weight.");
        assertTrue(bench.tools.get(0).ageUs() < 39_000_000, "the weight came too soon for this machine");
        assertThat(bench.part("grams")).isFocused();
        bench.part("grams").fill("612");
        bench.says("newtons", "presses with 6.002 N");
        bench.says("reads", "It measures 5.0");
        bench.picture("calibration-weight", 1180, 820, ColorScheme.LIGHT);
        bench.picture("calibration-weight-phone", 360, 740, ColorScheme.DARK);
        bench.part("measure").click();
        bench.says(
                "doneWords", "Calibration 2 is in force. With the weight still on it, it should now measure 6.00 N.");
        bench.says("inForce", "Number 2 is in force.");
        bench.says("calibrationNumber", "2");
        bench.says("reads", "It measures 6.0");
        assertEquals(2, bench.info().calibration());
        bench.says("log", "Calibration 2 is in force");
        assertThat(bench.part("doneHead")).isFocused();
        bench.part("again").click();
        bench.says("says", "The zero is taken. Now the weight.");
    }

    @Test
    void aCalibrationThatIsRefusedSaysWhyAndChangesNothing() throws Exception {
        Bench bench = bench(1, UNTOUCHED, "de-DE", link -> link).streaming();
        bench.part("zero").click();
        bench.says("says", "Der Nullpunkt ist genommen.");
        for (String wrong : List.of("", "viel", "1.000", "-500", "1e3", "0x200", "500,123")) {
            bench.part("grams").fill(wrong);
            bench.part("measure").click();
            bench.says("gramsError", "Erwartet werden Gramm wie 500 oder 500,5");
        }
        for (String wrong : List.of("101", "2040", "99999")) {
            bench.part("grams").fill(wrong);
            bench.part("measure").click();
            bench.says("gramsError", "Erwartet werden 102 bis 2039 g");
            assertThat(bench.part("grams")).hasAttribute("aria-invalid", "true");
        }
        bench.accessible("a wrong weight");
        bench.part("grams").fill("500,5");
        bench.says("newtons", "drückt mit 4,908 N");
        assertThat(bench.part("gramsError")).isEmpty();
        bench.part("grams").press("Enter");
        bench.says("fails", "Das Werkzeug misst weniger als die Hälfte oder mehr als das Doppelte dieses Gewichts.");
        assertThat(bench.part("zero")).isFocused();
        assertThat(bench.part("grams")).isHidden();
        bench.says("inForce", "Nummer 1 gilt.");
        assertEquals(1, bench.info().calibration());
        bench.picture("calibration-refused-german", 820, 1180, ColorScheme.LIGHT);
    }

    @Test
    void aToolThatIsLostAndBack() throws Exception {
        Bench bench = bench(1, UNTOUCHED).streaming();
        bench.part("zero").click();
        bench.says("says", "The zero is taken.");
        bench.link.hangConnect(ADDRESS, true);
        bench.link.drop(ADDRESS);
        bench.says("fails", "The tool was away, and with that the calibration is cancelled.");
        assertThat(bench.part("now")).not().hasClass(Pattern.compile("live"));
        assertThat(bench.part("reads")).hasText("It measures nothing that could be shown now.");
        assertThat(bench.part("tare")).hasAttribute("aria-disabled", "true");
        bench.part("tare").click(new Locator.ClickOptions().setForce(true));
        assertThat(bench.part("outcome")).isEmpty();
        bench.says("needs", "For that the tool has to be connected.");
        bench.says("limitsVerdict", "When it was last connected, the tool had the gateway’s limits.");
        bench.says("log", "No data since then");
        bench.says("log", "The gateway connected anew");
        bench.accessible("a lost tool");
        bench.picture("lost", 1180, 820, ColorScheme.LIGHT);
        bench.picture("lost-phone", 360, 740, ColorScheme.LIGHT);

        bench.link.hangConnect(ADDRESS, false);
        bench.streaming();
        assertThat(bench.part("log")
                        .locator("li")
                        .filter(new Locator.FilterOptions().setHasText(Pattern.compile("No data for [\\d,.]+ s"))))
                .hasCount(1);
        assertThat(bench.part("tare")).hasAttribute("aria-disabled", "false", slowly());
        bench.says("recovery", "connected anew");
        // What it stored meanwhile has come.
        bench.says("noGaps", "No sample is missing.");
        bench.part("tare").click();
        bench.says("outcome", "what lies on the tool now counts as nothing.");

        bench.link.reboot(ADDRESS);
        bench.says("log", "The tool has started anew");
    }

    @Test
    void everySampleIsAccountedForAndAGatewayThatIsAwayIsNotKnown() throws Exception {
        Bench bench = bench(1, UNTOUCHED).streaming();
        bench.says("adds", "It adds up");
        await().atMost(LONG).until(() -> number(bench, "samples-decoded") > 500);
        for (int i = 0; i < 5; i++) {
            bench.page.waitForTimeout(300);
            assertEquals(true, bench.page.evaluate("""
                    () => {
                      const count = (name) => Number(document.querySelector(`[data-part="${name}"]`).textContent.replaceAll(',', ''));
                      const sum = (...names) => names.map(count).reduce((a, b) => a + b);
                      return count('samples-decoded') === sum('samples-journaled', 'samples-duplicate', 'samples-not_kept', 'samples-inFlight')
                          && count('frames-received') === sum('frames-decoded', 'frames-malformed', 'frames-overflowed', 'frames-refused', 'frames-queued');
                    }
                    """));
        }
        assertThat(bench.part("boots").locator("th"))
                .containsText("%08x".formatted(bench.info().boot()));
        bench.gateway.close();
        bench.says("noAccounts", "Not known now: No connection to the message broker");
        assertThat(bench.part("accounts")).isHidden();
        assertThat(bench.part("recovery")).isHidden();
        assertThat(bench.sheet(1).locator(".battery")).isHidden();
        assertThat(bench.sheet(1).locator(".link")).containsText("Unknown");
        bench.says("noAlerts", "Whether anything needs attention is not known now.");
        bench.says("limitsVerdict", "Not known now.");
        assertThat(bench.part("limits").locator("tr").first()).hasText("light––not known");
        bench.picture("broker-away", 1180, 820, ColorScheme.DARK);
        pageErrors.clear(); // the dashboard's own word on a broker that is away
    }

    private static long number(Bench bench, String part) {
        String digits = bench.part(part).textContent().replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    @Test
    void warningsAreMeasuredAgainstTheirGoal() throws Exception {
        Bench bench = bench(1, Scenario.builtIn("too-deep")).streaming();
        bench.says("cueVerdict", "goal");
        await().atMost(LONG).until(() -> number(bench, "cueCount") >= 5);
        assertThat(bench.part("cueHalf")).hasText(Pattern.compile("\\d+ ms"));
        assertThat(bench.part("bars"))
                .hasAttribute("aria-label", Pattern.compile("How long warnings took\\. .*\\d to \\d+ ms: \\d"));
        int inBars = (int)
                bench.part("bars")
                        .evaluate(
                                "bars => [...bars.querySelectorAll('.bar-count')].reduce((sum, bar) => sum + Number(bar.textContent), 0)");
        assertTrue(inBars >= 5, "in the bars: " + inBars);
        bench.accessible("warnings");
        bench.picture("open", 1440, 900, ColorScheme.LIGHT);
        bench.picture("open-dark", 1180, 820, ColorScheme.DARK);
        bench.picture("open-phone", 360, 740, ColorScheme.LIGHT);
    }

    /** It takes other limits than it is given. */
    @Test
    void limitsThatDifferAreMarkedInWords() throws Exception {
        ToolLimits own = Scenario.DEFAULT_LIMITS.ofTool();
        ToolLimits others = new ToolLimits(
                own.lightCn(),
                700,
                850,
                own.ceilingCn(),
                own.enterMs(),
                own.exitMs(),
                own.exitPercent(),
                own.repeatMs(),
                own.keep());
        Bench bench = bench(
                1,
                UNTOUCHED,
                "en-GB",
                link -> writing(
                        link,
                        value -> value[0] == ControlRequest.WRITE_LIMITS
                                ? ControlRequest.writeLimits(value[1] & 0xFF, others)
                                        .encode()
                                : value));
        bench.streaming();
        assertThat(bench.part("limits").locator("tr"))
                .hasText(
                        new String[] {
                            "light3.0 N3.0 Nthe same",
                            "moderate6.5 N7.0 N0.5 N higher on the tool",
                            "too deep9.0 N8.5 N0.5 N lower on the tool",
                            "ceiling14.0 N14.0 Nthe same"
                        },
                        new LocatorAssertions.HasTextOptions().setTimeout(LONG.toMillis()));
        bench.says("limitsVerdict", "They differ: without the gateway the tool warns at other pressures.");
        bench.says("alerts", "Limits on the tool differ. It warns by other limits than the gateway");
        bench.accessible("limits that differ");
        bench.picture("limits-differ", 820, 1180, ColorScheme.LIGHT);
    }

    /** A link whose writes are changed on their way. */
    private static ToolLink writing(ToolLink link, UnaryOperator<byte[]> change) {
        return proxy(
                ToolLink.class,
                link,
                (method, arguments, result) -> method.getName().equals("connect")
                        ? proxy(
                                ToolConnection.class,
                                (ToolConnection) Objects.requireNonNull(result),
                                (each, its, what) -> what,
                                change)
                        : result,
                value -> value);
    }

    private interface After {
        @Nullable
        Object of(Method method, Object @Nullable [] arguments, @Nullable Object result);
    }

    private static <T> T proxy(Class<T> type, T other, After after, UnaryOperator<byte[]> change) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getName().equals("write") && arguments[0].equals(Gatt.CONTROL_POINT)) {
                        arguments[1] = change.apply((byte[]) arguments[1]);
                    }
                    try {
                        return after.of(method, arguments, method.invoke(other, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void aFirmwareUpdateShowsHowFarItIs() throws Exception {
        Bench bench = bench(1, UNTOUCHED).streaming();
        Path images = Files.createDirectories(folder.resolve("data").resolve("firmware"));
        Files.write(images.resolve("tool-1.2.0.bin"), FirmwareFiles.image(1, 2, 0, 400_000));
        bench.page.evaluate("""
                async () => {
                  const { command } = await import('/assets/command.js');
                  command('home/demo/tool/tool-1', 'update', { file: 'tool-1.2.0.bin' }).catch(() => {});
                }
                """);
        bench.says("updateWords", "Firmware update with tool-1.2.0.bin: uploading");
        assertThat(bench.part("updateBar")).isVisible();
        bench.says("needs", "For that the update has to be over.");
        bench.says("log", "The firmware update with tool-1.2.0.bin is over");
        bench.says("log", "Firmware 1.0.0 → 1.2.0");
        assertThat(bench.part("firmware")).hasText("1.2.0");
        assertThat(bench.part("update")).isHidden();
        pageErrors.removeIf(error -> error.contains("504")); // the answer takes minutes, the page's patience does not
    }

    @Test
    void byTheKeyboardAlone() throws Exception {
        Bench bench = bench(2, UNTOUCHED);
        assertThat(bench.sheet(1).locator(".link")).hasAttribute("data-link", "streaming", slowly());
        assertThat(bench.sheet(2).locator(".link")).hasAttribute("data-link", "streaming", slowly());
        tabTo(bench.page, "#tool-home-demo-tool-tool-2 > summary");
        bench.page.keyboard().press("Enter");
        Locator second = bench.sheet(2);
        assertThat(second.locator("[data-part=tare]")).hasAttribute("aria-disabled", "false", slowly());
        tabTo(bench.page, "#tool-home-demo-tool-tool-2 [data-part=tare]");
        bench.page.keyboard().press("Enter");
        assertThat(second.locator("[data-part=outcome]")).containsText("counts as nothing", containing());
        tabTo(bench.page, "#tool-home-demo-tool-tool-2 [data-part=zero]");
        bench.page.keyboard().press("Space");
        assertThat(second.locator("[data-part=says]")).containsText("The zero is taken.", containing());
        assertThat(second.locator("[data-part=grams]")).isFocused();
        bench.page.keyboard().type("500");
        tabTo(bench.page, "#tool-home-demo-tool-tool-2 [data-part=cancel]");
        bench.page.keyboard().press("Enter");
        assertThat(second.locator("[data-part=says]")).containsText("Cancelled.", containing());
        assertThat(second.locator("[data-part=zero]")).isFocused();
        assertThat(bench.sheet(1)).not().hasAttribute("open", "");
    }

    private static void tabTo(Page page, String selector) {
        for (int i = 0; i < 40; i++) {
            if ((boolean) page.evaluate("selector => document.activeElement.matches(selector)", selector)) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("not reached by the tab key: " + selector);
    }

    @Test
    void manyToolsAreAListThatOpens() throws Exception {
        Bench bench = bench(8, UNTOUCHED);
        for (int i = 1; i <= 8; i++) {
            assertThat(bench.sheet(i).locator(".link")).hasAttribute("data-link", "streaming", slowly());
        }
        bench.page.waitForTimeout(2_500);
        assertEquals(0, bench.page.locator(".sheet[open]").count());
        bench.accessible("a list");
        bench.picture("many", 1180, 820, ColorScheme.LIGHT);
        bench.picture("many-phone", 360, 740, ColorScheme.DARK);
        bench.sheet(3).locator("summary").click();
        assertThat(bench.sheet(3).locator("[data-part=firmware]")).hasText("1.0.0");
        // Twice as large text, on a phone.
        bench.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }");
        bench.picture("zoomed", 720, 1480, ColorScheme.LIGHT);
    }

    @Test
    void withoutAGatewayThePageSaysWhatToDo() throws Exception {
        try (Dashboard alone = new Dashboard(
                        DashboardConfig.local(0), new MqttServer("tcp://127.0.0.1:" + Program.freePort()));
                BrowserContext context = chromium.browser.newContext()) {
            Page page = context.newPage();
            page.navigate(alone.address().resolve("/tools").toString());
            assertThat(page.locator(".notice")).containsText("nothing answers at that address", containing());
            assertThat(page.locator(".sheets")).isHidden();
        }
    }
}

package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.gateway.sink.MqttSubscriber;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on a real gateway with simulated tools: what the person with the tool in hand sees. */
@Needs(Program.CHROMIUM)
class WholeWayTest {
    private static final String GREY = "grayscale(1)";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void tooDeepIsSeenInWordAndColourAndACutIsNoData() throws Exception {
        List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("too-deep"), 1);
        SimulatedLink link = new SimulatedLink(tools);
        Path yaml = Files.writeString(folder.resolve("gateway.yaml"), """
                gateway: demo
                mqtt: {port: 0}
                tools:
                  - {id: tool-1, address: "02:4C:53:00:00:01"}
                  - {id: tool-2, address: "02:4C:53:00:00:02"}
                """);
        try (RealTime time = new RealTime(tools);
                Gateway gateway = Gateway.start(GatewayConfig.read(yaml), folder.resolve("data"), link);
                MqttSubscriber world = world(Stage.access(gateway));
                Dashboard dashboard = new Dashboard(DashboardConfig.local(0), Stage.access(gateway));
                Chromium chromium = new Chromium()) {
            Page page = chromium.browser.newPage(
                    new Browser.NewPageOptions().setViewportSize(1280, 800).setColorScheme(ColorScheme.LIGHT));
            page.navigate(dashboard.address().toString());
            Locator card = page.locator("#tool-home-demo-tool-tool-1");
            Locator zone = card.locator(".zone");

            awaitZone(card, "none", "No contact");
            Object restColour = colour(zone);
            awaitZone(card, "too-deep", "Too deep");
            Object tooDeepColour = colour(zone);
            assertNotEquals(restColour, tooDeepColour);
            page.screenshot(new Page.ScreenshotOptions().setPath(screenshots().resolve("whole-way-too-deep.png")));

            link.silence(SimulatedTools.address(1), true);
            awaitZone(card, "nodata", "No data");
            assertNotEquals(tooDeepColour, colour(zone));
            assertEquals(GREY, card.locator(".trace").evaluate("trace => getComputedStyle(trace).filter"));
            assertThat(page.locator("#tool-home-demo-tool-tool-2")).not().hasAttribute("data-zone", "nodata");
            page.screenshot(new Page.ScreenshotOptions().setPath(screenshots().resolve("whole-way-no-data.png")));

            link.silence(SimulatedTools.address(1), false);
            assertThat(card)
                    .not()
                    .hasAttribute(
                            "data-zone", "nodata", new LocatorAssertions.HasAttributeOptions().setTimeout(20_000));
        }
    }

    /** Sees all that the page sees. */
    private static MqttSubscriber world(MqttServer broker) throws Exception {
        return new MqttSubscriber(broker.url(), broker.user(), broker.password(), "lightstroke/v1/#");
    }

    private static Path screenshots() throws Exception {
        return Files.createDirectories(Path.of("target", "screenshots"));
    }

    private static void awaitZone(Locator card, String zone, String word) {
        assertThat(card)
                .hasAttribute("data-zone", zone, new LocatorAssertions.HasAttributeOptions().setTimeout(30_000));
        assertThat(card.locator(".zone-word")).hasText(word);
    }

    private static Object colour(Locator zone) {
        return zone.evaluate("zone => getComputedStyle(zone).backgroundColor");
    }
}
